"""FEEL's functions on ranges and points: how two of them lie to each other.

Promise: null as soon as two ends cannot be compared; an end that is left open has no order.

Source: DMN 1.5 §10.3.4.9, table 77 (after Allen's interval algebra).
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from rules.tools.feel_comparison import compare, conjunction, disjunction, equal, within
from rules.tools.feel_values import Function, Range, UnaryTest

_Answer = bool | None


def _scalar(*values: Any) -> bool:
    return not any(value is None or isinstance(value, tuple | dict | Range | UnaryTest) for value in values)


def _less(left: Any, right: Any) -> _Answer:
    return compare("<", left, right)


def _at(left: Any, right: Any, *conditions: bool) -> _Answer:
    """Say whether both ends are one point, under further conditions."""
    return conjunction([equal(left, right) if left is not None and right is not None else None, *conditions])


def _before(left: Any, right: Any) -> _Answer:
    match left, right:
        case Range(), Range():
            open_end = not (left.high_closed and right.low_closed)
            return disjunction([_less(left.high, right.low), _at(left.high, right.low, open_end)])
        case Range(), _ if _scalar(right):
            return disjunction([_less(left.high, right), _at(left.high, right, not left.high_closed)])
        case _, Range() if _scalar(left):
            return disjunction([_less(left, right.low), _at(left, right.low, not right.low_closed)])
        case _ if _scalar(left, right):
            return _less(left, right)
        case _:
            return None


def _meets(left: Any, right: Any) -> _Answer:
    if not isinstance(left, Range) or not isinstance(right, Range):
        return None
    return _at(left.high, right.low, left.high_closed, right.low_closed)


def _reaches(left: Range, right: Range) -> _Answer:
    """Say whether ``left`` ends at or after the start of ``right``."""
    return disjunction([_less(right.low, left.high), _at(left.high, right.low, left.high_closed and right.low_closed)])


def _overlaps(left: Any, right: Any) -> _Answer:
    if not isinstance(left, Range) or not isinstance(right, Range):
        return None
    return conjunction([_reaches(left, right), _reaches(right, left)])


def _ends_within(left: Range, right: Range) -> _Answer:
    return disjunction(
        [_less(left.high, right.high), _at(left.high, right.high, not left.high_closed or right.high_closed)]
    )


def _starts_within(left: Range, right: Range) -> _Answer:
    return disjunction([_less(right.low, left.low), _at(left.low, right.low, not left.low_closed or right.low_closed)])


def _overlaps_before(left: Any, right: Any) -> _Answer:
    if not isinstance(left, Range) or not isinstance(right, Range):
        return None
    starts = disjunction(
        [_less(left.low, right.low), _at(left.low, right.low, left.low_closed and not right.low_closed)]
    )
    return conjunction([starts, _reaches(left, right), _ends_within(left, right)])


def _finishes(left: Any, right: Any) -> _Answer:
    match left, right:
        case Range(), Range():
            return conjunction(
                [_at(left.high, right.high, left.high_closed == right.high_closed), _starts_within(left, right)]
            )
        case _, Range() if _scalar(left):
            return _at(left, right.high, right.high_closed)
        case _:
            return None


def _starts(left: Any, right: Any) -> _Answer:
    match left, right:
        case Range(), Range():
            return conjunction(
                [_at(left.low, right.low, left.low_closed == right.low_closed), _ends_within(left, right)]
            )
        case _, Range() if _scalar(left):
            return _at(left, right.low, right.low_closed)
        case _:
            return None


def _during(left: Any, right: Any) -> _Answer:
    match left, right:
        case Range(), Range():
            return conjunction([_starts_within(left, right), _ends_within(left, right)])
        case _, Range() if _scalar(left):
            return within(left, right)
        case _:
            return None


def _coincides(left: Any, right: Any) -> _Answer:
    match left, right:
        case Range(), Range():
            same = left.low_closed == right.low_closed and left.high_closed == right.high_closed
            return conjunction([_at(left.low, right.low), _at(left.high, right.high), same])
        case _ if _scalar(left, right):
            return equal(left, right)
        case _:
            return None


def _swapped(function: Callable[[Any, Any], _Answer]) -> Callable[[Any, Any], _Answer]:
    return lambda left, right: function(right, left)


def _pairs(body: Callable[[Any, Any], _Answer], *names: tuple[str, str]) -> tuple[Function, ...]:
    return tuple(Function(each, 2, body) for each in names)


_POINTS, _RANGES = ("point1", "point2"), ("range1", "range2")
_POINT_RANGE, _RANGE_POINT = ("point", "range"), ("range", "point")
FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "before": _pairs(_before, _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES),
    "after": _pairs(_swapped(_before), _POINTS, _POINT_RANGE, _RANGE_POINT, _RANGES),
    "meets": _pairs(_meets, _RANGES),
    "met by": _pairs(_swapped(_meets), _RANGES),
    "overlaps": _pairs(_overlaps, _RANGES),
    "overlaps before": _pairs(_overlaps_before, _RANGES),
    "overlaps after": _pairs(_swapped(_overlaps_before), _RANGES),
    "finishes": _pairs(_finishes, _POINT_RANGE, _RANGES),
    "finished by": _pairs(_swapped(_finishes), _RANGE_POINT, _RANGES),
    "includes": _pairs(_swapped(_during), _RANGE_POINT, _RANGES),
    "during": _pairs(_during, _POINT_RANGE, _RANGES),
    "starts": _pairs(_starts, _POINT_RANGE, _RANGES),
    "started by": _pairs(_swapped(_starts), _RANGE_POINT, _RANGES),
    "coincides": _pairs(_coincides, _POINTS, _RANGES),
}
