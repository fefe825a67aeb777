"""Tabs in one outlined row, each a name and a word or sum: which one is shown, and what the others hold.

Promise: sums are never cut, names are; one stop of the Tab key, arrows move; what is chosen is told by a bar and bold type, not by
colour alone. Where there are too many for the width the row goes on in further lines.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QRect, QSize, Qt, Signal
from PySide6.QtGui import (
    QFocusEvent,
    QFontMetrics,
    QKeyEvent,
    QMouseEvent,
    QPainter,
    QPainterPath,
    QPaintEvent,
    QResizeEvent,
)
from PySide6.QtWidgets import QSizePolicy, QToolTip, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import elided, paint_box
from views.focus_ring import OWN_FOCUS
from views.look.tokens import Theme
from views.presentation import Presentation, Told


@dataclass(frozen=True)
class Tab:
    """One tab. ``strong``: its detail is a sum that counts, drawn bold."""

    key: str
    name: Bilingual
    detail: Bilingual
    strong: bool = False


class TabStrip(QWidget, Told):
    """The row. ``chosen`` carries the key of the tab that was chosen by hand."""

    chosen = Signal(str)

    def __init__(self, ui: Presentation, name: Bilingual, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._name = ui, name
        self._tabs: tuple[Tab, ...] = ()
        self._current = ""
        self._hover = -1
        self._right = True
        self._rects: tuple[QRect, ...] = ()
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setProperty(OWN_FOCUS, True)
        self.setMouseTracking(True)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.tell()

    def show_tabs(self, tabs: Sequence[Tab], current: str) -> None:
        """Show these tabs, one of them chosen."""
        self._tabs, self._current = tuple(tabs), current
        self.tell()

    def stand(self, *, right: bool) -> None:
        """Stand at the right edge of the room there is, or at the left."""
        self._right = right
        self._place()
        self.update()

    @property
    def current(self) -> str:
        """Key of the tab that is chosen."""
        return self._current

    @property
    def tabs(self) -> tuple[Tab, ...]:
        """The tabs, in order."""
        return self._tabs

    def tab_rect(self, key: str) -> QRect:
        """Return where a tab is. Raises ``KeyError``."""
        for rect, tab in zip(self._rects, self._tabs, strict=True):
            if tab.key == key:
                return rect
        raise KeyError(key)

    def choose(self, key: str) -> None:
        """Choose as by hand."""
        if key == self._current:
            return
        self._current = key
        self._say_names()
        self.update()
        self.chosen.emit(key)

    def tell(self) -> None:
        """Say the names and measure again."""
        self._say_names()
        self._place()
        self.updateGeometry()
        self.update()

    def natural_width(self) -> int:
        """How wide the row is when nothing is cut."""
        return sum(self._wanted(tab) for tab in self._tabs)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """One line as wide as its words."""
        return QSize(self.natural_width(), self._needed(self.natural_width()))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """May be squeezed: names are cut, then lines break."""
        look = self._ui.look
        return QSize(min(self.natural_width(), look.px(240)), look.height("control"))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Break the lines anew."""
        super().resizeEvent(event)
        self._place()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Arrows, Home and End choose."""
        keys = [tab.key for tab in self._tabs]
        if not keys or self._current not in keys:
            super().keyPressEvent(event)
            return
        place = keys.index(self._current)
        moves = {
            Qt.Key.Key_Left: max(0, place - 1),
            Qt.Key.Key_Right: min(len(keys) - 1, place + 1),
            Qt.Key.Key_Home: 0,
            Qt.Key.Key_End: len(keys) - 1,
        }
        target = moves.get(Qt.Key(event.key()))
        if target is None:
            super().keyPressEvent(event)
        else:
            self.choose(keys[target])

    def mousePressEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Choose what is under the pointer."""
        if event.button() == Qt.MouseButton.LeftButton:
            place = self._at(event)
            if place >= 0:
                self.choose(self._tabs[place].key)

    def mouseMoveEvent(self, event: QMouseEvent) -> None:  # noqa: N802 - Qt's name
        """Show what would be chosen, and its whole name."""
        place = self._at(event)
        if place != self._hover:
            self._hover = place
            whole = "" if place < 0 else self._words(self._tabs[place])
            QToolTip.showText(event.globalPosition().toPoint(), whole, self)
            self.update()

    def event(self, event: QEvent) -> bool:
        """Forget the pointer when it goes."""
        if event.type() is QEvent.Type.Leave:
            self._hover = -1
            self.update()
        return super().event(event)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the frame of the focus."""
        super().focusInEvent(event)
        self.update()

    def focusOutEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Take the frame away."""
        super().focusOutEvent(event)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Draw the tabs, their frame and the bar of the chosen one."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        radius = look.radius("control")
        for line in self._line_rects():
            path = QPainterPath()
            path.addRoundedRect(line, radius, radius)
            painter.setClipPath(path)
            for place, (rect, tab) in enumerate(zip(self._rects, self._tabs, strict=True)):
                if line.contains(rect):
                    self._paint_tab(painter, rect, tab, hover=place == self._hover, first=rect.x() == line.x())
            painter.setClipping(False)
            paint_box(painter, line, None, look.qcolor("line_strong"), look.line("strong"), radius)
        if self.hasFocus() and self._current:
            rect = self.tab_rect(self._current)
            paint_box(painter, rect, None, look.qcolor("focus"), look.line("focus"), look.radius("control"))

    def _paint_tab(self, painter: QPainter, rect: QRect, tab: Tab, *, hover: bool, first: bool) -> None:
        look = self._ui.look
        chosen = tab.key == self._current
        inverse = chosen and look.theme is Theme.SUNLIGHT
        fill = "accent" if inverse else "accent_soft" if chosen else "hover" if hover else "surface"
        painter.fillRect(rect, look.qcolor(fill))
        if chosen and not inverse:
            bar = look.px(3)
            painter.fillRect(QRect(rect.x(), rect.bottom() - bar, rect.width(), bar + 1), look.qcolor("accent"))
        colour = "on_accent" if inverse else "accent" if chosen else "text"
        edge, gap = look.px(14), look.space("s")
        detail_font = look.font("body", bold=tab.strong)
        detail = self._ui.say(tab.detail)
        wide = QFontMetrics(detail_font).horizontalAdvance(detail)
        name_font = look.font("body", bold=False)
        room = rect.width() - 2 * edge - (wide + gap if detail else 0)
        painter.setPen(look.qcolor(colour))
        painter.setFont(name_font)
        name = elided(QFontMetrics(name_font), self._ui.say(tab.name), room)
        painter.drawText(QRect(rect.x() + edge, rect.y(), room, rect.height()), Qt.AlignmentFlag.AlignVCenter, name)
        painter.setFont(detail_font)
        where = QRect(rect.right() + 1 - edge - wide, rect.y(), wide + 1, rect.height())
        painter.drawText(where, Qt.AlignmentFlag.AlignVCenter, detail)
        if not first:
            painter.fillRect(rect.x(), rect.y(), look.line(), rect.height(), look.qcolor("line_strong"))

    def _words(self, tab: Tab) -> str:
        return f"{self._ui.say(tab.name)} {self._ui.say(tab.detail)}".strip()

    def _say_names(self) -> None:
        english = self._ui.words.code == "en"
        self.setAccessibleName(self._ui.say(self._name))
        shown = next((self._words(tab) for tab in self._tabs if tab.key == self._current), "")
        others = "; ".join(self._words(tab) for tab in self._tabs if tab.key != self._current)
        self.setAccessibleDescription(
            f"Shown: {shown}. Others: {others}" if english else f"当前：{shown}。其他：{others}"
        )

    def _wanted(self, tab: Tab) -> int:
        look = self._ui.look
        name = QFontMetrics(look.font("body")).horizontalAdvance(self._ui.say(tab.name))
        return name + self._detail_width(tab) + 2 * look.px(14) + 2

    def _least(self, tab: Tab) -> int:
        return self._detail_width(tab) + 2 * self._ui.look.px(14) + self._ui.look.px(64)

    def _detail_width(self, tab: Tab) -> int:
        detail = self._ui.say(tab.detail)
        if not detail:
            return 0
        font = self._ui.look.font("body", bold=tab.strong)
        return QFontMetrics(font).horizontalAdvance(detail) + self._ui.look.space("s")

    def _lines(self, width: int) -> list[list[Tab]]:
        """Break the tabs into lines: as few as their least widths allow."""
        lines: list[list[Tab]] = []
        used = 0
        for tab in self._tabs:
            least = min(self._wanted(tab), self._least(tab))
            if not lines or used + least > width:
                lines.append([])
                used = 0
            lines[-1].append(tab)
            used += least
        return lines

    def _needed(self, width: int) -> int:
        look = self._ui.look
        count = max(1, len(self._lines(width)))
        return count * look.height("control") + (count - 1) * look.space("xs")

    def _place(self) -> None:
        look = self._ui.look
        width, high = max(1, self.width()), look.height("control")
        rects: list[QRect] = []
        for number, line in enumerate(self._lines(width)):
            wanted = [self._wanted(tab) for tab in line]
            over = sum(wanted) - width
            if over > 0:
                spare = [want - min(want, self._least(tab)) for want, tab in zip(wanted, line, strict=True)]
                total = sum(spare) or 1
                # Rounded up, so that the line never passes the edge by a pixel.
                wanted = [want + -over * each // total for want, each in zip(wanted, spare, strict=True)]
            x, y = 0, number * (high + look.space("xs"))
            if self._right and sum(wanted) < width and len(self._lines(width)) == 1:
                x = width - sum(wanted)
            for want in wanted:
                rects.append(QRect(x, y, max(1, want), high))
                x += want
        self._rects = tuple(rects)
        height = self._needed(width)
        if height != self.height() or self.minimumHeight() != height:
            self.setFixedHeight(height)

    def _line_rects(self) -> list[QRect]:
        lines: dict[int, QRect] = {}
        for rect in self._rects:
            lines[rect.y()] = lines.get(rect.y(), rect).united(rect)
        return list(lines.values())

    def _at(self, event: QMouseEvent) -> int:
        where = event.position().toPoint()
        return next((place for place, rect in enumerate(self._rects) if rect.contains(where)), -1)
