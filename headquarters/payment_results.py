"""The bank's word on instructions.

Promise: a word is taken once; what contradicts an earlier one, names another sum or nobody's instruction is listed and changes nothing. Money that
is back comes off the ledgers where its voucher was given up, and only when all of it is back.

Source: docs/adr/0157.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import partial

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual, InputError
from claims.statements import PaymentReported
from headquarters.hold_evidence import ground_of, waiting_devices
from headquarters.hold_ledger import take_back
from headquarters.installation import Headquarters
from headquarters.models import Verdict, Voucher
from headquarters.models_payments import InstructionKind, InstructionState, PaymentInstruction, PaymentResult
from headquarters.payment_accounts import OVER
from headquarters.payment_instructions import still_stands
from headquarters.statements_out import say
from headquarters.turn import Turn
from headquarters.webhooks import FactKind, note_fact
from headquarters.wrong_input import wrong_input

_GOES_ON = {
    InstructionState.EXPORTED: frozenset({InstructionState.PAID, InstructionState.RETURNED, InstructionState.REFUSED}),
    # 退票: the money left and came back.
    InstructionState.PAID: frozenset({InstructionState.RETURNED}),
}


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


def _take_result(hq: Headquarters, line: ResultLine, session: Session) -> bool:
    """Take one line; True: it was new, False: it was known."""
    found = session.get(PaymentInstruction, line.instruction_id)
    if found is None or found.state == InstructionState.WAITING:
        raise wrong_input(
            "instruction_unknown",
            f"第 {line.line} 行：没有发出过付款指令 {line.instruction_id[:60] or '（空）'}。",
            f"Line {line.line}: no instruction {line.instruction_id[:60] or '(empty)'} was sent.",
        )
    if line.amount_fen != found.amount_fen:
        raise wrong_input(
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
        raise wrong_input(
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
        if paid.state in OVER:
            return True  # the bank said so of the payment itself already: it comes off the ledgers once
        paid.state = InstructionState.RETURNED
    _money_came_back(hq, session, paid)
    _report(hq, session, paid, line)
    return True


def _money_came_back(hq: Headquarters, session: Session, paid: PaymentInstruction) -> None:
    """Take a voucher that was given up off the ledgers once its money is back, and drop a recall that has not left yet."""
    if paid.state not in OVER or paid.device is None:
        return
    recall = session.scalars(
        select(PaymentInstruction).where(
            PaymentInstruction.recalls == paid.instruction_id, PaymentInstruction.state == InstructionState.WAITING
        )
    ).first()
    if recall is not None:
        recall.state = InstructionState.RETURNED
    voucher = session.get(Voucher, (paid.device, paid.epoch, paid.seq))
    # None: its log has not come to a restored headquarters yet. A balance may still be out: the ledgers wait for all of it.
    if (
        voucher is not None
        and voucher.verdict in {Verdict.VOIDED, Verdict.REFUSED}
        and not still_stands(session, voucher)
    ):
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


_STATES = {
    InstructionState.WAITING.value: Bilingual("待发出", "waiting"),
    InstructionState.EXPORTED.value: Bilingual("已发出", "sent"),
    InstructionState.PAID.value: Bilingual("已支付", "paid"),
    InstructionState.RETURNED.value: Bilingual("已退回", "returned"),
    InstructionState.REFUSED.value: Bilingual("被拒", "refused"),
}
