"""Who gets the money: which persons a signed result must name, what is known of them already, and what was typed, kept as a draft.

Promise: one payee a share, in the order of the shares; a share of nothing asks for nobody; what was typed survives a crash and a
restart and is what the voucher step promises to. At a hospital's counter the hospital is the payee and its account is known.

Source: notes/domain.md §2 (arts 40, 42), §6; docs/adr/0104.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date

import msgspec

from claims.events import Outcome, PayeeFact
from claims.form_definitions import form_for, validate
from claims.form_fields import FieldKind, Form, Validated
from claims.materials import DEATH_CLAIMS, ClaimType
from claims.overviews import CaseStanding
from claims.records import CaseRecord, DeterminationRecord
from claims.reference import ExtractPerson, ExtractPolicy
from rules.engine import read_decision
from rules.engine.model import Decision, Determination
from views.form_parts import part_of

NAME, ID_NUMBER, RELATION, BANK, ACCOUNT = (
    "payee.name",
    "payee.id_number",
    "payee.relation",
    "payee.bank",
    "payee.account",
)
_HOSPITAL_NAME = 60
SELF, BENEFICIARY, HOSPITAL = "self", "beneficiary", "hospital"

Raw = Mapping[str, str]


class SigningDraft(msgspec.Struct, frozen=True, kw_only=True):
    """What was typed in the Sign step: the payees' raw texts by policy, in the order of the shares; and names by place."""

    payees: dict[str, tuple[dict[str, str], ...]] = {}
    names: dict[str, str] = {}


@dataclass(frozen=True)
class Share:
    """What one payee gets, and what may stand in the form before anybody types."""

    amount_fen: int
    suggested: Raw


@dataclass(frozen=True)
class PayeeGroup:
    """Policies whose money goes to the same persons; ``shares`` holds those of nothing too. The sums are over all of them."""

    policy_nos: tuple[str, ...]
    shares: tuple[Share, ...]

    @property
    def asked(self) -> tuple[Share, ...]:
        """The shares for which somebody must be named."""
        return tuple(share for share in self.shares if share.amount_fen)


def draft_id(case_no: str) -> str:
    """Return the draft under which the payees of a case are kept."""
    return f"payees:{case_no}"


def encode_draft(draft: SigningDraft) -> bytes:
    """Return a draft's bytes."""
    return msgspec.json.encode(draft)


def decode_draft(raw: bytes | None) -> SigningDraft:
    """Return what was typed; a draft that can't be read counts as none."""
    if raw is None:
        return SigningDraft()
    try:
        return msgspec.json.decode(raw, type=SigningDraft)
    except msgspec.MsgspecError:
        return SigningDraft()


def payee_form(claim_type: str) -> Form:
    """Return the part of a claim type's form that names a payee, with what a voucher can't do without as required."""
    form = part_of(form_for(ClaimType(claim_type)), lambda key: key.startswith("payee."))
    needed = {NAME, RELATION}
    if claim_type != ClaimType.DIRECT_SETTLEMENT.value:
        needed |= {BANK, ACCOUNT}
    fields = tuple(msgspec.structs.replace(field, required=field.key in needed) for field in form.fields)
    if claim_type == ClaimType.DIRECT_SETTLEMENT.value:
        # Hospitals have figures and brackets in their names, people don't.
        fields = tuple(
            msgspec.structs.replace(field, kind=FieldKind.TEXT, maximum=_HOSPITAL_NAME) if field.key == NAME else field
            for field in fields
        )
    return msgspec.structs.replace(form, fields=fields)


def to_sign(standing: CaseStanding) -> tuple[DeterminationRecord, ...]:
    """Return the results that promise a sum and therefore are signed."""
    return tuple(each for each in standing.determinations if each.outcome is Outcome.PRE_APPROVED)


def payee_groups(standing: CaseStanding, person: Callable[[str], ExtractPerson | None]) -> tuple[PayeeGroup, ...]:
    """Return who must be named for the results to sign.

    Args:
        person: looks a person of the extract up; None where this laptop does not know them.
    """
    policies = {each.policy_no: each for each in standing.policies}
    found: dict[tuple[tuple[str, bool], ...], tuple[list[str], list[int], ExtractPolicy | None]] = {}
    for record in to_sign(standing):
        policy = policies.get(record.policy_no)
        sums = shares_fen(read_decision(record.decision))
        ids = _entitled(policy, len(sums))
        # The same persons in the same order; whether a share is paid at all belongs to it.
        key = tuple((who, amount > 0) for who, amount in zip(ids, sums, strict=True))
        numbers, total, _ = found.setdefault(key, ([], [0] * len(sums), policy))
        numbers.append(record.policy_no)
        total[:] = [before + amount for before, amount in zip(total, sums, strict=True)]
    return tuple(
        PayeeGroup(
            tuple(numbers),
            tuple(
                Share(amount, _suggested(standing.case, who, person))
                for (who, _paid), amount in zip(key, total, strict=True)
            ),
        )
        for key, (numbers, total, _) in found.items()
    )


def shares_fen(decision: Decision) -> tuple[int, ...]:
    """Return what each entitled person gets of a whole decision, in order."""
    if not isinstance(decision, Determination):
        return ()
    splits = [each.shares_fen for each in decision.liabilities if each.amount_fen]
    count = max((len(each) for each in splits), default=0)
    return tuple(sum(split[place] for split in splits if place < len(split)) for place in range(count))


def payees_of(
    group: PayeeGroup, typed: Sequence[Raw], check: Callable[[Raw], Validated | None]
) -> tuple[PayeeFact, ...] | None:
    """Return the payees of a group, None while somebody is missing or wrong.

    Args:
        typed: raw texts of those that are asked for, in order.
        check: reads one form; None where it is wrong.
    """
    if len(typed) != len(group.asked):
        return None
    rest = iter(typed)
    payees: list[PayeeFact] = []
    for place, share in enumerate(group.shares):
        if not share.amount_fen:
            # Takes nothing, so needs no account; the name only keeps the order.
            name = share.suggested.get(NAME) or f"({place + 1})"
            payees.append(PayeeFact(name=name, id_number=None, relation=BENEFICIARY, bank="", account=""))
            continue
        read = check(next(rest))
        if read is None:
            return None
        payees.append(payee_fact(read))
    return tuple(payees)


def payee_fact(read: Validated) -> PayeeFact:
    """Return the payee that a checked form names."""
    return PayeeFact(
        name=read.text(NAME) or "",
        id_number=read.text(ID_NUMBER),
        relation=read.text(RELATION) or "",
        bank=read.text(BANK) or "",
        account=read.text(ACCOUNT) or "",
    )


def typed_payees(draft: SigningDraft, group: PayeeGroup) -> tuple[Raw, ...]:
    """Return what stands in a group's forms: what was typed, else what is suggested."""
    typed = draft.payees.get(group.policy_nos[0], ())
    return tuple(typed[place] if place < len(typed) else share.suggested for place, share in enumerate(group.asked))


def reader(claim_type: str, today: date) -> Callable[[Raw], Validated | None]:
    """Return what reads one payee's texts without a form on the screen."""
    form = payee_form(claim_type)

    def check(raw: Raw) -> Validated | None:
        read = validate(form, raw, today)
        return read if isinstance(read, Validated) else None

    return check


def _entitled(policy: ExtractPolicy | None, count: int) -> tuple[str, ...]:
    """Return the beneficiaries' person ids in the order of the shares; empty ones where the policy does not name that many."""
    named = () if policy is None else tuple(each.person_id for each in policy.beneficiaries)
    return named if len(named) == count else ("",) * count


def _suggested(case: CaseRecord, person_id: str, person: Callable[[str], ExtractPerson | None]) -> Raw:
    if case.claim_type == ClaimType.DIRECT_SETTLEMENT.value:
        return {NAME: case.loss_place, RELATION: HOSPITAL}
    if case.claim_type not in DEATH_CLAIMS:
        # The insured lives and is the one whose loss it is, whoever reported it.
        return _known(case.insured.name, case.insured.id_number, SELF)
    found = person(person_id) if person_id else None
    if found is not None:
        return _known(found.name, found.id_number, BENEFICIARY)
    return _known(case.reporter.name, case.reporter.id_number, "")


def _known(name: str, id_number: str | None, relation: str) -> Raw:
    return {NAME: name, ID_NUMBER: id_number or "", RELATION: relation}
