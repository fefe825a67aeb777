"""What every reader of a workbook shares: its sheets, the ids known so far, the cells of the pack's parts, the problems.

Promise: holds, decides nothing.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from rules.workbook.columns import Column, Layer, Layout
from rules.workbook.problems import Place
from rules.workbook.records import Row, Struct, build, check_references, find_columns, read_rows
from rules.workbook.report import Report
from rules.workbook.sheet import Sheet
from rules.workbook.sources import Sources


@dataclass
class Context:
    """One workbook while it is read."""

    sheets: Sequence[Sheet]
    report: Report
    sources: Sources = field(default_factory=Sources)
    known: dict[Layer, Mapping[str, Place]] = field(default_factory=lambda: {each: {} for each in Layer})

    def only(self, kind: Layout) -> Sheet:
        """Return the sheet of a kind of which there is one."""
        return next(sheet for sheet in self.sheets if sheet.layout is kind)

    def all_of(self, kind: Layout) -> list[Sheet]:
        """Return the sheets of a kind, in the workbook's order."""
        return [sheet for sheet in self.sheets if sheet.layout is kind]

    def rows(self, kind: Layout) -> list[Row]:
        """Return a sheet's entries."""
        sheet = self.only(kind)
        columns, _ = find_columns(sheet, kind.columns, self.report)
        return read_rows(sheet, columns, self.report)

    def entry(self, kind: type[Struct], row: Row, columns: Sequence[Column], **more: object) -> Struct | None:
        """Return a row's entry with its references looked up; None when it is wrong, which is told."""
        check_references(row, columns, self.known, self.report)
        return build(kind, row, columns, self.report, **more)

    def entries(self, kind: type[Struct], sheet: Layout, rows: Sequence[Row], layer: Layer) -> list[Struct]:
        """Return the entries of a layer."""
        found = []
        for row in rows:
            self.sources.note(f"{layer} {row.text('id')}", row)
            entry = self.entry(kind, row, sheet.columns)
            if entry is not None:
                found.append(entry)
        return found
