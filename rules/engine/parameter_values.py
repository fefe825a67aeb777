"""What plans give for their parameters: one value, or values over time, each of the declared type and bounded.

Promise: what does not fit is refused with ``PackError`` naming the plan and the parameter.
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal

from rules.engine.dating import MAX_DATED, Given, Timeline, check_rising
from rules.engine.document import Dated, PackDocument, ParameterSpec, ParameterValue
from rules.engine.model import PackError, Value
from rules.engine.values import parse

# A limit or sum in a plan, as facts are bounded by their elements: 10 billion yuan.
MAX_PARAMETER_FEN = 10**12


def dated_parameters(document: PackDocument) -> frozenset[str]:
    """Return the parameters that some plan gives values over time for. They are read by a date basis everywhere."""
    given = [plan.parameters for plan in document.plans]
    given += [each.parameters for plan in document.plans for each in plan.liabilities]
    return frozenset(name for parameters in given for name, value in parameters.items() if isinstance(value, Dated))


def parameter_values(
    part: str, given: Mapping[str, ParameterValue], declared: Mapping[str, ParameterSpec]
) -> dict[str, Given]:
    """Return typed values by parameter. Raises PackError."""
    values: dict[str, Given] = {}
    for name, raw in given.items():
        spec = declared.get(name)
        if spec is None:
            raise PackError("unknown_name", part=part, name=name)
        values[name] = _timeline(part, spec, raw) if isinstance(raw, Dated) else _value(part, spec, raw)
    return values


def _timeline(part: str, spec: ParameterSpec, dated: Dated) -> Timeline:
    starts = tuple(each.valid_from for each in dated.values)
    check_rising(part, spec.id, starts, MAX_DATED)
    return Timeline(starts=starts, values=tuple(_value(part, spec, each.value) for each in dated.values))


def _value(part: str, spec: ParameterSpec, raw: object) -> Value:
    try:
        value = parse(spec, raw)
        _check(spec, value)
    except ValueError as problem:
        raise PackError("wrong_type", part=part, name=spec.id, expected=str(problem), found=repr(raw)) from problem
    return value


def _check(spec: ParameterSpec, value: Value) -> None:
    """Hold a figure to what sums and ratios can be: no negative, no absurd amount. Raises ValueError."""
    for each in value if isinstance(value, tuple) else (value,):
        if isinstance(each, int | Decimal) and not isinstance(each, bool) and not 0 <= each <= MAX_PARAMETER_FEN:
            raise ValueError(f"0 to {MAX_PARAMETER_FEN}")
    if spec.many and value == ():
        raise ValueError("a list that is not empty")
