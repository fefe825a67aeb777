"""All papers of a case beside its steps: choose one, fill it in, see it, have it signed, print it, hand it over.

Promise: a paper has its number on the disk before anybody sees its page; *printed* and *handed over* are recorded when they happened and not
before; what was typed is kept until the paper has its number. One next action at a time, by mouse and by keyboard.

Source: issue "Paper that holds"; design.md "Vouchers"; docs/adr/0140.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from claims.document_types import EntriesRefusedError, PossiblePaper
from claims.errors import Bilingual, OutpostError
from claims.overviews import CaseStanding
from claims.paper_definitions import PaperId, PaperSize, paper_definition
from views.batch_printing import BatchPrinting
from views.case_words import paper_name
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Chip, Tone
from views.controls.labels import Text
from views.controls.message import Message
from views.controls.reading_order import read_in_order
from views.printing import PrintingDesk
from views.screens.case.document_form import DocumentForm
from views.screens.case.document_jobs import (
    LoadedForm,
    LoadedSheet,
    ask,
    draft_id,
    read_form,
    read_possible,
    read_sheet,
    record,
)
from views.screens.case.document_list import DocumentList
from views.screens.case.document_next import BACK, LACKS, SheetWays, listed, next_on_list, next_on_sheet
from views.screens.case.document_sheet import DocumentSheet
from views.screens.case.documents_button import DOCUMENTS
from views.screens.case.draft_keeper import DraftKeeper
from views.screens.case.paper_flow import receiver_of
from views.screens.case.paper_outlet import PaperOutlet
from views.screens.case.step_panel import NextAction, StepPanel
from views.workplace import Beside, Workplace

_ISSUE = Bilingual("出具", "Issue")
_SAVING = Bilingual("正在存盘…", "Saving…")
_PRINTING = Bilingual("正在打印…", "Printing…")
_ASKING = Bilingual("请在打开的窗口里选择", "Choose in the window that is open")
_NOTE_ISSUE = Bilingual("出具后就有号码，内容不能再改", "It gets its number; the contents are fixed then")
_WRONG = Bilingual("还不能出具", "It can't be issued yet")
_WRONG_TEXT = Bilingual("请改好标红的地方，再出具。", "Mend what is marked, then issue it.")
_NOT_YET = Bilingual("还不能记下签字", "The signatures can't be recorded yet")
_AS_BEFORE = Bilingual(
    "号码和内容都在，状态没有变，随时可以再来。",
    "Number and contents are kept and nothing changed; do it again any time.",
)
_COPIED = Bilingual("阅读件已打印或存好", "The reading copy is out")
_COPIED_TEXT = Bilingual("它不编号，也不登记。", "It has no number and no record.")
_SAME = Bilingual("这份文书已经出过", "This paper was issued before")
_SAME_TEXT = Bilingual(
    "内容没有变，所以没有另占号码。要多一张纸，请重印。",
    "Nothing in it changed, so no further number is used. For another sheet reprint it.",
)


class DocumentsPanel(StepPanel):
    """The panel. ``printing`` may be given to print without Qt's dialogs."""

    step = Beside.DOCUMENTS

    def __init__(self, work: Workplace, parent: QWidget | None = None, *, printing: PrintingDesk | None = None) -> None:
        super().__init__(work, parent)
        ui = work.ui
        self._standing: CaseStanding | None = None
        self._possible: tuple[PossiblePaper, ...] = ()
        self._paper: PaperId | None = None
        self._form: LoadedForm | None = None
        self._number: str | None = None
        self._same: str | None = None
        self._size: PaperSize | None = None
        self._busy = False
        printer = printing or PrintingDesk(ui, work.tasks, parent=self)
        self.outlet = PaperOutlet(work, printer, self)
        self._keeper = DraftKeeper(work, self._draft, self)
        self.back = ActionButton(ui, BACK, role=ButtonRole.QUIET, icon="back")
        self._title = Text(ui, DOCUMENTS, size="title")
        self.chip = Chip(ui, "", icon="paper")
        self._notice = Message(ui, "", "", tone=Tone.AMBER)
        self.batch = BatchPrinting(work, printing=printer)
        self.list = DocumentList(ui)
        self.form = DocumentForm(ui, work.tasks)
        self.sheet = DocumentSheet(work)
        self._build()
        self._wire()
        self.tell()

    def _build(self) -> None:
        self._column = QVBoxLayout(self)
        self._head = QHBoxLayout()
        self._strut = QWidget()
        self._head.addWidget(self.back)
        self._head.addWidget(self._title)
        self._head.addStretch(1)
        self._head.addWidget(self._strut)
        self._head.addWidget(self.chip, 0, Qt.AlignmentFlag.AlignVCenter)
        self._stack = QStackedWidget()
        for view in (self.list, self.form, self.sheet):
            self._stack.addWidget(view)
        self._column.addLayout(self._head)
        self._column.addWidget(self._notice)
        self._column.addWidget(self.batch)
        self._column.addWidget(self._stack, 1)
        read_in_order(self)
        self._notice.hide()
        self._show_head()

    def _wire(self) -> None:
        self.back.clicked.connect(lambda _checked: self.show_list())
        self._notice.closed.connect(self._notice.hide)
        self.list.wanted.connect(self.fill_in)
        self.list.opened.connect(self.open_paper)
        self.list.batch_wanted.connect(self._print_all)
        self.form.edited.connect(self._keeper.keep_soon)
        self.form.completed.connect(self._on_completed)
        self.sheet.reading_wanted.connect(self._read_copy)
        self.sheet.turned.connect(self.next_changed)
        self.sheet.size_chosen.connect(self._on_size)
        self.sheet.signers.edited.connect(self.next_changed)
        actions = self.sheet.paper_actions
        actions.reprint_wanted.connect(self._print)
        actions.save_wanted.connect(self._save)
        actions.stop_wanted.connect(self.outlet.stop)
        actions.void_wanted.connect(self._void)
        self.sheet.reading.print_wanted.connect(lambda: self._give_copy(self.outlet.print_copy))
        self.sheet.reading.save_wanted.connect(lambda: self._give_copy(self.outlet.save_copy))
        self.outlet.moved.connect(self._on_moved)
        self.outlet.drawn.connect(self._load)
        self.outlet.recorded.connect(self.wrote)
        self.outlet.stayed.connect(self._not_out)
        self.outlet.copied.connect(lambda: self._say(_COPIED, _COPIED_TEXT))
        self.batch.moved.connect(self._on_moved)
        self.batch.recorded.connect(lambda _number: self.wrote.emit())
        self.batch.ended.connect(self.wrote)

    # The contract of a step

    def show_standing(self, standing: CaseStanding) -> None:
        """Show a case; another one is shown from its list."""
        before = self._standing
        self._standing = standing
        if before is not None and before.case.case_no != standing.case.case_no:
            self._forget()
        self._load()

    def next_action(self) -> NextAction | None:
        """Return the one thing to do now."""
        standing = self._standing
        if standing is None:
            return None
        here = self._stack.currentWidget()
        action = (
            next_on_list(standing, self.list.issued_papers, self.open_paper, self.go_to.emit)
            if here is self.list
            else self._form_action()
            if here is self.form
            else self._sheet_action()
        )
        if action is None:
            return None
        if self.outlet.printing or self.batch.running:
            return replace(action, allowed=False, why_not=_PRINTING)
        if self.outlet.busy:
            return replace(action, allowed=False, why_not=_ASKING)
        return replace(action, allowed=False, why_not=_SAVING) if self._busy else action

    def first_focus(self) -> QWidget:
        """The first paper, the first field, or the page."""
        here = self._stack.currentWidget()
        if here is self.form:
            return self.form.first_focus()
        return self.sheet.first_focus() if here is self.sheet else self.list.first_row() or self

    def leave(self) -> None:
        """Keep what was typed."""
        self._keeper.keep()

    # What is shown

    def show_list(self) -> None:
        """Show all papers of the case."""
        self._keeper.keep()
        self._paper = self._form = self._number = None
        self._show_view(self.list)
        self._load()

    def fill_in(self, paper: PaperId) -> None:
        """Show the form of a paper."""
        standing = self._standing
        if standing is None:
            return
        desk, case_no = self.work.desk, standing.case.case_no
        self._paper, self._number = paper, None

        def loaded(found: LoadedForm) -> None:
            if self._paper is paper and self._standing is not None and self._standing.case.case_no == case_no:
                self._form = found
                self.form.show_form(found.form, found.draft, found.today)
                self._keeper.begin(None if found.draft is None else msgspec.json.encode(found.draft))
                self._show_view(self.form)

        self.work.tasks.run(lambda: read_form(desk, case_no, paper), loaded, owner=self)

    def _on_completed(self) -> None:
        focused = QApplication.focusWidget()
        if self._stack.currentWidget() is self.form and (focused is None or focused in (self, self.form)):
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)
        self.next_changed.emit()

    def open_paper(self, number: str) -> None:
        """Show an issued paper."""
        self._keeper.keep()
        self._paper = self._form = None
        self._number = number
        self._load()

    def _load(self) -> None:
        """Read what is shown."""
        standing, number = self._standing, self._number
        if standing is None:
            return
        desk, case_no, preferences = self.work.desk, standing.case.case_no, self.work.preferences
        chosen = self._size

        def job() -> tuple[tuple[PossiblePaper, ...], LoadedSheet | None, PaperSize]:
            kept = preferences.load()
            # What is chosen here is kept in another lane, perhaps later than this.
            size = chosen or PaperSize(kept.paper)
            sheet = None if number is None else read_sheet(desk, number, size, kept.printer)
            return read_possible(desk, case_no), sheet, size

        def loaded(found: tuple[tuple[PossiblePaper, ...], LoadedSheet | None, PaperSize]) -> None:
            if self._standing is None or self._standing.case.case_no != case_no or self._number != number:
                return
            self._possible, sheet, size = found
            self._size = self._size or size
            self.list.show_papers(self._possible)
            had = self._has_keyboard()
            if sheet is not None:
                self.outlet.offered = sheet.printer
                self.sheet.show_sheet(sheet, receiver_of(self._standing, sheet.paper), self._size)
                self.outlet.size = self.sheet.sizes.current
                self._show_view(self.sheet)
                self._tell_same(sheet.paper.number)
            self._show_head()
            self._on_moved()
            if self.hasFocus() or (had and not self._has_keyboard()):
                # The page gave the panel the keyboard before anything was there to have it, or what had it is no longer asked.
                self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

        self.work.tasks.run(job, loaded, owner=self)

    def _tell_same(self, number: str) -> None:
        """Say, once it is shown, that a paper was there before."""
        if self._same == number:
            self._say(_SAME, _SAME_TEXT)
        self._same = None

    def _show_view(self, view: QWidget) -> None:
        """Bring one of the three to the front; the keyboard follows where it was inside the panel."""
        here = self._stack.currentWidget()
        had = self._has_keyboard()
        if view is not here:
            self._notice.hide()
            self._stack.setCurrentWidget(view)
        self._show_head()
        if view is not here and had:
            self.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)
        self.next_changed.emit()

    def _has_keyboard(self) -> bool:
        focused = QApplication.focusWidget()
        return focused is not None and (focused is self or self.isAncestorOf(focused))

    def _show_head(self) -> None:
        here = self._stack.currentWidget()
        self.back.setVisible(here is not self.list)
        name, chip = DOCUMENTS, ""
        if here is self.form and self._paper is not None:
            name = paper_definition(self._paper).title
        elif here is self.sheet and self.sheet.loaded is not None:
            name, chip = paper_name(self.sheet.loaded.paper), self.sheet.loaded.paper.number
        self._title.say(name)
        self.chip.say(chip)
        self.chip.setVisible(bool(chip))

    def _forget(self) -> None:
        self._paper = self._form = self._number = None
        self._possible = ()
        self._size = None
        self._notice.hide()
        self.form.clear()
        self.sheet.clear()
        self.list.show_papers(())
        if not self.batch.running:
            self.batch.hide()
        self._stack.setCurrentWidget(self.list)
        self._show_head()

    def _say(self, title: Bilingual, text: Bilingual) -> None:
        self._notice.say(title, text)
        self._notice.show()

    def _on_moved(self) -> None:
        busy = self._busy or self.outlet.busy or self.batch.running
        self.sheet.paper_actions.show_printing(self.outlet.printing, busy=busy)
        self.list.print_all.setEnabled(not busy)
        self.next_changed.emit()

    # The next action

    def _form_action(self) -> NextAction | None:
        ready = self._form is not None and self.form.complete
        return NextAction(_ISSUE, self._issue, note=_NOTE_ISSUE) if ready else None

    def _sheet_action(self) -> NextAction | None:
        loaded, signers = self.sheet.loaded, self.sheet.signers
        if loaded is None:
            return None
        return next_on_sheet(
            loaded.paper.state,
            reading=self.sheet.shows_reading_copy,
            lacks=signers.lacking() if signers.begun else None,
            unsigned=len(signers.open_labels),
            ways=SheetWays(self._print, self._record, self._hand_over, self.sheet.show_page, self.show_list),
        )

    # Doing

    def _run(self, job: Callable[[], object], done: Callable[[], None] | None = None) -> None:
        """Run a job that writes; whatever was written is shown, also when it ended with an error."""
        self._busy = True
        self._notice.hide()
        self._on_moved()

        def over() -> None:
            self._busy = False
            self._on_moved()

        def finished(_result: object) -> None:
            over()
            if done is not None:
                done()
            self.wrote.emit()

        def failed(error: OutpostError) -> None:
            over()
            if isinstance(error, EntriesRefusedError):
                self._say(_WRONG, _WRONG_TEXT)
                self.form.show_problems(error.problems)
            else:
                self.work.problems.show_error(error)
            # A job of several steps may have kept some of them.
            self.wrote.emit()

        self.work.tasks.run(job, finished, owner=self, failed=failed, writes=True)

    def _issue(self) -> None:
        standing, paper, form = self._standing, self._paper, self._form
        if standing is None or paper is None or form is None or self._busy:
            return
        entered = self.form.entered(form.today)
        if entered is None:
            self._say(_WRONG, _WRONG_TEXT)
            return
        self._keeper.keep()
        desk, case_no = self.work.desk, standing.case.case_no
        numbers: list[str] = []
        before = {each.number for each in self.list.issued_papers}

        def done() -> None:
            if self._standing is None or self._standing.case.case_no != case_no:
                return
            self._paper = self._form = None
            self._number = numbers[0]
            if numbers[0] in before:
                self._same = numbers[0]

        self._run(lambda: numbers.append(ask(desk, case_no, paper, entered)), done)

    def _record(self) -> None:
        number, signers = self._number, self.sheet.signers
        if number is None or self._busy:
            return
        lacks = signers.lacking()
        if lacks:
            self._say(_NOT_YET, listed(LACKS, lacks))
            signers.focus_lacking()
            return
        signatures = signers.signatures()
        self._run(lambda: record(self.work.desk, number, signatures))

    def _hand_over(self) -> None:
        standing, loaded = self._standing, self.sheet.loaded
        if standing is None or loaded is None:
            return
        number = loaded.paper.number
        receiver = self.sheet.paper_actions.receiver.text().strip() or receiver_of(standing, loaded.paper)
        self._run(lambda: self.work.desk.hand_over(number, receiver))

    def _void(self, reason: str) -> None:
        number = self._number
        if number is not None:
            self._run(lambda: self.work.desk.void(number, reason))

    def _draft(self) -> tuple[str, bytes] | None:
        standing, paper, form = self._standing, self._paper, self._form
        if standing is None or paper is None or form is None or self._busy or not self.form.complete:
            return None
        return draft_id(standing.case.case_no, paper), msgspec.json.encode(self.form.draft())

    # Leaving the program

    def _print(self) -> None:
        self._give_out(self.outlet.print_paper)

    def _save(self) -> None:
        self._give_out(self.outlet.save_paper)

    def _give_out(self, way: Callable[[str], None]) -> None:
        if self._number is not None and not self._busy and not self.batch.running:
            self._notice.hide()
            self.outlet.size = self.sheet.sizes.current
            way(self._number)

    def _give_copy(self, way: Callable[[bytes, str], None]) -> None:
        pdf, number = self.sheet.copy, self._number
        if pdf is not None and number is not None:
            self._notice.hide()
            way(pdf, f"{number}-EN")

    def _print_all(self) -> None:
        if not self.outlet.busy:
            self.batch.print_batch(self.list.to_print, self._size)

    def _read_copy(self) -> None:
        number, desk = self._number, self.work.desk
        if number is not None:
            self.work.tasks.run(
                lambda: desk.reading_copy(number), lambda pdf: self.sheet.show_copy(number, pdf), owner=self
            )

    def _on_size(self) -> None:
        self._size = self.sheet.sizes.wanted
        self._load()

    def _not_out(self, number: str, title: Bilingual) -> None:
        self._say(title, Bilingual(f"{number}：{_AS_BEFORE.zh}", f"{number}: {_AS_BEFORE.en}"))

    # Qt

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Escape goes back to the list."""
        if event.key() == Qt.Key.Key_Escape and self._stack.currentWidget() is not self.list:
            self.show_list()
        else:
            super().keyPressEvent(event)

    def tell(self) -> None:
        """Measure again."""
        look = self.work.ui.look
        page, top = look.space("page"), look.space("page_top_case")
        self._column.setContentsMargins(page, top, page, top)
        self._column.setSpacing(look.space("gap_case_panels"))
        self._head.setSpacing(look.space("m"))
        self._strut.setFixedSize(0, look.height("control"))
