"""Vouchers that come from paper: a colleague's laptop read them for one that is lost.

Promise: a promise is never lost and never kept twice. What the log of the lost laptop has brought is known, and the paper changes nothing; what
nobody knew is registered. With calculation and sealed promise (``claims.promise_record``) it is replayed and settled like any other; with the code
alone, or where anything stands against it, it is held for a person. When the lost log arrives later, the same bytes are the same promise
(``headquarters.settlement``).

Source: design.md promises 1 and 2; docs/adr/0138.
"""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.events import CaseOpened, DeterminationMade, Outcome, VoucherIssued, VoucherRecovered, decode_event
from claims.promise_record import PromiseRecord, rests_on, sealed_promise
from headquarters.devices import reason_of
from headquarters.grant_ledger import book_debits
from headquarters.models import Device, DeviceState, EventState, Grant, LogEvent, Verdict, Voucher
from headquarters.promise import number_used, weigh_promise
from headquarters.promise_evidence import Evidence, evidence_in_log
from headquarters.replay import ReplayVerdict, replay_determination
from headquarters.settlement import answer, decide_promise, joined, note_verdict, recovered_before
from headquarters.station_tasks import assign
from headquarters.turn import Turn
from trust.errors import TrustError
from trust.vouchers import OpenedVoucher, VoucherClaims, open_voucher

_BEYOND_LOG = 2**62
"""A place in the lost log behind everything: whatever headquarters holds of it counts."""


def take_recovered(turn: Turn, seq: int, event: VoucherRecovered) -> None:
    """Register a voucher that was read from paper, unless it is known; answer whoever read it. ``turn.device`` is theirs."""
    try:
        voucher = open_voucher(event.cose, turn.hq.trust_store())
    except TrustError as problem:
        _refuse(turn, event, problem)
        return
    known = _registered(turn.session, voucher, event.cose)
    if known is not None and not _answers_more(turn, known, event, voucher):
        _answer_known(turn, voucher, known)
        return
    if known is None and _log_events(turn.session, voucher, event.cose):
        return  # it waits in the log of its own device and is answered from there
    first_reader = None
    if known is not None:
        first_reader = turn.session.get(Device, (known.device, known.epoch))
        turn.session.delete(known)
        turn.session.flush()
    _register(turn, seq, event, voucher, first_reader)


def _register(
    turn: Turn, seq: int, event: VoucherRecovered, voucher: OpenedVoucher, first_reader: Device | None
) -> None:
    claims, certificate = voucher.claims, voucher.certificate
    lost = turn.session.get(Device, (certificate.device, certificate.epoch))
    replay, verdict, reason = ReplayVerdict.IMPOSSIBLE, Verdict.HOLD, _unknown_device(voucher)
    if lost is not None:
        replay, verdict, reason = _judge(Turn(turn.hq, turn.session, lost, turn.at), event, voucher)
    turn.session.add(
        Voucher(
            device=turn.device.device,
            epoch=turn.device.epoch,
            seq=seq,
            voucher_no=claims.voucher_no,
            case_no=claims.case_no,
            policy_no=claims.policy_no,
            amount_fen=claims.amount_fen,
            replay=replay,
            verdict=verdict,
            reason_zh=reason.zh,
            reason_en=reason.en,
            decided_at=turn.at,
            decided_by=None,
        )
    )
    turn.session.flush()
    note_verdict(turn, claims.voucher_no, claims.case_no, claims.amount_fen, verdict, reason)
    told = {(each.device, each.epoch): each for each in (turn.device, first_reader, lost) if each is not None}
    for device in told.values():
        _answer(Turn(turn.hq, turn.session, device, turn.at), claims, replay, verdict, reason)


def _judge(turn: Turn, event: VoucherRecovered, voucher: OpenedVoucher) -> tuple[ReplayVerdict, Verdict, Bilingual]:
    """Settle or hold a voucher that nobody knew. ``turn.device`` is the lost one."""
    record = _sealed(turn, event, voucher)
    if record is None:
        return (
            ReplayVerdict.IMPOSSIBLE,
            Verdict.HOLD,
            joined(
                [
                    _code_only(voucher),
                    *number_used(turn.session, voucher.claims.voucher_no),
                    *_foreign_grants(turn, voucher),
                ]
            ),
        )
    issued = record.issued(event.cose)
    promise = weigh_promise(turn, issued, _evidence(turn, event, record, issued))
    concerns = [
        *_stopped(turn.device),
        *promise.concerns,
        *book_debits(turn, issued, promise.issued_at, from_paper=True),
    ]
    verdict, reason = decide_promise(turn, None, issued, promise, concerns)
    return promise.replay, verdict, reason


def recovered_ground(turn: Turn, event: VoucherRecovered) -> tuple[VoucherIssued, Evidence] | None:
    """Return the promise behind a voucher that came from paper, and what it rests on; None where only its code counts.

    ``turn.device`` is the lost one.
    """
    voucher = open_voucher(event.cose, turn.hq.trust_store())
    record = _sealed(turn, event, voucher)
    if record is None:
        return None
    issued = record.issued(event.cose)
    return issued, _evidence(turn, event, record, issued)


def _evidence(turn: Turn, event: VoucherRecovered, record: PromiseRecord, issued: VoucherIssued) -> Evidence:
    """Return what the voucher rests on: the lost log's own words where they are here, else what the paper held inside."""
    held = evidence_in_log(turn.session, turn.device, issued, _BEYOND_LOG)
    case = held.case or _case(record)
    if held.made is not None:
        return Evidence(case, held.made, held.verdict, held.difference)
    made = DeterminationMade(
        at=record.at,
        case_no=record.case.case_no,
        policy_no=record.policy_no,
        pack_hash=record.pack_hash,
        facts=event.facts,
        decision=event.decision,
        decision_sha256=record.decision_sha256,
        # T1 issues vouchers for nothing else, and the device sealed that it did.
        outcome=Outcome.PRE_APPROVED,
        outcome_reasons=(),
    )
    replayed = replay_determination(turn.hq.packs, made)
    return Evidence(case, made, replayed.verdict, replayed.difference)


def _case(record: PromiseRecord) -> CaseOpened:
    case = record.case
    return CaseOpened(
        at=record.at,
        case_no=case.case_no,
        channel="recovered",
        claim_type=case.claim_type,
        insured=case.insured,
        reporter=case.insured,
        policy_nos=(record.policy_no,),
        loss_date=case.loss_date,
        loss_place=case.loss_place,
        loss_region=case.loss_region,
        catastrophe_id=case.catastrophe_id,
        description="",
    )


def _registered(session: Session, voucher: OpenedVoucher, cose: bytes) -> Voucher | None:
    """Return the row of these very bytes, from the log of their device or from paper."""
    for row in _log_events(session, voucher, cose):
        registered = session.get(Voucher, (row.device, row.epoch, row.seq))
        if registered is not None:
            return registered
    return recovered_before(session, voucher.claims.voucher_no, cose)


def _answers_more(turn: Turn, known: Voucher, event: VoucherRecovered, voucher: OpenedVoucher) -> bool:
    """Tell whether this paper brings what was missing for a voucher that was held because only its code counted."""
    if known.verdict != Verdict.HOLD or known.decided_by is not None or _sealed(turn, event, voucher) is None:
        return False
    earlier = decode_event(turn.session.get_one(LogEvent, (known.device, known.epoch, known.seq)).body)
    return isinstance(earlier, VoucherRecovered) and _sealed(turn, earlier, voucher) is None


def _sealed(turn: Turn, event: VoucherRecovered, voucher: OpenedVoucher) -> PromiseRecord | None:
    """Return the promise as the lost device sealed it, with a calculation that the voucher was signed over; None where either is missing."""
    record = sealed_promise(bytes(event.promise), event.seal or b"", voucher, turn.hq.trust_store())
    return record if record is not None and rests_on(bytes(event.facts), bytes(event.decision), voucher) else None


def _log_events(session: Session, voucher: OpenedVoucher, cose: bytes) -> list[LogEvent]:
    """Return the events by which the voucher's own device told of these very bytes."""
    rows = session.scalars(
        select(LogEvent).where(
            LogEvent.type == "voucher_issued@1",
            LogEvent.subject == voucher.claims.voucher_no,
            LogEvent.device == voucher.certificate.device,
            LogEvent.epoch == voucher.certificate.epoch,
            LogEvent.state != EventState.REJECTED,
        )
    )
    found = []
    for row in rows:
        event = decode_event(row.body)
        if isinstance(event, VoucherIssued) and event.cose == cose:
            found.append(row)
    return found


def _foreign_grants(turn: Turn, voucher: OpenedVoucher) -> list[Bilingual]:
    concerns = []
    for grant_id in voucher.claims.grants:
        grant = turn.session.get(Grant, grant_id)
        if grant is None or (grant.device, grant.epoch) != (turn.device.device, turn.device.epoch):
            concerns.append(
                Bilingual(
                    f"凭证引用的额度 {grant_id} 没有授予签发设备。",
                    f"Allowance {grant_id}, which the voucher names, was not granted to the device that signed it.",
                )
            )
    return concerns


def _stopped(lost: Device) -> list[Bilingual]:
    """A device that was stopped for a reason may have promised after it: its papers are looked at. Written off means lost, no more."""
    if lost.state not in {DeviceState.REVOKED, DeviceState.FROZEN}:
        return []
    reason = reason_of(lost)
    return [
        Bilingual(
            f"签发设备 {lost.device} 已停用（{reason.zh}），需人工核对凭证是否在停用前签发。",
            f"The device {lost.device} that signed it was stopped ({reason.en}); a person checks whether the voucher is older than that.",
        )
    ]


def _code_only(voucher: OpenedVoucher) -> Bilingual:
    claims = voucher.claims
    return Bilingual(
        f"凭证 {claims.voucher_no} 由纸面恢复，签名真实：{claims.payee}，{yuan(claims.amount_fen)} 元；没有随附可核对的理算依据，请人工核定，纸面凭证有效。",
        f"Voucher {claims.voucher_no} was recovered from its paper and is genuine: {claims.payee}, {yuan(claims.amount_fen)} yuan. No calculation that could be "
        "checked came with it; a person decides, and the paper stands.",
    )


def _unknown_device(voucher: OpenedVoucher) -> Bilingual:
    device = voucher.certificate
    return Bilingual(
        f"签发设备 {device.device}（第 {device.epoch} 次登记）的证书真实，但总部没有它的登记记录；凭证由人工核定。",
        f"The certificate of device {device.device} (epoch {device.epoch}) is genuine, but headquarters has no record of its enrolment; a person decides.",
    )


def _refuse(turn: Turn, event: VoucherRecovered, problem: TrustError) -> None:
    text = Bilingual(
        f"文件 {event.source} 里的凭证没有通过总部验证（{problem.code}），没有登记。请留存原件并联系总部。",
        f"The voucher in the file {event.source} does not verify at headquarters ({problem.code}) and was not registered. Keep the paper and call headquarters.",
    )
    assign(turn, text)


def _answer_known(turn: Turn, voucher: OpenedVoucher, known: Voucher) -> None:
    reason = Bilingual(
        f"总部已有此凭证。{known.reason_zh}", f"Headquarters has this voucher already. {known.reason_en}"
    )
    _answer(turn, voucher.claims, known.replay, Verdict(known.verdict), reason)


def _answer(turn: Turn, claims: VoucherClaims, replay: str, verdict: Verdict, reason: Bilingual) -> None:
    answer(
        turn,
        case_no=claims.case_no,
        voucher_no=claims.voucher_no,
        replay=replay,
        verdict=verdict,
        amount_fen=claims.amount_fen,
        reason=reason,
    )
