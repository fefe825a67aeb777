"""What could be promised beyond limits, known before anything goes wrong: by device, station, catastrophe and in total.

Promise: the figure covers the worst case. Headquarters does not know what a laptop spent since its last receipt, so every
open grant counts in full: as float that may overlap, and as what a restored disk could promise a second time. What moved to another
laptop counts there as well: two disks can be put back. A lost laptop's vouchers may still come in: written off, it counts until its grants have
ended and a time of grace is over; what it may hold that a restored headquarters forgot counts with it.

Source: design.md promise 2; claims.allowances.exposure; docs/adr/0143, docs/adr/0165.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.allowances import Allowance, AllowanceBook, Exposure, PoolId, exposure
from headquarters.forgotten_grants import GRACE, forgotten_fen, is_kept_aside
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
    """Return the exposure by group, in order of keys."""
    with hq.database.read() as session:
        lives = _bearing(session, hq.now())
    parts: dict[str, list[_Life]] = {}
    names: dict[str, str] = {}
    for life in lives:
        for key, name, part in _parts(group, life):
            parts.setdefault(key, []).append(part)
            names[key] = name
    return tuple(
        GroupExposure(
            key=key,
            name=names[key],
            devices=len(parts[key]),
            grants=sum(len(each.grants) for each in parts[key]),
            exposure=_sum(each.exposure for each in parts[key]),
        )
        for key in sorted(parts)
    )


def exposure_by_device(hq: Headquarters) -> tuple[DeviceExposure, ...]:
    """Return the exposure of every device that holds grants, in order of names and epochs."""
    with hq.database.read() as session:
        return tuple(
            DeviceExposure(each.device.device, each.device.epoch, each.device.state, each.exposure)
            for each in _bearing(session, hq.now())
        )


def device_exposure(hq: Headquarters, device: str, epoch: int) -> Exposure:
    """Return the exposure of one life of a device."""
    with hq.database.read() as session:
        found = session.get_one(Device, (device, epoch))
        return _life(session, found, hq.now()).exposure


def total_exposure(hq: Headquarters) -> Exposure:
    """Return the exposure over all devices."""
    return _sum(one.exposure for one in exposure_by(hq, ExposureGroup.STATION))


@dataclass(frozen=True)
class _Life:
    """One life of a device with the grants that count, and what nobody knows of."""

    device: Device
    grants: Sequence[Grant]
    forgotten_fen: int

    @property
    def exposure(self) -> Exposure:
        return msgspec.structs.replace(_of(self.grants), forgotten_fen=self.forgotten_fen)


def _bearing(session: Session, at: datetime) -> list[_Life]:
    """Return the lives that bear exposure, in order. Two readings for all of them: there may be hundreds."""
    forgotten = forgotten_fen(session, at)
    grants: dict[tuple[str, int], list[Grant]] = {}
    for grant in session.scalars(select(Grant).order_by(Grant.grant_id)):
        grants.setdefault((grant.device, grant.epoch), []).append(grant)
    devices = session.scalars(select(Device).order_by(Device.device, Device.epoch))
    lives = (
        _Life(each, _counting(each, grants.get(key, []), at), forgotten.get(key, 0))
        for each in devices
        for key in [(each.device, each.epoch)]
    )
    return [each for each in lives if each.grants or each.forgotten_fen]


def _life(session: Session, device: Device, at: datetime) -> _Life:
    query = select(Grant).where(Grant.device == device.device, Grant.epoch == device.epoch).order_by(Grant.grant_id)
    grants = session.scalars(query).all()
    unknown = forgotten_fen(session, at).get((device.device, device.epoch), 0)
    return _Life(device, _counting(device, grants, at), unknown)


def _counting(device: Device, grants: Sequence[Grant], at: datetime) -> Sequence[Grant]:
    given = [each for each in grants if not is_kept_aside(each)]
    if device.state != DeviceState.WRITTEN_OFF:
        return given
    # A closing statement was its log's own word; nothing comes any more of what ended long ago.
    return [each for each in given if each.state != GrantState.CLOSED and at < each.expires_at + GRACE]


def _parts(group: ExposureGroup, life: _Life) -> list[tuple[str, str, _Life]]:
    device = life.device
    match group:
        case ExposureGroup.DEVICE:
            return [(f"{device.device}/{device.epoch}", device.station_name, life)]
        case ExposureGroup.STATION:
            return [(device.station, device.station_name, life)]
        case ExposureGroup.CATASTROPHE:
            keys = {each.catastrophe_id or "" for each in life.grants} | ({""} if life.forgotten_fen else set())
            return [
                (
                    key,
                    "",
                    _Life(
                        device,
                        [each for each in life.grants if (each.catastrophe_id or "") == key],
                        0 if key else life.forgotten_fen,
                    ),
                )
                for key in sorted(keys)
            ]


def _sum(parts: Iterable[Exposure]) -> Exposure:
    found = list(parts)
    return Exposure(
        float_fen=sum(each.float_fen for each in found),
        respendable_fen=sum(each.respendable_fen for each in found),
        forgotten_fen=sum(each.forgotten_fen for each in found),
    )


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
