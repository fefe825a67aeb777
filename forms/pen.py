"""Puts text, lines and the code on a reportlab canvas, in the house's fonts and colours.

Promise: a character without a glyph is drawn as its named box and stays in the text of the file; nothing else is added.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from forms.fonts import FontSet
from forms.named_box import LINE_EM, box_strokes_em
from forms.qr import QUIET_MODULES, QrSymbol
from forms.typography import Ink, Style

_ROUND = 1
_INVISIBLE = 3

Point = tuple[float, float]
Points = Sequence[Point]


class Pen:
    """Draws on a canvas, y upwards, as PDF counts."""

    def __init__(self, canvas: Any, fonts: FontSet) -> None:
        self._canvas = canvas
        self._fonts = fonts

    def text(self, x: float, foot: float, text: str, style: Style, *, spacing: float = 0.0) -> None:
        """Draw one line from ``x`` with its foot at ``foot``; ``spacing`` is added after every character."""
        self._canvas.setFillColor(style.ink.value)
        for run in self._fonts.runs(text, style.weight):
            self._canvas.setFont(run.font, style.size)
            self._canvas.drawString(
                x, foot, run.text, mode=_INVISIBLE if run.boxed else None, charSpace=spacing or None
            )
            if run.boxed:
                strokes = [
                    [(x + em_x * style.size, foot + em_y * style.size) for em_x, em_y in stroke]
                    for stroke in box_strokes_em(run.text)
                ]
                self.strokes(strokes, LINE_EM * style.size, style.ink)
            x += self._fonts.width(run.text, style.size, style.weight) + spacing * len(run.text)

    def line(self, start: Point, end: Point, thickness: float, ink: Ink = Ink.TEXT) -> None:
        """Draw a straight line."""
        self._canvas.setStrokeColor(ink.value)
        self._canvas.setLineWidth(thickness)
        self._canvas.line(*start, *end)

    def frame(
        self, corner: Point, size: tuple[float, float], thickness: float, ink: Ink | None, ground: Ink | None = None
    ) -> None:
        """Draw a rectangle with a line, a ground, or both; ``corner`` is its lower left one."""
        if ground is not None:
            self._canvas.setFillColor(ground.value)
        if ink is not None:
            self._canvas.setStrokeColor(ink.value)
            self._canvas.setLineWidth(thickness)
        self._canvas.rect(*corner, *size, stroke=int(ink is not None), fill=int(ground is not None))

    def strokes(
        self, strokes: Sequence[Points], thickness: float, ink: Ink = Ink.TEXT, *, closed: bool = False
    ) -> None:
        """Draw pen strokes, round at their ends; a stroke of a single point is a dot."""
        self._canvas.saveState()
        self._canvas.setStrokeColor(ink.value)
        self._canvas.setLineWidth(thickness)
        self._canvas.setLineCap(_ROUND)
        self._canvas.setLineJoin(_ROUND)
        path = self._canvas.beginPath()
        for first, *rest in strokes:
            path.moveTo(*first)
            for point in rest or [first]:
                path.lineTo(*point)
            if closed:
                path.close()
        self._canvas.drawPath(path, stroke=1, fill=0)
        self._canvas.restoreState()

    def tilted(self, x: float, y: float, degrees: float, text: str, style: Style) -> None:
        """Draw a line of text that rises from (x, y)."""
        self._canvas.saveState()
        self._canvas.translate(x, y)
        self._canvas.rotate(degrees)
        self.text(0, 0, text, style)
        self._canvas.restoreState()

    def symbol(self, x: float, y: float, side: float, symbol: QrSymbol) -> None:
        """Draw a QR symbol with its quiet zone into the square at (x, y): all dark modules as one path, so that there are no hairlines between."""
        module = side / symbol.side_modules
        self._canvas.saveState()
        self._canvas.setFillColor(Ink.QR.value)
        self._canvas.translate(x + QUIET_MODULES * module, y + side - QUIET_MODULES * module)
        self._canvas.scale(module, -module)
        # Written out by hand: reportlab formats each of some ten thousand small numbers as if it were a measure.
        self._canvas.addLiteral(
            "\n".join(f"{column} {row} {width} {height} re" for column, row, width, height in symbol.bars)
        )
        self._canvas.addLiteral("f")
        self._canvas.restoreState()
