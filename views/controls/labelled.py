"""A field with its name above it; the name is also what a screen reader says.

Promise: name and field never part, whatever the layout does; a field that is made elsewhere is only named here.
"""

from __future__ import annotations

from PySide6.QtWidgets import QVBoxLayout, QWidget

from rules.bilingual import Bilingual
from views.controls.labels import Text
from views.controls.segments import Segments
from views.presentation import Presentation, Told


class Labelled(QWidget, Told):
    """One field. ``field`` is what is typed into."""

    def __init__(self, ui: Presentation, name: Bilingual, field: QWidget, *, hint: Bilingual | None = None) -> None:
        """``hint``: what stands in an empty field."""
        super().__init__()
        self._ui, self._name, self._hint, self.field = ui, name, hint, field
        # Before its label: whoever looks for the name finds the field first.
        field.setParent(self)
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(Text(ui, name, size="caption", colour="text2"))
        self._column.addWidget(field)
        self.tell()

    def tell(self) -> None:
        """Say the name again."""
        self._column.setSpacing(self._ui.look.space("xs"))
        if isinstance(self.field, Segments):
            self.field.call(self._name)
        else:
            self.field.setAccessibleName(self._ui.say(self._name))
        line = getattr(self.field, "line", None)
        if isinstance(line, QWidget):
            line.setAccessibleName(self._ui.say(self._name))
        if self._hint is not None:
            # Of Qt's editors each has a method of its own for the same thing.
            put = getattr(self.field, "setPlaceholderText", None)
            if put is not None:
                put(self._ui.say(self._hint))
