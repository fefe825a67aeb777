"""Allowances ahead of a catastrophe: the likely station gets its part of every limit before the lines go down, headquarters keeps the rest.

Promise: nothing is granted beyond what is left of a limit; running it again adds only what is missing of the share (new policies, what a
closing statement gave back), so that a run that was cut short is simply repeated. What it adds to the exposure is told.

A policy belongs to a catastrophe by its insured's place of registration (the first six digits of the ID number): where somebody
is on the day is known only then, and their laptop asks its neighbours or takes the float.

Source: design.md "Allowances"; docs/adr/0143.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from itertools import islice

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.allowances import Exposure
from claims.covered_sums import pool_limits
from claims.errors import Bilingual, InputError
from claims.events import PersonFact
from claims.form_fields import FactValue
from claims.reference import Catastrophe, ExtractPerson, ExtractPolicy
from claims.settlement import person_key, policy_year_start, pool_id
from claims.waivers import waiver_elements, within
from headquarters.catastrophes import read_catastrophes
from headquarters.devices import current_device
from headquarters.exposure import device_exposure
from headquarters.extract_file import read_extract
from headquarters.grants import escrows_fen, hand_out, learn_pool_limit
from headquarters.installation import Headquarters
from headquarters.models import Device, DeviceState, Grant, Pool, Release
from headquarters.turn import Turn
from rules.engine import Pack
from rules.engine.model import ElementId, PoolDraw, Unit

_BATCH = 500
_WHOLE = 100
_REGION_DIGITS = 6


@dataclass(frozen=True)
class PolicyPool:
    """A pool with a limit in money that a policy draws on; ``used_fen`` is what the extract says is gone.

    ``limit_fen`` is that of a loss on the catastrophe's first day; ``most_fen`` the higher one of its first and last day (a child's cap
    rises with a birthday), which is the limit that headquarters learns.
    """

    pool_id: str
    limit_fen: int
    most_fen: int
    used_fen: int


@dataclass(frozen=True)
class GrantedAhead:
    """What one run did. ``without_limit`` counts pools that only count or are counted in days: their promises take the float.

    ``before`` and ``after`` are the device's exposure.
    """

    catastrophe_id: str
    device: str
    epoch: int
    station: str
    extract_version: int
    policies: int
    pools: int
    granted: int
    granted_fen: int
    full: int
    without_limit: int
    before: Exposure
    after: Exposure


def grant_ahead(
    hq: Headquarters, catastrophe_id: str, station_or_device: str, share_percent: int, days: int
) -> GrantedAhead:
    """Grant a share of every pool's limit of the policies in a catastrophe's regions, for so many days.

    Args:
        station_or_device: a device, or a station: then its first laptop in order of names that is at work, where the hub runs and
            whence the others get their parts by transfers.
        share_percent: 1 to 100 of each limit. A share that is below a benefit does not cover it: deaths need 100.

    Raises:
        InputError: ``catastrophe_unknown``, ``nothing_published`` (no pack or no extract), ``device_unknown``, ``share_unusable``.
    """
    if not 0 < share_percent <= _WHOLE or days <= 0:
        raise InputError(
            "share_unusable",
            Bilingual(
                f"比例须为 1 至 100（现为 {share_percent}），天数须大于零（现为 {days}）。",
                f"The share is {share_percent} and must be 1 to 100; the days are {days} and must be above zero.",
            ),
            Bilingual("请改正后重试。", "Correct it and try again."),
        )
    catastrophe = _catastrophe(hq, catastrophe_id)
    pack = _newest_pack(hq)
    device, epoch = _target(hq, station_or_device)
    before = device_exposure(hq, device, epoch)
    version, found = _pools_in(hq, pack, catastrophe)
    granted = granted_fen = full = 0
    for batch in _batches(found.pools.values()):

        def place(session: Session, batch: Sequence[PolicyPool] = batch) -> tuple[int, int, int]:
            turn = Turn(hq, session, session.get_one(Device, (device, epoch)), hq.now())
            return _place(turn, catastrophe_id, batch, share_percent, days)

        placed = hq.database.run(place)
        granted, granted_fen, full = granted + placed[0], granted_fen + placed[1], full + placed[2]
    with hq.database.read() as session:
        station = session.get_one(Device, (device, epoch)).station
    return GrantedAhead(
        catastrophe_id=catastrophe_id,
        device=device,
        epoch=epoch,
        station=station,
        extract_version=version,
        policies=found.policies,
        pools=len(found.pools),
        granted=granted,
        granted_fen=granted_fen,
        full=full,
        without_limit=found.without_limit,
        before=before,
        after=device_exposure(hq, device, epoch),
    )


def policy_pools(
    pack: Pack, policy: ExtractPolicy, insured: ExtractPerson, catastrophe: Catastrophe
) -> tuple[tuple[PolicyPool, ...], int]:
    """Return a policy's pools with a limit in money for a loss by this catastrophe, and how many of its pools have none.

    Raises:
        InputError: ``before_cover``.
    """
    on = catastrophe.loss_from
    year_start = policy_year_start(policy.effective, on)
    person = person_key(PersonFact(name=insured.name, id_number=insured.id_number))
    later = {
        each.spec.id: each.limit for each in pool_limits(pack, policy, _loss(pack, catastrophe, catastrophe.loss_to))
    }
    found, without = [], 0
    for each in pool_limits(pack, policy, _loss(pack, catastrophe, on)):
        spec = each.spec
        if each.limit is None or spec.unit is not Unit.FEN:
            without += 1
            continue
        draw = PoolDraw(pool=spec.id, scope=spec.scope, unit=spec.unit, limit=each.limit, used_before=0, amount=0)
        used = policy.terms.get(spec.used, 0)
        found.append(
            PolicyPool(
                pool_id=pool_id(
                    draw,
                    policy_no=policy.policy_no,
                    person_key=person,
                    policy_year_start=year_start,
                    loss_key=f"accident:{on.isoformat()}",
                ),
                limit_fen=each.limit,
                most_fen=max(each.limit, later.get(spec.id) or 0),
                used_fen=used if isinstance(used, int) and not isinstance(used, bool) else 0,
            )
        )
    return tuple(found), without


def _loss(pack: Pack, catastrophe: Catastrophe, on: date) -> dict[str, FactValue]:
    """Return the facts of a loss that this catastrophe would bring on a day: an accident, with its waivers and its dates."""
    dates = set(pack.date_bases.values())
    dates |= {liability.spec.date_basis for plan in pack.plans.values() for liability, _ in plan.liabilities}
    facts: dict[str, FactValue] = dict.fromkeys(sorted(dates), on.isoformat())
    facts |= waiver_elements(catastrophe)
    facts["accident"] = True
    return {name: value for name, value in facts.items() if ElementId(name) in pack.elements}


@dataclass
class _Found:
    pools: dict[str, PolicyPool]
    policies: int = 0
    without_limit: int = 0


def _pools_in(hq: Headquarters, pack: Pack, catastrophe: Catastrophe) -> tuple[int, _Found]:
    """Read the newest extract once: its persons in the regions, then their policies in force when the catastrophe began."""
    version, sha256 = _newest(hq, "extract")
    found = _Found({})
    inside: dict[str, ExtractPerson] = {}
    on = catastrophe.loss_from
    for record in read_extract(hq.blobs.path(sha256)):
        if isinstance(record, ExtractPerson):
            if _is_inside(record, catastrophe.regions):
                inside[record.person_id] = record
        elif isinstance(record, ExtractPolicy) and record.insured_id in inside:
            if record.effective > on or (record.expiry is not None and record.expiry < on):
                continue
            pools, without = policy_pools(pack, record, inside[record.insured_id], catastrophe)
            found.policies += 1
            found.without_limit += without
            for pool in pools:
                known = found.pools.get(pool.pool_id)
                # A person's policies share a pool: the lower figure is the safe one.
                if known is None or pool.limit_fen < known.limit_fen:
                    found.pools[pool.pool_id] = pool
    return version, found


def _place(
    turn: Turn, catastrophe_id: str, pools: Sequence[PolicyPool], share_percent: int, days: int
) -> tuple[int, int, int]:
    """Grant what is missing of the share on some pools; return how many grants, their sum, and how many pools had too little left."""
    session = turn.session
    ids = [each.pool_id for each in pools]
    escrow = escrows_fen(session, ids)
    held = _held_ahead(session, turn.device, catastrophe_id, ids)
    known = {each.pool_id: each for each in session.scalars(select(Pool).where(Pool.pool_id.in_(ids)))}
    granted = granted_fen = full = 0
    for each in pools:
        pool = known.get(each.pool_id)
        if pool is None or pool.limit is None or each.most_fen < pool.limit:
            pool = learn_pool_limit(session, each.pool_id, Unit.FEN, each.most_fen)
        limit_fen = each.limit_fen if pool.limit is None else min(pool.limit, each.limit_fen)
        wanted_fen = limit_fen * share_percent // _WHOLE - held.get(each.pool_id, 0)
        left_fen = limit_fen - max(pool.used, each.used_fen) - escrow.get(each.pool_id, 0)
        full += wanted_fen > max(0, left_fen)
        amount_fen = min(wanted_fen, left_fen)
        if amount_fen > 0:
            hand_out(turn, each.pool_id, amount_fen, days, catastrophe_id)
            granted, granted_fen = granted + 1, granted_fen + amount_fen
    return granted, granted_fen, full


def _held_ahead(session: Session, device: Device, catastrophe_id: str, pools: Sequence[str]) -> Mapping[str, int]:
    """Return what the device's station has of these pools ahead of this catastrophe: spent or not, but not given back."""
    rows = session.execute(
        select(Grant.pool, func.sum(Grant.limit_fen - Grant.returned_fen))
        .join(Device, (Device.device == Grant.device) & (Device.epoch == Grant.epoch))
        .where(
            Grant.pool.in_(pools),
            Grant.catastrophe_id == catastrophe_id,
            Grant.parent_id.is_(None),
            Device.station == device.station,
        )
        .group_by(Grant.pool)
    )
    return {pool: int(fen) for pool, fen in rows}


def _is_inside(person: ExtractPerson, regions: Iterable[str]) -> bool:
    region = person.id_number[:_REGION_DIGITS]
    return region.isdigit() and any(within(region, area) for area in regions)


def _target(hq: Headquarters, station_or_device: str) -> tuple[str, int]:
    with hq.database.read() as session:
        at_work = select(Device).where(Device.state == DeviceState.ACTIVE)
        found = session.scalars(at_work.where(Device.device == station_or_device)).first()
        if found is None:
            stationed = at_work.where(Device.station == station_or_device).order_by(Device.device, Device.epoch)
            found = session.scalars(stationed).first()
        if found is None:
            # Names the fault: never enrolled. A known device that is stopped falls through.
            found = current_device(session, station_or_device)
            raise InputError(
                "device_not_active",
                Bilingual(f"设备 {found.device} 已停用（{found.state}）。", f"Device {found.device} is {found.state}."),
                Bilingual("请改用在用的设备。", "Name a device that is at work."),
            )
        return found.device, found.epoch


def _catastrophe(hq: Headquarters, catastrophe_id: str) -> Catastrophe:
    _, sha256 = _newest(hq, "catastrophe")
    for each in read_catastrophes(hq.blobs.read(sha256)):
        if each.catastrophe_id == catastrophe_id:
            return each
    raise InputError(
        "catastrophe_unknown",
        Bilingual(f"没有发布过突发事件 {catastrophe_id}。", f"No catastrophe {catastrophe_id} is published."),
        Bilingual("请先发布突发事件，或核对编号。", "Publish it first, or check the id."),
    )


def _newest_pack(hq: Headquarters) -> Pack:
    _, sha256 = _newest(hq, "pack")
    pack = hq.packs.find(sha256)
    if pack is None:
        raise _nothing_published("pack")
    return pack


def _newest(hq: Headquarters, kind: str) -> tuple[int, str]:
    with hq.database.read() as session:
        row = session.execute(
            select(Release.version, Release.sha256)
            .where(Release.kind == kind)
            .order_by(Release.version.desc())
            .limit(1)
        ).first()
    if row is None:
        raise _nothing_published(kind)
    return int(row[0]), str(row[1])


def _nothing_published(kind: str) -> InputError:
    return InputError(
        "nothing_published",
        Bilingual(f"还没有发布 {kind}。", f"No {kind} is published yet."),
        Bilingual("请先用 publish 发布。", "Publish it first with `publish`."),
    )


def _batches(pools: Iterable[PolicyPool]) -> Iterator[list[PolicyPool]]:
    waiting = iter(pools)
    while batch := list(islice(waiting, _BATCH)):
        yield batch
