"""Words on the screen: a label that knows its text in both languages, its type size and its colour token; and money.

Promise: money is right-aligned, with two decimals, thousands separated and a true minus; a character that no font has is shown
as ``U+XXXXX`` and kept in the data.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import elided
from views.presentation import Presentation, Told

Said = Bilingual | str | Callable[[], str]
"""What a label shows: a text in both languages, data (a name, a number), or a question asked anew at every ``tell``."""


class Text(QLabel, Told):
    """A text. ``size`` is one of the six type sizes, ``colour`` a token.

    Args:
        wrap: break into lines instead of eliding at the right edge; the full text is then in the tool tip.
    """

    def __init__(
        self,
        ui: Presentation,
        said: Said = "",
        *,
        size: str = "body",
        colour: str = "text",
        bold: bool | None = None,
        wrap: bool = False,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self._said, self._size, self._colour, self._bold = ui, said, size, colour, bold
        self._full = ""
        self.setTextFormat(Qt.TextFormat.PlainText)
        self.setWordWrap(wrap)
        if not wrap:
            self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Fixed)
        self.tell()

    def say(self, said: Said, *, colour: str | None = None) -> None:
        """Show something else."""
        self._said = said
        self._colour = colour or self._colour
        self.tell()

    @property
    def full_text(self) -> str:
        """The whole text, also where the screen shows it cut."""
        return self._full

    def tell(self) -> None:
        """Say it again."""
        said = self._said
        self._full = said if isinstance(said, str) else self._ui.say(said) if isinstance(said, Bilingual) else said()
        look = self._ui.look
        self.setFont(look.font(self._size, bold=self._bold))
        palette = self.palette()
        palette.setColor(self.foregroundRole(), look.qcolor(self._colour))
        self.setPalette(palette)
        if not self.wordWrap():
            self.setFixedHeight(look.line_height(self._size))
        self.setAccessibleName(self._full)
        self._fit()
        self.updateGeometry()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """As wide as the whole text."""
        if self.wordWrap():
            return super().sizeHint()
        width = QFontMetrics(self.font()).horizontalAdvance(self._full) + 2
        return QSize(width, self._ui.look.line_height(self._size))

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """May be cut with an ellipsis."""
        if self.wordWrap():
            return super().minimumSizeHint()
        return QSize(0, self._ui.look.line_height(self._size))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Cut to the width there is."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        if self.wordWrap():
            self.setText(self._full)
            return
        shown = elided(QFontMetrics(self.font()), self._full, max(self.width(), 1)) if self.width() > 0 else self._full
        if self.width() >= self.sizeHint().width():
            shown = self._full
        self.setText(shown)
        self.setToolTip(self._full if shown != self._full else "")


def money_text(amount_fen: int) -> str:
    """Return fen as yuan for the screen: ``8,210.30``, ``−100.00`` with a true minus sign."""
    sign = "−" if amount_fen < 0 else ""
    yuan, fen = divmod(abs(amount_fen), 100)
    return f"{sign}{yuan:,}.{fen:02d}"


class Money(Text):
    """A sum, right-aligned. None is a dash: not known yet is not zero."""

    def __init__(
        self,
        ui: Presentation,
        amount_fen: int | None = None,
        *,
        size: str = "body",
        colour: str = "text",
        bold: bool | None = True,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(ui, _shown(amount_fen), size=size, colour=colour, bold=bold, parent=parent)
        self.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)

    def show_fen(self, amount_fen: int | None, *, colour: str | None = None) -> None:
        """Show a sum."""
        self.say(_shown(amount_fen), colour=colour)


def _shown(amount_fen: int | None) -> str:
    return "—" if amount_fen is None else money_text(amount_fen)
