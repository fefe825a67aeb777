"""What goes into the frozen program and what stays out."""

from __future__ import annotations

import subprocess
import sys
from importlib.util import find_spec
from pathlib import PurePosixPath

import pytest
from hypothesis import given
from hypothesis import strategies as st

import resources
from bundling import contents
from bundling.places import ROOT

# Excluded in case somebody's machine has them, or gone from newer Pythons.
NOT_EVERYWHERE = {"keyrings.alt", "numpy", "lib2to3", "tkinter", "distutils", "PIL._imagingtk"}


def found(module: str) -> bool:
    try:
        return find_spec(module) is not None
    except ModuleNotFoundError:
        return False


@pytest.mark.parametrize("module", contents.HIDDEN_IMPORTS)
def test_every_hidden_import_exists(module: str) -> None:
    assert found(module)


@pytest.mark.parametrize("module", sorted(set(contents.EXCLUDED_MODULES) - NOT_EVERYWHERE))
def test_every_excluded_module_exists_so_that_no_name_is_misspelt(module: str) -> None:
    assert found(module)


def test_nothing_is_both_wanted_and_kept_out() -> None:
    assert not [each for each in contents.HIDDEN_IMPORTS if contents.is_forbidden_module(each)]


def test_a_laptop_loads_nothing_that_its_program_lacks() -> None:
    modules = "app.__main__, app.main, app.desk_commands, app.demo.laptop, app.demo.play, app.practice"
    done = subprocess.run(
        # Libraries take numpy where it is installed, as for headquarters; the program has none.
        [sys.executable, "-c", f"import sys; sys.modules['numpy'] = None; import {modules}; print(*sys.modules)"],
        capture_output=True,
        text=True,
        check=True,
        cwd=ROOT,
    )
    loaded = [each for each in done.stdout.split() if each != "numpy"]
    assert "local_db.store" in loaded
    assert [each for each in loaded if contents.is_forbidden_module(each)] == []


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqwayland.so",
        "PySide6/Qt/plugins/platforms/libqeglfs.so",
        "PySide6/Qt/plugins/platforminputcontexts/libqtvirtualkeyboardplugin.so",
        "PySide6/Qt/plugins/imageformats/libqtiff.so",
        "PySide6/Qt/plugins/tls/libqopensslbackend.so",
        "PySide6/Qt/translations/qtbase_de.qm",
        "PySide6/Qt/translations/qt_zh_CN.qm",
        "PySide6/Qt/lib/libQt6Quick.so.6",
        r"PySide6\plugins\tls\qschannelbackend.dll",
        r"PySide6\opengl32sw.dll",
        r"PySide6\translations\qtbase_de.qm",
    ],
)
def test_parts_of_the_toolkit_that_no_screen_uses_stay_out(name: str) -> None:
    assert contents.is_dropped(name)


@pytest.mark.parametrize(
    "name",
    [
        "PySide6/Qt/plugins/platforms/libqxcb.so",
        "PySide6/Qt/plugins/platforms/libqoffscreen.so",
        "PySide6/Qt/plugins/platforminputcontexts/libibusplatforminputcontextplugin.so",
        "PySide6/Qt/plugins/imageformats/libqsvg.so",
        "PySide6/Qt/plugins/imageformats/libqjpeg.so",
        "PySide6/Qt/plugins/printsupport/libcupsprintersupport.so",
        "PySide6/Qt/translations/qtbase_zh_CN.qm",
        "PySide6/Qt/lib/libQt6PdfWidgets.so.6",
        r"PySide6\plugins\platforms\qwindows.dll",
        r"PySide6\plugins\styles\qmodernwindowsstyle.dll",
        "resources/fonts/NotoSansSC_400Regular.ttf",
    ],
)
def test_what_a_window_prints_and_shows_with_goes_in(name: str) -> None:
    assert not contents.is_dropped(name)


@pytest.mark.parametrize(
    "soname", ["libxcb-icccm.so.4", "libX11.so.6", "libX11-xcb.so.1", "libstdc++.so.6", "libGL.so.1", "libcups.so.2"]
)
def test_the_distribution_keeps_its_libraries(soname: str) -> None:
    assert contents.is_system_library(soname)


@pytest.mark.parametrize(
    "soname",
    ["libxcb-9065bb12.so.1.1.0", "libXau-154567c4.so.6.0.0", "libQt6XcbQpa.so.6", "libssl.so.3", "libicudata.so.73"],
)
def test_a_wheels_own_copy_is_not_the_distributions(soname: str) -> None:
    assert not contents.is_system_library(soname)


def test_fonts_pack_and_icons_lie_where_the_program_asks_for_them() -> None:
    bundled = {PurePosixPath(folder) / PurePosixPath(source).name for source, folder in contents.data_files(ROOT)}
    for parts in [
        ("fonts", "NotoSansSC_400Regular.ttf"),
        ("fonts", "NotoSansSC_700Bold.ttf"),
        ("packs", "sample.json"),
        ("look", "tokens.json"),
        ("icons", "mark.svg"),
        ("forms", "claim_types.json"),
        ("papers", "voucher.json"),
    ]:
        assert PurePosixPath(resources.path(*parts).relative_to(ROOT).as_posix()) in bundled
    assert not [each for each in bundled if each.suffix in {".py", ".pyc"}]


def entry(name: str) -> contents.TocEntry:
    return (name, f"/src/{name}", "EXTENSION" if name.startswith("ext") else "BINARY")


NAMES = [*(f"ext{i}.so" for i in range(4)), *(f"lib{i}.so.1" for i in range(8)), "libX11.so.6"]


@given(st.dictionaries(st.sampled_from(NAMES), st.sets(st.sampled_from(NAMES), max_size=4)))
def test_a_library_stays_exactly_when_something_kept_needs_it(links: dict[str, set[str]]) -> None:
    kept = contents.reachable(map(entry, NAMES), lambda source: links.get(source.removeprefix("/src/"), ()))
    names = {each[0] for each in kept}
    assert {each for each in NAMES if each.startswith("ext")} <= names
    assert "libX11.so.6" not in names
    for name in names:
        assert {each for each in links.get(name, ()) if not contents.is_system_library(each)} <= names
    asked = {soname for name in names for soname in links.get(name, ())}
    assert all(each.startswith("ext") or each in asked for each in names)


def test_plug_ins_and_python_itself_need_nobody_to_ask_for_them() -> None:
    binaries = [entry("PySide6/Qt/plugins/platforms/libqxcb.so"), entry("libpython3.11.so.1.0"), entry("libidle.so.1")]
    assert [each[0] for each in contents.reachable(binaries, lambda _: ())] == [each[0] for each in binaries[:2]]
