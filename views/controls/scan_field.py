"""Where the text of a code goes: typed by a hand scanner in a twinkling and ended with Enter, or pasted.

Promise: what was scanned is handed on whole and the field is empty for the next one; an input method never gets between scanner and field,
and a Caps Lock left on is no forgery.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLineEdit, QWidget

from rules.bilingual import Bilingual
from views.presentation import Presentation, Told

_PREFIX = "OP1:"
_ENDINGS = "\r\n\t"
"""What scanners add; a space may belong to the code."""
LONGEST = 8192
"""More than one code can hold: a text this long is told apart from one that was cut here."""


class ScanField(QLineEdit, Told):
    """One field. ``scanned`` carries a text that was ended with Enter (a scan also with Tab); never an empty one."""

    scanned = Signal(str)

    def __init__(self, ui: Presentation, name: Bilingual, hint: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._name, self._hint = ui, name, hint
        self.setMaxLength(LONGEST)
        # A scanner types Latin letters; a Chinese input method would turn them into candidates.
        self.setAttribute(Qt.WidgetAttribute.WA_InputMethodEnabled, False)
        # A file that is dropped here is one to read, not a text.
        self.setAcceptDrops(False)
        self.returnPressed.connect(self._submit)
        self.tell()

    def take(self, text: str) -> None:
        """Go on with what was typed elsewhere on the screen: a scanner asks nobody where the keyboard is."""
        self.setFocus(Qt.FocusReason.OtherFocusReason)
        self.end(False)
        self.insert(text)

    def event(self, event: QEvent) -> bool:
        """A scanner may end with Tab as well; after anything else that is typed, Tab goes on."""
        pressed = event.key() if isinstance(event, QKeyEvent) and event.type() is QEvent.Type.KeyPress else None
        if pressed == Qt.Key.Key_Tab and looks_scanned(self.text()):
            self._submit()
            return True
        return super().event(event)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Esc empties the field."""
        if event.key() == Qt.Key.Key_Escape and self.text():
            self.clear()
            return
        super().keyPressEvent(event)

    def tell(self) -> None:
        """Say name and hint again."""
        self.setAccessibleName(self._ui.say(self._name))
        self.setAccessibleDescription(self._ui.say(self._hint))
        self.setPlaceholderText(self._ui.say(self._hint))

    def _submit(self) -> None:
        text = scanned_text(self.text())
        self.clear()
        if text.strip():
            self.scanned.emit(text)


def scanned_text(text: str) -> str:
    """Return what a scanner meant: without its ending, and with upper-case letters where Caps Lock turned them round."""
    plain = text.strip(_ENDINGS)
    return plain.swapcase() if plain.startswith(_PREFIX.lower()) else plain


def looks_scanned(text: str) -> bool:
    """Say whether a text that stands in another field came from a scanner."""
    return scanned_text(text).startswith(_PREFIX)
