"""Build an installable Outpost for the platform that this runs on, and prove that it works: ``python build_installer.py``.

Promise: exit code 0 means that the frozen program started, opened an encrypted store again, wrote a Chinese PDF, drew a window
and took the demo's first case to a settled voucher; on Linux with root also as an installed and removed package. What was
skipped is said with the reason. Windows and macOS take the same road up to a zip; nobody has walked it there yet.
"""

from __future__ import annotations

import argparse
import contextlib
import importlib.util
import shutil
import sys
import tempfile
import time
import tomllib
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TypeVar

ROOT = Path(__file__).resolve().parent
sys.path.insert(0, str(ROOT / "packaging"))

from app.machine_check import install as install_packages  # noqa: E402 - the folders are known only now
from bench.report import Row, report, row  # noqa: E402 - the folders are known only now
from bundling.places import BUNDLE, DIST, WORK, program_in  # noqa: E402 - as above
from bundling.problems import BuildError  # noqa: E402 - as above
from bundling.sizes import LIMIT_MB, file_sizes, megabytes, parts_mb  # noqa: E402 - as above

T = TypeVar("T")

_PARTS_SHOWN = 10
_NEEDED = ("PyInstaller", "PySide6", "pypdfium2", "zxingcpp", "headquarters", "fastapi")


def main(arguments: Sequence[str] | None = None) -> int:
    """Build, check, report. Returns the exit code."""
    parser = argparse.ArgumentParser(description="Build an installable Outpost for this platform and check it.")
    parser.add_argument("--check", action="store_true", help="check what was built before, build nothing")
    parser.add_argument(
        "--no-install", action="store_true", help="build the package but don't install it on this machine"
    )
    options = parser.parse_args(arguments)
    try:
        with contextlib.chdir(ROOT):
            rows = _build_and_check(build=not options.check, install=not options.no_install)
            report("installer", rows)
    except BuildError as error:
        print(f"\nFAILED: {error}", file=sys.stderr)
        return 1
    print("\neverything checked out")
    return 0


def _build_and_check(*, build: bool, install: bool) -> list[Row]:
    _say_what_is_missing()
    version = str(tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]["version"])
    if sys.platform != "linux":
        print(f"note: building on {sys.platform} is untested; please read what follows with care")
    rows = []
    if build:
        rows.append(_timed("frozen in", _freeze))
    program = program_in(BUNDLE)
    if not program.exists():
        raise BuildError(f"there is no {program}; run `python build_installer.py` first")
    rows += _size_rows()
    rows += _smoke_rows(program, version)
    return rows + (_deb_rows(version, build=build, install=install) if sys.platform == "linux" else _zip_rows(version))


def _say_what_is_missing() -> None:
    missing = [name for name in _NEEDED if importlib.util.find_spec(name) is None]
    if missing:
        raise BuildError(f"{', '.join(missing)} can't be found; `make setup` installs what the builder needs")
    if sys.platform == "linux" and shutil.which("objdump") is None and not install_packages(["binutils"]):
        raise BuildError("objdump is missing; `apt-get install binutils` brings it")


def _freeze() -> None:
    from bundling.drawn_icons import draw_icons  # noqa: PLC0415 - loads the window toolkit
    from bundling.freezing import freeze  # noqa: PLC0415 - only a build needs it

    print("freezing; this takes about a minute", flush=True)
    draw_icons()
    freeze()


def _size_rows() -> list[Row]:
    sizes = file_sizes(BUNDLE)
    total = megabytes(sizes.values())
    if total > LIMIT_MB:
        raise BuildError(f"the bundle has {total:.0f} MB, the limit is {LIMIT_MB:.0f}: {parts_mb(sizes)}")
    parts = list(parts_mb(sizes).items())[:_PARTS_SHOWN]
    return [
        row("bundle (baseline: the limit)", total, "MB", LIMIT_MB),
        *(row(f"  {part}", size, "MB", total) for part, size in parts),
    ]


def _smoke_rows(program: Path, version: str) -> list[Row]:
    from bundling.first_case import play_first_case  # noqa: PLC0415 - loads headquarters' sample
    from bundling.freezing import check_modules  # noqa: PLC0415 - loads PyInstaller
    from bundling.processes import user_environment  # noqa: PLC0415 - together with the above
    from bundling.smoke import self_check, start_s  # noqa: PLC0415 - together with the above

    with tempfile.TemporaryDirectory(prefix="outpost-smoke-") as name:
        folder = Path(name)
        session = user_environment(folder)
        check_modules(BUNDLE)
        started = _told("--version", lambda: start_s([program], version, session))
        from_source = start_s([sys.executable, "-m", "app"], version)
        checked = _told("self-check: store, PDF, fonts, window", lambda: self_check([program], folder, session))
        print(checked.said.rstrip())
        on_screen = _on_screen(program, folder)
        begun = time.perf_counter()
        played = _told("the demo's first case", lambda: play_first_case([str(program)], folder))
        case_s = time.perf_counter() - begun
    return [
        row("outpost --version (baseline: from source)", started, "s", from_source),
        row("outpost self-check", checked.seconds, "s"),
        *(row(f"  {part}", took_ms, "ms") for part, took_ms in checked.parts_ms.items()),
        *on_screen,
        row("Chinese characters read back from its PDF", checked.chinese_characters, "count"),
        row("colours in the picture of its window", checked.window_colours, "count"),
        row("first case with a real headquarters", case_s, "s"),
        row("figures checked in the first case", played.checks, "count"),
    ]


def _on_screen(program: Path, folder: Path) -> list[Row]:
    from bundling.smoke import self_check_on_screen  # noqa: PLC0415 - as in the caller

    if sys.platform != "linux":
        return []
    checked = self_check_on_screen(program, folder)
    if checked is None:
        print("skipped: the window on an X screen, there is no xvfb-run here")
        return []
    print("passed: the window on an X screen")
    return [row("outpost self-check on an X screen", checked.seconds, "s")]


def _deb_rows(version: str, *, build: bool, install: bool) -> list[Row]:
    from bundling.deb import build_deb  # noqa: PLC0415 - Linux only
    from bundling.installed import try_installed, why_not_here  # noqa: PLC0415 - Linux only

    if shutil.which("dpkg-deb") is None:
        print("skipped: no Debian package, there is no dpkg-deb here")
        return []
    rows = []
    if build:
        begun = time.perf_counter()
        package, needs = build_deb(BUNDLE, version, WORK, DIST)
        rows.append(row("package built in", time.perf_counter() - begun, "s"))
        print(f"package: {package.relative_to(ROOT)}\n  depends on {needs.depends}")
    found = sorted(DIST.glob(f"outpost_{version}_*.deb"))
    if not found:
        raise BuildError(f"there is no package of version {version} in {DIST}; run `python build_installer.py` first")
    package = found[0]
    rows.append(row("Debian package", megabytes([package.stat().st_size]), "MB"))
    why = why_not_here() if install else "--no-install was given"
    if why is not None:
        print(f"skipped: the package was not installed, {why}")
        return rows
    with tempfile.TemporaryDirectory(prefix="outpost-installed-") as name:
        started, checked, played = _told(
            "installed, started, first case, removed", lambda: try_installed(package, version, Path(name))
        )
    return [
        *rows,
        row("installed: outpost --version", started, "s"),
        row("installed: outpost self-check", checked.seconds, "s"),
        row("installed: figures checked in the first case", played.checks, "count"),
    ]


def _zip_rows(version: str) -> list[Row]:
    # A disk image or a set-up program, and a signature, are the next step on these platforms (docs/install.md).
    name = "Outpost.app" if sys.platform == "darwin" else BUNDLE.name
    target = DIST / f"outpost-{version}-{sys.platform}"
    made = Path(shutil.make_archive(str(target), "zip", root_dir=DIST, base_dir=name))
    return [row("zip", megabytes([made.stat().st_size]), "MB")]


def _timed(name: str, job: Callable[[], None]) -> Row:
    begun = time.perf_counter()
    job()
    return row(name, time.perf_counter() - begun, "s")


def _told(what: str, job: Callable[[], T]) -> T:
    result = job()
    print(f"passed: {what}", flush=True)
    return result


if __name__ == "__main__":
    sys.exit(main())
