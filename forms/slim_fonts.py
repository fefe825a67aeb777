"""Makes an embedded font subset smaller: its outlines on a grid half as fine, 500 units to the em instead of 1000.

Promise: no point moves by more than a thousandth of an em, a hundredth of a point in the text of our papers; a printer at 1,200 dpi has coarser dots.
Widths stay within the thousandth that PDF/A allows (ISO 19005-3 §6.2.11.5), names and codes as they are; the same subset gives the same bytes. A font
that is not of the one shape reportlab writes comes back unchanged.

Fonts are four fifths of a voucher's file; this takes a tenth of them away, so that a paper with its data inside stays small enough to be sent over
a weak line. Source: Apple TrueType reference, tables ``glyf``, ``head``, ``hhea``, ``hmtx``, ``loca``; docs/adr/0138.
"""

from __future__ import annotations

import struct
from functools import lru_cache
from itertools import pairwise

_FINE, _COARSE = 1000, 500
_HEAD_BOUNDS, _HEAD_UNITS, _HEAD_LOCA = 36, 18, 50
_CHECKSUM_AT, _CHECKSUM_OF_ALL = 8, 0xB1B0AFBA
_ON, _SHORT_X, _SHORT_Y, _REPEAT, _SAME_X, _SAME_Y = 1, 2, 4, 8, 16, 32
_WORDS, _XY, _MORE, _SCALE, _SCALE_XY, _MATRIX = 0x1, 0x2, 0x20, 0x8, 0x40, 0x80
_NEEDED = frozenset({b"glyf", b"head", b"hhea", b"hmtx", b"loca", b"maxp"})


def slimmed(program: bytes) -> bytes:
    """Return the font program with coarser outlines; unchanged when it is already coarse or of another shape."""
    tables = _tables(program)
    if not tables.keys() >= _NEEDED:
        return program
    head = bytearray(tables[b"head"])
    if struct.unpack_from(">H", head, _HEAD_UNITS)[0] != _FINE:
        return program
    places = _places(tables[b"loca"], long=bool(struct.unpack_from(">h", head, _HEAD_LOCA)[0]))
    glyphs = [_slim_glyph(tables[b"glyf"][start:end]) for start, end in pairwise(places)]
    tables[b"glyf"] = b"".join(glyphs)
    tables[b"loca"], long = _loca(glyphs)
    struct.pack_into(">H", head, _HEAD_UNITS, _COARSE)
    struct.pack_into(">h", head, _HEAD_LOCA, int(long))
    struct.pack_into(">I", head, _CHECKSUM_AT, 0)
    _halve(head, _HEAD_BOUNDS, 4)
    tables[b"head"] = bytes(head)
    hhea = bytearray(tables[b"hhea"])
    measured = struct.unpack_from(">H", hhea, 34)[0]
    _halve(hhea, 4, 7)  # ascent, descent, gap, widest, both bearings, extent
    tables[b"hhea"] = bytes(hhea)
    hmtx = bytearray(tables[b"hmtx"])
    _halve(hmtx, 0, 2 * measured + (len(hmtx) - 4 * measured) // 2)
    tables[b"hmtx"] = bytes(hmtx)
    return _written(program[:4], tables)


def _tables(program: bytes) -> dict[bytes, bytes]:
    count = struct.unpack_from(">H", program, 4)[0] if len(program) > 12 else 0
    rows = [struct.unpack_from(">4sIII", program, 12 + 16 * row) for row in range(count)]
    return {tag: program[start : start + length] for tag, _, start, length in rows}


def _places(loca: bytes, *, long: bool) -> list[int]:
    if long:
        return list(struct.unpack(f">{len(loca) // 4}I", loca))
    return [2 * each for each in struct.unpack(f">{len(loca) // 2}H", loca)]


def _loca(glyphs: list[bytes]) -> tuple[bytes, bool]:
    places = [0]
    for glyph in glyphs:
        places.append(places[-1] + len(glyph))
    if places[-1] < 0x20000:
        return struct.pack(f">{len(places)}H", *(each // 2 for each in places)), False
    return struct.pack(f">{len(places)}I", *places), True


def _halved(value: int) -> int:
    # Halves go to the even neighbour on both sides of zero alike, so that mirrored strokes stay mirrored.
    return round(value / 2)


def _halve(table: bytearray, start: int, count: int) -> None:
    values = struct.unpack_from(f">{count}h", table, start)
    struct.pack_into(f">{count}h", table, start, *(_halved(each) for each in values))


@lru_cache(maxsize=16_384)
def _slim_glyph(glyph: bytes) -> bytes:
    """Return a glyph with half the coordinates. Papers share most of their characters, so this is remembered."""
    if not glyph:
        return b""
    contours = struct.unpack_from(">h", glyph, 0)[0]
    slim = _slim_outline(glyph, contours) if contours >= 0 else _slim_composite(glyph)
    return slim + bytes(-len(slim) % 2)


def _slim_outline(glyph: bytes, contours: int) -> bytes:
    ends = struct.unpack_from(f">{contours}H", glyph, 10)
    at = 10 + 2 * contours
    instructions = struct.unpack_from(">H", glyph, at)[0]
    at += 2 + instructions
    flags: list[int] = []
    count = ends[-1] + 1 if ends else 0
    while len(flags) < count:
        flag = glyph[at]
        at += 1
        flags.append(flag)
        if flag & _REPEAT:
            flags += [flag] * glyph[at]
            at += 1
    xs, at = _coordinates(glyph, at, flags, _SHORT_X, _SAME_X)
    ys, _ = _coordinates(glyph, at, flags, _SHORT_Y, _SAME_Y)
    xs, ys = [_halved(each) for each in xs], [_halved(each) for each in ys]
    bounds = (min(xs), min(ys), max(xs), max(ys)) if xs else (0, 0, 0, 0)
    kept = [flag & ~(_SHORT_X | _SHORT_Y | _REPEAT | _SAME_X | _SAME_Y) for flag in flags]
    written_x = _deltas(xs, kept, _SHORT_X, _SAME_X)
    written_y = _deltas(ys, kept, _SHORT_Y, _SAME_Y)
    # Hints are written for the fine grid and our fonts have none; without them a viewer smooths as it does anyway.
    return (
        struct.pack(">h4h", contours, *bounds)
        + struct.pack(f">{contours}HH", *ends, 0)
        + _packed_flags(kept)
        + written_x
        + written_y
    )


def _coordinates(glyph: bytes, at: int, flags: list[int], short: int, same: int) -> tuple[list[int], int]:
    value, found = 0, []
    for flag in flags:
        if flag & short:
            value += glyph[at] if flag & same else -glyph[at]
            at += 1
        elif not flag & same:
            value += struct.unpack_from(">h", glyph, at)[0]
            at += 2
        found.append(value)
    return found, at


def _deltas(values: list[int], flags: list[int], short: int, same: int) -> bytes:
    """Return coordinates as steps, and set their flags."""
    written, before = bytearray(), 0
    for place, value in enumerate(values):
        step, before = value - before, value
        if step == 0:
            flags[place] |= same
        elif -256 < step < 256:
            flags[place] |= short | (same if step > 0 else 0)
            written.append(abs(step))
        else:
            written += struct.pack(">h", step)
    return bytes(written)


def _packed_flags(flags: list[int]) -> bytes:
    packed, place = bytearray(), 0
    while place < len(flags):
        more = 0
        while place + more + 1 < len(flags) and flags[place + more + 1] == flags[place] and more < 255:
            more += 1
        packed += bytes((flags[place] | _REPEAT, more)) if more else bytes((flags[place],))
        place += more + 1
    return bytes(packed)


def _slim_composite(glyph: bytes) -> bytes:
    """Halve the box and the offsets of a glyph that is made of others; what else stands in it has no unit."""
    slim = bytearray(glyph)
    _halve(slim, 2, 4)
    at, flags = 10, _MORE
    while flags & _MORE:
        flags = struct.unpack_from(">H", slim, at)[0]
        at += 4
        if flags & _WORDS:
            if flags & _XY:
                _halve(slim, at, 2)
            at += 4
        else:
            if flags & _XY:
                steps = struct.unpack_from(">2b", slim, at)
                struct.pack_into(">2b", slim, at, *(_halved(each) for each in steps))
            at += 2
        at += 2 if flags & _SCALE else 4 if flags & _SCALE_XY else 8 if flags & _MATRIX else 0
    return bytes(slim)


def _written(version: bytes, tables: dict[bytes, bytes]) -> bytes:
    """Return the tables as a font file, with its checksums (TrueType reference, "font directory")."""
    count = len(tables)
    power = count.bit_length() - 1
    head = version + struct.pack(">4H", count, 16 << power, power, 16 * count - (16 << power))
    at = 12 + 16 * count
    rows, body, adjust = b"", b"", 0
    for tag in sorted(tables):
        content = tables[tag]
        if tag == b"head":
            adjust = at + len(body) + _CHECKSUM_AT
        rows += struct.pack(">4sIII", tag, _checksum(content), at + len(body), len(content))
        body += content + bytes(-len(content) % 4)
    font = bytearray(head + rows + body)
    struct.pack_into(">I", font, adjust, (_CHECKSUM_OF_ALL - _checksum(bytes(font))) & 0xFFFFFFFF)
    return bytes(font)


def _checksum(content: bytes) -> int:
    padded = content + bytes(-len(content) % 4)
    words = struct.unpack(f">{len(padded) // 4}I", padded)
    return int(sum(words)) & 0xFFFFFFFF
