"""What stands in a list that has no rows: what will be here, or why there is nothing, in words.

Promise: no list is ever just blank once it was loaded; the list keeps the keyboard, so that its keys go on working.
"""

from __future__ import annotations

from typing import Any

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QVBoxLayout, QWidget

from views.controls.labels import Said, Text
from views.controls.row_list import RowList
from views.paged_rows import PagedRows
from views.presentation import Presentation, Told

_HIGH = 280


class EmptyNote(QWidget, Told):
    """Two lines in the upper part of a list, shown while it has no rows: a long empty list must not carry them out of sight."""

    def __init__(self, ui: Presentation, rows: PagedRows[Any], over: RowList, title: Said, text: Said = "") -> None:
        super().__init__(over.viewport())
        self._ui, self._rows, self._over = ui, rows, over
        self._title = Text(ui, title, bold=True, wrap=True)
        self._text = Text(ui, text, colour="text2", wrap=True)
        column = QVBoxLayout(self)
        column.setContentsMargins(ui.look.space("xl"), ui.look.space("m"), ui.look.space("xl"), ui.look.space("m"))
        column.setSpacing(ui.look.space("xs"))
        column.addStretch(2)
        for label in (self._title, self._text):
            label.setAlignment(Qt.AlignmentFlag.AlignHCenter)
            column.addWidget(label)
        column.addStretch(3)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        over.viewport().installEventFilter(self)
        rows.loaded.connect(lambda count: self._show(count == 0))
        rows.rowsInserted.connect(lambda *_: self._show(rows.rowCount() == 0))
        rows.rowsRemoved.connect(lambda *_: self._show(rows.rowCount() == 0))
        self.hide()

    def say(self, title: Said, text: Said = "") -> None:
        """Say something else."""
        self._title.say(title)
        self._text.say(text)
        self.tell()

    @property
    def words(self) -> str:
        """What is said, whether or not it is shown now."""
        return f"{self._title.full_text} {self._text.full_text}".strip()

    def tell(self) -> None:
        """Say it again; the list says the same to a screen reader."""
        # Widgets are told in no certain order, and the words below are the labels'.
        self._title.tell()
        self._text.tell()
        self._over.setAccessibleDescription(self.words if not self.isHidden() else "")

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Fill the list."""
        if event.type() is QEvent.Type.Resize and watched is self.parent():
            self._place()
        return False

    def _place(self) -> None:
        area = self._over.viewport().rect()
        area.setHeight(min(area.height(), max(self.minimumSizeHint().height(), self._ui.look.px(_HIGH))))
        self.setGeometry(area)

    def _show(self, empty: bool) -> None:
        self._place()
        self.setVisible(empty)
        self.tell()
