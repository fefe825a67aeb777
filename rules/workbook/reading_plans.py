"""Reads the sheets 方案, 方案参数 and 附加金额 into plans.

Promise: a parameter's value in a plan is one value, or values by date; never both.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date

from rules.engine.document import (
    Dated,
    DatedValue,
    JsonValue,
    OutputSpec,
    ParameterSpec,
    ParameterValue,
    PlanLiability,
    PlanSpec,
)
from rules.workbook.codecs import scalar_or_many
from rules.workbook.columns import Layer
from rules.workbook.context import Context
from rules.workbook.layout import OUTPUTS, PLANS, VALUES
from rules.workbook.problems import Place
from rules.workbook.records import Row, check_references, find_columns, read_into, read_rows, require

# A plan, and its liability; "" for the whole plan.
Owner = tuple[str, str]


@dataclass
class _Found:
    """A parameter's values in one plan, as they come in."""

    plain: JsonValue | None = None
    dated: dict[date, JsonValue] = field(default_factory=dict)
    place: Place = field(default_factory=Place)

    def value(self) -> ParameterValue:
        if self.plain is not None:
            return self.plain
        values = tuple(DatedValue(valid_from=start, value=self.dated[start]) for start in sorted(self.dated))
        return Dated(values=values)


Values = Mapping[Owner, Mapping[str, ParameterValue]]


def read_plans(context: Context, rows: Sequence[Row], parameters: Sequence[ParameterSpec]) -> list[PlanSpec]:
    """Return the plans that are right."""
    found = _Values(context, {each.id: each for each in parameters}).read()
    values: Values = {owner: {name: each.value() for name, each in own.items()} for owner, own in found.items()}
    outputs = _outputs(context)
    plans = []
    for row in rows:
        name = row.text("id") or ""
        context.sources.note(f"plan {name}", row)
        names = row.values.get("liabilities")
        names = names if isinstance(names, tuple) else ()
        for (plan, liability), own in found.items():
            if plan == name and liability not in ("", *names) and liability in context.known[Layer.LIABILITY]:
                place = next(iter(own.values())).place
                context.report.add(place, "liability_not_in_plan", plan=plan, liability=liability)
        liabilities = tuple(
            PlanLiability(liability=each, parameters=dict(values.get((name, each), {}))) for each in names
        )
        entry = context.entry(
            PlanSpec,
            row,
            PLANS.columns,
            liabilities=liabilities,
            parameters=dict(values.get((name, ""), {})),
            outputs=tuple(outputs.get(name, ())),
        )
        if entry is not None:
            plans.append(entry)
    return plans


@dataclass
class _Values:
    """Reads the grid of parameters by plans. Used once."""

    context: Context
    parameters: Mapping[str, ParameterSpec]
    found: dict[Owner, dict[str, _Found]] = field(default_factory=dict)

    def read(self) -> dict[Owner, dict[str, _Found]]:
        context, report = self.context, self.context.report
        sheet = context.only(VALUES)
        columns, others = find_columns(sheet, VALUES.columns, report, more=True)
        plans = self._plan_columns(others)
        for row in read_rows(sheet, columns, report):
            require(row, VALUES.columns, report)
            check_references(row, VALUES.columns, context.known, report)
            name = row.text("parameter") or ""
            spec = self.parameters.get(name)
            if spec is None:
                continue
            codec = scalar_or_many(spec.type, spec.unit, many=spec.many)
            for at, plan in plans.items():
                path = f"of {plan}"
                read_into(row, path, codec, at, report)
                if path in row.values and not row.wrong - {path}:
                    self._add(plan, row, path)
        return self.found

    def _plan_columns(self, others: Mapping[int, str]) -> dict[int, str]:
        sheet, known = self.context.only(VALUES), self.context.known[Layer.PLAN]
        plans: dict[int, str] = {}
        for at, name in others.items():
            if name not in known:
                self.context.report.add(sheet.place(2, at), "unknown_plan", found=name, like="")
            elif name in plans.values():
                self.context.report.add(sheet.place(2, at), "column_twice", name=name)
            else:
                plans[at] = name
        return plans

    def _add(self, plan: str, row: Row, path: str) -> None:
        name, liability = row.text("parameter") or "", row.text("liability") or ""
        start, value, place = row.values.get("valid_from"), row.values[path], row.place(path)
        found = self.found.setdefault((plan, liability), {}).setdefault(name, _Found(place=place))
        sources = self.context.sources
        part = f"plan {plan}" + (f", liability {liability}" if liability else "")
        sources.fields.setdefault((part, name), place)
        if liability:
            # The engine names the plan only where it reads the parameters of its liabilities.
            sources.fields.setdefault((f"plan {plan}", name), place)
        if isinstance(start, date):
            twice, mixed = start in found.dated, found.plain is not None
            found.dated.setdefault(start, value)  # type: ignore[arg-type]  # read by its codec
        else:
            twice, mixed = found.plain is not None, bool(found.dated)
            found.plain = value  # type: ignore[assignment]  # read by its codec
        if twice or mixed:
            first = found.place
            code = "value_twice" if twice else "dated_and_not"
            zh, en = first.named(english=False), first.named(english=True)
            self.context.report.add(place, code, name=name, plan=plan, zh=zh, en=en)


def _outputs(context: Context) -> dict[str, list[OutputSpec]]:
    found: dict[str, list[OutputSpec]] = {}
    for row in context.rows(OUTPUTS):
        plan = row.text("plan")
        context.sources.note(f"plan {plan}, output {row.text('id')}", row)
        entry = context.entry(OutputSpec, row, OUTPUTS.columns)
        if entry is not None and plan is not None:
            found.setdefault(plan, []).append(entry)
    return found
