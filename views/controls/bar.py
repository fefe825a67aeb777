"""A bar that shows how far something is. The colour only repeats what a word beside it says.

Promise: screen readers hear it as a progress bar with its value; nothing in it moves by itself.
Source: mock-up sheet "Progress".
"""

from __future__ import annotations

from enum import StrEnum

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QProgressBar, QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import paint_box
from views.look.look import Look
from views.look.tokens import Theme
from views.presentation import Presentation, Told

_STEPS = 1000


class BarState(StrEnum):
    """What the filled part means."""

    RUNNING = "running"
    DONE = "done"
    PAUSED = "paused"
    WAITING = "waiting"
    FAILED = "failed"


_FILLS = {
    BarState.RUNNING: "accent",
    BarState.DONE: "accent",
    BarState.PAUSED: "text3",
    BarState.WAITING: "text3",
    BarState.FAILED: "red",
}


def bar_height(look: Look) -> int:
    """Return how high a bar is in this theme."""
    return look.height("bar_sunlight" if look.theme is Theme.SUNLIGHT else "bar")


def paint_bar(painter: QPainter, look: Look, rect: QRect, share: float, state: BarState) -> None:
    """Draw a bar into ``rect``; ``share`` is from 0 to 1. Anything above 0 is at least 3 pixels, so that it is seen."""
    sunlight = look.theme is Theme.SUNLIGHT
    radius = look.radius("bar_sunlight" if sunlight else "bar")
    width = 0 if share <= 0 else max(3, round(rect.width() * min(share, 1.0)))
    painter.save()
    painter.setRenderHint(QPainter.RenderHint.Antialiasing)
    if sunlight:
        inner = rect.adjusted(2, 2, -2, -2)
        paint_box(painter, rect, look.qcolor("surface"), look.qcolor("line"), 2, radius)
        painter.fillRect(
            QRect(inner.x(), inner.y(), min(width, inner.width()), inner.height()), look.qcolor(_FILLS[state])
        )
    else:
        paint_box(painter, rect, look.qcolor("bar2"), None, 0, radius)
        painter.setClipRect(QRect(rect.x(), rect.y(), width, rect.height()))
        paint_box(painter, rect, look.qcolor(_FILLS[state]), None, 0, radius)
    painter.restore()


class Bar(QProgressBar, Told):
    """One bar."""

    def __init__(self, ui: Presentation, name: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._name = ui, name
        self._share, self._state = 0.0, BarState.WAITING
        self.setRange(0, _STEPS)
        self.setTextVisible(False)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tell()

    @property
    def share(self) -> float:
        """How much is filled, from 0 to 1."""
        return self._share

    @property
    def state(self) -> BarState:
        """What the filled part means."""
        return self._state

    def show_share(self, share: float, state: BarState) -> None:
        """Fill to a share (0 to 1)."""
        share = max(0.0, min(1.0, share))
        if (share, state) == (self._share, self._state):
            return
        self._share, self._state = share, state
        self.setValue(round(share * _STEPS))
        self.update()

    def tell(self) -> None:
        """Take name and height again."""
        self.setAccessibleName(self._ui.say(self._name))
        self.setFixedHeight(bar_height(self._ui.look))
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Wide enough to be read."""
        return QSize(self._ui.look.px(160), bar_height(self._ui.look))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """May shrink to a stub."""
        return QSize(self._ui.look.px(40), bar_height(self._ui.look))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the bar."""
        paint_bar(QPainter(self), self._ui.look, self.rect(), self._share, self._state)
