"""The forms of the payees: one a share, each with its sum above it; names only once the vouchers are out.

Promise: a form is filled once and then belongs to who types; a reload of the case changes nothing in it.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.form_definitions import validate
from claims.form_fields import Validated
from claims.identity import mask_id
from claims.records import PaperRecord
from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton
from views.controls.labels import Money, Text
from views.controls.panel import Rule
from views.form_panel import FormPanel
from views.presentation import Presentation, Told
from views.screens.case.payees import (
    ACCOUNT,
    BANK,
    ID_NUMBER,
    NAME,
    RELATION,
    PayeeGroup,
    Raw,
    SigningDraft,
    payee_form,
    typed_payees,
)

_WHO = Bilingual("第 {place} 位，共 {count} 位", "Payee {place} of {count}")
_CHANGE = Bilingual("换人…", "Change…")
_ID = Bilingual("证件 {number}", "id {number}")
_NO_ID = Bilingual("未填", "not given")
_OF = Bilingual("保单 {policies}", "policy {policies}")


class PayeeForms(QWidget, Told):
    """``edited`` after every change by hand."""

    edited = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._claim_type = ""
        self._groups: tuple[PayeeGroup, ...] = ()
        self._blocks: list[PayeeBlock] = []
        self._done = Text(ui, "", wrap=True)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._done)
        self.tell()

    def show_groups(self, claim_type: str, groups: Sequence[PayeeGroup], draft: SigningDraft, today: date) -> None:
        """Show a form a share, with what was typed or is suggested."""
        if claim_type != self._claim_type:
            for block in self._blocks:
                block.deleteLater()
            self._blocks.clear()
        self._claim_type, self._groups = claim_type, tuple(groups)
        self._done.hide()
        wanted = [(group, place) for group in groups for place in range(len(group.asked))]
        while len(self._blocks) < len(wanted):
            block = PayeeBlock(self._ui, claim_type)
            block.edited.connect(self.edited)
            self._blocks.append(block)
            self._column.addWidget(block)
        for place, block in enumerate(self._blocks):
            block.setVisible(place < len(wanted))
        for block, (group, place) in zip(self._blocks, wanted, strict=False):
            block.show_share(group, place, len(wanted), several=len(groups) > 1)
            block.fill(typed_payees(draft, group)[place], today)

    def show_issued(self, papers: Sequence[PaperRecord]) -> None:
        """Show who was promised what; nothing can be typed any more."""
        for block in self._blocks:
            block.hide()
        self._groups = ()
        lines = [
            f"{each.payee.name}  {each.payee.bank} {each.payee.account[-4:]}"
            for each in papers
            if each.payee is not None
        ]
        self._done.say("\n".join(lines))
        self._done.show()

    @property
    def names(self) -> tuple[str, ...]:
        """The names as typed, in order."""
        return tuple(block.raw().get(NAME, "").strip() for block in self._shown())

    def raw(self) -> dict[str, tuple[dict[str, str], ...]]:
        """Return what stands in the forms, by policy."""
        texts = [block.raw() for block in self._shown()]
        found: dict[str, tuple[dict[str, str], ...]] = {}
        for group in self._groups:
            count = len(group.asked)
            own, texts = tuple(texts[:count]), texts[count:]
            found.update(dict.fromkeys(group.policy_nos, own))
        return found

    def right(self, today: date) -> bool:
        """Check every form, mark what is wrong, and say whether all is right."""
        # Every form, not up to the first wrong one: all problems are shown at once.
        return False not in [block.right(today) for block in self._shown()]

    def focus_problem(self) -> bool:
        """Give the first wrong field the keyboard."""
        return any(block.focus_problem() for block in self._shown())

    def focus_first(self) -> None:
        """Give the first field the keyboard."""
        for block in self._shown():
            block.focus_first()
            return

    def first_empty(self) -> QWidget | None:
        """Return the first required field that is empty, None where all are filled."""
        for block in self._shown():
            for part in (block.person, block.account):
                raw = part.raw()
                for field in part.form.fields:
                    if field.required and not raw.get(field.key, "").strip() and part.isVisibleTo(self):
                        return part.editor(field.key)
        return None

    @property
    def blocks(self) -> tuple[PayeeBlock, ...]:
        """The forms that are shown."""
        return tuple(self._shown())

    def tell(self) -> None:
        """Measure again."""
        self._column.setSpacing(self._ui.look.space("s"))

    def _shown(self) -> list[PayeeBlock]:
        count = sum(len(group.asked) for group in self._groups)
        return self._blocks[:count]


class PayeeBlock(QWidget, Told):
    """One payee: who, with the sum where there are several; and the account. ``edited`` after every change by hand."""

    edited = Signal()

    def __init__(self, ui: Presentation, claim_type: str) -> None:
        super().__init__()
        self._ui = ui
        self._place, self._count, self._policies = 1, 1, ""
        self._rule = Rule(ui)
        self._who = Text(ui, self._words, bold=True)
        self._sum = Money(ui, None)
        self._head = QWidget(self)
        row = QHBoxLayout(self._head)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._who, 1)
        row.addWidget(self._sum)
        form = payee_form(claim_type)
        self.person = FormPanel(ui, form, keys=(NAME, ID_NUMBER, RELATION), columns=2)
        self.account = FormPanel(ui, form, keys=(BANK, ACCOUNT), columns=2)
        self._relations = {each.value: each.label for each in form.field(RELATION).choices}
        self._known = QWidget(self)
        known = QHBoxLayout(self._known)
        known.setContentsMargins(0, 0, 0, 0)
        names = QVBoxLayout()
        names.setSpacing(0)
        self._name = Text(ui, self._known_name, bold=True)
        self._id = Text(ui, self._known_id, size="caption", colour="text2")
        names.addWidget(self._name)
        names.addWidget(self._id)
        self.change = ActionButton(ui, _CHANGE)
        self.change.clicked.connect(lambda _checked: self._open_person())
        known.addLayout(names, 1)
        known.addWidget(self.change)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._rule, self._head, self._known, self.person, self.account):
            self._column.addWidget(widget)
        for part in (self.person, self.account):
            part.edited.connect(lambda _key: self.edited.emit())
        self.person.finished.connect(self.account.focus_first)
        self.tell()

    def raw(self) -> dict[str, str]:
        """Return what stands in the form."""
        return self.person.raw() | self.account.raw()

    def fill(self, raw: Raw, today: date) -> None:
        """Show these texts; who is known already is said in a line instead of asked."""
        self.person.fill(raw)
        self.account.fill(raw)
        for part in (self.person, self.account):
            part.wrong_now(today)
        known = isinstance(validate(self.person.form, self.person.raw(), today), Validated)
        self._known.setVisible(known)
        self.person.setVisible(not known)
        self._name.tell()
        self._id.tell()

    def right(self, today: date) -> bool:
        """Check all of it, and open what is folded where something in it is wrong."""
        person, account = self.person.check(today), self.account.check(today)
        if not isinstance(person, Validated):
            self._known.hide()
            self.person.show()
        return isinstance(person, Validated) and isinstance(account, Validated)

    def focus_problem(self) -> bool:
        """Give the first wrong field the keyboard."""
        return self.person.focus_problem() or self.account.focus_problem()

    def focus_first(self) -> None:
        """Give the first field the keyboard."""
        (self.account if self.person.isHidden() else self.person).focus_first()

    def show_share(self, group: PayeeGroup, place: int, count: int, *, several: bool) -> None:
        """Say whose form it is; alone it needs no saying."""
        self._place, self._count = place + 1, count
        self._policies = "、".join(group.policy_nos) if several else ""
        self._head.setVisible(count > 1)
        self._rule.setVisible(count > 1 and place > 0)
        self._sum.show_fen(group.asked[place].amount_fen)
        self._who.tell()

    def tell(self) -> None:
        """Measure again."""
        self._column.setSpacing(self._ui.look.space("s"))

    def _open_person(self) -> None:
        self._known.hide()
        self.person.show()
        self.person.focus_first()

    def _known_name(self) -> str:
        raw = self.person.raw()
        relation = self._relations.get(raw.get(RELATION, ""))
        name = raw.get(NAME, "")
        if relation is None:
            return name
        said = self._ui.say(relation)
        return f"{name}（{said}）" if self._ui.words.code == "zh" else f"{name} ({said})"

    def _known_id(self) -> str:
        number = self.person.raw().get(ID_NUMBER, "")
        return self._ui.say(_ID).format(number=mask_id(number) if number else self._ui.say(_NO_ID))

    def _words(self) -> str:
        said = self._ui.say(_WHO).format(place=self._place, count=self._count)
        if not self._policies:
            return said
        return f"{said}，{self._ui.say(_OF).format(policies=self._policies)}"
