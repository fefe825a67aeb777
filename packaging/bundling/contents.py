"""What goes into the frozen program and what stays out.

Promise: the laptop's program has no headquarters code, no development tool and no keyring that stores plain text; of the window
toolkit it has what a widgets window, pictures, PDF and printing need. On Linux the libraries that the distribution maintains
(window system, fonts, printing) stay with the distribution: the package depends on them.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterable, Iterator
from fnmatch import fnmatchcase
from pathlib import Path, PurePosixPath

TocEntry = tuple[str, str, str]
"""PyInstaller's: name inside the bundle, source file, kind."""

# Found at run time by name, so the analysis can't see them.
HIDDEN_IMPORTS = (
    "keyring.backends.SecretService",
    "keyring.backends.Windows",
    "keyring.backends.chainer",
    "keyring.backends.fail",
    "keyring.backends.kwallet",
    "keyring.backends.macOS",
    "keyring.backends.null",
    # Papers that are taken in: a JPEG of two pictures (phones) is an MPO to the decoder.
    "PIL.JpegImagePlugin",
    "PIL.MpoImagePlugin",
    "PIL.PngImagePlugin",
    "PIL.WebPImagePlugin",
)

HEADQUARTERS = (
    "headquarters",
    "fastapi",
    "starlette",
    "uvicorn",
    "sqlalchemy",
    "alembic",
    "pypinyin",
    "pydantic",
    "anyio",
    "rules.checking",
    "rules.columns",
    "rules.replay",
    "rules.workbook",
    "dask",
    "distributed",
    "jinja2",
    "pyarrow",
)
DEVELOPMENT = (
    "app.demo.independent_check",
    "app.demo.performance",
    "app.demo.preposition",
    "bench",
    "tests",
    "apsw",
    "cwt",
    "httpx",
    "hypothesis",
    "mypy",
    "pyhpke",
    "pytest",
    "setuptools",
    "pip",
    "PyInstaller",
    "evalidate",
    "openfisca_core",
    "segno",
    "simpleeval",
    "zen",
)
# Pulled in by a library's optional half that we don't use.
UNUSED = (
    "keyrings.alt",
    "numpy",
    "PIL.AvifImagePlugin",
    "PIL._avif",
    "PIL.ImageCms",
    # Text is set by reportlab and Qt; Pillow only reads and writes pictures.
    "PIL.ImageFont",
    "PIL._imagingft",
    "PIL._imagingcms",
    "PIL.ImageTk",
    "PIL._imagingtk",
    "tkinter",
    "lib2to3",
    # Its library is under the GPL, and nobody types at a Python prompt here.
    "readline",
    "distutils",
    "pydoc_data",
    "sqlite3.dump",
    "zstandard._cffi",
    "zstandard.backend_cffi",
    # Signing a paper's file is an extra (pyproject's "sign"), for whoever installs it beside the sources.
    "pyhanko",
    "pyhanko_certvalidator",
    "asn1crypto",
    "oscrypto",
    "tzlocal",
    "uritools",
    "yaml",
    "aiohttp",
    "pydantic_core",
    # pikepdf reads and writes XMP by lxml.etree alone.
    "lxml.html",
    "lxml.isoschematron",
    "lxml.objectify",
    "lxml.sax",
    "lxml.builder",
    # securesystemslib, under python-tuf, tries every key service whose library is there; ours are Ed25519 keys in a file.
    "boto3",
    "botocore",
    "jmespath",
    "s3transfer",
    # Qt's PDF links to its network library; nobody calls it from Python.
    "PySide6.QtNetwork",
)
EXCLUDED_MODULES = (*HEADQUARTERS, *DEVELOPMENT, *UNUSED)

# Names inside the bundle, matched without regard to the platform's library prefix and ending.
_DROPPED = (
    "*/plugins/egldeviceintegrations/*",
    "*/plugins/generic/*",
    "*/plugins/networkinformation/*",
    "*/plugins/platforminputcontexts/*virtualkeyboard*",
    "*/plugins/platforms/*eglfs*",
    "*/plugins/platforms/*linuxfb*",
    "*/plugins/platforms/*minimal*",
    "*/plugins/platforms/*vkkhrdisplay*",
    "*/plugins/platforms/*vnc*",
    "*/plugins/platforms/*wayland*",
    "*/plugins/platformthemes/*gtk3*",
    "*/plugins/qmltooling/*",
    "*/plugins/tls/*",
    "*/plugins/wayland-*",
    "*/plugins/imageformats/*qgif*",
    "*/plugins/imageformats/*qicns*",
    "*/plugins/imageformats/*qpdf*",
    "*/plugins/imageformats/*qtga*",
    "*/plugins/imageformats/*qtiff*",
    "*/plugins/imageformats/*qwbmp*",
    "*/qml/*",
    # Encodings of neighbouring countries, which a library tries where they are there. GB 18030 stays.
    "*/_codecs_hk.*",
    "*/_codecs_iso2022.*",
    "*/_codecs_jp.*",
    "*/_codecs_kr.*",
    "*/_codecs_tw.*",
    # Lists of banks, ports and phone prefixes; only the check digits are used.
    "stdnum/*.dat",
    "*opengl32sw*",
    "*Qt6Qml*",
    "*Qt6Quick*",
    "*Qt6VirtualKeyboard*",
    "*QtQml*",
    "*QtQuick*",
    "*QtVirtualKeyboard*",
)
_TRANSLATIONS = "*/translations/*"
KEPT_TRANSLATION = "qtbase_zh_CN.qm"

# The window system, fonts, printing and the C++ run-time belong to the distribution, which mends them.
_SYSTEM_LIBRARIES = re.compile(
    r"lib(stdc\+\+|gcc_s|EGL|GL|GLX|OpenGL|X\w+|X11-xcb|xcb(-[a-z]+)*|xkbcommon(-x11)?|fontconfig|freetype|glib-2\.0|gobject-2\.0"
    r"|gio-2\.0|gmodule-2\.0|gthread-2\.0|dbus-1|cups|gssapi_krb5|wayland-[a-z]+)\.so(\.\d+)*"
)
_OWN_ENDINGS = frozenset({".py", ".pyc"})
# What experts write packs in; a laptop has the pack that was built from it.
_AUTHORING = ("resources/packs/sample/*", "*.xlsx")


PURE = ("zeroconf",)
"""Libraries whose modules all exist as Python as well: the compiled doubles of a few rare packets are left out."""


def pure_copy(package: Path, folder: Path) -> None:
    """Copy a package's Python files into ``folder``, which the analysis then looks into first."""
    for source in package.rglob("*.py"):
        target = folder / source.relative_to(package.parent)
        target.parent.mkdir(parents=True, exist_ok=True)
        target.write_bytes(source.read_bytes())


def data_files(root: Path) -> list[tuple[str, str]]:
    """Return our data files as PyInstaller wants them: source file and folder inside the bundle."""
    return [
        (str(path), path.parent.relative_to(root).as_posix())
        for package in ("resources", "views")
        for path in sorted((root / package).rglob("*"))
        if path.is_file()
        and path.suffix not in _OWN_ENDINGS
        and not path.name.startswith(".")
        and not any(fnmatchcase(path.relative_to(root).as_posix(), pattern) for pattern in _AUTHORING)
    ]


def is_dropped(name: str) -> bool:
    """Say whether a file that PyInstaller collected stays out."""
    posix = name.replace("\\", "/")
    if fnmatchcase(posix, _TRANSLATIONS):
        return PurePosixPath(posix).name != KEPT_TRANSLATION
    return any(fnmatchcase(posix, pattern) for pattern in _DROPPED)


def is_system_library(soname: str) -> bool:
    """Say whether a shared library is the Linux distribution's to bring. Wheels' own copies carry a hash in their names."""
    return _SYSTEM_LIBRARIES.fullmatch(soname) is not None


def is_forbidden_module(module: str) -> bool:
    """Say whether a module must not be found in a frozen program."""
    return any(module == each or module.startswith(f"{each}.") for each in EXCLUDED_MODULES)


def reachable(binaries: Iterable[TocEntry], needed: Callable[[str], Iterable[str]]) -> list[TocEntry]:
    """Return the binaries that an extension module, a plug-in or Python itself needs, system libraries left out.

    Args:
        needed: which sonames a source file asks the linker for.
    """
    entries = list(binaries)
    by_name: dict[str, list[TocEntry]] = {}
    for entry in entries:
        by_name.setdefault(PurePosixPath(entry[0]).name, []).append(entry)
    kept = {entry for entry in entries if _is_root(entry)}
    waiting = list(kept)
    while waiting:
        for soname in needed(waiting.pop()[1]):
            if is_system_library(soname):
                continue
            fresh = [entry for entry in by_name.get(soname, ()) if entry not in kept]
            kept.update(fresh)
            waiting.extend(fresh)
    return [entry for entry in entries if entry in kept]


def _is_root(entry: TocEntry) -> bool:
    name, _, kind = entry
    # pypdfium2 opens its library by name at run time, so no extension asks for it.
    return (
        kind == "EXTENSION"
        or "pypdfium2_raw/" in name
        or "/plugins/" in name
        or PurePosixPath(name).name.startswith("libpython")
    )


def modules_missing(found: Iterable[str]) -> Iterator[str]:
    """Yield the hidden imports that a frozen program's archive lacks."""
    modules = set(found)
    yield from (each for each in HIDDEN_IMPORTS if each not in modules)
