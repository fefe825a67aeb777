"""Reading and writing dates, times and durations of the FEEL mode.

Promise: only the forms of the standard are read; anything else is null (``None``). What is written is read back as the same value.

Source: DMN 1.5 §10.3.4.1; XML Schema 1.1 part 2 for the forms.
"""

from __future__ import annotations

import re
from typing import Any

from rules.engine.language.value_types import Days, Months
from rules.tools.feel_calendar import MAX_YEAR, fixed_offset, make_date, named_zone
from rules.tools.feel_values import (
    NANOS_A_DAY,
    NANOS_A_SECOND,
    SECONDS_A_DAY,
    Date,
    DateTime,
    DayTime,
    TimeOfDay,
    Zone,
    day_time,
    nanos_of,
)

_DATE = re.compile(r"(-?)([1-9][0-9]{4,8}|[0-9]{4})-([0-9]{2})-([0-9]{2})")
_TIME = re.compile(
    r"([0-9]{2}):([0-9]{2}):([0-9]{2})(?:\.([0-9]{1,9}))?(?:(Z)|([+-][0-9]{2}):([0-9]{2})(?::([0-9]{2}))?|@([A-Za-z][\w+/-]*))?",
    re.ASCII,
)
_DAY_TIME = re.compile(
    r"(-?)P(?=[0-9T])(?:([0-9]+)D)?(?:T(?=[0-9])(?:([0-9]+)H)?(?:([0-9]+)M)?(?:([0-9]+)(?:\.([0-9]{1,9}))?S)?)?"
)
_MONTHS = re.compile(r"(-?)P(?=[0-9])(?:([0-9]+)Y)?(?:([0-9]+)M)?")
_MAX_OFFSET_HOURS = 18
_MAX_DIGITS = 18


def read_date(text: str) -> Date | None:
    """Return the date of ``2024-02-29``."""
    found = _DATE.fullmatch(text)
    if not found:
        return None
    year = int(found[2])
    # Whether there is a year minus zero the standards answer differently: no answer.
    return None if found[1] and not year else make_date(-year if found[1] else year, int(found[3]), int(found[4]))


def read_time(text: str) -> TimeOfDay | None:
    """Return the time of ``10:15:00``, ``10:15:00.5Z``, ``10:15:00+08:00`` or ``10:15:00@Asia/Shanghai``."""
    found = _TIME.fullmatch(text)
    if not found:
        return None
    hours, minutes, seconds = (int(found[at]) for at in (1, 2, 3))
    if hours > 23 or minutes > 59 or seconds > 59:
        return None
    zone: Zone | None = None
    if found[5]:
        zone = Zone(0)
    elif found[9]:
        named_zone(found[9])
        zone = Zone(None, found[9])
    elif found[6]:
        sign = -1 if found[6][0] == "-" else 1
        above, middle, below = abs(int(found[6])), int(found[7]), int(found[8] or 0)
        offset = above * 3600 + middle * 60 + below
        if middle > 59 or below > 59 or offset > _MAX_OFFSET_HOURS * 3600:
            return None
        zone = Zone(sign * offset)
    return TimeOfDay(hours * 3600 + minutes * 60 + seconds, int((found[4] or "").ljust(9, "0")), zone)


def read_date_time(text: str) -> DateTime | None:
    """Return the date and time of ``2024-02-29T10:15:00Z``; a date alone is its midnight."""
    day_text, divider, time_text = text.partition("T")
    day = read_date(day_text)
    time = read_time(time_text) if divider else TimeOfDay(0)
    return None if day is None or time is None else DateTime(day, time)


def read_duration(text: str) -> Days | DayTime | Months | None:
    """Return the duration of ``P1DT2H`` or ``P1Y6M``."""
    if max((len(digits) for digits in re.findall("[0-9]+", text)), default=0) > _MAX_DIGITS:
        return None
    if found := _DAY_TIME.fullmatch(text):
        days, hours, minutes, seconds = (int(found[at] or 0) for at in (2, 3, 4, 5))
        whole = days * SECONDS_A_DAY + hours * 3600 + minutes * 60 + seconds
        nanos = whole * NANOS_A_SECOND + int((found[6] or "").ljust(9, "0"))
        if nanos > MAX_YEAR * 366 * NANOS_A_DAY:
            return None
        return day_time(-nanos if found[1] else nanos)
    if found := _MONTHS.fullmatch(text):
        months = 12 * int(found[2] or 0) + int(found[3] or 0)
        return Months(-months if found[1] else months) if months <= 12 * MAX_YEAR else None
    return None


def read_temporal(text: str) -> Any:
    """Return the value of an at-literal, whichever kind it is."""
    for read in (read_date, read_duration, read_time, read_date_time):
        value = read(text)
        if value is not None:
            return value
    return None


def written(value: Any) -> str | None:
    """Return the standard form of a date, time or duration, ``None`` for anything else."""
    match value:
        case TimeOfDay():
            return _time(value)
        case DateTime():
            return f"{_date(value.date)}T{_time(value.time)}"
        case Days() | DayTime():
            return _day_time(value)
        case Months(months=months):
            years, rest = divmod(abs(months), 12)
            shown = (f"{years}Y" if years else "") + (f"{rest}M" if rest or not years else "")
            return f"{'-' if months < 0 else ''}P{shown}"
        case _ if isinstance(value, Date):
            return _date(value)
        case _:
            return None


def _date(day: Date) -> str:
    return f"{'-' if day.year < 0 else ''}{abs(day.year):04}-{day.month:02}-{day.day:02}"


def _time(time: TimeOfDay) -> str:
    hours, rest = divmod(time.seconds, 3600)
    fraction = f".{time.nanos:09}".rstrip("0") if time.nanos else ""
    return f"{hours:02}:{rest // 60:02}:{rest % 60:02}{fraction}{_zone(time.zone)}"


def _zone(zone: Zone | None) -> str:
    if zone is None:
        return ""
    if zone.name is not None:
        return f"@{zone.name}"
    offset = fixed_offset(zone) or 0
    if not offset:
        return "Z"
    hours, rest = divmod(abs(offset), 3600)
    seconds = f":{rest % 60:02}" if rest % 60 else ""
    return f"{'-' if offset < 0 else '+'}{hours:02}:{rest // 60:02}{seconds}"


def _day_time(duration: Days | DayTime) -> str:
    nanos = nanos_of(duration)
    whole, fraction = divmod(abs(nanos), NANOS_A_SECOND)
    days, rest = divmod(whole, SECONDS_A_DAY)
    hours, rest = divmod(rest, 3600)
    minutes, seconds = divmod(rest, 60)
    shown_fraction = f".{fraction:09}".rstrip("0") if fraction else ""
    clock = (f"{hours}H" if hours else "") + (f"{minutes}M" if minutes else "")
    clock += f"{seconds}{shown_fraction}S" if seconds or fraction or not whole else ""
    return f"{'-' if nanos < 0 else ''}P{f'{days}D' if days else ''}{f'T{clock}' if clock else ''}"
