"""Rows and columns of flowables: reportlab's table, but a row stays whole wherever a page can hold it.

Promise: nothing in a grid is ever too tall to be printed: a row goes on on the next page only where more than half a page is not enough for it.
"""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable
from reportlab.platypus import Table as ReportlabTable

from forms.fonts import REGULAR_NAME

_HALF_A_PAGE = 380.0

TIGHT: list[tuple[object, ...]] = [
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 0),
    ("TOPPADDING", (0, 0), (-1, -1), 0),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
]
"""The style of a grid that adds nothing to what is in it; later commands change it."""


class Grid(ReportlabTable):  # type: ignore[misc]  # reportlab ships no types
    """A table that stands at the left."""

    def __init__(self, rows: list[list[Any]], **options: Any) -> None:
        super().__init__(rows, **({"splitInRow": 1, "hAlign": "LEFT"} | options))
        # reportlab chooses a font for every cell, also for one that holds no text of its own.
        self.setStyle([("FONTNAME", (0, 0), (-1, -1), REGULAR_NAME)])

    def beginning(self, available_width: float) -> float:
        """Return the height of what can't be parted at its beginning: a head that is repeated, and the first row."""
        self.wrap(available_width, 10_000)
        return float(sum(self._rowHeights[: int(self.repeatRows) + 1]))

    def split(self, available_width: float, available_height: float) -> list[Flowable]:
        """Return the rows that fit and the rest; nothing where the first row had better begin the next page."""
        self._calc(available_width, available_height)
        between_rows: list[Flowable] = self._splitRows(available_height, doInRowSplit=False)
        if between_rows or available_height < _HALF_A_PAGE:
            return between_rows
        within: list[Flowable] = self._splitRows(available_height, doInRowSplit=True)
        return within
