"""What a Linux binary asks of the system: shared libraries and the C library's version, read with binutils' ``objdump``."""

from __future__ import annotations

import re
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

_NEEDED = re.compile(r"^\s+NEEDED\s+(\S+)$", re.MULTILINE)
_GLIBC = re.compile(r"\bGLIBC_(\d+)\.(\d+)\b")
_MAGIC = b"\x7fELF"


@dataclass(frozen=True)
class LinkFacts:
    """Sonames asked for, and the newest GLIBC symbol version used; (0, 0) for none."""

    needed: frozenset[str]
    glibc: tuple[int, int]


def parse_objdump(text: str) -> LinkFacts:
    """Return the facts of one ``objdump -p``."""
    versions = [(int(major), int(minor)) for major, minor in _GLIBC.findall(text)]
    return LinkFacts(frozenset(_NEEDED.findall(text)), max(versions, default=(0, 0)))


def link_facts(path: Path) -> LinkFacts:
    """Return the facts of a binary. Raises ``CalledProcessError`` when it is none, ``FileNotFoundError`` without binutils."""
    done = subprocess.run(["objdump", "-p", str(path)], capture_output=True, text=True, check=True)  # noqa: S603, S607 - binutils on the builder's PATH
    return parse_objdump(done.stdout)


def binaries_in(folder: Path) -> Iterator[Path]:
    """Yield every ELF file below a folder; links are not followed."""
    for path in sorted(folder.rglob("*")):
        if path.is_file() and not path.is_symlink():
            with path.open("rb") as file:
                if file.read(len(_MAGIC)) == _MAGIC:
                    yield path
