"""A view of one page or picture that is looked at closely: dragged by hand, zoomed by keys, touched to go nearer.

Promise: a touch is no drag and a drag no touch: the hand may tremble. Plus, minus and 0 zoom by keys alone.
"""

from __future__ import annotations

from PySide6.QtCore import QPointF, QSizeF, Qt
from PySide6.QtGui import QFocusEvent, QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractScrollArea, QFrame, QWidget

from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told

_TREMBLE_PX = 6


class PannedView(QAbstractScrollArea, Told):
    """The ground of such views: each paints itself and says what a touch does."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._pressed: QPointF | None = None
        self._dragged = False
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(OWN_FOCUS, True)

    @property
    def zoom_step(self) -> int:
        """How many steps nearer than the whole, 0 for the whole."""
        raise NotImplementedError

    def zoom(self, by: int) -> None:
        """So many steps nearer, or farther."""
        raise NotImplementedError

    def touched(self, place: QPointF) -> None:
        """Somebody clicked there without dragging."""
        raise NotImplementedError

    def fit_bars(self, size: QSizeF, *, moves: bool) -> None:
        """Set the scroll bars for something of this size; where it does not move there is nothing to scroll."""
        room = self.viewport().size()
        for bar, length, shown in (
            (self.horizontalScrollBar(), size.width(), room.width()),
            (self.verticalScrollBar(), size.height(), room.height()),
        ):
            bar.setPageStep(shown)
            bar.setSingleStep(max(1, shown // 10))
            bar.setRange(0, max(0, round(length - shown)) if moves else 0)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame."""
        super().focusInEvent(event)
        self.viewport().update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Take the frame away."""
        super().focusOutEvent(event)
        self.viewport().update()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Plus, minus and 0 zoom, the arrows move."""
        key = event.key()
        if key in (Qt.Key.Key_Plus, Qt.Key.Key_Equal):
            self.zoom(1)
        elif key == Qt.Key.Key_Minus:
            self.zoom(-1)
        elif key == Qt.Key.Key_0:
            self.zoom(-self.zoom_step)
        else:
            super().keyPressEvent(event)

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Begin a touch or a drag."""
        if event.button() is Qt.MouseButton.LeftButton:
            self._pressed, self._dragged = event.position(), False

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Drag what is enlarged."""
        if self._pressed is None:
            return
        moved = event.position() - self._pressed
        if self._dragged or moved.manhattanLength() > self._ui.look.px(_TREMBLE_PX):
            self._dragged = True
            across, down = self.horizontalScrollBar(), self.verticalScrollBar()
            across.setValue(across.value() - round(moved.x()))
            down.setValue(down.value() - round(moved.y()))
            self._pressed = event.position()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """End of a drag, or a touch."""
        if event.button() is not Qt.MouseButton.LeftButton or self._pressed is None:
            return
        self._pressed = None
        if not self._dragged:
            self.touched(event.position())
