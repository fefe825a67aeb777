"""Which instant may be relied on, given a wall clock that may be wrong and the highest *signed* time seen.

Promise: ``TrustedTime.at`` is never below the floor, and nothing here ever raises the floor: only signed times do.
A wall clock clearly below the floor is not believed; one far ahead of it is believed but flagged, so that a message about
something "expired" can name the clock as the likely culprit. Beijing time in law and on paper, UTC in the log.

Source: design.md "Time"; docs/adr/0031.
"""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import msgspec

BEIJING = timezone(timedelta(hours=8), "Asia/Shanghai")
"""China has kept +08:00 without summer time since 1991; a fixed offset needs no time zone files on the laptop."""

CLOCK_TOLERANCE = timedelta(minutes=10)
"""Two honest clocks differ by this much; without it every laptop a second slow would lose its allowances after a sync."""

SUSPECT_AHEAD = timedelta(days=400)
"""More than a year without one signed word from headquarters is far likelier to be a clock set ahead."""


class TrustedTime(msgspec.Struct, frozen=True, kw_only=True):
    """An instant to decide by, UTC.

    ``believed`` False: the wall clock is below the floor and ``at`` is the floor, a lower bound of the real time.
    ``suspect_ahead``: the wall clock is more than 400 days past the floor.
    """

    at: datetime
    believed: bool
    suspect_ahead: bool = False


def trusted_time(wall: datetime, floor: datetime | None) -> TrustedTime:
    """Judge a wall clock by the floor. ``floor`` None means that no signed time was ever seen: the wall clock is all there is.

    Args:
        wall: aware, what the machine's clock says.
        floor: aware, the highest signed time seen (HQ answers, release records).
    """
    wall = wall.astimezone(UTC)
    if floor is None:
        return TrustedTime(at=wall, believed=True)
    floor = floor.astimezone(UTC)
    if wall >= floor:
        return TrustedTime(at=wall, believed=True, suspect_ahead=wall - floor > SUSPECT_AHEAD)
    return TrustedTime(at=floor, believed=floor - wall <= CLOCK_TOLERANCE)


def beijing_date(at: datetime) -> date:
    """Return the calendar day in Beijing at an aware instant: the day that counts in law and on paper."""
    return at.astimezone(BEIJING).date()


def beijing_short(at: datetime, now: datetime) -> str:
    """Return an aware instant for a line of a few words: ``08:52`` today, ``11-20 08:52`` this year, else in full."""
    text = beijing_text(at)
    today = beijing_text(now)
    if text[:10] == today[:10]:
        return text[11:]
    return text[5:] if text[:4] == today[:4] else text


def beijing_text(at: datetime) -> str:
    """Return an aware instant as Beijing time for people: ``2026-03-01 08:05``."""
    return at.astimezone(BEIJING).strftime("%Y-%m-%d %H:%M")
