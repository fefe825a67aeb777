"""Dates and spans in words, as people at the counter say them: Beijing days and times, "3 小时前".

Promise: an instant is UTC and shown as Beijing time; nothing here counts seconds.
"""

from __future__ import annotations

from datetime import datetime

from claims.trusted_time import BEIJING
from rules.bilingual import Bilingual

_WEEKDAYS_ZH = "一二三四五六日"
_WEEKDAYS_EN = ("Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun")
_MONTHS_EN = ("Jan", "Feb", "Mar", "Apr", "May", "Jun", "Jul", "Aug", "Sep", "Oct", "Nov", "Dec")


def long_day(at: datetime) -> Bilingual:
    """Return the Beijing day in full: ``2026 年 11 月 22 日 星期日``."""
    day = at.astimezone(BEIJING)
    return Bilingual(
        f"{day.year} 年 {day.month} 月 {day.day} 日 星期{_WEEKDAYS_ZH[day.weekday()]}",
        f"{_WEEKDAYS_EN[day.weekday()]}, {day.day} {_MONTHS_EN[day.month - 1]} {day.year}",
    )


def clock_text(at: datetime) -> str:
    """Return the Beijing time of day: ``09:14``."""
    return at.astimezone(BEIJING).strftime("%H:%M")


def day_text(at: datetime) -> str:
    """Return the Beijing day: ``2026-11-22``."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d")


def when(at: datetime, now: datetime) -> Bilingual:
    """Return an instant as people say it: today and yesterday by name, else the day."""
    days = (now.astimezone(BEIJING).date() - at.astimezone(BEIJING).date()).days
    if days == 0:
        return Bilingual(f"今天 {clock_text(at)}", f"today {clock_text(at)}")
    if days == 1:
        return Bilingual(f"昨天 {clock_text(at)}", f"yesterday {clock_text(at)}")
    return Bilingual(f"{day_text(at)} {clock_text(at)}", f"{day_text(at)} {clock_text(at)}")


def span(minutes: float) -> Bilingual:
    """Return a span in its largest fitting unit: minutes, hours or days, rounded down, never below a minute."""
    whole = max(1, int(minutes))
    if whole < 60:
        return Bilingual(f"{whole} 分钟", f"{whole} min")
    hours = whole // 60
    if hours < 48:
        return Bilingual(f"{hours} 小时", f"{hours} h")
    days = hours // 24
    return Bilingual(f"{days} 天", f"{days} d")


def ago(at: datetime, now: datetime) -> Bilingual:
    """Return how long ago: ``刚刚``, ``3 小时前``. A future instant is ``刚刚`` too: two clocks are never quite equal."""
    minutes = (now - at).total_seconds() / 60
    if minutes < 1:
        return Bilingual("刚刚", "just now")
    long = span(minutes)
    return Bilingual(f"{long.zh}前", f"{long.en} ago")


def age_days(at: datetime, now: datetime) -> Bilingual:
    """Return an age in whole Beijing days: ``今天``, ``6 天``."""
    days = max(0, (now.astimezone(BEIJING).date() - at.astimezone(BEIJING).date()).days)
    if days == 0:
        return Bilingual("今天", "today")
    return Bilingual(f"{days} 天", f"{days} d")
