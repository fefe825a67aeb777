"""From the sheets of a workbook to the document of a pack.

Promise: either the whole document, or every problem that could be found without it; nothing is guessed. ``Sources`` tells the cell
of every part afterwards.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import msgspec

from rules.engine.document import ElementSpec, PackDocument, ParameterSpec, PoolSpec
from rules.workbook.columns import Layer
from rules.workbook.context import Context
from rules.workbook.layout import ELEMENTS, LIABILITIES, PARAMETERS, PLANS, POOLS, RULES, SHEETS, TABLES
from rules.workbook.problems import Place
from rules.workbook.reading_header import read_header
from rules.workbook.reading_liabilities import read_liabilities
from rules.workbook.reading_plans import read_plans
from rules.workbook.reading_rules import first_rows, read_rules
from rules.workbook.reading_tests import read_tests
from rules.workbook.records import AnyId, check_twice
from rules.workbook.report import Report
from rules.workbook.sheet import Sheet
from rules.workbook.sources import Sources


@dataclass(frozen=True)
class Reading:
    """What reading came to. ``document`` None: there are problems, and they are in the report.

    ``rules_alone`` are its elements, parameters, rules and pools where at least those were read without a problem: the engine can
    look at them although liabilities, plans or cases have to be mended first.
    """

    document: PackDocument | None
    rules_alone: PackDocument | None
    sources: Sources


def read_document(sheets: Sequence[Sheet], report: Report) -> Reading:
    """Read the sheets of a workbook. What is wrong is told."""
    context = Context(sheets, report)
    if not _all_sheets(context):
        return Reading(None, None, context.sources)
    rows = {
        Layer.ELEMENT: context.rows(ELEMENTS),
        Layer.PARAMETER: context.rows(PARAMETERS),
        Layer.POOL: context.rows(POOLS),
        Layer.LIABILITY: context.rows(LIABILITIES),
        Layer.PLAN: context.rows(PLANS),
    }
    rule_rows = context.rows(RULES)
    rows[Layer.RULE] = first_rows(rule_rows)
    for layer, entries in rows.items():
        known = check_twice(entries, "id", report)
        context.known[layer] = AnyId() if any("id" not in entry.places for entry in entries) else known
    header = read_header(context)
    elements = context.entries(ElementSpec, ELEMENTS, rows[Layer.ELEMENT], Layer.ELEMENT)
    parameters = context.entries(ParameterSpec, PARAMETERS, rows[Layer.PARAMETER], Layer.PARAMETER)
    rules = read_rules(context, rule_rows, rows[Layer.RULE])
    liabilities = read_liabilities(context, rows[Layer.LIABILITY])
    pools = context.entries(PoolSpec, POOLS, rows[Layer.POOL], Layer.POOL)
    plans = read_plans(context, rows[Layer.PLAN], parameters)
    tests = read_tests(context, elements, pools)
    layers = {
        Layer.ELEMENT: len(elements),
        Layer.PARAMETER: len(parameters),
        Layer.RULE: len(rules),
        Layer.POOL: len(pools),
    }
    if header is None or any(len(rows[layer]) != count for layer, count in layers.items()):
        return Reading(None, None, context.sources)
    rules_alone = PackDocument(
        **header,  # type: ignore[arg-type]  # read by their codecs
        elements=tuple(elements),
        parameters=tuple(parameters),
        rules=tuple(rules),
        pools=tuple(pools),
        liabilities=(),
        plans=(),
    )
    document = msgspec.structs.replace(
        rules_alone, liabilities=tuple(liabilities), plans=tuple(plans), tests=tuple(tests)
    )
    return Reading(None if report else document, rules_alone, context.sources)


def _all_sheets(context: Context) -> bool:
    whole = True
    for each in SHEETS:
        found = context.all_of(each)
        if not found and each is not TABLES:
            context.report.add(Place(), "missing_sheet", zh=each.zh, en=each.en)
            whole = False
        for sheet in found[1:] if not each.several else ():
            context.report.add(sheet.here, "sheet_twice", zh=found[0].title, en=each.en)
    return whole
