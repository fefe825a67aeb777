"""The desk at a glance: the day's cases and promises, what runs out next, what waits, what came back.

Promise: a day is a Beijing day of the trusted time. Every list is short enough to be seen whole; its count says how many there are.

Source: the brief of the screens ("Desk"); docs/adr/0092.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from datetime import datetime, time, timedelta
from heapq import nsmallest

from claims.active_cases import NEVER, ActiveCase, ActiveCases
from claims.allowances import FLOAT_POOL, Allowance
from claims.case_clocks import first_to_run_out
from claims.case_reckoning import Reckoner
from claims.case_rows import rows_of
from claims.desk_ports import DeskPorts
from claims.overviews import CaseStep, DayCount, Today
from claims.sent_back import all_sent_back
from claims.trusted_time import BEIJING, TrustedTime, beijing_date

SHOWN = 8
"""Rows of a list on the desk."""


def today(ports: DeskPorts, active: ActiveCases) -> Today:
    """Return the desk at a glance."""
    at = ports.time()
    reckoner = Reckoner(ports, at)
    midnight = datetime.combine(beijing_date(at.at), time(0), tzinfo=BEIJING)
    with ports.store.read() as reads:
        hours = Counter(each.astimezone(BEIJING).hour for each in reads.opened_between(midnight, midnight + _DAY))
        known = active.all(reads, reckoner)
        cases = [each for each in known if not each.finished]
        by_step = Counter(each.step for each in cases)
        soonest = [each for each in nsmallest(SHOWN, cases, key=_due) if each.due is not NEVER]
        waiting = [each for each in known if each.waits]
        clocks = []
        for glance in reads.glances([each.case_no for each in soonest]):
            clock = first_to_run_out(reckoner.clocks(glance.progress))
            if clock is not None:
                clocks.append((glance.case, clock))
        allowances = reads.allowances()
        limit_fen, left_fen = _limit_and_left(allowances, at)
        return Today(
            at=at,
            cases_today=hours.total(),
            cases_yesterday=len(reads.opened_between(midnight - _DAY, midnight)),
            by_hour=tuple(DayCount(hour, hours[hour]) for hour in range(24)),
            promised_today_fen=reads.promised_between(midnight, midnight + _DAY),
            allowance_limit_fen=limit_fen,
            allowance_left_fen=left_fen,
            float_left_fen=sum(each.left_fen for each in allowances if each.pool == FLOAT_POOL and _lives(each, at)),
            by_step=tuple((step, by_step[step]) for step in CaseStep),
            longest_open=reads.case(cases[0].case_no) if cases else None,
            clocks=tuple(clocks),
            waiting_papers=rows_of(reads, [each.case_no for each in waiting[:SHOWN]], reckoner),
            waiting_count=len(waiting),
            open_count=len(cases),
            sent_back=all_sent_back(reads, ports.identity.adjuster_name, adjuster=ports.identity.adjuster),
            unfinished_papers=tuple(reads.papers_without_drawing()),
        )


def _limit_and_left(allowances: Sequence[Allowance], at: TrustedTime) -> tuple[int, int]:
    """Return limit and remainder over the live grants, the float apart. Nothing is left while the clock is not believed.

    What was handed on to a colleague belongs to neither.
    """
    live = [each for each in allowances if each.pool != FLOAT_POOL and _lives(each, at)]
    return sum(each.limit_fen - each.transferred_fen for each in live), sum(
        each.left_fen for each in live
    ) if at.believed else 0


def _due(case: ActiveCase) -> tuple[datetime, int]:
    return case.due, case.opened_seq


def _lives(grant: Allowance, at: TrustedTime) -> bool:
    return not grant.closed and at.at < grant.expires_at


_DAY = timedelta(days=1)
