"""Clocks: from the day after, to the end of the last day in Beijing, without the days a claimant needs."""

from __future__ import annotations

from datetime import UTC, date, datetime

import pytest

from claims.time_limits import CaseClock, ClockState, Moment, Pause, clocks
from claims.trusted_time import BEIJING, TrustedTime


def at(month: int, day: int, hour: int = 10, minute: int = 0) -> datetime:
    return datetime(2026, month, day, hour, minute, tzinfo=BEIJING).astimezone(UTC)


def clock(limit_id: str, moments: dict[Moment, datetime], now: datetime, *pauses: Pause) -> CaseClock:
    found = clocks(moments, TrustedTime(at=now, believed=True), pauses=pauses)
    return next(one for one in found if one.limit.id == limit_id)


def test_nothing_has_started_before_anything_happened() -> None:
    assert clocks({}, TrustedTime(at=at(3, 1), believed=True)) == ()


def test_contact_within_an_hour() -> None:
    moments = {Moment.REPORTED: at(3, 1, 10)}
    assert clock("contact", moments, at(3, 1, 11)).state is ClockState.RUNNING
    assert clock("contact", moments, at(3, 1, 11, 1)).state is ClockState.OVERDUE
    done = moments | {Moment.CONTACTED: at(3, 1, 10, 59)}
    assert clock("contact", done, at(3, 9)).state is ClockState.MET
    late = moments | {Moment.CONTACTED: at(3, 1, 11, 1)}
    assert clock("contact", late, at(3, 9)).state is ClockState.MISSED


def test_assessment_within_thirty_days_the_first_day_not_counted_the_last_day_whole() -> None:
    moments = {Moment.FIRST_REQUEST: at(2, 1, 0, 5)}
    assert "2026-03-03" in clock("assess", moments, at(2, 2)).sentence.zh
    assert clock("assess", moments, at(3, 3, 23, 59)).state is ClockState.RUNNING
    assert clock("assess", moments, at(3, 4, 0, 0)).state is ClockState.OVERDUE


def test_the_day_is_beijings_even_when_utc_still_has_yesterday() -> None:
    late_evening_utc = datetime(2026, 1, 31, 16, 30, tzinfo=UTC)
    found = clock("pay", {Moment.AGREED: late_evening_utc}, at(2, 2))
    assert found.due_at == datetime(2026, 2, 11, 16, 0, tzinfo=UTC)


def test_days_waiting_for_papers_are_left_out() -> None:
    moments = {Moment.FIRST_REQUEST: at(2, 1)}
    open_pause = Pause(asked_at=at(2, 5))
    waiting = clock("assess", moments, at(6, 1), open_pause)
    assert waiting.state is ClockState.PAUSED
    assert waiting.due_at is None
    closed = Pause(asked_at=at(2, 5), arrived_at=at(2, 15))
    assert "2026-03-13" in clock("assess", moments, at(2, 16), closed).sentence.zh
    assert clock("assess", moments | {Moment.ASSESSED: at(3, 13)}, at(5, 1), closed).state is ClockState.MET


def test_a_pause_of_an_earlier_time_does_not_count() -> None:
    earlier = Pause(asked_at=at(1, 5), arrived_at=at(1, 15))
    assert "2026-03-03" in clock("assess", {Moment.FIRST_REQUEST: at(2, 1)}, at(2, 2), earlier).sentence.zh


def test_other_clocks_do_not_pause() -> None:
    found = clock("certain_part", {Moment.FIRST_REQUEST: at(2, 1)}, at(2, 6), Pause(asked_at=at(2, 5)))
    assert found.state is ClockState.RUNNING
    assert "2026-04-02" in found.sentence.zh


def test_a_refusal_notice_within_three_days() -> None:
    moments = {Moment.REFUSED: at(3, 1)}
    assert clock("refusal_notice", moments, at(3, 4, 23)).state is ClockState.RUNNING
    assert clock("refusal_notice", moments, at(3, 5, 0)).state is ClockState.OVERDUE


@pytest.mark.parametrize(
    ("day", "due"),
    [(date(2026, 3, 5), "2026-03-06"), (date(2026, 3, 6), "2026-03-09"), (date(2026, 3, 7), "2026-03-09")],
)
def test_a_working_day_skips_the_weekend(day: date, due: str) -> None:
    found = clock("guide_small_claim", {Moment.REPORTED: at(day.month, day.day)}, at(day.month, day.day))
    assert due in found.sentence.zh


def test_a_table_of_holidays_can_be_given() -> None:
    holidays = {date(2026, 10, day) for day in range(1, 9)}
    found = clocks(
        {Moment.REPORTED: at(9, 30)},
        TrustedTime(at=at(9, 30), believed=True),
        is_working_day=lambda day: day.weekday() < 5 and day not in holidays,
    )
    guide = next(one for one in found if one.limit.id == "guide_small_claim")
    assert guide.due_at == at(10, 10, 0)
