"""The clocks of a case: what must happen by when, by law or by the company's pledge, and where each clock stands.

Promise: a clock counts from the day after its start (Civil Code 201) and ends with its last day in Beijing; the days a
claimant needs for missing papers are left out; nothing here moves a case.

Source: notes/domain.md §2 (law) and §8 "Targets" (pledges).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from enum import StrEnum

import msgspec

from claims.errors import Bilingual
from claims.trusted_time import BEIJING, TrustedTime, beijing_date


class Moment(StrEnum):
    """Instants of a case that start or stop a clock."""

    REPORTED = "reported"
    CONTACTED = "contacted"
    FIRST_REQUEST = "first_request"
    PAPERS_COMPLETE = "papers_complete"
    ASSESSED = "assessed"
    AGREED = "agreed"
    REFUSED = "refused"
    REFUSAL_NOTIFIED = "refusal_notified"
    PAID = "paid"
    CERTAIN_PART_PAID = "certain_part_paid"


class Unit(StrEnum):
    """How a limit counts."""

    HOUR = "hour"
    CALENDAR_DAY = "calendar_day"
    WORKING_DAY = "working_day"


class TimeLimit(msgspec.Struct, frozen=True, kw_only=True):
    """One limit. ``stops_at``: any of these moments ends it; ``pauses``: days spent waiting for papers are left out."""

    id: str
    name: Bilingual
    amount: int
    unit: Unit
    starts_at: Moment
    stops_at: tuple[Moment, ...]
    basis: Bilingual
    pauses: bool = False
    pledge: bool = False


class Pause(msgspec.Struct, frozen=True, kw_only=True):
    """A supplement notice reached the claimant, and (unless still open) the papers arrived."""

    asked_at: datetime
    arrived_at: datetime | None = None


class ClockState(StrEnum):
    """Where a clock stands."""

    RUNNING = "running"
    PAUSED = "paused"
    OVERDUE = "overdue"
    MET = "met"
    MISSED = "missed"


class CaseClock(msgspec.Struct, frozen=True, kw_only=True):
    """One limit of one case. ``due_at`` is UTC and None while paused: it moves as long as papers are missing.

    ``stopped_at`` is set once it is met or missed.
    """

    limit: TimeLimit
    state: ClockState
    started_at: datetime
    due_at: datetime | None
    sentence: Bilingual
    stopped_at: datetime | None = None

    @property
    def runs(self) -> bool:
        """Whether time is running, or has run out: neither stopped nor paused."""
        return self.state in (ClockState.RUNNING, ClockState.OVERDUE)


def _law(article: str) -> Bilingual:
    return Bilingual(f"保险法第{article}条", f"Insurance Law art. {article}")


LIMITS: tuple[TimeLimit, ...] = (
    TimeLimit(
        id="contact",
        name=Bilingual("联系客户", "contact the claimant"),
        amount=1,
        unit=Unit.HOUR,
        starts_at=Moment.REPORTED,
        stops_at=(Moment.CONTACTED, Moment.FIRST_REQUEST),
        basis=Bilingual("服务承诺：一小时内联系", "pledge: contact within one hour"),
        pledge=True,
    ),
    TimeLimit(
        id="finish",
        name=Bilingual("材料齐全后办结", "finish once the papers are complete"),
        amount=1,
        unit=Unit.CALENDAR_DAY,
        starts_at=Moment.PAPERS_COMPLETE,
        stops_at=(Moment.ASSESSED,),
        basis=Bilingual("服务承诺：一日内办结", "pledge: finish within one day"),
        pledge=True,
    ),
    TimeLimit(
        id="guide_small_claim",
        name=Bilingual("小额案件理赔指引", "guide a small claim"),
        amount=1,
        unit=Unit.WORKING_DAY,
        starts_at=Moment.REPORTED,
        stops_at=(Moment.CONTACTED, Moment.FIRST_REQUEST),
        basis=Bilingual("小额医疗保险理赔服务指引", "guideline on small medical claims"),
        pledge=True,
    ),
    TimeLimit(
        id="assess",
        name=Bilingual("核定", "assess"),
        amount=30,
        unit=Unit.CALENDAR_DAY,
        starts_at=Moment.FIRST_REQUEST,
        stops_at=(Moment.ASSESSED,),
        basis=_law("23"),
        pauses=True,
    ),
    TimeLimit(
        id="pay",
        name=Bilingual("达成协议后给付", "pay after agreement"),
        amount=10,
        unit=Unit.CALENDAR_DAY,
        starts_at=Moment.AGREED,
        stops_at=(Moment.PAID,),
        basis=_law("23"),
    ),
    TimeLimit(
        id="refusal_notice",
        name=Bilingual("拒付通知", "notice of refusal"),
        amount=3,
        unit=Unit.CALENDAR_DAY,
        starts_at=Moment.REFUSED,
        stops_at=(Moment.REFUSAL_NOTIFIED,),
        basis=_law("24"),
    ),
    TimeLimit(
        id="certain_part",
        name=Bilingual("先行给付可确定部分", "pay the certain part"),
        amount=60,
        unit=Unit.CALENDAR_DAY,
        starts_at=Moment.FIRST_REQUEST,
        stops_at=(Moment.CERTAIN_PART_PAID, Moment.PAID, Moment.REFUSED),
        basis=_law("25"),
    ),
)


def weekday_is_working(day: date) -> bool:
    """Say whether a day is a working day, public holidays aside: their table is published a year at a time and is data."""
    return day.weekday() < 5


def clocks(
    moments: Mapping[Moment, datetime],
    at: TrustedTime,
    *,
    pauses: Sequence[Pause] = (),
    limits: Sequence[TimeLimit] = LIMITS,
    is_working_day: Callable[[date], bool] = weekday_is_working,
) -> tuple[CaseClock, ...]:
    """Return every clock that has started, in the order of the limits.

    Args:
        moments: what has happened, aware instants.
        pauses: supplement requests in order of time, not overlapping.
    """
    found: list[CaseClock] = []
    for limit in limits:
        started = moments.get(limit.starts_at)
        if started is None:
            continue
        stopped = min((moments[one] for one in limit.stops_at if one in moments), default=None)
        due = _due(limit, started, pauses, is_working_day, stopped=stopped is not None)
        found.append(_clock(limit, started, due, stopped, at))
    return tuple(found)


def next_due(
    moments: Mapping[Moment, datetime],
    *,
    pauses: Sequence[Pause] = (),
    limits: Sequence[TimeLimit] = LIMITS,
    is_working_day: Callable[[date], bool] = weekday_is_working,
) -> datetime | None:
    """Return when the clock that runs out first does (or did), None when all are stopped or paused. No sentences are made."""
    dues = [
        due
        for limit in limits
        if limit.starts_at in moments
        and not any(one in moments for one in limit.stops_at)
        and (due := _due(limit, moments[limit.starts_at], pauses, is_working_day, stopped=False)) is not None
    ]
    return min(dues, default=None)


def _due(
    limit: TimeLimit,
    started: datetime,
    pauses: Sequence[Pause],
    is_working_day: Callable[[date], bool],
    *,
    stopped: bool,
) -> datetime | None:
    """Return when a limit ends, None while a pause is open: it moves as long as papers are missing."""
    counting = [one for one in pauses if limit.pauses and one.asked_at >= started]
    if not stopped and any(one.arrived_at is None for one in counting):
        return None
    if limit.unit is Unit.HOUR:
        return started + timedelta(hours=limit.amount)
    day = beijing_date(started)
    if limit.unit is Unit.WORKING_DAY:
        left = limit.amount
        while left:
            day += timedelta(days=1)
            left -= is_working_day(day)
        return _end_of(day)
    out_days = sum(
        (beijing_date(one.arrived_at) - beijing_date(one.asked_at)).days
        for one in counting
        if one.arrived_at is not None
    )
    return _end_of(day + timedelta(days=limit.amount + out_days))


def _clock(
    limit: TimeLimit, started: datetime, due: datetime | None, stopped: datetime | None, at: TrustedTime
) -> CaseClock:
    name, basis = limit.name, limit.basis
    if due is None:
        state = ClockState.PAUSED
        sentence = Bilingual(
            f"{name.zh}：等待补充材料，期限暂停（{basis.zh}）。",
            f"{name.en}: waiting for papers, the clock is stopped ({basis.en}).",
        )
    else:
        ends = due.astimezone(BEIJING)
        shown = ends.strftime("%Y-%m-%d %H:%M" if limit.unit is Unit.HOUR else "%Y-%m-%d")
        # Day clocks end at midnight after their last day; the last day is what people read.
        shown = shown if limit.unit is Unit.HOUR else (ends - timedelta(days=1)).strftime("%Y-%m-%d")
        if stopped is not None:
            state = ClockState.MET if _in_time(limit, stopped, due) else ClockState.MISSED
            told = (
                Bilingual("已按时完成", "done in time")
                if state is ClockState.MET
                else Bilingual("已超期完成", "done too late")
            )
        else:
            state = ClockState.RUNNING if _in_time(limit, at.at, due) else ClockState.OVERDUE
            told = Bilingual("进行中", "running") if state is ClockState.RUNNING else Bilingual("已超期", "overdue")
        sentence = Bilingual(
            f"{name.zh}：{told.zh}，期限至 {shown}（{basis.zh}）。",
            f"{name.en}: {told.en}, due by {shown} ({basis.en}).",
        )
    return CaseClock(limit=limit, state=state, started_at=started, due_at=due, sentence=sentence, stopped_at=stopped)


def _in_time(limit: TimeLimit, done: datetime, due: datetime) -> bool:
    return done <= due if limit.unit is Unit.HOUR else done < due


def _end_of(day: date) -> datetime:
    return datetime.combine(day + timedelta(days=1), time(0), tzinfo=BEIJING).astimezone(UTC)
