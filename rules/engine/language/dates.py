"""Dates and durations as the language counts them.

Promise: only whole days and whole calendar months; no clock, no time zone, no locale. A date outside the years 1 to 9999 is
refused. Adding months keeps the day or, in a shorter month, takes its last day (31 January + 1 month = 28 or 29 February).

Source: ISO 8601; FEEL, DMN 1.4 §10.3.4.1 and §10.3.2.3.
"""

from __future__ import annotations

import re
from calendar import monthrange
from datetime import date, timedelta

from rules.engine.language.errors import FailureCode, Undefined
from rules.engine.language.value_types import Days, Months

_DATE = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_DAYS = re.compile(r"(-?)P([0-9]{1,7})D")
_MONTHS = re.compile(r"(-?)P(?=[0-9])(?:([0-9]{1,5})Y)?(?:([0-9]{1,6})M)?")
MAX_DAYS = 3_660_000
MAX_MONTHS = 120_000


def read_date(text: str) -> date:
    """Return the date of ``YYYY-MM-DD``. Raises ``Undefined`` for any other form and for days that do not exist."""
    if not _DATE.fullmatch(text):
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{text!r} is no date")
    return date_of(int(text[:4]), int(text[5:7]), int(text[8:]))


def date_of(year: int, month: int, day: int) -> date:
    """Return the date. Raises ``Undefined`` when it does not exist."""
    try:
        return date(year, month, day)
    except (ValueError, OverflowError):
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{year}-{month}-{day} is no date") from None


def read_duration(text: str) -> Days | Months:
    """Return the duration of ``P30D`` or ``P1Y6M``. Raises ``Undefined`` for clock times and for mixtures of both."""
    if days := _DAYS.fullmatch(text):
        return checked_days(int(days[1] + days[2]))
    months = _MONTHS.fullmatch(text)
    if not months:
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{text!r} is no duration of whole days or of years and months")
    count = 12 * int(months[2] or 0) + int(months[3] or 0)
    return checked_months(-count if months[1] else count)


def checked_days(days: int) -> Days:
    """Return the duration. Raises ``Undefined`` when it is longer than the calendar."""
    if abs(days) > MAX_DAYS:
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{days} days")
    return Days(days)


def checked_months(months: int) -> Months:
    """Return the duration. Raises ``Undefined`` when it is longer than the calendar."""
    if abs(months) > MAX_MONTHS:
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{months} months")
    return Months(months)


def add_days(start: date, duration: Days) -> date:
    """Return the date that many days later. Raises ``Undefined`` outside the calendar."""
    try:
        return start + timedelta(days=duration.days)
    except OverflowError:
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{start} + {duration.days} days") from None


def add_months(start: date, duration: Months) -> date:
    """Return the date that many months later, at most the month's last day. Raises ``Undefined`` outside the calendar."""
    index = start.year * 12 + start.month - 1 + duration.months
    year, month = divmod(index, 12)
    if not 1 <= year <= 9999:
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{start} + {duration.months} months")
    return date(year, month + 1, min(start.day, monthrange(year, month + 1)[1]))


def days_between(later: date, earlier: date) -> Days:
    """Return ``later - earlier``: 2 March - 1 March is one day."""
    return Days((later - earlier).days)


def months_between(start: date, end: date) -> Months:
    """Return the whole months from ``start`` to ``end``; a month counts once its day is reached. Negative backwards."""
    if end < start:
        return Months(-months_between(end, start).months)
    months = (end.year - start.year) * 12 + end.month - start.month
    return Months(months - 1 if end.day < start.day else months)
