"""What stands on a paper besides text: lines to write on, pen strokes, the code, boxes to tick, the warning sign.

Promise: everything is a vector and keeps to its own room; ink is fitted into its place in proportion, never cut.
"""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus import Flowable

from claims.papers import Ink as Strokes
from forms.pen import Pen
from forms.qr import QrSymbol
from forms.text_block import Paragraph, TextBlock
from forms.typesetting import Typesetter
from forms.typography import MM, Ink, Style

_STROKE = 1.2
_BOX = 9.0
_CORNER = 9.0


class RuleLine(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """A line over the whole width, with free space above and below it."""

    def __init__(self, thickness: float, ink: Ink = Ink.TEXT, *, above: float = 0.0, below: float = 0.0) -> None:
        super().__init__()
        self._thickness, self._ink, self._above, self._below = thickness, ink, above, below

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """Take the width that there is."""
        self.width, self.height = available_width, self._above + self._thickness + self._below
        return self.width, self.height

    def draw(self) -> None:
        """Draw the line."""
        y = self._below + self._thickness / 2
        self.canv.setStrokeColor(self._ink.value)
        self.canv.setLineWidth(self._thickness)
        self.canv.line(0, y, self.width, y)


class WriteLine(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """Lines to write on with a pen, each as high as a line of text."""

    def __init__(self, height: float, lines: int = 1) -> None:
        super().__init__()
        self._line, self._lines = height, lines

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """Take the width that there is."""
        self.width, self.height = available_width, self._line * self._lines
        return self.width, self.height

    def draw(self) -> None:
        """Draw the lines."""
        self.canv.setStrokeColor(Ink.SECOND.value)
        self.canv.setLineWidth(0.5)
        for number in range(self._lines):
            self.canv.line(0, number * self._line + 2, self.width, number * self._line + 2)


class PenStrokes(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """A signature as it was drawn, resting on the lower edge of its room; nothing where nobody signed."""

    def __init__(self, setter: Typesetter, strokes: Strokes, height: float) -> None:
        super().__init__()
        self._setter, self._strokes, self._room = setter, strokes, height

    def wrap(self, available_width: float, _available_height: float) -> tuple[float, float]:
        """Take the width that there is."""
        self.width, self.height = available_width, self._room
        return self.width, self.height

    def draw(self) -> None:
        """Draw the ink."""
        points = [point for stroke in self._strokes for point in stroke]
        if not points:
            return
        left, top = min(x for x, _ in points), min(y for _, y in points)
        spread_x, spread_y = max(x for x, _ in points) - left, max(y for _, y in points) - top
        scale = min((self.width - 12) / max(spread_x, 1), (self.height - 4) / max(spread_y, 1))
        placed = [
            [(6 + (x - left) * scale, 2 + (top + spread_y - y) * scale) for x, y in stroke]
            for stroke in self._strokes
            if stroke
        ]
        Pen(self.canv, self._setter.fonts).strokes(placed, _STROKE)


class CodeSquare(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """The QR code in its frame; without a symbol the empty frame, crossed out in red under ``crossed`` where the paper is void."""

    def __init__(self, setter: Typesetter, symbol: QrSymbol | None, side: float, crossed: str = "") -> None:
        super().__init__()
        self._setter, self._symbol, self._side, self._crossed = setter, symbol, side, crossed

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """Take the square and its frame."""
        self.width = self.height = self._side + 0.75
        return self.width, self.height

    def draw(self) -> None:
        """Draw frame and code."""
        pen = Pen(self.canv, self._setter.fonts)
        side = self._side
        pen.frame((0.375, 0.375), (side, side), 0.75, Ink.TEXT, Ink.PAPER)
        if self._symbol is not None:
            pen.symbol(0.375, 0.375, side, self._symbol)
        elif self._crossed:
            pen.line((9, 9), (side - 9, side - 9), 1.5, Ink.RED)
            pen.line((9, side - 9), (side - 9, 9), 1.5, Ink.RED)
            style = Style(11.25, 16.5, ink=Ink.RED)
            width = self._setter.width(self._crossed, style)
            pen.frame((side / 2 - width / 2 - 8, side / 2 - 13), (width + 16, 26), 1, None, Ink.PAPER)
            pen.text(side / 2 - width / 2, side / 2 - 4, self._crossed, style)


class WarningSign(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """An amber triangle with its mark."""

    def __init__(self, setter: Typesetter) -> None:
        super().__init__()
        self._setter = setter

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """Take a small square."""
        self.width, self.height = 18.0, 16.0
        return self.width, self.height

    def draw(self) -> None:
        """Draw the sign."""
        pen = Pen(self.canv, self._setter.fonts)
        pen.strokes([[(1, 1), (8.5, 14.5), (16, 1)]], 1.5, Ink.AMBER, closed=True)
        pen.strokes([[(8.5, 9.5), (8.5, 5.5)], [(8.5, 3.2)]], 1.5, Ink.AMBER)


class TickBox(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """One box to tick with its words beside it; ``ticked`` draws the tick."""

    def __init__(self, setter: Typesetter, words: Paragraph, *, ticked: bool) -> None:
        super().__init__()
        self._setter, self._ticked = setter, ticked
        self._style = words.style
        self._words = TextBlock(setter, (words,))

    def natural_width(self) -> float:
        """Return the width of box and words on one line."""
        return _BOX + 5 + self._words.natural_width()

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Break the words beside the box."""
        _, self.height = self._words.wrap(available_width - _BOX - 5, available_height)
        self.width = available_width
        return self.width, self.height

    def draw(self) -> None:
        """Draw box, tick and words."""
        pen = Pen(self.canv, self._setter.fonts)
        foot = self.height - self._style.rise - 0.5
        pen.frame((0.5, foot), (_BOX - 1, _BOX - 1), 0.9, Ink.TEXT, Ink.PAPER)
        if self._ticked:
            pen.strokes([[(2.2, foot + 4), (4.0, foot + 1.8), (7.2, foot + 6.8)]], 1.5)
        self._words.drawOn(self.canv, _BOX + 5, 0)


class TickRow(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """Boxes to tick one after another, as many on a line as fit."""

    def __init__(self, boxes: Sequence[TickBox]) -> None:
        super().__init__()
        self._boxes = tuple(boxes)
        self._places: list[tuple[TickBox, float, float]] = []

    def wrap(self, available_width: float, available_height: float) -> tuple[float, float]:
        """Place the boxes line by line."""
        gap = 14.0
        self._places = []
        x = y = row = 0.0
        for box in self._boxes:
            wanted = min(box.natural_width() + 0.1, available_width)
            if x and x + wanted > available_width:
                x, y, row = 0.0, y + row, 0.0
            _, height = box.wrap(wanted, available_height)
            self._places.append((box, x, y))
            x, row = x + wanted + gap, max(row, height)
        self.width, self.height = available_width, y + row
        return self.width, self.height

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """Return the lines of boxes that fit and the rest; nothing when none fits."""
        self.wrap(available_width, available_height)
        too_low = next((y for box, _, y in self._places if y + box.height > available_height), None)
        fitting = sum(too_low is None or y < too_low for _, _, y in self._places)
        return (
            [TickRow(self._boxes[:fitting]), TickRow(self._boxes[fitting:])] if 0 < fitting < len(self._boxes) else []
        )

    def draw(self) -> None:
        """Draw every box."""
        for box, x, y in self._places:
            box.drawOn(self.canv, x, self.height - y - box.height)


class StampArea(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """An empty square of 40 mm for a stamp, marked at its corners, with its name below."""

    SIDE = 40 * MM

    def __init__(self, setter: Typesetter, name: Paragraph) -> None:
        super().__init__()
        self._setter = setter
        self._name = TextBlock(setter, (name,))

    def wrap(self, _available_width: float, available_height: float) -> tuple[float, float]:
        """Take the square and the lines of the name."""
        _, self._below = self._name.wrap(self.SIDE, available_height)
        self.width, self.height = self.SIDE, self.SIDE + self._below
        return self.width, self.height

    def draw(self) -> None:
        """Draw the corners and the name."""
        pen = Pen(self.canv, self._setter.fonts)
        low, high, side = self._below, self._below + self.SIDE, self.SIDE
        for x, inwards in ((0.3, 1), (side - 0.3, -1)):
            for y, inside in ((low + 0.3, 1), (high - 0.3, -1)):
                pen.line((x, y), (x + inwards * _CORNER, y), 0.6, Ink.SECOND)
                pen.line((x, y), (x, y + inside * _CORNER), 0.6, Ink.SECOND)
        self._name.drawOn(self.canv, 0, 0)
