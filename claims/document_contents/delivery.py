"""How a notice is delivered: the fields that every notice asks, and what is wrong with them.

Source: notes/domain.md §7 (delivery proof), §2 (the clock stops when a notice arrives).
"""

from __future__ import annotations

from collections.abc import Iterator

from claims.document_contents.dossier import Dossier
from claims.document_types import Entered, problem
from claims.form_fields import FieldProblem
from claims.papers import Printed

NOTICE_DATE = "notice.date"
DELIVERY_KEYS = ("delivery.method", "delivery.to")
IN_PERSON = "in_person"


def delivery_values(dossier: Dossier) -> dict[str, Printed]:
    """Return the day of the notice: the day in Beijing by the trusted time."""
    return {NOTICE_DATE: dossier.today.isoformat()}


def undeliverable(entered: Entered) -> Iterator[FieldProblem]:
    """Yield a problem where a notice is sent without saying where to."""
    if entered.text("delivery.method") not in ("", IN_PERSON) and not entered.text("delivery.to"):
        yield problem(
            "delivery.to",
            "missing",
            "不是当面交付的，请填写送达地址、号码或邮箱，作为送达的依据。",
            "Where it is not delivered in person enter address, number or mailbox: it proves the delivery.",
        )
