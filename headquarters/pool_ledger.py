"""Headquarters' running sum of every pool.

Promise: what is settled from a pool never passes its limit. A promise from the float gets only what is neither used nor
kept aside for allowances that are out; a promise from an allowance on the pool has its room kept aside already.

Source: design.md "Pools and settlement keys"; docs/adr/0072.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual
from headquarters.advances import MOST_INSTALMENTS
from headquarters.grants import escrow_fen, learn_pool_limit
from headquarters.models import Pool, PoolUse
from rules.engine.model import LiabilityResult, PoolDraw, Unit


@dataclass(frozen=True)
class PoolTake:
    """What one keyed amount takes from one pool. ``loss`` names the loss, the same for all its payees."""

    pool_id: str
    loss: str
    draw: PoolDraw
    amount: int


def pool_take(
    session: Session, pool: tuple[str, PoolDraw], loss: str, liability: LiabilityResult, share_fen: int
) -> PoolTake:
    """Return what a payee's share takes: its own part of a sum of money, all of anything else (days) once for the loss, over its instalments."""
    pool_id, draw = pool
    if draw.unit == Unit.FEN and draw.amount == liability.amount_fen:
        return PoolTake(pool_id, loss, draw, share_fen)
    return PoolTake(pool_id, loss, draw, max(0, draw.amount - _taken(session, pool_id, loss, draw)))


def _taken(session: Session, pool_id: str, loss: str, draw: PoolDraw) -> int:
    """Return what the loss took before: days also for its earlier instalments, because a determination counts the whole stay each time."""
    names = [loss]
    start, *end = loss.rsplit("/", 2)
    if draw.unit is not Unit.FEN and len(end) == 2:
        names = [f"{start}/{instalment}/{end[1]}" for instalment in range(1, MOST_INSTALMENTS + 2)]
    taken = select(func.sum(PoolUse.amount)).where(PoolUse.pool_id == pool_id, PoolUse.loss.in_(names))
    return int(session.scalar(taken) or 0)


def no_room(session: Session, take: PoolTake, *, float_used: bool) -> Bilingual | None:
    """Return why the pool can't bear this, or None. A new pool is entered with the limit that the determination names."""
    pool = learn_pool_limit(session, take.pool_id, take.draw.unit, take.draw.limit)
    session.flush()
    if pool.limit is None:
        return None
    used = _used_before(session, pool, take)
    kept = escrow_fen(session, take.pool_id) if float_used and pool.unit == Unit.FEN else 0
    if used + kept + take.amount <= pool.limit:
        return None
    left = max(0, pool.limit - used - kept)
    if pool.unit == Unit.FEN:
        return Bilingual(
            f"限额池 {pool.pool_id} 共 {yuan(pool.limit)} 元，还剩 {yuan(left)} 元，不够 {yuan(take.amount)} 元。",
            f"Pool {pool.pool_id} of {yuan(pool.limit)} yuan has {yuan(left)} left, not {yuan(take.amount)}.",
        )
    return Bilingual(
        f"限额池 {pool.pool_id} 共 {pool.limit} 天，还剩 {left} 天，不够 {take.amount} 天。",
        f"Pool {pool.pool_id} of {pool.limit} days has {left} left, not {take.amount}.",
    )


def take_from_pool(session: Session, take: PoolTake) -> None:
    """Book what ``no_room`` found room for."""
    pool = session.get_one(Pool, take.pool_id)
    pool.used = _used_before(session, pool, take) + take.amount
    pool.settled += take.amount
    use = session.get(PoolUse, (take.pool_id, take.loss))
    if use is None:
        session.add(PoolUse(pool_id=take.pool_id, loss=take.loss, amount=take.amount))
    else:
        use.amount += take.amount
    session.flush()


def _used_before(session: Session, pool: Pool, take: PoolTake) -> int:
    # The figure in the determination covers payments older than this database; a second payee's repeats the first's.
    if session.get(PoolUse, (take.pool_id, take.loss)) is not None:
        return pool.used
    return max(pool.used, take.draw.used_before)
