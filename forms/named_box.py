"""A character that no font can draw, as a box with its name: ``U+2F9F4``.

Promise: the name is drawn with lines, not with letters, so that the text of the PDF holds the character itself and nothing else.
(ActualText would say the same to some readers; pdfium, in most browsers, drops what lies beyond the basic plane from it.)

Lengths are in ems, from the text's foot upwards.
"""

from __future__ import annotations

from itertools import chain

Stroke = tuple[tuple[float, float], ...]

LINE_EM = 0.045
_UNIT = 0.065
_ADVANCE = 5.2 * _UNIT
_PADDING = 0.12
_FOOT = 0.18
_BOTTOM, _TOP = -0.1, 0.84

# On a grid four wide and six high, y upwards.
_LETTERS: dict[str, tuple[Stroke, ...]] = {
    "0": (((0, 0), (4, 0), (4, 6), (0, 6), (0, 0)),),
    "1": (((1, 5), (2, 6), (2, 0)),),
    "2": (((0, 6), (4, 6), (4, 3), (0, 3), (0, 0), (4, 0)),),
    "3": (((0, 6), (4, 6), (4, 0), (0, 0)), ((1, 3), (4, 3))),
    "4": (((0, 6), (0, 3), (4, 3)), ((4, 6), (4, 0))),
    "5": (((4, 6), (0, 6), (0, 3), (4, 3), (4, 0), (0, 0)),),
    "6": (((4, 6), (0, 6), (0, 0), (4, 0), (4, 3), (0, 3)),),
    "7": (((0, 6), (4, 6), (1.5, 0)),),
    "8": (((0, 0), (4, 0), (4, 6), (0, 6), (0, 0)), ((0, 3), (4, 3))),
    "9": (((4, 3), (0, 3), (0, 6), (4, 6), (4, 0), (0, 0)),),
    "A": (((0, 0), (0, 4.5), (2, 6), (4, 4.5), (4, 0)), ((0, 2.5), (4, 2.5))),
    "B": (((0, 3), (3, 3), (3.6, 4.5), (3, 6), (0, 6), (0, 0), (3, 0), (4, 1.5), (3, 3)),),
    "C": (((4, 6), (0, 6), (0, 0), (4, 0)),),
    "D": (((0, 0), (2.5, 0), (4, 1.5), (4, 4.5), (2.5, 6), (0, 6), (0, 0)),),
    "E": (((4, 6), (0, 6), (0, 0), (4, 0)), ((0, 3), (3, 3))),
    "F": (((4, 6), (0, 6), (0, 0)), ((0, 3), (3, 3))),
    "U": (((0, 6), (0, 0), (4, 0), (4, 6)),),
    "+": (((2, 1.5), (2, 4.5)), ((0.5, 3), (3.5, 3))),
}


def code_point_name(character: str) -> str:
    """Return the name of a character in Unicode's notation.

    >>> code_point_name("龘")
    'U+9F98'
    """
    return f"U+{ord(character):04X}"


def box_width_em(character: str) -> float:
    """Return the width of the box."""
    return len(code_point_name(character)) * _ADVANCE - 1.2 * _UNIT + 2 * (_PADDING + LINE_EM)


def box_strokes_em(character: str) -> tuple[Stroke, ...]:
    """Return the box and the name in it."""
    left, right = LINE_EM / 2, box_width_em(character) - LINE_EM / 2
    frame = ((left, _BOTTOM), (right, _BOTTOM), (right, _TOP), (left, _TOP), (left, _BOTTOM))
    letters = chain.from_iterable(
        _moved(_LETTERS[letter], LINE_EM + _PADDING + index * _ADVANCE)
        for index, letter in enumerate(code_point_name(character))
    )
    return (frame, *letters)


def _moved(strokes: tuple[Stroke, ...], dx: float) -> tuple[Stroke, ...]:
    return tuple(tuple((dx + x * _UNIT, _FOOT + y * _UNIT) for x, y in stroke) for stroke in strokes)
