"""What the screens over cases have in common: they are told anew every minute, and come back to the case that was chosen.

Promise: nothing is read while nobody looks; a row that was chosen is chosen again wherever it stands by then.

Source: docs/adr/0101.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer
from PySide6.QtGui import QHideEvent, QShowEvent
from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual
from claims.overviews import CaseRow
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.columns import Columns
from views.controls.row_list import RowList
from views.paged_rows import PagedRows
from views.screens.case_list import CaseRowPainter, say_row
from views.workplace import Screen, Workplace


class LivingCases(Screen):
    """A screen with one list of cases. The class that lays it out gives it the columns and says how to ``renew``."""

    def __init__(self, work: Workplace, columns: Columns, name: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        ui = work.ui
        self._wide: bool | None = None
        self._wanted: str | None = None
        self.new_button = ActionButton(
            ui, Bilingual("新建理赔", "New claim"), role=ButtonRole.PRIMARY, icon="plus", key="N", tall=True
        )
        self.new_button.clicked.connect(lambda _on: work.navigator.new_claim())
        self._painter = CaseRowPainter(ui, columns, self)
        self._rows: PagedRows[CaseRow] = PagedRows(
            work.tasks,
            lambda row: say_row(ui, row, self._painter.now),
            key=lambda row: row.case.case_no,
            parent=self,
        )
        self.list = RowList(ui, self._rows, self._painter, name)
        self.list.opened.connect(self._open)
        self._rows.loaded.connect(self._loaded)
        self._timer = QTimer(self)
        self._timer.setInterval(round(ui.look.tokens.clock["refresh_seconds"] * 1000))
        self._timer.timeout.connect(self.renew)
        work.tasks.wrote.connect(self.renew)

    def renew(self) -> None:
        """Say what is new, every row in its place."""
        raise NotImplementedError

    def first_focus(self) -> QWidget:
        """The list."""
        return self.list

    def case_rows(self) -> Sequence[CaseRow]:
        """Return the rows as they stand."""
        return self._rows.rows()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """The minute counts only while somebody sees it."""
        super().showEvent(event)
        self._timer.start()

    def hideEvent(self, event: QHideEvent) -> None:  # noqa: N802 - Qt's name
        """Stop the minute."""
        super().hideEvent(event)
        self._timer.stop()

    def _keep_chosen(self) -> None:
        chosen = self.list.current_row()
        self._wanted = chosen.case.case_no if isinstance(chosen, CaseRow) else None

    def _loaded(self, _count: int) -> None:
        wanted, self._wanted = self._wanted, None
        if wanted is not None:
            place = next((n for n, row in enumerate(self._rows.rows()) if row.case.case_no == wanted), None)
            if place is not None:
                self.list.select(place)

    def _open(self, row: object) -> None:
        if isinstance(row, CaseRow):
            self.work.navigator.open_case(row.case.case_no)
