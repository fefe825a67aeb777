"""What every self-painted button has in common, whatever it looks like.

Promise: it is reached by Tab and by a click, the pointer is a hand over it, and it is painted anew when pointer or keyboard come or go.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from views.presentation import Told

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
        """Either Enter presses a focused button; with another key held it means something else."""
        alone = event.modifiers() in (Qt.KeyboardModifier.NoModifier, Qt.KeyboardModifier.KeypadModifier)
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and alone:
            self.click()
            return
        super().keyPressEvent(event)
