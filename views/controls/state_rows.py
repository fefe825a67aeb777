"""Short lists of states: an icon, what it is, and at the right what was found or when it happened. For reading, not for touching.

Promise: a state is told by its icon and by its words; a row whose two sides don't fit beside each other takes two lines, nothing is
cut. The list is one widget however long it is; a screen reader reads it line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QFont, QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QWidget

from rules.bilingual import Bilingual
from views.controls.painting import paint_icon
from views.controls.wrapped import Wrapped
from views.presentation import Presentation, Told

_WRAP = int(Qt.TextFlag.TextWordWrap | Qt.TextFlag.TextWrapAnywhere)


@dataclass(frozen=True)
class StateRow:
    """One row. ``colour`` is the icon's token; ``bold`` for what has happened, plain for what is still to come."""

    icon: str
    name: Bilingual
    found: Bilingual
    colour: str = "accent"
    bold: bool = False
    found_colour: str = "text2"


class StateRows(Wrapped, Told):
    """The rows, ruled or not.

    Args:
        height: a height token, the least a row has.
        ruled: a line between rows.
    """

    def __init__(
        self, ui: Presentation, name: Bilingual, *, height: str, ruled: bool, parent: QWidget | None = None
    ) -> None:
        super().__init__(ui, parent)
        self._name, self._height, self._ruled = name, height, ruled
        self._rows: tuple[StateRow, ...] = ()
        self.tell()

    def show_rows(self, rows: Sequence[StateRow]) -> None:
        """Show these rows."""
        if tuple(rows) != self._rows:
            self._rows = tuple(rows)
            self.tell()

    @property
    def sentences(self) -> tuple[str, ...]:
        """The rows as they are read out."""
        say = self._ui.say
        return tuple(f"{say(row.name)} {say(row.found)}".strip() for row in self._rows)

    def tell(self) -> None:
        """Say and measure again."""
        self.setAccessibleName(self._ui.say(self._name))
        self.setAccessibleDescription(
            "；".join(self.sentences) if self._ui.words.code == "zh" else "; ".join(self.sentences)
        )
        self.updateGeometry()
        self.update()

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """All rows."""
        return sum(self._row_height(row, width) for row in self._rows)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the rows."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        top = 0
        for place, row in enumerate(self._rows):
            height = self._row_height(row, self.width())
            if self._ruled and place:
                width = look.tokens.lines[look.theme].get("row", look.line())
                painter.fillRect(0, top, self.width(), width, look.qcolor("line"))
            self._paint(painter, row, QRect(0, top, self.width(), height))
            top += height

    def _paint(self, painter: QPainter, row: StateRow, rect: QRect) -> None:
        look = self._ui.look
        pad, indent = look.space("panel"), self._indent()
        name, found = self._ui.say(row.name), self._ui.say(row.found)
        name_font, found_font = self._fonts(row)
        beside = self._beside(row, rect.width())
        line = look.line_height("body")
        first = rect if beside else QRect(rect.x(), rect.y() + look.space("s"), rect.width(), line)
        paint_icon(painter, look, row.icon, row.colour, 20, pad, first.center().y() + 1)
        painter.setFont(name_font)
        painter.setPen(look.qcolor("text" if row.bold or row.colour != "text3" else "text2"))
        room = QRect(indent, first.y(), rect.width() - indent - pad, first.height())
        if beside:
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignLeft), name)
        else:
            painter.drawText(QRect(room.x(), first.y(), room.width(), rect.height()), _WRAP, name)
            room = QRect(room.x(), first.y() + self._lines(name_font, name, room.width()), room.width(), rect.height())
        painter.setFont(found_font)
        painter.setPen(look.qcolor(row.found_colour))
        if beside:
            painter.drawText(room, int(Qt.AlignmentFlag.AlignVCenter | Qt.AlignmentFlag.AlignRight), found)
        else:
            painter.drawText(room, _WRAP, found)

    def _row_height(self, row: StateRow, width: int) -> int:
        look = self._ui.look
        least = look.height(self._height)
        if self._beside(row, width):
            return least
        name_font, found_font = self._fonts(row)
        room = width - self._indent() - look.space("panel")
        lines = self._lines(name_font, self._ui.say(row.name), room) + self._lines(
            found_font, self._ui.say(row.found), room
        )
        return max(least, lines + 2 * look.space("s"))

    def _beside(self, row: StateRow, width: int) -> bool:
        look = self._ui.look
        name_font, found_font = self._fonts(row)
        needed = QFontMetrics(name_font).horizontalAdvance(self._ui.say(row.name)) + look.space("m")
        needed += QFontMetrics(found_font).horizontalAdvance(self._ui.say(row.found))
        return needed <= width - self._indent() - look.space("panel")

    def _lines(self, font: QFont, text: str, width: int) -> int:
        if not text:
            return 0
        return QFontMetrics(font).boundingRect(QRect(0, 0, max(1, width), 10_000), _WRAP, text).height()

    def _fonts(self, row: StateRow) -> tuple[QFont, QFont]:
        look = self._ui.look
        return look.font("body", bold=row.bold), look.font("caption")

    def _indent(self) -> int:
        look = self._ui.look
        return look.space("panel") + look.px(20) + look.space("s")
