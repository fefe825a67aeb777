"""Calendar arithmetic of the FEEL mode: any year to ±999,999,999, clock times, zones.

Promise: proleptic Gregorian calendar; no clock and no zone of the machine. Where the answer hangs on which day it is (a named
zone without a date) or on mixing local and zoned times, the answer is refused, never guessed.

Source: DMN 1.5 §10.3.2.3.4 to §10.3.2.3.7; day numbers after ISO 8601.
"""

from __future__ import annotations

from datetime import date, datetime, timedelta
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError

from rules.engine.language.value_types import Days, Months
from rules.tools.feel_values import (
    NANOS_A_DAY,
    NANOS_A_SECOND,
    SECONDS_A_DAY,
    Date,
    DateTime,
    DayTime,
    FarDate,
    OutOfScope,
    TimeOfDay,
    Zone,
    nanos_of,
)

MAX_YEAR = 999_999_999
_CYCLE_YEARS, _CYCLE_DAYS = 400, 146_097
_MONTH_LENGTHS = (31, 28, 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)


def month_length(year: int, month: int) -> int:
    """Return the days of a month."""
    leap = year % 4 == 0 and (year % 100 != 0 or year % 400 == 0)
    return 29 if month == 2 and leap else _MONTH_LENGTHS[month - 1]


def make_date(year: int, month: int, day: int) -> Date | None:
    """Return the date, ``None`` when there is none."""
    if not -MAX_YEAR <= year <= MAX_YEAR or not 1 <= month <= 12 or not 1 <= day <= month_length(year, month):
        return None
    return date(year, month, day) if 1 <= year <= 9999 else FarDate(year, month, day)


def day_number(day: Date) -> int:
    """Return the day's number; 1 is 0001-01-01, as ``date.toordinal`` counts."""
    cycles, year = divmod(day.year - 2000, _CYCLE_YEARS)
    return date(2000 + year, day.month, day.day).toordinal() + cycles * _CYCLE_DAYS


def date_of_number(number: int) -> Date | None:
    """Return the date of a day number, ``None`` outside the calendar."""
    cycles, rest = divmod(number - date(2000, 1, 1).toordinal(), _CYCLE_DAYS)
    near = date(2000, 1, 1) + timedelta(days=rest)
    return make_date(near.year + cycles * _CYCLE_YEARS, near.month, near.day)


def plus_months(day: Date, months: Months) -> Date | None:
    """Return the date that many months later, at most the month's last day."""
    year, month = divmod(day.year * 12 + day.month - 1 + months.months, 12)
    if abs(year) > MAX_YEAR:
        return None
    return make_date(year, month + 1, min(day.day, month_length(year, month + 1)))


def months_between(start: Date, end: Date) -> Months:
    """Return the whole months from ``start`` to ``end``; negative backwards."""
    if day_number(end) < day_number(start):
        return Months(-months_between(end, start).months)
    months = (end.year - start.year) * 12 + end.month - start.month
    return Months(months - 1 if end.day < start.day else months)


def plus_duration(day: Date, duration: Days | DayTime) -> Date | None:
    """Return the date on which midnight of ``day`` plus the duration falls."""
    return date_of_number(day_number(day) + nanos_of(duration) // NANOS_A_DAY)


def time_plus(time: TimeOfDay, duration: Days | DayTime) -> TimeOfDay:
    """Return the clock time that much later, around the clock."""
    nanos = (_nanos_of_day(time) + nanos_of(duration)) % NANOS_A_DAY
    return TimeOfDay(*divmod(nanos, NANOS_A_SECOND), zone=time.zone)


def date_time_plus(moment: DateTime, duration: Days | DayTime) -> DateTime | None:
    """Return the local date and time that much later. Refused in a named zone, whose clock may change in between."""
    if moment.time.zone is not None and moment.time.zone.name is not None and fixed_offset(moment.time.zone) is None:
        raise OutOfScope("a named zone may change its clock in between")
    days, nanos = divmod(_nanos_of_day(moment.time) + nanos_of(duration), NANOS_A_DAY)
    day = date_of_number(day_number(moment.date) + days)
    return None if day is None else DateTime(day, TimeOfDay(*divmod(nanos, NANOS_A_SECOND), zone=moment.time.zone))


def _nanos_of_day(time: TimeOfDay) -> int:
    return time.seconds * NANOS_A_SECOND + time.nanos


def offset_at(moment: DateTime) -> int | None:
    """Return the offset from UTC in seconds, ``None`` for a local time."""
    zone = moment.time.zone
    if zone is None or zone.offset is not None:
        return None if zone is None else zone.offset
    day = moment.date
    if not isinstance(day, date) or zone.name is None:
        raise OutOfScope("a named zone so far away")
    hours, rest = divmod(moment.time.seconds, 3600)
    clock = datetime(day.year, day.month, day.day, hours, rest // 60, rest % 60, tzinfo=named_zone(zone.name))
    offset = clock.utcoffset()
    return None if offset is None else round(offset.total_seconds())


def named_zone(name: str) -> ZoneInfo:
    """Return a zone of the IANA data base. Raises ``OutOfScope`` when it is not known."""
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):
        raise OutOfScope(f"zone {name}") from None


def fixed_offset(zone: Zone) -> int | None:
    """Return a zone's offset when it is the same on every day, otherwise ``None``."""
    if zone.offset is not None or zone.name is None:
        return zone.offset
    there = named_zone(zone.name)
    offsets = {there.utcoffset(datetime(year, month, 1)) for year in range(1900, 2100, 7) for month in (1, 4, 7, 10)}  # noqa: DTZ001 - the wall clock there
    only = offsets.pop() if len(offsets) == 1 else None
    return None if only is None else round(only.total_seconds())


def instants(left: DateTime, right: DateTime) -> tuple[int, int]:
    """Return both as nanoseconds of one scale. Refused when only one has a zone."""
    offsets = offset_at(left), offset_at(right)
    if (offsets[0] is None) != (offsets[1] is None):
        raise OutOfScope("a local and a zoned date and time")
    return _instant(left, offsets[0] or 0), _instant(right, offsets[1] or 0)


def _instant(moment: DateTime, offset: int) -> int:
    return (day_number(moment.date) * SECONDS_A_DAY - offset) * NANOS_A_SECOND + _nanos_of_day(moment.time)


def clock_nanos(left: TimeOfDay, right: TimeOfDay) -> tuple[int, int]:
    """Return both clock times as nanoseconds of one scale. Refused when they have no common scale without a date."""
    if left.zone == right.zone:
        return _nanos_of_day(left), _nanos_of_day(right)
    if left.zone is None or right.zone is None:
        raise OutOfScope("a local and a zoned time")
    offsets = fixed_offset(left.zone), fixed_offset(right.zone)
    if offsets[0] is None or offsets[1] is None:
        raise OutOfScope("times of named zones, without a date")
    return (
        _nanos_of_day(left) - offsets[0] * NANOS_A_SECOND,
        _nanos_of_day(right) - offsets[1] * NANOS_A_SECOND,
    )
