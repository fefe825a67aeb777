"""Workbooks with something changed in them, and what import says about them."""

from __future__ import annotations

import io
import zipfile
from collections.abc import Callable, Sequence

import openpyxl
from openpyxl.utils.cell import column_index_from_string, coordinate_from_string
from openpyxl.workbook import Workbook

from rules.workbook import Problem, WorkbookError, import_pack, read_workbook
from rules.workbook.codecs import Content
from rules.workbook.importing import refused
from rules.workbook.reading import read_document
from rules.workbook.report import Report
from rules.workbook.sheet import Sheet


def opened(raw: bytes) -> Workbook:
    """Open a workbook's bytes."""
    return openpyxl.load_workbook(io.BytesIO(raw))


def saved(book: Workbook) -> bytes:
    """Return a workbook's bytes."""
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def edited(raw: bytes, change: Callable[[Workbook], object]) -> bytes:
    """Return the workbook after a change in a spreadsheet program."""
    book = opened(raw)
    change(book)
    return saved(book)


def with_cells(raw: bytes, cells: dict[str, object]) -> bytes:
    """Return the workbook with cells set: ``{"要素!F12": "abc"}``."""

    def change(book: Workbook) -> None:
        for address, value in cells.items():
            sheet, _, cell = address.partition("!")
            book[sheet][cell].value = value

    return edited(raw, change)


def with_part(raw: bytes, name: str, change: Callable[[bytes], bytes]) -> bytes:
    """Return the workbook with one part of the file changed, as bytes."""
    out = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            target.writestr(part.filename, change(content) if part.filename == name else content)
    return out.getvalue()


def with_new_part(raw: bytes, name: str, content: bytes) -> bytes:
    """Return the workbook with one more part in the file."""
    out = io.BytesIO(raw)
    with zipfile.ZipFile(out, "a", zipfile.ZIP_DEFLATED) as target:
        target.writestr(name, content)
    return out.getvalue()


def problems_of(raw: bytes, *, load: bool = False) -> list[Problem]:
    """Return what is wrong with a workbook, or nothing; ``load``: as a pack too."""
    try:
        import_pack(raw) if load else read_workbook(raw)
    except WorkbookError as refusal:
        return list(refusal.problems)
    return []


def told_of(sheets: Sequence[Sheet], cells: dict[str, object], *, load: bool = False) -> list[Problem]:
    """Return what is wrong with a workbook after cells of its sheets are set, without a file in between."""
    changed = [Sheet(each.title, each.layout, {row: dict(line) for row, line in each.rows.items()}) for each in sheets]
    for address, value in cells.items():
        title, _, cell = address.partition("!")
        sheet = next(each for each in changed if each.title == title)
        column, row = coordinate_from_string(cell)
        at = column_index_from_string(column)
        sheet.put(row, at, Content(value, sheet.cell(row, at).format))  # type: ignore[arg-type]  # whatever a person types
    report = Report()
    reading = read_document(changed, report)
    return [*report.problems, *(refused(reading) if load else ())]


def places(problems: Sequence[Problem]) -> set[tuple[str, str]]:
    """Return the problems as ``(要素!F12, code)``."""
    return {(problem.place.named(english=False), problem.code) for problem in problems}


def told(raw: bytes, *, load: bool = False) -> set[tuple[str, str]]:
    """Return the problems as ``(要素!F12, code)``."""
    return places(problems_of(raw, load=load))


def cells_of(raw: bytes) -> dict[str, dict[str, object]]:
    """Return all cell values of a workbook, by sheet and address."""
    return {
        sheet.title: {
            cell.coordinate: cell.value for row in sheet.iter_rows() for cell in row if cell.value is not None
        }
        for sheet in opened(raw).worksheets
    }
