"""Cases: every case on this laptop, found as one types, behind chips that say how many there are of a kind.

Promise: the rows always belong to the text and the chip that are shown; counts come after the first page and never hold it up.

Source: the brief of the screens ("Cases"); docs/adr/0101.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from itertools import pairwise

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.overviews import CaseFilter, CaseRow
from views.controls.columns import TableHead
from views.controls.empty_note import EmptyNote
from views.controls.filter_chips import FilterChips
from views.controls.key_hints import KeyHints
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.search_field import SearchField
from views.lanes import Lane
from views.live_search import LiveSearch
from views.screens.case_list import cases_columns, narrow_cases_columns
from views.screens.living_cases import LivingCases
from views.workplace import Workplace

FILTERS = (
    (CaseFilter.ALL, Bilingual("全部", "All")),
    (CaseFilter.OPEN, Bilingual("在办", "Open")),
    (CaseFilter.MISSING_PAPERS, Bilingual("缺材料", "Papers missing")),
    (CaseFilter.TO_PRINT, Bilingual("待出单", "To print")),
    (CaseFilter.REFERRED, Bilingual("转总部", "Referred")),
    (CaseFilter.DISK_ONLY, Bilingual("仅本机", "Disk only")),
    (CaseFilter.SENT_BACK, Bilingual("总部退回", "Sent back")),
    (CaseFilter.DONE, Bilingual("已办结", "Done")),
)
WIDE = 1150
"""From this width on (at 100 %) a case is one line; below it two."""

_FIELD = 360
_TITLE = Bilingual("案件", "Cases")


class CasesScreen(LivingCases):
    """The list of all cases."""

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        self._one_line, self._two_lines = cases_columns(work.ui), narrow_cases_columns(work.ui)
        super().__init__(work, self._one_line, _TITLE, parent)
        self._make_controls()
        self._lay_out()
        # In the lane of the rows, so it comes after the first page.
        self._counting: LiveSearch[Mapping[CaseFilter, int]] = LiveSearch(
            work.tasks,
            lambda text, _cancelled: work.desk.count_cases(text),
            lambda _text, counts: self._show_counts(counts),
            also_empty=True,
            lane=Lane.STORE,
            parent=self,
        )
        self.tell()

    # What the frame calls

    def opened(self) -> None:
        """Load the rows of the text and chip that were left here."""
        self._keep_chosen()
        self._search()

    def show_only(self, only: CaseFilter) -> None:
        """Show one kind of case, whatever was searched before."""
        self.chips.turn_on(only)
        self.search_field.empty()
        self._search()

    def renew(self) -> None:
        """Say what is new, every row in its place."""
        if self.isVisible():
            self._rows.renew()
            self._counting.search(self.search_field.text())

    def tell(self) -> None:
        """Take the measures again."""
        look = self.work.ui.look
        self.setAccessibleName(self.work.ui.say(_TITLE))
        page, top = look.space("page"), look.space("page_top_desk")
        self._page.setContentsMargins(page, top, page, top)
        self._page.setSpacing(look.space("gap_panels"))
        self._title_row.setSpacing(look.space("l"))
        self.search_field.setMaximumWidth(look.px(_FIELD))
        self._arrange(force=True)

    # Qt

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """One line or two."""
        super().resizeEvent(event)
        self._arrange()

    # Making

    def _make_controls(self) -> None:
        ui = self.work.ui
        self._title = Text(ui, _TITLE, size="title")
        self._total = Text(ui, "", colour="text2")
        self.search_field = SearchField(
            ui, Bilingual("找案件", "Find cases"), Bilingual("姓名、案件号、保单号", "Name, case or policy number")
        )
        self.search_field.searched.connect(lambda _text: self._search())
        self.search_field.submitted.connect(self._open_current)
        self.search_field.left.connect(lambda: self.list.setFocus(Qt.FocusReason.OtherFocusReason))
        self.chips: FilterChips[CaseFilter] = FilterChips(ui, FILTERS, Bilingual("只看", "Show only"))
        self.chips.picked.connect(lambda _only: self._search())
        self.search_field.stepped.connect(self.list.step)
        self.empty_note = EmptyNote(ui, self._rows, self.list, "")
        self._head = TableHead(ui, self._one_line, self.list)
        self._panel = Panel(ui, padded=False)
        self._keys = KeyHints(ui)
        self._panel.body.addWidget(self._head)
        self._panel.body.addWidget(self.list, 1)

    def _lay_out(self) -> None:
        self._page = QVBoxLayout(self)
        self._title_row = QHBoxLayout()
        self._title_row.addWidget(self._title)
        self._title_row.addWidget(self._total)
        self._title_row.addStretch(1)
        self._title_row.addWidget(self.search_field, 100)
        self._title_row.addWidget(self.new_button)
        self._page.addLayout(self._title_row)
        self._filter_row = QHBoxLayout()
        self._filter_row.addWidget(self.chips, 1)
        self._filter_row.addWidget(self._keys)
        self._page.addLayout(self._filter_row)
        self._page.addWidget(self._panel, 1)
        chain = (self.search_field, self.new_button, *(self.chips.button(each) for each, _ in FILTERS), self.list)
        for before, after in pairwise(chain):
            QWidget.setTabOrder(before, after)

    def _arrange(self, *, force: bool = False) -> None:
        wide = self.width() >= self.work.ui.look.px(WIDE)
        if wide == self._wide and not force:
            return
        self._wide = wide
        self._keys.setVisible(wide)
        columns = self._one_line if wide else self._two_lines
        self._painter.use(columns, two_lines=not wide)
        self._head.use(columns)
        self.list.scheduleDelayedItemsLayout()

    # Searching

    def _search(self) -> None:
        self._say_empty()
        self._rows.restart(self._fetching(), failed=self._could_not)
        self._counting.search(self.search_field.text())

    def _fetching(self) -> Callable[[int, int, Callable[[], bool]], Sequence[CaseRow]]:
        desk, tasks = self.work.desk, self.work.tasks
        text, only = self.search_field.text().strip(), self.chips.value

        def fetch(offset: int, limit: int, _cancelled: Callable[[], bool]) -> Sequence[CaseRow]:
            now = desk.time().at
            tasks.post(lambda: self._say_time(now))
            return desk.case_rows(text, only, offset=offset, limit=limit)

        return fetch

    def _show_counts(self, counts: Mapping[CaseFilter, int]) -> None:
        self.chips.show_counts({only: f"{count:,}" for only, count in counts.items()})
        total = counts.get(CaseFilter.ALL, 0)
        zh, en = (
            (f"找到 {total:,} 件", f"{total:,} found")
            if self.search_field.text().strip()
            else (f"{total:,} 件", f"{total:,}")
        )
        order = ("，最新的在上", ", newest first") if total else ("", "")
        self._total.say(Bilingual(zh + order[0], en + order[1]))

    def _say_time(self, now: datetime) -> None:
        self._painter.now = now
        self.list.viewport().update()

    def _say_empty(self) -> None:
        text, only = self.search_field.text().strip(), self.chips.value
        if text:
            self.empty_note.say(
                Bilingual(f"没有找到“{text}”的案件", f"No case found for “{text}”"),
                Bilingual(
                    "换姓名、案件号或保单号再试；按 Esc 清空。",
                    "Try a name, a case or a policy number; Esc clears the search.",
                ),
            )
        elif only is CaseFilter.ALL:
            self.empty_note.say(
                Bilingual("本机还没有案件", "No case on this laptop yet"),
                Bilingual("按 N 新建理赔，案件会列在这里。", "Press N for a new claim; it will stand here."),
            )
        else:
            name = dict(FILTERS)[only]
            self.empty_note.say(
                Bilingual(f"没有“{name.zh}”的案件", f"No case under “{name.en}”"),
                Bilingual("点“全部”看其余案件。", "Choose All to see the others."),
            )

    def _could_not(self, error: OutpostError) -> None:
        self.empty_note.say(error.cause, error.next_step)
        self._rows.show_rows(())
        self.work.problems.show_error(error, retry=self._search)

    def _open_current(self) -> None:
        # Only what stands under the text that is shown: a page still on its way is another search's.
        if not self._rows.busy:
            self._open(self.list.current_row())
