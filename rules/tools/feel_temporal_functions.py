"""FEEL's functions that make and take apart dates, times and durations.

Promise: a date, time or duration that does not exist is null. ``now`` and ``today`` are refused: decisions name their dates.

Source: DMN 1.5 §10.3.4.1 (conversions), §10.3.4.7 (temporal functions), §10.3.4.6 (``is``).
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from rules.engine.language.value_types import Days, Months
from rules.tools import feel_calendar as calendar
from rules.tools.feel_calendar import MAX_YEAR
from rules.tools.feel_temporal_text import read_date, read_date_time, read_duration, read_time
from rules.tools.feel_values import (
    NANOS_A_SECOND,
    Date,
    DateTime,
    DayTime,
    Function,
    OutOfScope,
    TimeOfDay,
    Zone,
    kind_of,
    nanos_of,
)

_WEEKDAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
_MONTHS = (
    *("January", "February", "March", "April", "May", "June"),
    *("July", "August", "September", "October", "November", "December"),
)


def _whole(value: Any) -> int | None:
    if not isinstance(value, Decimal) or abs(value) > MAX_YEAR or value != value.to_integral_value():
        return None
    return int(value)


def _date(value: Any) -> Date | None:
    match value:
        case str():
            return read_date(value)
        case DateTime():
            return value.date
        case _ if isinstance(value, Date):
            return value
        case _:
            return None


def _date_of(year: Any, month: Any, day: Any) -> Date | None:
    years, months, days = _whole(year), _whole(month), _whole(day)
    if years is None or months is None or days is None:
        return None
    if not years:
        raise OutOfScope("the year 0: the standards differ")
    return calendar.make_date(years, months, days)


def _time(value: Any) -> TimeOfDay | None:
    match value:
        case str():
            return read_time(value)
        case TimeOfDay():
            return value
        case DateTime():
            return value.time
        case _ if isinstance(value, Date):
            # A date is the midnight of UTC.
            return TimeOfDay(0, 0, Zone(0))
        case _:
            return None


def _time_of(hour: Any, minute: Any, second: Any, offset: Any = None) -> TimeOfDay | None:
    hours, minutes = _whole(hour), _whole(minute)
    if hours is None or minutes is None or not isinstance(second, Decimal) or not 0 <= second < 60:
        return None
    nanos = second * NANOS_A_SECOND
    if not 0 <= hours < 24 or not 0 <= minutes < 60:
        return None
    if nanos != nanos.to_integral_value():
        raise OutOfScope("part of a nanosecond")
    zone: Zone | None = None
    if offset is not None:
        if not isinstance(offset, Days | DayTime) or abs(nanos_of(offset)) > 18 * 3600 * NANOS_A_SECOND:
            return None
        seconds, rest = divmod(nanos_of(offset), NANOS_A_SECOND)
        if rest:
            return None
        zone = Zone(seconds)
    return TimeOfDay(hours * 3600 + minutes * 60 + int(second), int(nanos) % NANOS_A_SECOND, zone)


def _date_time(value: Any) -> DateTime | None:
    match value:
        case str():
            return read_date_time(value)
        case DateTime():
            return value
        case _ if isinstance(value, Date):
            raise OutOfScope("a date as a date and time: midnight of which zone")
        case _:
            return None


def _date_time_of(day: Any, time: Any) -> DateTime | None:
    found = day.date if isinstance(day, DateTime) else day
    return DateTime(found, time) if isinstance(found, Date) and isinstance(time, TimeOfDay) else None


def _date_time_of_parts(*parts: Any) -> DateTime | None:
    day, time = _date_of(*parts[:3]), _time_of(*parts[3:])
    return None if day is None or time is None else DateTime(day, time)


def _duration(value: Any) -> Days | DayTime | Months | None:
    if isinstance(value, str):
        return read_duration(value)
    return value if isinstance(value, Days | DayTime | Months) else None


def _months_between(start: Any, end: Any) -> Months | None:
    days = [each.date if isinstance(each, DateTime) else each for each in (start, end)]
    if not isinstance(days[0], Date) or not isinstance(days[1], Date):
        return None
    if isinstance(start, DateTime) and isinstance(end, DateTime) and days[0].day == days[1].day and start != end:
        raise OutOfScope("months between clock times of one day of the month")
    return calendar.months_between(days[0], days[1])


def _day(value: Any) -> Date | None:
    day = value.date if isinstance(value, DateTime) else value
    return day if isinstance(day, Date) else None


def _day_of_year(value: Any) -> Decimal | None:
    day = _day(value)
    first = None if day is None else calendar.make_date(day.year, 1, 1)
    if day is None or first is None:
        return None
    return Decimal(calendar.day_number(day) - calendar.day_number(first) + 1)


def _day_of_week(value: Any) -> str | None:
    day = _day(value)
    return None if day is None else _WEEKDAYS[(calendar.day_number(day) - 1) % 7]


def _month_of_year(value: Any) -> str | None:
    day = _day(value)
    return None if day is None else _MONTHS[day.month - 1]


def _week_of_year(value: Any) -> Decimal | None:
    day = _day(value)
    if day is None:
        return None
    if not isinstance(day, date):
        raise OutOfScope("weeks of a far year")
    return Decimal(day.isocalendar().week)


def _is(left: Any, right: Any) -> bool:
    return bool(kind_of(left) == kind_of(right) and left == right)


def _clock(*_arguments: Any) -> Any:
    raise OutOfScope("the clock is not read")


FUNCTIONS: dict[str, tuple[Function, ...]] = {
    "date": (Function(("from",), 1, _date), Function(("year", "month", "day"), 3, _date_of)),
    "time": (Function(("from",), 1, _time), Function(("hour", "minute", "second", "offset"), 3, _time_of)),
    "date and time": (
        Function(("from",), 1, _date_time),
        Function(("date", "time"), 2, _date_time_of),
        Function(("year", "month", "day", "hour", "minute", "second", "offset"), 6, _date_time_of_parts),
    ),
    "duration": (Function(("from",), 1, _duration),),
    "years and months duration": (Function(("from", "to"), 2, _months_between),),
    "day of year": (Function(("date",), 1, _day_of_year),),
    "day of week": (Function(("date",), 1, _day_of_week),),
    "month of year": (Function(("date",), 1, _month_of_year),),
    "week of year": (Function(("date",), 1, _week_of_year),),
    "is": (Function(("value1", "value2"), 2, _is),),
    "now": (Function((), 0, _clock),),
    "today": (Function((), 0, _clock),),
}
