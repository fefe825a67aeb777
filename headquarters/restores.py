"""What a restored headquarters may not do until it knows again what it had promised.

Promise: after a restore nothing is added to a device's feed before that device told what it holds of it, so no two statements of
headquarters' own bear one id; no allowance is granted, and no promise is settled that was not settled before, until every device that
could have been granted something was heard or written off. A person may end the waiting early and is told what that risks.

Source: notes/sync.md §3 (reclaim); docs/adr/0154.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import Select, exists, func, select
from sqlalchemy.orm import Session

from claims.allowances import FLOAT_POOL
from claims.errors import Bilingual, InputError
from claims.statements import AnyStatement, decode_statement
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState, Grant, GrantState, LogEvent, Pool, Voucher
from headquarters.models_allowances import Transfer
from headquarters.models_restores import RememberedVerdict, Restore, RestoredDevice, WaitingStatement
from rules.engine.model import Unit

ALL_HEARD = "all_heard"
SETTLED_BEFORE = "settled"
VOIDED_BEFORE = "voided"
_PROMISES = frozenset({"voucher_issued@1", "voucher_recovered@1"})


@dataclass(frozen=True)
class Unheard:
    """A device that a restored headquarters waits for."""

    device: str
    epoch: int
    station: str
    adjuster_name: str
    seen_at: datetime | None


@dataclass(frozen=True)
class Recovery:
    """A recovery under way: since when, from which backup, and who is missing.

    ``free_fen``: what is free in all pools of known limit, hence the most that could be promised twice if the waiting ended now;
    ``float_fen``: the emergency floats of the devices that are missing.
    """

    incarnation: int
    backup_id: str
    backup_at: datetime
    restored_at: datetime
    unheard: tuple[Unheard, ...]
    free_fen: int
    float_fen: int


def is_recovering(hq: Headquarters, session: Session) -> bool:
    """Tell whether headquarters still waits for devices after a restore."""
    if hq.incarnation.number == 0:
        return False
    newest = session.get(Restore, hq.incarnation.number)
    return newest is not None and newest.ended_at is None and _incomplete(session)


def waits_for(hq: Headquarters, session: Session, device: Device) -> bool:
    """Tell whether a recovery under way waits for this life of a device: what it was granted since the backup nobody else knows."""
    return is_recovering(hq, session) and any(
        (each.device, each.epoch) == (device.device, device.epoch) for each in _unheard(session)
    )


def newest_restore(hq: Headquarters, session: Session) -> Restore:
    """Return the restore that this incarnation began with."""
    return session.get_one(Restore, hq.incarnation.number)


def feed_waits(hq: Headquarters, session: Session, device: Device) -> bool:
    """Tell whether headquarters must not yet speak in this device's feed."""
    if hq.incarnation.number == 0:
        return False
    row = session.get(RestoredDevice, (device.device, device.epoch))
    return row is not None and row.heard_at is None


def keep_for_later(session: Session, device: Device, statement: AnyStatement) -> None:
    """Keep a statement until the device was heard."""
    last = session.scalar(
        select(func.max(WaitingStatement.place)).where(
            WaitingStatement.device == device.device, WaitingStatement.epoch == device.epoch
        )
    )
    place = 0 if last is None else last + 1
    session.add(
        WaitingStatement(device=device.device, epoch=device.epoch, place=place, body=msgspec.json.encode(statement))
    )
    session.flush()


def take_waiting(session: Session, device: Device) -> list[AnyStatement]:
    """Mark a device as no longer waiting; return what was kept for it, in order."""
    rows = session.scalars(
        select(WaitingStatement)
        .where(WaitingStatement.device == device.device, WaitingStatement.epoch == device.epoch)
        .order_by(WaitingStatement.place)
    ).all()
    kept = [decode_statement(row.body) for row in rows]
    for row in rows:
        session.delete(row)
    return kept


def require_allowances_open(hq: Headquarters, session: Session, pool: str) -> None:
    """Raise ``InputError`` (``recovering``) while an allowance on a pool could be one too many. The float is no pool's."""
    if pool == FLOAT_POOL or not is_recovering(hq, session):
        return
    missing = _unheard(session)
    named = "、".join(each.device for each in missing[:5])
    raise InputError(
        "recovering",
        Bilingual(
            f"总部刚从备份恢复，还有 {len(missing)} 台设备没有联系上（{named}），它们可能持有总部已不记得的额度，暂不授予新的额度。",
            f"Headquarters was restored from a backup and has not heard from {len(missing)} devices yet ({named}): they may hold allowances that it forgot, so none is granted now.",
        ),
        Bilingual(
            "请让这些设备同步；找不到的设备请核销，或用 outpost-hq recovery --end 承担风险后继续。",
            "Let them sync; write off those that are lost, or accept the risk with outpost-hq recovery --end.",
        ),
    )


def may_settle(hq: Headquarters, session: Session, row: LogEvent) -> bool:
    """Tell whether an event may be processed now: while recovering, a promise only if headquarters had settled it before.

    One that had been held waits too, unless settled ones stand behind it in the same log: these must be booked before anything else is, and a log
    is processed in its order. It is held again then (``told_otherwise``).
    """
    if row.type not in _PROMISES or not is_recovering(hq, session):
        return True
    told = session.get(RememberedVerdict, (row.device, row.epoch, row.subject or ""))
    if told is None or told.settlement == SETTLED_BEFORE:
        return told is not None
    behind = _outstanding().where(RememberedVerdict.device == row.device, RememberedVerdict.epoch == row.epoch)
    return session.scalar(behind) is not None


def told_otherwise(hq: Headquarters, session: Session, device: Device, voucher_no: str) -> Bilingual | None:
    """Return why a promise is not settled while recovering: its device was told another word, and what spoke against it may not be booked yet."""
    if not is_recovering(hq, session):
        return None
    told = session.get(RememberedVerdict, (device.device, device.epoch, voucher_no))
    if told is None or told.settlement == SETTLED_BEFORE:
        return None
    return Bilingual(
        f"凭证 {voucher_no} 在总部恢复前没有结算，恢复期间不改变，请人工核对。",
        f"Voucher {voucher_no} was not settled before headquarters was restored; while it recovers that stands, and a person looks.",
    )


def end_if_all_heard(hq: Headquarters, session: Session, at: datetime) -> None:
    """End the recovery when nobody is missing any more and all that was settled before is booked again."""
    restore = session.get_one(Restore, hq.incarnation.number)
    if restore.ended_at is None and not _incomplete(session):
        restore.ended_at, restore.ended_by = at, ALL_HEARD


def read_recovery(hq: Headquarters) -> Recovery | None:
    """Return the recovery under way, None where there is none."""
    with hq.database.read() as session:
        if not is_recovering(hq, session):
            return None
        restore = session.get_one(Restore, hq.incarnation.number)
        unheard = _unheard(session)
        floats = [
            session.scalar(
                select(func.sum(Grant.limit_fen)).where(
                    Grant.device == each.device,
                    Grant.epoch == each.epoch,
                    Grant.pool == FLOAT_POOL,
                    Grant.state == GrantState.OPEN,
                )
            )
            for each in unheard
        ]
        return Recovery(
            incarnation=restore.incarnation,
            backup_id=restore.backup_id,
            backup_at=restore.backup_at,
            restored_at=restore.restored_at,
            unheard=unheard,
            free_fen=_free_fen(session),
            float_fen=sum(int(each or 0) for each in floats),
        )


def end_recovery(hq: Headquarters, by: str) -> Recovery:
    """Stop waiting for the devices that are missing; return what that risks. Raises ``InputError`` (``not_recovering``)."""
    found = read_recovery(hq)
    if found is None:
        raise InputError(
            "not_recovering",
            Bilingual("总部没有处于恢复状态。", "Headquarters is not recovering."),
            Bilingual("无需操作。", "Nothing needs to be done."),
        )
    with hq.database.write() as session:
        restore = session.get_one(Restore, hq.incarnation.number)
        restore.ended_at, restore.ended_by = hq.now(), by
    return found


def _incomplete(session: Session) -> bool:
    """Somebody was not heard, or what headquarters had settled is known again but not yet booked: its room and its keys are not free."""
    if _unheard(session):
        return True
    return session.scalar(_outstanding()) is not None


def _outstanding() -> Select[str]:
    """Vouchers that headquarters had settled and has not booked again."""
    booked = exists().where(
        Voucher.device == RememberedVerdict.device,
        Voucher.epoch == RememberedVerdict.epoch,
        Voucher.voucher_no == RememberedVerdict.voucher_no,
    )
    return (
        select(RememberedVerdict.voucher_no)
        .join(Device, (Device.device == RememberedVerdict.device) & (Device.epoch == RememberedVerdict.epoch))
        .where(RememberedVerdict.settlement == SETTLED_BEFORE, Device.state != DeviceState.WRITTEN_OFF, ~booked)
        .limit(1)
    )


def _unheard(session: Session) -> tuple[Unheard, ...]:
    rows = session.scalars(
        select(Device)
        .join(RestoredDevice, (RestoredDevice.device == Device.device) & (RestoredDevice.epoch == Device.epoch))
        .where(RestoredDevice.active, RestoredDevice.heard_at.is_(None), Device.state != DeviceState.WRITTEN_OFF)
        .order_by(Device.device, Device.epoch)
    )
    return tuple(Unheard(each.device, each.epoch, each.station, each.adjuster_name, each.seen_at) for each in rows)


def free_pools(session: Session) -> dict[str, int]:
    """Return what is free in each pool of known limit, fen, where something is: neither used nor kept aside."""
    kept = (
        select(
            func.coalesce(func.sum(Grant.limit_fen - Grant.transferred_fen - Grant.settled_fen - Grant.returned_fen), 0)
        )
        .where(Grant.pool == Pool.pool_id)
        .scalar_subquery()
    )
    parked = (
        select(func.coalesce(func.sum(Transfer.amount_fen), 0))
        .where(Transfer.pool == Pool.pool_id, Transfer.booked, Transfer.granted.is_(False))
        .scalar_subquery()
    )
    rows = session.execute(
        select(Pool.pool_id, Pool.limit - Pool.used - kept - parked).where(
            Pool.unit == Unit.FEN, Pool.limit.is_not(None)
        )
    )
    return {pool_id: int(free) for pool_id, free in rows if free is not None and free > 0}


def _free_fen(session: Session) -> int:
    return sum(free_pools(session).values())
