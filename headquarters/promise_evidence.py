"""What a voucher of the log rests on: its case, its determination, and what became of that at headquarters.

Promise: read-only; what is missing is None. Only what its own device wrote before it counts.
"""

from __future__ import annotations

from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.events import CaseOpened, DeterminationMade, VoucherIssued, decode_event
from headquarters.models import Device, EventState, LogEvent, Replay
from headquarters.replay import ReplayVerdict


@dataclass(frozen=True)
class Evidence:
    """What a voucher rests on: its case, its determination, and what became of that at headquarters (None: not here).

    ``replayed`` is the row of the replay where the determination came with the log.
    """

    case: CaseOpened | None
    made: DeterminationMade | None
    verdict: ReplayVerdict = ReplayVerdict.IMPOSSIBLE
    difference: str | None = None
    replayed: Replay | None = None


def evidence_in_log(session: Session, device: Device, event: VoucherIssued, seq: int) -> Evidence:
    """Return what the device's log holds before ``seq`` for a voucher to rest on."""
    case = _case(session, device, event.case_no, seq)
    replayed, made = _determination(session, device, event, seq)
    if replayed is None or made is None:
        return Evidence(case, None)
    return Evidence(case, made, ReplayVerdict(replayed.verdict), replayed.difference, replayed)


def _case(session: Session, device: Device, case_no: str, seq: int) -> CaseOpened | None:
    row = session.scalars(
        select(LogEvent)
        .where(
            LogEvent.type == "case_opened@1",
            LogEvent.subject == case_no,
            LogEvent.device == device.device,
            LogEvent.epoch == device.epoch,
            LogEvent.state != EventState.REJECTED,
            LogEvent.seq < seq,
        )
        .order_by(LogEvent.seq)
    ).first()
    event = None if row is None else decode_event(row.body)
    return event if isinstance(event, CaseOpened) else None


def _determination(
    session: Session, device: Device, event: VoucherIssued, seq: int
) -> tuple[Replay | None, DeterminationMade | None]:
    replayed = session.scalars(
        select(Replay)
        .where(
            Replay.device == device.device,
            Replay.epoch == device.epoch,
            Replay.case_no == event.case_no,
            Replay.policy_no == event.policy_no,
            Replay.decision_sha256 == event.decision_sha256,
            Replay.seq < seq,
        )
        .order_by(Replay.seq.desc())
    ).first()
    if replayed is None:
        return None, None
    made = decode_event(session.get_one(LogEvent, (device.device, device.epoch, replayed.seq)).body)
    if not isinstance(made, DeterminationMade) or made.pack_hash != event.pack_hash:
        return None, None
    return replayed, made
