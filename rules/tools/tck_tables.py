"""Answering outside decision tables strictly, as packs compile and look them up.

Promise: a table of the data becomes the strict language's own ``TableDefinition``; nothing is bent to fit. What packs do not
have (priority, rule order, collecting into lists, names of several words, clock time) is refused and counts as refused.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from rules.engine.language import (
    Aggregation,
    HitPolicy,
    LanguageError,
    TableDefinition,
    TableInput,
    TableOutput,
    TableRow,
    Type,
    Value,
    compile_expression,
    compile_table,
)
from rules.tools.feel_strict import type_of
from rules.tools.feel_values import OutOfScope
from rules.tools.tck_cases import Case


def answer_strict_table(case: Case) -> Any:
    """Compile and look up. Raises ``OutOfScope``, ``LanguageError`` or ``Failure``."""
    table = case.table or {}
    names: dict[str, Type] = {}
    env: dict[str, Value] = {}
    for name, value in _flat(case.inputs, ""):
        try:
            kind = type_of(value)
            compile_expression("true", {name: kind})
        except (OutOfScope, LanguageError):
            continue
        names[name], env[name] = kind, value
    hit = compile_table(_definition(table), names).evaluate(env)
    labels = [output["name"] for output in table["outputs"]]
    return hit.values[0] if len(labels) == 1 else dict(zip(labels, hit.values, strict=True))


def _flat(inputs: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, Any]]:
    """Name the fields of a context by their path, as packs name their elements."""
    for name, value in inputs.items():
        if isinstance(value, Mapping):
            yield from _flat(value, f"{prefix}{name}.")
        else:
            yield f"{prefix}{name}", value


def _definition(table: Mapping[str, Any]) -> TableDefinition:
    policy, aggregation = table["hit_policy"].lower(), table["aggregation"]
    if policy not in set(HitPolicy) or (policy == HitPolicy.COLLECT and aggregation is None):
        raise OutOfScope(f"hit policy {table['hit_policy']}")
    return TableDefinition(
        hit_policy=HitPolicy(policy),
        inputs=tuple(TableInput(expression=each["expression"], allowed=each["values"]) for each in table["inputs"]),
        outputs=tuple(
            TableOutput(name=each["name"] or f"output {number}", default=each["default"])
            for number, each in enumerate(table["outputs"])
        ),
        rows=tuple(TableRow(when=tuple(rule["when"]), then=tuple(rule["then"])) for rule in table["rules"]),
        aggregation=Aggregation(aggregation.lower()) if aggregation else None,
    )
