"""Money on its way: settled promises become instructions for the bank, and the bank's word comes back.

Promise: only what is settled becomes an instruction, one a voucher and attempt; each leaves in one batch, and writing that batch again gives the
same bytes. A result is taken once; what contradicts an earlier one, names another sum or nobody's instruction is listed and changes nothing. A
voucher that is given up after its instruction left gets a recall, and its settlement stands until the bank says that the money is back.

Source: the issue "payment instruction file out and payment result in"; docs/adr/0157.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from functools import partial
from typing import Any

import msgspec
from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.events import PayeeFact
from claims.statements import PaymentReported
from headquarters.hold_evidence import ground_of, waiting_devices
from headquarters.hold_ledger import decided_fen, take_back
from headquarters.installation import Headquarters
from headquarters.models import Verdict, Voucher
from headquarters.models_payments import (
    InstructionKind,
    InstructionState,
    PayeeAccount,
    PaymentBatch,
    PaymentInstruction,
    PaymentResult,
    Prepayment,
)
from headquarters.sent_batches import remember_sent
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact

_GOES_ON = {
    InstructionState.EXPORTED: frozenset({InstructionState.PAID, InstructionState.RETURNED, InstructionState.REFUSED}),
    # 退票: the money left and came back.
    InstructionState.PAID: frozenset({InstructionState.RETURNED}),
}
_OVER = (InstructionState.RETURNED, InstructionState.REFUSED)


@dataclass(frozen=True)
class Instruction:
    """One line for the bank. ``recalls``: which instruction is wanted back."""

    instruction_id: str
    kind: InstructionKind
    subject: str
    case_no: str
    policy_no: str
    payee_name: str
    payee_id_number: str | None
    bank: str
    account: str
    amount_fen: int
    recalls: str | None
    reason: str


@dataclass(frozen=True)
class Batch:
    """One file of instructions, in order. Sums are over those that pay and those that recall."""

    batch_no: int
    made_at: datetime
    count: int
    paid_fen: int
    recalled_fen: int
    instructions: tuple[Instruction, ...]


@dataclass(frozen=True)
class NewBatch:
    """A batch (None: nothing was waiting), and the settled vouchers that could not go, in words."""

    batch: Batch | None
    left_out: tuple[Bilingual, ...]


@dataclass(frozen=True)
class ResultLine:
    """One line of the bank's file. ``line`` counts from 1 as a person would find it."""

    line: int
    instruction_id: str
    status: str
    amount_fen: int
    on: date
    reason: str


@dataclass(frozen=True)
class PaymentProblem:
    """A line that was not taken, and why."""

    line: int
    instruction_id: str
    text: Bilingual


@dataclass(frozen=True)
class Taken:
    """What a file of results did: how many were new, how many were known, what a person must look at."""

    new: int
    known: int
    problems: tuple[PaymentProblem, ...]


def make_batch(hq: Headquarters) -> NewBatch:
    """Put every settled promise that has no instruction, and every recall that waits, into the next batch."""
    made = hq.database.run(partial(_make_batch, hq))
    return made if made.batch is None else NewBatch(read_batch(hq, made.batch.batch_no), made.left_out)


def read_batch(hq: Headquarters, batch_no: int) -> Batch:
    """Return a batch as it was made. Raises ``InputError`` (``batch_unknown``)."""
    with hq.database.read() as session:
        found = _batch(session, batch_no)
        # Before it leaves this function: a backup that is put back later must not send it once more.
        remember_sent(hq.home, session, batch_no)
        return found


def batches(hq: Headquarters) -> tuple[Batch, ...]:
    """Return all batches in order, without their instructions."""
    with hq.database.read() as session:
        rows = session.scalars(select(PaymentBatch).order_by(PaymentBatch.batch_no))
        return tuple(
            Batch(each.batch_no, each.made_at, each.count, each.paid_fen, each.recalled_fen, ()) for each in rows
        )


def take_results(hq: Headquarters, lines: Sequence[ResultLine]) -> Taken:
    """Take the bank's word on instructions, line by line, each in a transaction of its own; what can't be taken is listed."""
    new = known = 0
    problems: list[PaymentProblem] = []
    for line in lines:
        try:
            fresh = hq.database.run(partial(_take_result, hq, line))
        except InputError as problem:
            problems.append(PaymentProblem(line.line, line.instruction_id, problem.cause))
        else:
            new, known = new + fresh, known + (not fresh)
    return Taken(new, known, tuple(problems))


def give_account(hq: Headquarters, subject: str, *, bank: str, account: str, by: str, reason: str) -> None:
    """Give the account for a voucher or prepayment whose own is missing, or to which the bank could not pay; it goes with the next batch.

    Raises:
        InputError: ``nothing_to_pay``, ``payment_on_its_way``, ``words_missing``.
    """
    if not all(each.strip() for each in (bank, account, by, reason)):
        raise _refused(
            "words_missing", "开户行、账号、经办人和理由都要写明。", "Bank, account, name and reason are all needed."
        )

    def work(session: Session) -> None:
        due = (
            any(each.voucher_no == subject for each in _settled(session))
            or session.get(Prepayment, subject) is not None
        )
        if not due:
            raise _refused("nothing_to_pay", f"{subject} 没有已结算的款项。", f"Nothing is settled under {subject}.")
        newest = _newest(session, subject)
        if newest is not None and newest.state not in _OVER:
            raise _refused(
                "payment_on_its_way",
                f"{subject} 的付款指令 {newest.instruction_id} 仍有效（{newest.state}）。",
                f"Instruction {newest.instruction_id} for {subject} still stands ({newest.state}).",
            )
        session.add(
            PayeeAccount(
                subject=subject,
                number=len(_accounts_given(session, subject)) + 1,
                bank=bank.strip(),
                account=account.strip(),
                given_by=by.strip(),
                reason=reason.strip(),
                at=hq.now(),
            )
        )

    hq.database.run(work)


def still_stands(session: Session, voucher: Voucher) -> bool:
    """Tell whether money for a voucher is on its way or paid."""
    sent = _newest_of(session, voucher)
    return sent is not None and sent.state not in _OVER


def recall_if_sent(session: Session, voucher: Voucher, reason: str, at: datetime) -> bool:
    """Ask for the money of a voucher back if its instruction left; say whether it did. An instruction that is over needs no recall."""
    sent = _newest_of(session, voucher)
    if sent is None or sent.state in _OVER:
        return False
    known = session.scalars(select(PaymentInstruction).where(PaymentInstruction.recalls == sent.instruction_id)).first()
    if known is None:
        session.add(
            PaymentInstruction(
                instruction_id=f"{sent.instruction_id}-R",
                kind=InstructionKind.RECALL,
                subject=sent.subject,
                attempt=sent.attempt,
                device=sent.device,
                epoch=sent.epoch,
                seq=sent.seq,
                case_no=sent.case_no,
                policy_no=sent.policy_no,
                payee_name=sent.payee_name,
                payee_id_number=sent.payee_id_number,
                bank=sent.bank,
                account=sent.account,
                accounts=sent.accounts,
                amount_fen=sent.amount_fen,
                recalls=sent.instruction_id,
                reason=reason.strip(),
                made_at=at,
                batch_no=None,
                place=None,
                state=InstructionState.WAITING,
            )
        )
        session.flush()
    return True


def _make_batch(hq: Headquarters, session: Session) -> NewBatch:
    at = hq.now()
    left_out: list[Bilingual] = []
    for voucher in _settled(session):
        _instruct_voucher(hq, session, voucher, at, left_out)
    for prepayment in session.scalars(select(Prepayment).order_by(Prepayment.prepayment_no)):
        _instruct_prepayment(session, prepayment, at, left_out)
    session.flush()
    waiting = session.scalars(
        select(PaymentInstruction)
        .where(PaymentInstruction.batch_no.is_(None), PaymentInstruction.state == InstructionState.WAITING)
        .order_by(PaymentInstruction.made_at, PaymentInstruction.instruction_id)
    ).all()
    if not waiting:
        return NewBatch(None, tuple(left_out))
    batch_no = int(session.scalar(select(func.max(PaymentBatch.batch_no))) or 0) + 1
    for place, each in enumerate(waiting, start=1):
        each.batch_no, each.place, each.state = batch_no, place, InstructionState.EXPORTED
    session.add(
        PaymentBatch(
            batch_no=batch_no,
            made_at=at,
            count=len(waiting),
            paid_fen=sum(each.amount_fen for each in waiting if each.kind == InstructionKind.PAY),
            recalled_fen=sum(each.amount_fen for each in waiting if each.kind == InstructionKind.RECALL),
        )
    )
    session.flush()
    return NewBatch(_batch(session, batch_no), tuple(left_out))


def _settled(session: Session) -> Sequence[Voucher]:
    return session.scalars(
        select(Voucher)
        .where(Voucher.verdict == Verdict.SETTLED)
        .order_by(Voucher.voucher_no, Voucher.device, Voucher.epoch, Voucher.seq)
    ).all()


def _instruct_voucher(
    hq: Headquarters, session: Session, voucher: Voucher, at: datetime, left_out: list[Bilingual]
) -> None:
    given = _accounts_given(session, voucher.voucher_no)
    attempt = _next_attempt(_newest_of(session, voucher), given)
    if attempt is None:
        return
    ground = ground_of(hq, session, voucher)
    amount_fen = decided_fen(session, voucher, ground)
    if amount_fen <= 0:
        return
    if attempt == 1 and _sent_elsewhere(session, voucher):
        left_out.append(
            Bilingual(
                f"凭证 {voucher.voucher_no} 在总部恢复备份以前发出过付款指令，请与银行核对，未列入。",
                f"A payment of voucher {voucher.voucher_no} left before headquarters was restored: compare with the bank. It was left out.",
            )
        )
        return
    payee = PayeeFact(name=ground.payee_name, id_number=None, relation="", bank="", account="")
    if ground.issued is not None:
        payee = ground.issued.payee
    payee = _paid_to(payee, given)
    if not payee.account.strip():
        left_out.append(
            Bilingual(
                f"凭证 {voucher.voucher_no} {yuan(amount_fen)} 元没有收款账号，未列入。",
                f"Voucher {voucher.voucher_no}, {yuan(amount_fen)} yuan, has no account and was left out.",
            )
        )
        return
    # A number that was used twice must not give two instructions one name.
    taken = session.get(PaymentInstruction, f"{voucher.voucher_no}-P{attempt}")
    suffix = "" if taken is None else f"-{voucher.device}.{voucher.epoch}.{voucher.seq}"
    session.add(
        PaymentInstruction(
            instruction_id=f"{voucher.voucher_no}{suffix}-P{attempt}",
            subject=voucher.voucher_no,
            attempt=attempt,
            device=voucher.device,
            epoch=voucher.epoch,
            seq=voucher.seq,
            case_no=voucher.case_no,
            policy_no=voucher.policy_no,
            amount_fen=amount_fen,
            **_new_line(payee, len(given), at),
        )
    )
    session.flush()


def _instruct_prepayment(session: Session, prepayment: Prepayment, at: datetime, left_out: list[Bilingual]) -> None:
    given = _accounts_given(session, prepayment.prepayment_no)
    attempt = _next_attempt(_newest(session, prepayment.prepayment_no), given)
    if attempt is None:
        return
    payee = _paid_to(msgspec.json.decode(prepayment.payee, type=PayeeFact), given)
    if not payee.account.strip():
        left_out.append(
            Bilingual(
                f"预付 {prepayment.prepayment_no} {yuan(prepayment.amount_fen)} 元只从服务站得知，账号不在；请与银行核对是否已付，未列入。",
                f"Prepayment {prepayment.prepayment_no}, {yuan(prepayment.amount_fen)} yuan, is known from a station only and has no account: compare with the bank whether it was paid. It was left out.",
            )
        )
        return
    session.add(
        PaymentInstruction(
            instruction_id=f"{prepayment.prepayment_no}-P{attempt}",
            subject=prepayment.prepayment_no,
            attempt=attempt,
            device=None,
            epoch=None,
            seq=None,
            case_no=prepayment.case_no,
            policy_no=prepayment.policy_no,
            amount_fen=prepayment.amount_fen,
            **_new_line(payee, len(given), at),
        )
    )


def _sent_elsewhere(session: Session, voucher: Voucher) -> bool:
    """Tell whether a payment of this number left for a place in the logs where no voucher is (known from before a restore)."""
    rows = session.scalars(
        select(PaymentInstruction).where(
            PaymentInstruction.subject == voucher.voucher_no, PaymentInstruction.kind == InstructionKind.PAY
        )
    )
    return any(session.get(Voucher, (each.device, each.epoch, each.seq)) is None for each in rows)


def _new_line(payee: PayeeFact, accounts: int, at: datetime) -> dict[str, Any]:
    return {
        "kind": InstructionKind.PAY,
        "payee_name": payee.name,
        "payee_id_number": payee.id_number,
        "bank": payee.bank,
        "account": payee.account.strip(),
        "accounts": accounts,
        "recalls": None,
        "reason": "",
        "made_at": at,
        "batch_no": None,
        "place": None,
        "state": InstructionState.WAITING,
    }


def _next_attempt(newest: PaymentInstruction | None, given: Sequence[PayeeAccount]) -> int | None:
    """Return which attempt to make now; None where one stands, or where an account must be given first after one came back."""
    if newest is None:
        return 1
    return newest.attempt + 1 if newest.state in _OVER and len(given) > newest.accounts else None


def _paid_to(payee: PayeeFact, given: Sequence[PayeeAccount]) -> PayeeFact:
    if not given:
        return payee
    return msgspec.structs.replace(payee, bank=given[-1].bank, account=given[-1].account)


def _accounts_given(session: Session, subject: str) -> Sequence[PayeeAccount]:
    return session.scalars(
        select(PayeeAccount).where(PayeeAccount.subject == subject).order_by(PayeeAccount.number)
    ).all()


def _newest(session: Session, subject: str) -> PaymentInstruction | None:
    return session.scalars(
        select(PaymentInstruction)
        .where(PaymentInstruction.subject == subject, PaymentInstruction.kind == InstructionKind.PAY)
        .order_by(PaymentInstruction.attempt.desc())
    ).first()


def _newest_of(session: Session, voucher: Voucher) -> PaymentInstruction | None:
    return session.scalars(
        select(PaymentInstruction)
        .where(
            PaymentInstruction.device == voucher.device,
            PaymentInstruction.epoch == voucher.epoch,
            PaymentInstruction.seq == voucher.seq,
            PaymentInstruction.kind == InstructionKind.PAY,
        )
        .order_by(PaymentInstruction.attempt.desc())
    ).first()


def _batch(session: Session, batch_no: int) -> Batch:
    row = session.get(PaymentBatch, batch_no)
    if row is None:
        raise _refused("batch_unknown", f"没有第 {batch_no} 批付款。", f"There is no payment batch {batch_no}.")
    lines = session.scalars(
        select(PaymentInstruction).where(PaymentInstruction.batch_no == batch_no).order_by(PaymentInstruction.place)
    )
    return Batch(
        row.batch_no,
        row.made_at,
        row.count,
        row.paid_fen,
        row.recalled_fen,
        tuple(
            Instruction(
                each.instruction_id,
                InstructionKind(each.kind),
                each.subject,
                each.case_no,
                each.policy_no,
                each.payee_name,
                each.payee_id_number,
                each.bank,
                each.account,
                each.amount_fen,
                each.recalls,
                each.reason,
            )
            for each in lines
        ),
    )


def _take_result(hq: Headquarters, line: ResultLine, session: Session) -> bool:
    """Take one line; True: it was new, False: it was known."""
    found = session.get(PaymentInstruction, line.instruction_id)
    if found is None or found.state == InstructionState.WAITING:
        raise _refused(
            "instruction_unknown",
            f"第 {line.line} 行：没有发出过付款指令 {line.instruction_id[:60] or '（空）'}。",
            f"Line {line.line}: no instruction {line.instruction_id[:60] or '(empty)'} was sent.",
        )
    if line.amount_fen != found.amount_fen:
        raise _refused(
            "amount_differs",
            f"第 {line.line} 行：{line.instruction_id} 应为 {yuan(found.amount_fen)} 元，文件写 {yuan(line.amount_fen)} 元。",
            f"Line {line.line}: {line.instruction_id} is {yuan(found.amount_fen)} yuan, the file says {yuan(line.amount_fen)}.",
        )
    known = session.get(PaymentResult, (line.instruction_id, line.status))
    if known is not None and known.on == line.on:
        return False
    status = InstructionState(line.status)
    possible = _GOES_ON.get(InstructionState(found.state), frozenset())
    if found.kind == InstructionKind.RECALL:
        possible -= {InstructionState.PAID}
    if known is not None or status not in possible:
        raise _refused(
            "result_contradicts",
            f"第 {line.line} 行：{line.instruction_id} 已是“{_STATES[found.state].zh}”，与“{_STATES[line.status].zh}”（{line.on}）矛盾，未采用。",
            f"Line {line.line}: {line.instruction_id} is {_STATES[found.state].en}; {_STATES[line.status].en} ({line.on}) contradicts it and was not taken.",
        )
    session.add(
        PaymentResult(
            instruction_id=line.instruction_id,
            status=line.status,
            amount_fen=line.amount_fen,
            on=line.on,
            reason=line.reason,
            taken_at=hq.now(),
        )
    )
    found.state = status
    paid = found
    if found.kind == InstructionKind.RECALL:
        if status is not InstructionState.RETURNED:
            return True  # the money is gone: the recall's state tells it, the payment stands as it was
        paid = session.get_one(PaymentInstruction, found.recalls)
        if paid.state in _OVER:
            return True  # the bank said so of the payment itself already: it comes off the ledgers once
        paid.state = InstructionState.RETURNED
    _money_came_back(hq, session, paid)
    _report(hq, session, paid, line)
    return True


def _money_came_back(hq: Headquarters, session: Session, paid: PaymentInstruction) -> None:
    """Take a voucher that was given up off the ledgers once its money is back, and drop a recall that has not left yet."""
    if paid.state not in _OVER or paid.device is None:
        return
    recall = session.scalars(
        select(PaymentInstruction).where(
            PaymentInstruction.recalls == paid.instruction_id, PaymentInstruction.state == InstructionState.WAITING
        )
    ).first()
    if recall is not None:
        recall.state = InstructionState.RETURNED
    voucher = session.get(Voucher, (paid.device, paid.epoch, paid.seq))
    # None: its log has not come to a restored headquarters yet.
    if voucher is not None and voucher.verdict in {Verdict.VOIDED, Verdict.REFUSED}:
        take_back(session, voucher, ground_of(hq, session, voucher))


def _report(hq: Headquarters, session: Session, paid: PaymentInstruction, line: ResultLine) -> None:
    at = hq.now()
    for device in waiting_devices(session, paid.case_no, paid.device or ""):
        say(
            Turn(hq, session, device, at),
            partial(
                PaymentReported,
                case_no=paid.case_no,
                voucher_no=paid.subject,
                instruction_id=paid.instruction_id,
                status=paid.state,
                amount_fen=paid.amount_fen,
                on=line.on,
                reason=Bilingual(line.reason, line.reason),
            ),
        )
    note_fact(
        hq,
        session,
        FactKind.PAYMENT_REPORTED,
        at,
        case_no=paid.case_no,
        subject=paid.subject,
        instruction_id=paid.instruction_id,
        status=paid.state,
        amount_fen=paid.amount_fen,
        on=line.on,
    )


def _refused(code: str, zh: str, en: str) -> InputError:
    return InputError(code, Bilingual(zh, en), Bilingual("请核对后重试。", "Check it and try again."))


_STATES = {
    InstructionState.WAITING.value: Bilingual("待发出", "waiting"),
    InstructionState.EXPORTED.value: Bilingual("已发出", "sent"),
    InstructionState.PAID.value: Bilingual("已支付", "paid"),
    InstructionState.RETURNED.value: Bilingual("已退回", "returned"),
    InstructionState.REFUSED.value: Bilingual("被拒", "refused"),
}
