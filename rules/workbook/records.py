"""Reads the sheets that have one entry a row: finds the columns by their headings, then every cell by its codec.

Promise: every problem of a sheet is told, not only the first; a cell that is wrong never becomes a value.
"""

from __future__ import annotations

import difflib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeVar

import msgspec

from rules.workbook.codecs import Codec, Content, read
from rules.workbook.columns import Column, Layer
from rules.workbook.fields import assembled
from rules.workbook.problems import Place, Wrong
from rules.workbook.report import Report
from rules.workbook.sheet import Sheet
from rules.workbook.texts import tidy

HEADINGS = 2
FIRST_ROW = HEADINGS + 1

Struct = TypeVar("Struct", bound=msgspec.Struct)


@dataclass
class Row:
    """One entry's cells: values by field, the place of every field that the sheet has, and the fields that were wrong."""

    sheet: Sheet
    number: int
    values: dict[str, object] = field(default_factory=dict)
    places: dict[str, Place] = field(default_factory=dict)
    wrong: set[str] = field(default_factory=set)

    @property
    def here(self) -> Place:
        """The row's first cell."""
        return self.sheet.place(self.number, 1)

    def text(self, path: str) -> str | None:
        """Return a text field."""
        value = self.values.get(path)
        return value if isinstance(value, str) else None

    def place(self, path: str) -> Place:
        """Return the cell of a field."""
        return self.places.get(path, self.here)


def find_columns(
    sheet: Sheet, columns: Sequence[Column], report: Report, *, more: bool = False
) -> tuple[dict[int, Column], dict[int, str]]:
    """Return the columns by number, and the second heading of every other column (``more``: they are the pack's own)."""
    found: dict[int, Column] = {}
    others: dict[int, str] = {}
    for at in range(1, sheet.last_column + 1):
        zh, en = (_heading(sheet.cell(line, at)) for line in (1, 2))
        if not zh and not en:
            if any(not cells[at].blank for cells in sheet.rows.values() if at in cells):
                report.add(sheet.place(1, at), "no_heading")
            continue
        # Where the pack's own names head columns too, only the second line tells them from ours.
        by_zh = None if more and en else next((each for each in columns if each.zh == zh), None)
        column = by_zh or next((each for each in columns if each.en.casefold() == en.casefold()), None)
        if column is None and more and en:
            others[at] = en
        elif column is None:
            names = [each.zh for each in columns]
            report.add(sheet.place(1, at), "unknown_column", found=zh or en, like=_like(zh, names))
        elif column in found.values():
            report.add(sheet.place(1, at), "column_twice", name=column.zh)
        else:
            found[at] = column
    for column in columns:
        if column.required and column not in found.values():
            report.add(sheet.here, "missing_column", zh=column.zh, en=column.en)
    return found, others


def _heading(cell: Content) -> str:
    return " ".join(str(cell.value).split()) if not cell.blank else ""


def read_rows(sheet: Sheet, columns: Mapping[int, Column], report: Report) -> list[Row]:
    """Return the entries, each row that is not blank."""
    rows = []
    # In the layout's order, wherever they stand: a bound is read by the type before it.
    order = list(sheet.layout.columns)
    in_order = sorted(
        columns.items(), key=lambda each: next((at for at, own in enumerate(order) if own.path == each[1].path), 0)
    )
    for number in sheet.filled_rows(FIRST_ROW):
        row = Row(sheet, number)
        for at, column in in_order:
            if column.path:
                read_into(row, column.path, column.codec_for(row.values), at, report)
        rows.append(row)
    return rows


def read_into(row: Row, path: str, codec: Codec | None, at: int, report: Report) -> None:
    """Read one cell into a row. A blank cell gives nothing; a wrong one is told."""
    cell, place = row.sheet.cell(row.number, at), row.sheet.place(row.number, at)
    row.places[path] = place
    if (row.number, at) in row.sheet.refused:
        row.wrong.add(path)
        return
    if cell.blank:
        return
    if codec is None:
        row.wrong.add(path)
        return
    try:
        row.values[path] = read(codec, cell)
    except Wrong as finding:
        row.wrong.add(path)
        report.wrong(place, finding)


def require(row: Row, columns: Iterable[Column], report: Report) -> None:
    """Tell of every required cell that is blank. A column that the sheet does not have was told once, with its headings."""
    for column in columns:
        if column.required and column.path not in row.values and column.path not in row.wrong:
            row.wrong.add(column.path)
            if column.path not in row.places:
                continue
            report.add(row.place(column.path), "empty", zh=column.zh, en=column.en)


def build(kind: type[Struct], row: Row, columns: Sequence[Column], report: Report, **more: object) -> Struct | None:
    """Return a row's entry; None when cells of it are wrong, which has been told."""
    require(row, columns, report)
    if row.wrong:
        return None
    try:
        return assembled(kind, {**row.values, **more})
    except Wrong as finding:
        path = finding.values["path"]
        column = next((each for each in columns if each.path == path), None)
        zh, en = (column.zh, column.en) if column else (path, path)
        report.add(row.place(path), "half_filled", zh=zh, en=en)
        return None


def check_references(
    row: Row, columns: Iterable[Column], known: Mapping[Layer, Mapping[str, Place]], report: Report
) -> None:
    """Tell of every id in a row that no sheet defines."""
    for column in columns:
        value = row.values.get(column.path)
        if column.refers is None or value is None:
            continue
        for name in value if isinstance(value, tuple) else (value,):
            if name not in known[column.refers]:
                like = _like(str(name), list(known[column.refers]))
                report.add(row.place(column.path), f"unknown_{column.refers}", found=tidy(str(name)), like=like)


def _like(name: str, names: Sequence[str]) -> str:
    close = difflib.get_close_matches(name, names, n=1, cutoff=0.6)
    return close[0] if close else ""


class AnyId(dict[str, Place]):
    """The ids of a layer whose column of ids is missing: told once, not at every cell that names one."""

    def __contains__(self, name: object) -> bool:
        return True


def check_twice(rows: Iterable[Row], path: str, report: Report) -> dict[str, Place]:
    """Return the entries' ids with their cells, and tell of every id that comes twice."""
    seen: dict[str, Place] = {}
    for row in rows:
        name = row.text(path)
        if name is None:
            continue
        if name in seen:
            zh, en = seen[name].named(english=False), seen[name].named(english=True)
            report.add(row.place(path), "id_twice", name=name, zh=zh, en=en)
        seen.setdefault(name, row.place(path))
    return seen
