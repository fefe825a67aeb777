"""How large the frozen program is, and which parts make it so. Megabytes are 10^6 bytes; a link counts nothing."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from fnmatch import fnmatchcase
from pathlib import Path

LIMIT_MB = 200.0
_BYTES_IN_MB = 1_000_000

# The first pattern that fits names the part. Paths are inside the bundle.
_PARTS = (
    ("*/libicu*", "ICU character data"),
    ("*/PySide6/*/plugins/*", "Qt plug-ins"),
    ("*/translations/*", "Qt translations"),
    ("*libQt6*", "Qt libraries"),
    ("*PySide6/*", "Qt for Python"),
    ("*shiboken6/*", "Qt for Python"),
    ("*/resources/fonts/*", "fonts"),
    ("*/resources/*", "rule pack, icons, tables"),
    ("*/sqlcipher3/*", "encrypted SQLite"),
    ("*/cryptography/*", "cryptography"),
    ("*/PIL/*", "pictures (Pillow)"),
    ("*/pillow.libs/*", "pictures (Pillow)"),
    ("*/python3*", "Python"),
    ("*libpython*", "Python"),
    ("*base_library.zip", "Python"),
    ("*libcrypto*", "OpenSSL"),
    ("*libssl*", "OpenSSL"),
)
PROGRAM_PART = "program and our code"
OTHER_PART = "everything else"


def part_of(name: str) -> str:
    """Return which part a file of the bundle belongs to; ``name`` is relative, with forward slashes."""
    if "/" not in name:
        return PROGRAM_PART
    return next((part for pattern, part in _PARTS if fnmatchcase(name, pattern)), OTHER_PART)


def parts_mb(sizes: Mapping[str, int]) -> dict[str, float]:
    """Return megabytes a part, largest first; the sum over all parts is the sum of ``sizes``."""
    total: dict[str, int] = {}
    for name, size in sizes.items():
        part = part_of(name)
        total[part] = total.get(part, 0) + size
    return {part: size / _BYTES_IN_MB for part, size in sorted(total.items(), key=lambda each: (-each[1], each[0]))}


def file_sizes(folder: Path) -> dict[str, int]:
    """Return bytes a file below a folder."""
    return {
        path.relative_to(folder).as_posix(): path.stat().st_size
        for path in folder.rglob("*")
        if path.is_file() and not path.is_symlink()
    }


def megabytes(sizes: Iterable[int]) -> float:
    """Return the sum in megabytes."""
    return sum(sizes) / _BYTES_IN_MB
