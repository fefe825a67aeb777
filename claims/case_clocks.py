"""Where the clocks of a case stand, from what its events say happened.

Promise: pure; an instant is taken from the event that proves it, and what only headquarters can know (a refusal, part of a sum
paid) starts and stops nothing here. Before and after are told by seq.

    REPORTED         the case was opened
    CONTACTED        at once where adjuster and claimant are in one room, else with the first paper, determination or slip
    FIRST_REQUEST    the first paper was handed in
    PAPERS_COMPLETE  the last needed paper came; what a waiver strikes is not waited for
    ASSESSED         the first determination after that which does not refer: a referral leaves assessing to headquarters
    AGREED           the claimant signed a pre-approved determination
    PAID             headquarters settled a voucher

A slip or a supplement notice handed over while papers are missing is the written notice that stops the clock of assessing until they come.

Source: Insurance Law art. 22, 23; Supreme People's Court interpretation (II) of it, art. 15; docs/adr/0091.
"""

from __future__ import annotations

from datetime import datetime

from claims.case_progress import SETTLED, CaseProgress, Mark
from claims.events import Outcome, PaperKind
from claims.paper_definitions import PaperId
from claims.time_limits import CaseClock, ClockState, Moment, Pause, clocks, next_due
from claims.trusted_time import TrustedTime

FACE_TO_FACE = frozenset({"station", "home_visit", "visit", "hospital", "branch"})
"""Channels of a report in which the claimant is there; by any other the contact is still to be made."""


def moments(progress: CaseProgress, complete: Mark | None) -> dict[Moment, datetime]:
    """Return what has happened. ``complete`` is when the last needed paper came, None while one is missing."""
    found = {Moment.REPORTED: progress.opened.at}
    first_document = min(progress.present.values(), key=_seq, default=None)
    contact = _contact(progress, first_document)
    assessed = _assessed(progress, complete)
    agreed = _agreed(progress)
    paid = [each.at for each in progress.answers if each.settlement == SETTLED]
    if contact is not None:
        found[Moment.CONTACTED] = contact
    if first_document is not None:
        found[Moment.FIRST_REQUEST] = first_document.at
    if complete is not None:
        found[Moment.PAPERS_COMPLETE] = complete.at
    if assessed is not None:
        found[Moment.ASSESSED] = assessed
    if agreed is not None:
        found[Moment.AGREED] = agreed
    if paid:
        found[Moment.PAID] = min(paid)
    return found


def pauses(progress: CaseProgress, complete: Mark | None) -> tuple[Pause, ...]:
    """Return the time the claimant needs for missing papers: from the first notice (a slip, a supplement notice) that named them until the last one came."""
    slips = [
        each.handed for each in progress.live_papers if each.kind is PaperKind.SLIP and _before(each.mark, complete)
    ]
    supplements = [each.handed for each in progress.documents if each.paper is PaperId.SUPPLEMENT_NOTICE]
    notices = [each for each in slips if each is not None] + [
        each for each in supplements if each is not None and _before(each, complete)
    ]
    if not notices:
        return ()
    asked = min(notices, key=_seq)
    return (Pause(asked_at=asked.at, arrived_at=None if complete is None else max(asked.at, complete.at)),)


def case_clocks(progress: CaseProgress, complete: Mark | None, at: TrustedTime) -> tuple[CaseClock, ...]:
    """Return every clock that has started: the one that runs out first comes first, then paused ones, stopped ones last."""
    started = clocks(moments(progress, complete), at, pauses=pauses(progress, complete))
    return tuple(sorted(started, key=_order))


def first_to_run_out(found: tuple[CaseClock, ...]) -> CaseClock | None:
    """Return the running (or overdue) clock that ends first, None when all are stopped or paused."""
    return next((each for each in found if each.runs), None)


def due_next(progress: CaseProgress, complete: Mark | None) -> datetime | None:
    """Return when ``first_to_run_out`` does, without making its sentence: for ordering thousands of cases."""
    return next_due(moments(progress, complete), pauses=pauses(progress, complete))


def _contact(progress: CaseProgress, first_document: Mark | None) -> datetime | None:
    if progress.channel in FACE_TO_FACE:
        return progress.opened.at
    slip = progress.papers[0].mark if progress.papers else None
    marks = [each for each in (first_document, progress.first_decided, slip) if each is not None]
    return min(marks, key=_seq).at if marks else None


def _assessed(progress: CaseProgress, complete: Mark | None) -> datetime | None:
    if complete is None:
        return None
    return next((each.at for each in progress.assessed_marks if each.seq > complete.seq), None)


def _agreed(progress: CaseProgress) -> datetime | None:
    agreed = []
    for decided in progress.decided.values():
        signed = progress.signature(decided.decision_sha256, "claimant")
        if decided.outcome is Outcome.PRE_APPROVED and signed is not None and not signed.refused:
            # Signed before the papers were complete, it is agreed when the field could first say yes.
            agreed.append(
                max(signed.mark.at, decided.mark.at) if signed.mark.seq < decided.mark.seq else signed.mark.at
            )
    return min(agreed, default=None)


def _before(mark: Mark, complete: Mark | None) -> bool:
    return complete is None or mark.seq < complete.seq


def _seq(mark: Mark) -> int:
    return mark.seq


def _order(clock: CaseClock) -> tuple[int, datetime]:
    if clock.runs and clock.due_at is not None:
        return 0, clock.due_at
    return (1 if clock.state is ClockState.PAUSED else 2), clock.started_at
