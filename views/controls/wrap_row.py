"""A row of controls that goes on below when it is too long: filter chips at any type size."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QSize
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.presentation import Presentation, Told


class WrapRow(QWidget, Told):
    """Lays its controls out from left to right, line by line, 8 apart. Hidden ones take no room."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._held: list[QWidget] = []
        policy = QSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def hold(self, widgets: Sequence[QWidget]) -> None:
        """Take these controls, in reading order."""
        for widget in widgets:
            widget.setParent(self)
            widget.installEventFilter(self)
            self._held.append(widget)
        self._place(self.width())

    def tell(self) -> None:
        """Measure again: words or sizes changed."""
        self.updateGeometry()
        self._place(self.width())

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Lines depend on the width."""
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        """How high the lines are together."""
        return self._flow(width, move=False)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One line."""
        gap = self._ui.look.space("s")
        shown = [each.sizeHint() for each in self._held if not each.isHidden()]
        return QSize(sum(each.width() + gap for each in shown), max((each.height() for each in shown), default=0))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As narrow as its widest control."""
        shown = [each.sizeHint() for each in self._held if not each.isHidden()]
        return QSize(max((each.width() for each in shown), default=0), self.heightForWidth(self.width()))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Break the lines anew."""
        super().resizeEvent(event)
        self._place(self.width())

    def event(self, event: QEvent) -> bool:
        """A control asked for another size."""
        if event.type() is QEvent.Type.LayoutRequest:
            self._place(self.width())
            self.updateGeometry()
        return super().event(event)

    def _place(self, width: int) -> None:
        height = self._flow(width, move=True)
        if height != self.height():
            self.setFixedHeight(height)

    def _flow(self, width: int, *, move: bool) -> int:
        gap = self._ui.look.space("s")
        x = y = line = 0
        for widget in self._held:
            if widget.isHidden():
                continue
            size = widget.sizeHint()
            if x and x + size.width() > width:
                x, y, line = 0, y + line + gap, 0
            if move:
                widget.setGeometry(x, y, size.width(), size.height())
            x += size.width() + gap
            line = max(line, size.height())
        return y + line
