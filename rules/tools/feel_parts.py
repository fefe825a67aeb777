"""Parts of a value in the FEEL mode: entries of contexts, properties of dates, times, durations and ranges.

Promise: a part that a value has not is null; parts of negative durations are negative.

Source: DMN 1.5 §10.3.2.3.9 table 64, §10.3.2.8 (paths over lists).
"""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any

from rules.engine.language.syntax import Property
from rules.engine.language.value_types import Days
from rules.tools import feel_calendar as calendar
from rules.tools.feel_strict import is_strict, name, strict
from rules.tools.feel_values import (
    NANOS_A_SECOND,
    SECONDS_A_DAY,
    Date,
    DateTime,
    DayTime,
    OutOfScope,
    Range,
    TimeOfDay,
    day_time,
    nanos_of,
)


def part(value: Any, asked: str) -> Any:  # noqa: PLR0911 - one return a kind of value
    """Return a named part: an entry of a context, of each context of a list, or a property; null where there is none."""
    match value:
        case tuple():
            return tuple(part(each, asked) for each in value)
        case Mapping():
            return value.get(asked)
        case Range():
            return {
                "start": value.low,
                "end": value.high,
                "start included": value.low_closed,
                "end included": value.high_closed,
            }.get(asked)
        case DateTime():
            return part(value.date, asked) if asked in _DATE_PARTS else _time_part(value.time, asked, value)
        case TimeOfDay():
            return _time_part(value, asked, None)
        case Days() | DayTime():
            return _duration_part(value, asked)
        case _ if isinstance(value, Date):
            return _date_part(value, asked)
        case _ if is_strict(value):
            return strict(Property(start=0, end=0, operand=name(0), name=asked), value)
        case _:
            return None


_DATE_PARTS = frozenset({"year", "month", "day", "weekday"})


def _date_part(day: Date, asked: str) -> Decimal | None:
    if asked == "weekday":
        return Decimal((calendar.day_number(day) - 1) % 7 + 1)
    return Decimal(getattr(day, asked)) if asked in _DATE_PARTS else None


def _time_part(time: TimeOfDay, asked: str, moment: DateTime | None) -> Any:  # noqa: PLR0911 - one return a part
    match asked:
        case "hour":
            return Decimal(time.seconds // 3600)
        case "minute":
            return Decimal(time.seconds // 60 % 60)
        case "second":
            if time.nanos:
                raise OutOfScope("part of a second")
            return Decimal(time.seconds % 60)
        case "time offset":
            if time.zone is None:
                return None
            offset = calendar.fixed_offset(time.zone) if moment is None else calendar.offset_at(moment)
            return None if offset is None else day_time(offset * NANOS_A_SECOND)
        case "timezone":
            return time.zone.name if time.zone else None
        case _:
            return None


def _duration_part(duration: Days | DayTime, asked: str) -> Decimal | None:
    nanos = nanos_of(duration)
    whole, rest = divmod(abs(nanos), NANOS_A_SECOND)
    parts = {
        "days": whole // SECONDS_A_DAY,
        "hours": whole // 3600 % 24,
        "minutes": whole // 60 % 60,
        "seconds": whole % 60,
    }
    if asked == "seconds" and rest:
        raise OutOfScope("part of a second")
    return Decimal(parts[asked] if nanos >= 0 else -parts[asked]) if asked in parts else None
