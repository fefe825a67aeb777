"""A box to tick, with its words beside it, broken into lines where they are long: a consent, a path that is taken.

Promise: the tick is a sign, not only a colour; words are never cut; the whole line can be touched and is at least 44 high.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painted_button import PaintedButton
from views.controls.painting import paint_box, paint_icon
from views.presentation import Presentation

_BOX = 22
_LINES = int(Qt.TextFlag.TextWordWrap | Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter)


class Tick(PaintedButton):
    """One box; ``toggled`` is emitted. Space ticks it."""

    def __init__(self, ui: Presentation, text: Bilingual, *, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._text = ui, text
        self._laid_out = False
        self.setCheckable(True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.tell()

    def say(self, text: Bilingual) -> None:
        """Change the words."""
        self._text = text
        self.tell()

    def tell(self) -> None:
        """Say the words again."""
        words = self._ui.say(self._text)
        # An ampersand would be a mnemonic.
        self.setText(words.replace("&", "&&"))
        self.setAccessibleName(words)
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Words wrap."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """As high as its lines, 44 at least."""
        look = self._ui.look
        box = QFontMetrics(look.font("body")).boundingRect(
            QRect(0, 0, max(1, width - self._indent()), 10_000), _LINES, self._ui.say(self._text)
        )
        return max(look.height("control"), box.height() + look.space("s"))

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One line of words, up to a readable length."""
        look = self._ui.look
        words = QFontMetrics(look.font("body")).horizontalAdvance(self._ui.say(self._text)) + 2
        width = self._indent() + min(words, look.px(480))
        # A layout takes this height for the most there may be, so it must be the one at the width there is.
        return QSize(width, self.heightForWidth(self.width() if self._laid_out else width))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lines depend on the width."""
        super().resizeEvent(event)
        self._laid_out = True
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The box and a few words a line."""
        return QSize(self._indent() + self._ui.look.px(96), self._ui.look.height("control"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint box, tick and words."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        side = look.px(_BOX)
        on, enabled = self.isChecked(), self.isEnabled()
        fill = ("accent" if on else "hover" if self.underMouse() else "surface") if enabled else "disabled"
        line = ("accent" if on else "line_strong") if enabled else "line"
        rect = QRect(0, (self.height() - side) // 2, side, side)
        paint_box(painter, rect, look.qcolor(fill), look.qcolor(line), max(2, look.line("strong")), look.radius("chip"))
        if on:
            colour = "on_accent" if enabled else "disabled_text"
            paint_icon(painter, look, "check", colour, 16, (side - look.px(16)) // 2, rect.y() + side // 2)
        painter.setFont(look.font("body"))
        painter.setPen(look.qcolor("text" if enabled else "disabled_text"))
        left = self._indent()
        painter.drawText(QRect(left, 0, self.width() - left, self.height()), _LINES, self._ui.say(self._text))

    def _indent(self) -> int:
        return self._ui.look.px(_BOX) + self._ui.look.space("s") + self._ui.look.px(2)
