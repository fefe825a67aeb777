"""Content-addressed files on disk: attachments that arrive in chunks, and the bytes of releases.

Promise: a file under ``whole/`` is complete, has the hash that is its name, and was fsynced before it got that name. Chunks
may come in any order, more than once and from several senders; they are kept apart by sender and by the size each claims, until one
sender's are whole and their bytes have the hash: that settles it for all. When the hash does not fit, that sender's chunks are dropped,
because nobody can tell which one was wrong; nobody else's are touched.

Source: design.md "HQ"; sync/wire/messages.py (chunks of CHUNK_BYTES); docs/adr/0166.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import threading
from collections.abc import Iterable, Iterator
from enum import StrEnum
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import Protocol

from claims.errors import Bilingual
from headquarters.refusals import ChunkRefused
from headquarters.secrets_folder import sync_folder
from sync.wire.messages import CHUNK_BYTES

MAX_FILE_BYTES = 256 * 1024 * 1024
_PIECE_BYTES = 1024 * 1024
_SHA256 = re.compile(r"[0-9a-f]{64}")
_SENDER = re.compile(r"[A-Za-z0-9._-]{0,80}")


class Progress(StrEnum):
    """What a chunk led to."""

    PARTIAL = "partial"
    WHOLE = "whole"
    SPOILED = "spoiled"


def is_sha256(text: str) -> bool:
    """Tell whether this is a lower-case hex SHA-256: the only file name that is ever built from a request."""
    return _SHA256.fullmatch(text) is not None


def chunk_count(size_bytes: int) -> int:
    """Return how many chunks a file has; an empty file has one empty chunk."""
    return max(1, -(-size_bytes // CHUNK_BYTES))


def chunk_length(size_bytes: int, index: int) -> int:
    """Return the exact length of one chunk."""
    return min(CHUNK_BYTES, size_bytes - index * CHUNK_BYTES)


class BlobStore(Protocol):
    """Where files lie by their hash: a folder (``Blobs``), or an S3-compatible store (``headquarters.s3_blobs``).

    Any method may raise ``OSError`` while the store is away; nothing was acknowledged then.
    """

    def path(self, sha256: str) -> Path:
        """Return a file on this machine with a whole file's bytes, or where it would lie. Raises ``ValueError`` for no hash."""

    def __contains__(self, sha256: str) -> bool: ...
    def size(self, sha256: str) -> int | None:
        """Return a whole file's size, None where it is not here."""

    def all(self) -> Iterator[str]:
        """Yield the hashes of all whole files."""

    def read(self, sha256: str) -> bytes:
        """Return a whole file. Raises ``FileNotFoundError``."""

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """Yield a whole file piece by piece. Raises ``FileNotFoundError``."""

    def put(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Store a file that is at hand in full; return its SHA-256 and size, after both are durable."""

    def missing(self, sha256: str, size_bytes: int, *, sender: str = "") -> tuple[int, ...]:
        """Return the indices of the chunks that are not here yet from this sender."""

    def put_chunk(self, sha256: str, size_bytes: int, index: int, content: bytes, *, sender: str = "") -> Progress:
        """Take in one chunk of a file of this size. Raises ``ChunkRefused``; nothing was stored."""


class Blobs:
    """The files under one folder."""

    def __init__(self, folder: Path) -> None:
        self._whole = folder / "whole"
        self._parts = folder / "parts"
        self._whole.mkdir(parents=True, exist_ok=True)
        self._parts.mkdir(exist_ok=True)
        self._joining = threading.Lock()

    def path(self, sha256: str) -> Path:
        """Return where a whole file lies or would lie. Raises ``ValueError`` for anything that is no hash."""
        if not is_sha256(sha256):
            raise ValueError("not a SHA-256")
        return self._whole / sha256[:2] / sha256

    def __contains__(self, sha256: str) -> bool:
        return is_sha256(sha256) and self.path(sha256).is_file()

    def size(self, sha256: str) -> int | None:
        """Return a whole file's size, None where it is not here."""
        try:
            return self.path(sha256).stat().st_size
        except FileNotFoundError:
            return None

    def read(self, sha256: str) -> bytes:
        """Return a whole file. Raises ``FileNotFoundError``."""
        return self.path(sha256).read_bytes()

    def all(self) -> Iterator[str]:
        """Yield the hashes of all whole files."""
        for folder in sorted(self._whole.iterdir()):
            if folder.is_dir():
                yield from sorted(each.name for each in folder.iterdir() if is_sha256(each.name))

    def pieces(self, sha256: str) -> Iterator[bytes]:
        """Yield a whole file piece by piece. Raises ``FileNotFoundError``."""
        with self.path(sha256).open("rb") as source:
            while piece := source.read(_PIECE_BYTES):
                yield piece

    def put(self, pieces: Iterable[bytes]) -> tuple[str, int]:
        """Store a file that is at hand in full; return its SHA-256 and size, after both are durable."""
        digest, size = hashlib.sha256(), 0
        with NamedTemporaryFile(dir=self._parts, delete=False) as file:
            for piece in pieces:
                digest.update(piece)
                size += len(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        self._adopt(Path(file.name), digest.hexdigest())
        return digest.hexdigest(), size

    def missing(self, sha256: str, size_bytes: int, *, sender: str = "") -> tuple[int, ...]:
        """Return the indices of the chunks that are not here yet from this sender."""
        folder = self._folder(sha256, size_bytes, sender)
        return tuple(
            index
            for index in range(chunk_count(size_bytes))
            if not _has_length(folder / f"{index:06d}", chunk_length(size_bytes, index))
        )

    def put_chunk(self, sha256: str, size_bytes: int, index: int, content: bytes, *, sender: str = "") -> Progress:
        """Take in one chunk of a file of this size. The last one makes it whole, or shows that it is spoiled.

        Raises:
            ChunkRefused: ``chunk_index`` or ``chunk_length``; nothing was stored.
        """
        if not 0 <= index < chunk_count(size_bytes):
            raise _refused("chunk_index", f"第 {index} 块超出文件范围。", f"Chunk {index} is outside the file.")
        wanted = chunk_length(size_bytes, index)
        if len(content) != wanted:
            raise _refused(
                "chunk_length",
                f"第 {index} 块应为 {wanted} 字节，收到 {len(content)} 字节。",
                f"Chunk {index} should have {wanted} bytes and has {len(content)}.",
            )
        if sha256 in self:
            return Progress.WHOLE
        with self._joining:
            folder = self._folder(sha256, size_bytes, sender)
            folder.mkdir(exist_ok=True)
            with NamedTemporaryFile(dir=folder, prefix="new-", delete=False) as file:
                file.write(content)
            Path(file.name).replace(folder / f"{index:06d}")
            if self.missing(sha256, size_bytes, sender=sender):
                return Progress.PARTIAL
            return self._join(sha256, size_bytes, folder)

    def _join(self, sha256: str, size_bytes: int, folder: Path) -> Progress:
        digest = hashlib.sha256()
        with NamedTemporaryFile(dir=self._parts, delete=False) as file:
            for index in range(chunk_count(size_bytes)):
                piece = (folder / f"{index:06d}").read_bytes()
                digest.update(piece)
                file.write(piece)
            file.flush()
            os.fsync(file.fileno())
        joined = Path(file.name)
        if digest.hexdigest() == sha256:
            self._adopt(joined, sha256)
            progress = Progress.WHOLE
        else:
            joined.unlink()
            progress = Progress.SPOILED
        # The bytes have spoken: what others had sent of the same file, or of another size under its name, is needed no more.
        for each in self._parts.glob(f"{sha256}-*") if progress is Progress.WHOLE else (folder,):
            shutil.rmtree(each)
        return progress

    def _adopt(self, file: Path, sha256: str) -> None:
        target = self.path(sha256)
        target.parent.mkdir(exist_ok=True)
        file.replace(target)
        sync_folder(target.parent)
        sync_folder(self._whole)

    def _folder(self, sha256: str, size_bytes: int, sender: str) -> Path:
        # Size and sender are part of the name: a device that lies about the one or the bytes spoils only its own chunks.
        if not is_sha256(sha256) or _SENDER.fullmatch(sender) is None:
            raise ValueError("not a SHA-256, or not a sender")
        return self._parts / f"{sha256}-{size_bytes}-{sender}"


def _has_length(path: Path, length: int) -> bool:
    try:
        return path.stat().st_size == length
    except FileNotFoundError:
        return False


def _refused(code: str, zh: str, en: str) -> ChunkRefused:
    return ChunkRefused(code, Bilingual(zh, en), Bilingual("程序会自动重传。", "The laptop sends it again by itself."))
