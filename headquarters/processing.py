"""Works off what the log brought: replay, settlement, voids, closing statements; one event, one transaction.

Promise: an event is processed exactly once, in the order of its device's log, and its marker commits with its effects: a
crash anywhere loses or repeats nothing. What our own code can't cope with is marked *stuck* with the reason, shown by
``status``, told to the station, and tried again by ``replay``; it never blocks the events behind it.
"""

from __future__ import annotations

import logging
from datetime import datetime

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import (
    AllowanceClosed,
    DeterminationMade,
    Outcome,
    SlipIssued,
    VoucherIssued,
    VoucherVoided,
    decode_event,
)
from headquarters.grant_ledger import close_grant
from headquarters.installation import Headquarters
from headquarters.models import Device, EventState, LogEvent, Replay
from headquarters.replay import Replayed, ReplayVerdict, replay_determination
from headquarters.settlement import answer, note_void, settle_voucher

_log = logging.getLogger(__name__)
_Key = tuple[str, int, int]


def process_pending(hq: Headquarters, device: str | None = None, epoch: int | None = None) -> int:
    """Process every pending event (of one device, or of all); return how many were. Several callers at once do no harm."""
    done = 0
    after: _Key = ("", 0, 0)
    while (key := _next_pending(hq, device, epoch, after)) is not None:
        done += process_event(hq, key)
        after = key
    return done


def retry_stuck(hq: Headquarters) -> int:
    """Make stuck events pending again and process them; return how many were processed."""
    with hq.database.write() as session:
        session.execute(
            update(LogEvent).where(LogEvent.state == EventState.STUCK).values(state=EventState.PENDING, reason_zh=None, reason_en=None)
        )
    return process_pending(hq)


def process_event(hq: Headquarters, key: _Key) -> bool:
    """Process one event if it is still pending; False when somebody else was faster or it got stuck."""
    try:
        with hq.database.write() as session:
            row = session.get_one(LogEvent, key)
            if row.state != EventState.PENDING:
                return False
            at = hq.now()
            _process(hq, session, row, at)
            row.state, row.processed_at = EventState.PROCESSED, at
            return True
    except Exception as problem:  # the fault is kept in the row and shown by `status`; the log behind must go on
        _log.exception("event %s got stuck", key)
        _mark_stuck(hq, key, problem)
        return False


def _process(hq: Headquarters, session: Session, row: LogEvent, at: datetime) -> None:
    device = session.get_one(Device, (row.device, row.epoch))
    event = decode_event(row.body)
    match event:
        case DeterminationMade():
            _replay(hq, session, device, row.seq, event, at)
        case VoucherIssued():
            settle_voucher(hq, session, device, row.seq, event, at)
        case VoucherVoided():
            note_void(hq, session, device, event, at)
        case SlipIssued():
            _answer_case(hq, session, device, event.case_no, at)
        case AllowanceClosed():
            close_grant(hq, session, device, event, at)
        case _:
            pass


def _replay(
    hq: Headquarters, session: Session, device: Device, seq: int, event: DeterminationMade, at: datetime
) -> None:
    replayed = replay_determination(hq.packs, event)
    promised = event.outcome is Outcome.PRE_APPROVED
    session.add(
        Replay(
            device=device.device,
            epoch=device.epoch,
            seq=seq,
            case_no=event.case_no,
            policy_no=event.policy_no,
            decision_sha256=event.decision_sha256,
            verdict=replayed.verdict,
            difference=replayed.difference,
            replayed_at=at,
            answered=not promised,
        )
    )
    session.flush()
    if not promised:
        total_fen = replayed.recorded.total_fen if replayed.recorded else 0
        answer(hq, session, device, event.case_no, None, replayed.verdict, None, total_fen, verdict_text(replayed), at)


def _answer_case(hq: Headquarters, session: Session, device: Device, case_no: str, at: datetime) -> None:
    """A slip closes the case at the station: tell the replay of a pre-approval that led to no voucher."""
    waiting = session.scalars(
        select(Replay)
        .where(
            Replay.device == device.device,
            Replay.epoch == device.epoch,
            Replay.case_no == case_no,
            Replay.answered.is_(False),
        )
        .order_by(Replay.seq)
    )
    newest = {row.policy_no: row for row in waiting}
    for row in newest.values():
        row.answered = True
        verdict = Replayed(ReplayVerdict(row.verdict), row.difference, None, None)
        answer(hq, session, device, case_no, None, row.verdict, None, 0, verdict_text(verdict), at)


def verdict_text(replayed: Replayed) -> Bilingual:
    """Return the replay verdict as a sentence."""
    match replayed.verdict:
        case ReplayVerdict.IDENTICAL:
            return Bilingual("总部重算结果一致。", "Headquarters' replay came out the same.")
        case ReplayVerdict.DIFFERENT:
            return Bilingual(
                f"总部重算结果不同（{replayed.difference}），由总部人工处理。",
                f"Headquarters' replay came out differently ({replayed.difference}); a person looks.",
            )
        case ReplayVerdict.IMPOSSIBLE:
            return Bilingual(
                f"总部无法重算（{replayed.difference}），由总部人工处理。",
                f"Headquarters could not replay it ({replayed.difference}); a person looks.",
            )


def _mark_stuck(hq: Headquarters, key: _Key, problem: Exception) -> None:
    text = f"{type(problem).__name__}: {problem}"[:500]
    with hq.database.write() as session:
        row = session.get_one(LogEvent, key)
        if row.state != EventState.PENDING:
            return
        row.state = EventState.STUCK
        row.reason_zh, row.reason_en = f"总部程序处理失败（{text}）。", f"Headquarters' program failed on it ({text})."


def _next_pending(hq: Headquarters, device: str | None, epoch: int | None, after: _Key) -> _Key | None:
    query = select(LogEvent.device, LogEvent.epoch, LogEvent.seq).where(LogEvent.state == EventState.PENDING)
    if device is not None:
        query = query.where(LogEvent.device == device, LogEvent.epoch == epoch)
    with hq.database.read() as session:
        row = session.execute(query.order_by(LogEvent.device, LogEvent.epoch, LogEvent.seq).limit(1)).first()
    if row is None or (row[0], row[1], row[2]) == after:
        # The same event again: it could not even be marked stuck (disk full); leave it for the next run.
        return None
    return row[0], row[1], row[2]
