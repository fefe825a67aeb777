"""What keeps a claim from being paid though its own rules would: an open claim before it, a claim made twice, balances that differ.

Promise: a held claim keeps its figures and its steps; it becomes a referral that says which claim it waits for.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from decimal import Decimal

import msgspec

from rules.engine.coordination.claims import CoordinatedDecision, Influence, InfluenceKind, PolicyClaim
from rules.engine.coordination.ledger import accident_date
from rules.engine.coordination.reading import claimed, indemnity_keys, loss_keys, names_read, policy_year, settled_fen
from rules.engine.document import CarryReach, CarryWhen
from rules.engine.language import Failure
from rules.engine.model import Bilingual, Decision, Determination, ElementId, FactsError, PoolScope, Reason, Referral
from rules.engine.scope import Scope
from rules.engine.values import check


def earlier_reimbursement(claim: PolicyClaim, decided: Sequence[CoordinatedDecision]) -> Reason | None:
    """Return why a claim waits for an earlier one whose reimbursement of the same cost is referred (convention 13)."""
    keys = indemnity_keys(claim)
    for earlier in decided:
        if not isinstance(earlier.decision, Referral):
            continue
        for _, key in indemnity_keys(earlier.claim):
            # A key that cannot be worked out may be any: it holds up the later claim rather than let it pay too much.
            if any(key is None or own is None or own == key for _, own in keys):
                return _reason(
                    "engine:earlier_referred",
                    f"在先保单 {earlier.claim.policy_no} 对同一费用的赔付尚待核定，本保单一并转人工",
                    f"earlier policy {earlier.claim.policy_no} is referred for the same cost, so this one is too",
                )
    return None


def open_claim_behind(claim: PolicyClaim, influences: Sequence[Influence], unsure: frozenset[str]) -> Reason | None:
    """Return why a claim waits for an open one: a figure it was decided on changes when that one is decided otherwise.

    Args:
        unsure: the elements whose change is what the open claim itself means, and no figure that may still move.
    """
    read = names_read(claim)
    for each in influences:
        # The same cost is ``earlier_reimbursement``'s business.
        if each.kind is InfluenceKind.PAID_BEFORE or not each.undecided:
            continue
        if each.element in read and each.element not in unsure:
            name = claim.pack.elements[each.element].name
            return _reason(
                "engine:earlier_open",
                f"“{name.zh}”含在先申请 {each.from_claim} 的金额，该申请尚待核定，本申请一并转人工",
                f'"{name.en}" counts the earlier claim {each.from_claim}, which a person has yet to decide; this one is referred too',
            )
    return None


def claimed_before(claim: PolicyClaim, decided: Sequence[CoordinatedDecision]) -> Reason | None:
    """Return why a claim is one too many: the policy was asked for the same benefit of the same loss before."""
    own = {(benefit, key) for benefit, key in loss_keys(claim).items() if key is not None}
    for earlier in decided:
        if earlier.claim.policy_no != claim.policy_no:
            continue
        results = {result.liability: result for result in earlier.decision.liabilities}
        paying = {
            benefit.id
            for benefit in claimed(earlier.claim)
            if benefit.id in results and settled_fen(benefit.liability, results[benefit.id]) != 0
        }
        for benefit, key in loss_keys(earlier.claim).items():
            if benefit in paying and (benefit, key) in own:
                return _reason(
                    "engine:claimed_before",
                    f"同一保单对同一损失的同一责任已由申请 {earlier.claim.name} 计算，不重复给付，转人工核定",
                    f"claim {earlier.claim.name} asks this policy for the same benefit of the same loss; a person decides",
                )
    return None


def agreed(claims: Sequence[PolicyClaim]) -> dict[tuple[str, str], tuple[PolicyClaim, Reason | None]]:
    """Return each claim with opening balances that agree, by policy and claim number.

    Where claims state different balances of one pool, or different payments for one bill, the highest counts for all of them and a
    person decides.
    """
    stated: dict[tuple[str, ...], dict[int, tuple[PolicyClaim, ElementId]]] = {}
    for place, claim in enumerate(claims):
        for element, holder in _balances(claim):
            if element in claim.facts:
                stated.setdefault(holder, {})[place] = (claim, element)
    facts = [dict(claim.facts) for claim in claims]
    reasons: dict[int, Reason] = {}
    for holder in sorted(stated):
        # What does not fit its element refers its claim already; it says nothing about the others.
        fitting = {place: balance for place, balance in stated[holder].items() if _fits(*balance)}
        numbers = {
            value for claim, element in fitting.values() if isinstance(value := claim.facts[element], int | Decimal)
        }
        if len(numbers) < 2:
            continue
        highest = max(numbers)
        for place, (claim, element) in fitting.items():
            facts[place][element] = highest
            name = claim.pack.elements[element].name
            reasons.setdefault(
                place,
                _reason(
                    "engine:balances_differ",
                    f"各申请填写的“{name.zh}”不一致，暂按最大值计算，转人工核对",
                    f'the claims state different sums for "{name.en}"; the highest counts until a person has checked',
                ),
            )
    return {
        (claim.policy_no, claim.claim_no): (replace(claim, facts=facts[place]), reasons.get(place))
        for place, claim in enumerate(claims)
    }


def _fits(claim: PolicyClaim, element: ElementId) -> bool:
    try:
        check(claim.pack.elements[element], claim.facts[element])
    except FactsError:
        return False
    return True


def _balances(claim: PolicyClaim) -> list[tuple[ElementId, tuple[str, ...]]]:
    """Return the balances that a claim states, each with whose it is."""
    found: list[tuple[ElementId, tuple[str, ...]]] = []
    for benefit in claimed(claim):
        for draw in benefit.liability.draws:
            spec = draw.pool.spec
            holder = holder_of(claim, spec.scope, str(policy_year(claim, benefit) or ""))
            found.append((ElementId(spec.used), ("pool", spec.id, holder)))
        for carry in benefit.liability.carries:
            # What a step uses up is one balance for all claims that it reaches: a prepayment, a deductible, a premium due.
            if carry.spec.when is CarryWhen.REACHED:
                alike = [str(claim.facts.get(ElementId(name))) for name in carry.spec.same]
                holder = _reached(claim, carry.spec.reach, str(policy_year(claim, benefit) or ""))
                found.append((ElementId(carry.spec.element), ("carry", carry.spec.element, holder, *alike)))
    for element, key in indemnity_keys(claim):
        if key is not None:
            found.append((element, ("paid", element, key)))
    return found


def _reached(claim: PolicyClaim, reach: CarryReach, year: str) -> str:
    match reach:
        case CarryReach.PERSON:
            return "person"
        case CarryReach.POLICY:
            return claim.policy_no
        case CarryReach.POLICY_YEAR:
            return f"{claim.policy_no}/{year}"
        case CarryReach.LOSS:
            return f"{claim.policy_no}/loss:{claim.loss}"


def holder_of(claim: PolicyClaim, scope: PoolScope, year: str) -> str:
    """Return whose a pool is, as text that is equal for equal holders."""
    match scope:
        case PoolScope.PERSON:
            return "person"
        case PoolScope.POLICY:
            return claim.policy_no
        case PoolScope.POLICY_YEAR:
            return f"{claim.policy_no}/{year}"
        case PoolScope.ACCIDENT:
            return f"{claim.policy_no}/accident:{accident_date(claim) or claim.loss}"


def held(decision: Decision, reasons: Sequence[Reason]) -> Decision:
    """Return the decision as a referral for further reasons; as it is where there is none."""
    if not reasons:
        return decision
    if isinstance(decision, Determination):
        return Referral(**msgspec.structs.asdict(decision), reasons=tuple(reasons))
    return msgspec.structs.replace(decision, reasons=(*decision.reasons, *reasons))


def limit_of(claim: PolicyClaim, benefit_id: str, pool: str) -> int | None:
    """Return a pool's limit for one benefit of the claim; None where there is none or it cannot be worked out."""
    for benefit in claimed(claim):
        if benefit.id == benefit_id:
            try:
                value = Scope(claim.pack, claim.facts, benefit.parameters, {}, benefit.liability.spec.date_basis).read(
                    f"{pool}_limit"
                )
            except Failure:
                return None
            return int(value) if isinstance(value, int | Decimal) else None
    return None


def _reason(rule: str, zh: str, en: str) -> Reason:
    return Reason(rule=rule, clause="", text=Bilingual(zh=zh, en=en))
