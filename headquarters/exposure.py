"""What could be promised beyond limits, known before anything goes wrong: by device, station, catastrophe and in total.

Promise: the figure covers the worst case. Headquarters does not know what a laptop spent since its last receipt, so every
open grant counts in full: as float that may overlap, and as what a restored disk could promise a second time. What moved to another
laptop counts there as well: two disks can be put back.

Source: design.md promise 2; claims.allowances.exposure; docs/adr/0143.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from sqlalchemy import select
from sqlalchemy.orm import Session

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


class ExposureGroup(StrEnum):
    """By what exposure is summed."""

    DEVICE = "device"
    STATION = "station"
    CATASTROPHE = "catastrophe"


@dataclass(frozen=True)
class GroupExposure:
    """The exposure of one group. ``key`` is the device (``D3/1``), station or catastrophe, empty for grants of no catastrophe;
    ``name`` is the station's, ``grants`` counts what it consists of."""

    key: str
    name: str
    devices: int
    grants: int
    exposure: Exposure


def exposure_by(hq: Headquarters, group: ExposureGroup) -> tuple[GroupExposure, ...]:
    """Return the exposure by group, in order of keys. Written-off devices have none: their remainder counts as spent."""
    with hq.database.read() as session:
        devices = {(each.device, each.epoch): each for each in _bearing(session)}
        grants = session.scalars(select(Grant).order_by(Grant.grant_id)).all()
    groups: dict[str, list[Grant]] = {}
    names: dict[str, str] = {}
    for grant in grants:
        device = devices.get((grant.device, grant.epoch))
        if device is None:
            continue
        key, name = _key(group, grant, device)
        groups.setdefault(key, []).append(grant)
        names[key] = name
    return tuple(
        GroupExposure(
            key=key,
            name=names[key],
            devices=len({(each.device, each.epoch) for each in groups[key]}),
            grants=len(groups[key]),
            exposure=_of(groups[key]),
        )
        for key in sorted(groups)
    )


def exposure_by_device(hq: Headquarters) -> tuple[DeviceExposure, ...]:
    """Return the exposure of every device that holds grants, in order of names and epochs."""
    found = []
    with hq.database.read() as session:
        for device in _bearing(session):
            grants = _grants_of(session, device.device, device.epoch)
            if grants:
                found.append(DeviceExposure(device.device, device.epoch, device.state, _of(grants)))
    return tuple(found)


def device_exposure(hq: Headquarters, device: str, epoch: int) -> Exposure:
    """Return the exposure of one life of a device."""
    with hq.database.read() as session:
        found = session.get_one(Device, (device, epoch))
        return _of([] if found.state == DeviceState.WRITTEN_OFF else _grants_of(session, device, epoch))


def total_exposure(hq: Headquarters) -> Exposure:
    """Return the exposure over all devices."""
    each = [one.exposure for one in exposure_by(hq, ExposureGroup.STATION)]
    return Exposure(
        float_fen=sum(one.float_fen for one in each), respendable_fen=sum(one.respendable_fen for one in each)
    )


def _bearing(session: Session) -> Sequence[Device]:
    query = select(Device).where(Device.state != DeviceState.WRITTEN_OFF).order_by(Device.device, Device.epoch)
    return session.scalars(query).all()


def _grants_of(session: Session, device: str, epoch: int) -> Sequence[Grant]:
    query = select(Grant).where(Grant.device == device, Grant.epoch == epoch).order_by(Grant.grant_id)
    return session.scalars(query).all()


def _key(group: ExposureGroup, grant: Grant, device: Device) -> tuple[str, str]:
    match group:
        case ExposureGroup.DEVICE:
            return f"{device.device}/{device.epoch}", device.station_name
        case ExposureGroup.STATION:
            return device.station, device.station_name
        case ExposureGroup.CATASTROPHE:
            return grant.catastrophe_id or "", ""


def _of(grants: Iterable[Grant]) -> Exposure:
    return exposure([AllowanceBook(device="", epoch=0, allowances=tuple(_worst_case(each) for each in grants))])


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
