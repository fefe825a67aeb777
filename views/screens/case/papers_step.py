"""The papers step: files come in as tiles, are read beside the form, and the check-list says what is missing or waived.

Promise: a file that was dropped is on the strip at once and never goes without a word; what is typed is a draft on the disk a moment
later; papers that are missing keep nobody from a trial calculation.

Source: mock-up 03; notes/domain.md §1.2, §1.3; docs/adr/0106.
"""

from __future__ import annotations

from collections.abc import Sequence
from itertools import pairwise
from pathlib import Path

from PySide6.QtCore import QMimeData, Qt
from PySide6.QtGui import QDragEnterEvent, QDragLeaveEvent, QDragMoveEvent, QDropEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.materials import Material
from claims.overviews import CaseStanding, CaseStep
from claims.records import DocumentRecord
from views.case_words import STEP_NAMES, type_name
from views.controls.buttons import ActionButton
from views.controls.labels import Text
from views.screens.case.check_list import likely_papers, missing_papers
from views.screens.case.facts_entry import FactsEntry
from views.screens.case.files_in import CHOOSE, FileChoice, dropped_files
from views.screens.case.handed_in import Paper, PaperState
from views.screens.case.papers_body import PapersBody
from views.screens.case.step_panel import NextAction, StepPanel
from views.screens.case.taking_in import TakingIn
from views.screens.case.thumbnails import Thumbnails
from views.workplace import Workplace

_READ_FIRST = (
    Material.OUTPATIENT_BILL,
    Material.INPATIENT_BILL,
    Material.DEATH_CERTIFICATE,
    Material.TOWN_DEATH_PROOF,
    Material.DISABILITY_APPRAISAL,
    Material.MEDICAL_REPORT,
    Material.MEDICAL_RECORD,
)
"""Papers that the facts are typed from, the likeliest first: one of them lies open when the step is opened."""


class PapersPanel(StepPanel):
    """The panel of the papers step."""

    step = CaseStep.PAPERS

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        ui = work.ui
        self._standing: CaseStanding | None = None
        # What was handed in for a case stays on its strip while the program runs, taken in or not.
        self._takings: dict[str, TakingIn] = {}
        self._chosen: str | None = None
        self._by_hand = False
        self._stops: tuple[QWidget, ...] = ()
        self._batch: tuple[str, ...] = ()
        self._choice = FileChoice(ui, self, self.take_files)
        self._title = Text(ui, STEP_NAMES[CaseStep.PAPERS], size="title", parent=self)
        self._type = Text(ui, "", colour="text2", parent=self)
        self._progress = Text(ui, "", size="caption", colour="text2", parent=self)
        self.choose = ActionButton(ui, CHOOSE, icon="plus", key="E", parent=self)
        self.choose.clicked.connect(lambda _checked: self._choose_files())
        self.facts = FactsEntry(work, self)
        self.facts.changed.connect(self._facts_changed)
        self.facts.finished.connect(self._go_on)
        self.body = PapersBody(work, self.facts, self)
        self.strip, self.reading = self.body.strip, self.body.reading
        self.strip.asked.connect(self._choose_files)
        self.strip.chosen.connect(lambda paper: self.choose_paper(paper.key))
        self.strip.dismissed.connect(lambda paper: self._dismiss(paper.key))
        self._thumbnails = Thumbnails(work, self.strip)
        self.reading.said.connect(self._answered)
        self.reading.again.connect(self._try_again)
        self.reading.away.connect(self._dismiss)
        self.setAcceptDrops(True)
        self._lay_out()
        self.tell()

    # Step

    def show_standing(self, standing: CaseStanding) -> None:
        """Show the papers of a case as they stand."""
        case_no = standing.case.case_no
        another = self._standing is None or self._standing.case.case_no != case_no
        if another:
            self.leave()
            # Papers of two cases may have the same numbers: no tile and no picture goes over.
            self.strip.show_papers((), None)
            self.reading.forget_case()
            self._chosen, self._by_hand = None, False
        self._standing = standing
        self.facts.show_case(standing)
        self._show_papers()
        self.body.show_list(standing)
        self.tell()
        self.next_changed.emit()

    def next_action(self) -> NextAction | None:
        """Say which paper is which, fill in what is missing, or calculate; papers that are missing make it a trial."""
        standing = self._standing
        if standing is None or not self.facts.loaded:
            return None
        asking = self._asking()
        if asking:
            return NextAction(
                Bilingual("选定材料", "Sort papers"),
                lambda: self._ask(asking[0].key),
                note=Bilingual(f"有 {len(asking)} 份文件还不知道是哪一种", f"Files to be sorted: {len(asking)}"),
            )
        problems = self.facts.problems()
        if problems:
            first = problems[0].sentence
            form = self.facts.form
            label = first if form is None else form.form.field(problems[0].key).label
            more = len(problems) - 1
            return NextAction(
                Bilingual("继续填写", "Fill in"),
                self._fill_in,
                note=Bilingual(
                    f"先填“{label.zh}”" + (f"，另有 {more} 项" if more else ""),
                    f"First: {label.en}" + (f"; {more} more" if more else ""),
                ),
            )
        return NextAction(Bilingual("理算", "Calculate"), self._go_on, note=self._papers_note(standing))

    def first_focus(self) -> QWidget:
        """Typing can begin at once where papers are there already, else files are wanted."""
        if self.reading.is_asking:
            return self.reading.question.first
        if self._standing is not None and self._standing.documents:
            return self.facts.first_editor()
        return self.strip.drop_tile

    def leave(self) -> None:
        """Keep what was typed."""
        self.facts.keep()

    def tell(self) -> None:
        """Say what depends on the case again, and measure anew."""
        look = self.work.ui.look
        if self._standing is not None:
            self._type.say(type_name(self._standing.case.claim_type))
        self._head.setSpacing(look.space("m"))
        self._whole.setSpacing(look.space("gap_case_panels"))
        self._say_progress()

    # Files

    def take_files(self, paths: Sequence[Path]) -> None:
        """Take files in, one after another; whoever's name does not say what it is is asked about first."""
        standing, taking = self._standing, self._taking()
        if standing is None or taking is None or not paths:
            return
        missing = missing_papers(standing)
        self._by_hand = False
        added = self._batch = taking.add(paths, missing, self.facts.typed("bill_kind"))
        asking = [key for key in added if self._state(key) is PaperState.ASKING]
        if asking:
            self._ask(asking[0])
        elif added:
            self.strip.reveal(added[-1])

    def choose_paper(self, key: str) -> None:
        """Lay a paper open."""
        self._chosen, self._by_hand = key, True
        self._show_papers()

    def _choose_files(self) -> None:
        if self._standing is not None:
            practice = self.work.practice
            self._choice.open(None if practice is None else practice.state().papers)

    def _taking(self) -> TakingIn | None:
        standing = self._standing
        if standing is None:
            return None
        case_no = standing.case.case_no
        taking = self._takings.get(case_no)
        if taking is None:
            taking = self._takings[case_no] = TakingIn(self.work, case_no, self)
            taking.changed.connect(lambda: self._files_changed(case_no))
            taking.took.connect(lambda _document: self._took(case_no))
            taking.finished.connect(lambda: self._batch_over(case_no))
        return taking

    def _is_here(self, case_no: str) -> bool:
        return self._standing is not None and self._standing.case.case_no == case_no

    def _files_changed(self, case_no: str) -> None:
        if self._is_here(case_no):
            self._show_papers()
            self._say_progress()
            self.next_changed.emit()

    def _took(self, case_no: str) -> None:
        if self._is_here(case_no):
            self.wrote.emit()

    def _batch_over(self, case_no: str) -> None:
        """Lay open what needs a person: a refused file, else the paper to type from."""
        taking = self._taking()
        if not self._is_here(case_no) or taking is None or self._by_hand or self.reading.is_asking:
            return
        refused = [each.key for each in taking.papers if each.key in self._batch and each.state is PaperState.REFUSED]
        self._chosen = refused[0] if refused else self._preferred(self._papers())
        self._show_papers()
        if self._chosen is not None:
            self.strip.reveal(self._chosen)

    def _answered(self, key: str, material: Material) -> None:
        taking = self._taking()
        if taking is None:
            return
        taking.say_material(key, material)
        self._after_answer()

    def _dismiss(self, key: str) -> None:
        taking = self._taking()
        if taking is None or taking.paper(key) is None:
            return
        was_asking = self._state(key) is PaperState.ASKING
        taking.forget(key)
        if was_asking:
            self._after_answer()

    def _after_answer(self) -> None:
        """Ask about the next file, or go back to typing."""
        asking = self._asking()
        if asking:
            self._ask(asking[0].key)
            return
        self._show_papers()
        self.facts.first_editor().setFocus(Qt.FocusReason.OtherFocusReason)
        self.next_changed.emit()

    def _try_again(self, key: str) -> None:
        taking = self._taking()
        paper = None if taking is None else taking.paper(key)
        if taking is not None and paper is not None:
            taking.say_material(key, paper.material)

    def _ask(self, key: str) -> None:
        self._chosen = key
        self._show_papers()
        self.strip.reveal(key)
        self.reading.question.first.setFocus(Qt.FocusReason.TabFocusReason)

    def _state(self, key: str) -> PaperState | None:
        return next((each.state for each in self._papers() if each.key == key), None)

    def _asking(self) -> list[Paper]:
        return [each for each in self._papers() if each.state is PaperState.ASKING]

    # What is shown

    def _papers(self) -> tuple[Paper, ...]:
        """What was taken in before, then what was handed in while the program runs: no tile changes its place."""
        if self._standing is None:
            return ()
        taking = self._takings.get(self._standing.case.case_no)
        handed_in = () if taking is None else taking.papers
        known = {each.document.document_id for each in handed_in if each.document is not None}
        before = tuple(_as_paper(each) for each in self._standing.documents if each.document_id not in known)
        return before + handed_in

    def _show_papers(self) -> None:
        standing = self._standing
        if standing is None:
            return
        papers = self._papers()
        if self._chosen not in {each.key for each in papers}:
            self._chosen = self._preferred(papers)
        self.strip.show_papers(papers, self._chosen)
        self._thumbnails.load(papers)
        chosen = next((each for each in papers if each.key == self._chosen), None)
        self.reading.show_paper(chosen, likely_papers(standing))
        self._order_stops()

    def _order_stops(self) -> None:
        """Tiles and forms are made later than what stands behind them; the Tab key goes through them in reading order all the same."""
        stops = (self.choose, *self.strip.tiles(), self.strip.drop_tile, *self.reading.stops, self.body.check_list)
        if stops != self._stops:
            self._stops = stops
            for before, after in pairwise(stops):
                self.setTabOrder(before, after)

    def _preferred(self, papers: Sequence[Paper]) -> str | None:
        order = {material: place for place, material in enumerate(_READ_FIRST)}
        taken = [each for each in papers if each.state is PaperState.TAKEN]
        best = min(taken, key=lambda each: order.get(each.material, len(order)), default=None)
        if best is not None:
            return best.key
        return papers[0].key if papers else None

    def _say_progress(self) -> None:
        taking = None if self._standing is None else self._takings.get(self._standing.case.case_no)
        at, of = (0, 0) if taking is None else taking.progress
        said = Bilingual(f"正在收第 {at} 份，共 {of} 份", f"Taking in {at} of {of}") if of > 1 else Bilingual("", "")
        self._progress.say(said)

    def _papers_note(self, standing: CaseStanding) -> Bilingual:
        taking = self._takings.get(standing.case.case_no)
        if taking is not None and taking.busy:
            return Bilingual("还有材料正在读取", "Papers are still being read")
        missing = len(standing.completeness.missing)
        if missing:
            return Bilingual(f"还缺 {missing} 项材料，先试算", f"Papers missing: {missing}; a trial for now")
        return Bilingual("材料已齐", "All papers are there")

    def _facts_changed(self) -> None:
        self._order_stops()
        self.reading.say_facts(len(self.facts.problems()) if self.facts.loaded else None)
        self.next_changed.emit()

    # Next

    def _fill_in(self) -> None:
        self._close_question()
        self.facts.check()

    def _close_question(self) -> None:
        if self.reading.is_asking:
            self._chosen = self._preferred(self._papers())
            self._show_papers()

    def _go_on(self) -> None:
        if self.facts.loaded and self.facts.check():
            self.facts.keep()
            self.go_to.emit(CaseStep.BENEFIT)

    # Dropping

    def dragEnterEvent(self, event: QDragEnterEvent) -> None:  # noqa: N802 - Qt's name
        """Files are welcome, anything else is not."""
        if event.mimeData().hasUrls() and self._standing is not None:
            event.acceptProposedAction()
            self.strip.drop_tile.show_over(True)

    def dragMoveEvent(self, event: QDragMoveEvent) -> None:  # noqa: N802 - Qt's name
        """Anywhere on the step will do."""
        event.acceptProposedAction()

    def dragLeaveEvent(self, event: QDragLeaveEvent) -> None:  # noqa: N802 - Qt's name
        """They went elsewhere."""
        super().dragLeaveEvent(event)
        self.strip.drop_tile.show_over(False)

    def dropEvent(self, event: QDropEvent) -> None:  # noqa: N802 - Qt's name
        """Take what was let go."""
        self.strip.drop_tile.show_over(False)
        event.acceptProposedAction()
        self._take_dropped(event.mimeData())

    def _take_dropped(self, data: QMimeData) -> None:
        paths, foreign = dropped_files(data)
        taking = self._taking()
        if taking is not None and foreign:
            refused = taking.refuse_foreign(foreign)
            if not paths:
                self._chosen = refused[0]
                self._show_papers()
                self.strip.reveal(refused[0])
        self.take_files(paths)

    # Layout

    def _lay_out(self) -> None:
        self._head = QHBoxLayout()
        self._head.addWidget(self._title)
        self._head.addWidget(self._type)
        self._head.addStretch(1)
        self._head.addWidget(self._progress)
        self._head.addWidget(self.choose)
        self._whole = QVBoxLayout(self)
        self._whole.setContentsMargins(0, 0, 0, 0)
        self._whole.addLayout(self._head)
        self._whole.addWidget(self.body, 1)


def _as_paper(document: DocumentRecord) -> Paper:
    return Paper(
        key=document.document_id,
        material=Material(document.material),
        filename=document.filename,
        state=PaperState.TAKEN,
        document=document,
    )
