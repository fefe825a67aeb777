"""A report as it is entered: what is claimed, who is insured, when and where, who reports, and the catastrophe that caused it.

Promise: what is typed while the disk is still being asked is kept; nothing is linked to a catastrophe unless somebody ticks it.
"""

from __future__ import annotations

from datetime import date

from PySide6.QtCore import QEvent, QObject, Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.form_fields import Validated
from claims.materials import ClaimType
from claims.overviews import CaseStep
from claims.reference import Catastrophe, PersonHit
from claims.reporting import NewCase
from views.case_words import STEP_NAMES
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import Tone
from views.controls.choice_grid import ChoiceGrid
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.tick_row import TickRow
from views.form_panel import FormPanel
from views.presentation import Told
from views.screens.case.report_forms import (
    CHANNEL,
    CLAIM_TYPE,
    CLAIM_TYPES,
    DEFAULT_CHANNEL,
    EVENT,
    LOSS_DATE,
    LOSS_PLACE,
    LOSS_REGION,
    NAME,
    REPORTER_NAME,
    Begun,
    day_of,
    new_case,
    report_form,
)
from views.screens.case.report_insured import InsuredBox
from views.workplace import Workplace

_KEPT = Bilingual("草稿已存盘", "Draft on disk")
_CHOOSE_TYPE = Bilingual("请选择理赔类型。", "Please choose what is claimed.")


class ReportEntry(QWidget, Told):
    """The entry. ``edited`` after every change by hand, ``changed`` whenever what the summary shows may be another."""

    edited = Signal()
    changed = Signal()
    given_up = Signal()

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        ui = self._ui = work.ui
        self.today = date(2000, 1, 1)
        self.near: Catastrophe | None = None
        self._asked: tuple[str, str] | None = None
        self._wanted = ""
        self._kept = Text(ui, "", size="caption", colour="text2")
        self.types = ChoiceGrid(ui, Bilingual("理赔类型", "Kind of claim"), CLAIM_TYPES, columns=5)
        self.types.chosen.connect(lambda _value: self.edited.emit())
        self.types.entered.connect(lambda: self.first_focus().setFocus(Qt.FocusReason.TabFocusReason))
        self.insured = InsuredBox(ui)
        self.insured.edited.connect(self._on_insured)
        self.insured.changed.connect(self.changed)
        self.near_row = TickRow(ui)
        self.near_row.clicked.connect(lambda _on: self._on_near())
        self.form = FormPanel(ui, report_form(), columns=3)
        self.form.edited.connect(self._on_form)
        self._lay_out()

    def _lay_out(self) -> None:
        ui = self._ui
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(ui.look.space("m"))
        head = self._head = QHBoxLayout()
        head.setSpacing(ui.look.space("m"))
        head.addWidget(Text(ui, STEP_NAMES[CaseStep.REPORT], size="title"))
        head.addWidget(self._kept, 1)
        self.drop = ActionButton(ui, Bilingual("放弃报案", "Discard"), role=ButtonRole.QUIET, icon="erase", parent=self)
        self.drop.clicked.connect(lambda _checked: self.given_up.emit())
        head.addWidget(self.drop)
        find = ActionButton(ui, Bilingual("查找此人", "Look up the person"), icon="search", parent=self)
        find.clicked.connect(lambda _checked: self._find())
        head.addWidget(find)
        whole.addLayout(head)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._column = QVBoxLayout(inside)
        near = Panel(ui, padded=False)
        near.body.addWidget(self.near_row)
        facts = Panel(ui)
        facts.body.addWidget(self.form)
        for part in (self.types, self.insured, near, facts):
            self._column.addWidget(part)
        self._column.addStretch(1)
        self._scroll = QScrollArea()
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._scroll.setWidget(inside)
        self._scroll.viewport().installEventFilter(self)
        whole.addWidget(self._scroll, 1)
        self.tell()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """The scroll bar came or went."""
        if event.type() is QEvent.Type.Resize:
            self._leave_margin()
        return super().eventFilter(watched, event)

    # What it shows

    def clear(self, hit: PersonHit | None) -> None:
        """Show an empty report, of a person where one is known, until ``begin``."""
        self._asked = None
        self.types.show_value(None)
        self.form.fill({})
        self.near_row.setChecked(False)
        self._show_near(None)
        self.say_kept(False)
        self.insured.clear(hit)
        self._scroll.verticalScrollBar().setValue(0)

    def begin(self, begun: Begun) -> None:
        """Fill in what is known."""
        self.today = begun.today
        raw = {LOSS_DATE: begun.today.isoformat(), CHANNEL: DEFAULT_CHANNEL} | begun.raw
        # What was typed while the disk was asked is newer than what the disk knows.
        raw |= {key: text for key, text in (self.form.raw() | self.insured.form.raw()).items() if text}
        self.form.wrong_now(begun.today)
        if self.types.value is None:
            self.types.show_value(raw.get(CLAIM_TYPE))
        self.insured.begin(begun.known, raw, begun.today)
        self.form.fill(raw | self._suggested_reporter(raw.get(REPORTER_NAME, "")))
        # Linked only to the very catastrophe that the draft names.
        self._wanted = raw.get(EVENT, "")
        self._ask_near()

    def raw(self) -> dict[str, str]:
        """Return everything as it stands, for the draft."""
        texts = self.form.raw() | self.insured.raw()
        texts[CLAIM_TYPE] = self.types.value or ""
        linked = self.linked()
        if linked is not None:
            texts[EVENT] = linked.catastrophe_id
        return texts

    def say_kept(self, kept: bool) -> None:
        """Say whether the disk holds what is on the screen."""
        self._kept.say(_KEPT if kept else "")

    def offer_drop(self, there_is: bool) -> None:
        """Show the way to throw a draft away, where there is one."""
        self.drop.setVisible(there_is)

    def linked(self) -> Catastrophe | None:
        """Return the catastrophe the loss is linked to."""
        return self.near if self.near_row.isChecked() else None

    def missing(self) -> tuple[Bilingual, ...]:
        """Return what is still needed to open the case."""
        raw = self.form.raw()
        needed = (
            (self.types.value is None, Bilingual("理赔类型", "kind of claim")),
            (not self.insured.named(), Bilingual("姓名", "name")),
            (not raw[LOSS_DATE].strip(), Bilingual("出险日期", "date of loss")),
            (not raw[LOSS_PLACE].strip(), Bilingual("出险地点", "place of loss")),
        )
        return tuple(name for lacks, name in needed if lacks)

    def check(self) -> NewCase | None:
        """Return the report, or mark everything that is wrong, go to the first and return None."""
        claim_type = self.types.value
        if claim_type is None:
            self.types.show_problem(_CHOOSE_TYPE)
        insured = self.insured.checked()
        values = self.form.check(self.today)
        if claim_type is None:
            self.types.setFocus(Qt.FocusReason.OtherFocusReason)
            self._scroll.ensureWidgetVisible(self.types)
        elif insured is None:
            self.insured.form.focus_problem()
        elif not isinstance(values, Validated):
            self.form.focus_problem()
        else:
            known = self.insured.known
            found = None if known is None else known.hit.person
            return new_case(ClaimType(claim_type), values, insured, self.insured.ticked(), self.linked(), found)
        return None

    def show_problem(self, key: str, error: OutpostError) -> bool:
        """Show an error beside the field it is about; return whether that field is on the screen."""
        form = self.form if key in self.form.raw() else self.insured.form
        if not form.isVisible():
            return False
        form.show_problem(key, Bilingual(error.sentence("zh"), error.sentence("en")))
        return form.focus_problem()

    def first_focus(self) -> QWidget:
        """The kind of claim; once that is chosen the name of somebody unknown, or the place."""
        if self.types.value is None:
            return self.types
        return self.insured.form.editor(NAME) if not self.insured.named() else self.form.editor(LOSS_PLACE)

    def tell(self) -> None:
        """Take the measures again; the parts tell themselves."""
        look = self._ui.look
        self._head.setContentsMargins(0, 0, look.space("page"), 0)
        self._column.setSpacing(look.space("m"))
        self._leave_margin()

    def _leave_margin(self) -> None:
        """Keep the page's margin at the right, with the scroll bar inside it."""
        look = self._ui.look
        taken = self._scroll.width() - self._scroll.viewport().width()
        self._column.setContentsMargins(0, 0, max(0, look.space("page") - taken), look.space("l"))

    # What happens

    def _find(self) -> None:
        insured = self.insured.insured_now()
        self._work.navigator.search("" if insured is None else insured.name)

    def _suggested_reporter(self, now: str) -> dict[str, str]:
        """Return who reports: the person who was looked up where they are not the insured, unless somebody else was named."""
        known = self.insured.known
        insured = self.insured.insured_now()
        if known is None or insured is None or now not in ("", known.hit.person.name):
            return {}
        same = insured.person_id == known.hit.person.person_id
        return {REPORTER_NAME: "" if same else known.hit.person.name}

    def _on_insured(self) -> None:
        raw = self.form.raw()
        self.form.fill(raw | self._suggested_reporter(raw[REPORTER_NAME]))
        self.edited.emit()

    def _on_form(self, key: str) -> None:
        raw = self.form.raw()
        if key == LOSS_DATE:
            day = day_of(raw[LOSS_DATE])
            if day is not None:
                self.insured.loss_on(day)
        if key in (LOSS_DATE, LOSS_REGION):
            self._ask_near()
        self.edited.emit()

    def _ask_near(self) -> None:
        """Ask which declared catastrophe a loss on this day in this region belongs to."""
        raw = self.form.raw()
        day, region = day_of(raw[LOSS_DATE]), raw[LOSS_REGION].strip()
        asked = (raw[LOSS_DATE], region)
        if asked == self._asked:
            return
        self._asked = asked
        if day is None:
            self._show_near(None)
            return
        desk = self._work.desk
        whole = region if len(region) == 6 and region.isdigit() else None

        def came(near: Catastrophe | None) -> None:
            if asked == self._asked:
                if near is not None and near.catastrophe_id == self._wanted:
                    self.near_row.setChecked(True)
                self._wanted = ""
                self._show_near(near)
                self.changed.emit()

        self._work.tasks.run(lambda: desk.catastrophe_near(whole, day), came, owner=self)

    def _show_near(self, near: Catastrophe | None) -> None:
        self.near = near
        self.near_row.setEnabled(near is not None)
        if near is None:
            self.near_row.setChecked(False)
            self.near_row.say(
                Bilingual("未归入突发事件", "No catastrophe"),
                Bilingual("这一天、这个地区没有已公布的突发事件", "none is declared for this day and region"),
                Bilingual("", ""),
            )
            return
        count = len(near.waivers)
        self.near_row.say(
            Bilingual(f"由{near.name.zh}造成", f"Caused by: {near.name.en}"),
            Bilingual(f"勾选后适用 {count} 项豁免", f"tick to apply its {count} waivers"),
            Bilingual("已归入", "linked") if self.near_row.isChecked() else Bilingual("", ""),
            icon="event",
            tone=Tone.GOOD,
        )

    def _on_near(self) -> None:
        """Linked: the waivers go by the region, which is known where the catastrophe has only one."""
        near = self.linked()
        if near is not None and len(near.regions) == 1 and not self.form.raw()[LOSS_REGION].strip():
            self.form.put(LOSS_REGION, near.regions[0])
        self._show_near(self.near)
        self.edited.emit()
