"""How the papers step is laid out below its head: tiles, under them the paper beside the form, at the right the check-list.

Promise: where there is little height the tiles lose their pictures, where there is little width the check-list goes below the paper;
nothing is squeezed until it can't be read.

Source: mock-up 03 (reader 572, check-list 238); docs/adr/0106.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.overviews import CaseStanding
from views.controls.panel import Panel
from views.controls.scroll_area import bare_scroll, make_bare
from views.controls.turning_box import turn_box
from views.presentation import Told
from views.screens.case.check_list import CheckList, RowState, check_rows
from views.screens.case.facts_entry import FactsEntry
from views.screens.case.reading_panel import ReadingPanel
from views.screens.case.tile_strip import TileStrip
from views.workplace import Workplace

_LIST = Bilingual("清单", "Check-list")
_LIST_WIDTH, _LOWER_HEIGHT = 238, 200
_NARROW, _FULL_HEIGHT = 700, 500
"""Below the first width the check-list goes under the paper, below the second height the tiles lose their pictures (at 100 %)."""
_UNBOUNDED = 16_777_215


class PapersBody(QScrollArea, Told):
    """Everything below the head."""

    def __init__(self, work: Workplace, facts: FactsEntry, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ui = self._ui = work.ui
        # Parents are made before what stands in them: moving a whole tree of controls costs more than making it.
        inside = QWidget(self)
        make_bare(self, inside)
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        self.strip = TileStrip(ui, inside)
        column.addWidget(self.strip)
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        column.addLayout(self._below, 1)
        self.reading = ReadingPanel(work, facts, inside)
        self._below.addWidget(self.reading, 1)
        self.list_panel = Panel(ui, _LIST, padded=False, parent=inside)
        self._below.addWidget(self.list_panel)
        holder = QWidget(self.list_panel)
        self.list_panel.body.addWidget(bare_scroll(holder, self.list_panel))
        rows = QVBoxLayout(holder)
        rows.setContentsMargins(0, 0, 0, 0)
        self.check_list = CheckList(ui, holder)
        rows.addWidget(self.check_list)
        rows.addStretch(1)
        self.viewport().installEventFilter(self)
        self.tell()

    def show_list(self, standing: CaseStanding) -> None:
        """Show what is needed, there and waived."""
        rows = check_rows(standing)
        self.check_list.show_rows(rows)
        waived = sum(row.state is RowState.WAIVED for row in rows)
        needed = sum(row.state in (RowState.THERE, RowState.MISSING) for row in rows)
        note = Bilingual(f"需 {needed}", f"{needed} needed")
        if waived:
            note = Bilingual(f"需 {needed}，免 {waived}", f"{needed} needed, {waived} waived")
        self.list_panel.note(note)
        self._fold()

    def tell(self) -> None:
        """Measure again; the parts tell themselves."""
        self._below.setSpacing(self._ui.look.space("gap_case_panels"))
        self._fold()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """There is more or less room."""
        if watched is self.viewport() and event.type() is QEvent.Type.Resize:
            self._fold()
        return False

    def _fold(self) -> None:
        look = self._ui.look
        # Its own size: a scroll bar that comes must not fold what made it come.
        room = self.size()
        self.strip.be_low(room.height() < look.px(_FULL_HEIGHT))
        narrow = room.width() < look.px(_NARROW)
        turn_box(self._below, narrow=narrow)
        if narrow:
            # The paper and the form fill what is in sight; the check-list follows below.
            head = look.height("panel_head") + 2 * look.space("xs")
            self.list_panel.setMinimumWidth(0)
            self.list_panel.setMaximumWidth(_UNBOUNDED)
            self.list_panel.setFixedHeight(self.check_list.heightForWidth(self.viewport().width()) + head)
            in_sight = room.height() - self.strip.sizeHint().height()
            self.reading.setMinimumHeight(max(look.px(_LOWER_HEIGHT), in_sight))
        else:
            self.list_panel.setFixedWidth(look.px(_LIST_WIDTH))
            self.list_panel.setMinimumHeight(0)
            self.list_panel.setMaximumHeight(_UNBOUNDED)
            self.reading.setMinimumHeight(look.px(_LOWER_HEIGHT))
