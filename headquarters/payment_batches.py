"""Files of instructions for the bank.

Promise: only what is settled becomes an instruction, each leaves in one batch, and writing that batch again gives the same bytes. After a restore
that does not know what left before, no batch is made until a person decided (``headquarters.sent_before_restore``).

Source: the issue "payment instruction file out and payment result in"; docs/adr/0157, docs/adr/0165.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.errors import Bilingual
from headquarters.installation import Headquarters
from headquarters.models_payments import (
    InstructionKind,
    InstructionState,
    PaymentBatch,
    PaymentInstruction,
    Prepayment,
)
from headquarters.payment_instructions import instruct_prepayment, instruct_voucher, vouchers_to_look_at
from headquarters.sent_batches import remember_sent
from headquarters.sent_before_restore import require_sent_known
from headquarters.wrong_input import wrong_input


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


def make_batch(hq: Headquarters) -> NewBatch:
    """Put what is still to be paid of every settled promise, and every recall that waits, into the next batch.

    Raises:
        InputError: ``sent_batches_unknown`` after a restore that does not know what left before; nothing was made.
    """
    made = hq.database.run(partial(_make_batch, hq))
    return made if made.batch is None else NewBatch(read_batch(hq, made.batch.batch_no), made.left_out)


def read_batch(hq: Headquarters, batch_no: int) -> Batch:
    """Return a batch as it was made. Raises ``InputError`` (``batch_unknown``)."""
    with hq.database.read() as session:
        found = _batch(session, batch_no)
        # Before it leaves this function: a backup that is put back later must not send it once more.
        for number in range(1, batch_no + 1):  # an earlier one may have been made just before the power went
            remember_sent(hq.home, session, number)
        return found


def batches(hq: Headquarters) -> tuple[Batch, ...]:
    """Return all batches in order, without their instructions."""
    with hq.database.read() as session:
        rows = session.scalars(select(PaymentBatch).order_by(PaymentBatch.batch_no))
        return tuple(
            Batch(each.batch_no, each.made_at, each.count, each.paid_fen, each.recalled_fen, ()) for each in rows
        )


def _make_batch(hq: Headquarters, session: Session) -> NewBatch:
    at = hq.now()
    left_out: list[Bilingual] = []
    for voucher in vouchers_to_look_at(session):
        instruct_voucher(hq, session, voucher, at, left_out)
    for prepayment in session.scalars(select(Prepayment).order_by(Prepayment.prepayment_no)):
        instruct_prepayment(session, prepayment, at, left_out)
    session.flush()
    waiting = session.scalars(
        select(PaymentInstruction)
        .where(PaymentInstruction.batch_no.is_(None), PaymentInstruction.state == InstructionState.WAITING)
        .order_by(PaymentInstruction.made_at, PaymentInstruction.instruction_id)
    ).all()
    if not waiting:
        return NewBatch(None, tuple(left_out))
    require_sent_known(session, waiting)
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


def _batch(session: Session, batch_no: int) -> Batch:
    row = session.get(PaymentBatch, batch_no)
    if row is None:
        raise wrong_input("batch_unknown", f"没有第 {batch_no} 批付款。", f"There is no payment batch {batch_no}.")
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
