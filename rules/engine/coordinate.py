"""Several policies of one loss, decided in the signed order of their plans (notes/domain.md §5, conventions 2, 10, 13, 17).

Promise: an indemnity sum reduces what every later policy of the same loss sees; a fixed benefit does not. What a person's pool
gave earlier is used up for later. While an indemnity benefit is referred, every later one of the same loss is referred too.
The order depends on the policies alone, never on how they were handed in.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date

import msgspec

from rules.engine.decide import decide
from rules.engine.language import Failure
from rules.engine.loss_keys import loss_key
from rules.engine.model import Bilingual, Decision, Determination, ElementId, Facts, PoolScope, Reason, Referral, Value
from rules.engine.pack import CLAIM_TYPES, PLAN, Liability, Pack
from rules.engine.scope import Scope

EFFECTIVE = ElementId("policy_effective")
_LAST = 1_000_000


@dataclass(frozen=True, slots=True)
class PolicyClaim:
    """One policy of the person, with the pack that holds for it and its facts as they stand before this loss is paid."""

    policy_no: str
    pack: Pack
    facts: Facts


@dataclass(frozen=True, slots=True)
class CoordinatedDecision:
    """A policy's decision, with the facts it was decided on: earlier payments of this loss are in them."""

    claim: PolicyClaim
    decision: Decision


def coordinate(claims: Sequence[PolicyClaim]) -> tuple[CoordinatedDecision, ...]:
    """Decide the policies of one loss, first to last. Raises ValueError when a policy number comes twice."""
    if len({claim.policy_no for claim in claims}) != len(claims):
        raise ValueError("a policy twice")
    decided: list[CoordinatedDecision] = []
    for claim in sorted(claims, key=_order):
        informed = _informed(claim, decided)
        decision = decide(informed.pack, informed.facts)
        referred = _referred_before(informed, decided)
        if referred is not None:
            decision = _refer(decision, referred)
        decided.append(CoordinatedDecision(claim=informed, decision=decision))
    return tuple(decided)


def _order(claim: PolicyClaim) -> tuple[int, date, str]:
    plan = claim.pack.plans.get(str(claim.facts.get(PLAN, "")))
    effective = claim.facts.get(EFFECTIVE)
    return (
        plan.spec.order if plan else _LAST,
        effective if isinstance(effective, date) else date.max,
        claim.policy_no,
    )


def _informed(claim: PolicyClaim, decided: Sequence[CoordinatedDecision]) -> PolicyClaim:
    """Add what earlier policies pay for the same loss, and what they take from the person's pools, to a policy's facts."""
    facts = dict(claim.facts)
    keys = _indemnity_keys(claim)
    paid: dict[tuple[str, str], int] = {}
    for earlier in decided:
        for result in earlier.decision.liabilities:
            if result.amount_fen and _is_indemnity(earlier.claim, result.liability):
                for element in {element for element, key in keys if key == result.loss_key}:
                    paid[element, earlier.claim.policy_no] = (
                        paid.get((element, earlier.claim.policy_no), 0) + result.amount_fen
                    )
            for draw in result.pools:
                pool = claim.pack.pools.get(draw.pool)
                if draw.scope is PoolScope.PERSON and pool is not None and pool.spec.scope is PoolScope.PERSON:
                    _add(facts, pool.spec.used, draw.amount)
    for (element, _), fen in paid.items():
        _add(facts, element, fen)
    return replace(claim, facts=facts)


def _add(facts: dict[ElementId, Value], element: str, amount: int) -> None:
    """Add to a fact that is there. A missing one stays missing: the case is referred for it, not paid on a guess."""
    before = facts.get(ElementId(element))
    if isinstance(before, int) and not isinstance(before, bool):
        facts[ElementId(element)] = before + amount


def _referred_before(claim: PolicyClaim, decided: Sequence[CoordinatedDecision]) -> str | None:
    """Return the earlier policy whose referred indemnity may be of the same cost as one of this policy's."""
    keys = _indemnity_keys(claim)
    for earlier in decided:
        if not isinstance(earlier.decision, Referral):
            continue
        for _, key in _indemnity_keys(earlier.claim):
            # A key that cannot be worked out may be any: it holds up the later policy rather than let it pay too much.
            if any(key is None or own is None or own == key for _, own in keys):
                return earlier.claim.policy_no
    return None


def _indemnity_keys(claim: PolicyClaim) -> list[tuple[str, str | None]]:
    """Return, for each indemnity benefit claimed, the element that hears of earlier payments, and its loss key."""
    found: list[tuple[str, str | None]] = []
    for liability, parameters in _claimed(claim):
        if liability.spec.indemnity is None:
            continue
        scope = Scope(claim.pack, claim.facts, parameters, {})
        try:
            found.append((liability.spec.indemnity, loss_key(liability, scope)))
        except Failure:
            found.append((liability.spec.indemnity, None))
    return found


def _claimed(claim: PolicyClaim) -> list[tuple[Liability, dict[str, Value]]]:
    plan = claim.pack.plans.get(str(claim.facts.get(PLAN, "")))
    asked = claim.facts.get(CLAIM_TYPES)
    if plan is None or not isinstance(asked, tuple):
        return []
    return [
        (liability, dict(parameters))
        for liability, parameters in plan.liabilities
        if not set(asked).isdisjoint(liability.spec.claimed)
    ]


def _is_indemnity(claim: PolicyClaim, liability_id: str) -> bool:
    return any(liability.spec.id == liability_id and liability.spec.indemnity for liability, _ in _claimed(claim))


def _refer(decision: Decision, policy_no: str) -> Referral:
    """Return the decision as a referral that waits for an earlier policy."""
    text = Bilingual(
        zh=f"在先保单 {policy_no} 对同一费用的赔付尚待核定，本保单一并转人工",
        en=f"earlier policy {policy_no} is referred for the same cost, so this one is too",
    )
    reason = Reason(rule="engine:earlier_referred", clause="", text=text)
    if isinstance(decision, Determination):
        return Referral(**msgspec.structs.asdict(decision), reasons=(reason,))
    return msgspec.structs.replace(decision, reasons=(*decision.reasons, reason))
