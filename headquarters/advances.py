"""What headquarters paid ahead on a loss (see ``headquarters.prepayments``): read by settlement, holds and prepayments alike."""

from __future__ import annotations

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import Session

from headquarters.models_payments import Prepayment

MOST_INSTALMENTS = 12
"""More advances on one loss are no help in an emergency but a benefit paid in parts, which no plan here has."""


def advances(session: Session, policy_no: str, liability: str, loss_key: str) -> Sequence[Prepayment]:
    """Return what was paid ahead on a loss, in order."""
    return session.scalars(
        select(Prepayment)
        .where(
            Prepayment.policy_no == policy_no,
            Prepayment.liability == liability,
            Prepayment.loss_key == loss_key.casefold(),
        )
        .order_by(Prepayment.instalment)
    ).all()
