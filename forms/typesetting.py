"""Setting lines of Chinese and Latin text: breaking, shrinking, aligning.

Promise: nothing is ever cut off. A text that is too long for its line is broken into more lines (a first line may be set smaller to
fit); a word longer than a line is broken anywhere. Joining the lines gives the text back, but for the spaces at which it broke.

Source of the line-breaking marks: GB/T 15834 (punctuation): closing marks never open a line, opening marks never end one.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass

from forms.fonts import FontSet, Weight, printable
from forms.page import Ink, Text

_NEVER_FIRST = frozenset("，。、；：！？）》」』】〉”’％…—·・,.;:!?)]}%")
_NEVER_LAST = frozenset("（《「『【〈“‘([{¥￥")
_LATIN_WORD = re.compile(r"[\x21-\x7E\u00C0-\u024F\u2212]+")


@dataclass(frozen=True, slots=True)
class Style:
    """How a text looks: size and line height in pixels, weight, ink."""

    size: float
    line: float
    weight: Weight = Weight.REGULAR
    ink: Ink = Ink.TEXT


BODY = Style(15, 22)
BODY_BOLD = Style(15, 22, Weight.BOLD)
BODY_SECOND = Style(15, 22, Weight.REGULAR, Ink.SECOND)
CAPTION = Style(13, 20)
CAPTION_BOLD = Style(13, 20, Weight.BOLD)
CAPTION_SECOND = Style(13, 20, Weight.REGULAR, Ink.SECOND)
SMALL_SECOND = Style(10, 14, Weight.REGULAR, Ink.SECOND)
HEADING = Style(15, 24, Weight.BOLD)
KEY_VALUE = Style(17, 24, Weight.BOLD)


class Typesetter:
    """Measures with the bundled fonts and returns placed lines."""

    def __init__(self, fonts: FontSet) -> None:
        self._fonts = fonts

    def width(self, text: str, style: Style) -> float:
        """Return the width of ``text`` set on one line."""
        return self._fonts.width(printable(text), style.size, style.weight)

    def left(self, text: str, x: float, baseline: float, style: Style, *, spacing: float = 0.0) -> Text:
        """Return one line that starts at ``x``; ``spacing`` is added after every character but the last."""
        line = printable(text)
        width = self._fonts.width(line, style.size, style.weight) + spacing * max(0, len(line) - 1)
        return Text(x, baseline, line, style.size, style.weight, style.ink, width, spacing)

    def right(self, text: str, x: float, baseline: float, style: Style) -> Text:
        """Return one line that ends at ``x``."""
        return self.left(text, x - self.width(text, style), baseline, style)

    def centred(self, text: str, x: float, baseline: float, style: Style, *, spacing: float = 0.0) -> Text:
        """Return one line whose middle is ``x``."""
        width = self.left(text, 0, 0, style, spacing=spacing).width
        return self.left(text, x - width / 2, baseline, style, spacing=spacing)

    def fitted(self, text: str, width: float, style: Style, smallest: float) -> tuple[tuple[str, ...], Style]:
        """Return ``text`` in one line, set down to ``smallest`` to fit; else in several lines of a size between."""
        full = self.width(text, style)
        if full <= width:
            return (printable(text),), style
        if full * smallest / style.size <= width:
            size = int(style.size * width / full * 4) / 4
            return (printable(text),), Style(size, style.line, style.weight, style.ink)
        middle = Style(
            (style.size + smallest) / 2, style.line * (style.size + smallest) / 2 / style.size, style.weight, style.ink
        )
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

    def paragraph(self, text: str, x: float, top: float, width: float, style: Style) -> tuple[tuple[Text, ...], float]:
        """Return the placed lines of a paragraph and the height that they take."""
        lines = self.broken(text, width, style)
        return self.stacked(lines, x, top, style), len(lines) * style.line

    def stacked(self, lines: tuple[str, ...], x: float, top: float, style: Style) -> tuple[Text, ...]:
        """Return lines set one under the other from ``top``, each in the middle of its line height."""
        return tuple(
            self.left(line, x, baseline_in(top + index * style.line, style), style) for index, line in enumerate(lines)
        )


def baseline_in(top: float, style: Style) -> float:
    """Return where the foot of a line lies whose line box starts at ``top`` (the glyph box is 0.88 above, 0.12 below)."""
    return top + style.line / 2 + 0.38 * style.size


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
