"""The desk: the day at a glance, the queue by the clock that runs out first, and the way to the next person.

Promise: nothing moves by itself: after a write and every minute the rows say what is new, each in its place; another order comes
only when a person asks for it or comes back. What is typed into the search goes on in People without a letter lost.

Source: the mock-up of the desk; docs/adr/0101.
"""

from __future__ import annotations

from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.overviews import Today
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.columns import TableHead
from views.controls.empty_note import EmptyNote
from views.controls.key_hints import KeyHints
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.scroll_area import bare_scroll
from views.controls.search_field import SearchField
from views.screens.case_list import queue_columns
from views.screens.desk_charts import CasesTodayPanel, OpenCasesPanel, PromisedPanel, day_words
from views.screens.desk_side import DeskSide, ReportDraft, report_drafts
from views.screens.living_cases import LivingCases
from views.tasks import Task
from views.workplace import Workplace

WIDE = 1150
"""From this width on (at 100 %) the side column stands beside the queue; below it the queue comes first, then the rest."""

_FIELD = 360
_ROWS_LEAST = 4
_ANY = 16_777_215
"""Qt's widest widget."""
PEOPLE_HINT = Bilingual("姓名、拼音首字母、证件号、电话", "Name, pinyin, ID, phone")


class DeskScreen(LivingCases):
    """The screen that stands here in the morning and after every person."""

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        self._columns = queue_columns(work.ui)
        super().__init__(work, self._columns, _QUEUE, parent)
        self._day_task: Task | None = None
        self._day_again = False
        self._make_controls()
        self._lay_out()
        self.tell()

    # What the frame calls

    def opened(self) -> None:
        """Load the day, the queue in the order of its clocks."""
        self._keep_chosen()
        self._rows.restart(lambda offset, limit, _cancelled: self.work.desk.queue(offset=offset, limit=limit))
        self.sort_button.hide()
        self._load_day()

    def renew(self) -> None:
        """Say what is new, every row in its place."""
        if self.isVisible():
            self._rows.renew(self._offer_order)
            self._load_day()

    def tell(self) -> None:
        """Take the measures again."""
        look = self.work.ui.look
        self.setAccessibleName(self.work.ui.say(_TITLE))
        self.search_field.setAccessibleDescription(self.work.ui.say(_GOES_ON))
        page, top, gap = look.space("page"), look.space("page_top_desk"), look.space("gap_panels")
        self._page.setContentsMargins(page, top, 0, top)
        # The side column's scroll bar stands in the page's right edge, outside the panels.
        self._title_row.setContentsMargins(0, 0, page, 0)
        self._charts.setContentsMargins(0, 0, page, 0)
        self._page.setSpacing(gap)
        self._title_row.setSpacing(look.space("l"))
        self._charts.setSpacing(gap)
        self._lower.setSpacing(gap)
        self.search_field.setMaximumWidth(look.px(_FIELD))
        self._arrange(force=True)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Put the side column beside the queue or below it."""
        super().resizeEvent(event)
        self._arrange()
        self._fit()

    # Making

    def _make_controls(self) -> None:
        ui = self.work.ui
        self.title = Text(ui, _TITLE, size="title")
        self._day = Text(ui, "", colour="text2")
        self.search_field = SearchField(ui, Bilingual("找人与保单", "Find people and policies"), PEOPLE_HINT)
        self.search_field.searched.connect(self._search)
        self.search_field.submitted.connect(lambda: self.work.navigator.search(""))
        self.search_field.left.connect(lambda: self.list.setFocus(Qt.FocusReason.OtherFocusReason))
        self._cases_today, self._promised, self._open_cases = CasesTodayPanel(ui), PromisedPanel(ui), OpenCasesPanel(ui)
        self._empty = EmptyNote(
            ui,
            self._rows,
            self.list,
            Bilingual("现在没有在办的案件", "No open case now"),
            Bilingual(
                "新建的理赔会按最先到时的时限排在这里。", "New claims stand here, the clock that runs out first on top."
            ),
        )
        self.queue_panel = Panel(ui, _QUEUE, padded=False)
        self.sort_button: ActionButton = ActionButton(
            ui, Bilingual("按时限重排", "Sort by clock"), role=ButtonRole.QUIET, key="R"
        )
        self.sort_button.clicked.connect(lambda _on: self.opened())
        self.sort_button.hide()
        if self.queue_panel.head is not None:
            self.queue_panel.head.addWidget(self.sort_button)
            self.queue_panel.head.addWidget(KeyHints(ui))
        self.queue_panel.body.addWidget(TableHead(ui, self._columns, self.list))
        self.queue_panel.body.addWidget(self.list, 1)
        self.side = DeskSide(ui, self.work.navigator)

    def _lay_out(self) -> None:
        content = QWidget()
        content.setObjectName("scrolled")
        self._page = QVBoxLayout(content)
        self._title_row = QHBoxLayout()
        self._title_row.addWidget(self.title)
        self._title_row.addWidget(self._day)
        self._title_row.addStretch(1)
        self._title_row.addWidget(self.search_field, 100)
        self._title_row.addWidget(self.new_button)
        self._page.addLayout(self._title_row)
        self._charts = QGridLayout()
        self._lower = QGridLayout()
        self._page.addLayout(self._lower, 1)
        self._side_scroll = _scroll_area(self.side)
        self._outer = _scroll_area(content)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.addWidget(self._outer)

    def _arrange(self, *, force: bool = False) -> None:
        look = self.work.ui.look
        wide = self.width() >= look.px(WIDE)
        if wide == self._wide and not force:
            return
        self._wide = wide
        for layout in (self._charts, self._lower):
            while layout.count():
                layout.takeAt(0)
        self._page.removeItem(self._charts)
        self._charts.setParent(None)
        if wide:
            for place, chart in enumerate((self._cases_today, self._promised, self._open_cases)):
                self._charts.addWidget(chart, 0, place)
            self._page.insertLayout(1, self._charts)
            self._lower.setContentsMargins(0, 0, 0, 0)
            self._lower.addWidget(self.queue_panel, 0, 0)
            self._lower.addWidget(self._side_scroll, 0, 1)
            self.side.setFixedWidth(look.width("desk_right"))
            self._side_scroll.setFixedWidth(look.width("desk_right") + look.space("page"))
            self._side_scroll.setMinimumHeight(0)
        else:
            self._charts.addWidget(self._cases_today, 0, 0)
            self._charts.addWidget(self._open_cases, 0, 1)
            self._charts.addWidget(self._promised, 1, 0, 1, 2)
            self._page.insertLayout(2, self._charts)
            self._lower.setContentsMargins(0, 0, look.space("page"), 0)
            self._lower.addWidget(self.queue_panel, 0, 0)
            self._lower.addWidget(self._side_scroll, 1, 0)
            for each in (self.side, self._side_scroll):
                each.setMinimumWidth(0)
                each.setMaximumWidth(_ANY)
        self._charts.setColumnStretch(0, 1)
        self._charts.setColumnStretch(1, 1)
        self._charts.setColumnStretch(2, 1 if wide else 0)
        self._fit()
        self._order()

    def _order(self) -> None:
        # Tab order is reading order; rows of the side column come and go.
        chain = (self.search_field, self.new_button, self.sort_button, self.list, *self.side.buttons)
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _fit(self) -> None:
        look = self.work.ui.look
        heads = look.height("panel_head") + look.height("table_head")
        least = heads + _ROWS_LEAST * look.height("table_row")
        if self._wide:
            self.queue_panel.setMinimumHeight(0)
            return
        # The queue fills the first page; the column below is part of the page and does not scroll by itself.
        title = look.height("primary") + 2 * look.space("page_top_desk") + look.space("gap_panels")
        self.queue_panel.setMinimumHeight(max(least, self.height() - title))
        self._side_scroll.setMinimumHeight(self.side.sizeHint().height())

    # Loading

    def _load_day(self) -> None:
        if self._day_task is not None and not self._day_task.over:
            # However much was written meanwhile, it is read once more.
            self._day_again = True
            return
        desk = self.work.desk

        def load() -> tuple[Today, tuple[ReportDraft, ...]]:
            return desk.today(), report_drafts(desk.drafts())

        self._day_again = False
        self._day_task = self.work.tasks.run(load, self._show_day, owner=self)

    def _show_day(self, found: tuple[Today, tuple[ReportDraft, ...]]) -> None:
        today, drafts = found
        self._day.say(day_words(today.at.at))
        for panel in (self._cases_today, self._promised, self._open_cases):
            panel.show_today(today)
        self.queue_panel.note(str(today.open_count))
        self._painter.now = today.at.at
        self.list.viewport().update()
        self.side.show_today(today)
        self.side.show_unfinished(today.unfinished_papers, drafts)
        self._fit()
        self._order()
        if self._day_again:
            self._load_day()

    def _offer_order(self, other: bool) -> None:
        self.sort_button.setVisible(other)

    def _search(self, text: str) -> None:
        if text.strip():
            self.search_field.empty()
            self.work.navigator.search(text)


_TITLE = Bilingual("工作台", "Desk")
_QUEUE = Bilingual("排队", "Queue")
_GOES_ON = Bilingual("键入后转到“人与保单”", "What is typed goes on in People")


def _scroll_area(content: QWidget) -> QScrollArea:
    area = bare_scroll()
    area.setWidget(content)
    area.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    return area
