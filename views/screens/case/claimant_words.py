"""The strip with what the adjuster says aloud: how the sum comes about, and in bold what it means for the person.

Promise: green only where it is a promise that may be made; the words are the decision's (``claims.plain_words``).

Source: mock-up 04 (plain sentence 68).
"""

from __future__ import annotations

from html import escape

from PySide6.QtCore import QRect, Qt
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import paint_box, paint_icon
from views.presentation import Presentation, Told

NAME = Bilingual("说给客户听", "For the claimant")


class ClaimantWords(QWidget, Told):
    """One paragraph in two weights."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._story, self._close = Bilingual("", ""), Bilingual("", "")
        self._promised = True
        self._row = QHBoxLayout(self)
        self._label = QLabel(self)
        self._label.setTextFormat(Qt.TextFormat.RichText)
        self._label.setWordWrap(True)
        self._label.setTextInteractionFlags(Qt.TextInteractionFlag.NoTextInteraction)
        self._row.addWidget(self._label, 1)
        self.tell()

    def show_words(self, story: Bilingual, close: Bilingual, *, promised: bool) -> None:
        """Show a paragraph; ``close`` is its bold end."""
        self._story, self._close, self._promised = story, close, promised
        self.tell()

    @property
    def words(self) -> str:
        """The whole paragraph as shown."""
        gap = " " if self._ui.words.code == "en" and self._story.en else ""
        return f"{self._ui.say(self._story)}{gap}{self._ui.say(self._close)}"

    def tell(self) -> None:
        """Say it again."""
        look, say = self._ui.look, self._ui.say
        gap = " " if self._ui.words.code == "en" and self._story.en else ""
        self._row.setContentsMargins(look.px(52), look.px(10), look.space("l"), look.px(10))
        self._label.setFont(look.font("body"))
        palette = self._label.palette()
        palette.setColor(self._label.foregroundRole(), look.qcolor("text"))
        self._label.setPalette(palette)
        self._label.setText(f"{escape(say(self._story))}{gap}<b>{escape(say(self._close))}</b>")
        self._label.setAccessibleName(self.words)
        self.setAccessibleName(f"{say(NAME)}: {self.words}")
        self.setMinimumHeight(look.px(68))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the box and its sign."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, line = ("accent_soft", "accent_line") if self._promised else ("surface", "line_strong")
        box = QRect(self.rect())
        paint_box(painter, box, look.qcolor(fill), look.qcolor(line), look.line(), look.radius("panel"))
        colour = "accent" if self._promised else "text2"
        paint_icon(painter, look, "report", colour, 24, look.px(16), self.height() // 2)
