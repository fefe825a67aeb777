"""Which of a case's papers is shown beside its steps: the list, the form of one, or the page of one that is issued; loading and leaving each.

Promise: what was typed is kept when something else comes to the front, and the keyboard follows what is shown where it was inside; what came too
late, for another case or another paper, is not shown.

Source: docs/adr/0140.
"""

from __future__ import annotations

import msgspec
from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QApplication, QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from claims.document_types import PossiblePaper
from claims.errors import Bilingual
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
    draft_id,
    read_form,
    read_possible,
    read_sheet,
)
from views.screens.case.document_list import DocumentList
from views.screens.case.document_next import BACK
from views.screens.case.document_sheet import DocumentSheet
from views.screens.case.documents_button import DOCUMENTS
from views.screens.case.draft_keeper import DraftKeeper
from views.screens.case.paper_flow import receiver_of
from views.screens.case.paper_outlet import PaperOutlet
from views.screens.case.step_panel import StepPanel
from views.workplace import Beside, Workplace

_SAME = Bilingual("这份文书已经出过", "This paper was issued before")
_SAME_TEXT = Bilingual(
    "内容没有变，所以没有另占号码。要多一张纸，请重印。",
    "Nothing in it changed, so no further number is used. For another sheet reprint it.",
)


class DocumentsShown(StepPanel):
    """What is in front. ``printing`` may be given to print without Qt's dialogs."""

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

    def first_focus(self) -> QWidget:
        """The first paper, the first field, or the page."""
        here = self._stack.currentWidget()
        if here is self.form:
            return self.form.first_focus()
        return self.sheet.first_focus() if here is self.sheet else self.list.first_row() or self

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

    def _draft(self) -> tuple[str, bytes] | None:
        standing, paper, form = self._standing, self._paper, self._form
        if standing is None or paper is None or form is None or self._busy or not self.form.complete:
            return None
        return draft_id(standing.case.case_no, paper), msgspec.json.encode(self.form.draft())

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
