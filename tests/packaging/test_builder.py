"""The builder's own words, its icons, its licences, and what the frozen program starts with."""

from __future__ import annotations

import importlib.util
from importlib.metadata import Distribution, distribution
from pathlib import Path
from types import ModuleType

import pytest
from PIL import Image

import build_installer
from bundling.drawn_icons import SIZES, draw_icons
from bundling.licences import licence_of, licences_text, runtime_distributions
from bundling.places import PACKAGING, ROOT
from bundling.problems import BuildError


def test_checking_what_was_never_built_says_what_to_run(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(build_installer, "BUNDLE", tmp_path / "outpost")
    assert build_installer.main(["--check"]) == 1
    assert "run `python build_installer.py` first" in capsys.readouterr().err


def test_missing_tools_are_named(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
    monkeypatch.setattr(build_installer, "_NEEDED", ("PIL", "no_such_builder"))
    assert build_installer.main(["--check"]) == 1
    told = capsys.readouterr().err
    assert "no_such_builder" in told
    assert "PIL" not in told


def test_a_bundle_over_the_limit_stops_the_build(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "outpost").write_bytes(b"x" * 2_000_000)
    monkeypatch.setattr(build_installer, "BUNDLE", tmp_path)
    assert build_installer._size_rows()[0].value == pytest.approx(2.0)
    monkeypatch.setattr(build_installer, "LIMIT_MB", 1.0)
    with pytest.raises(BuildError, match="the limit is 1"):
        build_installer._size_rows()


def test_the_icon_is_drawn_in_every_size(tmp_path: Path) -> None:
    folder = draw_icons(folder=tmp_path)
    for size in SIZES:
        with Image.open(folder / f"outpost-{size}.png") as image:
            assert image.size == (size, size)
            assert image.getpixel((0, 0))[3] == 0, "round corners are see-through"
            assert len(image.convert("RGBA").getcolors(size * size) or []) > 4
    for ending in ("ico", "icns"):
        with Image.open(folder / f"outpost.{ending}") as image:
            image.load()


def test_every_library_of_the_desk_has_a_licence_and_is_named() -> None:
    libraries = runtime_distributions(ROOT / "pyproject.toml")
    names = {each.name.lower() for each in libraries}
    assert {"sqlcipher3", "reportlab", "pyside6_essentials", "keyring", "zxing-cpp", "cffi"} <= names
    assert not names & {"fastapi", "sqlalchemy", "pytest", "pyinstaller", "pip"}
    text = licences_text(ROOT, libraries, ["libssl.so.3"])
    assert "Apache License" in text
    assert "SIL Open Font License" in text.replace("SIL OPEN FONT LICENSE", "SIL Open Font License")
    assert "OpenSSL" in text
    assert "bzip2" not in text.split("Brought along with Python", 1)[1].split("LGPL-3")[0]
    for each in libraries:
        assert f"{each.name} {each.version}: {licence_of(each)}" in text


def test_a_library_without_a_licence_stops_the_build(tmp_path: Path) -> None:
    folder = tmp_path / "silent-1.0.dist-info"
    folder.mkdir()
    (folder / "METADATA").write_text("Metadata-Version: 2.1\nName: silent\nVersion: 1.0\n")
    with pytest.raises(BuildError, match=r"silent 1\.0"):
        licence_of(Distribution.at(folder))
    assert licence_of(distribution("cffi"))


@pytest.fixture
def outpost_entry() -> ModuleType:
    spec = importlib.util.spec_from_file_location("outpost_entry", PACKAGING / "outpost_entry.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.mark.parametrize(("before", "after"), [("/usr/lib/mine", "/usr/lib/mine"), (None, None)])
def test_children_get_the_users_library_path_back(
    outpost_entry: ModuleType, monkeypatch: pytest.MonkeyPatch, before: str | None, after: str | None
) -> None:
    monkeypatch.setenv("LD_LIBRARY_PATH", "/opt/outpost/_internal")
    monkeypatch.delenv("LD_LIBRARY_PATH_ORIG", raising=False)
    if before is not None:
        monkeypatch.setenv("LD_LIBRARY_PATH_ORIG", before)
    outpost_entry.give_back_library_path()
    assert outpost_entry.os.environ.get("LD_LIBRARY_PATH") == after
    assert "LD_LIBRARY_PATH_ORIG" not in outpost_entry.os.environ
