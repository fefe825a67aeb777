"""Buttons: one filled a screen (the next action), the others outlined, quiet, or green for *accept*. The key stands on the button.

Promise: what can be touched is at least 44 high; disabled is told by colour and by the accessible description saying why.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from PySide6.QtCore import QRect, QSize, Qt
from PySide6.QtGui import QFont, QFontMetrics, QKeyEvent, QKeySequence, QPainter, QPaintEvent, QShortcut
from PySide6.QtWidgets import QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painted_button import Worded, pressed_by_enter
from views.controls.painting import elided, key_cap_width, paint_box, paint_icon, paint_key_cap
from views.presentation import Presentation


class ButtonRole(StrEnum):
    """What a button is for; its look follows."""

    PRIMARY = "primary"
    SECONDARY = "secondary"
    QUIET = "quiet"
    ACCEPT = "accept"
    FILTER = "filter"
    PAD = "pad"


@dataclass(frozen=True)
class _Colours:
    fill: str | None
    line: str | None
    text: str


_PLAIN = {
    ButtonRole.PRIMARY: _Colours("accent", None, "on_accent"),
    ButtonRole.SECONDARY: _Colours("surface", "line_strong", "text"),
    ButtonRole.QUIET: _Colours(None, None, "text"),
    ButtonRole.ACCEPT: _Colours("surface", "accent", "accent"),
    ButtonRole.FILTER: _Colours("surface", "line", "text"),
    ButtonRole.PAD: _Colours("surface", "line", "text"),
}
_HOVER = {
    ButtonRole.PRIMARY: "accent_hover",
    ButtonRole.SECONDARY: "hover",
    ButtonRole.QUIET: "hover",
    ButtonRole.ACCEPT: "accent_soft",
    ButtonRole.FILTER: "hover",
    ButtonRole.PAD: "hover",
}


class ActionButton(Worded):
    """A button with words, and perhaps an icon and the key that does the same.

    Args:
        key: a key sequence such as ``N`` or ``Ctrl+Return``; it triggers the button within its window and is drawn on it.
        tall: 56 high instead of 44, for the next action.
        arrow: an arrow behind the words, for an action that leads on.
        shortcut: False: the key is only drawn; a list or a field beside the button acts on it.
    """

    def __init__(
        self,
        ui: Presentation,
        text: Bilingual,
        *,
        role: ButtonRole = ButtonRole.SECONDARY,
        icon: str | None = None,
        key: str | None = None,
        tall: bool = False,
        arrow: bool = False,
        shortcut: bool = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._text, self._role = ui, text, role
        self._icon, self._key, self._tall, self._arrow = icon, key, tall, arrow
        self._shortcut: QShortcut | None = None
        self._listens = shortcut
        self.setCheckable(role is ButtonRole.FILTER)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self._set_shortcut(key)
        self.tell()

    def say(self, text: Bilingual, *, icon: str | None = None, key: str | None = None) -> None:
        """Change the words; ``icon`` and ``key`` are kept where None."""
        self._text = text
        self._icon = icon or self._icon
        if key is not None and key != self._key:
            self._key = key
            self._set_shortcut(key)
        self.tell()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """Either Enter presses it, as people expect."""
        if not pressed_by_enter(self, event):
            super().keyPressEvent(event)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as its words, at least 44 high."""
        look = self._ui.look
        metrics = QFontMetrics(self._font())
        width = metrics.horizontalAdvance(self.text()) + 2 * look.px(16)
        if self._icon:
            width += look.px(20) + look.space("s")
        if self._arrow:
            width += look.px(20) + look.space("s")
        if self._key:
            width += key_cap_width(look, self._key) + look.space("s")
        return QSize(width, look.height("primary" if self._tall else "control"))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """May be squeezed to its words' first characters, never below its height."""
        return QSize(self._ui.look.height("control"), self.sizeHint().height())

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint box, icon, words and key cap, centred together."""
        look = self._ui.look
        painter = QPainter(self)
        painter.setRenderHint(QPainter.RenderHint.Antialiasing)
        colours = self._colours()
        strong = look.line() if self._role in (ButtonRole.FILTER, ButtonRole.PAD) else look.line("strong")
        paint_box(
            painter,
            self.rect(),
            None if colours.fill is None else look.qcolor(colours.fill),
            None if colours.line is None else look.qcolor(colours.line),
            strong,
            look.radius("control"),
        )
        gap, side = look.space("s"), look.px(20)
        font = self._font()
        metrics = QFontMetrics(font)
        extras = (side + gap if self._icon else 0) + (side + gap if self._arrow else 0)
        extras += key_cap_width(look, self._key) + gap if self._key else 0
        shown = elided(metrics, self.text(), max(0, self.width() - extras - 2 * look.space("s")))
        width = metrics.horizontalAdvance(shown) + extras
        x, middle = (self.width() - width) // 2, self.height() // 2
        if self._icon:
            x += paint_icon(painter, look, self._icon, colours.text, 20, x, middle) + gap
        painter.setFont(font)
        painter.setPen(look.qcolor(colours.text))
        painter.drawText(
            QRect(x, 0, metrics.horizontalAdvance(shown) + 2, self.height()), Qt.AlignmentFlag.AlignVCenter, shown
        )
        x += metrics.horizontalAdvance(shown) + gap
        if self._arrow:
            x += paint_icon(painter, look, "arrow", colours.text, 20, x, middle) + gap
        if self._key:
            paint_key_cap(painter, look, self._key, look.qcolor(colours.text), x, middle)

    def _font(self) -> QFont:
        look = self._ui.look
        if self._tall:
            return look.font("key_value")
        if self._role is ButtonRole.PAD and len(self.text()) == 1:
            return look.font("title", bold=False)
        return look.font("body", bold=self._role in (ButtonRole.PRIMARY, ButtonRole.ACCEPT))

    def _colours(self) -> _Colours:
        if not self.isEnabled():
            return _Colours("disabled", "line", "disabled_text")
        if self._role is ButtonRole.FILTER and self.isChecked():
            return _Colours("accent", None, "on_accent")
        colours = _PLAIN[self._role]
        if self.isDown():
            return (
                _Colours("accent_press", None, "on_accent")
                if self._role is ButtonRole.PRIMARY
                else _Colours("hover", colours.line or "line", colours.text)
            )
        if self.underMouse():
            return _Colours(_HOVER[self._role], colours.line, colours.text)
        return colours

    def _set_shortcut(self, key: str | None) -> None:
        if self._shortcut is not None:
            self._shortcut.deleteLater()
            self._shortcut = None
        if key and self._listens:
            self._shortcut = QShortcut(QKeySequence(key), self)
            self._shortcut.activated.connect(self._pressed_by_key)

    def _pressed_by_key(self) -> None:
        # A shortcut of a hidden or disabled button must do nothing.
        if self.isEnabled() and self.isVisible():
            self.click()
