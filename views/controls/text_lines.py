"""Breaking a text into lines that fit, for what is painted by hand.

Promise: nothing is left out; Chinese breaks anywhere but before a closing mark, English between words; only a single word wider
than the line is cut within.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF
from PySide6.QtGui import QFont, QTextLayout, QTextOption


def wrapped(text: str, font: QFont, width: int, *, even: bool = False) -> tuple[str, ...]:
    """Return the lines of a text in a font, each at most ``width`` pixels wide; one empty line for an empty text.

    Args:
        even: make the lines of a Chinese text about equally long instead of filling all but the last; for short labels in the
            middle. Words of English are left where they are.
    """
    lines = _broken(text, font, width)
    if not even or len(lines) == 1 or " " in text:
        return lines
    narrower = width
    while narrower > 1:
        narrower -= max(1, width // 24)
        tried = _broken(text, font, narrower)
        if len(tried) > len(lines):
            break
        lines = tried
    return lines


def _broken(text: str, font: QFont, width: int) -> tuple[str, ...]:
    layout = QTextLayout(text, font)
    option = QTextOption()
    option.setWrapMode(QTextOption.WrapMode.WrapAtWordBoundaryOrAnywhere)
    layout.setTextOption(option)
    layout.beginLayout()
    lines: list[str] = []
    while True:
        line = layout.createLine()
        if not line.isValid():
            break
        line.setLineWidth(max(1, width))
        line.setPosition(QPointF(0, 0))
        lines.append(text[line.textStart() : line.textStart() + line.textLength()].strip())
    layout.endLayout()
    return tuple(lines) or ("",)
