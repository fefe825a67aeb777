"""A log batch in few bytes: what can't be compressed is taken apart from what can, and nothing of it is changed.

Promise: ``unpack_log(pack_log(batch)) == batch`` for any bytes whatever (checked at packing, so that a batch is sent plainly rather than
wrongly); unpacking is bounded by ``limit`` before it allocates. The commits are signed; whatever a wire does to them would be found out.

    body = msgpack [1, device, epoch, dictionary, signatures, hashes, zstd] and, for ``LogBatch.early`` only, [..., early, incarnation]
    zstd = content of varint(length of texts), texts, binaries, under the dictionary of that name ("" is none)

The last 64 bytes of each commit are its signature, pure chance; a SHA-256 in hex is 32 bytes of chance written as 64; a voucher's
COSE bytes in base64 hide the names and numbers that stand beside them in clear. So signatures and hashes travel as they are, each hash
once, base64 as bytes, and zstd gets only what repeats.

Source: docs/adr/0148-log-in-few-bytes.md.
"""

from __future__ import annotations

import base64
import binascii
import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import msgspec
import zstandard

from sync.wire.messages import LogBatch

COMPACT_TYPE = "application/vnd.outpost.compact"
"""Media type of a log batch in this form."""
COMPACT = "compact-1"
"""Name of the form in ``HelloAnswered.accepts``."""
DICTIONARY = "dictionary:"
"""Starts the names of dictionaries in ``HelloAnswered.accepts``."""

_VERSION = 1
_LEVEL = 22
_SIGNATURE = 64
_HASH = 32
_WINDOW_CAP = 8 * 1024 * 1024
_ESCAPE, _NEW_HASH, _OLD_HASH, _BASE64, _COMMIT = (bytes([each]) for each in (0xF8, 0xF9, 0xFA, 0xFB, 0xFC))
"""Marks in the texts. UTF-8 has none of these bytes; where a commit's frame does, the byte is escaped."""
_MARKS = re.compile(rb"[\xf8-\xfc]")
_FOUND = re.compile(rb'(?P<hash>(?<![0-9a-f])[0-9a-f]{64}(?![0-9a-f]))|"(?P<base64>[A-Za-z0-9+/]{80,}={0,2})"')
_MARKED = re.compile(rb"[\xf8-\xfc]", re.DOTALL)
_REACH = 255


class CompactError(Exception):
    """The body is no compact log. ``reason`` is for the log."""


class DictionaryUnknownError(CompactError):
    """The body needs a dictionary that is not here."""


class _Body(msgspec.Struct, frozen=True, array_like=True):
    version: int
    device: str
    epoch: int
    dictionary: str
    signatures: bytes
    hashes: bytes
    packed: bytes


class _EarlyBody(_Body, frozen=True, array_like=True):
    """What a batch has that goes before hello's answer; only such a one is longer by it."""

    early: bool = False
    incarnation: int = 0


@dataclass(frozen=True)
class Dictionary:
    """A trained dictionary and its name, which is part of what is sent. A released one is never changed."""

    name: str
    content: bytes


def pack_log(batch: LogBatch, dictionary: Dictionary | None = None) -> bytes | None:
    """Return the batch in the compact form, None where only the plain form carries it safely."""
    if any(len(raw) < _SIGNATURE for raw in batch.commits):
        return None
    hashes = _Hashes()
    packed = _compressor(dictionary).compress(_taken_apart(batch.commits, hashes))
    parts = (
        _VERSION,
        batch.device,
        batch.epoch,
        "" if dictionary is None else dictionary.name,
        b"".join(raw[-_SIGNATURE:] for raw in batch.commits),
        bytes(hashes.table),
        packed,
    )
    late = not batch.early and not batch.incarnation
    body = msgspec.msgpack.encode(_Body(*parts) if late else _EarlyBody(*parts, batch.early, batch.incarnation))
    known = {} if dictionary is None else {dictionary.name: dictionary}
    try:
        whole = unpack_log(body, known, limit=sum(map(len, batch.commits)) + len(batch.commits))
    except CompactError:
        return None
    return body if whole == batch else None


def unpack_log(body: bytes, dictionaries: Mapping[str, Dictionary], *, limit: int) -> LogBatch:
    """Return the batch. ``limit`` bounds its commits' bytes.

    Raises:
        DictionaryUnknownError: it was packed with a dictionary that is not among ``dictionaries``.
        CompactError: it can't be read, or is larger than ``limit``.
    """
    try:
        parts = msgspec.msgpack.decode(body, type=_EarlyBody)
    except (msgspec.DecodeError, UnicodeDecodeError) as problem:
        raise CompactError(str(problem)) from problem
    if parts.version != _VERSION:
        raise CompactError(f"version {parts.version}")
    if parts.dictionary and parts.dictionary not in dictionaries:
        raise DictionaryUnknownError(parts.dictionary)
    dictionary = dictionaries.get(parts.dictionary)
    content = _decompressed(parts.packed, dictionary, limit)
    length, start = _read_varint(content, 0)
    if start + length > len(content):
        raise CompactError("texts are cut")
    reader = _Reader(content[start : start + length], content[start + length :], parts.hashes, limit)
    commits: list[bytes] = []
    for place, text in enumerate(reader.commits()):
        signature = parts.signatures[place * _SIGNATURE : (place + 1) * _SIGNATURE]
        if len(signature) != _SIGNATURE:
            raise CompactError("a signature is missing")
        commits.append(text + signature)
    if len(commits) * _SIGNATURE != len(parts.signatures):
        raise CompactError("signatures are left over")
    return LogBatch(
        device=parts.device,
        epoch=parts.epoch,
        commits=tuple(commits),
        early=parts.early,
        incarnation=parts.incarnation,
    )


def zstd_content(commits: Sequence[bytes]) -> bytes:
    """Return what zstd gets to see of some commits: what a dictionary is trained on."""
    return _taken_apart(commits, _Hashes())


def _taken_apart(commits: Sequence[bytes], hashes: _Hashes) -> bytes:
    texts, binaries = bytearray(), bytearray()
    for raw in commits:
        texts += _text_of(raw[:-_SIGNATURE], hashes, binaries) + _COMMIT
    return _varint(len(texts)) + bytes(texts) + bytes(binaries)


class _Hashes:
    """The distinct hashes in order of first use; an earlier one is named by how long ago it was first used."""

    def __init__(self) -> None:
        self.table = bytearray()
        self._places: dict[bytes, int] = {}

    def mark(self, text: bytes) -> bytes:
        count = len(self.table) // _HASH
        known = self._places.get(text)
        if known is not None and count - known <= _REACH:
            return _OLD_HASH + bytes([count - known])
        self._places[text] = count
        self.table += bytes.fromhex(text.decode())
        return _NEW_HASH


def _text_of(frame: bytes, hashes: _Hashes, binaries: bytearray) -> bytes:
    out = bytearray()
    at = 0
    for found in _FOUND.finditer(frame):
        if found.lastgroup == "hash":
            mark = hashes.mark(found["hash"])
        else:
            content = _canonical_base64(found["base64"])
            if content is None:
                continue
            mark = _BASE64 + _varint(len(content))
            binaries += content
        out += _escaped(frame[at : found.start()]) + mark
        at = found.end()
    return bytes(out + _escaped(frame[at:]))


def _escaped(text: bytes) -> bytes:
    return _MARKS.sub(lambda found: _ESCAPE + found[0], text)


def _canonical_base64(text: bytes) -> bytes | None:
    try:
        content = base64.b64decode(text, validate=True)
    except binascii.Error:
        return None
    return content if base64.b64encode(content) == text else None


class _Reader:
    """Puts commits together again, within a bound."""

    def __init__(self, texts: bytes, binaries: bytes, hashes: bytes, limit: int) -> None:
        self._texts, self._binaries, self._hashes, self._left = texts, binaries, hashes, limit
        self._next_hash = self._next_binary = 0

    def commits(self) -> list[bytes]:
        found: list[bytes] = []
        out = bytearray()
        at = 0
        while (mark := _MARKED.search(self._texts, at)) is not None:
            self._add(out, self._texts[at : mark.start()])
            at = mark.end()
            kind = mark[0]
            if kind == _COMMIT:
                found.append(bytes(out))
                out.clear()
            elif kind == _ESCAPE:
                self._add(out, self._texts[at : at + 1])
                at += 1
            elif kind == _NEW_HASH:
                self._next_hash += 1
                self._add(out, self._hash(self._next_hash - 1))
            elif kind == _OLD_HASH:
                self._add(out, self._hash(self._next_hash - self._byte(at)))
                at += 1
            else:
                length, at = _read_varint(self._texts, at)
                self._add(out, b'"' + base64.b64encode(self._binary(length)) + b'"')
        if out or at != len(self._texts):
            raise CompactError("a commit has no end")
        if self._next_hash * _HASH != len(self._hashes) or self._next_binary != len(self._binaries):
            raise CompactError("hashes or binaries are left over")
        return found

    def _add(self, out: bytearray, piece: bytes) -> None:
        self._left -= len(piece)
        if self._left < 0:
            raise CompactError("larger than allowed")
        out += piece

    def _byte(self, at: int) -> int:
        if at >= len(self._texts):
            raise CompactError("texts are cut")
        return self._texts[at]

    def _hash(self, place: int) -> bytes:
        content = self._hashes[place * _HASH : (place + 1) * _HASH] if place >= 0 else b""
        if len(content) != _HASH:
            raise CompactError("a hash is missing")
        return content.hex().encode()

    def _binary(self, length: int) -> bytes:
        content = self._binaries[self._next_binary : self._next_binary + length]
        if len(content) != length:
            raise CompactError("a binary is missing")
        self._next_binary += length
        return content


def _varint(number: int) -> bytes:
    out = bytearray()
    while number >= 0x80:
        out.append(number & 0x7F | 0x80)
        number >>= 7
    out.append(number)
    return bytes(out)


def _read_varint(content: bytes, at: int) -> tuple[int, int]:
    number = shift = 0
    for place in range(at, min(at + 5, len(content))):
        number |= (content[place] & 0x7F) << shift
        if content[place] < 0x80:
            return number, place + 1
        shift += 7
    raise CompactError("a length is cut")


def _compressor(dictionary: Dictionary | None) -> zstandard.ZstdCompressor:
    # One for each batch: two threads that pack with one compressor end the process.
    data = None if dictionary is None else zstandard.ZstdCompressionDict(dictionary.content)
    # The frame needs neither length nor checksum: every commit in it is signed.
    return zstandard.ZstdCompressor(
        level=_LEVEL, dict_data=data, write_content_size=False, write_checksum=False, write_dict_id=False
    )


def _decompressed(packed: bytes, dictionary: Dictionary | None, limit: int) -> bytes:
    data = None if dictionary is None else zstandard.ZstdCompressionDict(dictionary.content)
    # Marks, lengths and escapes can add to what comes out at the end, not multiply it.
    cap = 2 * limit + 1024
    unpacker = zstandard.ZstdDecompressor(dict_data=data, max_window_size=_WINDOW_CAP)
    with unpacker.stream_reader(io.BytesIO(packed)) as stream:
        try:
            content = stream.read(cap + 1)
        except zstandard.ZstdError as problem:
            raise CompactError(str(problem)) from problem
    if len(content) > cap:
        raise CompactError("larger than allowed")
    return content
