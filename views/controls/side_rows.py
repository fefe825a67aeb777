"""Short lists beside the work: one row a matter, each a button that leads to it; and words where there is none.

Promise: a row is at least 44 high, its sentences are shown whole, and rows are reused when the list changes.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent, QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QVBoxLayout, QWidget

from rules.bilingual import Bilingual
from views.controls.chips import TONE_COLOURS, Tone
from views.controls.labels import Text
from views.controls.painted_button import PressedButton
from views.controls.painting import draw_words, paint_box, paint_icon
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told


@dataclass(frozen=True)
class SideRow:
    """One matter: who (bold), what, how long or how much at the right, and perhaps sentences below.

    ``tone`` colours icon and right text; amber and red fill the row as well where ``filled``.
    """

    icon: str
    title: Bilingual | str
    detail: Bilingual
    right: Bilingual | str = ""
    below: tuple[Bilingual, ...] = ()
    tone: Tone = Tone.PLAIN
    filled: bool = False
    bold_right: bool = True
    open: Callable[[], None] | None = None


class _RowButton(PressedButton):
    """Paints one row."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._row: SideRow | None = None
        self.setProperty(OWN_FOCUS, True)
        policy = QSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        policy.setHeightForWidth(True)
        self.setSizePolicy(policy)
        self.clicked.connect(self._open)

    def show_row(self, row: SideRow) -> None:
        self._row = row
        self.setCursor(Qt.CursorShape.PointingHandCursor if row.open else Qt.CursorShape.ArrowCursor)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if row.open else Qt.FocusPolicy.NoFocus)
        self.tell()

    def tell(self) -> None:
        if self._row is None:
            return
        row = self._row
        first = (self._title(), self._ui.say(row.detail), self._right())
        words = " ".join(each for each in (*first, *(self._ui.say(each) for each in row.below)) if each)
        self.setText(words)
        self.setAccessibleName(words)
        self.setToolTip(words if self._cut() else "")
        self.updateGeometry()
        self.update()

    def hasHeightForWidth(self) -> bool:  # noqa: N802 - Qt's name
        return True

    def heightForWidth(self, width: int) -> int:  # noqa: N802 - Qt's name
        look = self._ui.look
        below = self._below_height(width)
        if not below:
            return look.height("list_row")
        return look.line_height("body") + below + 2 * look.space("s")

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        width = self.width() if self.width() > 0 else self._ui.look.width("desk_right")
        return QSize(self._ui.look.px(200), self.heightForWidth(width))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        return QSize(self._ui.look.px(120), self.sizeHint().height())

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        # Sentences break anew: what scrolls the rows must know how high they are now.
        super().resizeEvent(event)
        if event.size().width() != event.oldSize().width():
            self.tell()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        row = self._row
        if row is None:
            return
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        fill, _, colour = TONE_COLOURS[row.tone]
        if row.filled:
            painter.fillRect(self.rect(), look.qcolor(fill))
        elif row.open and self.underMouse():
            painter.fillRect(self.rect(), look.qcolor("hover"))
        x, right_edge = look.space("panel"), self.width() - look.space("panel")
        below = self._below_height(self.width())
        height = look.line_height("body") if below else self.height()
        top = look.space("s") if below else 0
        paint_icon(painter, look, row.icon, colour, 20, x, top + height // 2)
        x = self._words_left()
        right = self._right()
        if right:
            bold = row.bold_right
            width = QFontMetrics(look.font("body", bold=bold)).horizontalAdvance(right) + 2
            box = QRect(right_edge - width, top, width, height)
            right_colour = colour if row.tone is not Tone.PLAIN else "text" if bold else "text2"
            draw_words(painter, look, box, right, colour=right_colour, bold=bold, right=True)
            right_edge -= width + look.space("m")
        drawn = draw_words(painter, look, QRect(x, top, max(0, right_edge - x), height), self._title(), bold=True)
        x += drawn + look.space("s")
        detail = self._ui.say(row.detail)
        if detail and x < right_edge:
            tone = colour if row.tone is Tone.RED else "text2"
            draw_words(painter, look, QRect(x, top, right_edge - x, height), detail, size="caption", colour=tone)
        painter.setFont(look.font("caption"))
        painter.setPen(look.qcolor("text2"))
        y = top + height
        for sentence in row.below:
            box = self._sentence_box(self._ui.say(sentence), self.width())
            painter.drawText(
                box.translated(self._words_left(), y), int(Qt.TextFlag.TextWordWrap), self._ui.say(sentence)
            )
            y += box.height()
        if self.hasFocus():
            paint_box(painter, self.rect(), None, look.qcolor("focus"), look.line("focus"), 0)

    def _words_left(self) -> int:
        look = self._ui.look
        return look.space("panel") + look.px(20) + look.space("s")

    def _sentence_box(self, sentence: str, width: int) -> QRect:
        look = self._ui.look
        room = max(1, width - self._words_left() - look.space("panel"))
        metrics = QFontMetrics(look.font("caption"))
        lines = metrics.boundingRect(QRect(0, 0, room, 10_000), int(Qt.TextFlag.TextWordWrap), sentence)
        return QRect(0, 0, room, lines.height())

    def _below_height(self, width: int) -> int:
        row = self._row
        return 0 if row is None else sum(self._sentence_box(self._ui.say(each), width).height() for each in row.below)

    def _right(self) -> str:
        right = "" if self._row is None else self._row.right
        return right if isinstance(right, str) else self._ui.say(right)

    def _title(self) -> str:
        title = "" if self._row is None else self._row.title
        return title if isinstance(title, str) else self._ui.say(title)

    def _cut(self) -> bool:
        row, look = self._row, self._ui.look
        if row is None:
            return False
        metrics = QFontMetrics(look.font("body", bold=True))
        wanted = metrics.horizontalAdvance(self._title()) + metrics.horizontalAdvance(self._right())
        wanted += QFontMetrics(look.font("caption")).horizontalAdvance(self._ui.say(row.detail))
        return wanted + self._words_left() + 3 * look.space("panel") > self.width()

    def _open(self) -> None:
        if self._row is not None and self._row.open is not None:
            self._row.open()


class SideRows(QWidget, Told):
    """The rows of one panel."""

    def __init__(self, ui: Presentation, empty: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._rows: tuple[SideRow, ...] = ()
        self._buttons: list[_RowButton] = []
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._empty = Text(ui, empty, colour="text2", wrap=True)
        self._column.addWidget(self._empty)
        self.tell()

    @property
    def rows(self) -> tuple[SideRow, ...]:
        """What is shown."""
        return self._rows

    @property
    def empty_words(self) -> str:
        """What is said where there is no row; empty while there are rows."""
        return "" if self._rows else self._empty.full_text

    def button(self, place: int) -> QAbstractButton:
        """Return the control of a row."""
        return self._buttons[place]

    def show_rows(self, rows: Sequence[SideRow]) -> None:
        """Show these rows, in the controls that are there already."""
        self._rows = tuple(rows)
        while len(self._buttons) < len(self._rows):
            button = _RowButton(self._ui, self)
            self._buttons.append(button)
            self._column.addWidget(button)
        for place, button in enumerate(self._buttons):
            if place < len(self._rows):
                button.show_row(self._rows[place])
            button.setVisible(place < len(self._rows))
        self._empty.setVisible(not self._rows)
        self.updateGeometry()
        self.update()

    def tell(self) -> None:
        """Take the measures again; the rows tell themselves."""
        look = self._ui.look
        pad = look.space("panel")
        self._column.setSpacing(self._line())
        self._empty.setContentsMargins(pad, look.space("m"), pad, look.space("m"))
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the lines between rows."""
        look = self._ui.look
        painter = QPainter(self)
        width = self._line()
        for button in self._buttons[1 : len(self._rows)]:
            painter.fillRect(0, button.y() - width, self.width(), width, look.qcolor("line"))

    def _line(self) -> int:
        look = self._ui.look
        return look.tokens.lines[look.theme].get("row", look.line())
