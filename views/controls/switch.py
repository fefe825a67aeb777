"""A switch: on or off, with its words beside it. The knob's place tells the state, the colour only repeats it."""

from __future__ import annotations

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painted_button import Worded
from views.controls.painting import elided, paint_box
from views.presentation import Presentation

_TRACK_W, _TRACK_H = 44, 24


class Switch(Worded):
    """One switch; ``toggled`` is emitted. Space turns it, as any check box. At least 44 high."""

    def __init__(self, ui: Presentation, text: Bilingual, *, on: bool = False, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._text = ui, text
        self.setCheckable(True)
        self.setChecked(on)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.tell()

    def say(self, text: Bilingual) -> None:
        """Change the words."""
        self._text = text
        self.tell()

    def turn(self, on: bool) -> None:
        """Show a state that came from elsewhere: nobody is told that it was toggled."""
        self.blockSignals(True)
        self.setChecked(on)
        self.blockSignals(False)
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Track and words."""
        look = self._ui.look
        words = QFontMetrics(look.font("body")).horizontalAdvance(self.text())
        return QSize(look.px(_TRACK_W) + look.space("s") + words + 2, look.height("control"))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The words may be cut, the track never."""
        look = self._ui.look
        return QSize(look.px(_TRACK_W + 48), look.height("control"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint track, knob and words."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        on, off_colour = self.isChecked(), "line_strong" if self.isEnabled() else "disabled_text"
        width, height = look.px(_TRACK_W), look.px(_TRACK_H)
        track = QRect(0, (self.height() - height) // 2, width, height)
        accent = "accent_hover" if self.underMouse() else "accent"
        fill = accent if on and self.isEnabled() else "disabled" if not self.isEnabled() else "surface"
        line = accent if on and self.isEnabled() else off_colour
        paint_box(painter, track, look.qcolor(fill), look.qcolor(line), max(2, look.line("strong")), height // 2)
        side = look.px(14)
        inset = (height - side) / 2
        x = track.right() + 1 - inset - side if on else track.x() + inset
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.qcolor("on_accent" if on and self.isEnabled() else off_colour))
        painter.drawEllipse(QRectF(x, track.y() + inset, side, side))
        left = width + look.space("s")
        painter.setFont(look.font("body"))
        painter.setPen(look.qcolor("text" if self.isEnabled() else "disabled_text"))
        room = self.width() - left
        words = elided(QFontMetrics(painter.font()), self.text(), room)
        painter.drawText(QRect(left, 0, room, self.height()), Qt.AlignmentFlag.AlignVCenter, words)
