"""Calendar arithmetic over columns of day ordinals (``date.toordinal``).

Promise: equal to ``rules.engine.dates`` and ``rules.engine.language.dates`` in every row; where those refuse, the second array says
so and the first holds some date.
"""

from __future__ import annotations

from datetime import date
from typing import Any

import numpy as np

from rules.columns.column import Bools, Ints

FIRST = date.min.toordinal()
LAST = date.max.toordinal()
_EPOCH = date(1970, 1, 1).toordinal()
_EPOCH_MONTH = 1970 * 12


def _array(ordinals: Any) -> Ints:
    return np.asarray(ordinals, dtype=np.int64)


def month_index(ordinals: Any) -> Ints:
    """Return year * 12 + month - 1."""
    months = (_array(ordinals) - _EPOCH).astype("datetime64[D]").astype("datetime64[M]")
    return months.astype(np.int64) + _EPOCH_MONTH


def first_of_month(months: Ints) -> Ints:
    """Return the ordinal of the first day of a month index."""
    return (months - _EPOCH_MONTH).astype("datetime64[M]").astype("datetime64[D]").astype(np.int64) + _EPOCH


def day_of_month(ordinals: Any) -> Ints:
    """Return the day, from 1."""
    return _array(ordinals) - first_of_month(month_index(ordinals)) + 1


def weekday(ordinals: Any) -> Ints:
    """Return the ISO weekday: Monday is 1."""
    return (_array(ordinals) + 6) % 7 + 1


def add_days(start: Any, days: Any) -> tuple[Ints, Bools]:
    """Return the dates so many days later, and where there is none."""
    found = _array(start) + days
    return np.clip(found, FIRST, LAST), (found < FIRST) | (found > LAST)


def add_months(start: Any, months: Any) -> tuple[Ints, Bools]:
    """Return the same day so many months later, at most the month's last, and where there is no such year."""
    found = month_index(start) + months
    outside = (found < 12) | (found >= 12 * 10_000)
    month = np.clip(found, 12, 12 * 10_000 - 1)
    first = first_of_month(month)
    length = first_of_month(month + 1) - first
    return first + np.minimum(day_of_month(start), length) - 1, outside


def make_date(year: Any, month: Any, day: Any) -> tuple[Ints, Bools]:
    """Return the dates, and where the calendar has none."""
    year, month, day = np.broadcast_arrays(_array(year), _array(month), _array(day))
    outside = (year < 1) | (year > 9999) | (month < 1) | (month > 12) | (day < 1)
    index = np.clip(year, 1, 9999) * 12 + np.clip(month, 1, 12) - 1
    first = first_of_month(index)
    outside |= day > first_of_month(index + 1) - first
    return np.clip(first + np.clip(day, 1, 31) - 1, FIRST, LAST), outside


def months_between(start: Any, end: Any) -> Ints:
    """Return the whole months from start to end: a month counts once its day is reached; negative backwards."""
    start, end = np.broadcast_arrays(_array(start), _array(end))
    backwards = end < start
    early, late = np.where(backwards, end, start), np.where(backwards, start, end)
    months = month_index(late) - month_index(early) - (day_of_month(late) < day_of_month(early))
    return np.where(backwards, -months, months)


def age_at(born: Any, on: Any) -> tuple[Ints, Bools]:
    """Return completed years, and where ``on`` is before the birth."""
    born, on = np.broadcast_arrays(_array(born), _array(on))
    years = month_index(on) // 12 - month_index(born) // 12
    anniversary, _ = add_months(born, years * 12)
    return np.maximum(years - (anniversary > on), 0), on < born
