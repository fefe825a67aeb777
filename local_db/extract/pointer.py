"""Which files are in use: one small file, replaced durably; everything else in the folder is what it names, or left over.

    current.json       the pointer
    extract-*.db       encrypted files: an extract's layer, the union of several (``local_db.extract.layers``), or a whole extract of before
    shards/<sha256>    sealed pieces as they came; manifests/<sha256>  what names them; keys.box  the keys, sealed to this laptop

Source: design.md "Threads" (extract), docs/adr/0045, docs/adr/0151.
"""

from __future__ import annotations

import contextlib
from collections.abc import Collection
from pathlib import Path

import msgspec

from local_db.durable_files import sweep

POINTER = "current.json"
_FILES = "extract-*"


class Layer(msgspec.Struct, frozen=True, kw_only=True):
    """One encrypted file of an extract: its base, or everything that changed since. The name follows from what it was made of."""

    file: str
    scope: str


class CurrentExtract(msgspec.Struct, frozen=True, kw_only=True):
    """What is in use. Without ``layers`` ``file`` is a whole extract by itself; with them it is their union, and they come newest first.

    ``manifests``: the SHA-256 of the manifest in use of each extract.
    """

    file: str
    version: int
    layers: tuple[Layer, ...] = ()
    manifests: dict[str, str] = {}


def read_pointer(folder: Path) -> CurrentExtract | None:
    """Return what is in use, None before the first extract.

    Raises:
        OSError, msgspec.DecodeError: the pointer can't be read.
    """
    try:
        return msgspec.json.decode((folder / POINTER).read_bytes(), type=CurrentExtract)
    except FileNotFoundError:
        return None


def sweep_folder(folder: Path, keep: Collection[str] = ()) -> None:
    """Remove what no pointer names, but for ``keep``: what was in use before, and what a crash left."""
    with contextlib.suppress(msgspec.DecodeError):
        current = read_pointer(folder)
        named = set(keep)
        if current is not None:
            named |= {current.file, *(layer.file for layer in current.layers)}
        for leftover in folder.glob(_FILES):
            if leftover.name not in named:
                # Windows keeps a file that a search still has open; the next apply sweeps it.
                with contextlib.suppress(OSError):
                    leftover.unlink()
    sweep(folder)
