"""Writes the sheets 方案, 方案参数 and 附加金额.

Promise: a row for each parameter, liability and date that some plan gives a value for; the plans stand beside each other.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from rules.engine.document import Dated, PackDocument, ParameterSpec, ParameterValue, ValueType
from rules.engine.model import Unit
from rules.workbook import layout
from rules.workbook.codecs import Codec, Name, Text, scalar_or_many
from rules.workbook.layout import VALUES
from rules.workbook.records import FIRST_ROW
from rules.workbook.writing import Entry, Look, Page, headed, offer_lists, write_entries, write_row

# Parameter, liability ("" for the whole plan), first day.
Key = tuple[str, str, date | None]


def write_plans(document: PackDocument) -> list[Page]:
    """Return the three sheets."""
    plans: list[Entry] = [
        (plan, {"liabilities": tuple(each.liability for each in plan.liabilities)}) for plan in document.plans
    ]
    outputs: list[Entry] = [(output, {"plan": plan.id}) for plan in document.plans for output in plan.outputs]
    return [
        write_entries(layout.PLANS, plans),
        _write_values(document),
        write_entries(layout.OUTPUTS, outputs),
    ]


def _write_values(document: PackDocument) -> Page:
    page = headed(VALUES.zh, VALUES)
    first_plan = len(VALUES.columns) + 1
    for at, plan in enumerate(document.plans, start=first_plan):
        page.write(1, at, plan.name.zh, Text(), Look.OWN)
        page.write(2, at, plan.id, Name(), Look.SUBHEADING)
        page.notes[1, at] = layout.PLAN_NOTE
        page.widths[at] = 16
    given = {at: _given(document, at - first_plan) for at in range(first_plan, first_plan + len(document.plans))}
    specs = {spec.id: spec for spec in document.parameters}
    keys = _in_order(document, {key for values in given.values() for key in values})
    for row, key in enumerate(keys, start=FIRST_ROW):
        name, liability, start = key
        spec = specs.get(name)
        heads: dict[str, object] = {
            "parameter": name,
            "": spec.name.zh if spec else None,
            "liability": liability or None,
            "valid_from": start,
        }
        write_row(page, row, VALUES.columns, None, heads)
        codec = _codec(spec)
        for at, values in given.items():
            if key in values:
                page.write(row, at, values[key], codec)
    offer_lists(page, VALUES.columns, FIRST_ROW + len(keys))
    page.frozen = f"E{FIRST_ROW}"
    return page


def _codec(spec: ParameterSpec | None) -> Codec:
    if spec is None:
        return scalar_or_many(ValueType.TEXT, Unit.TEXT, many=False)
    return scalar_or_many(spec.type, spec.unit, many=spec.many)


def _given(document: PackDocument, index: int) -> dict[Key, object]:
    """Return all values that a plan gives, by their row."""
    plan = document.plans[index]
    found: dict[Key, object] = {}
    _spread(found, "", plan.parameters.items())
    for each in plan.liabilities:
        _spread(found, each.liability, each.parameters.items())
    return found


def _spread(found: dict[Key, object], liability: str, given: Iterable[tuple[str, ParameterValue]]) -> None:
    for name, value in given:
        if isinstance(value, Dated):
            found.update({(name, liability, each.valid_from): each.value for each in value.values})
        else:
            found[name, liability, None] = value


def _in_order(document: PackDocument, keys: Iterable[Key]) -> list[Key]:
    parameters = {spec.id: at for at, spec in enumerate(document.parameters)}
    liabilities = {spec.id: at for at, spec in enumerate(document.liabilities, start=1)}

    def order(key: Key) -> tuple[int, str, int, str, str]:
        name, liability, start = key
        return (
            parameters.get(name, len(parameters)),
            name,
            liabilities.get(liability, 0 if not liability else len(liabilities) + 1),
            liability,
            str(start or ""),
        )

    return sorted(keys, key=order)
