"""Finding and stopping devices.

Promise: a stopped device is told so in every signed ``hello``; stopping never touches what it handed in before. A written-off
device's remaining allowances count as spent for ever (design.md "Allowances").
"""

from __future__ import annotations

from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.errors import Bilingual, InputError
from claims.statements import DeviceRevoked
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState, Grant, GrantState
from headquarters.refusals import device_stopped
from headquarters.statements_out import say
from headquarters.turn import Turn

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


def reason_of(device: Device) -> Bilingual:
    """Return why the device is stopped."""
    return Bilingual(device.state_reason_zh or "", device.state_reason_en or "")


def require_going(device: Device) -> None:
    """Raise ``DeviceStopped`` unless the device may hand in its work."""
    if device.state in STOPPED:
        raise device_stopped(device.device, reason_of(device), frozen=device.state == DeviceState.FROZEN)


def stop_device(turn: Turn, state: DeviceState, reason: Bilingual) -> None:
    """Stop a device and put the news in its feed."""
    turn.device.state = state
    turn.device.state_reason_zh, turn.device.state_reason_en = reason.zh, reason.en
    say(turn, partial(DeviceRevoked, reason=reason))


def revoke(hq: Headquarters, device: str, reason: Bilingual | None = None, *, write_off: bool = False) -> Device:
    """Revoke the newest life of a device; with ``write_off`` also give it up, so that its remainders count as spent."""
    reason = reason or Bilingual("总部已注销此设备。", "Headquarters has withdrawn this device.")
    with hq.database.write() as session:
        found = current_device(session, device)
        state = DeviceState.WRITTEN_OFF if write_off else DeviceState.REVOKED
        stop_device(Turn(hq, session, found, hq.now()), state, reason)
        if write_off:
            open_grants = select(Grant).where(
                Grant.device == found.device, Grant.epoch == found.epoch, Grant.state == GrantState.OPEN
            )
            for grant in session.scalars(open_grants):
                grant.state = GrantState.WRITTEN_OFF
        return found
