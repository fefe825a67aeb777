"""Text as a platypus flowable: paragraphs in our fonts, broken by Chinese rules, splitting between lines over pages.

Promise: nothing is cut off; a text that is too long for its line goes on in the next, and on the next page.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from enum import Enum
from typing import Any

from reportlab.platypus import Flowable

from forms.fonts import printable
from forms.pen import Pen
from forms.typesetting import Typesetter
from forms.typography import Style

_GAP = 3.75


class Align(Enum):
    """Where lines stand in their column, as the share of the free room that lies left of them."""

    LEFT = 0.0
    CENTRE = 0.5
    RIGHT = 1.0


@dataclass(frozen=True, slots=True)
class Paragraph:
    """A text in one style; ``small`` follows it in ``small_style`` on the same line where it fits, else below.

    ``above`` is free space before it (not at the top of a block); ``spacing`` is added after every character; ``smallest``: it may be
    set smaller, down to this size, to stay on one line.
    """

    text: str
    style: Style
    small: str = ""
    small_style: Style | None = None
    above: float = 0.0
    indent: float = 0.0
    align: Align | None = None
    spacing: float = 0.0
    smallest: float | None = None


@dataclass(frozen=True, slots=True)
class _Piece:
    x: float
    text: str
    style: Style
    spacing: float = 0.0


@dataclass(frozen=True, slots=True)
class _Line:
    above: float
    height: float
    foot: float
    pieces: tuple[_Piece, ...]


def smallest_of(text: str, style: Style) -> float | None:
    """Return how small a text may be set before it is broken: a single word, such as a date or an account, three quarters; any other breaks."""
    return 0.75 * style.size if text.isascii() and " " not in text else None


class TextBlock(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """Paragraphs under each other."""

    def __init__(
        self,
        setter: Typesetter,
        paragraphs: Sequence[Paragraph],
        align: Align = Align.LEFT,
        lines: Sequence[_Line] = (),
    ) -> None:
        super().__init__()
        self._setter = setter
        self._paragraphs = tuple(paragraphs)
        self._align = align
        self._given = tuple(lines)
        self._lines: tuple[_Line, ...] = self._given
        self._set_for: float | None = None
        self.width = 0.0
        self.height = 0.0

    def natural_width(self) -> float:
        """Return the width that every paragraph would take on one line."""
        return max((self._natural(each) for each in self._paragraphs), default=0.0)

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """Break the lines for a width; return the room they take."""
        if not self._given and self._set_for != available_width:
            lines: list[_Line] = []
            for each in self._paragraphs:
                lines += self._set(each, available_width)
            self._lines = tuple(lines)
            self._set_for = available_width
        self.width = available_width
        self.height = sum(line.height + (line.above if index else 0) for index, line in enumerate(self._lines))
        return available_width, self.height

    def beginning(self, available_width: float) -> float:
        """Return the height of its first two lines."""
        self.wrap(available_width, 10_000)
        return sum(line.height for line in self._lines[:2])

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """Return the lines that fit and the rest; nothing when none fits. One line alone is not left behind."""
        if self._set_for is None:
            # Else the lines stand: a table that splits a row names the width of the cell, its padding included.
            self.wrap(available_width, available_height)
        height = 0.0
        fitting = 0
        for index, line in enumerate(self._lines):
            height += line.height + (line.above if index else 0)
            if height > available_height + 1e-6:
                break
            fitting += 1
        if len(self._lines) - fitting == 1 and fitting > 2:
            fitting -= 1
        if fitting in (0, len(self._lines)):
            return []
        return [
            TextBlock(self._setter, (), self._align, self._lines[:fitting]),
            TextBlock(self._setter, (), self._align, self._lines[fitting:]),
        ]

    def draw(self) -> None:
        """Draw the lines from the top."""
        pen = Pen(self.canv, self._setter.fonts)
        y = self.height
        for index, line in enumerate(self._lines):
            y -= line.above if index else 0
            for piece in line.pieces:
                pen.text(piece.x, y - line.foot, piece.text, piece.style, spacing=piece.spacing)
            y -= line.height

    def _natural(self, paragraph: Paragraph) -> float:
        width = paragraph.indent + self._width(paragraph.text, paragraph.style, paragraph.spacing)
        if paragraph.small and paragraph.small_style is not None:
            width += _GAP + self._setter.width(paragraph.small, paragraph.small_style)
        return width

    def _width(self, text: str, style: Style, spacing: float) -> float:
        return self._setter.width(text, style) + spacing * max(0, len(text) - 1)

    def _set(self, paragraph: Paragraph, width: float) -> list[_Line]:
        """Return a paragraph's lines."""
        paragraph = replace(paragraph, text=printable(paragraph.text), small=printable(paragraph.small))
        room = max(width - paragraph.indent, 1.0)
        align = paragraph.align or self._align
        style = paragraph.style
        small, small_style = paragraph.small, paragraph.small_style or style
        full = self._width(paragraph.text, style, paragraph.spacing)
        one_line = full + _GAP + self._setter.width(small, small_style) if small else full
        if small and paragraph.text and one_line <= room:
            x = paragraph.indent + align.value * (room - one_line)
            second = _Piece(x + full + _GAP, small, small_style)
            return [_Line(paragraph.above, style.line, style.rise, (_Piece(x, paragraph.text, style), second))]
        texts: tuple[str, ...]
        spacing = paragraph.spacing if full <= room else 0.0
        if paragraph.smallest is not None and paragraph.text:
            if full <= room:
                texts = (paragraph.text,)
            else:
                texts, style = self._setter.fitted(paragraph.text, room, style, paragraph.smallest)
        else:
            texts = self._setter.broken(paragraph.text, room, style) if paragraph.text or not small else ()
        parts = [(text, style) for text in texts]
        if small:
            parts += [(text, small_style) for text in self._setter.broken(small, room, small_style)]
        lines: list[_Line] = []
        for number, (text, its_style) in enumerate(parts):
            its_spacing = spacing if its_style is style else 0.0
            x = paragraph.indent + align.value * max(0.0, room - self._width(text, its_style, its_spacing))
            above = paragraph.above if number == 0 else 0.0
            piece = _Piece(x, text, its_style, its_spacing)
            lines.append(_Line(above, its_style.line, its_style.rise, (piece,)))
        return lines


def on_sheet(canvas: Any, flowable: Flowable, x: float, top: float, width: float) -> float:
    """Draw a flowable with its upper edge at ``top``, outside the frame; return its height."""
    _, height = flowable.wrapOn(canvas, width, 10_000)
    flowable.drawOn(canvas, x, top - height)
    return float(height)
