"""Writes the sheets 用例: the cases of plans that stand together on one sheet, with a column for each fact that one of them has.

Promise: sheet by sheet and row by row the cases stand in the order of the pack.
"""

from __future__ import annotations

from collections.abc import Sequence

from rules.engine.document import ElementSpec, PackDocument, PackTest, ValueType
from rules.engine.model import Unit
from rules.engine.pack import PLAN
from rules.workbook.codecs import Name, Text, scalar_or_many
from rules.workbook.labels import NO, YES
from rules.workbook.layout import FACT_NOTE, TESTS
from rules.workbook.reading_tests import test_columns
from rules.workbook.records import FIRST_ROW
from rules.workbook.titles import Titles
from rules.workbook.writing import SPARE_ROWS, DropDown, Look, Page, headed, offer_lists, write_row

# More sheets than this are no help to anybody: then all cases stand on one.
MAX_SHEETS = 20


def write_tests(document: PackDocument, titles: Titles) -> list[Page]:
    """Return the sheets."""
    groups = _groups(document.tests)
    if len(groups) == 1 or len(groups) > MAX_SHEETS:
        return [_page(document, titles.take(TESTS.zh), document.tests)]
    return [_page(document, titles.take(f"{TESTS.zh}·{_plan(group[0])}"), group) for group in groups]


def _plan(test: PackTest) -> str:
    return str(test.facts.get(PLAN, ""))


def _groups(tests: Sequence[PackTest]) -> list[Sequence[PackTest]]:
    """Cut the cases into stretches of which no two have a plan in common."""
    last = {_plan(test): at for at, test in enumerate(tests)}
    groups: list[Sequence[PackTest]] = []
    begin = reach = 0
    for at, test in enumerate(tests):
        reach = max(reach, last[_plan(test)])
        if at == reach:
            groups.append(tests[begin : at + 1])
            begin = at + 1
    return groups or [()]


def _page(document: PackDocument, title: str, tests: Sequence[PackTest]) -> Page:
    columns = test_columns(document.pools)
    page = headed(title, TESTS, columns)
    used = {name for test in tests for name in test.facts}
    specs = [spec for spec in document.elements if spec.id in used]
    unknown = sorted(used - {spec.id for spec in specs})
    heads: list[tuple[str, ElementSpec | None]] = [(spec.id, spec) for spec in specs] + [
        (name, None) for name in unknown
    ]
    rows = range(FIRST_ROW, FIRST_ROW + len(tests))
    for row, test in zip(rows, tests, strict=True):
        write_row(page, row, columns, test, {})
    for at, (name, spec) in enumerate(heads, start=len(columns) + 1):
        page.write(1, at, spec.name.zh if spec else name, Text(), Look.OWN)
        page.write(2, at, name, Name(), Look.SUBHEADING)
        page.notes[1, at] = FACT_NOTE
        page.widths[at] = max(13, len(name) + 2)
        codec = scalar_or_many(
            spec.type if spec else ValueType.TEXT,
            spec.unit if spec else Unit.TEXT,
            many=bool(spec and spec.many),
            scale=spec.scale if spec else None,
        )
        for row, test in zip(rows, tests, strict=True):
            if name in test.facts:
                page.write(row, at, test.facts[name], codec)
        if spec is not None and spec.type is ValueType.BOOL and not spec.many:
            page.lists.append(DropDown(at, FIRST_ROW, FIRST_ROW + len(tests) + SPARE_ROWS, (YES, NO)))
    offer_lists(page, columns, FIRST_ROW + len(tests))
    return page
