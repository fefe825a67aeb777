"""Facts one below the other: a name at the left, its value at the right, shown whole."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QWidget

from claims.errors import Bilingual
from views.controls.labels import Said, Text
from views.presentation import Presentation, Told


class FactList(QWidget, Told):
    """Names and values in two columns; values are shown whole and can be selected."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setColumnStretch(1, 1)
        self._values: dict[str, Text] = {}
        self.tell()

    def add(self, key: str, name: Bilingual, value: Said = "") -> Text:
        """Add a line and return the value's label."""
        row = len(self._values)
        label = Text(self._ui, name, colour="text2")
        shown = Text(self._ui, value, wrap=True)
        shown.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._grid.addWidget(label, row, 0, Qt.AlignmentFlag.AlignTop)
        self._grid.addWidget(shown, row, 1)
        self._values[key] = shown
        return shown

    def say(self, key: str, value: Said, *, colour: str = "text") -> None:
        """Say another value."""
        self._values[key].say(value, colour=colour)

    def value(self, key: str) -> str:
        """Return what is shown."""
        return self._values[key].full_text

    def tell(self) -> None:
        """Take measures again."""
        look = self._ui.look
        self._grid.setHorizontalSpacing(look.space("l"))
        self._grid.setVerticalSpacing(look.space("s"))
        self._grid.setColumnMinimumWidth(0, look.px(88))
