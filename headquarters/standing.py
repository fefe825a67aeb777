"""How headquarters stands: one consistent reading for ``status`` and for tests."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from sqlalchemy import func, select
from sqlalchemy.orm import InstrumentedAttribute, Session

from claims.errors import Bilingual
from headquarters.devices import reason_of
from headquarters.installation import Headquarters
from headquarters.models import Attachment, Device, EventState, LogEvent, Release, Replay, Settlement, Verdict, Voucher


@dataclass(frozen=True)
class DeviceStanding:
    """One life of a device."""

    device: str
    epoch: int
    station: str
    adjuster_name: str
    state: str
    reason: Bilingual | None
    watermark_seq: int
    feed_length: int


@dataclass(frozen=True)
class HeldVoucher:
    """A voucher that waits for a person, in one line (``headquarters.holds`` has it with its evidence)."""

    voucher_no: str
    case_no: str
    amount_fen: int
    reason: Bilingual


@dataclass(frozen=True)
class Standing:
    """Everything ``status`` prints. Counts are by state or verdict."""

    devices: tuple[DeviceStanding, ...]
    events: Mapping[str, int]
    replays: Mapping[str, int]
    vouchers: Mapping[str, int]
    settled_fen: int
    attachments: int
    releases: Mapping[str, int]
    holds: tuple[HeldVoucher, ...]
    stuck: tuple[str, ...]


def read_standing(hq: Headquarters) -> Standing:
    """Read how things stand."""
    with hq.database.read() as session:
        return Standing(
            devices=tuple(
                DeviceStanding(
                    device=each.device,
                    epoch=each.epoch,
                    station=each.station,
                    adjuster_name=each.adjuster_name,
                    state=each.state,
                    reason=reason_of(each) if each.state_reason_zh else None,
                    watermark_seq=each.watermark_seq,
                    feed_length=each.feed_length,
                )
                for each in session.scalars(select(Device).order_by(Device.device, Device.epoch))
            ),
            events=_count(session, LogEvent.state),
            replays=_count(session, Replay.verdict),
            vouchers=_count(session, Voucher.verdict),
            settled_fen=int(session.scalar(select(func.sum(Settlement.amount_fen))) or 0),
            attachments=int(session.scalar(select(func.count()).select_from(Attachment)) or 0),
            releases={
                row[0]: row[1]
                for row in session.execute(select(Release.kind, func.max(Release.version)).group_by(Release.kind))
            },
            holds=tuple(
                HeldVoucher(each.voucher_no, each.case_no, each.amount_fen, Bilingual(each.reason_zh, each.reason_en))
                for each in session.scalars(
                    select(Voucher)
                    .where(Voucher.verdict == Verdict.HOLD)
                    .order_by(Voucher.decided_at, Voucher.voucher_no)
                )
            ),
            stuck=tuple(
                f"{each.device} ({each.epoch}) {each.seq} {each.type}: {each.reason_en}"
                for each in session.scalars(
                    select(LogEvent)
                    .where(LogEvent.state == EventState.STUCK)
                    .order_by(LogEvent.device, LogEvent.epoch, LogEvent.seq)
                )
            ),
        )


def _count(session: Session, column: InstrumentedAttribute[str]) -> dict[str, int]:
    return {row[0]: row[1] for row in session.execute(select(column, func.count()).group_by(column))}
