"""A screen of two columns under a title, which stand one below the other where the window is narrow for the type size.

Promise: everything scrolls as one page; folding moves nothing but the columns, and whoever has the keyboard keeps it.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from views.controls.scroll_area import bare_scroll
from views.controls.turning_box import turn_box
from views.workplace import Screen


@dataclass(frozen=True)
class Fold:
    """How the columns share the room: the shares ``beside`` each other and ``below`` one another.

    ``narrow``: below this width (at 100 %) they fold. ``tall``: they take all the height that is left.
    """

    beside: tuple[int, int]
    narrow: int
    below: tuple[int, int] = (0, 0)
    tall: bool = True


class FoldingPage(Screen):
    """The base. A screen calls ``lay_page`` first, adds to ``page``, then ``lay_columns``, and ``measure_page`` whenever it is told."""

    fold: Fold

    def lay_page(self) -> QVBoxLayout:
        """Make the page that scrolls, with its head; return it."""
        outer = QVBoxLayout(self)
        outer.setContentsMargins(0, 0, 0, 0)
        content = QWidget()
        self.area: QScrollArea = bare_scroll(content)
        outer.addWidget(self.area)
        self.page = QVBoxLayout(content)
        self.head = QHBoxLayout()
        self.page.addLayout(self.head)
        return self.page

    def lay_columns(self) -> None:
        """Put the two columns below what the page has so far."""
        self.columns = QHBoxLayout()
        self.left, self.right = QVBoxLayout(), QVBoxLayout()
        for box, share in zip((self.left, self.right), self.fold.beside, strict=True):
            self.columns.addLayout(box, share)
        self.page.addLayout(self.columns, 1 if self.fold.tall else 0)
        if not self.fold.tall:
            self.page.addStretch(1)

    def measure_page(self, head: str = "m") -> None:
        """Take measures again; ``head`` is the space between the words of the head."""
        look = self.work.ui.look
        edge, gap = look.space("page"), look.space("gap_panels")
        self.page.setContentsMargins(edge, look.space("page_top_desk"), edge, edge)
        self.page.setSpacing(look.space("m"))
        for box in (self.columns, self.left, self.right):
            box.setSpacing(gap)
        self.head.setSpacing(look.space(head))
        self._turn()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Fold the columns where the window is narrow for the type size."""
        super().resizeEvent(event)
        self._turn()

    def turned(self, *, narrow: bool) -> None:
        """Be told how the columns stand now."""

    def _turn(self) -> None:
        narrow = self.width() < self.work.ui.look.px(self.fold.narrow)
        turn_box(self.columns, narrow=narrow)
        for place, share in enumerate(self.fold.below if narrow else self.fold.beside):
            self.columns.setStretch(place, share)
        self.turned(narrow=narrow)
