"""How much of a held promise fits within what is left, and booking or taking back what a person decides.

Promise: a decision never makes a ledger say more than its limit: what fits becomes a settlement under the key that is free, what does not is kept
apart as realised exposure, with two names. Taking a settlement back returns exactly what it took.

Source: design.md "Pools and settlement keys"; docs/adr/0156.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.events import KeyedAmount, VoucherIssued
from claims.settlement import loss_of, payee_key
from headquarters.advances import advances
from headquarters.forgotten_grants import kept_for
from headquarters.grants import escrow_fen
from headquarters.hold_evidence import Ground, hold_id, shares_number
from headquarters.models import Debit, Device, Grant, Pool, PoolUse, Settlement, Voucher
from headquarters.models_payments import RealisedExposure
from headquarters.policy_book import PREPAID, find_policy
from headquarters.pool_ledger import PoolTake, no_room, pool_take, take_from_pool
from headquarters.promise_keys import ANY_PAYEE, draws_of, key_for
from rules.engine.model import LiabilityResult, PoolDraw, Unit, read_decision

_UNKNOWN_POOL = Bilingual(
    "凭证的限额无法核对（没有可重算的理算依据）。", "The voucher's limits can't be checked (no calculation to replay)."
)


@dataclass(frozen=True)
class Part:
    """One key of the decision: under which name it settles, what of it fits, and what would be passed by the rest."""

    key: str
    loss: str
    liability: LiabilityResult | None
    draws: tuple[tuple[str, PoolDraw], ...]
    within_fen: int
    beyond_fen: int
    passes: tuple[Bilingual, ...]
    recorded: KeyedAmount | None
    settled: bool = False
    """It is settled by this very voucher already, with ``within_fen`` less ``more_fen``."""
    more_fen: int = 0
    """What is booked now."""


def settle_parts(session: Session, voucher: Voucher, ground: Ground, amount_fen: int, at: datetime) -> tuple[Part, ...]:
    """Divide a sum over the keys of a voucher, in their order, and settle what fits of each part; return the parts.

    Written as it is looked at, so that two keys of one voucher see each other; who only wants to know rolls it back.
    """
    issued = ground.issued
    if issued is None or not issued.keys:
        name = f"voucher:{voucher.voucher_no}"
        return (Part(name, name, None, (), 0, amount_fen, (_UNKNOWN_POOL,), None),)
    parts: list[Part] = []
    left_fen = amount_fen
    for place, recorded in enumerate(issued.keys):
        last = place == len(issued.keys) - 1
        part_fen = left_fen if last else min(left_fen, max(0, recorded.amount_fen))
        left_fen -= part_fen
        if part_fen > 0:
            part = _part(session, voucher, ground, issued, recorded, part_fen)
            _book(session, voucher, ground.device, part, at)
            parts.append(part)
    _settle_debits(session, voucher.voucher_no, sum(each.more_fen for each in parts))
    session.flush()
    return tuple(parts)


def _book(session: Session, voucher: Voucher, promised_by: Device | None, part: Part, at: datetime) -> None:
    if not part.more_fen:
        return
    for pool in part.draws:
        take = _take(session, pool, part, part.more_fen)
        take_from_pool(session, take)
        left_fen = take.amount
        for aside in _aside(session, promised_by, take):
            now_fen = min(left_fen, aside.limit_fen - aside.settled_fen)
            aside.settled_fen, left_fen = aside.settled_fen + now_fen, left_fen - now_fen
    if part.settled:
        session.get_one(Settlement, part.key).amount_fen = part.within_fen
        session.flush()
        return
    session.add(
        Settlement(
            settlement_key=part.key,
            loss=part.loss,
            voucher_no=voucher.voucher_no,
            amount_fen=part.within_fen,
            settled_at=at,
        )
    )
    session.flush()


def realise(session: Session, voucher: Voucher, parts: Sequence[Part], *, by: str, second: str, at: datetime) -> None:
    """Book what does not fit as exposure that came true: it is paid, and part of no limit."""
    for part in parts:
        if part.beyond_fen:
            session.add(
                RealisedExposure(
                    hold_id=hold_id(voucher),
                    settlement_key=part.key,
                    amount_fen=part.beyond_fen,
                    passes_zh="".join(each.zh for each in part.passes),
                    passes_en=" ".join(each.en for each in part.passes),
                    decided_by=by,
                    second=second,
                    at=at,
                )
            )


def take_back(session: Session, voucher: Voucher, ground: Ground) -> None:
    """Undo the settlements of a voucher: pools, keys and debits stand as before it was settled."""
    pools = {} if ground.issued is None else {key.liability: key.pools for key in ground.issued.keys}
    taken_fen = 0
    for row in own_settlements(session, voucher, ground):
        if shares_number(session, voucher, row.settlement_key):
            continue  # it may be the other one's: a person looks at that one as well
        liability = row.settlement_key.split("/")[1] if row.settlement_key.count("/") == 4 else ""
        taken_fen += row.amount_fen
        session.delete(row)
        session.flush()
        others = session.scalar(select(func.count()).select_from(Settlement).where(Settlement.loss == row.loss))
        for pool_id in pools.get(liability, ()):
            _give_back(session, pool_id, row, last=not others)
    # What was never settled is not taken back: the same grant bears other vouchers that were.
    _settle_debits(session, voucher.voucher_no, taken_fen, sign=-1)
    session.execute(delete(RealisedExposure).where(RealisedExposure.hold_id == hold_id(voucher)))
    session.flush()


def decided_fen(session: Session, voucher: Voucher, ground: Ground) -> int:
    """Return what is to be paid of a voucher: settled, and let through beyond a limit."""
    beyond = {
        each.settlement_key: each.amount_fen
        for each in session.scalars(select(RealisedExposure).where(RealisedExposure.hold_id == hold_id(voucher)))
    }
    return sum(beyond.values()) + sum(
        each.amount_fen
        for each in own_settlements(session, voucher, ground)
        # Two vouchers of one number on one loss: what was let through is the other one's loss, settled for that one.
        if each.settlement_key not in beyond or not shares_number(session, voucher, each.settlement_key)
    )


def own_settlements(session: Session, voucher: Voucher, ground: Ground) -> list[Settlement]:
    """Return the settlements under a voucher's number that are for its own losses and payee, whichever instalment they are."""
    own = {_without_instalment(key.settlement_key) for key in (ground.issued.keys if ground.issued else ())}
    rows = session.scalars(select(Settlement).where(Settlement.voucher_no == voucher.voucher_no))
    return [each for each in rows if _without_instalment(each.settlement_key) in own]


def _without_instalment(key: str) -> tuple[str, ...]:
    parts = key.split("/")
    return (*parts[:3], *parts[4:])


def _give_back(session: Session, pool_id: str, row: Settlement, *, last: bool) -> None:
    use, pool = session.get(PoolUse, (pool_id, row.loss)), session.get(Pool, pool_id)
    if use is None or pool is None:
        return
    # Days were taken once for the loss: they go back with its last payee.
    amount = min(use.amount, row.amount_fen) if pool.unit == Unit.FEN and not last else use.amount if last else 0
    pool.used -= amount
    pool.settled -= amount
    use.amount -= amount
    if not use.amount:
        session.delete(use)
    session.flush()


def _part(  # noqa: PLR0917 - one key of one decision, seen from all sides
    session: Session, voucher: Voucher, ground: Ground, issued: VoucherIssued, recorded: KeyedAmount, part_fen: int
) -> Part:
    own = session.get(Settlement, recorded.settlement_key)
    if (
        own is not None
        and own.voucher_no == voucher.voucher_no
        and not shares_number(session, voucher, own.settlement_key)
    ):
        return _raised(session, voucher, ground, issued, recorded, own, part_fen)
    liability, draws = _liability(session, ground, issued, recorded)
    if liability is None:
        name = recorded.settlement_key
        return Part(name, name, None, (), 0, part_fen, (_UNKNOWN_POOL,), recorded)
    paid_ahead = advances(session, issued.policy_no, *loss_of(liability))
    instalment = len(paid_ahead) + 1
    key = key_for(issued.policy_no, liability, instalment, payee_key(issued.payee))
    loss = key_for(issued.policy_no, liability, instalment, ANY_PAYEE)
    due_fen = _due_of(session, ground, issued, liability)
    room_fen, passes_room = _room(session, voucher, ground.device, liability, draws, loss, part_fen)
    due_room_fen, passes_due = _due(session, key, loss, due_fen, part_fen)
    within_fen = max(0, min(part_fen, room_fen, due_room_fen))
    passes = (*passes_due, *passes_room) if within_fen < part_fen else ()
    return Part(key, loss, liability, draws, within_fen, part_fen - within_fen, passes, recorded, more_fen=within_fen)


def _raised(  # noqa: PLR0917 - as above
    session: Session,
    voucher: Voucher,
    ground: Ground,
    issued: VoucherIssued,
    recorded: KeyedAmount,
    own: Settlement,
    part_fen: int,
) -> Part:
    """What is settled by this very voucher stays; where more is decided now, the difference is held against due and pools like any other sum."""
    more_fen = part_fen - own.amount_fen
    if more_fen <= 0:
        return Part(own.settlement_key, own.loss, None, (), part_fen, 0, (), recorded, settled=True)
    liability, draws = _liability(session, ground, issued, recorded)
    if liability is None:
        over = (_settled_for(own),)
        return Part(own.settlement_key, own.loss, None, (), own.amount_fen, more_fen, over, recorded, settled=True)
    room_fen, passes_room = _room(session, voucher, ground.device, liability, draws, own.loss, more_fen)
    due_room_fen, passes_due = _left_due(session, own.loss, _due_of(session, ground, issued, liability), more_fen)
    fits_fen = max(0, min(more_fen, room_fen, due_room_fen))
    passes = (*passes_due, *passes_room) if fits_fen < more_fen else ()
    return Part(
        own.settlement_key,
        own.loss,
        liability,
        draws,
        own.amount_fen + fits_fen,
        more_fen - fits_fen,
        passes,
        recorded,
        settled=True,
        more_fen=fits_fen,
    )


def _due_of(session: Session, ground: Ground, issued: VoucherIssued, liability: LiabilityResult) -> int:
    """Return what the loss comes to for its final instalment."""
    ahead_fen = sum(each.amount_fen for each in advances(session, issued.policy_no, *loss_of(liability)))
    return max(0, liability.amount_fen - ahead_fen + _taken_off(session, ground))


def _liability(
    session: Session, ground: Ground, issued: VoucherIssued, recorded: KeyedAmount
) -> tuple[LiabilityResult | None, tuple[tuple[str, PoolDraw], ...]]:
    made, case = ground.evidence.made, ground.evidence.case
    policy = find_policy(session, issued.policy_no)
    if made is None or case is None or policy is None or case.loss_date < policy.effective:
        return None, ()
    for liability in read_decision(bytes(made.decision)).liabilities:
        if liability.liability == recorded.liability:
            return liability, draws_of(liability, issued.policy_no, policy.effective, case)
    return None, ()


def _taken_off(session: Session, ground: Ground) -> int:
    """Return what of the prepayments the determination has taken off already."""
    if ground.evidence.made is None or ground.issued is None:
        return 0
    facts = _json(bytes(ground.evidence.made.facts))
    said, policy = facts.get(PREPAID, 0), find_policy(session, ground.issued.policy_no)
    own = 0 if policy is None else policy.terms.get(PREPAID, 0)
    return max(0, said - own) if isinstance(said, int) and isinstance(own, int) else 0


def _due(session: Session, key: str, loss: str, due_fen: int, part_fen: int) -> tuple[int, tuple[Bilingual, ...]]:
    taken = session.get(Settlement, key)
    if taken is not None:
        return 0, (_settled_for(taken),)
    return _left_due(session, loss, due_fen, part_fen)


def _left_due(session: Session, loss: str, due_fen: int, part_fen: int) -> tuple[int, tuple[Bilingual, ...]]:
    paid = session.scalars(select(Settlement).where(Settlement.loss == loss)).all()
    left_fen = due_fen - sum(each.amount_fen for each in paid)
    if left_fen >= part_fen:
        return left_fen, ()
    named = "、".join(each.voucher_no for each in paid)
    return left_fen, (
        Bilingual(
            f"这笔损失应付余额只有 {yuan(max(0, left_fen))} 元{f'（已结算 {named}）' if named else ''}，要付 {yuan(part_fen)} 元。",
            f"Only {yuan(max(0, left_fen))} yuan of this loss are still due{f' (settled: {named})' if named else ''}; {yuan(part_fen)} are asked.",
        ),
    )


def _room(  # noqa: PLR0917 - as above
    session: Session,
    voucher: Voucher,
    promised_by: Device | None,
    liability: LiabilityResult,
    draws: Sequence[tuple[str, PoolDraw]],
    loss: str,
    part_fen: int,
) -> tuple[int, tuple[Bilingual, ...]]:
    room_fen, passes = part_fen, []
    for pool in draws:
        take = pool_take(session, pool, loss, liability, part_fen)
        full = no_room(session, take, float_used=False)  # enters a new pool with its limit
        if pool[1].unit is not Unit.FEN:
            if full is not None:
                room_fen = 0
                passes.append(full)
            continue
        left_fen = _left_fen(session, voucher, promised_by, take)
        if left_fen is None or left_fen >= take.amount:
            continue
        room_fen = min(room_fen, max(0, left_fen) if take.amount == part_fen else 0)
        passes.append(
            Bilingual(
                f"限额池 {take.pool_id} 还剩 {yuan(max(0, left_fen))} 元可用（其他设备在外的额度不动），要用 {yuan(take.amount)} 元。",
                f"Pool {take.pool_id} has {yuan(max(0, left_fen))} yuan left (what other devices hold is not touched); {yuan(take.amount)} are asked.",
            )
        )
    return room_fen, tuple(passes)


def _left_fen(session: Session, voucher: Voucher, promised_by: Device | None, take: PoolTake) -> int | None:
    """Return what is left of a pool for this voucher: neither used, nor kept aside for another promise. None without a limit."""
    pool = session.get_one(Pool, take.pool_id)
    if pool.limit is None:
        return None
    own_fen = session.scalar(
        select(func.sum(Debit.amount_fen))
        .join(Grant, Grant.grant_id == Debit.grant_id)
        .where(Debit.voucher_no == voucher.voucher_no, Grant.pool == take.pool_id)
    )
    own_fen = int(own_fen or 0) + sum(each.limit_fen - each.settled_fen for each in _aside(session, promised_by, take))
    kept_fen = max(0, escrow_fen(session, take.pool_id) - own_fen)
    used = pool.used if session.get(PoolUse, (take.pool_id, take.loss)) else max(pool.used, take.draw.used_before)
    return pool.limit - used - kept_fen


def _aside(session: Session, promised_by: Device | None, take: PoolTake) -> Sequence[Grant]:
    """What is kept aside for grants of a lost device that headquarters forgot is there for its papers."""
    if promised_by is None or take.draw.unit is not Unit.FEN:
        return ()
    return kept_for(session, promised_by.device, promised_by.epoch, take.pool_id)


def _take(session: Session, pool: tuple[str, PoolDraw], part: Part, share_fen: int) -> PoolTake:
    if part.liability is None:
        raise ValueError("a part without a liability draws on no pool")
    return pool_take(session, pool, part.loss, part.liability, share_fen)


def _settle_debits(session: Session, voucher_no: str, settled_fen: int, *, sign: int = 1) -> None:
    """Turn debits into settled ones, up to the sum for each pool; the rest stays kept aside. ``sign`` -1: the other way round."""
    left: dict[str, int] = {}
    for debit in session.scalars(
        select(Debit).where(Debit.voucher_no == voucher_no).order_by(Debit.grant_id, Debit.counter)
    ):
        grant = session.get_one(Grant, debit.grant_id)
        now_fen = min(debit.amount_fen, left.setdefault(grant.pool, settled_fen))
        grant.settled_fen = max(0, grant.settled_fen + sign * now_fen)
        left[grant.pool] -= now_fen


def _settled_for(other: Settlement) -> Bilingual:
    return Bilingual(
        f"同一笔损失已按 {other.voucher_no} 结算 {yuan(other.amount_fen)} 元。",
        f"The same loss was settled by {other.voucher_no} with {yuan(other.amount_fen)} yuan.",
    )


def _json(raw: bytes) -> Mapping[str, object]:
    found = msgspec.json.decode(raw)
    return found if isinstance(found, dict) else {}
