"""What the Sign step asks of the desk, as jobs for the store lane. They touch no widget.

Promise: every result to sign gets every signature, the claimant's word last.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from claims.desk import Desk
from claims.overviews import CaseStanding
from claims.reference import ExtractPerson
from views.screens.case.payees import (
    PayeeGroup,
    Raw,
    SigningDraft,
    decode_draft,
    draft_id,
    payee_groups,
    to_sign,
    typed_payees,
)
from views.screens.case.signed_amount import AmountToSign, amount_to_sign
from views.screens.case.signers import Signature


@dataclass(frozen=True)
class SigningLoaded:
    """What the panel needs besides the standing."""

    draft: SigningDraft
    groups: tuple[PayeeGroup, ...]
    amounts: tuple[AmountToSign, ...]

    def typed(self) -> tuple[Raw, ...]:
        """Return what stands in the payees' forms, group after group."""
        return tuple(raw for group in self.groups for raw in typed_payees(self.draft, group))


def read_signing(desk: Desk, standing: CaseStanding) -> SigningLoaded:
    """Return what was typed so far, who must be named, and the sums in full."""
    return SigningLoaded(
        decode_draft(desk.draft(draft_id(standing.case.case_no))),
        payee_groups(standing, lambda person_id: known_person(desk, person_id)),
        tuple(amount_to_sign(standing, each) for each in to_sign(standing)),
    )


def record_signatures(desk: Desk, case_no: str, policy_nos: Sequence[str], signatures: Sequence[Signature]) -> None:
    """Sign the newest results of these policies, in the order of the signatures."""
    for policy_no in policy_nos:
        for each in signatures:
            desk.sign(
                case_no, policy_no, role=each.role, name=each.name, ink=each.ink, refused=each.refused, note=each.note
            )


def known_person(desk: Desk, person_id: str) -> ExtractPerson | None:
    """Return a person of the extract, None where this laptop does not know them."""
    row = desk.person_row(person_id)
    return None if row is None else row.hit.person
