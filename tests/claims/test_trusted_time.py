"""The floor holds; the laptop's own clock never raises it; Beijing's day counts."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from hypothesis import given
from hypothesis import strategies as st

from claims.trusted_time import BEIJING, CLOCK_TOLERANCE, TrustedTime, beijing_date, beijing_text, trusted_time

FLOOR = datetime(2026, 3, 1, 4, 0, tzinfo=UTC)
# Hypothesis takes naive bounds and adds the zone itself.
FIRST, LAST = datetime(1990, 1, 1), datetime(2060, 1, 1)  # noqa: DTZ001 - bounds for st.datetimes
instants = st.datetimes(FIRST, LAST, timezones=st.just(UTC))


def test_without_any_signed_time_the_wall_clock_is_all_there_is() -> None:
    assert trusted_time(FLOOR, None) == TrustedTime(at=FLOOR, believed=True)


def test_a_wall_clock_a_year_below_the_floor_is_not_believed_and_the_floor_is_used() -> None:
    assert trusted_time(FLOOR - timedelta(days=365), FLOOR) == TrustedTime(at=FLOOR, believed=False)


def test_clocks_that_differ_by_minutes_are_both_honest() -> None:
    assert trusted_time(FLOOR - CLOCK_TOLERANCE, FLOOR) == TrustedTime(at=FLOOR, believed=True)
    assert not trusted_time(FLOOR - CLOCK_TOLERANCE - timedelta(seconds=1), FLOOR).believed


def test_a_wall_clock_ten_years_ahead_is_flagged_and_a_year_of_leave_is_not() -> None:
    assert trusted_time(FLOOR + timedelta(days=3650), FLOOR).suspect_ahead
    assert not trusted_time(FLOOR + timedelta(days=365), FLOOR).suspect_ahead


@given(instants, instants)
def test_never_below_the_floor_and_never_above_both(wall: datetime, floor: datetime) -> None:
    found = trusted_time(wall, floor)
    assert found.at == max(wall, floor)
    assert found.believed or wall < floor


def test_a_wall_clock_in_another_zone_is_the_same_instant() -> None:
    found = trusted_time(FLOOR.astimezone(BEIJING), FLOOR)
    assert found.at.tzinfo is UTC
    assert found.at == FLOOR


def test_the_day_begins_at_sixteen_hours_utc() -> None:
    assert beijing_date(datetime(2024, 2, 28, 15, 59, 59, tzinfo=UTC)) == date(2024, 2, 28)
    assert beijing_date(datetime(2024, 2, 28, 16, 0, tzinfo=UTC)) == date(2024, 2, 29)
    assert beijing_text(datetime(2024, 12, 31, 16, 5, tzinfo=UTC)) == "2025-01-01 00:05"
