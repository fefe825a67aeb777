"""The account that a person gives for a payment that is missing one, or that came back.

Promise: money that came back leaves again only to an account that was given since; where money is on its way nothing is changed.
"""

from __future__ import annotations

from collections.abc import Sequence

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.events import PayeeFact
from headquarters.installation import Headquarters
from headquarters.models import Verdict, Voucher
from headquarters.models_payments import (
    InstructionKind,
    InstructionState,
    PayeeAccount,
    PaymentInstruction,
    Prepayment,
)
from headquarters.wrong_input import wrong_input

OVER = (InstructionState.RETURNED, InstructionState.REFUSED)
"""States of an instruction whose money is with us."""


def give_account(hq: Headquarters, subject: str, *, bank: str, account: str, by: str, reason: str) -> None:
    """Give the account for a voucher or prepayment whose own is missing, or to which the bank could not pay; it goes with the next batch.

    Raises:
        InputError: ``nothing_to_pay``, ``payment_on_its_way``, ``words_missing``.
    """
    if not all(each.strip() for each in (bank, account, by, reason)):
        raise wrong_input(
            "words_missing", "开户行、账号、经办人和理由都要写明。", "Bank, account, name and reason are all needed."
        )

    def work(session: Session) -> None:
        due = (
            session.scalars(
                select(Voucher).where(Voucher.voucher_no == subject, Voucher.verdict == Verdict.SETTLED).limit(1)
            ).first()
            is not None
            or session.get(Prepayment, subject) is not None
        )
        if not due:
            raise wrong_input("nothing_to_pay", f"{subject} 没有已结算的款项。", f"Nothing is settled under {subject}.")
        given = accounts_given(session, subject)
        pays = session.scalars(
            select(PaymentInstruction)
            .where(PaymentInstruction.subject == subject, PaymentInstruction.kind == InstructionKind.PAY)
            .order_by(PaymentInstruction.attempt)
        ).all()
        newest = next((each for each in reversed(pays) if each.state not in OVER), None)
        if newest is not None and not waits_for_account(pays, given):
            raise wrong_input(
                "payment_on_its_way",
                f"{subject} 的付款指令 {newest.instruction_id} 仍有效（{newest.state}）。",
                f"Instruction {newest.instruction_id} for {subject} still stands ({newest.state}).",
            )
        session.add(
            PayeeAccount(
                subject=subject,
                number=len(given) + 1,
                bank=bank.strip(),
                account=account.strip(),
                given_by=by.strip(),
                reason=reason.strip(),
                at=hq.now(),
            )
        )

    hq.database.run(work)


def waits_for_account(pays: Sequence[PaymentInstruction], given: Sequence[PayeeAccount]) -> bool:
    """Tell whether money of a subject came back and no account was given since."""
    return any(each.state in OVER and each.accounts == len(given) for each in pays)


def paid_to(payee: PayeeFact, given: Sequence[PayeeAccount]) -> PayeeFact:
    """Return the payee with the newest account that was given."""
    if not given:
        return payee
    return msgspec.structs.replace(payee, bank=given[-1].bank, account=given[-1].account)


def accounts_given(session: Session, subject: str) -> Sequence[PayeeAccount]:
    """Return the accounts that were given for a voucher or prepayment, in order."""
    return session.scalars(
        select(PayeeAccount).where(PayeeAccount.subject == subject).order_by(PayeeAccount.number)
    ).all()
