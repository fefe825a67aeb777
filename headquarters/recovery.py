"""Mends a lost key file: opens the recovery slot that a laptop's log carried here.

Promise: only the recovery key of this headquarters opens a slot; the payload lets whoever holds it and the disk open the store,
so it is written to a file of mode 0600 and meant for the hand of the station lead.

Source: design.md "Store"; docs/adr/0041.
"""

from __future__ import annotations

from pathlib import Path

from sqlalchemy import select

from claims.errors import Bilingual, InputError
from claims.events import RECOVERY_AAD, RecoverySlotSealed, decode_event
from headquarters.devices import current_device
from headquarters.installation import Headquarters
from headquarters.models import LogEvent
from headquarters.secrets_folder import write_new
from trust.boxes import open_box

_TYPE = str(RecoverySlotSealed.__struct_config__.tag)


def recovery_payload(hq: Headquarters, device: str) -> bytes:
    """Return the store keys of a device's current epoch, as its newest recovery slot holds them.

    Raises:
        InputError: ``recovery_slot_missing`` when the device's log has not brought one yet; an unknown device.
    """
    with hq.database.read() as session:
        found = current_device(session, device)
        body = session.scalar(
            select(LogEvent.body)
            .where(LogEvent.device == found.device, LogEvent.epoch == found.epoch, LogEvent.type == _TYPE)
            .order_by(LogEvent.seq.desc())
            .limit(1)
        )
    if body is None:
        raise InputError(
            "recovery_slot_missing",
            Bilingual(
                f"设备 {device} 还没有同步过，总部没有它的恢复资料。",
                f"Device {device} has not synced yet; headquarters holds no recovery slot of it.",
            ),
            Bilingual(
                "电脑上的密钥文件若还在，其中也有一份恢复资料，可一并送来。",
                "If the laptop's key file still exists it contains one as well; bring it.",
            ),
        )
    event = decode_event(body)
    if not isinstance(event, RecoverySlotSealed):
        raise TypeError(f"{_TYPE} decoded as {type(event).__name__}")
    return open_box(hq.secrets.recovery_private, event.sealed, RECOVERY_AAD)


def write_recovery(hq: Headquarters, device: str, file: Path) -> None:
    """Write the payload to a new file that only its owner can read. Raises as ``recovery_payload``; ``FileExistsError``."""
    write_new(file, recovery_payload(hq, device), 0o600)
