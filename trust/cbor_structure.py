"""Looks at CBOR before a library decodes it: one accepted spelling for every value, and limits on size and depth.

Promise: what passes is exactly one item in RFC 8949 §4.2.1 core deterministic form, without floats, tags or undefined, so that
decoding and encoding again gives the same bytes, no map key can hide another, and nothing trails behind.

cbor2 is lenient by design (duplicate keys, trailing bytes, long spellings of small numbers); two readers that disagree about
one signed text is how forged papers are made.
"""

from __future__ import annotations

from trust.errors import StructureError

_UINT, _NINT, _BYTES, _TEXT, _ARRAY, _MAP, _TAG, _SIMPLE = range(8)
_FALSE, _TRUE, _NULL = 20, 21, 22
_SMALLEST_FOR_LENGTH = {1: 24, 2: 1 << 8, 4: 1 << 16, 8: 1 << 32}


def check_cbor(raw: bytes, *, max_bytes: int, max_depth: int) -> None:
    """Accept exactly one strict item.

    Raises:
        StructureError: ``cbor_*``, with the offset where the shape breaks.
    """
    if len(raw) > max_bytes:
        raise StructureError("cbor_too_long", length=len(raw), limit=max_bytes)
    end = _item_end(raw, 0, max_depth)
    if end != len(raw):
        raise StructureError("cbor_trailing_bytes", offset=end, length=len(raw))


def read_head(raw: bytes, offset: int) -> tuple[int, int, int]:
    """Return major type, argument and the offset behind the head at ``offset``; only the shortest spelling passes."""
    if offset >= len(raw):
        raise StructureError("cbor_truncated", offset=offset)
    major, short = raw[offset] >> 5, raw[offset] & 0x1F
    offset += 1
    if short < 24:
        return major, short, offset
    if short > 27:
        raise StructureError("cbor_indefinite_or_reserved", offset=offset - 1)
    if major == _SIMPLE:
        raise StructureError("cbor_float_or_simple", offset=offset - 1)
    size = 1 << (short - 24)
    if offset + size > len(raw):
        raise StructureError("cbor_truncated", offset=len(raw))
    argument = int.from_bytes(raw[offset : offset + size], "big")
    if argument < _SMALLEST_FOR_LENGTH[size]:
        raise StructureError("cbor_not_shortest", offset=offset - 1)
    return major, argument, offset + size


def read_string(raw: bytes, offset: int, *, max_bytes: int) -> tuple[bytes, int]:
    """Return the content of the byte string at ``offset`` and the offset behind it."""
    major, length, start = read_head(raw, offset)
    if major != _BYTES:
        raise StructureError("cbor_not_a_byte_string", offset=offset)
    if length > max_bytes:
        raise StructureError("cbor_too_long", length=length, limit=max_bytes)
    if start + length > len(raw):
        raise StructureError("cbor_truncated", offset=len(raw))
    return raw[start : start + length], start + length


def _item_end(raw: bytes, offset: int, depth: int) -> int:
    if depth < 0:
        raise StructureError("cbor_too_deep", offset=offset)
    major, argument, start = read_head(raw, offset)
    if major in (_UINT, _NINT):
        return start
    if major in (_BYTES, _TEXT):
        return _string_end(raw, start, argument, text=major == _TEXT)
    if major == _ARRAY:
        for _ in range(argument):
            start = _item_end(raw, start, depth - 1)
        return start
    if major == _MAP:
        return _map_end(raw, start, argument, depth - 1)
    if major == _SIMPLE and argument in (_FALSE, _TRUE, _NULL):
        return start
    raise StructureError("cbor_tag_or_simple", offset=offset)


def _string_end(raw: bytes, start: int, length: int, *, text: bool) -> int:
    end = start + length
    if end > len(raw):
        raise StructureError("cbor_truncated", offset=len(raw))
    if text:
        try:
            raw[start:end].decode("utf-8")
        except UnicodeDecodeError as problem:
            raise StructureError("cbor_text_not_utf8", offset=start) from problem
    return end


def _map_end(raw: bytes, start: int, entries: int, depth: int) -> int:
    previous = b""
    for _ in range(entries):
        behind_key = _item_end(raw, start, depth)
        key = raw[start:behind_key]
        # Strictly rising encodings: the deterministic order, and no key twice.
        if key <= previous:
            raise StructureError("cbor_map_key_order", offset=start)
        previous = key
        start = _item_end(raw, behind_key, depth)
    return start
