"""The Debian package: ``/opt/outpost``, ``/usr/bin/outpost``, a menu entry in both languages and the icon.

Promise: no script runs at installation or removal, so nothing is left behind; users' data lie in their homes and are not ours.
What it depends on is read from the binaries themselves, plus what the window toolkit loads by name.
"""

from __future__ import annotations

import hashlib
import shutil
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from app.machine_check import LIBRARIES, SCREEN_LIBRARIES
from bundling.contents import is_system_library
from bundling.drawn_icons import SIZES
from bundling.elf import binaries_in, link_facts
from bundling.places import ICON_FOLDER, ICON_SOURCE, LICENCES, PACKAGING
from bundling.problems import BuildError
from bundling.processes import run, run_well

PACKAGE = "outpost"
PREFIX = Path("opt/outpost")
_C_LIBRARY = ("libc.so", "libm.so", "libdl.so", "libpthread.so", "librt.so", "libutil.so", "libresolv.so", "ld-linux")
_BUILD_LIMIT_S = 600.0


@dataclass(frozen=True)
class Needs:
    """What a bundle asks of the system: Debian packages, and the C library's version."""

    packages: tuple[str, ...]
    glibc: tuple[int, int]

    @property
    def depends(self) -> str:
        """The ``Depends`` field."""
        return ", ".join([f"libc6 (>= {self.glibc[0]}.{self.glibc[1]})", *self.packages])


def needs_of(bundle: Path) -> Needs:
    """Read what a bundle's binaries need. Raises ``BuildError`` for a library that no installed package brings."""
    present = {path.name for path in bundle.rglob("*.so*")}
    facts = [link_facts(path) for path in binaries_in(bundle)]
    asked = {soname for each in facts for soname in each.needed if soname not in present}
    outside = sorted(each for each in asked if not each.startswith(_C_LIBRARY))
    strangers = [each for each in outside if not is_system_library(each)]
    if strangers:
        raise BuildError(f"neither the bundle nor the distribution's desktop brings {', '.join(strangers)}")
    packages = {_package_of(soname) for soname in outside}
    loaded_by_name = {*LIBRARIES.values(), *SCREEN_LIBRARIES.values()}
    return Needs(tuple(sorted(packages | loaded_by_name)), max(each.glibc for each in facts))


def _package_of(soname: str) -> str:
    found = run(["dpkg-query", "--search", f"*/{soname}"])
    # "libx11-6:amd64: /usr/lib/x86_64-linux-gnu/libX11.so.6"
    names = sorted(
        line.split(":", 1)[0] for line in found.said.splitlines() if line.endswith(f"/{soname}") and "/" in line
    )
    if found.returncode != 0 or not names:
        raise BuildError(
            f"{soname} is needed but not installed here: run `python app/machine_check.py --screen --install`"
        )
    return names[0]


def control_text(version: str, architecture: str, needs: Needs, installed_kib: int) -> str:
    """Return ``DEBIAN/control``."""
    return (
        f"Package: {PACKAGE}\n"
        f"Version: {version}\n"
        f"Architecture: {architecture}\n"
        "Maintainer: Outpost maintainers <maintainers@outpost.invalid>\n"
        f"Installed-Size: {installed_kib}\n"
        f"Depends: {needs.depends}\n"
        "Recommends: gnome-keyring | kwalletmanager | keepassxc\n"
        "Section: misc\n"
        "Priority: optional\n"
        "Description: claims desk for places without a network\n"
        " Outpost keeps policies and claims in an encrypted store on the laptop, takes in\n"
        " papers, works out benefits by the contract's own rules, prints vouchers that\n"
        " anyone can verify, and hands everything to headquarters when a link turns up.\n"
        " .\n"
        " Outpost 现场理赔：没有网络也能受理、计算、出具凭证，联网后自动回传总部。\n"
    )


def build_deb(bundle: Path, version: str, work: Path, dist: Path) -> tuple[Path, Needs]:
    """Build the package and return its file. Raises ``BuildError``."""
    tree = work / "deb"
    shutil.rmtree(tree, ignore_errors=True)
    needs = needs_of(bundle)
    shutil.copytree(bundle, tree / PREFIX, symlinks=True)
    _lay_out(tree)
    _open_to_all(tree)
    files = [path for path in sorted(tree.rglob("*")) if path.is_file() and not path.is_symlink()]
    architecture = run_well(["dpkg", "--print-architecture"]).said.strip()
    metadata = tree / "DEBIAN"
    metadata.mkdir(mode=0o755)
    (metadata / "control").write_text(
        control_text(version, architecture, needs, sum(_kib(path) for path in files)), encoding="utf-8"
    )
    (metadata / "md5sums").write_text("".join(_md5_lines(files, tree)), encoding="utf-8")
    _open_to_all(metadata)
    package = dist / f"{PACKAGE}_{version}_{architecture}.deb"
    run_well(["dpkg-deb", "--root-owner-group", "-Zzstd", "--build", tree, package], None, _BUILD_LIMIT_S)
    shutil.rmtree(tree)
    return package, needs


def _lay_out(tree: Path) -> None:
    link = tree / "usr/bin" / PACKAGE
    link.parent.mkdir(parents=True)
    link.symlink_to(Path("/") / PREFIX / PACKAGE)
    share = tree / "usr/share"
    _copy(PACKAGING / "linux" / "outpost.desktop", share / "applications" / "outpost.desktop")
    _copy(ICON_SOURCE, share / "icons/hicolor/scalable/apps/outpost.svg")
    for size in SIZES:
        _copy(ICON_FOLDER / f"outpost-{size}.png", share / f"icons/hicolor/{size}x{size}/apps/outpost.png")
    _copy(tree / PREFIX / LICENCES, share / "doc" / PACKAGE / "copyright")


def _copy(source: Path, target: Path) -> None:
    target.parent.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(source, target)


def _open_to_all(tree: Path) -> None:
    # Whatever the builder's umask was, every adjuster on the laptop may read and start the program; only root may change it.
    for path in [tree, *tree.rglob("*")]:
        if not path.is_symlink():
            path.chmod(0o755 if path.is_dir() or path.stat().st_mode & 0o100 else 0o644)


def _kib(path: Path) -> int:
    return -(-path.stat().st_size // 1024)


def _md5_lines(files: Iterable[Path], tree: Path) -> Iterable[str]:
    for path in files:
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False))
        yield f"{digest.hexdigest()}  {path.relative_to(tree).as_posix()}\n"
