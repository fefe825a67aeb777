"""Finding and stopping devices.

Promise: a stopped device is told so in every signed ``hello``; stopping never touches what it handed in before. A written-off
device's remaining allowances count as spent for ever (design.md "Allowances").
"""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.statements import DeviceRevoked, OtherDeviceRevoked
from claims.trusted_time import beijing_text
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState, Grant, GrantState
from headquarters.refusals import device_stopped
from headquarters.restores import free_pools, newest_restore, waits_for
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact

STOPPED = frozenset({DeviceState.FROZEN, DeviceState.REVOKED, DeviceState.WRITTEN_OFF})


def current_device(session: Session, device: str) -> Device:
    """Return the newest life of a device. Raises ``InputError`` when it was never enrolled."""
    found = session.scalars(
        select(Device).where(Device.device == device).order_by(Device.epoch.desc()).limit(1)
    ).first()
    if found is None:
        raise InputError(
            "device_unknown",
            Bilingual(f"没有登记过设备 {device}。", f"Device {device} is not enrolled."),
            Bilingual("请先生成登记码并在电脑上完成登记。", "Make a code with `enrol` and enrol the laptop first."),
        )
    return found


def life_of(session: Session, device: str, epoch: int | None) -> Device:
    """Return a life of a device, the newest where none is named. Raises ``InputError`` (``device_unknown``)."""
    if epoch is None:
        return current_device(session, device)
    found = session.get(Device, (device, epoch))
    if found is None:
        raise InputError(
            "device_unknown",
            Bilingual(f"设备 {device} 没有第 {epoch} 次登记。", f"Device {device} has no epoch {epoch}."),
            Bilingual("请用 status 查看登记记录。", "See `status` for its enrolments."),
        )
    return found


def reason_of(device: Device) -> Bilingual:
    """Return why the device is stopped."""
    return Bilingual(device.state_reason_zh or "", device.state_reason_en or "")


def require_going(device: Device) -> None:
    """Raise ``DeviceStopped`` unless the device may hand in its work."""
    if device.state in STOPPED:
        raise device_stopped(device.device, reason_of(device), frozen=device.state == DeviceState.FROZEN)


def stop_device(turn: Turn, state: DeviceState, reason: Bilingual) -> None:
    """Stop a device and put the news in its feed and in those of all laptops at work, which may be shown its vouchers."""
    turn.device.state = state
    turn.device.state_reason_zh, turn.device.state_reason_en = reason.zh, reason.en
    say(turn, partial(DeviceRevoked, reason=reason))
    note_fact(
        turn.hq,
        turn.session,
        FactKind.DEVICE_STOPPED,
        turn.at,
        device=turn.device.device,
        epoch=turn.device.epoch,
        state=str(state),
        reason=reason,
    )
    for other in turn.session.scalars(select(Device).where(Device.state == DeviceState.ACTIVE)):
        tell_stopped(replace(turn, device=other), turn.device)


def tell_stopped(turn: Turn, stopped: Device) -> None:
    """Put it in a laptop's feed that another one is stopped."""
    say(
        turn,
        partial(
            OtherDeviceRevoked,
            revoked_device=stopped.device,
            revoked_epoch=stopped.epoch,
            reason=reason_of(stopped),
        ),
    )


def tell_all_stopped(turn: Turn) -> None:
    """Put every device that was stopped so far in a new laptop's feed."""
    for stopped in turn.session.scalars(
        select(Device).where(Device.state.in_(sorted(STOPPED))).order_by(Device.device, Device.epoch)
    ):
        tell_stopped(turn, stopped)


def give_up(turn: Turn, reason: Bilingual) -> None:
    """Write a device off within a turn: what it had left counts as spent."""
    stop_device(turn, DeviceState.WRITTEN_OFF, reason)
    open_grants = select(Grant).where(
        Grant.device == turn.device.device, Grant.epoch == turn.device.epoch, Grant.state == GrantState.OPEN
    )
    for grant in turn.session.scalars(open_grants):
        grant.state = GrantState.WRITTEN_OFF


def revoke(
    hq: Headquarters,
    device: str,
    reason: Bilingual | None = None,
    *,
    write_off: bool = False,
    epoch: int | None = None,
) -> Device:
    """Revoke the newest life of a device, or the one named; with ``write_off`` also give it up, so that its remainders count as spent.

    Raises:
        InputError: ``device_unknown``; ``not_heard_since_restore`` for a write-off that needs a decision (``headquarters.write_offs``).
    """
    reason = reason or Bilingual("总部已注销此设备。", "Headquarters has withdrawn this device.")
    with hq.database.write() as session:
        found = life_of(session, device, epoch)
        turn = Turn(hq, session, found, hq.now())
        if write_off:
            require_heard(hq, session, found)
            give_up(turn, reason)
        else:
            stop_device(turn, DeviceState.REVOKED, reason)
        return found


def require_heard(hq: Headquarters, session: Session, device: Device) -> None:
    """Raise ``InputError`` (``not_heard_since_restore``) where a restored headquarters may have forgotten what the device holds."""
    if not waits_for(hq, session, device):
        return
    restore, free = newest_restore(hq, session), free_pools(session)
    raise InputError(
        "not_heard_since_restore",
        Bilingual(
            f"总部从 {beijing_text(restore.backup_at)} 的备份恢复后还没有听到设备 {device.device}：它可能持有此后授予、总部已不记得的额度。"
            f"现有 {len(free)} 个限额池空余共 {yuan(sum(free.values()))} 元，最多有这么多可能已由它承诺；它后来得到的应急额度和总部已不记得的限额池不在其内。",
            f"Headquarters was restored from a backup of {beijing_text(restore.backup_at)} and has not heard device {device.device} since: it may hold allowances that were granted after it and are forgotten. "
            f"{len(free)} pools have {yuan(sum(free.values()))} yuan free: it may have promised up to that; floats that it got later and pools that are forgotten come on top.",
        ),
        Bilingual(
            "设备还在的，请让它同步。确已遗失：outpost-hq write-off --keep-aside（为它留存上述空余）或 --accept-risk（计入敞口），并写明 --by。",
            "Where it still exists let it sync. Lost for good: outpost-hq write-off --keep-aside (what is free is kept aside for it) or --accept-risk (it counts as exposure), with --by.",
        ),
    )
