"""Who signs a paper on the screen: one place for each role the paper has a line for, each with its own words, each signed, refused or left open.

Promise: a signature stands only under the words that are shown with it: consent has a place of its own. A refusal needs a reason, a signature
without ink a witness; who does not sign here may sign on the paper. What is on record is shown and not changed. Nothing here writes.

Source: notes/domain.md §7; docs/adr/0104, 0140.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from claims.document_types import Signer
from claims.signing import Role
from rules.bilingual import Bilingual
from views.controls.labels import Text
from views.controls.panel import Panel, Rule
from views.controls.reading_order import read_in_order
from views.controls.tick import Tick
from views.presentation import Presentation, Told
from views.screens.case.sign_field import SignField
from views.screens.case.signers import LACKS_NAME, LACKS_REASON, LACKS_WITNESS, Signature

_TITLE = Bilingual("谁来签", "Who signs")
_COUNT = Bilingual("已签 {signed}/{all}", "{signed} of {all} signed")
_REFUSES = Bilingual("拒绝签字", "Refuses to sign")
_REASON = Bilingual("拒签原因（必填）", "Reason for refusing (required)")
_CANT_WRITE = Bilingual("不能书写", "Can't write")
_BY_LOGIN = Bilingual("以登录身份签", "Sign by login")
_NO_INK = Bilingual(
    "不能书写，由见证人证明；可在纸上按指印", "Can't write: a witness confirms; a fingerprint may follow on the paper"
)
_LOGIN_INK = Bilingual("以登录身份签字，纸上可补签", "Signed by login; ink may follow on the paper")
_REFUSED_INK = Bilingual("拒绝签字", "Refused to sign")
_WITNESS = Bilingual("见证人姓名（必填）", "Name of the witness (required)")
_NOTE_NO_INK = "本人不能书写，见证人：{name}"
_COMPANY_SIDE = (Role.ADJUSTER, Role.INVESTIGATOR, Role.SECOND_INVESTIGATOR, Role.REVIEWER)


class _Entry(QWidget, Told):
    """A label and a line below it."""

    def __init__(self, ui: Presentation, words: Bilingual, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui, self._words = ui, words
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(Text(ui, words, size="caption", colour="text2", wrap=True))
        self.line = QLineEdit(self)
        column.addWidget(self.line)
        self.tell()

    @property
    def text(self) -> str:
        return self.line.text().strip()

    def tell(self) -> None:
        self.line.setAccessibleName(self._ui.say(self._words))


class SignerPlace(QWidget, Told):
    """One signer's place."""

    edited = Signal()

    def __init__(self, ui: Presentation, signer: Signer, own_name: str, parent: QWidget) -> None:
        super().__init__(parent)
        self._ui, self.signer = ui, signer
        self._recorded = False
        # Who unlocked may sign by that, and as nobody else; their colleagues write, as everybody does who can.
        self._by_login = signer.role is Role.ADJUSTER or (signer.role in _COMPANY_SIDE and signer.name == own_name)
        can_not = None if signer.role in _COMPANY_SIDE else _CANT_WRITE
        self._words = Text(ui, signer.note or Bilingual("", ""), size="caption", colour="text2", wrap=True, parent=self)
        self.field = SignField(
            ui,
            signer.label,
            without_ink=_BY_LOGIN if self._by_login else can_not,
            instead=_LOGIN_INK if self._by_login else _NO_INK,
            fixed_name=signer.role is Role.ADJUSTER,
        )
        self.witness = _Entry(ui, _WITNESS, self)
        self.refuses = Tick(ui, _REFUSES)
        self.reason = _Entry(ui, _REASON, self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        for widget in (self._words, self.field, self.witness, self.refuses, self.reason):
            self._column.addWidget(widget)
        self.field.begin(own_name if signer.role is Role.ADJUSTER else signer.name)
        self.field.edited.connect(self._settle)
        self.refuses.toggled.connect(lambda _on: self._settle())
        for entry in (self.witness, self.reason):
            entry.line.textEdited.connect(lambda _text: self.edited.emit())
        self.tell()
        self._settle()

    def show_record(self, signer: Signer) -> None:
        """Show what is on record; a place that is still open keeps what was drawn on it."""
        self.signer = signer
        signed = signer.signed
        if signed is None:
            return
        self._recorded = True
        instead = _REFUSED_INK if signed.refused else _LOGIN_INK if self._by_login else _NO_INK
        self.field.show_signed(signed.name, signed.ink, instead)
        for widget in (self.witness, self.refuses, self.reason):
            widget.hide()

    @property
    def begun(self) -> bool:
        """Whether somebody drew, ticked a way without ink, or refused: there is something to record."""
        if self._recorded:
            return False
        return self.refuses.isChecked() or self.field.without_ink or not self.field.pad.is_empty

    @property
    def open(self) -> bool:
        """Whether nothing is on record."""
        return not self._recorded

    def lacking(self) -> tuple[Bilingual, ...]:
        """Return what is missing before it can be recorded."""
        lacks = [] if self.field.signer else [LACKS_NAME]
        if self.refuses.isChecked():
            if not self.reason.text:
                lacks.append(LACKS_REASON)
        elif self._needs_witness() and not self.witness.text:
            lacks.append(LACKS_WITNESS)
        return tuple(lacks)

    def focus_lacking(self) -> None:
        """Give what is missing the keyboard."""
        if not self.field.signer:
            self.field.name.setFocus()
        elif self.refuses.isChecked():
            self.reason.line.setFocus()
        else:
            self.witness.line.setFocus()

    def signature(self) -> Signature:
        """Return what to record. The note goes into the log in Chinese, as the paper does."""
        role, name = Role(self.signer.role), self.field.signer
        if self.refuses.isChecked():
            return Signature(role, name, (), True, self.reason.text)
        if self._needs_witness():
            return Signature(role, name, (), False, _NOTE_NO_INK.format(name=self.witness.text))
        return Signature(role, name, self.field.ink, False, _LOGIN_INK.zh if self.field.without_ink else "")

    def tell(self) -> None:
        """Measure again."""
        self._column.setSpacing(self._ui.look.space("xs"))
        # Several may refuse: who sees nothing is told whose box it is.
        self.refuses.setAccessibleDescription(self._ui.say(self.signer.label))

    def _needs_witness(self) -> bool:
        return self.field.without_ink and not self._by_login

    def _settle(self) -> None:
        """Show what belongs to the way that was taken."""
        if not self._recorded:
            refused = self.refuses.isChecked()
            self.field.blockSignals(True)
            self.field.allow(not refused, _REFUSED_INK)
            self.field.blockSignals(False)
            self._words.setVisible(bool(self._words.full_text))
            self.witness.setVisible(self._needs_witness() and not refused)
            self.reason.setVisible(refused)
        self.edited.emit()


class DocumentSigners(Panel):
    """All places of one paper. ``edited`` after every change by hand.

    Args:
        adjuster: who unlocked.
    """

    edited = Signal()

    def __init__(self, ui: Presentation, adjuster: str, parent: QWidget | None = None) -> None:
        super().__init__(ui, _TITLE, dense=True, parent=parent)
        self._adjuster = adjuster
        self._number = ""
        self.places: tuple[SignerPlace, ...] = ()
        self._held: QWidget | None = None
        self.hide()

    def show_signers(self, number: str, signers: Sequence[Signer], *, closed: bool) -> None:
        """Show who signs a paper; what was drawn and not recorded stays as long as the paper is the same one.

        Args:
            closed: nobody signs any more: it is voided, or in the claimant's hands.
        """
        roles = tuple(each.role for each in signers)
        if number != self._number or roles != tuple(each.signer.role for each in self.places):
            self._number = number
            self._make(signers)
        for place, signer in zip(self.places, signers, strict=True):
            place.show_record(signer)
            place.setVisible(not (closed and place.open))
        signed = sum(1 for each in signers if each.signed is not None and not each.signed.refused)
        self.note(Bilingual(*(each.format(signed=signed, all=len(signers)) for each in (_COUNT.zh, _COUNT.en))))
        self.setVisible(any(not each.isHidden() for each in self.places))

    @property
    def begun(self) -> tuple[SignerPlace, ...]:
        """The places at which there is something to record."""
        return tuple(each for each in self.places if each.begun and not each.isHidden())

    @property
    def open_labels(self) -> tuple[Bilingual, ...]:
        """Who has not signed yet."""
        return tuple(each.signer.label for each in self.places if each.open and not each.isHidden())

    def lacking(self) -> tuple[Bilingual, ...]:
        """Return what is missing at the places that were begun."""
        return tuple(dict.fromkeys(lack for each in self.begun for lack in each.lacking()))

    def focus_lacking(self) -> None:
        """Give what is missing first the keyboard."""
        for each in self.begun:
            if each.lacking():
                each.focus_lacking()
                return

    def signatures(self) -> tuple[Signature, ...]:
        """Return what to record, in the order of the lines."""
        return tuple(each.signature() for each in self.begun)

    def _make(self, signers: Sequence[Signer]) -> None:
        if self._held is not None:
            self.body.removeWidget(self._held)
            self._held.hide()
            self._held.deleteLater()
        self._held = QWidget(self)
        column = QVBoxLayout(self._held)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(self._ui.look.space("m"))
        places: list[SignerPlace] = []
        for signer in signers:
            if places:
                column.addWidget(Rule(self._ui, self._held))
            place = SignerPlace(self._ui, signer, self._adjuster, self._held)
            place.edited.connect(self.edited)
            column.addWidget(place)
            places.append(place)
        self.places = tuple(places)
        self.body.addWidget(self._held)
        self._held.show()
        read_in_order(self)
