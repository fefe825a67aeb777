"""The facts typed in beside the papers: the form of the claim type, kept as a draft of the case while one types.

Promise: a keystroke is on the disk a moment later and when the step is left; a draft that could not be kept is said and kept again; what
the benefit step decides on is what stands here.

Source: docs/adr/0106.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import msgspec
from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from claims.errors import Bilingual, EnvironmentProblem, OutpostError
from claims.form_fields import FieldProblem, Validated
from claims.overviews import CaseStanding
from claims.trusted_time import beijing_date
from views.controls.choice_box import ChoiceBox
from views.controls.labels import Text
from views.form_panel import FormPanel
from views.presentation import Told
from views.screens.case.begun_facts import begun_facts
from views.screens.case.draft_keeper import DraftKeeper
from views.screens.case.facts import check_facts, encode_raw, facts_draft_id, facts_form
from views.tasks import Task
from views.workplace import Workplace

_READING = Bilingual("正在读取…", "Reading…")


@dataclass(frozen=True)
class _Begun:
    """What was found for a case: its draft, and the texts to show. ``damaged``: there was a draft, and it can't be read."""

    draft: bytes | None
    raw: dict[str, str]
    damaged: bool = False


class FactsEntry(QScrollArea, Told):
    """The form. ``changed`` after every edit and load; ``finished`` for Enter in the last field."""

    changed = Signal()
    finished = Signal()

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._standing: CaseStanding | None = None
        self._today = date(2000, 1, 1)
        self._loaded_for = ""
        self._task: Task | None = None
        # A form is made once for each kind of claim.
        self._forms: dict[str, FormPanel] = {}
        self.form: FormPanel | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        holder = QWidget(self)
        holder.setObjectName("scrolled")
        self.setWidget(holder)
        self._column = QVBoxLayout(holder)
        self._waiting = Text(work.ui, _READING, colour="text2", wrap=True, parent=holder)
        self._column.addWidget(self._waiting)
        self._column.addStretch(1)
        self._keeper = DraftKeeper(work, self._draft, self)
        self.tell()

    @property
    def loaded(self) -> bool:
        """Whether what stands here is the case's."""
        return self._standing is not None and self._loaded_for == self._standing.case.case_no

    def show_case(self, standing: CaseStanding) -> None:
        """Show the facts of a case; of the one that stands here only the day is taken anew."""
        self._today = beijing_date(standing.at.at)
        if self._standing is not None and self._standing.case.case_no == standing.case.case_no:
            self._standing = standing
            if self.form is not None and self.loaded:
                self.form.wrong_now(self._today)
            elif self._task is None:
                self._load(standing)
            return
        self.keep()
        self._standing, self._loaded_for = standing, ""
        self._keeper.begin(None)
        self._put_away()
        self._load(standing)

    def keep(self) -> None:
        """Keep what is typed, in the background."""
        self._keeper.keep()

    def problems(self) -> tuple[FieldProblem, ...]:
        """Return what is still missing or wrong, without marking it."""
        if self.form is None or self._standing is None:
            return ()
        found = check_facts(self._standing.case.claim_type, self.form.raw(), self._today)
        return () if isinstance(found, Validated) else found

    def check(self) -> bool:
        """Mark everything that is wrong and go to the first; return whether nothing is."""
        if self.form is None:
            return False
        if isinstance(self.form.check(self._today), Validated):
            return True
        self.form.focus_problem()
        return False

    def typed(self, key: str) -> str:
        """Return what stands in a field, an empty text where the form has none of it."""
        return "" if self.form is None else self.form.raw().get(key, "")

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What takes the keyboard here, in reading order."""
        form = self.form
        return () if form is None else tuple(form.editor(field.key) for field in form.form.fields)

    def first_editor(self) -> QWidget:
        """Return the first field that is missing or wrong, else the first; while there is no form yet, what will hold it."""
        form = self.form
        if form is None:
            return self
        wrong = [each.key for each in self.problems()]
        keys = [field.key for field in form.form.fields]
        editor = form.editor(next((key for key in wrong if key in keys), keys[0]))
        return editor.line if isinstance(editor, ChoiceBox) else editor

    def tell(self) -> None:
        """Measure again; the form tells itself."""
        look = self._work.ui.look
        edge = look.line("focus")
        self._column.setContentsMargins(edge, edge, look.space("l"), edge)

    def _draft(self) -> tuple[str, bytes] | None:
        form, standing = self.form, self._standing
        if form is None or standing is None or not self.loaded:
            return None
        return facts_draft_id(standing.case.case_no), encode_raw(form.raw())

    def _put_away(self) -> None:
        """Nothing of the last case stays in sight while the next one is read."""
        if self.form is not None:
            self.form.hide()
        self.form = None
        self._waiting.show()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)

    def _use_form(self, claim_type: str) -> FormPanel:
        form = self._forms.get(claim_type)
        if form is None:
            form = FormPanel(self._work.ui, facts_form(claim_type), parent=self.widget())
            self._forms[claim_type] = form
            form.edited.connect(lambda _key: self._edited())
            form.finished.connect(self.finished)
            for line in form.findChildren(QLineEdit):
                # A file that is dropped here is a paper, not a text.
                line.setAcceptDrops(False)
            self._column.insertWidget(0, form)
        self._waiting.hide()
        self.form = form
        form.show()
        self.verticalScrollBar().setValue(0)
        return form

    def _load(self, standing: CaseStanding) -> None:
        desk, draft_id = self._work.desk, facts_draft_id(standing.case.case_no)
        if self._task is not None:
            self._task.cancel()

        def read() -> _Begun:
            draft = desk.draft(draft_id)
            try:
                return _Begun(draft, begun_facts(standing, draft))
            except msgspec.DecodeError:
                return _Begun(None, begun_facts(standing, None), damaged=True)

        self._task = self._work.tasks.run(
            read,
            lambda found: self._came(standing, found),
            owner=self,
            failed=lambda error: self._not_read(standing, error),
        )

    def _not_read(self, standing: CaseStanding, error: OutpostError) -> None:
        self._task = None
        self._work.problems.show_error(error, retry=lambda: self.show_case(standing))

    def _came(self, standing: CaseStanding, found: _Begun) -> None:
        self._task = None
        now = self._standing
        if now is None or now.case.case_no != standing.case.case_no:
            return
        if found.damaged:
            self._work.problems.show_error(_draft_damaged())
        form = self._use_form(standing.case.claim_type)
        form.wrong_now(self._today)
        form.fill(found.raw)
        self._keeper.begin(found.draft)
        self._loaded_for = standing.case.case_no
        had_focus = self.hasFocus()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.changed.emit()
        if had_focus:
            self.first_editor().setFocus(Qt.FocusReason.OtherFocusReason)

    def _edited(self) -> None:
        if self.loaded:
            self._keeper.keep_soon()
            self.changed.emit()


def _draft_damaged() -> EnvironmentProblem:
    return EnvironmentProblem(
        "draft_damaged",
        Bilingual("这个案件先前录入的草稿损坏了，读不出来。", "The draft of what was typed for this case is damaged."),
        Bilingual("请照着材料重新填写；已收的材料都在。", "Type it in again from the papers, which are all here."),
    )
