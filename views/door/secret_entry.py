"""Where a PIN or a passphrase is typed, whichever this machine wants; what was typed stays while the answer is looked up."""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLineEdit, QVBoxLayout, QWidget

from claims.errors import Bilingual
from views.controls.labels import Text
from views.door.pin_pad import PinBoxes, PinPad
from views.entrance import LockKind
from views.presentation import Presentation, Told

_PIN = Bilingual("六位以上 PIN", "PIN of six digits or more")
_PASSPHRASE = Bilingual("口令短语（登记时抄下的六组字母）", "Passphrase (the six groups noted at enrolment)")


class SecretEntry(QWidget, Told):
    """Boxes and pad for a PIN, one field for a passphrase. ``entered`` on Enter."""

    entered = Signal()

    def __init__(self, ui: Presentation, kind: LockKind, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._kind = kind
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(ui.look.space("s"))
        self._label = Text(ui, _PIN, colour="text2")
        self.boxes = PinBoxes(ui, _PIN)
        self.pad = PinPad(ui, self.boxes)
        self.field = QLineEdit()
        self.field.setEchoMode(QLineEdit.EchoMode.Password)
        self.field.returnPressed.connect(self.entered)
        self.boxes.entered.connect(self.entered)
        self.hint = Text(ui, "", size="caption", colour="text2", wrap=True)
        column.addWidget(self._label)
        column.addWidget(self.boxes)
        column.addWidget(self.field)
        column.addWidget(self.hint)
        column.addSpacing(ui.look.space("s"))
        column.addWidget(self.pad)
        self.ask_for(kind)

    @property
    def kind(self) -> LockKind:
        """What is asked for."""
        return self._kind

    @property
    def typed(self) -> str:
        """What was typed."""
        return self.boxes.typed if self._kind is LockKind.PIN else self.field.text()

    def ask_for(self, kind: LockKind) -> None:
        """Ask for the other kind; digits that were typed already move over."""
        if kind is LockKind.PASSPHRASE and self.boxes.typed:
            self.field.setText(self.boxes.typed)
            self.boxes.clear()
        self._kind = kind
        pin = kind is LockKind.PIN
        had_focus = self.boxes.hasFocus() or self.field.hasFocus()
        for widget, shown in ((self.boxes, pin), (self.pad, pin), (self.field, not pin)):
            widget.setVisible(shown)
        self._label.say(_PIN if pin else _PASSPHRASE)
        self.setFocusProxy(self.boxes if pin else self.field)
        if had_focus:
            self.setFocus()
        self.tell()

    def clear(self) -> None:
        """Empty it."""
        self.boxes.clear()
        self.field.clear()

    def tell(self) -> None:
        """Name the field again."""
        self.field.setAccessibleName(self._ui.say(_PASSPHRASE))
