"""What the console's pages show, read from the database in one consistent view a page.

Promise: read-only. A case is shown as its station recorded it, its decision as the rules explained it; nothing is worked out anew here.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

import msgspec
from sqlalchemy import func, or_, select
from sqlalchemy.orm import Session

from claims.allowances import Exposure
from claims.errors import Bilingual
from claims.events import (
    CaseOpened,
    DeterminationMade,
    DocumentAdded,
    Outcome,
    SlipIssued,
    VoucherIssued,
    decode_event,
)
from claims.explanation import BasisLine, WaterfallBar, basis, waterfall
from headquarters.console.case_news import closed_among
from headquarters.devices import reason_of
from headquarters.exposure import ExposureGroup, GroupExposure, device_exposure, exposure_by, total_exposure
from headquarters.installation import Headquarters
from headquarters.log_intake import opening_of
from headquarters.models import (
    Attachment,
    Device,
    DeviceState,
    EventState,
    LogEvent,
    Release,
    Replay,
    Settlement,
    Verdict,
    Voucher,
)
from headquarters.models_payments import FieldReview
from rules.engine.model import Decision, read_decision
from trust.errors import TrustError
from trust.releases import open_release

PAGE = 50
_OPENED, _DETERMINED, _DOCUMENT, _SLIP, _ISSUED = (
    "case_opened@1",
    "determination_made@1",
    "document_added@1",
    "slip_issued@1",
    "voucher_issued@1",
)


@dataclass(frozen=True)
class CaseLine:
    """A case that came in. ``received_at`` is headquarters' instant; ``outcome`` the newest, None before one; ``closed``: by headquarters."""

    case: CaseOpened
    device: str
    station: str
    received_at: datetime | None
    outcome: Outcome | None
    promised_fen: int
    verdicts: tuple[str, ...]
    closed: bool = False


@dataclass(frozen=True)
class Explained:
    """One policy's newest decision with its explanation and the replay's verdict."""

    policy_no: str
    outcome: Outcome
    reasons: tuple[Bilingual, ...]
    decision: Decision
    bars: tuple[WaterfallBar, ...]
    lines: tuple[BasisLine, ...]
    replay: str | None
    difference: str | None


@dataclass(frozen=True)
class DocumentLine:
    """A paper that was taken in. ``held``: its file is whole here."""

    document: DocumentAdded
    held: bool


@dataclass(frozen=True)
class CasePage:
    """One case, whole. ``payees`` are by voucher number."""

    case: CaseOpened
    device: str
    station: str
    explained: tuple[Explained, ...]
    documents: tuple[DocumentLine, ...]
    vouchers: tuple[Voucher, ...]
    payees: dict[str, str]
    slips: tuple[SlipIssued, ...]


@dataclass(frozen=True)
class DeviceLine:
    """One life of a device with what it exposes to, in fen, and when it was last heard."""

    device: Device
    reason: Bilingual | None
    exposure_fen: int


@dataclass(frozen=True)
class Overview:
    """The figures of the first page."""

    cases: int
    waiting: int
    holds: int
    reviews: int
    stuck: int
    settled_fen: int
    promised_fen: int
    float_fen: int
    exposure_fen: int
    devices: dict[str, int]
    silent: tuple[DeviceLine, ...]


def overview(hq: Headquarters) -> Overview:
    """Return the figures of the first page. ``silent``: the devices at work that were not heard for longest."""
    exposed = total_exposure(hq)
    with hq.database.read() as session:
        active = session.scalars(
            select(Device)
            .where(Device.state == DeviceState.ACTIVE)
            .order_by(func.coalesce(Device.seen_at, Device.enrolled_at))
            .limit(5)
        ).all()
        lines = tuple(DeviceLine(each, None, 0) for each in active)
        figures = Overview(
            cases=_count(session, LogEvent.type == _OPENED),
            waiting=_count(session, LogEvent.state == EventState.PENDING),
            holds=int(session.scalar(select(func.count()).where(Voucher.verdict == Verdict.HOLD)) or 0),
            reviews=int(session.scalar(select(func.count()).where(FieldReview.value.is_(None))) or 0),
            stuck=_count(session, LogEvent.state == EventState.STUCK),
            settled_fen=int(session.scalar(select(func.sum(Settlement.amount_fen))) or 0),
            promised_fen=int(session.scalar(select(func.sum(Voucher.amount_fen))) or 0),
            float_fen=exposed.float_fen,
            exposure_fen=exposed.total_fen,
            devices={
                row[0]: row[1] for row in session.execute(select(Device.state, func.count()).group_by(Device.state))
            },
            silent=lines,
        )
        session.expunge_all()
        return figures


def case_lines(hq: Headquarters, text: str = "", page: int = 0) -> tuple[tuple[CaseLine, ...], int]:
    """Return a page of cases, the newest to arrive first, and how many there are in all.

    Args:
        text: part of a case, voucher, device or station number; empty for all.
    """
    text = text.strip()[:64]
    with hq.database.read() as session:
        query = select(LogEvent).where(LogEvent.type == _OPENED)
        if text:
            like = f"%{text}%"
            named = select(Voucher.case_no).where(Voucher.voucher_no.like(like))
            query = query.where(
                or_(LogEvent.subject.like(like), LogEvent.device.like(like), LogEvent.subject.in_(named))
            )
        total = int(session.scalar(select(func.count()).select_from(query.subquery())) or 0)
        rows = session.scalars(
            query.order_by(LogEvent.processed_at.desc(), LogEvent.device, LogEvent.seq.desc())
            .offset(page * PAGE)
            .limit(PAGE)
        ).all()
        found = [(each, event) for each in rows if isinstance(event := decode_event(each.body), CaseOpened)]
        numbers = [event.case_no for _, event in found]
        vouchers = _by_case(session, numbers)
        outcomes = _outcomes(session, numbers)
        stations = _stations(session)
        closed = closed_among(session, numbers)
        return tuple(
            CaseLine(
                case=event,
                device=row.device,
                station=stations.get((row.device, row.epoch), ""),
                received_at=row.processed_at,
                outcome=outcomes.get(event.case_no),
                promised_fen=sum(each.amount_fen for each in vouchers.get(event.case_no, ())),
                verdicts=tuple(each.verdict for each in vouchers.get(event.case_no, ())),
                closed=event.case_no in closed,
            )
            for row, event in found
        ), total


def case_page(hq: Headquarters, case_no: str) -> CasePage | None:
    """Return one case with its explanation, papers and promises; None for one that headquarters does not have."""
    with hq.database.read() as session:
        opening = opening_of(session, case_no)
        if opening is None:
            return None
        case, device = opening
        where = session.scalars(
            select(LogEvent).where(LogEvent.type == _OPENED, LogEvent.subject == case_no).limit(1)
        ).one()
        stations = _stations(session)
        vouchers = tuple(
            session.scalars(select(Voucher).where(Voucher.case_no == case_no).order_by(Voucher.voucher_no))
        )
        page = CasePage(
            case=case,
            device=device,
            station=stations.get((where.device, where.epoch), ""),
            explained=_explained(session, case_no),
            documents=_documents(session, where.device, where.epoch, case_no),
            vouchers=vouchers,
            payees=_payees(session, vouchers),
            slips=tuple(
                event
                for body in session.scalars(
                    select(LogEvent.body).where(LogEvent.type == _SLIP, LogEvent.subject == case_no)
                )
                if isinstance(event := decode_event(body), SlipIssued)
            ),
        )
        session.expunge_all()
        return page


def device_lines(hq: Headquarters) -> tuple[DeviceLine, ...]:
    """Return every life of every device, the newest life first."""
    with hq.database.read() as session:
        devices = session.scalars(select(Device).order_by(Device.station, Device.device, Device.epoch.desc())).all()
        session.expunge_all()
    return tuple(
        DeviceLine(
            each,
            reason_of(each) if each.state_reason_zh else None,
            device_exposure(hq, each.device, each.epoch).total_fen,
        )
        for each in devices
    )


@dataclass(frozen=True)
class StationLine:
    """A station: its exposure, and when any of its laptops was last heard (UTC; None: never since enrolment)."""

    exposure: GroupExposure
    devices: int
    seen_at: datetime | None


def station_lines(hq: Headquarters) -> tuple[StationLine, ...]:
    """Return every station that has a laptop at work or bears exposure: of what lies there nothing is left out of the sum."""
    exposed = {each.key: each for each in exposure_by(hq, ExposureGroup.STATION)}
    going = func.count(func.distinct(Device.device)).filter(Device.state == DeviceState.ACTIVE)
    with hq.database.read() as session:
        rows = session.execute(
            select(Device.station, func.max(Device.station_name), going, func.max(Device.seen_at))
            .group_by(Device.station)
            .order_by(Device.station)
        ).all()
    nothing = Exposure(float_fen=0, respendable_fen=0)
    return tuple(
        StationLine(
            exposed.get(station) or GroupExposure(key=station, name=name, devices=0, grants=0, exposure=nothing),
            count,
            seen_at,
        )
        for station, name, count, seen_at in rows
        if count or station in exposed
    )


@dataclass(frozen=True)
class ReleaseLine:
    """A published release and until when it is good; both instants None where its record can't be read any more."""

    release: Release
    warn_after: datetime | None
    expires_at: datetime | None
    newest: bool


def release_lines(hq: Headquarters) -> Sequence[ReleaseLine]:
    """Return every published release, the newest of each kind first."""
    with hq.database.read() as session:
        found = session.scalars(select(Release).order_by(Release.kind, Release.version.desc())).all()
        session.expunge_all()
    roots, seen, lines = hq.trust_store(), set[str](), []
    for each in found:
        try:
            record = open_release(each.record, roots, floor_version=0)
        except TrustError:
            record = None
        lines.append(
            ReleaseLine(
                each,
                None if record is None else record.warn_after,
                None if record is None else record.expires_at,
                newest=each.kind not in seen,
            )
        )
        seen.add(each.kind)
    return lines


def _explained(session: Session, case_no: str) -> tuple[Explained, ...]:
    rows = session.scalars(
        select(LogEvent)
        .where(LogEvent.type == _DETERMINED, LogEvent.subject == case_no)
        .order_by(LogEvent.device, LogEvent.epoch, LogEvent.seq)
    )
    newest: dict[str, tuple[LogEvent, DeterminationMade]] = {}
    for row in rows:
        event = decode_event(row.body)
        if isinstance(event, DeterminationMade):
            newest[event.policy_no] = (row, event)
    found = []
    for row, event in newest.values():
        replay = session.get(Replay, (row.device, row.epoch, row.seq))
        try:
            decision = read_decision(bytes(event.decision))
        except msgspec.DecodeError:
            continue  # the replay says that it can't be read; there is nothing to explain
        found.append(
            Explained(
                policy_no=event.policy_no,
                outcome=event.outcome,
                reasons=event.outcome_reasons,
                decision=decision,
                bars=waterfall(decision),
                lines=basis(decision),
                replay=None if replay is None else replay.verdict,
                difference=None if replay is None else replay.difference,
            )
        )
    return tuple(found)


def _documents(session: Session, device: str, epoch: int, case_no: str) -> tuple[DocumentLine, ...]:
    bodies = session.scalars(
        select(LogEvent.body)
        .where(LogEvent.device == device, LogEvent.epoch == epoch, LogEvent.type == _DOCUMENT)
        .order_by(LogEvent.seq)
    )
    events = [
        event for body in bodies if isinstance(event := decode_event(body), DocumentAdded) and event.case_no == case_no
    ]
    held = set(
        session.scalars(select(Attachment.sha256).where(Attachment.sha256.in_([each.sha256 for each in events])))
    )
    return tuple(DocumentLine(each, each.sha256 in held) for each in events)


def _payees(session: Session, vouchers: Sequence[Voucher]) -> dict[str, str]:
    found = {}
    for voucher in vouchers:
        row = session.get(LogEvent, (voucher.device, voucher.epoch, voucher.seq))
        event = None if row is None else decode_event(row.body)
        if isinstance(event, VoucherIssued):
            found[voucher.voucher_no] = event.payee.name
    return found


def _by_case(session: Session, numbers: Sequence[str]) -> dict[str, list[Voucher]]:
    found: dict[str, list[Voucher]] = {}
    for each in session.scalars(select(Voucher).where(Voucher.case_no.in_(numbers))):
        found.setdefault(each.case_no, []).append(each)
    return found


def _outcomes(session: Session, numbers: Sequence[str]) -> dict[str, Outcome]:
    rows = session.execute(
        select(LogEvent.subject, LogEvent.body)
        .where(LogEvent.type == _DETERMINED, LogEvent.subject.in_(numbers))
        .order_by(LogEvent.device, LogEvent.epoch, LogEvent.seq)
    )
    found: dict[str, Outcome] = {}
    for case_no, body in rows:
        event = decode_event(body)
        if isinstance(event, DeterminationMade) and case_no is not None:
            found[case_no] = event.outcome
    return found


def _stations(session: Session) -> dict[tuple[str, int], str]:
    rows = session.execute(select(Device.device, Device.epoch, Device.station_name))
    return {(device, epoch): name for device, epoch, name in rows}


def _count(session: Session, condition: object) -> int:
    return int(session.scalar(select(func.count()).select_from(LogEvent).where(condition)) or 0)  # type: ignore[arg-type]  # a column expression
