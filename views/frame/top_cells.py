"""The cells of the top bar: two short lines beside an icon, the three safety counts, and flat buttons. Painted, because half a
line is bold, and because what does not fit at a larger type size has to fold in an order of its own.

Promise: a cell can say everything it shows as one accessible sentence; folding never hides a number or a warning.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt
from PySide6.QtGui import QFontMetrics, QKeyEvent, QPainter, QPaintEvent, QPen
from PySide6.QtWidgets import QAbstractButton, QSizePolicy, QWidget

from claims.errors import Bilingual
from views.controls.painting import elided, paint_icon
from views.focus_ring import OWN_FOCUS
from views.look.look import Look
from views.presentation import Presentation, Told


@dataclass(frozen=True)
class Run:
    """A piece of one line."""

    text: str
    bold: bool = False


Line = Sequence[Run]


@dataclass(frozen=True)
class Fold:
    """How far the bar is folded. 0: nothing is."""

    level: int = 0

    @property
    def stacked(self) -> bool:
        """The counts stand under their words."""
        return self.level >= 1

    @property
    def bare_buttons(self) -> bool:
        """The flat buttons are words without icons."""
        return self.level >= 2

    @property
    def bare_cells(self) -> bool:
        """Icons that mean nothing by themselves go."""
        return self.level >= 3

    @property
    def short(self) -> bool:
        """The link is a short word."""
        return self.level >= 4

    @property
    def wordless(self) -> bool:
        """The link is not written at all: the counts are the button."""
        return self.level >= 5


MOST_FOLDED = 5


class Cell(QAbstractButton, Told):
    """Base: full height, a line at one side, focus painted inside. Not ``pressable``: it is read, not touched."""

    def __init__(
        self, ui: Presentation, *, pressable: bool, line: str = "right", parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self.ui = ui
        self.fold = Fold()
        self._line = line
        self._pressable = pressable
        self.setProperty(OWN_FOCUS, True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus if pressable else Qt.FocusPolicy.NoFocus)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Expanding)
        self.setAttribute(Qt.WidgetAttribute.WA_Hover, pressable)
        if pressable:
            self.setCursor(Qt.CursorShape.PointingHandCursor)
        else:
            self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False)

    def width_for(self, fold: Fold) -> int:
        """Return how wide the cell wants to be at a fold."""
        raise NotImplementedError

    def paint_cell(self, painter: QPainter, look: Look) -> None:
        """Draw what is in it."""
        raise NotImplementedError

    def draw_line(self, side: str) -> None:
        """Draw the dividing line at this side: ``left``, ``right`` or ``none``."""
        if side != self._line:
            self._line = side
            self.update()

    def name_it(self, name: str, description: str = "") -> None:
        """Say it for screen readers, and as tool tip what may be cut."""
        self.setText(name)
        self.setAccessibleName(name)
        self.setAccessibleDescription(description)
        self.setToolTip(description or name)

    def tell(self) -> None:
        """Repaint."""
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """At the fold in use."""
        return QSize(self.width_for(self.fold), self.ui.look.height("top_bar"))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The bar measures by itself."""
        return QSize(0, self.ui.look.height("top_bar"))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Enter presses it, as people expect."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self._pressable:
            self.click()
            return
        super().keyPressEvent(event)

    def event(self, event: QEvent) -> bool:
        """Repaint when the mouse comes or goes."""
        if event.type() in (QEvent.Type.HoverEnter, QEvent.Type.HoverLeave):
            self.update()
        return super().event(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint ground, content, the dividing line and the focus."""
        look = self.ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        if self._pressable and self.underMouse():
            painter.fillRect(self.rect(), look.qcolor("hover"))
        self.paint_cell(painter, look)
        width = look.line()
        if self._line == "right":
            painter.fillRect(QRect(self.width() - width, 0, width, self.height()), look.qcolor("line"))
        elif self._line == "left":
            painter.fillRect(QRect(0, 0, width, self.height()), look.qcolor("line"))
        if self.hasFocus():
            painter.setBrush(Qt.BrushStyle.NoBrush)
            painter.setPen(QPen(look.qcolor("focus"), look.line("focus")))
            painter.drawRoundedRect(self.rect().adjusted(4, 4, -4, -4), look.radius("control"), look.radius("control"))


class TwoLineCell(Cell):
    """An icon and two lines: what it is, and since when. ``colour`` is a token; ``weak_icon``: folded away when room is short."""

    def __init__(
        self,
        ui: Presentation,
        *,
        pressable: bool = False,
        weak_icon: bool = False,
        line: str = "right",
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ui, pressable=pressable, line=line, parent=parent)
        self._weak_icon = weak_icon
        self._icon, self._colour = "info", "text"
        self._first_colour, self._second_colour = "text", "text2"
        self._first: Line = ()
        self._second = ""

    def show_lines(
        self,
        icon: str,
        first: Line,
        second: str,
        *,
        colour: str = "text",
        first_colour: str = "text",
        second_colour: str = "text2",
        description: str = "",
    ) -> None:
        """Show this; ``colour`` is the icon's, and an icon in a colour of its own is never folded away."""
        self._icon, self._first, self._second, self._colour = icon, first, second, colour
        self._first_colour, self._second_colour = first_colour, second_colour
        said = "".join(run.text for run in first)
        self.name_it(f"{said} {second}".strip(), description)
        self.tell()

    def width_for(self, fold: Fold) -> int:
        """Padding, icon and the longer line."""
        look = self.ui.look
        first = run_width(look, self._first)
        second = QFontMetrics(look.font("caption")).horizontalAdvance(self._second)
        return self._left(fold) + max(first, second) + look.px(16) + 2

    def paint_cell(self, painter: QPainter, look: Look) -> None:
        """Draw both lines, centred together."""
        left = self._left(self.fold)
        if not self._iconless(self.fold):
            paint_icon(painter, look, self._icon, self._colour, 20, look.px(20), self.height() // 2)
        room = self.width() - left - look.px(12)
        high, low = look.px(20), look.px(18)
        top = (self.height() - high - low) // 2 - (0 if self._second else -low // 2)
        draw_runs(painter, look, QRect(left, top, room, high), self._first, self._first_colour)
        painter.setFont(look.font("caption"))
        painter.setPen(look.qcolor(self._second_colour))
        second = elided(QFontMetrics(painter.font()), self._second, room)
        painter.drawText(QRect(left, top + high, room, low), Qt.AlignmentFlag.AlignVCenter, second)

    def _left(self, fold: Fold) -> int:
        look = self.ui.look
        return look.px(16) if self._iconless(fold) else look.px(20 + 20 + 8)

    def _iconless(self, fold: Fold) -> bool:
        return fold.bare_cells and self._weak_icon and self._colour == "text"


@dataclass(frozen=True)
class Count:
    """One safety count: icon, word and number."""

    icon: str
    word: Bilingual
    number: int


class SafetyCell(Cell):
    """The three counts and the way to what would be lost: one button."""

    def __init__(self, ui: Presentation, link: Bilingual, short: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(ui, pressable=True, parent=parent)
        self._link, self._short = link, short
        self._counts: tuple[Count, ...] = ()

    def show_counts(self, counts: tuple[Count, ...]) -> None:
        """Show these."""
        self._counts = counts
        self.tell()

    def tell(self) -> None:
        """Say the counts again."""
        said = [f"{self.ui.say(each.word)} {each.number}" for each in self._counts]
        self.name_it(f"{' '.join(said)} {self.ui.say(self._link)}".strip())
        super().tell()

    def width_for(self, fold: Fold) -> int:
        """The counts, the link and the room between them."""
        look = self.ui.look
        gap = look.px(16 if fold.stacked else 20)
        counts = sum(self._count_width(each, fold) + gap for each in self._counts)
        return look.px(16) + counts + self._link_width(fold) + (0 if fold.wordless else look.px(24))

    def paint_cell(self, painter: QPainter, look: Look) -> None:
        """Draw the counts from the left, then the link."""
        gap = look.px(16 if self.fold.stacked else 20)
        x = look.px(16)
        for each in self._counts:
            width = self._count_width(each, self.fold)
            if self.fold.stacked:
                self._paint_stacked(painter, look, QRect(x, 0, width, self.height()), each)
            else:
                self._paint_count(painter, look, QRect(x, 0, width, self.height()), each)
            x += width + gap
        painter.setFont(look.font("body"))
        painter.setPen(look.qcolor("accent"))
        words = self._link_words(self.fold)
        if not words:
            return
        rect = QRect(x, 0, self._link_width(self.fold), self.height())
        painter.drawText(rect, Qt.AlignmentFlag.AlignVCenter, words)
        bottom = self.height() // 2 + look.px(11)
        painter.fillRect(QRect(x, bottom, rect.width(), max(1, look.px(1))), look.qcolor("accent"))

    def _paint_count(self, painter: QPainter, look: Look, rect: QRect, count: Count) -> None:
        x = rect.x() + paint_icon(painter, look, count.icon, "text", 20, rect.x(), self.height() // 2) + look.px(7)
        word = self.ui.say(count.word)
        painter.setPen(look.qcolor("text"))
        painter.setFont(look.font("body"))
        painter.drawText(QRect(x, 0, rect.width(), rect.height()), Qt.AlignmentFlag.AlignVCenter, word)
        x += QFontMetrics(painter.font()).horizontalAdvance(word) + look.px(7)
        painter.setFont(look.font("key_value"))
        painter.drawText(QRect(x, 0, rect.width(), rect.height()), Qt.AlignmentFlag.AlignVCenter, f"{count.number:,}")

    def _paint_stacked(self, painter: QPainter, look: Look, rect: QRect, count: Count) -> None:
        high, low = look.px(20), look.px(24)
        top = (rect.height() - high - low) // 2
        painter.setPen(look.qcolor("text2"))
        painter.setFont(look.font("caption"))
        painter.drawText(
            QRect(rect.x(), top, rect.width() + 2, high), Qt.AlignmentFlag.AlignVCenter, self.ui.say(count.word)
        )
        side = look.px(16)
        paint_icon(painter, look, count.icon, "text", 16, rect.x(), top + high + low // 2)
        painter.setPen(look.qcolor("text"))
        painter.setFont(look.font("key_value"))
        number = QRect(rect.x() + side + look.px(4), top + high, rect.width(), low)
        painter.drawText(number, Qt.AlignmentFlag.AlignVCenter, f"{count.number:,}")

    def _count_width(self, count: Count, fold: Fold) -> int:
        look = self.ui.look
        word, number = self.ui.say(count.word), f"{count.number:,}"
        figures = QFontMetrics(look.font("key_value")).horizontalAdvance(number)
        if fold.stacked:
            caption = QFontMetrics(look.font("caption")).horizontalAdvance(word)
            return max(caption, look.px(16 + 4) + figures)
        return look.px(20 + 7 + 7) + QFontMetrics(look.font("body")).horizontalAdvance(word) + figures

    def _link_words(self, fold: Fold) -> str:
        return "" if fold.wordless else self.ui.say(self._short if fold.short else self._link)

    def _link_width(self, fold: Fold) -> int:
        return QFontMetrics(self.ui.look.font("body")).horizontalAdvance(self._link_words(fold))


class FlatButton(Cell):
    """An icon and a word on the bar itself."""

    def __init__(self, ui: Presentation, *, line: str = "none", parent: QWidget | None = None) -> None:
        super().__init__(ui, pressable=True, line=line, parent=parent)
        self._icon, self._word = "info", ""

    def show_word(self, icon: str, word: str, name: str) -> None:
        """Show this; ``name`` says in full what a press does."""
        self._icon, self._word = icon, word
        self.name_it(name)
        self.tell()

    def width_for(self, fold: Fold) -> int:
        """Icon and word, at least as wide as a finger."""
        look = self.ui.look
        word = QFontMetrics(look.font("body")).horizontalAdvance(self._word)
        icon = 0 if fold.bare_buttons else look.px(20 + 8)
        return max(look.height("control"), word + icon + look.px(24))

    def paint_cell(self, painter: QPainter, look: Look) -> None:
        """Draw icon and word, centred."""
        painter.setFont(look.font("body"))
        painter.setPen(look.qcolor("text"))
        word = QFontMetrics(painter.font()).horizontalAdvance(self._word)
        if self.fold.bare_buttons:
            painter.drawText(self.rect(), Qt.AlignmentFlag.AlignCenter, self._word)
            return
        x = (self.width() - word - look.px(28)) // 2
        paint_icon(painter, look, self._icon, "text", 20, x, self.height() // 2)
        painter.drawText(QRect(x + look.px(28), 0, word + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, self._word)


def run_width(look: Look, line: Line) -> int:
    """Return how wide a line of pieces is."""
    return sum(QFontMetrics(look.font("body", bold=run.bold)).horizontalAdvance(run.text) for run in line)


def draw_runs(painter: QPainter, look: Look, rect: QRect, line: Line, colour: str) -> None:
    """Draw pieces one after another, the last one cut to the rectangle."""
    painter.setPen(look.qcolor(colour))
    x = rect.x()
    for run in line:
        painter.setFont(look.font("body", bold=run.bold))
        metrics = QFontMetrics(painter.font())
        room = rect.right() + 1 - x
        if room <= 0:
            return
        shown = elided(metrics, run.text, room + 1)
        painter.drawText(QRect(x, rect.y(), room + 2, rect.height()), Qt.AlignmentFlag.AlignVCenter, shown)
        x += metrics.horizontalAdvance(shown)
