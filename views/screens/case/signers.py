"""The people who sign: the claimants, the adjuster, a witness where one is needed, and the way of who refuses.

Promise: what is still missing is said in words, one thing after another, before anybody presses anything; a refusal needs a reason, a
signature without ink a witness. Nothing here writes: it says what was signed by whom.

Source: notes/domain.md "Who signs"; docs/adr/0104.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget

from claims.events import PaperSigned
from claims.signing import Ink, Role
from rules.bilingual import Bilingual
from views.controls.labels import Text
from views.controls.reading_order import read_in_order
from views.controls.tick import Tick
from views.presentation import Presentation, Told
from views.screens.case.sign_field import SignField

CONSENT = Bilingual(
    "本人已看过金额和计算，同意为本次理赔处理健康、银行账户等敏感个人信息并报送总部。",
    "I have seen the sum and how it comes about, and agree to the use of health, bank and other sensitive data for this claim.",
)
_CLAIMANT = Bilingual("申请人", "Claimant")
_CLAIMANT_OF = Bilingual("申请人 {place}/{count}", "Claimant {place}/{count}")
_ADJUSTER = Bilingual("经办人", "Adjuster")
_WITNESS = Bilingual("见证人", "Witness")
_CANT_WRITE = Bilingual("不能书写", "Can't write")
_BY_LOGIN = Bilingual("以登录身份签", "Sign by login")
_REFUSES = Bilingual("申请人拒签", "Refuses to sign")
_WITNESS_TOO = Bilingual("有见证人", "With a witness")
_REASON = Bilingual("拒签原因（必填）", "Reason for refusing (required)")
_NO_INK = Bilingual(
    "不能书写，由见证人证明；可在纸上按指印", "Can't write: a witness confirms; a fingerprint may follow on the paper"
)
_LOGIN_INK = Bilingual("以登录身份签字，纸上可补签", "Signed by login; ink may follow on the paper")
_REFUSED_INK = Bilingual("拒绝签字", "Refuses to sign")
_NOTE_NO_INK = Bilingual("本人不能书写，见证人：{name}", "could not write; witness: {name}")

LACKS_CLAIMANT = Bilingual("申请人签字", "the claimant's signature")
LACKS_NAME = Bilingual("签字人姓名", "a signer's name")
LACKS_ADJUSTER = Bilingual("经办人签字", "the adjuster's signature")
LACKS_WITNESS = Bilingual("见证人姓名", "the witness's name")
LACKS_CONSENT = Bilingual("勾选同意", "the consent")
LACKS_REASON = Bilingual("拒签原因", "the reason for refusing")


@dataclass(frozen=True)
class Signature:
    """One thing to record. ``note`` goes into the log in Chinese, as the paper does."""

    role: Role
    name: str
    ink: Ink
    refused: bool
    note: str


class Signers(QWidget, Told):
    """``edited`` after every change by hand."""

    edited = Signal()

    def __init__(self, ui: Presentation, adjuster: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._adjuster_name = ui, adjuster
        self._filling = False
        self._claimants: list[SignField] = []
        self._count = 0
        self._shown_only = False
        self.consent = Tick(ui, CONSENT)
        self.adjuster = SignField(ui, _ADJUSTER, without_ink=_BY_LOGIN, instead=_LOGIN_INK, fixed_name=True)
        self.refuses = Tick(ui, _REFUSES)
        self.witnessed = Tick(ui, _WITNESS_TOO)
        self.witness = SignField(ui, _WITNESS)
        self._why = QWidget(self)
        why = QVBoxLayout(self._why)
        why.setContentsMargins(0, 0, 0, 0)
        self._why_label = Text(ui, _REASON, size="caption", colour="text2")
        self.reason = QLineEdit(self._why)
        why.addWidget(self._why_label)
        why.addWidget(self.reason)
        why.addStretch(1)

        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self.consent)
        self._left = QVBoxLayout()
        self._column.addLayout(self._left)
        self._column.addWidget(self.adjuster)
        self._ways = QHBoxLayout()
        self._ways.addWidget(self.refuses)
        self._ways.addWidget(self.witnessed)
        self._ways.addStretch(1)
        self._column.addLayout(self._ways)
        self._column.addWidget(self._why)
        self._column.addWidget(self.witness)
        self._column.addStretch(1)

        for tick in (self.consent, self.refuses, self.witnessed):
            tick.toggled.connect(lambda _on: self._settle())
        for field in (self.adjuster, self.witness):
            field.edited.connect(self._settle)
        self.reason.textEdited.connect(lambda _text: self._settle())
        self._hold_claimants(1)
        self.tell()

    # What is shown

    def begin(self, claimants: Sequence[str], witness: str = "", reason: str = "") -> None:
        """Empty pads for these names."""
        self._filling = True
        self._shown_only = False
        self._hold_claimants(max(1, len(claimants)))
        for field, name in zip(self._shown_claimants(), claimants or ("",), strict=False):
            field.begin(name)
        self.adjuster.begin(self._adjuster_name)
        self.witness.begin(witness)
        self.reason.setText(reason)
        self.reason.setReadOnly(False)
        for tick in (self.consent, self.refuses, self.witnessed):
            tick.setChecked(False)
            tick.setEnabled(True)
        self._filling = False
        self._settle()

    def rename(self, claimants: Sequence[str]) -> None:
        """Other names for pads on which nothing was drawn and no name typed: the payees changed."""
        if self._shown_only:
            return
        if len(claimants) != self._count:
            self.begin(claimants, self.witness.signer, self.reason.text())
            return
        for field, name in zip(self._shown_claimants(), claimants, strict=True):
            if field.pad.is_empty and not field.name.isModified():
                field.name.setText(name)

    def show_signed(self, signatures: Sequence[PaperSigned]) -> None:
        """Show what is on record for one result; nothing can be changed."""
        self._filling = True
        self._shown_only = True
        newest: dict[tuple[str, str], PaperSigned] = {(each.role, each.name): each for each in signatures}
        claimants = [each for each in newest.values() if each.role == Role.CLAIMANT]
        self._hold_claimants(max(1, len(claimants)))
        for field, each in zip(self._shown_claimants(), claimants, strict=False):
            field.show_signed(each.name, each.strokes, _REFUSED_INK if each.refused else _NO_INK)
        adjuster = next((each for each in newest.values() if each.role == Role.ADJUSTER), None)
        self.adjuster.setVisible(adjuster is not None)
        if adjuster is not None:
            self.adjuster.show_signed(adjuster.name, adjuster.strokes, _LOGIN_INK)
        witness = next((each for each in newest.values() if each.role == Role.WITNESS), None)
        if witness is not None:
            self.witness.show_signed(witness.name, witness.strokes, Bilingual("未手写", "no ink"))
        refused = next((each for each in claimants if each.refused), None)
        self.reason.setText("" if refused is None else refused.note)
        self.reason.setReadOnly(True)
        for tick in (self.consent, self.refuses, self.witnessed):
            tick.hide()
        self._why.setVisible(refused is not None)
        self.witness.setVisible(witness is not None)
        self._filling = False

    # What was done

    @property
    def refused(self) -> bool:
        """Whether the way of refusing was ticked."""
        return self.refuses.isChecked()

    @property
    def names(self) -> dict[str, str]:
        """What was typed besides the payees, for the draft."""
        claimants = {f"claimant{place}": field.signer for place, field in enumerate(self._shown_claimants())}
        return claimants | {"witness": self.witness.signer, "reason": self.reason.text().strip()}

    @property
    def claimants(self) -> tuple[SignField, ...]:
        """The claimants' fields that are shown."""
        return tuple(self._shown_claimants())

    def lacking(self) -> tuple[Bilingual, ...]:
        """Return what is still missing, in the order in which it stands on the screen."""
        fields = self._shown_claimants()
        if self.refused:
            lacks = [] if fields[0].signer else [LACKS_NAME]
            if not self.reason.text().strip():
                lacks.append(LACKS_REASON)
        else:
            lacks = [] if self.consent.isChecked() else [LACKS_CONSENT]
            if not all(field.signer for field in fields):
                lacks.append(LACKS_NAME)
            if any(not field.without_ink and field.pad.is_empty for field in fields):
                lacks.append(LACKS_CLAIMANT)
            if not self.adjuster.signed:
                lacks.append(LACKS_ADJUSTER)
        if self._needs_witness() and not self.witness.signer:
            lacks.append(LACKS_WITNESS)
        return tuple(lacks)

    def focus_lacking(self) -> None:
        """Give what is missing first the keyboard."""
        fields = self._shown_claimants()
        wanted: list[tuple[bool, QWidget]] = []
        if self.refused:
            wanted = [(not fields[0].signer, fields[0].name), (not self.reason.text().strip(), self.reason)]
        else:
            wanted.append((not self.consent.isChecked(), self.consent))
            for field in fields:
                wanted.append((not field.signer, field.name))
                wanted.append((not field.signed, field.pad))
            wanted.append((not self.adjuster.signed, self.adjuster.pad))
        wanted.append((self._needs_witness() and not self.witness.signer, self.witness.name))
        for missing, widget in wanted:
            if missing:
                widget.setFocus()
                return

    def signatures(self) -> tuple[Signature, ...]:
        """Return what to record for each result, the claimant last: theirs is the word that counts."""
        witness = self.witness.signer if self.witness.isVisibleTo(self) else ""
        found = []
        if witness:
            found.append(Signature(Role.WITNESS, witness, self.witness.ink, False, ""))
        claimants = self._shown_claimants()
        if self.refused:
            # A refusal is one person's word; the adjuster has nothing to agree to.
            reason = self.reason.text().strip()
            found.append(Signature(Role.CLAIMANT, claimants[0].signer, (), True, reason))
            return tuple(found)
        login = _LOGIN_INK.zh if self.adjuster.without_ink else ""
        found.append(Signature(Role.ADJUSTER, self.adjuster.signer, self.adjuster.ink, False, login))
        for field in claimants:
            said = [CONSENT.zh]
            if field.without_ink:
                said.append(_NOTE_NO_INK.zh.format(name=witness))
            found.append(Signature(Role.CLAIMANT, field.signer, field.ink, False, "".join(said)))
        return tuple(found)

    # Qt

    def tell(self) -> None:
        """Say names and measure again."""
        look = self._ui.look
        self._column.setSpacing(look.space("s"))
        self._ways.setSpacing(look.space("xl"))
        self._left.setSpacing(look.space("s"))
        self.reason.setAccessibleName(self._ui.say(_REASON))

    def _settle(self) -> None:
        """Show what belongs to the way that was taken."""
        if self._filling:
            return
        refused = self.refused
        for field in self._shown_claimants():
            field.blockSignals(True)
            field.allow(not refused, _REFUSED_INK)
            field.blockSignals(False)
        if not self._shown_only:
            self.consent.setVisible(not refused)
            self.adjuster.setVisible(not refused)
            self.refuses.show()
            self._why.setVisible(refused)
            needs = self._needs_witness()
            self.witnessed.setVisible(not needs)
            self.witness.setVisible(needs or self.witnessed.isChecked())
        self.edited.emit()

    def _needs_witness(self) -> bool:
        return not self.refused and any(field.without_ink for field in self._shown_claimants())

    def _hold_claimants(self, count: int) -> None:
        while len(self._claimants) < count:
            field = SignField(self._ui, _CLAIMANT, without_ink=_CANT_WRITE, instead=_NO_INK)
            field.edited.connect(self._settle)
            self._claimants.append(field)
            self._left.addWidget(field)
            read_in_order(self)
        self._count = count
        for place, field in enumerate(self._claimants):
            field.setVisible(place < count)
            if count == 1:
                field.call(_CLAIMANT)
            else:
                zh = _CLAIMANT_OF.zh.format(place=place + 1, count=count)
                field.call(Bilingual(zh, _CLAIMANT_OF.en.format(place=place + 1, count=count)))

    def _shown_claimants(self) -> list[SignField]:
        return self._claimants[: self._count]
