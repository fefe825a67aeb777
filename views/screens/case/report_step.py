"""The first step: somebody reports a loss. Or, once the case is open, what was reported, and what is corrected in it.

Promise: whoever comes is taken in, known to this laptop or not; every keystroke is on disk within a moment, so a killed program
loses nothing; the case opens once.

Source: notes/domain.md §1.1; docs/adr/0102.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QStackedWidget, QVBoxLayout, QWidget

from claims.desk import Desk
from claims.errors import Bilingual, InputError, OutpostError
from claims.events import PersonFact
from claims.overviews import CaseStanding, CaseStep
from claims.records import CaseRecord
from claims.reference import Catastrophe, PersonHit
from claims.trusted_time import beijing_date
from views.screens.case.facts import decode_raw, encode_raw
from views.screens.case.report_entry import ReportEntry
from views.screens.case.report_forms import ID_NUMBER, LOSS_DATE, NAME, PERSON, Begun, Known, new_draft_id
from views.screens.case.report_shown import ReportShown
from views.screens.case.step_panel import NextAction, StepPanel
from views.screens.case.stepper import GO_TO
from views.workplace import Workplace

SAVE_AFTER_MS = 300
"""A draft is written this long after the last keystroke."""
_FIELD_OF_ERROR = {"no_name": NAME, "loss_in_future": LOSS_DATE}


class ReportPanel(StepPanel):
    """The report. ``start`` begins one; ``opened`` carries the number of the case that it became."""

    step = CaseStep.REPORT
    opened = Signal(str)

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        self._stack = QStackedWidget(self)
        self._whole = QVBoxLayout(self)
        self._whole.addWidget(self._stack)
        self._entry = ReportEntry(work, self)
        self._entry.edited.connect(self._on_edited)
        self._entry.changed.connect(self.next_changed)
        self._entry.given_up.connect(self.give_up)
        self._shown: ReportShown | None = None
        self._stack.addWidget(self._entry)
        self._draft_id = ""
        self._unsaved = self._on_disk = False
        self._opening = self._reading = False
        self._begun: Begun | None = None
        self._standing: CaseStanding | None = None
        self._save = QTimer(self)
        self._save.setSingleShot(True)
        self._save.setInterval(SAVE_AFTER_MS)
        self._save.timeout.connect(self.save_now)
        self.tell()

    def tell(self) -> None:
        """Take the margins again; the parts tell themselves."""
        look = self.work.ui.look
        # The margin at the right is the scroll bar's: both views keep it themselves.
        self._whole.setContentsMargins(look.space("page"), look.space("page_top_case"), 0, 0)

    # A new report

    def start(self, person: PersonHit | None, draft_id: str | None) -> None:
        """Begin a report: of a person, from a draft, or of somebody whom this laptop does not know."""
        self.leave()
        self._standing = self._begun = None
        self._draft_id = draft_id or new_draft_id()
        self._unsaved = self._opening = False
        self._on_disk = draft_id is not None
        self._reading = True
        self._stack.setCurrentWidget(self._entry)
        self._entry.clear(person)
        self._say_kept()
        desk, kept = self.work.desk, draft_id
        wanted = self._draft_id

        def began(begun: Begun) -> None:
            if wanted == self._draft_id:
                self._begin(begun)

        self.work.tasks.run(
            lambda: _begin(desk, person, kept),
            began,
            owner=self,
            failed=lambda error: self.work.problems.show_error(error, retry=lambda: self.start(person, draft_id)),
        )
        self.next_changed.emit()

    def line(self) -> Bilingual:
        """Return the state of this step in a few words."""
        if self._opening:
            return Bilingual("正在开案", "opening")
        missing = self._entry.missing()
        return (
            Bilingual(f"缺 {len(missing)} 项", f"{len(missing)} missing") if missing else Bilingual("可开案", "ready")
        )

    @property
    def entry(self) -> ReportEntry:
        """Where the report is entered."""
        return self._entry

    @property
    def shown(self) -> ReportShown:
        """What was reported, once the case is open."""
        if self._shown is None:
            self._shown = ReportShown(self.work.ui, self)
            self._shown.correcting.connect(self._correct)
            self._stack.addWidget(self._shown)
        return self._shown

    @property
    def draft_id(self) -> str:
        """The draft under which this report is kept until it is a case."""
        return self._draft_id

    @property
    def today(self) -> date:
        """The Beijing day of the trusted time when the report began."""
        return self._entry.today

    def insured_now(self) -> PersonFact | None:
        """Return the insured as far as entered."""
        return self._entry.insured.insured_now()

    def claim_type_now(self) -> str | None:
        """Return the claim type chosen."""
        return self._entry.types.value

    def event_now(self) -> Catastrophe | None:
        """Return the catastrophe the loss is linked to."""
        return self._entry.linked()

    def remind(self) -> None:
        """Somebody wants to go on: say what keeps the case from opening."""
        self._entry.check()

    def save_now(self) -> None:
        """Keep what is typed, in the background."""
        self._save.stop()
        if not self._unsaved or self._opening or not self._draft_id:
            return
        self._unsaved = False
        desk, draft_id, content = self.work.desk, self._draft_id, encode_raw(self._entry.raw())

        def kept(_: None) -> None:
            if draft_id == self._draft_id:
                self._on_disk = True
                self._say_kept()

        def failed(error: OutpostError) -> None:
            self._unsaved = self._unsaved or draft_id == self._draft_id
            self.work.problems.show_error(error, retry=self.save_now)

        self.work.tasks.run(lambda: desk.save_draft(draft_id, content), kept, owner=self, failed=failed, writes=True)

    def give_up(self) -> None:
        """Throw this report away and begin an empty one."""
        self._save.stop()
        self._unsaved = False
        desk, draft_id = self.work.desk, self._draft_id
        self._draft_id = ""
        self.work.tasks.run(
            lambda: desk.drop_draft(draft_id), lambda _: self.start(None, None), owner=self, writes=True
        )

    # Step

    def show_standing(self, standing: CaseStanding) -> None:
        """Show what was reported."""
        self._save.stop()
        self._standing = standing
        self.shown.show_report(standing)
        self._stack.setCurrentWidget(self.shown)
        self.next_changed.emit()

    def next_action(self) -> NextAction | None:
        """Open the case; once it is open, the step that comes next."""
        standing = self._standing
        if standing is not None and standing.withdrawn is not None:
            closed = Bilingual("总部已结案", "Closed by headquarters")
            nothing = Bilingual("本案不再有要办的事，原因见上", "Nothing is left to do here; the reason stands above")
            return NextAction(text=closed, run=lambda: None, allowed=False, why_not=nothing)
        if standing is not None:
            to = standing.current if standing.current is not CaseStep.REPORT else CaseStep.PAPERS
            return NextAction(
                text=GO_TO[to],
                run=lambda: self.go_to.emit(to),
                note=Bilingual("报案已开案存盘", "The report is on disk as a case"),
            )
        if self._opening or self._reading:
            words = Bilingual("正在开案…", "Opening…") if self._opening else Bilingual("正在读取…", "Reading…")
            return NextAction(text=Bilingual("开案", "Open the case"), run=lambda: None, allowed=False, why_not=words)
        missing = self._entry.missing()
        note = Bilingual("开案后接着收材料", "Papers come next")
        if missing:
            note = Bilingual(
                f"还需：{'、'.join(each.zh for each in missing)}",
                f"Still needed: {', '.join(each.en for each in missing)}",
            )
        return NextAction(text=Bilingual("开案", "Open the case"), run=self._open, note=note)

    def first_focus(self) -> QWidget:
        """The first thing to decide, or the words of a report that no longer changes."""
        return self._entry.first_focus() if self._standing is None else self.shown

    def leave(self) -> None:
        """Keep what is typed."""
        if self._standing is None:
            self.save_now()

    # What happens

    def _begin(self, begun: Begun) -> None:
        self._reading = False
        self._begun = begun
        self._entry.begin(begun)
        self._say_kept()
        self.next_changed.emit()

    def _say_kept(self) -> None:
        self._entry.say_kept(self._on_disk and not self._unsaved)
        self._entry.offer_drop(self._on_disk)

    def _on_edited(self) -> None:
        if self._standing is not None or self._begun is None:
            return
        self._unsaved = True
        self._say_kept()
        self._save.start()
        self.next_changed.emit()

    def _open(self) -> None:
        if self._opening or self._begun is None:
            return
        report = self._entry.check()
        if report is None:
            return
        self._save.stop()
        self._opening = True
        self.next_changed.emit()
        desk, draft_id = self.work.desk, self._draft_id
        self.work.tasks.run(
            lambda: desk.open_case(report, draft_id=draft_id),
            lambda case_no: self._became(case_no, draft_id),
            owner=self,
            failed=lambda error: self._refused(error, draft_id),
            writes=True,
        )

    def _became(self, case_no: str, draft_id: str) -> None:
        if draft_id != self._draft_id:
            # The next person has sat down already; the case is in the list.
            return
        self._opening = self._unsaved = self._on_disk = False
        self._draft_id = ""
        self.opened.emit(case_no)

    def _refused(self, error: OutpostError, draft_id: str) -> None:
        """Nothing was opened: what was typed is still here, and goes to disk as a draft."""
        if draft_id != self._draft_id:
            self.work.problems.show_error(error)
            return
        self._opening = False
        self._unsaved = True
        key = ID_NUMBER if error.code.startswith("id_") else _FIELD_OF_ERROR.get(error.code)
        if not (isinstance(error, InputError) and key is not None and self._entry.show_problem(key, error)):
            self.work.problems.show_error(error, retry=self._open)
        self.save_now()
        self.next_changed.emit()

    # Once it is a case

    def _correct(self, field: str, value: str, reason: str) -> None:
        standing = self._standing
        if standing is None:
            return
        desk, case_no = self.work.desk, standing.case.case_no

        def corrected(_case: CaseRecord) -> None:
            if self._standing is not None and self._standing.case.case_no == case_no:
                self.shown.end()
                self.wrote.emit()

        def refused(error: OutpostError) -> None:
            if isinstance(error, InputError):
                self.shown.form.refuse(error)
            else:
                self.shown.form.allow(busy=False)
                self.work.problems.show_error(error)

        self.work.tasks.run(
            lambda: desk.correct_case(case_no, field, value, reason), corrected, owner=self, failed=refused, writes=True
        )


def _begin(desk: Desk, person: PersonHit | None, draft_id: str | None) -> Begun:
    today = beijing_date(desk.time().at)
    raw = decode_raw(desk.draft(draft_id)) if draft_id is not None else {}
    if person is None and raw.get(PERSON):
        row = desk.person_row(raw[PERSON])
        person = None if row is None else row.hit
    return Begun(today=today, known=None if person is None else _known(desk, person), raw=raw)


def _known(desk: Desk, hit: PersonHit) -> Known:
    policies = tuple(desk.policies_of(hit.person.person_id))
    mine = hit.person.person_id
    insured = {mine: hit.person}
    for policy in policies:
        if policy.insured_id not in insured:
            row = desk.person_row(policy.insured_id)
            if row is not None:
                insured[policy.insured_id] = row.hit.person
    others = tuple(person for person_id, person in insured.items() if person_id != mine)
    own = any(policy.insured_id == mine for policy in policies)
    # Somebody without cover of their own comes for somebody else.
    people = (hit.person, *others) if own or not others else (*others, hit.person)
    return Known(hit=hit, policies=policies, insured=people)
