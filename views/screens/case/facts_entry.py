"""The facts typed in beside the papers: the form of the claim type, kept as a draft of the case while one types.

Promise: a keystroke is on the disk a moment later and when the step is left; a draft that could not be kept is said and kept again; what
the benefit step decides on is what stands here.

Source: docs/adr/0106.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtWidgets import QLineEdit, QScrollArea, QVBoxLayout, QWidget

from claims.errors import OutpostError
from claims.form_fields import FieldProblem, Validated
from claims.overviews import CaseStanding
from claims.trusted_time import beijing_date
from views.controls.choice_box import ChoiceBox
from views.form_panel import FormPanel
from views.presentation import Told
from views.screens.case.begun_facts import begun_facts
from views.screens.case.facts import check_facts, encode_raw, facts_draft_id, facts_form
from views.workplace import Workplace

SAVE_AFTER_MS = 300
"""A draft is written this long after the last keystroke."""


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
        self._kept: bytes | None = None
        self._early: set[str] = set()
        # A form is made once for each kind of claim.
        self._forms: dict[str, FormPanel] = {}
        self.form: FormPanel | None = None
        self.setWidgetResizable(True)
        self.setFrameShape(QScrollArea.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._holder = QWidget()
        self._holder.setObjectName("scrolled")
        self._column = QVBoxLayout(self._holder)
        self._column.addStretch(1)
        self.setWidget(self._holder)
        self._save = QTimer(self)
        self._save.setSingleShot(True)
        self._save.setInterval(SAVE_AFTER_MS)
        self._save.timeout.connect(self.keep)
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
            return
        self.keep()
        self._standing, self._loaded_for, self._kept = standing, "", None
        self._early.clear()
        self._use_form(standing.case.claim_type)
        self._load(standing)

    def keep(self) -> None:
        """Keep what is typed, in the background."""
        self._save.stop()
        form, standing = self.form, self._standing
        if form is None or standing is None or not self.loaded:
            return
        draft = encode_raw(form.raw())
        if draft == self._kept:
            return
        before, self._kept = self._kept, draft
        desk, draft_id = self._work.desk, facts_draft_id(standing.case.case_no)

        def not_kept(error: OutpostError) -> None:
            if self._kept == draft:
                self._kept = before
            self._work.problems.show_error(error, retry=self.keep)

        self._work.tasks.run(lambda: desk.save_draft(draft_id, draft), owner=self, failed=not_kept)

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

    def first_editor(self) -> QWidget | None:
        """Return the first field to fill in: the first that is missing or wrong, else the first."""
        form = self.form
        if form is None:
            return None
        wrong = [each.key for each in self.problems()] if self.loaded else []
        keys = [field.key for field in form.form.fields]
        editor = form.editor(next((key for key in wrong if key in keys), keys[0]))
        return editor.line if isinstance(editor, ChoiceBox) else editor

    def tell(self) -> None:
        """Measure again; the form tells itself."""
        look = self._work.ui.look
        edge = look.line("focus")
        self._column.setContentsMargins(edge, edge, look.space("l"), edge)

    def _use_form(self, claim_type: str) -> None:
        if self.form is not None:
            self.form.hide()
        form = self._forms.get(claim_type)
        if form is None:
            form = self._forms[claim_type] = FormPanel(self._work.ui, facts_form(claim_type))
            form.edited.connect(self._edited)
            form.finished.connect(self.finished)
            for line in form.findChildren(QLineEdit):
                # A file that is dropped here is a paper, not a text.
                line.setAcceptDrops(False)
            self._column.insertWidget(0, form)
        self.form = form
        form.fill({})
        form.show()
        self.verticalScrollBar().setValue(0)

    def _load(self, standing: CaseStanding) -> None:
        desk, draft_id = self._work.desk, facts_draft_id(standing.case.case_no)

        def read() -> tuple[bytes | None, dict[str, str]]:
            draft = desk.draft(draft_id)
            return draft, begun_facts(standing, draft)

        self._work.tasks.run(
            read,
            lambda found: self._came(standing, *found),
            owner=self,
            failed=lambda error: self._work.problems.show_error(error, retry=lambda: self._load(standing)),
        )

    def _came(self, standing: CaseStanding, draft: bytes | None, raw: dict[str, str]) -> None:
        form, now = self.form, self._standing
        if form is None or now is None or now.case.case_no != standing.case.case_no:
            return
        self._kept = draft
        self._loaded_for = standing.case.case_no
        # What was typed while the disk was still being asked is kept.
        typed = form.raw()
        form.wrong_now(self._today)
        form.fill(raw | {key: typed[key] for key in self._early})
        if self._early:
            self._save.start()
        self.changed.emit()

    def _edited(self, key: str) -> None:
        if not self.loaded:
            self._early.add(key)
            return
        self._save.start()
        self.changed.emit()
