"""Chips: a state in a word, with an icon and a tone. Not a target: what can be touched is a button."""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import elided, paint_box, paint_icon
from views.look.look import Look
from views.presentation import Presentation, Told


class Tone(StrEnum):
    """What a chip or a message means. Amber and red are for clocks and refusals only."""

    PLAIN = "plain"
    GOOD = "good"
    AMBER = "amber"
    RED = "red"


TONE_COLOURS = {
    Tone.PLAIN: ("sunken", "line", "text2"),
    Tone.GOOD: ("accent_soft", "accent_line", "accent"),
    Tone.AMBER: ("amber_bg", "amber_line", "amber"),
    Tone.RED: ("red_bg", "red_line", "red"),
}
"""Fill, line and text tokens of each tone."""

TONE_ICONS = {Tone.PLAIN: "info", Tone.GOOD: "pass", Tone.AMBER: "warn", Tone.RED: "refused"}


def chip_width(look: Look, text: str, icon: str | None) -> int:
    """Return how wide a chip is."""
    width = QFontMetrics(look.font("caption")).horizontalAdvance(text) + 2 * look.px(8)
    return width + (look.px(16) + look.px(5) if icon else 0)


def paint_chip(painter: QPainter, look: Look, rect: QRect, text: str, icon: str | None, tone: Tone) -> None:
    """Draw a chip into ``rect``; delegates of lists use it as well."""
    fill, line, colour = TONE_COLOURS[tone]
    paint_box(painter, rect, look.qcolor(fill), look.qcolor(line), 1, look.radius("chip"))
    x = rect.x() + look.px(8)
    if icon:
        x += paint_icon(painter, look, icon, colour, 16, x, rect.center().y() + 1) + look.px(5)
    painter.setFont(look.font("caption"))
    painter.setPen(look.qcolor(colour))
    room = rect.right() - look.px(6) - x
    shown = elided(QFontMetrics(painter.font()), text, room)
    painter.drawText(QRect(x, rect.y(), room + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, shown)


class Chip(QWidget, Told):
    """One chip."""

    def __init__(
        self,
        ui: Presentation,
        text: Bilingual | str,
        *,
        tone: Tone = Tone.PLAIN,
        icon: str | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._text, self._tone, self._icon = ui, text, tone, icon
        self.setSizePolicy(QSizePolicy.Policy.Maximum, QSizePolicy.Policy.Fixed)
        self.tell()

    def say(self, text: Bilingual | str, *, tone: Tone | None = None, icon: str | None = None) -> None:
        """Show another state."""
        self._text, self._tone, self._icon = text, tone or self._tone, icon or self._icon
        self.tell()

    @property
    def words(self) -> str:
        """The shown text."""
        return self._text if isinstance(self._text, str) else self._ui.say(self._text)

    def tell(self) -> None:
        """Say it again."""
        self.setAccessibleName(self.words)
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as its word."""
        return QSize(chip_width(self._ui.look, self.words, self._icon), self._ui.look.height("chip"))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint box, icon and word."""
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_chip(painter, self._ui.look, self.rect(), self.words, self._icon, self._tone)
