"""Money that was paid, or is on its way, above what is due: it waits for a person.

Promise: headquarters finds it by itself and opens it once; nothing is ever taken off another payment, no payment is negative, and no settlement is
lowered before a person says that the money is back. A decision bears a name and a reason and is taken once.

Source: Insurance Law art. 25; docs/adr/0156, docs/adr/0165.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from claims.amounts import yuan
from claims.errors import Bilingual
from headquarters.hold_evidence import ground_of
from headquarters.hold_ledger import realise, settle_parts, take_back
from headquarters.installation import Headquarters
from headquarters.models import Voucher
from headquarters.models_money_risks import Overpayment, OverpaymentCause, OverpaymentDecision
from headquarters.webhooks import FactKind, note_fact
from headquarters.wrong_input import wrong_input

MAX_REASON = 1000
_SETTLES = (OverpaymentDecision.RECOVERED, OverpaymentDecision.WAIVED)


@dataclass(frozen=True)
class Overpaid:
    """What more was paid than is due, fen. ``subject``: a voucher's hold id, or case and policy of a prepayment."""

    cause: OverpaymentCause
    subject: str
    case_no: str
    policy_no: str
    paid_fen: int
    due_fen: int


def overpayments(hq: Headquarters, *, open_only: bool = True) -> tuple[Overpayment, ...]:
    """Return the overpayments, the oldest first."""
    query = select(Overpayment).order_by(Overpayment.opened_at, Overpayment.overpayment_id)
    if open_only:
        query = query.where(Overpayment.decision.is_(None))
    with hq.database.read() as session:
        found = session.scalars(query).all()
        session.expunge_all()
        return tuple(found)


def note_overpaid(hq: Headquarters, session: Session, found: Overpaid, at: datetime) -> None:
    """Open an overpayment, or bring the open one up to date. What a person decided before of the same money is not asked again."""
    rows = _of(session, found.subject)
    answered_fen = sum(each.over_fen for each in rows if each.decision in _SETTLES)
    over_fen = found.paid_fen - found.due_fen - answered_fen
    waiting = next((each for each in rows if each.decision is None), None)
    if waiting is not None:
        waiting.paid_fen, waiting.due_fen, waiting.over_fen = found.paid_fen, found.due_fen, max(0, over_fen)
        if over_fen <= 0:
            waiting.decision, waiting.decided_at = OverpaymentDecision.NOT_OVERPAID, at
            waiting.decided_by, waiting.reason = (
                "",
                "新的理算结果不再低于已付金额。The newest word is no longer below what was paid.",
            )
        session.flush()
        return
    looked_at = rows[-1] if rows else None
    same = looked_at is not None and (looked_at.paid_fen, looked_at.due_fen) == (found.paid_fen, found.due_fen)
    if over_fen <= 0 or same:
        return
    number = int(session.scalar(select(func.count()).select_from(Overpayment)) or 0) + 1
    row = Overpayment(
        # A restored headquarters may have forgotten some: theirs lie below.
        overpayment_id=f"O{1000 * hq.incarnation.number + number}",
        cause=found.cause,
        subject=found.subject,
        case_no=found.case_no,
        policy_no=found.policy_no,
        paid_fen=found.paid_fen,
        due_fen=found.due_fen,
        over_fen=over_fen,
        opened_at=at,
    )
    session.add(row)
    session.flush()
    note_fact(
        hq,
        session,
        FactKind.OVERPAYMENT_OPENED,
        at,
        overpayment_id=row.overpayment_id,
        case_no=row.case_no,
        cause=str(row.cause),
        paid_fen=row.paid_fen,
        due_fen=row.due_fen,
        over_fen=row.over_fen,
    )


def decide_overpayment(
    hq: Headquarters, overpayment_id: str, decision: OverpaymentDecision, *, by: str, reason: str
) -> Overpayment:
    """Keep what a person decided. Recovered from a voucher: its settlement and pools are lowered by it, now that the money is back.

    Raises:
        InputError: ``overpayment_unknown``, ``overpayment_decided`` (by somebody else, or otherwise), ``words_missing``.
    """
    if not by.strip() or not reason.strip() or len(reason) > MAX_REASON:
        raise wrong_input("words_missing", "须写明谁决定、为什么。", "Who decides, and why, must be said.")
    return hq.database.run(partial(_decide, hq, overpayment_id, decision, by.strip(), reason.strip()))


def recovered_fen(session: Session, subject: str) -> int:
    """Return what came back of the payments of a subject outside the bank's own returns."""
    return sum(each.over_fen for each in _of(session, subject) if each.decision == OverpaymentDecision.RECOVERED)


def _decide(  # noqa: PLR0917 - one decision as it was said
    hq: Headquarters, overpayment_id: str, decision: OverpaymentDecision, by: str, reason: str, session: Session
) -> Overpayment:
    row = session.get(Overpayment, overpayment_id)
    if row is None:
        raise wrong_input(
            "overpayment_unknown",
            f"没有多付事项 {overpayment_id[:40]}。",
            f"There is no overpayment {overpayment_id[:40]}.",
        )
    if row.decision is not None:
        if (row.decision, row.decided_by) == (decision, by):
            return row
        raise wrong_input(
            "overpayment_decided",
            f"多付事项 {row.overpayment_id}（{yuan(row.over_fen)} 元）已由 {row.decided_by or '总部系统'} 决定（{row.decision}）：{row.reason}",
            f"{row.decided_by or 'Headquarters'} decided overpayment {row.overpayment_id} of {yuan(row.over_fen)} yuan ({row.decision}): {row.reason}",
            Bilingual("您的决定没有执行。", "Yours was not carried out."),
        )
    at = hq.now()
    row.decision, row.decided_by, row.reason, row.decided_at = decision, by, reason, at
    if decision is OverpaymentDecision.RECOVERED and row.cause == OverpaymentCause.PAID_ABOVE_DECISION:
        _lower(hq, session, row, at)
    session.flush()
    note_fact(
        hq,
        session,
        FactKind.OVERPAYMENT_DECIDED,
        at,
        overpayment_id=row.overpayment_id,
        case_no=row.case_no,
        decision=decision.value,
        over_fen=row.over_fen,
        decided_by=by,
    )
    return row


def _lower(hq: Headquarters, session: Session, row: Overpayment, at: datetime) -> None:
    device, epoch, seq = row.subject.rsplit(".", 2)
    voucher = session.get(Voucher, (device, int(epoch), int(seq)))
    if voucher is None:
        return  # a restored headquarters has not got its log yet: it will be settled with what is due
    ground = ground_of(hq, session, voucher)
    take_back(session, voucher, ground)
    if row.due_fen:
        parts = settle_parts(session, voucher, ground, row.due_fen, at)
        # What two people let through beyond a limit stays let through, for what is still due of it.
        realise(session, voucher, parts, by=row.decided_by or "", second="", at=at)


def _of(session: Session, subject: str) -> Sequence[Overpayment]:
    return session.scalars(
        select(Overpayment)
        .where(Overpayment.subject == subject)
        .order_by(Overpayment.opened_at, Overpayment.overpayment_id)
    ).all()
