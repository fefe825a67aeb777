"""What the claims decided so far have paid, drawn and used up, and what of it the next claim sees.

Promise: a fact is only changed where it is there: a missing opening balance stays missing and refers. What cannot be worked out is
taken out of the facts, so that nobody is paid on a guess.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from types import MappingProxyType

from rules.engine.coordination.claims import Influence, InfluenceKind, PolicyClaim
from rules.engine.coordination.reading import (
    Claimed,
    claimed,
    indemnity_keys,
    loss_keys,
    policy_year,
    reached,
    settled_fen,
    taken_fen,
)
from rules.engine.document import CarryReach, CarryWhen, DateBasis
from rules.engine.language import Failure
from rules.engine.model import Decision, ElementId, LiabilityResult, PoolDraw, PoolScope, Value
from rules.engine.pack import PAID, SETTLED, TAKEN, Carry
from rules.engine.scope import Scope

Amount = int | Decimal | bool | None
_NOTHING_DRAWN: Mapping[str, int] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Effect:
    """What one claim changes for others.

    ``loss_key`` is of a reimbursement, ``draw`` of a pool, ``carry`` of what the pack says others hear of.
    """

    source: PolicyClaim
    amount: Amount
    year: date | None = None
    undecided: bool = False
    loss_key: str | None = None
    draw: PoolDraw | None = None
    carry: Carry | None = None


def effects_of_claiming(claim: PolicyClaim) -> tuple[Effect, ...]:
    """Return what a claim changes by being made, whatever comes of it."""
    return tuple(
        Effect(claim, _worked_out(claim, benefit, carry, {}), policy_year(claim, benefit), carry=carry)
        for benefit in claimed(claim)
        for carry in benefit.liability.carries
        if carry.spec.when is CarryWhen.CLAIMED
    )


def effects_of_deciding(claim: PolicyClaim, decision: Decision, *, undecided: bool) -> tuple[Effect, ...]:
    """Return what a decision changes for later claims."""
    results = {result.liability: result for result in decision.liabilities}
    keys = loss_keys(claim)
    drawn: dict[str, int] = {}
    effects: list[Effect] = []
    for benefit in claimed(claim):
        result = results.get(benefit.id)
        year = policy_year(claim, benefit)
        if result is None:
            effects.extend(
                Effect(claim, _worked_out(claim, benefit, carry, {PAID: 0, SETTLED: 0}), year, undecided, carry=carry)
                for carry in benefit.liability.carries
                if carry.spec.when is CarryWhen.OPEN and undecided
            )
            continue
        settled = settled_fen(benefit.liability, result)
        if benefit.liability.spec.indemnity is not None and settled != 0:
            effects.append(Effect(claim, settled, year, undecided, loss_key=keys[benefit.id]))
        for carry in benefit.liability.carries:
            if _told(carry, result, settled, undecided):
                known = {PAID: result.amount_fen, SETTLED: settled}
                if carry.spec.step is not None:
                    known[TAKEN] = taken_fen(benefit.liability, result, carry.spec.step)
                amount = _worked_out(claim, benefit, carry, known, drawn)
                effects.append(Effect(claim, amount, year, undecided, carry=carry))
        effects.extend(Effect(claim, draw.amount, year, undecided, draw=draw) for draw in result.pools)
        for draw in result.pools:
            drawn[draw.pool] = drawn.get(draw.pool, 0) + draw.amount
    return tuple(effects)


def informed(claim: PolicyClaim, effects: Iterable[Effect]) -> tuple[PolicyClaim, tuple[Influence, ...]]:
    """Return the claim with what the effects change for it, and the changes."""
    facts = dict(claim.facts)
    changes: list[Influence] = []
    for effect in effects:
        for element, kind in _reaches(effect, claim):
            before = facts.get(element)
            after = _changed(before, effect.amount)
            if before is None or after == before:
                continue
            if after is None:
                del facts[element]
            else:
                facts[element] = after
            changes.append(Influence(element, kind, effect.amount, effect.source.name, effect.undecided))
    return replace(claim, facts=facts), tuple(changes)


def _told(carry: Carry, result: LiabilityResult, settled: int | None, undecided: bool) -> bool:
    match carry.spec.when:
        case CarryWhen.CLAIMED:
            return False
        case CarryWhen.REACHED:
            return reached(result, carry.spec.step or "")
        case CarryWhen.PAID:
            return settled != 0
        case CarryWhen.OPEN:
            return undecided


def _worked_out(
    claim: PolicyClaim,
    benefit: Claimed,
    carry: Carry,
    known: dict[str, int | None],
    drawn: Mapping[str, int] = _NOTHING_DRAWN,
) -> Amount:
    """Return a carry's value, None where it cannot be worked out."""
    scope = Scope(claim.pack, claim.facts, benefit.parameters, drawn, benefit.liability.spec.date_basis)
    for name, fen in known.items():
        if fen is not None:
            scope.set(name, fen)
    try:
        value = carry.value.evaluate(scope)
    except Failure:
        return None
    return value if isinstance(value, bool | int | Decimal) else None


def _changed(before: Value | None, amount: Amount) -> Value | None:
    """Return the fact after an amount was added (True: set); None where the amount is not known or does not fit."""
    if amount is None:
        return None
    if isinstance(before, bool) or isinstance(amount, bool):
        return (before or amount) if isinstance(before, bool) and isinstance(amount, bool) else None
    if isinstance(before, int) and isinstance(amount, int):
        return before + amount
    if isinstance(before, Decimal):
        return before + amount
    return None


def _reaches(effect: Effect, claim: PolicyClaim) -> list[tuple[ElementId, InfluenceKind]]:
    """Return the facts of a claim that an effect changes."""
    if effect.draw is not None:
        pool = claim.pack.pools.get(effect.draw.pool)
        if (
            pool is None
            or pool.spec.scope is not effect.draw.scope
            or not _shares_pool(effect, effect.draw.scope, claim)
        ):
            return []
        return [(ElementId(pool.spec.used), InfluenceKind.POOL)]
    if effect.carry is not None:
        spec = effect.carry.spec
        same = all(
            name in claim.facts and claim.facts.get(ElementId(name)) == effect.source.facts.get(ElementId(name))
            for name in map(ElementId, spec.same)
        )
        return [(ElementId(spec.element), InfluenceKind.CARRIED)] if same and _hears(effect, spec.reach, claim) else []
    elements = {element for element, key in indemnity_keys(claim) if key is not None and key == effect.loss_key}
    return [(element, InfluenceKind.PAID_BEFORE) for element in sorted(elements)]


def _shares_pool(effect: Effect, scope: PoolScope, claim: PolicyClaim) -> bool:
    same_policy = claim.policy_no == effect.source.policy_no
    match scope:
        case PoolScope.PERSON:
            return True
        case PoolScope.POLICY:
            return same_policy
        case PoolScope.POLICY_YEAR:
            return same_policy and _same_year(effect, claim)
        case PoolScope.ACCIDENT:
            return same_policy and same_accident(effect.source, claim)


def _hears(effect: Effect, reach: CarryReach, claim: PolicyClaim) -> bool:
    same_policy = claim.policy_no == effect.source.policy_no
    match reach:
        case CarryReach.PERSON:
            return True
        case CarryReach.POLICY:
            return same_policy
        case CarryReach.POLICY_YEAR:
            return same_policy and _same_year(effect, claim)
        case CarryReach.LOSS:
            return same_policy and claim.loss == effect.source.loss


def _same_year(effect: Effect, claim: PolicyClaim) -> bool:
    """A year that is not known may be any: what was drawn counts, so that no limit is passed."""
    years = {policy_year(claim, benefit) for benefit in claimed(claim)}
    return effect.year is None or None in years or effect.year in years


def same_accident(one: PolicyClaim, other: PolicyClaim) -> bool:
    """Say whether two claims come of one accident: by its date, where one has none by the loss that they were handed in for."""
    dates = [accident_date(each) for each in (one, other)]
    if None in dates:
        return one.loss == other.loss
    return dates[0] == dates[1]


def accident_date(claim: PolicyClaim) -> date | None:
    """Return the accident's date, by the element that the pack names for it."""
    name = claim.pack.document.date_bases.get(DateBasis.ACCIDENT, "accident_date")
    value = claim.facts.get(ElementId(name))
    return value if isinstance(value, date) else None
