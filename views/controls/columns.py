"""Columns of a painted table: their widths follow from the words in use, and the head stands exactly over the rows.

Promise: a column is as wide as what it must show; what is left over, or lacking, is the growing columns' business.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, QRect
from PySide6.QtGui import QFontMetrics, QPainter, QPaintEvent
from PySide6.QtWidgets import QAbstractItemView, QSizePolicy, QWidget

from rules.bilingual import Bilingual
from views.controls.painting import draw_words
from views.presentation import Presentation, Told


@dataclass(frozen=True)
class Column:
    """One column.

    ``width``: pixels it wants, room to its right neighbour included, asked anew at every change of look or language.
    ``grow``: its share of what is left over, or of what is lacking; ``least`` is the width it never falls below.
    ``right``: right-aligned.
    """

    key: str
    title: Bilingual
    width: Callable[[Presentation], int]
    grow: int = 0
    least: int = 0
    right: bool = False


class Columns:
    """Columns side by side, between a left and a right edge of 16."""

    def __init__(self, ui: Presentation, columns: Sequence[Column]) -> None:
        self.ui = ui
        self.columns = tuple(columns)
        self._known: tuple[object, dict[str, tuple[int, int]]] = (None, {})

    def spans(self, width: int) -> dict[str, tuple[int, int]]:
        """Return left edge and width of every column in a row of this width."""
        look = self.ui.look
        key = (width, look.scale_percent, look.theme, self.ui.words.code)
        if self._known[0] != key:
            self._known = (key, self._measure(width))
        return self._known[1]

    def box(self, key: str, rect: QRect) -> QRect:
        """Return the rectangle of a column in a row."""
        x, width = self.spans(rect.width())[key]
        return QRect(rect.x() + x, rect.y(), width, rect.height())

    def _measure(self, width: int) -> dict[str, tuple[int, int]]:
        edge = self.ui.look.space("panel")
        widths = [column.width(self.ui) for column in self.columns]
        over = width - 2 * edge - sum(widths)
        shares = sum(column.grow for column in self.columns)
        x, found = edge, {}
        for column, wanted in zip(self.columns, widths, strict=True):
            got = wanted
            if column.grow and shares:
                part = over * column.grow // shares
                got = max(self.ui.look.px(column.least), wanted + part)
                over -= part
                shares -= column.grow
            found[column.key] = (x, max(0, got))
            x += got
        return found


def words_width(ui: Presentation, texts: Sequence[Bilingual | str], *, size: str = "body", bold: bool = False) -> int:
    """Return how wide the longest of these texts is in the language in use."""
    metrics = QFontMetrics(ui.look.font(size, bold=bold))
    # Eliding measures in fractions of a pixel.
    return 2 + max(
        (metrics.horizontalAdvance(one if isinstance(one, str) else ui.say(one)) for one in texts), default=0
    )


class TableHead(QWidget, Told):
    """The head over a list: the columns' titles, in the list's own width."""

    def __init__(
        self, ui: Presentation, columns: Columns, over: QAbstractItemView, parent: QWidget | None = None
    ) -> None:
        super().__init__(parent)
        self._ui, self._columns, self._over = ui, columns, over
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        # The list takes room for its scroll bar when it needs one.
        over.viewport().installEventFilter(self)
        self.tell()

    def use(self, columns: Columns) -> None:
        """Show other columns."""
        self._columns = columns
        self.update()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Follow the list's width."""
        if watched is self._over.viewport() and event.type() is QEvent.Type.Resize:
            self.update()
        return False

    def tell(self) -> None:
        """Take height and words again."""
        # The panel's own rule above is part of its height.
        self.setFixedHeight(self._ui.look.height("table_head") - 1)
        self.update()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the titles and the line below."""
        look = self._ui.look
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.qcolor("sunken"))
        line = look.tokens.lines[look.theme].get("row", look.line())
        painter.fillRect(0, self.height() - line, self.width(), line, look.qcolor("line"))
        rect = QRect(0, 0, self._over.viewport().width(), self.height())
        for column in self._columns.columns:
            title = self._ui.say(column.title)
            if title:
                box = self._columns.box(column.key, rect)
                draw_words(painter, look, box, title, size="caption", colour="text2", right=column.right)
