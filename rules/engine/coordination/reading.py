"""Reading one claim and its decision: what is claimed, of which loss, what each step took, and whether a person must decide.

Promise: everything is read from facts and from the stored steps; what they do not say is None.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

from rules.engine.coordination.claims import PolicyClaim
from rules.engine.dates import add_years
from rules.engine.dating import Given
from rules.engine.document import RuleKind
from rules.engine.language import Failure
from rules.engine.loss_keys import loss_key
from rules.engine.model import Decision, ElementId, LiabilityResult, Referral
from rules.engine.pack import CLAIM_TYPES, PLAN, Liability, liability_names
from rules.engine.scope import Scope

_SUMS = (RuleKind.AMOUNT, RuleKind.ROUND)


@dataclass(frozen=True, slots=True)
class Claimed:
    """A benefit that a claim asks for, with the parameters of its plan."""

    liability: Liability
    parameters: Mapping[str, Given]

    @property
    def id(self) -> str:
        """The benefit's id in the pack."""
        return self.liability.spec.id


def claimed(claim: PolicyClaim) -> tuple[Claimed, ...]:
    """Return the benefits that the claim asks for, in the plan's order; none where plan or claim types cannot be read."""
    plan = claim.pack.plans.get(str(claim.facts.get(PLAN, "")))
    asked = claim.facts.get(CLAIM_TYPES)
    if plan is None or not isinstance(asked, tuple):
        return ()
    return tuple(
        Claimed(liability, parameters)
        for liability, parameters in plan.liabilities
        if not set(asked).isdisjoint(liability.spec.claimed)
    )


def loss_keys(claim: PolicyClaim) -> dict[str, str | None]:
    """Return each benefit's loss key, None where it cannot be worked out."""
    found: dict[str, str | None] = {}
    for benefit in claimed(claim):
        try:
            basis = benefit.liability.spec.date_basis
            scope = Scope(claim.pack, claim.facts, benefit.parameters, {}, basis)
            found[benefit.id] = loss_key(benefit.liability, scope)
        except Failure:
            found[benefit.id] = None
    return found


def indemnity_keys(claim: PolicyClaim) -> list[tuple[ElementId, str | None]]:
    """Return, for each reimbursement claimed, the element that hears of earlier payments, and the loss key."""
    keys = loss_keys(claim)
    return [
        (ElementId(benefit.liability.spec.indemnity), keys[benefit.id])
        for benefit in claimed(claim)
        if benefit.liability.spec.indemnity is not None
    ]


def names_read(claim: PolicyClaim) -> frozenset[str]:
    """Return every name that deciding the claim may read."""
    return claim.pack.needs(frozenset[str]().union(*(liability_names(each.liability) for each in claimed(claim))))


def policy_year(claim: PolicyClaim, benefit: Claimed) -> date | None:
    """Return the first day of the policy year that the benefit's date falls in; after the cover ended, its last year."""
    effective = claim.facts.get(ElementId("policy_effective"))
    on = claim.facts.get(ElementId(benefit.liability.spec.date_basis))
    if not isinstance(effective, date) or not isinstance(on, date):
        return None
    expiry = claim.facts.get(ElementId("policy_expiry"))
    if isinstance(expiry, date):
        on = min(on, expiry)
    years = max(0, on.year - effective.year)
    start = add_years(effective, years)
    return start if start <= on or years == 0 else add_years(effective, years - 1)


def reached(result: LiabilityResult, step: str) -> bool:
    """Say whether the benefit came as far as a step."""
    return any(each.rule == step and each.value for each in result.steps)


def taken_fen(liability: Liability, result: LiabilityResult, step: str) -> int | None:
    """Return what a step took off the sum; None where the steps hold no whole fen around it."""
    sums = {rule.spec.id for rule in liability.steps if rule.spec.kind in _SUMS}
    level: int | None = 0
    for each in result.steps:
        if each.rule not in sums or not each.value:
            continue
        if each.rule == step:
            return None if level is None or each.amount_fen is None else level - each.amount_fen
        level = each.amount_fen
    return None


def settled_fen(liability: Liability, result: LiabilityResult) -> int | None:
    """Return the benefit with the prepayment that it used up: what of the loss is made good. None where it is not known."""
    settled = result.amount_fen
    for rule in liability.steps:
        if rule.spec.remainder is not None and reached(result, rule.spec.id):
            used_up = taken_fen(liability, result, rule.spec.id)
            if used_up is None:
                return None
            settled += used_up
    return settled


def undecided(claim: PolicyClaim, decision: Decision) -> bool:
    """Say whether a person may come to other sums. A benefit that its own arithmetic brought to nothing is referred, but sure."""
    if not isinstance(decision, Referral):
        return False
    nothing_left = {
        (step.rule, step.reason.zh)
        for result in decision.liabilities
        if result.amount_fen == 0
        for step in result.steps
        if step.value and (rule := claim.pack.rules.get(step.rule)) is not None and rule.spec.kind in _SUMS
    }
    return any((reason.rule, reason.text.zh) not in nothing_left for reason in decision.reasons)
