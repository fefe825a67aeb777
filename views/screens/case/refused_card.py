"""A file that was not taken in: why, with the values found, what to do now, and the buttons that do it.

Promise: it stands until a person takes it away; nothing of the case changed because of it.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QVBoxLayout, QWidget

from claims.errors import Bilingual
from views.controls.buttons import ActionButton
from views.controls.chips import TONE_COLOURS, Tone
from views.controls.labels import Text
from views.controls.painting import paint_box, paint_icon
from views.presentation import Presentation, Told
from views.screens.case.handed_in import Paper

_NOT_TAKEN = Bilingual("没有收", "Not taken in")
AGAIN = Bilingual("再试一次", "Try again")
TAKE_AWAY = Bilingual("移走", "Take away")


class RefusedCard(QWidget, Told):
    """The card. ``again`` and ``away`` carry the key of the file."""

    again = Signal(str)
    away = Signal(str)

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._key = ""
        self._title = Text(ui, _NOT_TAKEN, bold=True, colour="red")
        self._cause = Text(ui, "", wrap=True)
        self._next = Text(ui, "", wrap=True, bold=True)
        self.again_button = ActionButton(ui, AGAIN)
        self.away_button = ActionButton(ui, TAKE_AWAY, icon="erase")
        self._column = QVBoxLayout(self)
        for widget in (self._title, self._cause, self._next, self.again_button, self.away_button):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self.again_button.clicked.connect(lambda _checked: self.again.emit(self._key))
        self.away_button.clicked.connect(lambda _checked: self.away.emit(self._key))
        self.tell()

    @property
    def words(self) -> str:
        """Everything that is said."""
        return " ".join(each.full_text for each in (self._title, self._cause, self._next))

    def show_paper(self, paper: Paper) -> None:
        """Show why a file was refused."""
        self._key = paper.key
        error = paper.error
        if error is not None:
            self._cause.say(error.cause)
            self._next.say(error.next_step)
        self.again_button.setVisible(error is not None and error.retryable and paper.path is not None)
        self.setAccessibleName(self.words)

    def tell(self) -> None:
        """Measure again; the labels tell themselves."""
        look = self._ui.look
        pad = look.space("l")
        self._column.setContentsMargins(pad + look.px(28), pad, pad, pad)
        self._column.setSpacing(look.space("s"))
        for label in (self._title, self._cause, self._next):
            label.tell()
        self.setAccessibleName(self.words)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the box and the icon."""
        look = self._ui.look
        fill, line, colour = TONE_COLOURS[Tone.RED]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, self.rect(), look.qcolor(fill), look.qcolor(line), look.line(), look.radius("panel"))
        middle = look.space("l") + look.line_height("body") // 2
        paint_icon(painter, look, "refused", colour, 20, look.space("m"), middle)
