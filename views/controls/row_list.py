"""A list of rows as high as a hand: selection with J, K and arrows, opened with Enter or a double click; a delegate paints a row.

Promise: selection is drawn over the row's edge, so nothing shifts; the selected row stays selected when rows are appended.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QModelIndex, QPersistentModelIndex, QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter
from PySide6.QtWidgets import QAbstractItemView, QListView, QStyle, QStyledItemDelegate, QStyleOptionViewItem, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import draw_words, paint_box
from views.paged_rows import ROW_ROLE, PagedRows
from views.presentation import Presentation, Told

_Index = QModelIndex | QPersistentModelIndex


class RowPainter(QStyledItemDelegate):
    """Paints rows: background, hover, selection bar and the line below; ``paint_row`` draws what is in it."""

    def __init__(self, ui: Presentation, height: str = "table_row", parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.ui = ui
        self._height = height

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:
        """Draw one row into ``rect``."""
        raise NotImplementedError

    def sizeHint(self, _option: QStyleOptionViewItem, _index: _Index) -> QSize:  # noqa: N802 - Qt's name
        """All rows are equally high."""
        return QSize(0, self.ui.look.height(self._height))

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: _Index) -> None:
        """Draw the frame of the row and then the row."""
        look = self.ui.look
        rect: QRect = option.rect
        state = option.state
        selected = bool(state & QStyle.StateFlag.State_Selected)
        painter.save()
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if selected:
            painter.fillRect(rect, look.qcolor("accent_soft"))
        elif state & QStyle.StateFlag.State_MouseOver:
            painter.fillRect(rect, look.qcolor("hover"))
        width = look.tokens.lines[look.theme].get("row", look.line())
        painter.fillRect(rect.x(), rect.bottom() - width + 1, rect.width(), width, look.qcolor("line"))
        if selected:
            painter.fillRect(rect.x(), rect.y(), look.line("selection_bar"), rect.height(), look.qcolor("accent"))
        if selected and state & QStyle.StateFlag.State_HasFocus:
            frame = QRect(rect.x(), rect.y(), rect.width(), rect.height() - width)
            paint_box(painter, frame, None, look.qcolor("focus"), look.line("focus"), 0)
        row = index.data(ROW_ROLE)
        if row is not None:
            self.paint_row(painter, rect, row, selected=selected)
        painter.restore()

    def words(
        self,
        painter: QPainter,
        rect: QRect,
        text: str,
        *,
        size: str = "body",
        colour: str = "text",
        bold: bool = False,
        right: bool = False,
    ) -> int:
        """Draw one line of text, cut to the rectangle; return the width drawn."""
        return draw_words(painter, self.ui.look, rect, text, size=size, colour=colour, bold=bold, right=right)


class RowList(QListView, Told):
    """The view. ``opened`` carries the row that was opened, ``chosen`` the one the selection moved to."""

    opened = Signal(object)
    chosen = Signal(object)

    def __init__(
        self,
        ui: Presentation,
        rows: PagedRows[Any],
        painter: RowPainter,
        name: Bilingual,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._rows, self._name = ui, rows, name
        self.setModel(rows)
        self.setItemDelegate(painter)
        self.setUniformItemSizes(True)
        self.setMouseTracking(True)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setVerticalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setEditTriggers(QAbstractItemView.EditTrigger.NoEditTriggers)
        self.activated.connect(self._open)
        self.selectionModel().currentChanged.connect(lambda now, _before: self._choose(now))
        rows.modelReset.connect(self._select_first)
        self.tell()

    def tell(self) -> None:
        """Say the name again and measure the rows again."""
        self.setAccessibleName(self._ui.say(self._name))
        self.scheduleDelayedItemsLayout()
        self.viewport().update()

    def current_row(self) -> object | None:
        """Return the selected row, None where the list is empty."""
        return self._rows.row_at(self.currentIndex())

    def select(self, place: int) -> None:
        """Select a row by its place; harmless when there is none."""
        if 0 <= place < self._rows.rowCount():
            self.setCurrentIndex(self._rows.index(place, 0))

    def step(self, by: int) -> None:
        """Move the selection; at the ends it stays."""
        self.select(max(0, min(self._rows.rowCount() - 1, self.currentIndex().row() + by)))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """J and K move like the arrows; Enter opens. Other letters are not eaten by Qt's type-ahead."""
        if event.key() in (Qt.Key.Key_J, Qt.Key.Key_K):
            self.step(1 if event.key() == Qt.Key.Key_J else -1)
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._open(self.currentIndex())
        elif event.text() and event.text().isprintable():
            event.ignore()
        else:
            super().keyPressEvent(event)

    def _open(self, index: _Index) -> None:
        row = self._rows.row_at(index)
        if row is not None:
            self.opened.emit(row)

    def _choose(self, index: _Index) -> None:
        row = self._rows.row_at(index)
        if row is not None:
            self.chosen.emit(row)

    def _select_first(self) -> None:
        self.select(0)
