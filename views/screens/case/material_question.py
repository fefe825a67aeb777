"""The question which paper a file is, beside its picture: the likely ones as buttons, all others to be found by name.

Promise: one key accepts the first; nothing is taken in before it is answered.

Source: docs/adr/0106.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QComboBox, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.form_fields import Choice
from claims.materials import Material
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.choice_box import ChoiceBox
from views.controls.labels import Text
from views.presentation import Presentation, Told
from views.screens.case.handed_in import Paper
from views.screens.case.material_words import full_name, short_name
from views.screens.case.refused_card import TAKE_AWAY

_MOST = 9
_ASK = Bilingual("看一眼左边的图，选它是哪一种：", "Look at the picture and say which paper it is:")
_ANY = Bilingual("别的：输入名称", "Other: type its name")


class MaterialQuestion(QWidget, Told):
    """The question. ``said`` carries the file's key and the ``Material``, ``away`` the key of a file that is not to be taken in."""

    said = Signal(str, object)
    away = Signal(str)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._key = ""
        self._offered: tuple[Material, ...] = ()
        self._ask = Text(ui, _ASK, size="caption", colour="text2", wrap=True)
        self._buttons: list[ActionButton] = []
        choices = tuple(Choice(each.value, full_name(each)) for each in Material)
        self.box = ChoiceBox(ui, choices)
        self.box.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.box.setMinimumContentsLength(4)
        self.box.entered.connect(self._picked)
        self.box.activated.connect(lambda _place: self._picked())
        self.away_button = ActionButton(ui, TAKE_AWAY, role=ButtonRole.QUIET, icon="erase")
        self.away_button.clicked.connect(lambda _checked: self.away.emit(self._key))
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.addWidget(self._ask)
        self._column.addWidget(self.box)
        self._column.addWidget(self.away_button)
        self._column.addStretch(1)
        self.tell()

    @property
    def key(self) -> str:
        """The file that is asked about."""
        return self._key

    @property
    def offered(self) -> tuple[Material, ...]:
        """The papers that have a button, the likeliest first."""
        return self._offered

    def button(self, material: Material) -> ActionButton:
        """Return the button of an offered paper. Raises ``ValueError``."""
        return self._buttons[self._offered.index(material)]

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What takes the keyboard here, in reading order."""
        return (*self._buttons, self.box, self.away_button)

    @property
    def first(self) -> ActionButton:
        """The button that one key presses."""
        return self._buttons[0]

    def ask(self, paper: Paper, likely: Sequence[Material]) -> None:
        """Ask about a file; the guess stands first, then these."""
        again = paper.key == self._key
        self._key = paper.key
        offered = tuple(dict.fromkeys((paper.material, *likely)))[:_MOST]
        if again and offered == self._offered:
            return
        self._offered = offered
        while len(self._buttons) < len(offered):
            self._make()
        for place, button in enumerate(self._buttons):
            shown = place < len(offered)
            if shown:
                button.say(short_name(offered[place]))
            button.setVisible(shown)
        if not again:
            self.box.fill("")

    def tell(self) -> None:
        """Say it again."""
        self._column.setSpacing(self._ui.look.space("s"))
        self.box.line.setPlaceholderText(self._ui.say(_ANY))
        self.box.line.setAccessibleName(self._ui.say(_ANY))
        self.box.setAccessibleName(self._ui.say(_ANY))

    def _make(self) -> None:
        place = len(self._buttons)
        # The first is pressed by Enter, where the keyboard already is.
        button = ActionButton(
            self._ui,
            Bilingual("", ""),
            role=ButtonRole.ACCEPT if place == 0 else ButtonRole.SECONDARY,
            key="Return" if place == 0 else str(place + 1),
            shortcut=place > 0,
        )
        button.clicked.connect(lambda _checked: self.said.emit(self._key, self._offered[place]))
        self._column.insertWidget(1 + place, button)
        self._buttons.append(button)

    def _picked(self) -> None:
        found = self.box.raw()
        if found in set(Material):
            self.said.emit(self._key, Material(found))
