"""A message: cause with values, next step, and perhaps a button that takes it. It never goes by itself.

Source: mock-up sheet "Messages".
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.chips import TONE_COLOURS, TONE_ICONS, Tone
from views.controls.labels import Said, Text
from views.controls.painting import paint_box, paint_icon
from views.presentation import Presentation, Told

CLOSE = Bilingual("知道了", "Got it")


class Message(QWidget, Told):
    """One message strip. ``closed`` is emitted when the person has read it; ``action_button`` is the action's, None without one."""

    closed = Signal()

    def __init__(
        self,
        ui: Presentation,
        title: Said,
        text: Said,
        *,
        tone: Tone = Tone.RED,
        action: tuple[Bilingual, Callable[[], None]] | None = None,
        closable: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._tone = ui, tone
        colour = TONE_COLOURS[tone][2]
        row = self._row = QHBoxLayout(self)
        words = QVBoxLayout()
        words.setSpacing(0)
        self._title = Text(ui, title, bold=True, colour=colour, wrap=True)
        self._text = Text(ui, text, wrap=True)
        words.addWidget(self._title)
        words.addWidget(self._text)
        row.addLayout(words, 1)
        self.action_button: ActionButton | None = None
        if action is not None:
            label, run = action
            button = self.action_button = ActionButton(ui, label)
            button.clicked.connect(lambda _checked: run())
            row.addWidget(button)
        if closable:
            close = ActionButton(ui, CLOSE, role=ButtonRole.QUIET)
            close.clicked.connect(self.closed)
            row.addWidget(close)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.tell()

    def say(self, title: Said, text: Said) -> None:
        """Change the words."""
        self._title.say(title)
        self._text.say(text)
        self.setAccessibleName(self.words)

    @property
    def words(self) -> str:
        """Title and text as shown."""
        return f"{self._title.full_text} {self._text.full_text}".strip()

    def tell(self) -> None:
        """Take the measures again; the labels inside tell themselves."""
        look = self._ui.look
        self._row.setContentsMargins(look.px(48), look.space("s"), look.space("m"), look.space("s"))
        self._row.setSpacing(look.space("s"))
        self.setAccessibleName(self.words)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the box and the icon of the tone."""
        look = self._ui.look
        fill, line, colour = TONE_COLOURS[self._tone]
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        paint_box(painter, self.rect(), look.qcolor(fill), look.qcolor(line), look.line(), look.radius("panel"))
        paint_icon(painter, look, TONE_ICONS[self._tone], colour, 24, look.px(14), self.height() // 2)
