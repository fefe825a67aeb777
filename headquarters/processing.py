"""Works off what the log brought: replay, settlement, voids, closing statements; a few events of one device in one transaction.

Promise: an event is processed exactly once, in the order of its device's log, and its marker commits with its effects: a
crash anywhere loses or repeats nothing. Where one of several fails, none of them counts and each gets a transaction of its own. What our own code can't cope with is marked *stuck* with the reason, shown by
``status``, told to the station, and tried again by ``replay``; it never blocks the events behind it.
"""

from __future__ import annotations

import logging
from collections.abc import Sequence
from functools import partial
from typing import Final

from sqlalchemy import bindparam, func, select, update
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import (
    AllowanceClosed,
    AllowanceReceived,
    AllowanceTransferred,
    CaseCorrected,
    CaseOpened,
    DeterminationMade,
    Outcome,
    SlipIssued,
    VoucherIssued,
    VoucherRecovered,
    VoucherVoided,
    decode_event,
)
from headquarters.case_links import take_losses, take_opening
from headquarters.grant_ledger import close_grant
from headquarters.installation import Headquarters
from headquarters.models import Device, EventState, LogEvent, Replay
from headquarters.prepaid_above_benefit import look_at_calculation
from headquarters.recovered_vouchers import take_recovered
from headquarters.replay import Replayed, ReplayVerdict, replay_determination
from headquarters.restores import is_recovering, may_settle
from headquarters.reviews import take_correction
from headquarters.settlement import answer, note_void, settle_voucher
from headquarters.station_tasks import tell_of_own_task
from headquarters.transfers import note_received, note_transferred
from headquarters.turn import Turn

_log = logging.getLogger(__name__)
_Key = tuple[str, int, int]
TOGETHER: Final = 8
"""Two cases' worth: one commit to disk serves them all, and another writer's turn comes within some tens of milliseconds."""


def process_pending(
    hq: Headquarters, device: str | None = None, epoch: int | None = None, *, most: int | None = None
) -> int:
    """Process pending events (of one device, or of all; ``most`` of them); return how many were. Several callers do no harm."""
    done = 0
    while most is None or done < most:
        keys = _next_pending(hq, device, epoch, TOGETHER if most is None else min(TOGETHER, most - done))
        if not keys:
            break
        done += _process_together(hq, keys)
    return done


def retry_stuck(hq: Headquarters) -> int:
    """Make stuck events pending again and process them; return how many were processed."""
    with hq.database.write() as session:
        session.execute(
            update(LogEvent)
            .where(LogEvent.state == EventState.STUCK)
            .values(state=EventState.PENDING, reason_zh=None, reason_en=None)
        )
    return process_pending(hq)


def _process_together(hq: Headquarters, keys: Sequence[_Key]) -> int:
    """Process a few events of one device, all or none; one by one where that fails, so that the faulty one stands alone."""
    if len(keys) > 1:
        try:
            return hq.database.run(partial(_work_off, hq, keys))
        except OperationalError:
            raise
        except Exception:  # which of them it was shows below, and is kept there
            _log.info("events %s to %s are processed one by one", keys[0], keys[-1], exc_info=True)
    return sum(process_event(hq, key) for key in keys)


def _work_off(hq: Headquarters, keys: Sequence[_Key], session: Session) -> int:
    (device, epoch, first), (_, _, last) = keys[0], keys[-1]
    # Whoever was faster has left none pending of those.
    asked = {"device": device, "epoch": epoch, "first": first, "last": last}
    rows = session.scalars(_STILL_PENDING, asked).all()
    if not rows:
        return 0
    turn = Turn(hq, session, session.get_one(Device, (device, epoch)), hq.now())
    for row in rows:
        _process(turn, row)
    session.connection().execute(_MARK, {"of": device, "life": epoch, "first": first, "last": last, "at": turn.at})
    return len(rows)


def process_event(hq: Headquarters, key: _Key) -> bool:
    """Process one event if it is still pending; False when somebody else was faster or it got stuck."""
    try:
        return hq.database.run(partial(_work_off, hq, (key,))) > 0
    except OperationalError:
        raise  # the disk or the lock, not the event: it stays pending
    except Exception as problem:  # the fault is kept in the row and shown by `status`; the log behind must go on
        _log.exception("event %s got stuck", key)
        _mark_stuck(hq, key, problem)
        return False


def _process(turn: Turn, row: LogEvent) -> None:
    event = decode_event(row.body)
    match event:
        case CaseOpened():
            take_opening(turn, event)
        case CaseCorrected():
            take_correction(turn, row.seq, event)
        case DeterminationMade():
            _replay(turn, row.seq, event)
            take_losses(turn, event)
            look_at_calculation(turn, event)
        case VoucherIssued():
            settle_voucher(turn, row.seq, event)
        case VoucherRecovered():
            take_recovered(turn, row.seq, event)
        case VoucherVoided():
            note_void(turn, event)
        case SlipIssued():
            _answer_case(turn, event.case_no)
        case AllowanceClosed():
            close_grant(turn, event)
        case AllowanceTransferred():
            note_transferred(turn, row.seq, event)
        case AllowanceReceived():
            note_received(turn, row.seq, event)
        case _:
            pass


def _replay(turn: Turn, seq: int, event: DeterminationMade) -> None:
    replayed = replay_determination(turn.hq.packs, event)
    promised = event.outcome is Outcome.PRE_APPROVED
    turn.session.add(
        Replay(
            device=turn.device.device,
            epoch=turn.device.epoch,
            seq=seq,
            case_no=event.case_no,
            policy_no=event.policy_no,
            decision_sha256=event.decision_sha256,
            verdict=replayed.verdict,
            difference=replayed.difference,
            replayed_at=turn.at,
            answered=not promised,
        )
    )
    turn.session.flush()
    if not promised:
        total_fen = replayed.recorded.total_fen if replayed.recorded else 0
        _answer_replay(turn, event.case_no, replayed, total_fen)


def _answer_replay(turn: Turn, case_no: str, replayed: Replayed, amount_fen: int) -> None:
    answer(
        turn,
        case_no=case_no,
        voucher_no=None,
        replay=replayed.verdict,
        verdict=None,
        amount_fen=amount_fen,
        reason=verdict_text(replayed),
    )


def _answer_case(turn: Turn, case_no: str) -> None:
    """A slip closes the case at the station: tell the replay of a pre-approval that led to no voucher."""
    waiting = turn.session.scalars(
        select(Replay)
        .where(
            Replay.device == turn.device.device,
            Replay.epoch == turn.device.epoch,
            Replay.case_no == case_no,
            Replay.answered.is_(False),
        )
        .order_by(Replay.seq)
    )
    newest = {row.policy_no: row for row in waiting}
    for row in newest.values():
        row.answered = True
        _answer_replay(turn, case_no, Replayed(ReplayVerdict(row.verdict), row.difference, None, None), 0)


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
        told = Bilingual(
            f"总部处理第 {row.seq} 条记录时出错，已转总部技术人员；记录没有丢失，已印出的凭证照常有效。",
            f"Headquarters' program failed on record {row.seq} and its engineers were told; nothing is lost, printed vouchers stand.",
        )
        device = session.get_one(Device, (row.device, row.epoch))
        tell_of_own_task(Turn(hq, session, device, hq.now()), told)


def _next_pending(hq: Headquarters, device: str | None, epoch: int | None, most: int) -> list[_Key]:
    """Return the next pending events, all of one device's life, in the order of its log."""
    if hq.incarnation.number:
        with hq.database.read() as session:
            if is_recovering(hq, session):
                # One at a time: each may change which promise may be settled next.
                allowed = _next_allowed(hq, session, device, epoch)
                return [] if allowed is None else [allowed]
    with hq.database.look() as connection:
        query = _PENDING if device is None else _PENDING_OF_ONE
        asked = {"most": most} if device is None else {"device": device, "epoch": epoch, "most": most}
        rows = connection.execute(query, asked).all()
    # An event that can't be processed is marked stuck, or the error ends the loop: the same one never comes twice.
    return [(row[0], row[1], row[2]) for row in rows if (row[0], row[1]) == (rows[0][0], rows[0][1])]


_STILL_PENDING: Final = (
    select(LogEvent)
    .where(
        LogEvent.device == bindparam("device"),
        LogEvent.epoch == bindparam("epoch"),
        LogEvent.seq.between(bindparam("first"), bindparam("last")),
        LogEvent.state == EventState.PENDING,
    )
    .order_by(LogEvent.seq)
)
_MARK: Final = (
    update(LogEvent)
    .where(
        LogEvent.device == bindparam("of"),
        LogEvent.epoch == bindparam("life"),
        LogEvent.seq.between(bindparam("first"), bindparam("last")),
        LogEvent.state == EventState.PENDING,
    )
    .values(state=EventState.PROCESSED, processed_at=bindparam("at"))
)
_PENDING: Final = (
    select(LogEvent.device, LogEvent.epoch, LogEvent.seq)
    .where(LogEvent.state == EventState.PENDING)
    .order_by(LogEvent.device, LogEvent.epoch, LogEvent.seq)
    .limit(bindparam("most"))
)
_PENDING_OF_ONE: Final = _PENDING.where(LogEvent.device == bindparam("device"), LogEvent.epoch == bindparam("epoch"))


def _next_allowed(hq: Headquarters, session: Session, device: str | None, epoch: int | None) -> _Key | None:
    """While recovering: a device whose next event is a promise that must wait is passed over, with all that is behind it."""
    first = (
        select(LogEvent.device, LogEvent.epoch, func.min(LogEvent.seq))
        .where(LogEvent.state == EventState.PENDING)
        .group_by(LogEvent.device, LogEvent.epoch)
        .order_by(LogEvent.device, LogEvent.epoch)
    )
    if device is not None:
        first = first.where(LogEvent.device == device, LogEvent.epoch == epoch)
    for name, life, seq in session.execute(first):
        if may_settle(hq, session, session.get_one(LogEvent, (name, life, seq))):
            return name, life, seq
    return None
