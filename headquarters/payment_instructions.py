"""What is still to be paid of a voucher or prepayment, and the instruction that asks the bank for it.

Promise: what was instructed and did not come back never passes what is decided. Where more is decided after a part left, the balance is an
instruction of its own; where less is, nothing is taken off: it becomes an overpayment for a person (``headquarters.overpayments``). A voucher that is
given up after its instructions left gets a recall for each.

Source: docs/adr/0157, docs/adr/0165.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from sqlalchemy import Select, func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual
from claims.events import PayeeFact
from headquarters.hold_evidence import ground_of, hold_id
from headquarters.hold_ledger import decided_fen
from headquarters.installation import Headquarters
from headquarters.models import Settlement, Verdict, Voucher
from headquarters.models_money_risks import OverpaymentCause
from headquarters.models_payments import (
    InstructionKind,
    InstructionState,
    PayeeAccount,
    PaymentInstruction,
    Prepayment,
    RealisedExposure,
)
from headquarters.overpayments import Overpaid, note_overpaid, recovered_fen
from headquarters.payment_accounts import OVER, accounts_given, paid_to, waits_for_account


def vouchers_to_look_at(session: Session) -> Sequence[Voucher]:
    """Return the settled vouchers of which less, or more, left than is settled under their number, in order.

    Read in three sums: most vouchers were paid long ago, and each would cost a look at its log.
    """
    settled = _sums(
        select(Settlement.voucher_no, func.sum(Settlement.amount_fen)).group_by(Settlement.voucher_no), session
    )
    beyond = _sums(
        select(RealisedExposure.hold_id, func.sum(RealisedExposure.amount_fen)).group_by(RealisedExposure.hold_id),
        session,
    )
    left: dict[str, int] = {}
    for device, epoch, seq, fen in session.execute(
        select(
            PaymentInstruction.device,
            PaymentInstruction.epoch,
            PaymentInstruction.seq,
            func.sum(PaymentInstruction.amount_fen),
        )
        .where(PaymentInstruction.kind == InstructionKind.PAY, PaymentInstruction.state.not_in(OVER))
        .group_by(PaymentInstruction.device, PaymentInstruction.epoch, PaymentInstruction.seq)
    ):
        left[f"{device}.{epoch}.{seq}"] = int(fen)
    rows = session.scalars(
        select(Voucher)
        .where(Voucher.verdict == Verdict.SETTLED)
        .order_by(Voucher.voucher_no, Voucher.device, Voucher.epoch, Voucher.seq)
    )
    return [
        each
        for each in rows
        if left.get(hold_id(each), 0) != settled.get(each.voucher_no, 0) + beyond.get(hold_id(each), 0)
    ]


def _sums(query: Select[str, int], session: Session) -> dict[str, int]:
    return {name: int(fen) for name, fen in session.execute(query)}


def instruct_voucher(
    hq: Headquarters, session: Session, voucher: Voucher, at: datetime, left_out: list[Bilingual]
) -> None:
    """Make the instruction for what is still to be paid of a settled voucher; say in words what can't go."""
    pays, given = pays_of(session, voucher), accounts_given(session, voucher.voucher_no)
    ground = ground_of(hq, session, voucher)
    total_fen, out_fen = decided_fen(session, voucher, ground), out_of(session, voucher)
    if total_fen < out_fen:
        note_above(hq, session, voucher, total_fen, at)
    amount_fen = total_fen - out_fen
    if amount_fen <= 0 or waits_for_account(pays, given):
        return
    attempt = 1 + max((each.attempt for each in pays), default=0)
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
    payee = paid_to(payee, given)
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
    balance = "" if not out_fen else f"补付差额 balance: {yuan(total_fen)} - {yuan(out_fen)}"
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
            reason=balance,
            **_new_line(payee, given, at),
        )
    )
    session.flush()


def instruct_prepayment(session: Session, prepayment: Prepayment, at: datetime, left_out: list[Bilingual]) -> None:
    """Make the instruction for a prepayment that has none, or that came back and got another account."""
    given = accounts_given(session, prepayment.prepayment_no)
    pays = session.scalars(
        select(PaymentInstruction)
        .where(PaymentInstruction.subject == prepayment.prepayment_no, PaymentInstruction.kind == InstructionKind.PAY)
        .order_by(PaymentInstruction.attempt)
    ).all()
    if any(each.state not in OVER for each in pays) or waits_for_account(pays, given):
        return
    payee = paid_to(msgspec.json.decode(prepayment.payee, type=PayeeFact), given)
    if not payee.account.strip():
        left_out.append(
            Bilingual(
                f"预付 {prepayment.prepayment_no} {yuan(prepayment.amount_fen)} 元只从服务站得知，账号不在；请与银行核对是否已付，未列入。",
                f"Prepayment {prepayment.prepayment_no}, {yuan(prepayment.amount_fen)} yuan, is known from a station only and has no account: compare with the bank whether it was paid. It was left out.",
            )
        )
        return
    attempt = 1 + max((each.attempt for each in pays), default=0)
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
            reason="",
            **_new_line(payee, given, at),
        )
    )


def pays_of(session: Session, voucher: Voucher) -> Sequence[PaymentInstruction]:
    """Return the instructions to pay a voucher, in order."""
    return session.scalars(
        select(PaymentInstruction)
        .where(
            PaymentInstruction.device == voucher.device,
            PaymentInstruction.epoch == voucher.epoch,
            PaymentInstruction.seq == voucher.seq,
            PaymentInstruction.kind == InstructionKind.PAY,
        )
        .order_by(PaymentInstruction.attempt)
    ).all()


def out_of(session: Session, voucher: Voucher) -> int:
    """Return what is on its way or paid for a voucher, fen, without what came back."""
    sent_fen = sum(each.amount_fen for each in pays_of(session, voucher) if each.state not in OVER)
    return max(0, sent_fen - recovered_fen(session, hold_id(voucher)))


def still_stands(session: Session, voucher: Voucher) -> bool:
    """Tell whether money for a voucher is on its way or paid."""
    return any(each.state not in OVER for each in pays_of(session, voucher))


def recall_if_sent(session: Session, voucher: Voucher, reason: str, at: datetime) -> bool:
    """Ask for the money of a voucher back where an instruction left; say whether one did. An instruction that is over needs no recall."""
    standing = [each for each in pays_of(session, voucher) if each.state not in OVER]
    for sent in standing:
        known = select(PaymentInstruction).where(PaymentInstruction.recalls == sent.instruction_id)
        if session.scalars(known).first() is None:
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
    return bool(standing)


def note_above(hq: Headquarters, session: Session, voucher: Voucher, due_fen: int, at: datetime) -> None:
    """Less is decided than what left: open it for a person."""
    sent_fen = sum(each.amount_fen for each in pays_of(session, voucher) if each.state not in OVER)
    note_overpaid(
        hq,
        session,
        Overpaid(
            cause=OverpaymentCause.PAID_ABOVE_DECISION,
            subject=hold_id(voucher),
            case_no=voucher.case_no,
            policy_no=voucher.policy_no,
            paid_fen=sent_fen,
            due_fen=due_fen,
        ),
        at,
    )


def _sent_elsewhere(session: Session, voucher: Voucher) -> bool:
    """Tell whether a payment of this number left for a place in the logs where no voucher is (known from before a restore)."""
    rows = session.scalars(
        select(PaymentInstruction).where(
            PaymentInstruction.subject == voucher.voucher_no, PaymentInstruction.kind == InstructionKind.PAY
        )
    )
    return any(session.get(Voucher, (each.device, each.epoch, each.seq)) is None for each in rows)


def _new_line(payee: PayeeFact, given: Sequence[PayeeAccount], at: datetime) -> dict[str, Any]:
    return {
        "kind": InstructionKind.PAY,
        "payee_name": payee.name,
        "payee_id_number": payee.id_number,
        "bank": payee.bank,
        "account": payee.account.strip(),
        "accounts": len(given),
        "recalls": None,
        "made_at": at,
        "batch_no": None,
        "place": None,
        "state": InstructionState.WAITING,
    }
