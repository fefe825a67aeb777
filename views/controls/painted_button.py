"""What every self-painted button has in common, whatever it looks like.

Promise: it is reached by Tab and by a click, the pointer is a hand over it, and it is painted anew when pointer or keyboard come or go.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from rules.bilingual import Bilingual
from views.presentation import Presentation, Told

_REPAINTED = (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave, QEvent.Type.FocusIn, QEvent.Type.FocusOut)


class PaintedButton(QAbstractButton, Told):
    """The ground of boxes to tick: Space presses it, Enter belongs to the form around it."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)

    def event(self, event: QEvent) -> bool:
        """Repaint when pointer or keyboard come or go."""
        if event.type() in _REPAINTED:
            self.update()
        return super().event(event)


class PressedButton(PaintedButton):
    """The ground of buttons: Enter presses it too, as people expect."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Either Enter presses a focused button."""
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)


def pressed_by_enter(button: QAbstractButton, event: QKeyEvent) -> bool:
    """Press the button when the key is an Enter alone; with another key held it means something else."""
    alone = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
    if event.key() not in (Qt.Key.Key_Return, Qt.Key.Key_Enter) or not alone:
        return False
    button.click()
    return True


class Worded(PaintedButton):
    """What a button with words of its own adds: the words in either language, and why it cannot be pressed now.

    The class that draws it sets ``_ui`` and ``_text`` before it calls ``tell``.
    """

    _ui: Presentation
    _text: Bilingual
    _why_not: Bilingual | None = None

    def allow(self, allowed: bool, why_not: Bilingual | None = None) -> None:
        """Enable or disable; ``why_not`` is said as tool tip and accessible description."""
        self._why_not = None if allowed else why_not
        self.setEnabled(allowed)
        self.tell()

    def tell(self) -> None:
        """Say the words again."""
        words = self._ui.say(self._text)
        why = "" if self._why_not is None else self._ui.say(self._why_not)
        self.setText(words)
        self.setAccessibleName(words)
        self.setAccessibleDescription(why)
        self.setToolTip(why)
        self.updateGeometry()
        self.update()
