"""The rail: the places of the window, one under the other, with a badge where a person is needed, and the lock at its foot.

Promise: every place is reachable by mouse, by tab and by ``Alt`` with its number, at every type size and at 689 pixels of height.
"""

from __future__ import annotations

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QSizePolicy, QVBoxLayout, QWidget

from claims.errors import Bilingual
from views.controls.painted_button import PressedButton
from views.controls.painting import elided, paint_icon
from views.focus_ring import OWN_FOCUS
from views.look.look import Look
from views.look.tokens import Theme
from views.presentation import Presentation, Told
from views.workplace import Place

_PLACES = {
    Place.DESK: ("desk", Bilingual("工作台", "Desk")),
    Place.CASES: ("cases", Bilingual("案件", "Cases")),
    Place.PEOPLE: ("people", Bilingual("人与保单", "People")),
    Place.PAPER: ("paper", Bilingual("单证", "Paper")),
    Place.VERIFY: ("qr", Bilingual("验真", "Verify")),
    Place.SYNC: ("sync", Bilingual("同步", "Sync")),
    Place.SETUP: ("setup", Bilingual("设置", "Setup")),
}
_LOCK = Bilingual("锁屏", "Lock")
_RAIL = Bilingual("导航", "Places")
LOCK_KEY = "Ctrl+L"
_LEAST = 48
"""The least height of an item at 100 %: icon and word still stand apart, and it is above the 44 of a touch target."""


class RailItem(PressedButton):
    """One place, or the lock. ``badge`` is how many things there need a person."""

    def __init__(self, ui: Presentation, icon: str, name: Bilingual, key: str, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._icon, self._name, self._key = ui, icon, name, key
        self._badge = 0
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Preferred)
        self.setProperty(OWN_FOCUS, True)
        self._shortcut = QShortcut(QKeySequence(key), self)
        self._shortcut.activated.connect(self.click)
        self.tell()

    @property
    def badge(self) -> int:
        """What the badge counts."""
        return self._badge

    def show_badge(self, count: int) -> None:
        """Count what needs a person here."""
        if count != self._badge:
            self._badge = count
            self.tell()

    def mark(self, here: bool) -> None:
        """Show whether this is where the window stands."""
        self.setCheckable(True)
        self.setChecked(here)
        self.tell()

    def tell(self) -> None:
        """Say the name again."""
        name = self._ui.say(self._name)
        if self._badge:
            count = Bilingual(f"{name}，{self._badge} 件要人处理", f"{name}, {self._badge} to look at")
            self.setAccessibleName(self._ui.say(count))
        else:
            self.setAccessibleName(name)
        self.setText(name)
        self.setToolTip(self._key)
        self.updateGeometry()
        self.update()

    def nextCheckState(self) -> None:  # noqa: N802 - Qt's name
        """A click alone marks nothing: the frame does, once it has really gone there."""

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Up and down walk along the rail."""
        if event.key() == Qt.Key.Key_Down:
            self.focusNextChild()
        elif event.key() == Qt.Key.Key_Up:
            self.focusPreviousChild()
        else:
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as there is room, 68 high."""
        look = self._ui.look
        return QSize(look.px(44), look.height("rail_item"))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """Closer together where the window is low."""
        return QSize(self._ui.look.px(44), self._ui.look.px(_LEAST))

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint icon over word, the place's mark and the badge."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        here = self.isChecked()
        if here or self.underMouse():
            painter.fillRect(self.rect(), look.qcolor("rail_active" if here else _hover(look)))
        if here:
            painter.fillRect(QRect(0, 0, look.px(4), self.height()), look.qcolor("rail_mark"))
        colour = "rail_on" if here else "rail_text"
        side, line, gap = look.px(24), look.line_height("caption"), look.px(4)
        top = (self.height() - side - gap - line) // 2
        middle = top + side // 2
        paint_icon(painter, look, self._icon, colour, 24, (self.width() - side) // 2, middle)
        painter.setFont(look.font("caption", bold=here))
        painter.setPen(look.qcolor(colour))
        words = elided(QFontMetrics(painter.font()), self.text(), self.width() - look.px(8))
        painter.drawText(QRect(0, top + side + gap, self.width(), line), Qt.AlignmentFlag.AlignCenter, words)
        if self._badge:
            self._paint_badge(painter, look, middle - look.px(8), here=here)
        self._paint_focus(painter, look)

    def _paint_badge(self, painter: QPainter, look: Look, middle: int, *, here: bool) -> None:
        text = str(self._badge) if self._badge < 100 else "99+"
        painter.setFont(look.font("caption", bold=True))
        height = look.px(20)
        width = max(height, QFontMetrics(painter.font()).horizontalAdvance(text) + look.px(10))
        rect = QRect(self.width() - width - look.px(10), middle - height // 2, width, height)
        # On the place where one is, in sunlight, a black badge would melt into the green.
        light = here or look.theme is not Theme.SUNLIGHT
        fill, ink = ("rail_on", "rail") if light else ("rail_text", "rail")
        if look.theme is Theme.NIGHT:
            fill, ink = "accent", "on_accent"
        elif light and look.theme is Theme.SUNLIGHT:
            ink = "rail_text"
        painter.setPen(Qt.PenStyle.NoPen)
        painter.setBrush(look.qcolor(fill))
        painter.drawRoundedRect(rect, height / 2, height / 2)
        painter.setPen(look.qcolor(ink))
        painter.drawText(rect, Qt.AlignmentFlag.AlignCenter, text)

    def _paint_focus(self, painter: QPainter, look: Look) -> None:
        # The common ring is green on the dark rail and would be cut at its edge: the rail draws its own, inside.
        if not self.hasFocus():
            return
        painter.setBrush(Qt.BrushStyle.NoBrush)
        pen = painter.pen()
        pen.setColor(
            look.qcolor("rail_mark" if not self.isChecked() or look.theme is not Theme.SUNLIGHT else "rail_on")
        )
        pen.setWidth(look.line("focus"))
        painter.setPen(pen)
        painter.drawRoundedRect(self.rect().adjusted(4, 4, -4, -4), look.radius("control"), look.radius("control"))


def _hover(look: Look) -> str:
    return "hover" if look.theme is not Theme.LIGHT else "rail_active"


class Rail(QWidget, Told):
    """All places. ``wanted`` carries the ``Place`` that was asked for; ``lock_wanted`` the wish to lock."""

    wanted = Signal(object)
    lock_wanted = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self.items: dict[Place, RailItem] = {}
        self._column = QVBoxLayout(self)
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(0)
        self._head = QWidget(self)
        self._column.addWidget(self._head)
        for number, (place, (icon, name)) in enumerate(_PLACES.items(), 1):
            item = RailItem(ui, icon, name, f"Alt+{number}")
            item.clicked.connect(lambda _checked, to=place: self.wanted.emit(to))
            self.items[place] = item
            self._column.addWidget(item)
        self._column.addStretch(1)
        self.lock = RailItem(ui, "lock", _LOCK, LOCK_KEY)
        self.lock.clicked.connect(lambda _checked: self.lock_wanted.emit())
        self._column.addWidget(self.lock)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.tell()

    def mark(self, place: Place | None) -> None:
        """Show where the window stands."""
        for each, item in self.items.items():
            item.mark(each is place)

    def tell(self) -> None:
        """Take measures again; the items tell themselves."""
        look = self._ui.look
        self.setAccessibleName(self._ui.say(_RAIL))
        self.setFixedWidth(look.width("rail"))
        self._head.setFixedHeight(look.height("top_bar"))
        self._column.setContentsMargins(0, 0, self._edge(), 0)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the rail and our mark at its head."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        painter.fillRect(self.rect(), look.qcolor("rail"))
        edge = self._edge()
        if edge:
            painter.fillRect(QRect(self.width() - edge, 0, edge, self.height()), look.qcolor("line"))
        side = look.px(28)
        x = (self.width() - edge - side) // 2
        paint_icon(painter, look, "mark", "rail_text", 28, x, look.height("top_bar") // 2)

    def _edge(self) -> int:
        look = self._ui.look
        return 0 if look.theme is Theme.LIGHT else look.line()
