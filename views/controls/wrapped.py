"""The measures of a control whose words wrap: as high as its words need at the width it has.

Promise: a layout that asks before the first showing gets the height at the usual width, later the one at the real width.
"""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QSizePolicy, QWidget

from views.presentation import Presentation

_LEAST_WIDTH = 160


class Wrapped(QWidget):
    """A control that says in ``heightForWidth`` how high it is; it may be narrow and is never lower than that."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)

    def usual_width(self) -> int:
        """Return how wide it would like to be."""
        return self._ui.look.px(320)

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        """Words wrap."""
        return True

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """At the width there is."""
        width = self.width() if self.testAttribute(Qt.WidgetAttribute.WA_Resized) else self.usual_width()
        return QSize(width, self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """May be narrow, never lower."""
        width = self._ui.look.px(_LEAST_WIDTH)
        return QSize(width, self.heightForWidth(max(self.width(), width)))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Lines depend on the width."""
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.updateGeometry()
