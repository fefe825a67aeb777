"""What became of a case after it was opened: closed by headquarters, fields changed or under review, other cases of its loss, payments.

Promise: read-only, in one consistent view; a case that headquarters closed offers nothing more to do.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import Session

from claims.correctable_fields import field_name
from claims.errors import Bilingual
from headquarters.case_links import Link, group_of, links
from headquarters.hold_evidence import payment_of
from headquarters.installation import Headquarters
from headquarters.models import Voucher
from headquarters.models_payments import CaseField, CaseWithdrawal, FieldReview


@dataclass(frozen=True)
class ChangedField:
    """A field as it stands now, and who set it so. ``set_by`` is a person's name."""

    name: Bilingual
    value: str
    set_by: str
    at: datetime


@dataclass(frozen=True)
class Closed:
    """Headquarters closed the case for good."""

    reason: str
    by: str
    at: datetime


@dataclass(frozen=True)
class CaseNews:
    """``in_review``: fields whose values differ and wait for a person. ``others``: cases of the same loss without a link of their own to this one.

    ``payments``: the state of the newest instruction, by voucher number.
    """

    closed: Closed | None
    changed: tuple[ChangedField, ...]
    in_review: tuple[Bilingual, ...]
    links: Sequence[Link]
    others: tuple[str, ...]
    payments: dict[str, str]


def case_news(hq: Headquarters, case_no: str) -> CaseNews:
    """Return the news of a case; nothing at all of one that headquarters does not have."""
    direct = links(hq, case_no)
    with hq.database.read() as session:
        withdrawal = session.get(CaseWithdrawal, case_no)
        changed = session.scalars(select(CaseField).where(CaseField.case_no == case_no).order_by(CaseField.field))
        waiting = session.scalars(
            select(FieldReview.field)
            .where(FieldReview.case_no == case_no, FieldReview.value.is_(None))
            .order_by(FieldReview.field)
        )
        vouchers = session.scalars(select(Voucher).where(Voucher.case_no == case_no)).all()
        paid = {each.voucher_no: payment_of(session, each) for each in vouchers}
        named = {each.other_case_no for each in direct}
        return CaseNews(
            closed=None if withdrawal is None else Closed(withdrawal.reason, withdrawal.withdrawn_by, withdrawal.at),
            changed=tuple(ChangedField(field_name(each.field), each.value, each.set_by, each.at) for each in changed),
            in_review=tuple(field_name(each) for each in waiting),
            links=direct,
            others=tuple(each for each in group_of(session, case_no) if each not in named),
            payments={number: state for number, state in paid.items() if state is not None},
        )


def closed_among(session: Session, case_nos: Sequence[str]) -> frozenset[str]:
    """Return which of these cases headquarters closed."""
    return frozenset(session.scalars(select(CaseWithdrawal.case_no).where(CaseWithdrawal.case_no.in_(case_nos))))
