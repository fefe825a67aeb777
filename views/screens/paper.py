"""Paper: every number of the blocks, what waits for the printer, the day-end count, blank forms, registers and the station's leaflet.

Promise: what stands here is what the disk holds; nothing is recorded before the person asks for it; what leaves has its number first.

Source: the brief of the screens ("Paper"); issue "Paper that holds"; docs/adr/0141.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from typing import TypeVar

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QApplication, QWidget

from claims.day_end import DayEnd
from claims.errors import Bilingual, OutpostError
from claims.events import PaperKind
from claims.form_fields import FactValue
from claims.records import PaperRecord
from views.batch_printing import BatchPrinting
from views.controls.labels import Text
from views.controls.reading_order import read_in_order
from views.printing import PrintingDesk
from views.screens.case.draft_keeper import DraftKeeper
from views.screens.case.paper_outlet import PaperOutlet
from views.screens.folding_page import Fold, FoldingPage
from views.screens.paper_blanks import BlanksPanel, Entering, Preparing, Spoiling, paper_title
from views.screens.paper_blocks import BlocksPanel
from views.screens.paper_day_end import DayEndPanel
from views.screens.paper_jobs import LEAFLET_DRAFT, Loaded, day_sheet, encode_draft, issue_leaflet, load
from views.screens.paper_leaflet import LeafletPanel
from views.screens.paper_registers import RegistersPanel
from views.screens.paper_waiting import WaitingPanel, waits_for_printer
from views.workplace import Workplace

T = TypeVar("T")

_TITLE = Bilingual("单证", "Paper")
_LINE = Bilingual("号段、日结、空白单证与登记簿", "blocks, day-end, blank forms and registers")
_ENTERED = Bilingual("{paper} {number} 已补录到案件 {case}。", "{paper} {number} is entered for case {case}.")
_SPOILED = Bilingual("{number} 已作废，不再使用。", "{number} is spoiled and will not be used.")
_PREPARED = Bilingual("已取号 {count} 个：{first} 起。", "{count} numbers are taken, from {first} on.")
_NOT_PRINTED = Bilingual(
    "没有打印。单证已登记，在“等待打印”里或再按一次即可打印。",
    "Nothing was printed. The paper is on record; press again to print it.",
)


class PaperScreen(FoldingPage):
    """The screen. ``printing`` may be given to print without Qt's dialogs."""

    fold = Fold(beside=(760, 462), narrow=1120)

    def __init__(self, work: Workplace, parent: QWidget | None = None, *, printing: PrintingDesk | None = None) -> None:
        super().__init__(work, parent)
        self._printing = printing or PrintingDesk(work.ui, work.tasks, parent=self)
        self._day: date | None = None
        self._busy = False
        self._refusal: str | None = None
        """The code of what was refused last: it no longer stands once something else was tried."""
        self._keyboard: QWidget | None = None
        """What had the keyboard when it was turned off."""
        self._build()
        work.tasks.wrote.connect(self._reload_if_shown)
        self.tell()

    def opened(self) -> None:
        """Load everything afresh."""
        desk, preferences, day = self.work.desk, self.work.preferences, self._day
        self.work.tasks.run(lambda: load(desk, preferences, day), self._show, owner=self)

    def first_focus(self) -> QWidget:
        """The first count has the keyboard: whoever comes here mostly comes to count."""
        return self.day_end.fields[PaperKind.VOUCHER]

    def leave(self) -> bool:
        """Keep the leaflet that is being typed; what was refused here says nothing on another screen."""
        self._keeper.keep()
        self._dismiss_refusal()
        return True

    def tell(self) -> None:
        """Take measures again; everything inside tells itself."""
        self.measure_page()
        self._lay_out_later()

    # Building

    def _build(self) -> None:
        work, ui = self.work, self.work.ui
        page = self.lay_page()
        self.head.addWidget(Text(ui, _TITLE, size="title"))
        self.head.addWidget(Text(ui, _LINE, colour="text2"), 1)
        self.batch = BatchPrinting(work, printing=self._printing)
        page.addWidget(self.batch)
        self.batch.moved.connect(lambda: self._allow(busy=self._busy))
        self.outlet = PaperOutlet(work, self._printing, self)
        self.outlet.moved.connect(lambda: self._allow(busy=self._busy))
        self.outlet.stayed.connect(lambda _number, _title: self._say(_NOT_PRINTED))
        self.said = Text(ui, "", bold=True, colour="accent", wrap=True)
        self.said.hide()
        page.addWidget(self.said)
        self.lay_columns()
        self.day_end = DayEndPanel(ui)
        self.waiting = WaitingPanel(work, self.batch)
        self.registers = RegistersPanel(work)
        self.blocks = BlocksPanel(ui)
        self.blanks = BlanksPanel(ui)
        self.leaflet = LeafletPanel(ui)
        for box, panels in (
            (self.left, (self.day_end, self.waiting, self.registers)),
            (self.right, (self.blocks, self.blanks, self.leaflet)),
        ):
            for panel in panels:
                box.addWidget(panel)
        self.left.addStretch(1)
        self.right.addStretch(1)
        self.day_end.day_wanted.connect(self._show_day)
        self.day_end.count_wanted.connect(self._count)
        self.day_end.sheet_wanted.connect(self._print_sheet)
        self.blanks.wanted.connect(self._do_blank)
        self.leaflet.wanted.connect(self._print_leaflet)
        self._keeper = DraftKeeper(work, self._leaflet_draft, self)
        self.leaflet.edited.connect(self._keeper.keep_soon)
        self.day_end.refused.connect(self._refused)
        self.blanks.refused.connect(self._refused)

    def _lay_out_later(self) -> None:
        """Words that wrap deep inside tell the columns too early how high they are: ask once more when all of them have settled."""
        QTimer.singleShot(0, self, self._lay_out)

    def _lay_out(self) -> None:
        for box in (self.left, self.right, self.columns, self.page):
            box.invalidate()
        self.page.activate()

    # Showing

    def _reload_if_shown(self) -> None:
        if self.isVisible():
            self.opened()

    def _show(self, loaded: Loaded) -> None:
        # Both papers of the station may be printed on a roll.
        self.outlet.offered, self.outlet.size = loaded.printer, loaded.size
        self.blocks.show_blocks(loaded.blocks)
        self.waiting.show_papers([each for each in loaded.open if waits_for_printer(each)])
        self.blanks.show_today(loaded.today)
        self.blanks.show_out(loaded.open)
        self.registers.show_today(loaded.today)
        first = not self.leaflet.texts
        self.leaflet.show_form(loaded.leaflet, loaded.leaflet_draft)
        if first:
            # What stands there now needs no keeping.
            self._keeper.begin(encode_draft(self.leaflet.draft()))
        self._show_end(loaded.day, loaded.today)
        read_in_order(self)
        self._lay_out_later()

    def _show_end(self, found: DayEnd, today: date) -> None:
        self.day_end.show_day(found, today)
        self._allow(busy=self._busy)

    def _show_day(self, day: date) -> None:
        self._day = day
        self.opened()

    def _say(self, words: Bilingual) -> None:
        self.said.say(words)
        self.said.show()

    def _allow(self, *, busy: bool) -> None:
        self._busy = busy
        off = busy or self.batch.running or self.outlet.busy
        before = QApplication.focusWidget()
        self.day_end.allow(busy=off)
        self.blanks.allow(busy=off)
        self.leaflet.allow(busy=off)
        if before is not None and self.isAncestorOf(before) and not before.isEnabled():
            # A control that is turned off would hand the keyboard to the rail, where Enter leaves the screen.
            self._keyboard = before
            self.setFocus(Qt.FocusReason.OtherFocusReason)
        elif not off and self._keyboard is not None:
            if self.hasFocus():
                self._keyboard.setFocus(Qt.FocusReason.OtherFocusReason)
            self._keyboard = None

    def _leaflet_draft(self) -> tuple[str, bytes] | None:
        texts = self.leaflet.draft()
        return (LEAFLET_DRAFT, encode_draft(texts)) if texts else None

    # Doing

    def _run(self, job: Callable[[], T], then: Callable[[T], None]) -> None:
        """Do one thing at a time; what fails is shown, what was typed stays."""
        if self._busy:
            return
        self.said.hide()
        self._dismiss_refusal()
        self._allow(busy=True)

        def done(result: T) -> None:
            self._allow(busy=False)
            then(result)

        def failed(error: OutpostError) -> None:
            self._allow(busy=False)
            self._refused(error)

        self.work.tasks.run(job, done, owner=self, failed=failed, writes=True)

    def _count(self, counted: Mapping[PaperKind, int]) -> None:
        shown = self.day_end.shown
        if shown is None:
            return
        desk, day = self.work.desk, shown.day
        for code in ("count_missing", "count_unreadable", "count_negative", "day_in_future"):
            self.work.problems.dismiss(code)
        # What was written is loaded again with everything else.
        self._run(lambda: desk.count_day(day, counted), lambda _end: None)

    def _print_sheet(self) -> None:
        shown = self.day_end.shown
        if shown is not None:
            desk, day = self.work.desk, shown.day
            self._run(lambda: day_sheet(desk, day), self.outlet.print_paper)

    def _print_leaflet(self, entered: Mapping[str, FactValue]) -> None:
        desk = self.work.desk
        self.work.problems.dismiss("entries_refused")
        self._run(lambda: issue_leaflet(desk, entered), self.outlet.print_paper)

    def _do_blank(self, wanted: Preparing | Entering | Spoiling) -> None:
        desk = self.work.desk
        match wanted:
            case Preparing(paper=paper, count=count):
                self._run(lambda: desk.prepare_blanks(paper, count), self._prepared)
            case Entering() as form:
                self._run(
                    lambda: desk.enter_blank(
                        form.number, form.case_no, filled_on=form.filled_on, receiver=form.receiver
                    ),
                    self._entered,
                )
            case Spoiling(number=number, reason=reason):
                self._run(lambda: desk.spoil(number, reason), lambda _none: self._spoiled(number))

    def _prepared(self, papers: tuple[PaperRecord, ...]) -> None:
        values = {"count": len(papers), "first": papers[0].number}
        self.blanks.show_done(Bilingual(_PREPARED.zh.format(**values), _PREPARED.en.format(**values)))
        self.batch.print_batch([each.number for each in papers])

    def _entered(self, paper: PaperRecord) -> None:
        title = paper_title(paper)
        said = {"number": paper.number, "case": paper.case_no}
        self.blanks.show_done(
            Bilingual(_ENTERED.zh.format(paper=title.zh, **said), _ENTERED.en.format(paper=title.en, **said))
        )

    def _spoiled(self, number: str) -> None:
        self.blanks.show_done(Bilingual(_SPOILED.zh.format(number=number), _SPOILED.en.format(number=number)))

    def _dismiss_refusal(self) -> None:
        if self._refusal is not None:
            self.work.problems.dismiss(self._refusal)
            self._refusal = None

    def _refused(self, error: OutpostError) -> None:
        self._dismiss_refusal()
        self._refusal = error.code
        self.work.problems.show_error(error)
