"""Reads the sheets 用例: a row for each worked case, a column for each fact and each expectation.

Promise: a blank fact is a fact that the case does not have; a blank expectation is not looked at.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from rules.engine.document import ElementSpec, PackTest, PoolSpec
from rules.engine.model import Unit
from rules.workbook.codecs import scalar_or_many
from rules.workbook.columns import Column, Layer
from rules.workbook.context import Context
from rules.workbook.layout import TESTS
from rules.workbook.list_codecs import Sums
from rules.workbook.problems import Place
from rules.workbook.records import Row, find_columns, read_into, read_rows
from rules.workbook.sheet import Sheet


def test_columns(pools: Sequence[PoolSpec]) -> tuple[Column, ...]:
    """Return the columns of a case, with the draws of pools that count days as whole numbers."""
    counted = frozenset(pool.id for pool in pools if pool.unit is not Unit.FEN)
    return tuple(
        replace(column, codec=Sums(counted)) if column.path == "expect.draws" else column for column in TESTS.columns
    )


def read_tests(context: Context, elements: Sequence[ElementSpec], pools: Sequence[PoolSpec]) -> list[PackTest]:
    """Return the cases that are right, sheet by sheet and row by row."""
    columns = test_columns(pools)
    specs = {element.id: element for element in elements}
    tests: list[PackTest] = []
    seen: dict[str, Place] = {}
    for sheet in context.all_of(TESTS):
        fixed, others = find_columns(sheet, columns, context.report, more=True)
        facts = _fact_columns(context, sheet, others, specs)
        for row in read_rows(sheet, fixed, context.report):
            name = row.text("name")
            context.sources.note(f"test {name}", row)
            if name is not None and name in seen:
                zh, en = seen[name].named(english=False), seen[name].named(english=True)
                context.report.add(row.place("name"), "id_twice", name=name, zh=zh, en=en)
            seen.setdefault(name or "", row.here)
            found = _facts(context, row, facts)
            test = context.entry(PackTest, row, columns, facts=found)
            if test is not None:
                tests.append(test)
    return tests


def _fact_columns(
    context: Context, sheet: Sheet, others: Mapping[int, str], specs: Mapping[str, ElementSpec]
) -> dict[int, ElementSpec]:
    facts: dict[int, ElementSpec] = {}
    taken: set[str] = set()
    for at, name in others.items():
        if name in taken:
            context.report.add(sheet.place(2, at), "column_twice", name=name)
        elif name in specs:
            facts[at] = specs[name]
        elif name not in context.known[Layer.ELEMENT]:
            context.report.add(sheet.place(2, at), "unknown_element", found=name, like="")
        taken.add(name)
    return facts


def _facts(context: Context, row: Row, columns: Mapping[int, ElementSpec]) -> dict[str, object]:
    own = Row(row.sheet, row.number)
    for at, spec in columns.items():
        read_into(
            own, spec.id, scalar_or_many(spec.type, spec.unit, many=spec.many, scale=spec.scale), at, context.report
        )
    row.wrong |= own.wrong
    part = f"test {row.text('name')}"
    for name, place in own.places.items():
        context.sources.fields.setdefault((part, name), place)
    return own.values
