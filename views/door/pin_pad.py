"""Typing a PIN with a finger, a glove or the keyboard: boxes that fill with dots, and a pad of keys 60 high."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import QRect, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QSizePolicy, QWidget

from claims.errors import Bilingual
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.painting import paint_box
from views.focus_ring import OWN_FOCUS
from views.presentation import Presentation, Told

BOXES = 6
_LONGEST = 12
_NAME = Bilingual("PIN", "PIN")


class PinBoxes(QWidget, Told):
    """The boxes. ``entered`` when Enter was pressed, ``edited`` after every change. Digits of any width count as digits."""

    entered = Signal()
    edited = Signal()

    def __init__(self, ui: Presentation, name: Bilingual = _NAME, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui, self._name = ui, name
        self._typed = ""
        self.setProperty(OWN_FOCUS, True)
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.tell()

    @property
    def typed(self) -> str:
        """What was typed so far."""
        return self._typed

    def add(self, digit: str) -> None:
        """Take a digit; a PIN is not longer than twelve."""
        if len(self._typed) < _LONGEST:
            self._change(self._typed + digit)

    def remove_last(self) -> None:
        """Take the last digit back."""
        self._change(self._typed[:-1])

    def clear(self) -> None:
        """Empty the boxes."""
        self._change("")

    def tell(self) -> None:
        """Say the name and how many digits there are, never which."""
        count = len(self._typed)
        self.setAccessibleName(self._ui.say(self._name))
        self.setAccessibleDescription(self._ui.say(Bilingual(f"已输入 {count} 位", f"{count} digits typed")))
        self.updateGeometry()
        self.update()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """416 wide, 56 high."""
        return QSize(self._ui.look.px(416), self._ui.look.px(56))

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Digits, backspace, Enter, Escape."""
        text = event.text()
        if text.isdecimal():
            self.add(str(int(text)) if len(text) == 1 else "")
        elif event.key() == Qt.Key.Key_Backspace:
            self.remove_last()
        elif event.key() == Qt.Key.Key_Escape:
            self.clear()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.entered.emit()
        else:
            super().keyPressEvent(event)

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint a box a digit, six at least; the next one to fill has the focus line."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        boxes = max(BOXES, len(self._typed))
        gap = look.space("m") if boxes == BOXES else look.space("xs")
        width = (self.width() - gap * (boxes - 1)) / boxes
        for place in range(boxes):
            rect = QRect(round(place * (width + gap)), 0, round(width), self.height())
            active = self.hasFocus() and place == min(len(self._typed), boxes - 1) and self.isEnabled()
            line = look.line("focus") if active else look.line("strong")
            colour = "focus" if active else "line_strong"
            fill = "surface" if self.isEnabled() else "disabled"
            paint_box(painter, rect, look.qcolor(fill), look.qcolor(colour), line, look.radius("control"))
            if place < len(self._typed):
                painter.setPen(Qt.PenStyle.NoPen)
                painter.setBrush(look.qcolor("text"))
                radius = look.px(6)
                painter.drawEllipse(rect.center(), radius, radius)

    def _change(self, typed: str) -> None:
        self._typed = typed
        self.tell()
        self.edited.emit()


class PinPad(QWidget, Told):
    """The pad under the boxes; its keys never take the keyboard's focus away from them."""

    def __init__(self, ui: Presentation, boxes: PinBoxes, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._keys: list[ActionButton] = []
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(ui.look.space("s"))
        for place in range(9):
            self._key(grid, place, Bilingual(str(place + 1), str(place + 1)), partial(boxes.add, str(place + 1)))
        self._key(grid, 9, Bilingual("清空", "Clear"), boxes.clear)
        self._key(grid, 10, Bilingual("0", "0"), partial(boxes.add, "0"))
        self._key(grid, 11, Bilingual("退格", "Back"), boxes.remove_last, icon="erase")
        self.tell()

    def tell(self) -> None:
        """Measure the keys again."""
        for key in self._keys:
            key.setFixedHeight(self._ui.look.height("pin_key"))

    def _key(
        self, grid: QGridLayout, place: int, text: Bilingual, press: Callable[[], None], *, icon: str | None = None
    ) -> None:
        key = ActionButton(self._ui, text, role=ButtonRole.PAD, icon=icon)
        self._keys.append(key)
        key.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        key.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        key.clicked.connect(lambda _checked: press())
        grid.addWidget(key, place // 3, place % 3)
