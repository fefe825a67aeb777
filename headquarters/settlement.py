"""Settles a promise, or holds it for a person.

Promise: a settlement key is settled once; what is settled from a pool never passes its limit; whatever is in the way is
written down and told to the station, and the claimant's paper is never silently void. The caller gives one ``BEGIN
IMMEDIATE`` transaction per voucher; verdict, ledgers and the answer in the device's feed commit together.

Source: design.md "One claim, one direction" (7), "Pools and settlement keys".
"""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from claims.events import KeyedAmount, VoucherIssued, VoucherRecovered, VoucherVoided, decode_event
from claims.statements import SettlementAnswered
from headquarters.grant_ledger import book_debits, by_float, settle_debits
from headquarters.models import Device, LogEvent, Settlement, Verdict, Voucher
from headquarters.models_payments import HoldDecision, PaymentInstruction, RealisedExposure
from headquarters.pool_ledger import no_room, pool_take, take_from_pool
from headquarters.promise import Promise, examine_promise
from headquarters.promise_evidence import evidence_in_log
from headquarters.restores import told_otherwise
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact

SETTLED = Bilingual("总部核对一致，同意结算。", "Headquarters checked it and settles it.")
_STANDING = frozenset({Verdict.SETTLED, Verdict.HOLD})
_FACTS = {
    Verdict.SETTLED: FactKind.VOUCHER_SETTLED,
    Verdict.HOLD: FactKind.VOUCHER_HELD,
    Verdict.VOIDED: FactKind.VOUCHER_VOIDED,
    Verdict.REFUSED: FactKind.VOUCHER_VOIDED,
}


def settle_voucher(turn: Turn, seq: int, event: VoucherIssued) -> Verdict:
    """Settle one voucher of the log or hold it; book its debits either way; answer in the device's feed.

    Where its paper came first (``headquarters.recovered_vouchers``) and was settled, it is the same promise: nothing is settled again.
    """
    recovered = recovered_before(turn.session, event.voucher_no, event.cose)
    reader = None if recovered is None else turn.session.get(Device, (recovered.device, recovered.epoch))
    if recovered is not None and recovered.verdict == Verdict.HOLD and recovered.decided_by is None:
        # Now everything is here: the log's own word takes the place of what the paper could tell.
        turn.session.delete(recovered)
        turn.session.flush()
        recovered = None
    if recovered is not None:
        return _adopt(turn, seq, event, recovered, reader)
    promise = examine_promise(turn, seq, event)
    concerns = [*promise.concerns, *book_debits(turn, event, promise.issued_at)]
    if promise.replayed is not None:
        promise.replayed.answered = True
    before = told_otherwise(turn.hq, turn.session, turn.device, event.voucher_no)
    if before is not None:
        concerns.append(before)
    verdict, reason = decide_promise(turn, seq, event, promise, concerns)
    if verdict is Verdict.VOIDED and _left_before(turn, seq):
        verdict, reason = Verdict.HOLD, _voided_after(event.voucher_no)
    turn.session.add(
        Voucher(
            device=turn.device.device,
            epoch=turn.device.epoch,
            seq=seq,
            voucher_no=event.voucher_no,
            case_no=event.case_no,
            policy_no=event.policy_no,
            amount_fen=event.amount_fen,
            replay=promise.replay,
            verdict=verdict,
            reason_zh=reason.zh,
            reason_en=reason.en,
            decided_at=turn.at,
            decided_by=None,
        )
    )
    _answer_all(turn, reader, event, replay=promise.replay, verdict=verdict, reason=reason)
    note_verdict(turn, event.voucher_no, event.case_no, event.amount_fen, verdict, reason)
    return verdict


def note_verdict(  # noqa: PLR0917 - what the core system is told of a voucher
    turn: Turn, voucher_no: str, case_no: str, amount_fen: int, verdict: Verdict, reason: Bilingual
) -> None:
    """Tell the core system of a verdict."""
    note_fact(
        turn.hq,
        turn.session,
        _FACTS[verdict],
        turn.at,
        voucher_no=voucher_no,
        case_no=case_no,
        amount_fen=amount_fen,
        device=turn.device.device,
        reason=reason,
    )


def recovered_before(session: Session, voucher_no: str, cose: bytes) -> Voucher | None:
    """Return the voucher with these very bytes that was registered from its paper, None where it was not."""
    rows = session.execute(
        select(Voucher, LogEvent.body)
        .join(
            LogEvent,
            (LogEvent.device == Voucher.device) & (LogEvent.epoch == Voucher.epoch) & (LogEvent.seq == Voucher.seq),
        )
        .where(Voucher.voucher_no == voucher_no, LogEvent.type == "voucher_recovered@1")
    )
    for voucher, body in rows:
        event = decode_event(body)
        if isinstance(event, VoucherRecovered) and event.cose == cose:
            return voucher
    return None


def _adopt(turn: Turn, seq: int, event: VoucherIssued, recovered: Voucher, reader: Device | None) -> Verdict:
    """The log brings a promise that was settled (or decided by a person) from its paper: it keeps that verdict under its own place in the log."""
    session = turn.session
    evidence = evidence_in_log(session, turn.device, event, seq)
    if evidence.replayed is not None:
        evidence.replayed.answered = True
    issued_at = datetime.fromtimestamp(int(event.at.timestamp()), UTC)
    concerns = book_debits(turn, event, issued_at)
    settled = set(session.scalars(select(Settlement.settlement_key).where(Settlement.voucher_no == event.voucher_no)))
    if (
        recovered.verdict == Verdict.SETTLED
        and recovered.decided_by is None
        and settled != {key.settlement_key for key in event.keys}
    ):
        concerns.append(
            Bilingual(
                f"凭证 {event.voucher_no} 已按纸面恢复的内容结算，日志中的结算标识与之不同。",
                f"Voucher {event.voucher_no} was settled as recovered from its paper; the log names other settlement keys.",
            )
        )
    verdict, reason = Verdict(recovered.verdict), Bilingual(recovered.reason_zh, recovered.reason_en)
    if concerns:
        verdict, reason = Verdict.HOLD, joined(concerns)
    _move_references(session, recovered, (turn.device.device, turn.device.epoch, seq))
    recovered.device, recovered.epoch, recovered.seq = turn.device.device, turn.device.epoch, seq
    recovered.verdict, recovered.reason_zh, recovered.reason_en = verdict, reason.zh, reason.en
    recovered.decided_at = turn.at
    session.flush()
    if concerns:
        note_verdict(turn, event.voucher_no, event.case_no, event.amount_fen, verdict, reason)
    _answer_all(turn, reader, event, replay=recovered.replay, verdict=verdict, reason=reason)
    return verdict


def _move_references(session: Session, voucher: Voucher, place: tuple[str, int, int]) -> None:
    """A voucher gets another place in the logs: what was decided and paid under the old one is its own still."""
    device, epoch, seq = place
    for table in (PaymentInstruction, HoldDecision):
        session.execute(
            update(table)
            .where(table.device == voucher.device, table.epoch == voucher.epoch, table.seq == voucher.seq)
            .values(device=device, epoch=epoch, seq=seq)
        )
    session.execute(
        update(RealisedExposure)
        .where(RealisedExposure.hold_id == f"{voucher.device}.{voucher.epoch}.{voucher.seq}")
        .values(hold_id=f"{device}.{epoch}.{seq}")
    )


def _answer_all(
    turn: Turn, reader: Device | None, event: VoucherIssued, *, replay: str, verdict: Verdict, reason: Bilingual
) -> None:
    """Answer the device that promised, and the colleague's that had read its paper."""
    for told in (turn.device, reader):
        if told is not None:
            answer(
                Turn(turn.hq, turn.session, told, turn.at),
                case_no=event.case_no,
                voucher_no=event.voucher_no,
                replay=replay,
                verdict=verdict,
                amount_fen=event.amount_fen,
                reason=reason,
            )


def note_void(turn: Turn, event: VoucherVoided) -> None:
    """A voucher was taken back. Not settled yet: it never will be (``settle_voucher`` looks ahead). Settled: a person looks."""
    voucher = turn.session.scalars(
        select(Voucher).where(
            Voucher.device == turn.device.device,
            Voucher.epoch == turn.device.epoch,
            Voucher.voucher_no == event.voucher_no,
        )
    ).first()
    if voucher is None or voucher.verdict in {Verdict.VOIDED, Verdict.REFUSED}:
        return
    left = _left_before(turn, voucher.seq)
    settled = select(Settlement.settlement_key).where(Settlement.voucher_no == voucher.voucher_no).limit(1)
    if voucher.verdict == Verdict.HOLD and not left and turn.session.scalars(settled).first() is None:
        voucher.verdict, reason = Verdict.VOIDED, _voided(event.reason)
    elif left and voucher.verdict == Verdict.HOLD:
        reason = _voided_after(voucher.voucher_no)
    else:
        # Also where it was voided twice: the first time it was settled already.
        voucher.verdict = Verdict.HOLD
        reason = Bilingual(
            f"凭证在总部结算后作废（{event.reason}），请人工确认是否已付款。",
            f"The voucher was voided after headquarters had settled it ({event.reason}); a person checks whether it was paid.",
        )
    voucher.reason_zh, voucher.reason_en, voucher.decided_at = reason.zh, reason.en, turn.at
    note_verdict(turn, voucher.voucher_no, voucher.case_no, voucher.amount_fen, Verdict(voucher.verdict), reason)
    answer(
        turn,
        case_no=voucher.case_no,
        voucher_no=voucher.voucher_no,
        replay=voucher.replay,
        verdict=Verdict(voucher.verdict),
        amount_fen=voucher.amount_fen,
        reason=reason,
    )


def answer(
    turn: Turn,
    *,
    case_no: str,
    voucher_no: str | None,
    replay: str,
    verdict: Verdict | None,
    amount_fen: int,
    reason: Bilingual,
) -> None:
    """Put the two verdicts in the device's feed. A voucher that is voided or refused has no settlement."""
    say(
        turn,
        partial(
            SettlementAnswered,
            case_no=case_no,
            voucher_no=voucher_no,
            replay=replay,
            settlement=verdict.value if verdict in _STANDING else None,
            amount_fen=amount_fen,
            reason=reason,
        ),
    )


def decide_promise(
    turn: Turn, seq: int | None, event: VoucherIssued, promise: Promise, concerns: list[Bilingual]
) -> tuple[Verdict, Bilingual]:
    """Settle a promise's keys, all or none, unless something stands against it; return the verdict and the reason.

    Args:
        seq: its place in its device's log, behind which it may have been voided; None: it came from paper.
    """
    voided = None if seq is None else _void_ahead(turn, seq, event.voucher_no)
    if voided is not None:
        return Verdict.VOIDED, _voided(voided)
    if not concerns:
        # Keys and pools are written as they are checked, so that two keys of one voucher see each other; a concern undoes both.
        with turn.session.begin_nested() as attempt:
            concerns = _settle_keys(turn.session, event, promise, turn.at)
            if concerns:
                attempt.rollback()
    if concerns:
        return Verdict.HOLD, joined(concerns)
    settle_debits(turn.session, event.voucher_no)
    return Verdict.SETTLED, SETTLED


def _settle_keys(session: Session, event: VoucherIssued, promise: Promise, at: datetime) -> list[Bilingual]:
    for key in event.keys:
        taken = _key_taken(session, event, key, promise)
        if taken is not None:
            return [taken]
        expected = promise.keys[key.settlement_key]
        for pool in expected.draws:
            take = pool_take(session, pool, expected.loss, expected.liability, key.amount_fen)
            full = no_room(session, take, float_used=by_float(key, event.debits))
            if full is not None:
                return [full]
            take_from_pool(session, take)
        session.add(
            Settlement(
                settlement_key=key.settlement_key,
                loss=expected.loss,
                voucher_no=event.voucher_no,
                amount_fen=key.amount_fen,
                settled_at=at,
            )
        )
        session.flush()
    return []


def _key_taken(session: Session, event: VoucherIssued, key: KeyedAmount, promise: Promise) -> Bilingual | None:
    other = session.get(Settlement, key.settlement_key)
    if other is not None:
        return Bilingual(
            f"同一笔损失已按凭证 {other.voucher_no} 结算，凭证 {event.voucher_no} 转人工核对，两份材料均保留。",
            f"The same loss was settled by voucher {other.voucher_no}; voucher {event.voucher_no} goes to a person, both files are kept.",
        )
    expected = promise.keys[key.settlement_key]
    paid = session.scalars(select(Settlement).where(Settlement.loss == expected.loss)).all()
    if sum(each.amount_fen for each in paid) + key.amount_fen > expected.liability.amount_fen:
        named = "、".join(each.voucher_no for each in paid)
        return Bilingual(
            f"这笔损失的其他领款人已结算（{named}），合计将超过应付金额，凭证 {event.voucher_no} 转人工核对。",
            f"Other payees of this loss were settled ({named}); with voucher {event.voucher_no} they would get more than is due. A person looks.",
        )
    return None


def _void_ahead(turn: Turn, seq: int, voucher_no: str) -> str | None:
    """Return why the station took the voucher back, where that is already in the log behind it."""
    row = turn.session.scalars(
        select(LogEvent).where(
            LogEvent.type == "voucher_voided@1",
            LogEvent.subject == voucher_no,
            LogEvent.device == turn.device.device,
            LogEvent.epoch == turn.device.epoch,
            LogEvent.seq > seq,
        )
    ).first()
    if row is None:
        return None
    event = decode_event(row.body)
    return event.reason if isinstance(event, VoucherVoided) else ""


def _left_before(turn: Turn, seq: int) -> bool:
    """Tell whether a payment of this very voucher left, also in a life of headquarters that is forgotten (``headquarters.sent_batches``)."""
    place = (turn.device.device, turn.device.epoch, seq)
    left = select(PaymentInstruction.instruction_id).where(
        PaymentInstruction.device == place[0], PaymentInstruction.epoch == place[1], PaymentInstruction.seq == place[2]
    )
    return turn.session.scalars(left.limit(1)).first() is not None


def _voided_after(voucher_no: str) -> Bilingual:
    return Bilingual(
        f"凭证 {voucher_no} 已由服务站作废，但它的付款指令已经发出过，请人工确认是否已付款。",
        f"The station voided voucher {voucher_no}, but its payment had left; a person checks whether it was paid.",
    )


def _voided(reason: str) -> Bilingual:
    return Bilingual(
        f"凭证已由服务站作废（{reason}），不结算。", f"The station voided the voucher ({reason}); nothing is settled."
    )


def joined(concerns: list[Bilingual]) -> Bilingual:
    """Return several reasons as one text, each once."""
    zh = dict.fromkeys(each.zh for each in concerns)
    en = dict.fromkeys(each.en for each in concerns)
    return Bilingual("".join(zh), " ".join(en))
