"""What could be promised beyond limits, known before anything goes wrong.

Promise: the figure covers the worst case. Headquarters does not know what a laptop spent since its last receipt, so every
open grant counts in full: as float that may overlap, and as what a restored disk could promise a second time.

Source: design.md promise 2; claims.allowances.exposure.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select

from claims.allowances import Allowance, AllowanceBook, Exposure, PoolId, exposure
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState, Grant, GrantState


@dataclass(frozen=True)
class DeviceExposure:
    """The exposure of one life of a device."""

    device: str
    epoch: int
    state: str
    exposure: Exposure


def exposure_by_device(hq: Headquarters) -> tuple[DeviceExposure, ...]:
    """Return the exposure of every device that holds grants. A written-off one has none: its remainder counts as spent."""
    found = []
    with hq.database.read() as session:
        for device in session.scalars(select(Device).order_by(Device.device, Device.epoch)):
            if device.state == DeviceState.WRITTEN_OFF:
                continue
            grants = session.scalars(
                select(Grant).where(Grant.device == device.device, Grant.epoch == device.epoch).order_by(Grant.grant_id)
            ).all()
            if grants:
                book = AllowanceBook(
                    device=device.device, epoch=device.epoch, allowances=tuple(_worst_case(grant) for grant in grants)
                )
                found.append(DeviceExposure(device.device, device.epoch, device.state, exposure([book])))
    return tuple(found)


def total_exposure(hq: Headquarters) -> Exposure:
    """Return the exposure over all devices."""
    each = [one.exposure for one in exposure_by_device(hq)]
    return Exposure(
        float_fen=sum(one.float_fen for one in each), respendable_fen=sum(one.respendable_fen for one in each)
    )


def _worst_case(grant: Grant) -> Allowance:
    closed = grant.state == GrantState.CLOSED
    return Allowance(
        grant_id=grant.grant_id,
        pool=PoolId(grant.pool),
        limit_fen=grant.limit_fen,
        spent_fen=grant.spent_fen if closed else grant.limit_fen,
        expires_at=grant.expires_at,
        counter=grant.debits,
        closed=closed,
    )
