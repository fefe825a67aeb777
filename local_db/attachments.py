"""Attachment files: encrypted, content-addressed, durable before the event that names them commits.

Promise: ``put`` returns only when content and name are on the disk; a file is there whole or not at all; what comes back is
what was put in, or a sentence. Neither a file's name nor its bytes tell what it is to somebody without the key.

    name = HMAC-SHA256(name key, SHA-256 of the plaintext), in ``xx/`` folders by its first byte
    file = "OUTPATT1", then chunks of 64 KiB plaintext, each AES-256-GCM with a 16-byte tag
    nonce = chunk index (11 bytes) and 01 for the last chunk, else 00; AAD = the plaintext's SHA-256 (both bind order and end)

The chunk key is derived from the plaintext's hash, so a nonce never meets two plaintexts and the same content gives the same
bytes again. Chunks are as long as the wire's, so that sync decrypts just what it sends. Source: docs/adr/0042.
"""

from __future__ import annotations

import hashlib
import hmac
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDFExpand

from claims.errors import Bilingual, EnvironmentProblem
from claims.ports import StepProbe
from local_db import problems
from local_db.durable_files import make_folder, sweep, sync_folder, write_durably

CHUNK_BYTES = 64 * 1024
_TAG_BYTES = 16
_STORED_CHUNK_BYTES = CHUNK_BYTES + _TAG_BYTES
_MAGIC = b"OUTPATT1"


class LocalAttachments:
    """``claims.ports.Attachments`` in one folder."""

    def __init__(self, folder: Path, key: bytes, probe: StepProbe) -> None:
        self._folder = folder
        self._chunk_root = HKDFExpand(SHA256(), 32, b"outpost attachment chunks 1").derive(key)
        self._name_key = HKDFExpand(SHA256(), 32, b"outpost attachment names 1").derive(key)
        self._probe = probe

    def put(self, content: bytes) -> str:
        """Store durably and return the SHA-256 (hex) of the plaintext. The same content again is harmless and mends a damaged file.

        Raises:
            EnvironmentProblem: the disk is full or refuses; nothing half-written stays behind.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        path = self._path(sha256)
        sealed = self._seal(sha256, content)
        try:
            if _holds(path, sealed):
                # A process killed between rename and fsync left a name that may not be durable yet.
                sync_folder(path.parent)
                return sha256
            make_folder(path.parent)
            write_durably(path, sealed)
        except OSError as error:
            raise problems.from_os(error, path) from error
        self._probe("attachment_durable")
        return sha256

    def get(self, sha256: str) -> bytes:
        """Return the plaintext. Raises ``EnvironmentProblem`` when the file is missing or damaged."""
        stored = self._read(sha256, 0, None)
        if not stored.startswith(_MAGIC):
            raise _damaged(sha256)
        chunks = range(len(_MAGIC), max(len(stored), len(_MAGIC) + 1), _STORED_CHUNK_BYTES)
        cipher = self._cipher(sha256)
        content = b"".join(
            _open_chunk(
                cipher,
                sha256,
                index,
                start + _STORED_CHUNK_BYTES >= len(stored),
                stored[start : start + _STORED_CHUNK_BYTES],
            )
            for index, start in enumerate(chunks)
        )
        if hashlib.sha256(content).hexdigest() != sha256:
            raise _damaged(sha256)
        return content

    def read_range(self, sha256: str, offset: int, length: int) -> bytes:
        """Return ``length`` plaintext bytes from ``offset``, fewer at the end; only the chunks it touches are read.

        Raises:
            EnvironmentProblem: the file is missing or damaged.
            ValueError: a negative offset or length.
        """
        if offset < 0 or length < 0:
            raise ValueError(f"offset {offset}, length {length}")
        size = self._size(sha256)
        end = min(offset + length, size)
        if offset >= end:
            return b""
        first, last = offset // CHUNK_BYTES, (end - 1) // CHUNK_BYTES
        count = last - first + 1
        stored = self._read(sha256, len(_MAGIC) + first * _STORED_CHUNK_BYTES, count * _STORED_CHUNK_BYTES)
        final = max(0, size - 1) // CHUNK_BYTES
        cipher = self._cipher(sha256)
        plain = b"".join(
            _open_chunk(
                cipher,
                sha256,
                first + number,
                first + number == final,
                stored[number * _STORED_CHUNK_BYTES : (number + 1) * _STORED_CHUNK_BYTES],
            )
            for number in range(count)
        )
        start = offset - first * CHUNK_BYTES
        return plain[start : start + end - offset]

    def remove(self, sha256: str) -> int:
        """Delete a file for good; return the bytes that came free on the disk, 0 when there was none.

        Raises:
            EnvironmentProblem: the disk refuses.
        """
        path = self._path(sha256)
        try:
            size = path.stat().st_size
            path.unlink()
            sync_folder(path.parent)
        except FileNotFoundError:
            return 0
        except OSError as error:
            raise problems.from_os(error, path) from error
        return size

    def stored_size(self, sha256: str) -> int | None:
        """Return the plaintext's size in bytes by the file's length, or None when there is no file of a possible length."""
        try:
            return self._size(sha256)
        except EnvironmentProblem:
            return None

    def sweep(self) -> int:
        """Remove what a killed process left half-written; return how many files. Only the holder of the store may call it."""
        try:
            return sweep(self._folder) if self._folder.is_dir() else 0
        except OSError as error:
            raise problems.from_os(error, self._folder) from error

    def __contains__(self, sha256: object) -> bool:
        return isinstance(sha256, str) and self._path(sha256).is_file()

    def _path(self, sha256: str) -> Path:
        name = hmac.digest(self._name_key, bytes.fromhex(sha256), "sha256").hex()
        return self._folder / name[:2] / name[2:]

    def _cipher(self, sha256: str) -> AESGCM:
        return AESGCM(
            HKDFExpand(SHA256(), 32, b"outpost attachment chunk 1" + bytes.fromhex(sha256)).derive(self._chunk_root)
        )

    def _seal(self, sha256: str, content: bytes) -> bytes:
        cipher = self._cipher(sha256)
        bound = bytes.fromhex(sha256)
        starts = range(0, max(len(content), 1), CHUNK_BYTES)
        chunks = (
            cipher.encrypt(
                _nonce(index, start + CHUNK_BYTES >= len(content)), content[start : start + CHUNK_BYTES], bound
            )
            for index, start in enumerate(starts)
        )
        return b"".join((_MAGIC, *chunks))

    def _size(self, sha256: str) -> int:
        try:
            stored = self._path(sha256).stat().st_size - len(_MAGIC)
        except FileNotFoundError as error:
            raise _missing(sha256) from error
        except OSError as error:
            raise problems.from_os(error, self._path(sha256)) from error
        chunks = max(1, -(-stored // _STORED_CHUNK_BYTES))
        if stored < chunks * _TAG_BYTES:
            raise _damaged(sha256)
        return stored - chunks * _TAG_BYTES

    def _read(self, sha256: str, offset: int, length: int | None) -> bytes:
        path = self._path(sha256)
        try:
            with path.open("rb") as file:
                file.seek(offset)
                return file.read(-1 if length is None else length)
        except FileNotFoundError as error:
            raise _missing(sha256) from error
        except OSError as error:
            raise problems.from_os(error, path) from error


def _holds(path: Path, sealed: bytes) -> bool:
    try:
        return path.stat().st_size == len(sealed) and path.read_bytes() == sealed
    except FileNotFoundError:
        return False


def _nonce(index: int, is_last: bool) -> bytes:
    return index.to_bytes(11, "big") + bytes([is_last])


def _open_chunk(cipher: AESGCM, sha256: str, index: int, is_last: bool, stored: bytes) -> bytes:
    try:
        return cipher.decrypt(_nonce(index, is_last), stored, bytes.fromhex(sha256))
    except (InvalidTag, ValueError) as error:
        raise _damaged(sha256) from error


def _missing(sha256: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "attachment_missing",
        Bilingual(
            f"本机找不到附件 {sha256[:12]}…的文件，可能被移动或删除。",
            f"The file of attachment {sha256[:12]}… is not on this laptop; it may have been moved or deleted.",
        ),
        Bilingual(
            "请重新拍摄或扫描这份材料；若总部已收到，可向总部调取。",
            "Photograph or scan it again; if headquarters has it already, ask them for it.",
        ),
    )


def _damaged(sha256: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "attachment_damaged",
        Bilingual(f"附件 {sha256[:12]}…的文件已损坏。", f"The file of attachment {sha256[:12]}… is damaged."),
        Bilingual(
            "请重新拍摄或扫描这份材料；若总部已收到，可向总部调取。",
            "Photograph or scan it again; if headquarters has it already, ask them for it.",
        ),
    )
