"""Calendar arithmetic of insurance contracts: anniversaries, ages, waiting days.

Promise: pure; calendar dates are Beijing dates. A 29 February anniversary falls on 28 February in other years, a day that
the target month lacks becomes its last day (notes/domain.md §5, convention 1 and "Dates").
"""

from __future__ import annotations

import calendar
from datetime import date, timedelta


def add_days(start: date, days: int) -> date:
    """Return the date ``days`` later. Raises OverflowError beyond year 9999.

    >>> add_days(date(2023, 9, 2), 180)
    datetime.date(2024, 2, 29)
    """
    return start + timedelta(days=days)


def add_months(start: date, months: int) -> date:
    """Return the same day ``months`` later, or the month's last day where it has no such day. Raises OverflowError.

    >>> add_months(date(2024, 1, 31), 1)
    datetime.date(2024, 2, 29)
    """
    position = start.year * 12 + start.month - 1 + months
    year, month = divmod(position, 12)
    if not 1 <= year <= 9999:
        raise OverflowError(f"year {year}")
    return date(year, month + 1, min(start.day, calendar.monthrange(year, month + 1)[1]))


def add_years(start: date, years: int) -> date:
    """Return the anniversary; that of 29 February is 28 February in other years. Raises OverflowError.

    >>> add_years(date(2024, 2, 29), 1)
    datetime.date(2025, 2, 28)
    """
    return add_months(start, years * 12)


def age_at(born: date, on: date) -> int:
    """Return completed years (周岁). Raises ValueError when ``on`` is before ``born``.

    >>> age_at(date(2014, 6, 2), date(2024, 6, 1))
    9
    """
    if on < born:
        raise ValueError(f"{on} is before the birth on {born}")
    years = on.year - born.year
    return years if add_years(born, years) <= on else years - 1


def days_between(start: date, end: date) -> int:
    """Return the days from ``start`` to ``end``, negative when it runs back.

    >>> days_between(date(2024, 2, 27), date(2024, 3, 5))
    7
    """
    return (end - start).days


def last_waiting_day(effective: date, days: int) -> date:
    """Return the last day of a waiting period: the effective date is day 1 (notes/domain.md §5 "Waiting-day convention").

    >>> last_waiting_day(date(2024, 2, 1), 30)
    datetime.date(2024, 3, 1)
    """
    return add_days(effective, days - 1)
