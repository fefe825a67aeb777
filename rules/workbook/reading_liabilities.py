"""Reads the sheets 责任, 责任步骤, 责任限额 and 责任联动 into liabilities.

Promise: steps, draws and carries keep the order of their rows.
"""

from __future__ import annotations

from collections.abc import Sequence

from rules.engine.document import CarrySpec, DrawSpec, LiabilitySpec
from rules.workbook.columns import Layout
from rules.workbook.context import Context
from rules.workbook.labels import StepRole
from rules.workbook.layout import CARRIES, DRAWS, LIABILITIES, STEPS
from rules.workbook.records import Row, Struct, check_references, require

# Which roles of a step put it into which list of a liability.
_ROLES = {
    "concerns": (StepRole.CONCERN,),
    "steps": (StepRole.STEP, StepRole.EXCLUSION),
    "exclusions": (StepRole.EXCLUSION,),
}


def read_liabilities(context: Context, rows: Sequence[Row]) -> list[LiabilitySpec]:
    """Return the liabilities that are right."""
    steps = context.rows(STEPS)
    for step in steps:
        require(step, STEPS.columns, context.report)
        check_references(step, STEPS.columns, context.known, context.report)
        _note(context, step)
    draws = _by_liability(context, DrawSpec, DRAWS)
    carries = _by_liability(context, CarrySpec, CARRIES)
    found = []
    for row in rows:
        name = row.text("id") or ""
        context.sources.note(f"liability {name}", row)
        own = [step for step in steps if step.text("liability") == name and not step.wrong]
        lists = {
            path: tuple(str(step.values["rule"]) for step in own if step.values["role"] in roles)
            for path, roles in _ROLES.items()
        }
        more = {"draws": tuple(draws.get(name, ())), "carries": tuple(carries.get(name, ()))}
        entry = context.entry(LiabilitySpec, row, LIABILITIES.columns, **lists, **more)
        if entry is not None:
            found.append(entry)
    return found


def _note(context: Context, row: Row) -> None:
    """Remember the cells of a liability's further sheets under the liability's name, by what stands in them."""
    part = f"liability {row.text('liability')}"
    for path, place in row.places.items():
        value = row.values.get(path)
        for text in value if isinstance(value, tuple) else (value,):
            if isinstance(text, str) and path != "liability":
                context.sources.fields.setdefault((part, text), place)


def _by_liability(context: Context, kind: type[Struct], sheet: Layout) -> dict[str, list[Struct]]:
    found: dict[str, list[Struct]] = {}
    for row in context.rows(sheet):
        _note(context, row)
        name = row.text("liability")
        entry = context.entry(kind, row, sheet.columns)
        if entry is not None and name is not None:
            found.setdefault(name, []).append(entry)
    return found
