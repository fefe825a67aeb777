"""A sheet as a grid of contents, between the pack and the file: reading and writing never see openpyxl.

Promise: rows and columns count from 1, as Excel shows them; a cell that is not there is blank.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

from openpyxl.utils import get_column_letter

from rules.workbook.codecs import Content
from rules.workbook.columns import Layout
from rules.workbook.problems import Place

BLANK = Content(None)


@dataclass
class Sheet:
    """One sheet that is being read or made."""

    title: str
    layout: Layout
    rows: dict[int, dict[int, Content]] = field(default_factory=dict)
    # Cells with something in them that was refused when the file was opened: not blank, and told already.
    refused: set[tuple[int, int]] = field(default_factory=set)

    def cell(self, row: int, column: int) -> Content:
        """Return a cell's content."""
        return self.rows.get(row, {}).get(column, BLANK)

    def put(self, row: int, column: int, content: Content) -> None:
        """Set a cell."""
        self.rows.setdefault(row, {})[column] = content

    def place(self, row: int, column: int) -> Place:
        """Return the cell's address."""
        return Place(self.title, self.layout.english(self.title), f"{get_column_letter(column)}{row}")

    @property
    def here(self) -> Place:
        """The sheet as a whole."""
        return Place(self.title, self.layout.english(self.title))

    @property
    def last_row(self) -> int:
        """The last row with anything in it; 0 of an empty sheet."""
        return max(
            (row for row, cells in self.rows.items() if any(not each.blank for each in cells.values())), default=0
        )

    @property
    def last_column(self) -> int:
        """The last column with anything in it."""
        return max((at for cells in self.rows.values() for at, each in cells.items() if not each.blank), default=0)

    def filled_rows(self, first: int) -> Iterator[int]:
        """Return the rows from ``first`` on that are not blank."""
        for row in sorted(self.rows):
            if row >= first and any(not each.blank for each in self.rows[row].values()):
                yield row
