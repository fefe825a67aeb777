"""All papers of a case beside its steps: choose one, fill it in, see it, have it signed, print it, hand it over.

Promise: a paper has its number on the disk before anybody sees its page; *printed* and *handed over* are recorded when they happened and not
before; what was typed is kept until the paper has its number. One next action at a time, by mouse and by keyboard.

Source: issue "Paper that holds"; design.md "Vouchers"; docs/adr/0140.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QWidget

from claims.document_types import EntriesRefusedError
from claims.errors import Bilingual, OutpostError
from claims.overviews import CaseStanding
from views.printing import PrintingDesk
from views.screens.case.document_jobs import ask, record
from views.screens.case.document_next import LACKS, SheetWays, listed, next_on_list, next_on_sheet
from views.screens.case.documents_shown import DocumentsShown
from views.screens.case.paper_flow import receiver_of
from views.screens.case.step_panel import NextAction
from views.workplace import Workplace

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


class DocumentsPanel(DocumentsShown):
    """The panel. ``printing`` may be given to print without Qt's dialogs."""

    def __init__(self, work: Workplace, parent: QWidget | None = None, *, printing: PrintingDesk | None = None) -> None:
        super().__init__(work, parent, printing=printing)
        self._wire()

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

    def leave(self) -> None:
        """Keep what was typed."""
        self._keeper.keep()

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
