"""Moves a case forward along the field's path, one legal move at a time, each an event of its own."""

from __future__ import annotations

from datetime import datetime

from claims.events import CaseStateChanged
from claims.lifecycle import Actor, CaseState, move
from claims.ports import UnitOfWork
from claims.records import CaseRecord

FIELD_PATH = (
    CaseState.NOTIFIED,
    CaseState.ACCEPTED,
    CaseState.REGISTERED,
    CaseState.EXAMINED,
    CaseState.CALCULATED,
)


def advance(uow: UnitOfWork, case: CaseRecord, to: CaseState, *, at: datetime, reason: str) -> CaseState:
    """Walk the case along ``FIELD_PATH`` up to ``to`` and return its state. A case at or past ``to``, or off the path, stays."""
    state = CaseState(case.state)
    if state not in FIELD_PATH or to not in FIELD_PATH:
        return state
    for target in FIELD_PATH[FIELD_PATH.index(state) + 1 : FIELD_PATH.index(to) + 1]:
        move(state, target, Actor.FIELD)
        uow.append(
            CaseStateChanged(at=at, case_no=case.case_no, from_state=state.value, to_state=target.value, reason=reason)
        )
        state = target
    return state
