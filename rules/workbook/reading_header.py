"""Reads the sheet 产品包: a line for each field, the value beside it, and the element behind each date basis.

Promise: as every sheet: all problems are told, nothing is guessed.
"""

from __future__ import annotations

from rules.engine.document import DateBasis
from rules.workbook.context import Context
from rules.workbook.layout import PACK
from rules.workbook.records import Row, check_references, read_into, require

VALUE_COLUMN = 3


def read_header(context: Context) -> dict[str, object] | None:
    """Return the header's fields; None when some are wrong, which is told."""
    sheet, report = context.only(PACK), context.report
    row = Row(sheet, 1)
    found = set()
    for line in sheet.filled_rows(2):
        labels = {" ".join(str(sheet.cell(line, at).value).split()).casefold() for at in (1, 2)}
        column = next((each for each in PACK.columns if labels & {each.zh, each.en.casefold()}), None)
        if column is None:
            report.add(sheet.place(line, 1), "unknown_line", found=str(sheet.cell(line, 1).value or ""))
        elif column.path in found:
            report.add(sheet.place(line, 1), "line_twice", name=column.zh)
        else:
            found.add(column.path)
            row.number = line
            read_into(row, column.path, column.codec_for({}), VALUE_COLUMN, report)
    for column in PACK.columns:
        if column.required and column.path not in found:
            row.wrong.add(column.path)
            report.add(sheet.here, "missing_line", zh=column.zh, en=column.en)
    require(row, PACK.columns, report)
    check_references(row, PACK.columns, context.known, report)
    context.sources.note("pack", row)
    for path, place in row.places.items():
        if path.startswith("date_bases."):
            context.sources.parts[f"date basis {path.partition('.')[2]}"] = place
    if row.wrong:
        return None
    fields = {path: value for path, value in row.values.items() if "." not in path}
    paths = {basis: f"date_bases.{basis.value}" for basis in DateBasis}
    return {**fields, "date_bases": {basis: row.values[path] for basis, path in paths.items() if path in row.values}}
