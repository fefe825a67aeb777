"""More was paid ahead than the benefit comes to: found as soon as the benefit is known, and opened for a person.

Promise: looked at with every calculation of the case and with headquarters' own final decision; nothing is taken off anything
(``headquarters.overpayments``).

Source: docs/adr/0156, docs/adr/0165.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.events import DeterminationMade
from claims.settlement import loss_of
from headquarters.installation import Headquarters
from headquarters.models_money_risks import OverpaymentCause
from headquarters.models_payments import Prepayment
from headquarters.overpayments import Overpaid, note_overpaid
from headquarters.policy_book import PREPAID, find_policy
from headquarters.turn import Turn
from rules.engine.model import Decision, read_decision

_RECOVERY = "recovery"
"""The rules' name for what of the prepayment no benefit used up."""


def look_at_calculation(turn: Turn, event: DeterminationMade) -> None:
    """A calculation came: hold what was paid ahead on the case and policy against it."""
    ahead = _ahead(turn.session, event.case_no, event.policy_no)
    if ahead:
        due_fen = _benefit_fen(turn.session, event, read_decision(bytes(event.decision)), ahead)
        _note(turn.hq, turn.session, event.case_no, event.policy_no, ahead, due_fen, turn.at)


def look_at_refusal(hq: Headquarters, session: Session, case_no: str, policy_no: str | None, at: datetime) -> None:
    """Headquarters decided finally that nothing is due on a case (or one policy of it)."""
    policies = session.scalars(select(Prepayment.policy_no).where(Prepayment.case_no == case_no).distinct()).all()
    for each in sorted(policies):
        if policy_no in {None, each}:
            _note(hq, session, case_no, each, _ahead(session, case_no, each), 0, at)


def _benefit_fen(session: Session, event: DeterminationMade, decision: Decision, ahead: Sequence[Prepayment]) -> int:
    """Return what the losses that were prepaid come to as a whole: what is left, and what the calculation took off already."""
    losses = {(each.liability, each.loss_key) for each in ahead}
    # Where nothing is left the rules name no loss.
    left_fen = sum(each.amount_fen for each in decision.liabilities if loss_of(each) in losses)
    facts = msgspec.json.decode(bytes(event.facts))
    said = _whole(facts.get(PREPAID)) if isinstance(facts, Mapping) else 0
    policy = find_policy(session, event.policy_no)
    own_fen = 0 if policy is None else _whole(policy.terms.get(PREPAID))
    return max(0, left_fen + max(0, said - own_fen) - decision.outputs_fen.get(_RECOVERY, 0))


def _note(  # noqa: PLR0917 - whose money, and what it is held against
    hq: Headquarters,
    session: Session,
    case_no: str,
    policy_no: str,
    ahead: Sequence[Prepayment],
    due_fen: int,
    at: datetime,
) -> None:
    found = Overpaid(
        cause=OverpaymentCause.PREPAID_ABOVE_BENEFIT,
        subject=f"{case_no}/{policy_no}",
        case_no=case_no,
        policy_no=policy_no,
        paid_fen=sum(each.amount_fen for each in ahead),
        due_fen=due_fen,
    )
    note_overpaid(hq, session, found, at)


def _ahead(session: Session, case_no: str, policy_no: str) -> Sequence[Prepayment]:
    return session.scalars(
        select(Prepayment).where(Prepayment.case_no == case_no, Prepayment.policy_no == policy_no)
    ).all()


def _whole(value: object) -> int:
    return value if isinstance(value, int) else 0
