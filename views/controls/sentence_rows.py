"""Sentences one below the other, each with a sign in front: whole sentences, broken between words and never cut.

Promise: what the sign says stands in the sentence as well; a screen reader reads them line by line.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from rules.bilingual import Bilingual
from views.controls.labels import Text
from views.controls.painting import paint_icon
from views.controls.panel import Rule
from views.presentation import Presentation, Told

_ICON = 20


@dataclass(frozen=True)
class Sentence:
    """One sentence, its sign, and the sign's colour token."""

    icon: str
    words: Bilingual
    colour: str = "text2"


class SentenceRows(QWidget, Told):
    """The sentences, ruled."""

    def __init__(self, ui: Presentation, name: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._name = ui, name
        self._shown: tuple[Sentence, ...] = ()
        self._texts: list[Text] = []
        self._column = QVBoxLayout(self)
        self.tell()

    @property
    def sentences(self) -> tuple[str, ...]:
        """The sentences as they stand."""
        return tuple(self._ui.say(each.words) for each in self._shown)

    def show_rows(self, rows: Sequence[Sentence]) -> None:
        """Show these."""
        if tuple(rows) == self._shown:
            return
        self._shown = tuple(rows)
        while (item := self._column.takeAt(0)) is not None:
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._texts = []
        for place, each in enumerate(self._shown):
            if place:
                self._column.addWidget(Rule(self._ui))
            text = Text(self._ui, each.words, wrap=True)
            self._texts.append(text)
            self._column.addWidget(text)
        self.tell()

    def tell(self) -> None:
        """Say the name and take the measures again."""
        look = self._ui.look
        self.setAccessibleName(self._ui.say(self._name))
        self.setAccessibleDescription(" ".join(self.sentences))
        self._column.setContentsMargins(look.px(_ICON) + look.space("m"), 0, 0, 0)
        self._column.setSpacing(look.space("xs"))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint a sign beside the first line of each."""
        look = self._ui.look
        painter = QPainter(self)
        for text, each in zip(self._texts, self._shown, strict=True):
            paint_icon(painter, look, each.icon, each.colour, _ICON, 0, text.y() + look.line_height("body") // 2)
