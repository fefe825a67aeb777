"""From a pack to a workbook.

Promise: the workbook that comes out imports to the very bytes that went in: it is read back before anybody gets it.
"""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date

from rules.engine.document import PackDocument, write_document
from rules.engine.loading import load_pack
from rules.workbook import layout
from rules.workbook.guide import GUIDE_LINES
from rules.workbook.importing import read_workbook
from rules.workbook.layout import SEE_TABLE
from rules.workbook.problems import Place, Problem, WorkbookError, Wrong
from rules.workbook.reading_tables import TableKey
from rules.workbook.report import Report
from rules.workbook.styling import workbook_bytes
from rules.workbook.titles import Titles
from rules.workbook.writing import Page, write_entries, write_header, write_liabilities, write_rules
from rules.workbook.writing_plans import write_plans
from rules.workbook.writing_tables import write_tables
from rules.workbook.writing_tests import write_tests


def export_pack(raw: bytes) -> bytes:
    """Return a pack's workbook. Raises PackError where the bytes are no pack, WorkbookError where no workbook can say it."""
    return write_workbook(load_pack(raw).document)


def write_workbook(document: PackDocument) -> bytes:
    """Return the workbook of a document, whether or not it loads. Raises WorkbookError where no workbook can say it."""
    report = Report()
    try:
        book = workbook_bytes(_pages(document), GUIDE_LINES, layout.GUIDE.zh)
    except Wrong as finding:
        report.wrong(Place(), finding)
        report.settle()
        raise
    try:
        back = write_document(read_workbook(book)[0])
    except WorkbookError as problem:
        raise WorkbookError([_not_sayable(report), *problem.problems]) from problem
    if back != write_document(document):
        raise WorkbookError([_not_sayable(report)])
    return book


def _not_sayable(report: Report) -> Problem:
    report.add(Place(), "not_sayable")
    return report.problems[-1]


def _pages(document: PackDocument) -> list[Page]:
    titles = Titles()
    for each in (layout.GUIDE, *layout.SHEETS):
        if not each.several:
            titles.take(each.zh)
    rules = write_rules(document)
    tables, begins = write_tables(document, titles)
    _link_tables(rules, begins)
    liabilities = write_liabilities(document)
    return [
        write_header(document),
        write_entries(layout.ELEMENTS, [(each, {}) for each in document.elements]),
        write_entries(layout.PARAMETERS, [(each, {}) for each in document.parameters]),
        rules,
        *tables,
        *liabilities,
        write_entries(layout.POOLS, [(each, {}) for each in document.pools]),
        *write_plans(document),
        *write_tests(document, titles),
    ]


def _link_tables(rules: Page, begins: Mapping[TableKey, tuple[str, int]]) -> None:
    """Let 见表 lead to the table."""
    paths = [column.path for column in layout.RULES.columns]
    at, start_at = paths.index("expression") + 1, paths.index("valid_from") + 1
    for row in rules.rows:
        if rules.cell(row, at).value == SEE_TABLE:
            start = rules.cell(row, start_at).value
            key = (str(rules.cell(row, 1).value), start if isinstance(start, date) else None)
            if key in begins:
                rules.links[row, at] = begins[key]
