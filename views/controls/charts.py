"""Small charts of the desk: bars with a word below each, and a bar that is used up from the left.

Promise: bars start at zero; what a chart shows is also said in words, for a screen reader and as tool tip.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QRectF, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import elided
from views.presentation import Presentation, Told


@dataclass(frozen=True)
class Bar:
    """One bar: ``strong`` is the one that is meant (this hour). ``figure``: its number stands on it."""

    label: Bilingual | str
    value: int
    strong: bool = False
    figure: bool = False


class BarChart(QWidget, Told):
    """Bars from left to right."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._bars: tuple[Bar, ...] = ()
        self._said = Bilingual("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)

    def show_bars(self, bars: Sequence[Bar], said: Bilingual) -> None:
        """Show these bars; ``said`` is the chart in words."""
        self._bars, self._said = tuple(bars), said
        self.tell()

    def tell(self) -> None:
        """Say it again."""
        self.setAccessibleName(self._ui.say(self._said))
        self.setToolTip(self._ui.say(self._said))
        self.update()

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A few bars with a label."""
        return QSize(self._ui.look.px(96), self._ui.look.px(48))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint bars, base line and labels."""
        if not self._bars:
            return
        look = self._ui.look
        painter = QPainter(self)
        painter.setFont(look.font("caption"))
        metrics = QFontMetrics(painter.font())
        label_height = look.line_height("caption")
        figures = any(bar.figure for bar in self._bars)
        top = label_height if figures else 0
        base = self.height() - label_height
        gap = look.px(4)
        pitch = self.width() / len(self._bars)
        highest = max(1, *(bar.value for bar in self._bars))
        labels = [each.label if isinstance(each.label, str) else self._ui.say(each.label) for each in self._bars]
        # Where the labels are too wide for their bars only every second or third is written.
        widest = max(metrics.horizontalAdvance(label) for label in labels) + gap
        every = 1 if figures else max(1, -(-widest // max(1, int(pitch))))
        for place, bar in enumerate(self._bars):
            left, right = round(place * pitch), round((place + 1) * pitch) - gap
            height = round((base - top) * bar.value / highest)
            if bar.value:
                height = max(height, look.px(3))
                painter.fillRect(
                    left, base - height, right - left, height, look.qcolor("accent" if bar.strong else "bar")
                )
            centre = Qt.AlignmentFlag.AlignHCenter | Qt.AlignmentFlag.AlignVCenter
            if bar.figure:
                painter.setPen(look.qcolor("text"))
                painter.drawText(
                    QRect(left, base - height - label_height, right - left, label_height), centre, str(bar.value)
                )
            if place % every == 0:
                room = round(pitch * every)
                painter.setPen(look.qcolor("text2"))
                shown = elided(metrics, labels[place], room - 1)
                middle = (left + right) // 2
                painter.drawText(QRect(middle - room // 2, base, room, label_height), centre, shown)
        painter.fillRect(0, base, self.width() - gap, look.line("line"), look.qcolor("line_strong"))


class UsedBar(QWidget, Told):
    """A bar that fills from the left; nothing known is an empty bar."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._fraction = 0.0
        self._said = Bilingual("", "")
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tell()

    def show_fraction(self, fraction: float, said: Bilingual) -> None:
        """Show how much is used, 0 to 1; more than all is all."""
        self._fraction, self._said = min(1.0, max(0.0, fraction)), said
        self.tell()

    def tell(self) -> None:
        """Take height and words again."""
        look = self._ui.look
        sunlight = look.theme == "sunlight"
        self.setFixedHeight(look.height("bar_sunlight" if sunlight else "bar"))
        self.setAccessibleName(self._ui.say(self._said))
        self.setToolTip(self._ui.say(self._said))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint what is left and what is used."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = look.radius("bar_sunlight" if look.theme == "sunlight" else "bar")
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.qcolor("bar2"))
        whole = QRectF(self.rect())
        painter.drawRoundedRect(whole, radius, radius)
        if self._fraction > 0:
            painter.setBrush(look.qcolor("accent"))
            painter.setClipRect(whole.adjusted(0, 0, -whole.width() * (1 - self._fraction), 0))
            painter.drawRoundedRect(whole, radius, radius)
