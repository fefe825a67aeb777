"""From the bytes of a workbook to its sheets: opened by openpyxl after ``guard`` looked at it.

Promise: what the expert sees is what is read. An Excel formula counts by its stored result and is refused without one (ADR 0115);
hidden, merged and unknown things are told, not skipped. Nothing in the file is ever run.
"""

from __future__ import annotations

import difflib
import io
import warnings
from datetime import date, time, timedelta
from typing import Any
from xml.etree.ElementTree import ParseError

import openpyxl
from openpyxl.cell.cell import Cell
from openpyxl.chartsheet import Chartsheet
from openpyxl.utils import get_column_letter
from openpyxl.utils.exceptions import InvalidFileException
from openpyxl.workbook import Workbook
from openpyxl.worksheet.worksheet import Worksheet

from rules.workbook.codecs import Content
from rules.workbook.columns import Layout
from rules.workbook.guarding import UNREADABLE, guard
from rules.workbook.layout import SHEETS, UNREAD
from rules.workbook.problems import Place, Wrong
from rules.workbook.report import Report
from rules.workbook.sheet import Sheet

# openpyxl has no error of its own for most files that are wrong inside.
_UNREADABLE = (*UNREADABLE, ParseError, InvalidFileException, AttributeError, TypeError, IndexError, AssertionError)


def open_sheets(raw: bytes, report: Report) -> list[Sheet]:
    """Return the sheets that import reads. What is wrong is told; a file that cannot be opened at all gives no sheets."""
    try:
        guard(raw)
        book = _load(raw, values=False)
        sheets = [each for each in (_sheet(sheet, report) for sheet in book.worksheets) if each is not None]
        _no_charts(book, report)
        if any(sheet.formulas for sheet in sheets):
            _fill_in_results(sheets, _load(raw, values=True), report)
    except Wrong as finding:
        report.wrong(Place(), finding)
        return []
    if not any(sheet.sheet.last_row for sheet in sheets) and not report:
        report.add(Place(), "empty_workbook")
        return []
    return [sheet.sheet for sheet in sheets]


def _load(raw: bytes, *, values: bool) -> Workbook:
    try:
        with warnings.catch_warnings():
            # openpyxl warns of extensions that it drops; none of them is a cell's value.
            warnings.simplefilter("ignore")
            return openpyxl.load_workbook(io.BytesIO(raw), data_only=values, keep_links=False)
    except _UNREADABLE as problem:
        raise Wrong("damaged", detail=type(problem).__name__) from problem


class _Opened:
    """A sheet, and its cells that are Excel formulas."""

    def __init__(self, sheet: Sheet) -> None:
        self.sheet = sheet
        self.formulas: dict[tuple[int, int], str] = {}


def _kind(title: str) -> Layout | None:
    return next((each for each in (*SHEETS, *UNREAD) if each.is_title(title)), None)


def _sheet(source: Worksheet, report: Report) -> _Opened | None:
    title = source.title.strip()
    here = Place(title, title)
    kind = _kind(title)
    empty = all(cell.value is None for row in source.iter_rows() for cell in row)
    if kind is None:
        if not empty:
            names = [name for each in SHEETS for name in (each.zh, each.en)]
            close = difflib.get_close_matches(title, names, n=1, cutoff=0.5)
            report.add(here, "unknown_sheet", like=close[0] if close else "")
        return None
    if kind in UNREAD:
        return None
    if source.sheet_state != "visible":
        report.add(here, "hidden_sheet")
    opened = _Opened(Sheet(title, kind))
    for merged in source.merged_cells.ranges:
        report.add(Place(title, kind.english(title), str(merged).partition(":")[0]), "merged", found=str(merged))
        opened.sheet.refused.update(merged.cells)
    for row in source.iter_rows():
        for cell in row:
            if cell.value is not None and isinstance(cell, Cell):
                _take(opened, cell, report)
    _hidden(opened.sheet, source, report)
    return opened


def _take(opened: _Opened, cell: Cell, report: Report) -> None:
    place = opened.sheet.place(cell.row, cell.column)
    value: Any = cell.value
    if cell.data_type == "e":
        opened.sheet.refused.add((cell.row, cell.column))
        report.add(place, "error_value", found=str(value))
        return
    if cell.data_type == "f":
        if not isinstance(value, str):
            opened.sheet.refused.add((cell.row, cell.column))
            report.add(place, "array_formula")
            return
        opened.formulas[cell.row, cell.column] = value
        return
    if isinstance(value, timedelta):
        value = str(value)
    if not isinstance(value, str | int | float | bool | date | time):
        report.add(place, "error_value", found=type(value).__name__)
        return
    opened.sheet.put(cell.row, cell.column, Content(value, cell.number_format or ""))


def _fill_in_results(sheets: list[_Opened], book: Workbook, report: Report) -> None:
    by_title = {sheet.title.strip(): sheet for sheet in book.worksheets}
    for opened in sheets:
        for (row, column), formula in opened.formulas.items():
            cell = by_title[opened.sheet.title].cell(row, column)
            place = opened.sheet.place(row, column)
            if cell.value is None:
                opened.sheet.refused.add((row, column))
                report.add(place, "formula_without_value", found=formula[:60])
            elif isinstance(cell, Cell):
                _take(opened, cell, report)


def _hidden(sheet: Sheet, source: Worksheet, report: Report) -> None:
    for number, row in source.row_dimensions.items():
        if row.hidden and any(not each.blank for each in sheet.rows.get(number, {}).values()):
            report.add(sheet.place(number, 1), "hidden_row", found=str(number))
    for column in source.column_dimensions.values():
        if not column.hidden or column.min is None or column.max is None:
            continue
        for at in range(column.min, min(column.max, sheet.last_column) + 1):
            if any(not cells[at].blank for cells in sheet.rows.values() if at in cells):
                report.add(sheet.place(1, at), "hidden_column", found=get_column_letter(at))


def _no_charts(book: Workbook, report: Report) -> None:
    for chart in book.chartsheets:
        if isinstance(chart, Chartsheet):
            report.add(Place(chart.title, chart.title), "unknown_sheet", like="")
