"""A square button with an icon alone, for what stands beside many others of its kind: nearer, farther, next page.

Promise: its words are its accessible name and tool tip; 44 on each side.
"""

from __future__ import annotations

from PySide6.QtCore import QEvent, QSize, Qt
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import paint_box, paint_icon
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told


class IconButton(QAbstractButton, Told):
    """One button."""

    def __init__(self, ui: Presentation, text: Bilingual, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._text, self._icon = ui, text, icon
        self.setProperty(OWN_FOCUS, True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Fixed)
        self.tell()

    def tell(self) -> None:
        """Say the words again."""
        words = self._ui.say(self._text)
        self.setAccessibleName(words)
        self.setToolTip(words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As high as any control."""
        side = self._ui.look.height("control")
        return QSize(side, side)

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter presses it."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and not event.modifiers():
            self.click()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Repaint when pointer or keyboard come or go."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave, QEvent.Type.FocusIn, QEvent.Type.FocusOut):
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the icon; the box only under the pointer or with the keyboard."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill = look.qcolor("hover") if self.isEnabled() and (self.underMouse() or self.isDown()) else None
        line = look.qcolor("focus") if self.hasFocus() else None
        box = self.rect().adjusted(0, look.space("xs"), 0, -look.space("xs"))
        paint_box(painter, box, fill, line, look.line("focus"), look.radius("control"))
        colour = "text" if self.isEnabled() else "disabled_text"
        side = look.px(20)
        paint_icon(painter, look, self._icon, colour, 20, (self.width() - side) // 2, self.height() // 2)
