"""A square button with an icon alone, for what stands beside many others of its kind: nearer, farther, next page.

Promise: its words are its accessible name and tool tip; 44 on each side.
"""

from __future__ import annotations

from PySide6.QtCore import QSize
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painted_button import PressedButton
from views.controls.painting import paint_box, paint_icon
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation


class IconButton(PressedButton):
    """One button."""

    def __init__(self, ui: Presentation, text: Bilingual, icon: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._text, self._icon = ui, text, icon
        self.setProperty(OWN_FOCUS, True)
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
