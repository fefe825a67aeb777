"""What headquarters hands out: allowances, the emergency float, authorities, and number blocks on demand.

Promise: over all devices, the allowances granted on a pool never pass what is left of its limit, where the limit is known;
what was granted and not yet settled or returned is kept aside (``escrow_fen``). A grant id is used once and never refills.
The float is the exception: it covers any pool and is counted as exposure instead.

Source: design.md "Allowances"; docs/adr/0072.
"""

from __future__ import annotations

import secrets
from collections.abc import Sequence
from datetime import timedelta
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.allowances import FLOAT_POOL
from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.statements import AllowanceGranted, AuthorityGranted
from headquarters.devices import current_device
from headquarters.installation import Headquarters
from headquarters.models import AuthorityRecord, Device, DeviceState, Grant, GrantState, Pool
from headquarters.models_allowances import Transfer
from headquarters.number_blocks import add_numbers
from headquarters.restores import require_allowances_open
from headquarters.statements_out import say
from headquarters.turn import Turn
from rules.engine.model import Unit


def grant_allowance(
    hq: Headquarters, device: str, pool: str, limit_fen: int, days: int, *, pool_limit_fen: int | None = None
) -> str:
    """Grant a device the right to promise up to ``limit_fen`` from a pool for ``days``; return the new grant id.

    Args:
        pool: a pool id (``claims.settlement.pool_id``), or ``*`` for the emergency float.
        pool_limit_fen: tells headquarters the pool's limit before any determination did.

    Raises:
        InputError: ``pool_exhausted`` when the pool's limit is known and would be passed; ``device_not_active``; bad amounts.
    """
    with hq.database.write() as session:
        found = _active(session, device)
        if pool_limit_fen is not None:
            learn_pool_limit(session, pool, Unit.FEN, pool_limit_fen)
        return add_allowance(Turn(hq, session, found, hq.now()), pool, limit_fen, days)


def grant_float(hq: Headquarters, device: str, limit_fen: int, days: int) -> str:
    """Grant the emergency float; return the new grant id."""
    return grant_allowance(hq, device, FLOAT_POOL, limit_fen, days)


def grant_numbers(hq: Headquarters, device: str, count: int) -> None:
    """Grant the next ``count`` numbers of every kind. Raises ``InputError`` (``grant_not_positive``)."""
    _require_positive("号码数量", "count of numbers", count)
    with hq.database.write() as session:
        add_numbers(Turn(hq, session, _active(session, device), hq.now()), count)


def grant_authority(
    hq: Headquarters,
    device: str,
    ceiling_fen: int,
    days: int,
    *,
    claim_type: str = "*",
    level: str = "field",
    catastrophe_id: str | None = None,
    granted_by: str = "HQ",
) -> str:
    """Grant the device's adjuster an authority limit; return its id."""
    with hq.database.write() as session:
        return add_authority(
            Turn(hq, session, _active(session, device), hq.now()),
            ceiling_fen,
            days,
            claim_type=claim_type,
            level=level,
            catastrophe_id=catastrophe_id,
            granted_by=granted_by,
        )


def add_allowance(turn: Turn, pool: str, limit_fen: int, days: int) -> str:
    """Grant an allowance or the float within a turn; return its id. Raises as ``grant_allowance``."""
    session = turn.session
    _require_positive("额度", "limit", limit_fen)
    _require_positive("天数", "days", days)
    known = session.get(Pool, pool)
    if pool != FLOAT_POOL and known is not None and known.unit == Unit.FEN and known.limit is not None:
        left_fen = known.limit - known.used - escrow_fen(session, pool)
        if limit_fen > left_fen:
            raise InputError(
                "pool_exhausted",
                Bilingual(
                    f"限额池 {pool} 总额 {yuan(known.limit)} 元，已用 {yuan(known.used)} 元，在外额度 {yuan(escrow_fen(session, pool))} 元，只能再授予 {yuan(max(0, left_fen))} 元。",
                    f"Pool {pool} has {yuan(known.limit)} yuan, of which {yuan(known.used)} are used and {yuan(escrow_fen(session, pool))} granted: {yuan(max(0, left_fen))} can still be granted.",
                ),
                Bilingual(
                    "请减少金额，或等其他设备交回额度。",
                    "Grant less, or wait until another device closes its allowance.",
                ),
            )
    return hand_out(turn, pool, limit_fen, days)


def hand_out(turn: Turn, pool: str, limit_fen: int, days: int, catastrophe_id: str | None = None) -> str:
    """Write a new grant and tell its device, within a turn, after the caller made sure that there is room; return its id.

    Raises:
        InputError: ``recovering`` while a restored headquarters does not know what it had granted.
    """
    device = turn.device
    require_allowances_open(turn.hq, turn.session, pool)
    grant_id = f"G-{device.device}-{device.epoch}-{secrets.token_hex(6)}"
    expires_at = turn.at + timedelta(days=days)
    turn.session.add(
        Grant(
            grant_id=grant_id,
            device=device.device,
            epoch=device.epoch,
            pool=pool,
            limit_fen=limit_fen,
            spent_fen=0,
            settled_fen=0,
            returned_fen=0,
            debits=0,
            granted_at=turn.at,
            expires_at=expires_at,
            state=GrantState.OPEN,
            transferred_fen=0,
            catastrophe_id=catastrophe_id,
        )
    )
    say(
        turn,
        partial(
            AllowanceGranted,
            grant_id=grant_id,
            pool=pool,
            limit_fen=limit_fen,
            expires_at=expires_at,
            catastrophe_id=catastrophe_id,
        ),
    )
    return grant_id


def add_authority(
    turn: Turn,
    ceiling_fen: int,
    days: int,
    *,
    claim_type: str = "*",
    level: str = "field",
    catastrophe_id: str | None = None,
    granted_by: str = "HQ",
) -> str:
    """Grant an authority within a turn; return its id."""
    device = turn.device
    _require_positive("权限金额", "ceiling", ceiling_fen)
    _require_positive("天数", "days", days)
    authority_id = f"A-{device.adjuster}-{secrets.token_hex(4)}"
    valid_to = turn.at + timedelta(days=days)
    turn.session.add(
        AuthorityRecord(
            authority_id=authority_id,
            device=device.device,
            epoch=device.epoch,
            adjuster=device.adjuster,
            claim_type=claim_type,
            ceiling_fen=ceiling_fen,
            catastrophe_id=catastrophe_id,
            valid_from=turn.at,
            valid_to=valid_to,
        )
    )
    say(
        turn,
        partial(
            AuthorityGranted,
            authority_id=authority_id,
            adjuster=device.adjuster,
            level=level,
            claim_type=claim_type,
            ceiling_fen=ceiling_fen,
            catastrophe_id=catastrophe_id,
            valid_from=turn.at,
            valid_to=valid_to,
            granted_by=granted_by,
        ),
    )
    return authority_id


def escrow_fen(session: Session, pool: str) -> int:
    """Return what is kept aside of a pool: granted, minus settled, minus returned by a closing statement.

    A closed grant keeps aside what it spent and what is not settled (holds, voided vouchers): a person may still pay it. What moved to
    another device counts there and not at the donor; where there is no such device here, the sum that moved is kept aside by itself.
    """
    return escrows_fen(session, [pool]).get(pool, 0)


def escrows_fen(session: Session, pools: Sequence[str]) -> dict[str, int]:
    """Return what is kept aside of each of these pools (see ``escrow_fen``); a pool without grants is left out."""
    left = func.sum(Grant.limit_fen - Grant.transferred_fen - Grant.settled_fen - Grant.returned_fen)
    kept: dict[str, int] = {}
    for pool, fen in session.execute(select(Grant.pool, left).where(Grant.pool.in_(pools)).group_by(Grant.pool)):
        kept[pool] = int(fen)
    parked = (
        select(Transfer.pool, func.sum(Transfer.amount_fen))
        .where(Transfer.pool.in_(pools), Transfer.booked, Transfer.granted.is_(False))
        .group_by(Transfer.pool)
    )
    for pool, fen in session.execute(parked):
        kept[pool] = kept.get(pool, 0) + int(fen)
    return kept


def grant_as_told(granted: AllowanceGranted, device: Device) -> Grant:
    """Return a grant as headquarters' own statement says it: for one that a restore forgot. What a written-off device had counts as spent."""
    return Grant(
        grant_id=granted.grant_id,
        device=granted.device,
        epoch=granted.epoch,
        pool=granted.pool,
        limit_fen=granted.limit_fen,
        spent_fen=0,
        settled_fen=0,
        returned_fen=0,
        transferred_fen=0,
        debits=0,
        granted_at=granted.issued_at,
        expires_at=granted.expires_at,
        state=GrantState.WRITTEN_OFF if device.state == DeviceState.WRITTEN_OFF else GrantState.OPEN,
        catastrophe_id=granted.catastrophe_id,
    )


def learn_pool_limit(session: Session, pool_id: str, unit: Unit, limit: int | None) -> Pool:
    """Return the pool's row, made if need be. A known limit only ever shrinks: the lower figure is the safe one."""
    pool = session.get(Pool, pool_id)
    if pool is None:
        pool = Pool(pool_id=pool_id, unit=unit, limit=limit, used=0, settled=0)
        session.add(pool)
    elif limit is not None and (pool.limit is None or limit < pool.limit):
        pool.limit = limit
    return pool


def _active(session: Session, device: str) -> Device:
    found = current_device(session, device)
    if found.state != DeviceState.ACTIVE:
        raise InputError(
            "device_not_active",
            Bilingual(f"设备 {device} 已停用（{found.state}）。", f"Device {device} is stopped ({found.state})."),
            Bilingual("请重新登记该设备后再授予。", "Enrol the device again, then grant."),
        )
    return found


def _require_positive(zh: str, en: str, value: int) -> None:
    if value <= 0:
        raise InputError(
            "grant_not_positive",
            Bilingual(f"{zh}必须大于零，现在是 {value}。", f"The {en} must be above zero and is {value}."),
            Bilingual("请改正后重试。", "Correct it and try again."),
        )
