"""Writes decision tables as grids: small ones beneath each other on the sheet 表, each larger one on a sheet of its own.

Promise: which sheet a table stands on depends on nothing but its size and the order of the rules.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date

from rules.engine.document import PackDocument, RuleSpec
from rules.engine.language import TableDefinition
from rules.workbook.codecs import Code, Name, Text, Whole
from rules.workbook.columns import Layer
from rules.workbook.fields import flattened
from rules.workbook.grid_codecs import Condition, Outcome
from rules.workbook.layout import GRID_HEAD, GRID_LIMIT, GRID_SIDE, INPUT, OUTPUT, TABLES
from rules.workbook.reading_tables import TableKey
from rules.workbook.titles import Titles
from rules.workbook.writing import DropDown, Look, Page

# A table with more rows has a sheet of its own.
SMALL_TABLE = 20
_CONDITION, _OUTCOME = Condition(), Outcome()
_CODE, _NAME, _LABEL_WIDTH, _CELL_WIDTH = Code(), Name(), 22, 26


def write_tables(document: PackDocument, titles: Titles) -> tuple[list[Page], dict[TableKey, tuple[str, int]]]:
    """Return the sheets, and where each table begins."""
    shared = Page(titles.take(TABLES.zh), TABLES)
    pages = [shared]
    begins: dict[TableKey, tuple[str, int]] = {}
    for rule, start, table in _tables(document):
        page = shared
        if len(table.rows) > SMALL_TABLE:
            page = Page(titles.take(f"{TABLES.zh}·{rule.id}"), TABLES)
            pages.append(page)
        row = page.last_row + 2 if page.last_row else 1
        begins[rule.id, start] = (page.title, row)
        _write(page, row, rule, start, table)
    for page in pages:
        columns = max(page.last_column, 6)
        page.widths = {1: _LABEL_WIDTH, **dict.fromkeys(range(2, columns + 1), _CELL_WIDTH)}
        page.frozen = "B1"
    return pages, begins


def _tables(document: PackDocument) -> Iterator[tuple[RuleSpec, date | None, TableDefinition]]:
    for rule in document.rules:
        if rule.table is not None:
            yield rule, None, rule.table
        for version in rule.versions:
            if version.table is not None:
                yield rule, version.valid_from, version.table


def _write(page: Page, row: int, rule: RuleSpec, start: date | None, table: TableDefinition) -> None:
    own = {"rule": rule.id, "valid_from": start}
    for column in TABLES.columns:
        page.say(row, 1, f"{column.zh} {column.en}", Look.LABEL if column.path != "rule" else Look.TITLE)
        page.notes[row, 1] = column.note
        value = own[column.path] if column.path in own else flattened(table, column.path)
        codec = column.codec_for({})
        if value is not None and codec is not None:
            page.write(row, 2, value, codec, Look.TITLE if column.path == "rule" else Look.DATA)
        page.looks[row, 2] = Look.TITLE if column.path == "rule" else Look.DATA
        if column.path == "rule":
            page.write(row, 3, rule.name.zh, Text(), Look.READING)
        if column.listed or column.refers is not None:
            page.lists.append(DropDown(2, row, row, column.listed, Layer.RULE if column.refers else None))
        row += 1
    for zh, en in (GRID_SIDE, GRID_HEAD, GRID_LIMIT):
        page.say(row, 1, f"{zh} {en}", Look.LABEL)
        row += 1
    heads = [(INPUT, each.expression, each.allowed) for each in table.inputs]
    heads += [(OUTPUT, each.name, each.default) for each in table.outputs]
    for at, (side, head, limit) in enumerate(heads, start=2):
        page.say(row - 3, at, " ".join(side), Look.HEADING)
        page.write(row - 2, at, head, _CODE if side is INPUT else _NAME, Look.HEADING)
        page.looks[row - 1, at] = Look.SUBHEADING
        if limit is not None:
            page.write(row - 1, at, limit, _CONDITION if side is INPUT else _OUTCOME, Look.SUBHEADING)
    for number, line in enumerate(table.rows, start=1):
        page.write(row, 1, number, Whole(), Look.READING)
        cells = [(each, _CONDITION) for each in line.when] + [(each, _OUTCOME) for each in line.then]
        for at, (cell, codec) in enumerate(cells, start=2):
            page.write(row, at, cell, codec)
        row += 1
