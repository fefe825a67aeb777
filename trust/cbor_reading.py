"""Reads CBOR that somebody else wrote: any well-formed spelling, no trust in the writer.

Promise: one item and nothing behind it; no key twice in a map, whatever its spelling; text is UTF-8; depth and size are bounded, and the work
is proportional to the bytes. What is refused is refused with ``StructureError``; no other exception leaves.

``trust.cbor_structure`` is the stricter look at what Outpost itself writes. Source: RFC 8949 §3, §5.3.1 (well-formed), §5.6 (keys).
"""

from __future__ import annotations

import struct
from dataclasses import dataclass

from trust.errors import StructureError

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_INDEFINITE = 31
_BREAK = 0xFF
_SIMPLE_VALUES = {20: False, 21: True, 22: None, 23: None}
_FLOATS = {25: (2, ">e"), 26: (4, ">f"), 27: (8, ">d")}


@dataclass(frozen=True, slots=True)
class Tagged:
    """A value under a tag."""

    number: int
    value: object


def read_cbor(raw: bytes, *, max_bytes: int, max_depth: int) -> object:
    """Return the one item that ``raw`` is: int, float, bytes, str, bool, None, list, dict (keys int, str or bytes) or ``Tagged``.

    Raises:
        StructureError: ``cbor_*``, with the offset where the shape breaks.
    """
    if len(raw) > max_bytes:
        raise StructureError("cbor_too_long", length=len(raw), limit=max_bytes)
    value, end = _item(raw, 0, max_depth)
    if end != len(raw):
        raise StructureError("cbor_trailing_bytes", offset=end, length=len(raw))
    return value


def _item(raw: bytes, offset: int, depth: int) -> tuple[object, int]:
    if depth < 0:
        raise StructureError("cbor_too_deep", offset=offset)
    major, short, argument, start = _head(raw, offset)
    if major in (_UINT, _NINT):
        return argument if major == _UINT else -1 - argument, start
    if major in (_BYTES, _TEXT):
        return _chunks(raw, start, major) if short == _INDEFINITE else _string(raw, start, argument, major)
    if major == _ARRAY:
        return _array(raw, start, None if short == _INDEFINITE else argument, depth - 1)
    if major == _MAP:
        return _map(raw, start, None if short == _INDEFINITE else argument, depth - 1)
    if major == _TAG:
        value, end = _item(raw, start, depth - 1)
        return Tagged(argument, value), end
    return _simple(raw, offset, short, start)


def _head(raw: bytes, offset: int) -> tuple[int, int, int, int]:
    """Return major type, short count, argument and the offset behind the head."""
    if offset >= len(raw):
        raise StructureError("cbor_truncated", offset=offset)
    first = raw[offset]
    major, short = first >> 5, first & 0x1F
    offset += 1
    if short < 24:
        return major, short, short, offset
    if short <= 27:
        size = 1 << (short - 24)
        if offset + size > len(raw):
            raise StructureError("cbor_truncated", offset=len(raw))
        return major, short, int.from_bytes(raw[offset : offset + size], "big"), offset + size
    if short == _INDEFINITE and major in (_BYTES, _TEXT, _ARRAY, _MAP):
        return major, short, 0, offset
    raise StructureError("cbor_reserved", offset=offset - 1)


def _string(raw: bytes, start: int, length: int, major: int) -> tuple[object, int]:
    end = start + length
    if end > len(raw):
        raise StructureError("cbor_truncated", offset=len(raw))
    if major == _BYTES:
        return raw[start:end], end
    try:
        return raw[start:end].decode("utf-8"), end
    except UnicodeDecodeError as problem:
        raise StructureError("cbor_text_not_utf8", offset=start) from problem


def _chunks(raw: bytes, start: int, major: int) -> tuple[object, int]:
    parts: list[object] = []
    while not _at_break(raw, start):
        chunk, short, length, inside = _head(raw, start)
        if chunk != major or short == _INDEFINITE:
            raise StructureError("cbor_chunk", offset=start)
        part, start = _string(raw, inside, length, major)
        parts.append(part)
    if major == _BYTES:
        return b"".join(part for part in parts if isinstance(part, bytes)), start + 1
    return "".join(part for part in parts if isinstance(part, str)), start + 1


def _array(raw: bytes, start: int, count: int | None, depth: int) -> tuple[object, int]:
    values: list[object] = []
    while not _at_break(raw, start) if count is None else len(values) < count:
        value, start = _item(raw, start, depth)
        values.append(value)
    return values, start + (count is None)


def _map(raw: bytes, start: int, count: int | None, depth: int) -> tuple[object, int]:
    entries: dict[int | str | bytes, object] = {}
    while not _at_break(raw, start) if count is None else len(entries) < count:
        key, behind_key = _item(raw, start, depth)
        if isinstance(key, bool) or not isinstance(key, int | str | bytes):
            raise StructureError("cbor_map_key", offset=start)
        if key in entries:
            raise StructureError("cbor_map_key_twice", offset=start)
        entries[key], start = _item(raw, behind_key, depth)
    return entries, start + (count is None)


def _at_break(raw: bytes, offset: int) -> bool:
    if offset >= len(raw):
        raise StructureError("cbor_truncated", offset=offset)
    return raw[offset] == _BREAK


def _simple(raw: bytes, offset: int, short: int, end: int) -> tuple[object, int]:
    if short in _SIMPLE_VALUES:
        return _SIMPLE_VALUES[short], end
    if short in _FLOATS:
        size, code = _FLOATS[short]
        return struct.unpack(code, raw[end - size : end])[0], end
    raise StructureError("cbor_simple", offset=offset)
