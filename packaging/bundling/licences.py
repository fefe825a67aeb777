"""Whose work the frozen program carries, and under which licences: one text beside the program.

Promise: every library of the desk's own dependencies is named with its version and licence, with the licence's text where the
library brings it; a library whose licence can't be told stops the build.
"""

from __future__ import annotations

import platform
import re
import tomllib
from collections.abc import Iterable, Iterator
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement

from bundling.contents import EXCLUDED_MODULES
from bundling.problems import BuildError

_TEXT_FILE = re.compile(r"(^|/)(licen[cs]e|copying|notice)[^/]*$", re.IGNORECASE)
_ENDLESS_LICENCE = 120
_RULE = "=" * 100
# Their metadata are silent, their sources are not.
_TOLD_IN_SOURCE = {"sqlcipher3": "Zlib; with SQLCipher, BSD-3-Clause, Copyright (c) Zetetic LLC"}
# Libraries of the system that Python brings into the bundle, by the start of the file name.
_BUNDLED_WITH_PYTHON = {
    "libpython": "Python, PSF-2.0, https://docs.python.org/3/license.html",
    "libssl": "OpenSSL, Apache-2.0, https://www.openssl.org/source/license.html",
    "libffi": "libffi, MIT, https://github.com/libffi/libffi",
    "libsqlite3": "SQLite, public domain, https://sqlite.org/copyright.html",
    "libbz2": "bzip2, bzip2-1.0.6, https://sourceware.org/bzip2/",
    "liblzma": "XZ Utils, 0BSD and public domain, https://tukaani.org/xz/",
    "libz.": "zlib, Zlib, https://zlib.net/",
    "libzstd": "Zstandard, BSD-3-Clause, https://github.com/facebook/zstd",
    "libbrotli": "Brotli, MIT, https://github.com/google/brotli",
    "libuuid": "libuuid, BSD-3-Clause, https://github.com/util-linux/util-linux",
    "libicu": "ICU, Unicode-3.0, https://icu.unicode.org/",
}


def runtime_distributions(pyproject: Path) -> list[Distribution]:
    """Return what the desk depends on, and what that depends on, on this platform; by name."""
    project = tomllib.loads(pyproject.read_text(encoding="utf-8"))["project"]
    found: dict[str, Distribution] = {}
    waiting = [Requirement(each) for each in project["dependencies"]]
    while waiting:
        wanted = waiting.pop()
        if wanted.marker is not None and not wanted.marker.evaluate({"extra": ""}):
            continue
        name = re.sub(r"[-_.]+", "-", wanted.name).lower()
        if name not in found and name not in EXCLUDED_MODULES:
            found[name] = distribution(wanted.name)
            waiting.extend(Requirement(each) for each in found[name].requires or ())
    return [found[name] for name in sorted(found)]


def licence_of(library: Distribution) -> str:
    """Return a library's licence in few words. Raises ``BuildError`` when its metadata don't tell."""
    fields = library.metadata.json
    classifiers = [each.rsplit(" :: ", 1)[1] for each in fields.get("classifier", ()) if "License ::" in each]
    told = (
        fields.get("license_expression")
        or ", ".join(classifiers)
        or fields.get("license")
        or _TOLD_IN_SOURCE.get(library.name, "")
    )
    words = str(told).strip().split("\n", 1)[0][:_ENDLESS_LICENCE]
    if not words:
        raise BuildError(
            f"the licence of {library.name} {library.version} can't be told; add it by hand or drop the library"
        )
    return words


def licence_texts(library: Distribution) -> Iterator[str]:
    """Yield the licence texts that a library brings along."""
    for file in library.files or ():
        if ".dist-info" in str(file) and _TEXT_FILE.search(str(file)):
            yield Path(str(library.locate_file(file))).read_text(encoding="utf-8", errors="replace").strip()


def licences_text(root: Path, libraries: Iterable[Distribution], bundled_files: Iterable[str]) -> str:
    """Return the whole text: ours, the fonts', every library's, and the names of what came with Python."""
    names = sorted(bundled_files)
    parts = [
        "Outpost is licensed under the Apache License 2.0. It carries other people's work, listed below with its licences.",
        "Qt and PySide6 are used under the LGPL 3.0 as shared libraries in _internal/PySide6: they may be replaced by your own.",
        _headed("Outpost: Apache-2.0", [(root / "LICENSE").read_text(encoding="utf-8")]),
        _headed("Noto Sans SC: OFL-1.1", [(root / "resources/fonts/OFL.txt").read_text(encoding="utf-8")]),
        *(_headed(f"{each.name} {each.version}: {licence_of(each)}", licence_texts(each)) for each in libraries),
        _headed(
            f"Brought along with Python {platform.python_version()}",
            [about for start, about in _BUNDLED_WITH_PYTHON.items() if any(each.startswith(start) for each in names)],
        ),
        *_lgpl_texts(),
    ]
    return "\n\n".join(parts) + "\n"


def _headed(title: str, texts: Iterable[str]) -> str:
    return "\n\n".join([f"{_RULE}\n{title}\n{_RULE}", *(each.strip() for each in texts)])


def _lgpl_texts() -> Iterator[str]:
    # Qt's wheels come without their licence's text; Debian keeps it.
    for name in ("LGPL-3", "GPL-3"):
        file = Path("/usr/share/common-licenses") / name
        if file.exists():
            yield _headed(name, [file.read_text(encoding="utf-8")])
        else:
            yield _headed(name, [f"https://www.gnu.org/licenses/{name.lower()}.0.html"])
