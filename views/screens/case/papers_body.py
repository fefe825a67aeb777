"""How the papers step is laid out below its head: tiles, under them the paper beside the form, at the right the check-list.

Promise: where there is little height the tiles lose their pictures, where there is little width the check-list goes below the paper;
nothing is squeezed until it can't be read.

Source: mock-up 03 (reader 572, check-list 238); docs/adr/0106.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt
from PySide6.QtWidgets import QBoxLayout, QScrollArea, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.overviews import CaseStanding
from views.controls.panel import Panel
from views.presentation import Presentation, Told
from views.screens.case.check_list import CheckList, RowState, check_rows
from views.screens.case.reading_panel import ReadingPanel
from views.screens.case.tile_strip import TileStrip

_LIST = Bilingual("清单", "Check-list")
_LIST_WIDTH, _LOWER_HEIGHT = 238, 200
_NARROW, _FULL_HEIGHT = 700, 500
"""Below the first width the check-list goes under the paper, below the second height the tiles lose their pictures (at 100 %)."""
_UNBOUNDED = 16_777_215


class PapersBody(QScrollArea, Told):
    """Everything below the head."""

    def __init__(
        self, ui: Presentation, strip: TileStrip, reading: ReadingPanel, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._ui, self._strip, self._reading = ui, strip, reading
        self.check_list = CheckList(ui)
        self.list_panel = Panel(ui, _LIST, padded=False)
        self.list_panel.body.addWidget(_scrolled(self.check_list))
        self._below = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._below.addWidget(reading, 1)
        self._below.addWidget(self.list_panel)
        inside = QWidget()
        inside.setObjectName("scrolled")
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(strip)
        column.addLayout(self._below, 1)
        _make_bare(self)
        self.setWidget(inside)
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
        self._strip.be_low(room.height() < look.px(_FULL_HEIGHT))
        narrow = room.width() < look.px(_NARROW)
        way = QBoxLayout.Direction.TopToBottom if narrow else QBoxLayout.Direction.LeftToRight
        self._below.setDirection(way)
        if narrow:
            # The paper and the form fill what is in sight; the check-list follows below.
            head = look.height("panel_head") + 2 * look.space("xs")
            self.list_panel.setMinimumWidth(0)
            self.list_panel.setMaximumWidth(_UNBOUNDED)
            self.list_panel.setFixedHeight(self.check_list.heightForWidth(self.viewport().width()) + head)
            in_sight = room.height() - self._strip.sizeHint().height()
            self._reading.setMinimumHeight(max(look.px(_LOWER_HEIGHT), in_sight))
        else:
            self.list_panel.setFixedWidth(look.px(_LIST_WIDTH))
            self.list_panel.setMinimumHeight(0)
            self.list_panel.setMaximumHeight(_UNBOUNDED)
            self._reading.setMinimumHeight(look.px(_LOWER_HEIGHT))


def _make_bare(area: QScrollArea) -> None:
    area.setWidgetResizable(True)
    area.setFrameShape(QScrollArea.Shape.NoFrame)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)


def _scrolled(content: QWidget) -> QScrollArea:
    """Return a list that scrolls where it is too long."""
    area = QScrollArea()
    _make_bare(area)
    holder = QWidget()
    holder.setObjectName("scrolled")
    column = QVBoxLayout(holder)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(content)
    column.addStretch(1)
    area.setWidget(holder)
    return area
