"""Bundles on their way in from carriers: parts in any order and more than once, until the file is whole.

Promise: ``whole`` gives a file whose bytes have the hash it was announced with; a file that turned out wrong is forgotten and lacks every
part again. Nothing here is evidence: a spool may vanish at any time, and the carrier, which keeps its copy, sends again.

    DIR/bundles/<sha256>-<size>.part   the bytes, each part at its place      ....map   one byte a part: 1 is here
"""

from __future__ import annotations

import contextlib
import hashlib
import os
import shutil
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from claims.errors import Bilingual
from headquarters.blobs import is_sha256
from headquarters.refusals import BodyRefused, BodyTooLarge
from sync.wire.bundles import MAX_CARRIED_BYTES, PART_BYTES, part_count

_KEEP_FREE_BYTES = 512 * 1024 * 1024
_PIECE = 1024 * 1024
_MOST_UNFINISHED = 256
_NEXT = Bilingual("封存包仍在携带它的电脑上。", "The bundle is still on the laptop that carries it.")


class BundleSpool:
    """The folder of unfinished bundles."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._lock = threading.Lock()

    def put(self, sha256: str, size_bytes: int, index: int, content: bytes) -> None:
        """Keep one part.

        Raises:
            BodyRefused: a hash, size, index or length that can't be.
            BodyTooLarge: larger than any bundle that is taken.
            OSError: no room.
        """
        check_announced(sha256, size_bytes)
        if not 0 <= index < part_count(size_bytes) or len(content) != min(PART_BYTES, size_bytes - index * PART_BYTES):
            raise _nonsense(f"part {index}, {len(content)} bytes")
        with self._lock:
            self._folder.mkdir(exist_ok=True)
            part, done = self._paths(sha256, size_bytes)
            if not done.exists():
                if shutil.disk_usage(self._folder).free < size_bytes + _KEEP_FREE_BYTES:
                    raise OSError(28, f"no room for a bundle of {size_bytes} bytes")
                self._drop_oldest()
                part.write_bytes(b"")
                done.write_bytes(bytes(part_count(size_bytes)))
            with part.open("r+b") as file:
                file.seek(index * PART_BYTES)
                file.write(content)
            with done.open("r+b") as file:
                file.seek(index)
                file.write(b"\x01")

    def lacking(self, sha256: str, size_bytes: int, most: int = 4096) -> tuple[int, ...]:
        """Return the first parts that are not here. Raises as ``put``."""
        check_announced(sha256, size_bytes)
        try:
            here = self._paths(sha256, size_bytes)[1].read_bytes()
        except FileNotFoundError:
            here = b""
        missing = (index for index in range(part_count(size_bytes)) if here[index : index + 1] != b"\x01")
        return tuple(index for index, _ in zip(missing, range(most), strict=False))

    @contextmanager
    def whole(self, sha256: str, size_bytes: int) -> Iterator[BinaryIO | None]:
        """Give the file to read when every part is here and the hash fits, else None; a wrong one is forgotten."""
        part, _ = self._paths(sha256, size_bytes)
        digest = hashlib.sha256()
        with part.open("rb") as file:
            while piece := file.read(_PIECE):
                digest.update(piece)
            if digest.hexdigest() == sha256:
                file.seek(0)
                yield file
                return
        self.forget(sha256, size_bytes)
        yield None

    def forget(self, sha256: str, size_bytes: int) -> None:
        """Remove a bundle that was taken in, or can't be."""
        part, done = self._paths(sha256, size_bytes)
        with self._lock:
            for path in (done, part):
                with contextlib.suppress(FileNotFoundError):
                    os.unlink(path)

    def _drop_oldest(self) -> None:
        """Keep the number of unfinished bundles bounded; who brought the oldest sends it again."""
        waiting = sorted(self._folder.glob("*.map"), key=lambda path: path.stat().st_mtime)
        for done in waiting[: max(0, len(waiting) - _MOST_UNFINISHED + 1)]:
            for path in (done, done.with_suffix(".part")):
                path.unlink(missing_ok=True)

    def _paths(self, sha256: str, size_bytes: int) -> tuple[Path, Path]:
        stem = self._folder / f"{sha256}-{size_bytes}"
        return stem.with_suffix(".part"), stem.with_suffix(".map")


def check_announced(sha256: str, size_bytes: int) -> None:
    """Raise ``BodyRefused`` or ``BodyTooLarge`` for a hash or size that no bundle can have."""
    if not is_sha256(sha256) or size_bytes < 1:
        raise _nonsense(f"{sha256[:64]!r}, {size_bytes} bytes")
    if size_bytes > MAX_CARRIED_BYTES:
        raise BodyTooLarge(
            "bundle_too_large",
            Bilingual(
                f"封存包 {size_bytes:,} 字节，超过上限 {MAX_CARRIED_BYTES:,}。",
                f"The bundle has {size_bytes:,} bytes; {MAX_CARRIED_BYTES:,} are the most.",
            ),
            Bilingual("请改为直接把 U 盘交到总部。", "Take the stick to headquarters instead."),
        )


def _nonsense(detail: str) -> BodyRefused:
    return BodyRefused(
        "bundle_part",
        Bilingual(f"封存包的分块不合理（{detail}）。", f"A part of a bundle makes no sense ({detail})."),
        _NEXT,
    )
