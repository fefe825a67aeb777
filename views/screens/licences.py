"""Whose work is inside: the parts that come with the program, and the terms they are used under. Data.

Promise: every library the program needs to run is listed; a test compares this with the dependency list.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True)
class Part:
    """One part. ``package`` is its name in the package index, empty for what comes inside another one."""

    name: str
    terms: str
    package: str = ""


PARTS: tuple[Part, ...] = (
    Part("Outpost", "Apache-2.0"),
    Part("Noto Sans SC", "SIL OFL 1.1"),
    Part("Qt, PySide6", "LGPL-3.0", "pyside6-essentials"),
    Part("Qt Add-ons", "LGPL-3.0", "pyside6-addons"),
    Part("Qt PDF (PDFium)", "LGPL-3.0, BSD-3-Clause", "pyside6-pdf"),
    Part("Python", "PSF-2.0"),
    Part("SQLite", "public domain"),
    Part("SQLCipher", "BSD-3-Clause"),
    Part("sqlcipher3", "Zlib", "sqlcipher3"),
    Part("sqlite-utils", "Apache-2.0", "sqlite-utils"),
    Part("cryptography", "Apache-2.0 / BSD-3-Clause", "cryptography"),
    Part("argon2-cffi", "MIT", "argon2-cffi"),
    Part("cbor2", "MIT", "cbor2"),
    Part("keyring", "MIT", "keyring"),
    Part("msgspec", "BSD-3-Clause", "msgspec"),
    Part("openpyxl", "MIT", "openpyxl"),
    Part("pikepdf (qpdf)", "MPL-2.0 (Apache-2.0)", "pikepdf"),
    Part("Pillow", "MIT-CMU", "pillow"),
    Part("platformdirs", "MIT", "platformdirs"),
    Part("pypdfium2 (PDFium)", "Apache-2.0 / BSD-3-Clause", "pypdfium2"),
    Part("python-stdnum", "LGPL-2.1-or-later", "python-stdnum"),
    Part("ReportLab", "BSD", "reportlab"),
    Part("python-tuf", "Apache-2.0 or MIT", "tuf"),
    Part("python-zeroconf", "LGPL-2.1-or-later", "zeroconf"),
    Part("Requests", "Apache-2.0", "requests"),
    Part("zstandard", "BSD-3-Clause", "zstandard"),
    Part("ZXing-C++", "Apache-2.0", "zxing-cpp"),
)
