"""Who is insured, and under which policies: looked up with their policies to tick, or entered by hand.

Promise: policies in force on the day of loss are ticked until somebody ticks by hand; namesakes and relatives are never mixed: one
report is about one insured.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual, InputError
from claims.events import PersonFact
from claims.form_fields import Validated
from claims.identity import age_on, read_any_id
from claims.reference import ExtractPerson, ExtractPolicy, PersonHit
from views.controls.chips import Tone
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.segments import Segment, Segments
from views.controls.tick_row import TickRow
from views.form_panel import FormPanel
from views.presentation import Presentation
from views.screens.case.report_forms import (
    BIRTH_DATE,
    ID_NUMBER,
    INSURED,
    NAME,
    PERSON,
    POLICIES,
    SEX,
    Known,
    day_of,
    entered_person,
    fact_of,
    in_force,
    insured_form,
    term,
)

_UNKNOWN = Bilingual("本机没有此人，照样受理", "not on this laptop, taken in all the same")
_READING = Bilingual("正在读取保单…", "Reading the policies…")
_NO_POLICY = Bilingual(
    "本机没有承保此人的保单。照样受理：收材料，出具资料签收单，由总部核定。",
    "No policy on this laptop insures this person. Taken in all the same: papers, then an acceptance slip; headquarters decides.",
)


class InsuredBox(Panel):
    """The panel. ``edited`` after every change by hand, ``changed`` whenever another person or other policies are shown."""

    edited = Signal()
    changed = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        # Before the base is made: it calls ``tell``.
        self._rows: list[TickRow] = []
        super().__init__(
            ui, Bilingual("被保险人与保单", "Insured and policies"), padded=False, dense=True, parent=parent
        )
        self._words = ui
        self._known: Known | None = None
        self._hit: PersonHit | None = None
        self._policies: tuple[ExtractPolicy, ...] = ()
        self._by_hand = False
        self._today = self._on = date(2000, 1, 1)
        self.whose = Segments(ui, (), parent=self)
        self.whose.call(Bilingual("被保险人是谁", "Who is insured"))
        self.whose.typed.connect(self._on_whose)
        self._whose_row = QWidget(self)
        self._whose_line = QHBoxLayout(self._whose_row)
        self._whose_line.addWidget(Text(ui, Bilingual("被保险人", "Insured"), size="caption", colour="text2"))
        self._whose_line.addWidget(self.whose, 1)
        self.body.addWidget(self._whose_row)
        self._none = Text(ui, "", colour="text2", wrap=True)
        self.body.addWidget(self._none)
        self.form = FormPanel(ui, insured_form(), columns=3)
        self.form.edited.connect(self._on_form)
        self._form_box = QWidget(self)
        self._form_column = QVBoxLayout(self._form_box)
        self._form_column.addWidget(self.form)
        self.body.addWidget(self._form_box)
        self._measure()

    # What is shown

    def clear(self, hit: PersonHit | None) -> None:
        """Show a person whose policies are still being read; None: somebody this laptop does not know."""
        self._known, self._hit, self._by_hand = None, hit, False
        self.form.fill({})
        self._show()

    def begin(self, known: Known | None, raw: Mapping[str, str], today: date) -> None:
        """Show a person with policies, or the texts of one that is entered by hand."""
        self._known, self._hit = known, None
        self._today = today
        self._on = day_of(raw.get("case.loss_date", "")) or today
        self.form.wrong_now(today)
        self.form.fill(raw)
        self._by_hand = known is not None and POLICIES in raw
        if known is not None:
            self.whose.offer([_segment(each, today) for each in known.insured])
            self.whose.fill(known.person(raw.get(INSURED)).person_id)
        self._show()
        if self._by_hand:
            wanted = set(raw[POLICIES].split(","))
            for policy, row in zip(self._policies, self._rows, strict=False):
                row.setChecked(policy.policy_no in wanted)

    def loss_on(self, day: date) -> None:
        """The loss was on another day: other policies were in force."""
        if day != self._on:
            self._on = day
            self._say_policies()

    # What stands there

    @property
    def known(self) -> Known | None:
        """The person who was looked up."""
        return self._known

    @property
    def rows(self) -> tuple[TickRow, ...]:
        """The rows of the policies shown."""
        return tuple(self._rows[: len(self._policies)])

    def insured_now(self) -> PersonFact | None:
        """Return the insured as far as entered; None while nothing is known."""
        if self._known is not None:
            return fact_of(self._person())
        if self._hit is not None:
            return fact_of(self._hit.person)
        raw = self.form.raw()
        if not any(raw.values()):
            return None
        return PersonFact(
            name=raw[NAME].strip(),
            id_number=raw[ID_NUMBER].strip() or None,
            birth_date=day_of(raw[BIRTH_DATE]),
            sex=raw[SEX] or None,
        )

    def named(self) -> bool:
        """Say whether there is a name."""
        return self._known is not None or bool(self.form.raw()[NAME].strip())

    def checked(self) -> PersonFact | None:
        """Return the insured, or mark what is wrong and return None."""
        if self._known is not None:
            return fact_of(self._person())
        values = self.form.check(self._today)
        return entered_person(values) if isinstance(values, Validated) else None

    def ticked(self) -> tuple[str, ...]:
        """Return the policies under which the claim is reported."""
        return tuple(
            policy.policy_no for policy, row in zip(self._policies, self._rows, strict=False) if row.isChecked()
        )

    def raw(self) -> dict[str, str]:
        """Return everything as texts, for the draft."""
        if self._known is None:
            return self.form.raw()
        person = self._person()
        texts = {PERSON: self._known.hit.person.person_id, NAME: person.name, INSURED: person.person_id}
        if self._by_hand:
            # A comma alone says that none was wanted.
            texts[POLICIES] = ",".join(self.ticked()) or ","
        return texts

    def tell(self) -> None:
        """Take measures and colours again."""
        super().tell()
        if hasattr(self, "_form_column"):
            self._measure()

    def _measure(self) -> None:
        look = self._words.look
        side, small = look.space("l"), look.space("s")
        self._whose_line.setContentsMargins(side, small, side, small)
        self._whose_line.setSpacing(look.space("m"))
        self._none.setContentsMargins(side, look.space("m"), side, look.space("m"))
        self._form_column.setContentsMargins(side, small, side, 0)

    # What happens

    def _person(self) -> ExtractPerson:
        if self._known is None:
            raise ValueError("nobody was looked up")
        return self._known.person(self.whose.raw())

    def _show(self) -> None:
        known = self._known
        self._form_box.setVisible(known is None and self._hit is None)
        self._whose_row.setVisible(known is not None and len(known.insured) > 1)
        self._policies = () if known is None else known.policies_of(self._person())
        while len(self._rows) < len(self._policies):
            row = TickRow(self._words, self)
            row.clicked.connect(lambda _on: self._on_policy())
            self.body.addWidget(row)
            self._rows.append(row)
        for place, row in enumerate(self._rows):
            row.setVisible(place < len(self._policies))
        self._say_policies()
        if known is None:
            self.note("" if self._hit is not None else _UNKNOWN)
            self._none.setVisible(self._hit is not None)
            self._none.say(_READING)
        else:
            count = len(self._policies)
            self.note(Bilingual(f"{count} 份保单", "1 policy" if count == 1 else f"{count} policies"))
            self._none.setVisible(not self._policies)
            self._none.say(_NO_POLICY)
        self.changed.emit()

    def _say_policies(self) -> None:
        known = self._known
        if known is None:
            return
        for policy, row in zip(self._policies, self._rows, strict=False):
            covers = in_force(policy, self._on)
            if not self._by_hand:
                row.setChecked(covers)
            days, roles = term(policy), known.roles(policy)
            row.say(
                policy.product_name,
                Bilingual(
                    "，".join((policy.policy_no, days.zh, *(each.zh for each in roles))),
                    ", ".join((policy.policy_no, days.en, *(each.en for each in roles))),
                ),
                Bilingual("出险日有效", "in force that day") if covers else Bilingual("出险日无效", "not in force"),
                icon="pass" if covers else "void",
                tone=Tone.GOOD if covers else Tone.PLAIN,
            )

    def _on_whose(self) -> None:
        self._by_hand = False
        self._show()
        self.edited.emit()

    def _on_policy(self) -> None:
        self._by_hand = True
        self.edited.emit()

    def _on_form(self, key: str) -> None:
        if key == ID_NUMBER:
            self._read_id()
        self.edited.emit()

    def _read_id(self) -> None:
        """Birthday and sex stand in the number: they need not be typed."""
        raw = self.form.raw()
        try:
            told = read_any_id(raw[ID_NUMBER], self._today)
        except InputError:
            return
        if told.birth_date is not None and not raw[BIRTH_DATE].strip():
            self.form.put(BIRTH_DATE, told.birth_date.isoformat())
        if told.sex is not None and not raw[SEX]:
            self.form.put(SEX, told.sex)


def _segment(person: ExtractPerson, today: date) -> Segment:
    age = age_on(person.birth_date, today)
    return Segment(person.person_id, Bilingual(f"{person.name} {age} 岁", f"{person.name}, {age}"))
