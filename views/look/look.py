"""How the window looks now: theme and type size, and every token under them.

Promise: one object knows theme and size; ``changed`` is emitted after the application's palette, font and style sheet are
the new ones. Lengths come out scaled, so that 150 % is one place's business.
"""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal
from PySide6.QtGui import QColor, QFont, QPalette, QPixmap
from PySide6.QtWidgets import QApplication, QStyleFactory

from views.look.fonts import font
from views.look.icons import Icons
from views.look.stylesheet import stylesheet
from views.look.tokens import SCALES, Theme, Tokens


class Look(QObject):
    """Theme, scale and what follows from them."""

    changed = Signal()

    def __init__(
        self, tokens: Tokens, theme: Theme = Theme.LIGHT, scale_percent: int = 100, *, icons_later: bool = False
    ) -> None:
        """``icons_later``: no icon until ``show_icons``, which the start calls after its first picture."""
        super().__init__()
        self.tokens = tokens
        self._theme = theme
        self._scale_percent = scale_percent if scale_percent in SCALES else 100
        self._icons = Icons(later=icons_later)

    @property
    def theme(self) -> Theme:
        """The palette in use."""
        return self._theme

    @property
    def scale_percent(self) -> int:
        """The type size in use: 100, 125 or 150."""
        return self._scale_percent

    def colour(self, name: str) -> str:
        """Return a colour token as ``#RRGGBB``. Raises ``KeyError`` for an unknown one."""
        return self.tokens.colours[self._theme][name]

    def qcolor(self, name: str) -> QColor:
        """Return a colour token for a painter."""
        return QColor(self.colour(name))

    def px(self, length: float) -> int:
        """Return a length at the type size in use; at least 1 for a length above 0."""
        return max(1, round(length * self._scale_percent / 100)) if length > 0 else 0

    def height(self, name: str) -> int:
        """Return a height token, scaled."""
        return self.px(self.tokens.heights[name])

    def width(self, name: str) -> int:
        """Return a width token, scaled."""
        return self.px(self.tokens.widths[name])

    def space(self, name: str) -> int:
        """Return a spacing token, scaled."""
        return self.px(self.tokens.spacing[name])

    def radius(self, name: str) -> int:
        """Return a radius token. Corners don't grow with the type."""
        return self.tokens.radii[name]

    def line(self, name: str = "line") -> int:
        """Return a line width of the theme: ``line``, ``strong``, ``focus``, ``focus_gap``, ``selection_bar``."""
        return self.tokens.lines[self._theme][name]

    def font(self, name: str, *, bold: bool | None = None) -> QFont:
        """Return a type size by name; ``bold`` overrules its weight."""
        size = self.tokens.type_size(name)
        weight = size.weight if bold is None else (700 if bold else 400)
        return font(self.px(size.size), weight)

    def line_height(self, name: str) -> int:
        """Return the line height of a type size, scaled."""
        return self.px(self.tokens.type_size(name).line)

    def pixmap(self, name: str, colour: str = "text", size_px: float = 24, ratio: float = 1.0) -> QPixmap:
        """Return an icon in a colour token; ``size_px`` is at 100 %."""
        return self._icons.pixmap(name, self.colour(colour), self.px(size_px), ratio)

    def show_icons(self) -> None:
        """Draw the icons from now on."""
        self._icons.wake()
        for widget in QApplication.allWidgets():
            widget.update()

    def use(self, *, theme: Theme | None = None, scale_percent: int | None = None) -> None:
        """Change theme or size, and tell everybody."""
        self._theme = theme or self._theme
        self._scale_percent = scale_percent if scale_percent in SCALES else self._scale_percent
        self.apply()
        self.changed.emit()

    def apply(self) -> None:
        """Give the application this palette, font and style sheet. Set explicitly: the desktop's own must not shine through."""
        app = QApplication.instance()
        if not isinstance(app, QApplication):
            raise TypeError("there is no QApplication yet")
        if app.style().objectName().lower() != "fusion" and not app.styleSheet():
            app.setStyle(QStyleFactory.create("Fusion"))
        app.setPalette(self._palette())
        app.setFont(self.font("body"))
        app.setStyleSheet(stylesheet(self))

    def _palette(self) -> QPalette:
        palette = QPalette()
        roles = QPalette.ColorRole
        for role, name in (
            (roles.Window, "window"),
            (roles.WindowText, "text"),
            (roles.Base, "surface"),
            (roles.AlternateBase, "sunken"),
            (roles.Text, "text"),
            (roles.Button, "surface"),
            (roles.ButtonText, "text"),
            (roles.BrightText, "on_accent"),
            (roles.Highlight, "accent"),
            (roles.HighlightedText, "on_accent"),
            (roles.Link, "accent"),
            (roles.ToolTipBase, "surface"),
            (roles.ToolTipText, "text"),
            (roles.PlaceholderText, "text3"),
            (roles.Light, "surface"),
            (roles.Midlight, "hover"),
            (roles.Mid, "line"),
            (roles.Dark, "line_strong"),
            (roles.Shadow, "line_strong"),
        ):
            palette.setColor(role, self.qcolor(name))
        for role in (roles.WindowText, roles.Text, roles.ButtonText):
            palette.setColor(QPalette.ColorGroup.Disabled, role, self.qcolor("disabled_text"))
        return palette
