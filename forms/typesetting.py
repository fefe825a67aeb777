"""Setting lines of Chinese and Latin text: breaking and shrinking.

Promise: nothing is ever cut off. A text that is too long for its line is broken into more lines (a first line may be set smaller to
fit); a word longer than a line is broken anywhere. Joining the lines gives the text back, but for the spaces at which it broke.

Source of the line-breaking marks: GB/T 15834 (punctuation): closing marks never open a line, opening marks never end one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import replace

from forms.fonts import FontSet, printable
from forms.typography import Style

_NEVER_FIRST = frozenset("，。、；：！？）》」』】〉”’％…—·・,.;:!?)]}%")
_NEVER_LAST = frozenset("（《「『【〈“‘([{¥￥")
_LATIN_WORD = re.compile(r"[\x21-\x7E\u00C0-\u024F\u2212]+")


class Typesetter:
    """Measures with the bundled fonts and breaks text into lines."""

    def __init__(self, fonts: FontSet) -> None:
        self._fonts = fonts

    @property
    def fonts(self) -> FontSet:
        """Return the fonts it measures with."""
        return self._fonts

    def width(self, text: str, style: Style) -> float:
        """Return the width of ``text`` set on one line."""
        return self._fonts.width(printable(text), style.size, style.weight)

    def fitted(self, text: str, width: float, style: Style, smallest: float) -> tuple[tuple[str, ...], Style]:
        """Return ``text`` in one line, set down to ``smallest`` to fit; else in several lines of a size between."""
        full = self.width(text, style)
        if full <= width:
            return (printable(text),), style
        if full * smallest / style.size <= width:
            size = int(style.size * width / full * 4) / 4
            return (printable(text),), replace(style, size=size)
        size = (style.size + smallest) / 2
        middle = replace(style, size=size, line=style.line * size / style.size)
        return self.broken(text, width, middle), middle

    def broken(self, text: str, width: float, style: Style) -> tuple[str, ...]:
        """Return the lines of ``text`` for a column of ``width``; an empty text is one empty line."""
        lines: list[str] = []
        line = ""
        for piece in _pieces(printable(text)):
            if self.width((line + piece).rstrip(" "), style) <= width:
                line += piece
                continue
            if line.strip(" "):
                lines.append(line.rstrip(" "))
            line = piece.lstrip(" ")
            while self.width(line.rstrip(" "), style) > width and len(line) > 1:
                head = self._head(line, width, style)
                lines.append(line[:head])
                line = line[head:]
        if line.strip(" ") or not lines:
            lines.append(line.rstrip(" "))
        return tuple(lines)

    def _head(self, word: str, width: float, style: Style) -> int:
        """Return how many characters of an unbreakable word go on this line: at least one, and no mark on the wrong side of the break."""
        count = 1
        while count < len(word) and self.width(word[: count + 1], style) <= width:
            count += 1
        fitting = count
        while count > 1 and count < len(word) and (word[count] in _NEVER_FIRST or word[count - 1] in _NEVER_LAST):
            count -= 1
        return count if count > 1 else fitting


def _pieces(text: str) -> list[str]:
    """Cut text where a line may break: after a space, around a Chinese character, never before a closing mark."""
    pieces: list[str] = []
    position = 0
    while position < len(text):
        word = _LATIN_WORD.match(text, position)
        end = word.end() if word else position + 1
        while end < len(text) and text[end] == " ":
            end += 1
        piece = text[position:end]
        if pieces and _glued(pieces[-1], piece):
            pieces[-1] += piece
        else:
            pieces.append(piece)
        position = end
    return pieces


def _glued(before: str, after: str) -> bool:
    """Tell whether a line must not break between two pieces. After a space it always may."""
    if before.endswith(" "):
        return False
    return before[-1] in _NEVER_LAST or after[0] in _NEVER_FIRST or unicodedata.combining(after[0]) != 0
