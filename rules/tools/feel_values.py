"""The values of the FEEL mode that the rule language has not: clock time, time zones, far years, ranges, functions.

Promise: one value, one form. A date within the years 1 to 9999 is a ``datetime.date``, one outside is a ``FarDate``; a duration
of whole days is ``Days``, one with clock time is ``DayTime``. So equal values are equal in Python too. A list is a tuple, a
context a dict, null is ``None``.

Source: DMN 1.5 §10.3.2.3.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.engine.language.value_types import Days, Months

SECONDS_A_DAY = 86_400
NANOS_A_SECOND = 10**9
NANOS_A_DAY = SECONDS_A_DAY * NANOS_A_SECOND


class OutOfScope(Exception):  # noqa: N818 - a verdict of the FEEL mode, not a fault
    """The FEEL mode has no answer: the case counts as refused."""


@dataclass(frozen=True, slots=True)
class FarDate:
    """A date outside the years that packs know; year 0 and before count as in ISO 8601."""

    year: int
    month: int
    day: int


Date = date | FarDate


@dataclass(frozen=True, slots=True)
class Zone:
    """A fixed offset from UTC in seconds, or a named zone (then ``offset`` is None until a date is known)."""

    offset: int | None
    name: str | None = None


@dataclass(frozen=True, slots=True)
class TimeOfDay:
    """A clock time; without a zone it is local."""

    seconds: int
    nanos: int = 0
    zone: Zone | None = None


@dataclass(frozen=True, slots=True)
class DateTime:
    """A date and time."""

    date: Date
    time: TimeOfDay


@dataclass(frozen=True, slots=True)
class DayTime:
    """A duration that is not of whole days, in nanoseconds. Made by ``day_time`` only."""

    nanos: int


def day_time(nanos: int) -> Days | DayTime:
    """Return a days and time duration in its one form."""
    days, rest = divmod(nanos, NANOS_A_DAY)
    return DayTime(nanos) if rest else Days(days)


def nanos_of(duration: Days | DayTime) -> int:
    """Return a days and time duration in nanoseconds."""
    return duration.nanos if isinstance(duration, DayTime) else duration.days * NANOS_A_DAY


@dataclass(frozen=True, slots=True)
class Range:
    """An interval as a value; ``None`` is an open end."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class UnaryTest:
    """``< 10`` as a value."""

    operator: str
    operand: Any


@dataclass(frozen=True, slots=True, eq=False)
class Function:
    """Something that can be called. ``parameters`` are the names for a call by name; the first ``required`` must be given."""

    parameters: tuple[str, ...]
    required: int
    body: Callable[..., Any]
    variadic: bool = False


@dataclass(frozen=True, slots=True, eq=False)
class Builtin:
    """A built-in function; its overloads are told apart by the count and the names of the arguments."""

    name: str
    overloads: tuple[Function, ...]


def kind_of(value: Any) -> str:  # noqa: PLR0911, PLR0912 - one branch a kind, in one view
    """Return FEEL's name of a value's kind; two values of different kinds are never equal, only incomparable."""
    match value:
        case None:
            return "Null"
        case bool():
            return "boolean"
        case Decimal():
            return "number"
        case str():
            return "string"
        case date() | FarDate():
            return "date"
        case TimeOfDay():
            return "time"
        case DateTime():
            return "date and time"
        case Days() | DayTime():
            return "days and time duration"
        case Months():
            return "years and months duration"
        case tuple():
            return "list"
        case Mapping():
            return "context"
        case Range() | UnaryTest():
            return "range"
        case Function() | Builtin():
            return "function"
        case _:
            raise OutOfScope(f"a value of {type(value).__name__}")
