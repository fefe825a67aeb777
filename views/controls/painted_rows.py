"""Rows of words painted by one widget: as high as its words need at the width there is, cheap however many rows there are.

Promise: the height follows the width, the language and the type size at once; nothing is cut. A screen reader gets every row.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.controls.text_lines import wrapped
from views.presentation import Presentation, Told


class PaintedRows(QWidget, Told):
    """``measure`` places everything in a width and returns the height; ``said`` is what the rows say, one text a row."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)

    def measure(self, width: int) -> int:
        """Place the rows in a width, keep where they are, and return how high they are together."""
        raise NotImplementedError

    def said(self) -> tuple[str, ...]:
        """Return the rows in words."""
        raise NotImplementedError

    def tell(self) -> None:
        """Measure and say everything again."""
        self.setAccessibleDescription("\n".join(self.said()))
        self._take_height()
        self.update()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Break the lines anew."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self._take_height()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as it was measured."""
        return QSize(self._ui.look.px(240), self.height())

    def lines(self, text: str, width: int, *, size: str = "caption", bold: bool = False) -> tuple[str, ...]:
        """Return a text's lines in a type size of the look."""
        return wrapped(text, self._ui.look.font(size, bold=bold), width)

    def advance(self, text: str, *, size: str = "caption", bold: bool = False) -> int:
        """Return how wide a text is."""
        return QFontMetrics(self._ui.look.font(size, bold=bold)).horizontalAdvance(text)

    def paint_lines(
        self,
        painter: QPainter,
        lines: tuple[str, ...],
        rect: QRect,
        *,
        size: str = "caption",
        colour: str = "text2",
        bold: bool = False,
        right: bool = False,
    ) -> None:
        """Draw lines from the top of a rectangle."""
        look = self._ui.look
        painter.setFont(look.font(size, bold=bold))
        painter.setPen(look.qcolor(colour))
        side = Qt.AlignmentFlag.AlignRight if right else Qt.AlignmentFlag.AlignLeft
        high = look.line_height(size)
        for place, line in enumerate(lines):
            row = QRect(rect.x(), rect.y() + place * high, rect.width(), high)
            painter.drawText(row, Qt.AlignmentFlag.AlignVCenter | side, line)

    def paint_rule(self, painter: QPainter, y: int) -> None:
        """Draw the line between two rows, ending at ``y``."""
        look = self._ui.look
        width = look.tokens.lines[look.theme].get("row", look.line())
        painter.fillRect(0, y - width, self.width(), width, look.qcolor("line"))

    def _take_height(self) -> None:
        height = self.measure(max(1, self.width()))
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)
