"""Logic, equality, order and membership in the FEEL mode.

Promise: what packs compare is compared by the strict language; what packs have not (text order, clock time, far years, lists,
ranges and contexts as values) is added here. Null is never equal to a value; values of two kinds have no order.

Source: DMN 1.5 §10.3.2: three-valued logic table 50, equality table 53, order table 54, ``in`` table 55.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.engine.language.syntax import Binary
from rules.engine.language.value_types import Days
from rules.tools import feel_calendar as calendar
from rules.tools.feel_strict import Beyond, is_strict, name, strict
from rules.tools.feel_values import (
    Builtin,
    DateTime,
    DayTime,
    Function,
    OutOfScope,
    Range,
    TimeOfDay,
    UnaryTest,
    kind_of,
    nanos_of,
)

_ORDERED = frozenset(
    {"number", "string", "date", "time", "date and time", "days and time duration", "years and months duration"}
)


# --- logic


def conjunction(values: list[Any]) -> bool | None:
    """Return ``and``: false decides, anything that is no boolean counts as null."""
    if any(value is False for value in values):
        return False
    return True if all(value is True for value in values) else None


def disjunction(values: list[Any]) -> bool | None:
    """Return ``or``: true decides, anything that is no boolean counts as null."""
    if any(value is True for value in values):
        return True
    return False if all(value is False for value in values) else None


def negated(value: Any) -> bool | None:
    """Return ``not``."""
    return not value if isinstance(value, bool) else None


# --- equality and order


def equal(left: Any, right: Any) -> bool | None:  # noqa: PLR0911 - one return a kind of value
    """Return FEEL's equality: null equals null only; values of two kinds compare to null; lists element by element."""
    if left is None or right is None:
        return left is None and right is None
    kinds = {kind_of(left), kind_of(right)}
    if len(kinds) > 1:
        if kinds == {"days and time duration", "years and months duration"}:
            raise OutOfScope("durations of days and of months: the standards differ on whether zero equals zero")
        return None
    if is_strict(left, right):
        try:
            found: bool | None = strict(Binary(start=0, end=0, operator="=", left=name(0), right=name(1)), left, right)
        except Beyond:
            return bool(left == right)
        return found
    match left, right:
        case tuple(), tuple():
            if len(left) != len(right):
                return False
            return _decided([equal(a, b) for a, b in zip(left, right, strict=True)])
        case Mapping(), Mapping():
            if left.keys() != right.keys():
                return False
            return _decided([equal(value, right[key]) for key, value in left.items()])
        case ((Function() | Builtin()), _):
            raise OutOfScope("equality of functions")
        case ((TimeOfDay() | DateTime()), _):
            return _sign(left, right) == 0
        case _:
            return bool(left == right)


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """Return FEEL's order: texts by code point, null for values of two kinds or of a kind without order."""
    if left is None or right is None:
        return None
    kind = kind_of(left)
    if kind != kind_of(right) or kind not in _ORDERED:
        return None
    sign: int | None = None
    if is_strict(left, right) and not isinstance(left, str):
        try:
            found: bool | None = strict(
                Binary(start=0, end=0, operator=operator, left=name(0), right=name(1)), left, right
            )
        except Beyond:
            sign = (left > right) - (left < right)
        else:
            return found
    sign = _sign(left, right) if sign is None else sign
    return {"<": sign < 0, "<=": sign <= 0, ">": sign > 0, ">=": sign >= 0}[operator]


def _sign(left: Any, right: Any) -> int:
    """Return -1, 0 or 1: how two values of one ordered kind stand."""
    match left, right:
        case TimeOfDay(), TimeOfDay():
            above, below = calendar.clock_nanos(left, right)
        case DateTime(), DateTime():
            above, below = calendar.instants(left, right)
        case ((Days() | DayTime()), (Days() | DayTime())):
            above, below = nanos_of(left), nanos_of(right)
        case str(), str():
            return (left > right) - (left < right)
        case _:
            above, below = calendar.day_number(left), calendar.day_number(right)
    return (above > below) - (above < below)


# --- membership


def meets(value: Any, test: Any) -> bool | None:
    """Say whether a value meets one test: a range, a comparison, or a value to equal (another kind is simply not equal)."""
    if isinstance(test, Range) and not isinstance(value, Range):
        return within(value, test)
    if isinstance(test, UnaryTest) and not isinstance(value, UnaryTest):
        if test.operator in ("=", "!="):
            found = equal(value, test.operand)
            return negated(found) if test.operator == "!=" else found
        return compare(test.operator, value, test.operand)
    if kind_of(value) != kind_of(test):
        return False
    return equal(value, test) or False


def within(value: Any, interval: Range) -> bool | None:
    """Say whether a value lies in a range; an open end (null) is never decided."""
    return _decided(
        [
            compare(">=" if interval.low_closed else ">", value, interval.low),
            compare("<=" if interval.high_closed else "<", value, interval.high),
        ]
    )


def _decided(values: list[bool | None]) -> bool | None:
    """Return whether all hold. Refused where one does not and another is null: by the logic false, by the functions null."""
    if None in values and False in values:
        raise OutOfScope("false and null at once")
    return conjunction(values)


def meets_any(value: Any, tests: list[Any]) -> bool | None:
    """Say whether a value meets one of the tests; a test that is a list is met by being equal to it or in it."""
    if value is None:
        spread = [each for test in tests for each in (test if isinstance(test, tuple) else (test,))]
        if None in spread:
            raise OutOfScope("null looked for among nulls")
        return None
    found: list[Any] = []
    unlike = False
    for test in tests:
        if isinstance(test, tuple):
            found.append(isinstance(value, tuple) and equal(value, test) is True)
            found.extend(meets(value, each) for each in test)
        else:
            found.append(meets(value, test))
            unlike = unlike or kind_of(test) not in ("range", kind_of(value))
    if unlike and True not in found:
        raise OutOfScope("a test of another kind: by equality null, by membership false")
    return disjunction(found)
