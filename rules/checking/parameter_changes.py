"""The small slips of a plan's figure: the value next to it, and a day in the dates of a dated one.

Promise: a figure stays what a plan may give: never negative, its dates in order. A ratio of 1 may become 1.01: that nothing pays
more than the loss is then the rules' business, and a case must show it.
"""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from decimal import Decimal

from rules.checking.node_changes import neighbours
from rules.checking.node_text import value_text
from rules.engine.dating import Given, Timeline
from rules.engine.language import Type
from rules.engine.model import Value

_HUNDREDTH = Decimal("0.01")


def instead_of_given(given: Given) -> Iterator[Given]:
    """Yield the figures that a slip would have given."""
    if not isinstance(given, Timeline):
        yield from (value for value in _neighbours(given) if _allowed(value))
        return
    for index, value in enumerate(given.values):
        for other in _neighbours(value):
            if _allowed(other):
                yield Timeline(given.starts, (*given.values[:index], other, *given.values[index + 1 :]))
    for index, start in enumerate(given.starts):
        for days in (1, -1):
            starts = (*given.starts[:index], start + timedelta(days=days), *given.starts[index + 1 :])
            if list(starts) == sorted(set(starts)):
                yield Timeline(starts, given.values)


def given_text(given: Given, kind: Type) -> str:
    """Return a figure as the language writes it; a dated one with its dates."""
    if isinstance(given, Timeline):
        dated = zip(given.starts, given.values, strict=True)
        return ", ".join(f"{start}: {given_text(value, kind)}" for start, value in dated)
    if isinstance(given, tuple):
        return "[" + ", ".join(value_text(each, kind.element or kind) for each in given) + "]"
    return value_text(given, kind)


def _neighbours(value: Value) -> Iterator[Value]:
    if isinstance(value, tuple):
        for index, each in enumerate(value):
            yield from ((*value[:index], other, *value[index + 1 :]) for other in _neighbours(each))
    elif isinstance(value, Decimal) and value == 1:
        # A ratio of the whole: its next figures are 99 % and 101 %, not nothing and twice as much. A count of 1 is none the worse.
        yield from (value + _HUNDREDTH, value - _HUNDREDTH)
    else:
        yield from neighbours(value)  # type: ignore[misc]  # a figure is no duration


def _allowed(value: Value) -> bool:
    if isinstance(value, tuple):
        return all(_allowed(each) for each in value)
    return isinstance(value, bool) or not isinstance(value, int | Decimal) or value >= 0
