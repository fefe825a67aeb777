"""A laptop is lost: what it still could have promised counts as spent, for ever.

Promise: the remainder of its own grants and of what it had received stays kept aside; what it handed on stays with its receivers, also
where only their logs will tell of it. Nothing of it is ever granted again, and papers that turn up are looked at.

Source: design.md "Allowances"; docs/adr/0142.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from claims.errors import Bilingual
from headquarters.devices import revoke
from headquarters.installation import Headquarters
from headquarters.models import Grant, GrantState

LOST = Bilingual("设备遗失，总部已核销。", "The device is lost and headquarters wrote it off.")


@dataclass(frozen=True)
class WrittenOff:
    """What was given up, in fen: left of its own grants, left of what it had received; and what it had handed on, which is not lost."""

    device: str
    epoch: int
    grants: int
    own_fen: int
    received_fen: int
    handed_on_fen: int


def write_off(hq: Headquarters, device: str, reason: Bilingual | None = None, epoch: int | None = None) -> WrittenOff:
    """Write a device off: its newest life, or the one named (a disk that was replaced and will never hand in its log).

    Raises:
        InputError: ``device_unknown``.
    """
    found = revoke(hq, device, reason or LOST, write_off=True, epoch=epoch)
    with hq.database.read() as session:
        grants = session.scalars(
            select(Grant).where(
                Grant.device == found.device, Grant.epoch == found.epoch, Grant.state == GrantState.WRITTEN_OFF
            )
        ).all()
    left = [(each.limit_fen - each.spent_fen - each.transferred_fen, each.parent_id is not None) for each in grants]
    return WrittenOff(
        device=found.device,
        epoch=found.epoch,
        grants=len(grants),
        own_fen=sum(fen for fen, received in left if not received),
        received_fen=sum(fen for fen, received in left if received),
        handed_on_fen=sum(each.transferred_fen for each in grants),
    )
