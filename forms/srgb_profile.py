"""The colour profile that says what the RGB values on our papers mean: sRGB, as a small ICC profile.

Promise: the same bytes on every machine (a profile from an image library carries the moment it was made), 0.4 KB, with the curve of the
standard itself. Source: IEC 61966-2-1 (primaries adapted to D50 by Bradford's matrix, as ICC.1:2004-10 §6.3.4.3 asks); ICC.1:2004-10 §7, §10.
"""

from __future__ import annotations

import struct
from functools import cache

CONDITION = "sRGB IEC61966-2.1"
_VERSION = 0x04200000
_MADE = (2026, 11, 22, 0, 0, 0)
_D50 = (0.9642, 1.0, 0.8249)
_RED, _GREEN, _BLUE = (0.43607, 0.22249, 0.01392), (0.38515, 0.71687, 0.09708), (0.14307, 0.06061, 0.71410)
# From D65, the white of the standard, to D50, the white of the profile.
_ADAPTATION = (1.04788, 0.02292, -0.05020, 0.02960, 0.99048, -0.01707, -0.00923, 0.01507, 0.75168)
# y = (a x + b) ** g from d on, c x below it (ICC.1:2004-10 table 60, function 3).
_CURVE = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)


@cache
def srgb_profile() -> bytes:
    """Return the profile: a display profile of three primaries and one curve."""
    curve = b"para" + bytes(4) + struct.pack(">HH", 3, 0) + _fixed(_CURVE)
    elements = (
        (b"desc", _words(CONDITION)),
        (b"cprt", _words("No copyright, use freely")),
        (b"wtpt", _xyz(_D50)),
        (b"chad", b"sf32" + bytes(4) + _fixed(_ADAPTATION)),
        (b"rXYZ", _xyz(_RED)),
        (b"gXYZ", _xyz(_GREEN)),
        (b"bXYZ", _xyz(_BLUE)),
        (b"rTRC", curve),
        (b"gTRC", curve),
        (b"bTRC", curve),
    )
    table, body = struct.pack(">I", len(elements)), b""
    start = 128 + 4 + 12 * len(elements)
    placed: dict[bytes, int] = {}
    for name, element in elements:
        if element not in placed:
            placed[element] = start + len(body)
            body += element + bytes(-len(element) % 4)
        table += struct.pack(">4sII", name, placed[element], len(element))
    return _head(start + len(body)) + table + body


def _head(size: int) -> bytes:
    return (
        struct.pack(">I4sI4s4s4s", size, bytes(4), _VERSION, b"mntr", b"RGB ", b"XYZ ")
        + struct.pack(">6H", *_MADE)
        + b"acsp"
        + bytes(28)
        + _fixed(_D50)
        + bytes(48)
    )


def _fixed(values: tuple[float, ...]) -> bytes:
    """Return numbers as s15Fixed16."""
    return struct.pack(f">{len(values)}i", *(round(value * 65536) for value in values))


def _xyz(values: tuple[float, float, float]) -> bytes:
    return b"XYZ " + bytes(4) + _fixed(values)


def _words(text: str) -> bytes:
    """Return a text in English (``multiLocalizedUnicodeType``)."""
    encoded = text.encode("utf-16-be")
    return b"mluc" + bytes(4) + struct.pack(">II2s2sII", 1, 12, b"en", b"US", len(encoded), 28) + encoded
