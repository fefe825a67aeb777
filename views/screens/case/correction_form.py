"""Correcting a field of an open case: which one, what it should say, and why.

Promise: only fields that nothing was decided by are offered; what stood there before stays in the log, and a refusal keeps what was typed.

Source: claims/correctable_fields.py; docs/adr/0158, 0164.
"""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from claims.correctable_fields import FIELD_NAMES, CaseField
from claims.corrections import current_value
from claims.errors import Bilingual, OutpostError
from claims.form_fields import Choice, FieldKind
from claims.records import CaseRecord
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.choice_box import ChoiceBox
from views.controls.labelled import Labelled
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.typed_line import TypedLine, TypedText
from views.presentation import Presentation
from views.sentences import capital, together

CORRECT = Bilingual("更正", "Correct")
_TITLE = Bilingual("更正报案内容", "Correct the report")
_FIELD = Bilingual("哪一项", "Which entry")
_VALUE = Bilingual("应为", "It should say")
_WHY = Bilingual("理由", "Why")
_WHY_HINT = Bilingual("如：客户更正", "such as: the claimant corrected it")
_SAVE = Bilingual("记下更正", "Record it")
_BACK = Bilingual("不改了", "Leave it")
_LINES = 3


class CorrectionForm(Panel):
    """The form. ``correcting`` carries a ``CaseField`` value, the text and the reason; ``left``: nothing is corrected."""

    correcting = Signal(str, str, str)
    left = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, _TITLE, parent=parent)
        self._case: CaseRecord | None = None
        choices = [Choice(field.value, capital(name)) for field, name in FIELD_NAMES.items()]
        self.field = ChoiceBox(ui, choices)
        self.line = TypedLine(FieldKind.TEXT, lambda: None)
        self.text = TypedText()
        self.reason = TypedLine(FieldKind.TEXT, lambda: None)
        self._line, self._text = Labelled(ui, _VALUE, self.line), Labelled(ui, _VALUE, self.text)
        self.said = Text(ui, "", colour="red", wrap=True)
        self.save = ActionButton(ui, _SAVE, icon="save")
        self.back = ActionButton(ui, _BACK, role=ButtonRole.QUIET)
        self._buttons = QHBoxLayout()
        self._buttons.addWidget(self.save)
        self._buttons.addWidget(self.back)
        self._buttons.addStretch(1)
        self._column = QVBoxLayout()
        for part in (Labelled(ui, _FIELD, self.field), self._line, self._text):
            self._column.addWidget(part)
        self._column.addWidget(Labelled(ui, _WHY, self.reason, hint=_WHY_HINT))
        self._column.addWidget(self.said)
        self._column.addLayout(self._buttons)
        self.body.addLayout(self._column)
        self.field.typed.connect(self._chosen)
        self.field.left.connect(self._chosen)
        self.reason.entered.connect(self._record)
        self.save.clicked.connect(lambda _checked: self._record())
        self.back.clicked.connect(lambda _checked: self.left.emit())
        self._shown_field = ""
        self.hide()
        self.tell()

    def begin(self, case: CaseRecord) -> None:
        """Open for a case, at the place of loss: what is most often wrong."""
        self._case = case
        self.reason.fill("")
        self.said.hide()
        self._shown_field = ""
        self.field.fill(CaseField.LOSS_PLACE.value)
        self._chosen()
        self.allow(busy=False)
        self.show()
        self.field.line.setFocus(Qt.FocusReason.OtherFocusReason)

    def refuse(self, error: OutpostError) -> None:
        """Say why it was not recorded; what was typed stays."""
        self.said.say(together(error.cause, error.next_step))
        self.said.show()
        self.allow(busy=False)

    def allow(self, *, busy: bool) -> None:
        """Turn the buttons on or off."""
        self.save.setEnabled(not busy)
        self.back.setEnabled(not busy)

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if not hasattr(self, "_shown_field"):
            return
        look = self._ui.look
        self._column.setSpacing(look.space("s"))
        self._buttons.setSpacing(look.space("s"))
        self.text.setFixedHeight((_LINES + 1) * look.line_height("body"))

    def _chosen(self) -> None:
        """Show what stands in the field that was chosen; a half-typed name is none yet."""
        case, chosen = self._case, self.field.raw()
        if case is None or chosen == self._shown_field or chosen not in set(CaseField):
            return
        self._shown_field = chosen
        long = chosen == CaseField.DESCRIPTION
        self._text.setVisible(long)
        self._line.setVisible(not long)
        (self.text if long else self.line).fill(current_value(case, CaseField(chosen)))

    def _record(self) -> None:
        if not self.save.isEnabled():
            return
        long = self._shown_field == CaseField.DESCRIPTION
        self.said.hide()
        self.allow(busy=True)
        self.correcting.emit(self.field.raw(), (self.text if long else self.line).raw(), self.reason.raw())
