"""What a lost laptop may hold that a restored headquarters forgot: kept aside for it, or taken on as exposure, by a person.

Promise: the figure is what was free in the pools that are known when it is decided, because more can't have been granted on them. Kept aside it
is free for nobody, for as long as a grant of that time can live and until a person releases it; either way it stands in the exposure.

Source: notes/sync.md §3; docs/adr/0154, docs/adr/0165.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import select
from sqlalchemy.orm import Session

from headquarters.devices import life_of
from headquarters.installation import Headquarters
from headquarters.models import Device, Grant, GrantState
from headquarters.models_money_risks import ForgottenGrants, UnheardWriteOff
from headquarters.restores import free_pools, newest_restore
from headquarters.turn import Turn
from headquarters.wrong_input import wrong_input

GRACE = timedelta(days=30)
"""Vouchers of a lost laptop may still come in so long after the last grant's end: families bring paper when they can."""
LONGEST = timedelta(days=30)
"""A grant is good for at least so long (``grant``'s default), where none is known."""
_KEPT = "F-"


@dataclass(frozen=True)
class ForgottenDecision:
    """Who takes it on, and how."""

    choice: ForgottenGrants
    by: str
    reason: str


@dataclass(frozen=True)
class Unknown:
    """What a device may hold that nobody knows of: fen over so many pools, until then."""

    choice: ForgottenGrants
    fen: int
    pools: int
    until: datetime


def is_kept_aside(grant: Grant) -> bool:
    """Tell a row that keeps room aside for forgotten grants from a grant that was given."""
    return grant.grant_id.startswith(_KEPT)


def take_on(turn: Turn, decision: ForgottenDecision) -> Unknown:
    """Write down what becomes of the grants that ``turn.device`` may hold. Raises ``InputError`` (``words_missing``)."""
    if not decision.by.strip() or not decision.reason.strip():
        raise wrong_input("words_missing", "须写明谁决定、为什么。", "Who decides, and why, must be said.")
    session, device = turn.session, turn.device
    free = free_pools(session)
    until = newest_restore(turn.hq, session).restored_at + _longest(session)
    if decision.choice is ForgottenGrants.KEEP_ASIDE:
        for number, (pool, fen) in enumerate(sorted(free.items()), start=1):
            session.add(_kept_grant(turn, number, pool, fen, until))
    session.add(
        UnheardWriteOff(
            device=device.device,
            epoch=device.epoch,
            incarnation=turn.hq.incarnation.number,
            choice=decision.choice,
            risk_fen=sum(free.values()),
            pools=len(free),
            until=until,
            decided_by=decision.by.strip(),
            reason=decision.reason.strip(),
            decided_at=turn.at,
        )
    )
    session.flush()
    return Unknown(decision.choice, sum(free.values()), len(free), until)


def release(hq: Headquarters, device: str, *, by: str, reason: str, epoch: int | None = None) -> int:
    """Free what was kept aside for a device, or end the risk that was taken on; return how much that was, fen.

    Raises:
        InputError: ``device_unknown``, ``nothing_kept_aside``, ``words_missing``.
    """
    if not by.strip() or not reason.strip():
        raise wrong_input("words_missing", "须写明谁决定、为什么。", "Who decides, and why, must be said.")
    with hq.database.write() as session:
        found = life_of(session, device, epoch)
        rows = [each for each in _of(session) if (each.device, each.epoch) == (found.device, found.epoch)]
        if not rows:
            raise wrong_input(
                "nothing_kept_aside",
                f"没有为设备 {device} 留存未知额度。",
                f"Nothing unknown is kept aside for device {device}.",
            )
        for row in rows:
            row.released_by, row.released_at = f"{by.strip()}: {reason.strip()}", hq.now()
        for grant in kept_for(session, found.device, found.epoch):
            grant.returned_fen = grant.limit_fen - grant.settled_fen
            grant.state = GrantState.CLOSED
        return sum(each.risk_fen for each in rows)


def forgotten_fen(session: Session, at: datetime) -> dict[tuple[str, int], int]:
    """Return by life of a device what it may still have promised that nobody knows of."""
    found: dict[tuple[str, int], int] = {}
    for row in _of(session):
        if at < row.until + GRACE:
            key = (row.device, row.epoch)
            found[key] = found.get(key, 0) + row.risk_fen
    return found


def kept_for(session: Session, device: str, epoch: int, pool: str | None = None) -> Sequence[Grant]:
    """Return what is kept aside for a device, on one pool where it is named."""
    query = select(Grant).where(
        Grant.device == device,
        Grant.epoch == epoch,
        Grant.grant_id.startswith(_KEPT),
        Grant.state == GrantState.WRITTEN_OFF,
    )
    return session.scalars((query if pool is None else query.where(Grant.pool == pool)).order_by(Grant.grant_id)).all()


def _kept_grant(turn: Turn, number: int, pool: str, fen: int, until: datetime) -> Grant:
    device: Device = turn.device
    return Grant(
        grant_id=f"{_KEPT}{device.device}-{device.epoch}-{turn.hq.incarnation.number}-{number}",
        device=device.device,
        epoch=device.epoch,
        pool=pool,
        limit_fen=fen,
        spent_fen=0,
        settled_fen=0,
        returned_fen=0,
        transferred_fen=0,
        debits=0,
        granted_at=turn.at,
        expires_at=until,
        state=GrantState.WRITTEN_OFF,
    )


def _longest(session: Session) -> timedelta:
    spans = (ends - begins for begins, ends in session.execute(select(Grant.granted_at, Grant.expires_at)))
    return max(LONGEST, max(spans, default=LONGEST))


def _of(session: Session) -> Sequence[UnheardWriteOff]:
    return session.scalars(
        select(UnheardWriteOff)
        .where(UnheardWriteOff.released_at.is_(None))
        .order_by(UnheardWriteOff.device, UnheardWriteOff.epoch, UnheardWriteOff.incarnation)
    ).all()
