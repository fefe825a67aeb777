"""Dates as people write them: read, or refused with the reason (no such day, no leap year).

Promise: a date is never guessed: two-digit years and day-first orders are refused.
"""

from __future__ import annotations

import re
import unicodedata
from calendar import isleap, monthrange
from datetime import date

from claims.errors import Bilingual, InputError

EARLIEST_YEAR = 1880
_WRITTEN = re.compile(r"(\d{4})[-/.年](\d{1,2})[-/.月](\d{1,2})日?|(\d{4})(\d{2})(\d{2})", re.ASCII)


def read_date(text: str) -> date:
    """Read ``2024-02-29``, ``2024/2/29``, ``2024年2月29日`` or ``20240229``, full width as well.

    Raises:
        InputError: ``date_missing``, ``date_pattern``, ``date_impossible``.
    """
    plain = "".join(unicodedata.normalize("NFKC", text).split())
    again = Bilingual("请按“年-月-日”重新录入，例如 2024-02-29。", "Enter year, month and day, for example 2024-02-29.")
    if not plain:
        raise InputError("date_missing", Bilingual("没有填写日期。", "No date was entered."), again)
    found = _WRITTEN.fullmatch(plain)
    if found is None:
        raise InputError(
            "date_pattern",
            Bilingual(f"“{text.strip()[:30]}”不是日期。", f'"{text.strip()[:30]}" is not a date.'),
            again,
        )
    year, month, day = (int(one) for one in found.groups() if one is not None)
    problem = impossible_day(year, month, day)
    if problem is not None:
        raise InputError(
            "date_impossible",
            Bilingual(
                f"“{text.strip()[:30]}”不存在：{problem.zh}。", f'"{text.strip()[:30]}" does not exist: {problem.en}.'
            ),
            again,
        )
    return date(year, month, day)


def impossible_day(year: int, month: int, day: int) -> Bilingual | None:
    """Return why a day does not exist (or lies before 1880), without a full stop; None when it does."""
    if not EARLIEST_YEAR <= year <= 9999:
        return Bilingual(f"年份 {year:04d} 不合理", f"the year {year:04d} cannot be right")
    if not 1 <= month <= 12:
        return Bilingual(f"没有 {month} 月", f"there is no month {month}")
    if (month, day) == (2, 29) and not isleap(year):
        return Bilingual(f"{year} 年不是闰年，没有 2 月 29 日", f"{year} is no leap year and has no 29 February")
    if not 1 <= day <= monthrange(year, month)[1]:
        return Bilingual(f"{year} 年 {month} 月没有 {day} 日", f"{year}-{month:02d} has no day {day}")
    return None
