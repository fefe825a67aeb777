"""Filter chips: one of them is on, each with its count where that is known.

Promise: they are one stop of the Tab key; arrows move from chip to chip, Enter or Space turns one on.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Generic, TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.wrap_row import WrapRow
from views.presentation import Presentation

Value = TypeVar("Value")


class FilterChips(WrapRow, Generic[Value]):
    """The chips. ``picked`` carries the value that was turned on by a person."""

    picked = Signal(object)

    def __init__(
        self,
        ui: Presentation,
        choices: Sequence[tuple[Value, Bilingual]],
        name: Bilingual,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ui, parent)
        self._name = name
        self._choices = tuple(choices)
        self._group = QButtonGroup(self)
        self._buttons: list[ActionButton] = []
        for place, (value, text) in enumerate(self._choices):
            button = ActionButton(ui, text, role=ButtonRole.FILTER)
            button.clicked.connect(lambda _on, value=value: self.picked.emit(value))
            self._group.addButton(button, place)
            self._buttons.append(button)
        self._buttons[0].setChecked(True)
        self.hold(self._buttons)
        self.tell()

    @property
    def value(self) -> Value:
        """Return what is on."""
        return self._choices[self._group.checkedId()][0]

    def turn_on(self, value: Value) -> None:
        """Turn a chip on without telling anybody. Raises ``KeyError`` for a value there is none of."""
        self.button(value).setChecked(True)

    def button(self, value: Value) -> ActionButton:
        """Return the chip of a value. Raises ``KeyError`` when there is none."""
        for (each, _), button in zip(self._choices, self._buttons, strict=True):
            if each == value:
                return button
        raise KeyError(value)

    def show_counts(self, counts: Mapping[Value, str]) -> None:
        """Say how many each shows; a chip without a count says its word alone."""
        for (value, text), button in zip(self._choices, self._buttons, strict=True):
            count = counts.get(value)
            button.say(text if count is None else Bilingual(f"{text.zh} {count}", f"{text.en} {count}"))
        self.tell()

    def tell(self) -> None:
        """Say the name again; the chips tell themselves."""
        self.setAccessibleName(self._ui.say(self._name))
        super().tell()
