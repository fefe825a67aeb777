"""Pieces of neighbours' bundles while they arrive: files that nobody counts on.

Promise: a piece is written at its place or not at all as far as anybody is told; what a former program left is removed at the start. The disk
keeps a reserve free, so that a neighbour's photos never stop this laptop's own work.
"""

from __future__ import annotations

import hashlib
import shutil
from pathlib import Path
from typing import BinaryIO

from sync.wire.hub_messages import PIECE_BYTES

DISK_RESERVE_BYTES = 1024 * 1024 * 1024


class PieceSpool:
    """The spool under one folder. Its methods are called one at a time."""

    def __init__(self, folder: Path, *, reserve_bytes: int = DISK_RESERVE_BYTES) -> None:
        """Make the folder where there is none, and clear it. Raises ``OSError``."""
        self._folder, self._reserve_bytes = folder, reserve_bytes
        folder.mkdir(parents=True, exist_ok=True)
        for left in folder.glob("*.pieces"):
            left.unlink()

    def keep(self, bundle_id: str, index: int, content: bytes) -> None:
        """Write one piece. Raises ``OSError`` when the disk is full or nearly so."""
        free = shutil.disk_usage(self._folder).free
        if free - len(content) < self._reserve_bytes:
            raise OSError(f"only {free} bytes are free")
        path = self._path(bundle_id)
        path.touch()
        with path.open("r+b") as file:
            file.seek(index * PIECE_BYTES)
            file.write(content)

    def open(self, bundle_id: str) -> BinaryIO:
        """Open what arrived, to read. Raises ``OSError``."""
        return self._path(bundle_id).open("rb")

    def drop(self, bundle_id: str) -> None:
        """Forget a bundle's pieces; they may be gone already."""
        self._path(bundle_id).unlink(missing_ok=True)

    def _path(self, bundle_id: str) -> Path:
        return self._folder / f"{hashlib.sha256(bundle_id.encode()).hexdigest()}.pieces"
