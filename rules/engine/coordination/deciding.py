"""Deciding the claims of a run, first to last, each on what the ones before it left."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from decimal import Decimal, localcontext

from rules.engine.coordination.claims import (
    CoordinatedDecision,
    Coordination,
    PolicyClaim,
    PolicyTotal,
    PoolStanding,
    shares_of,
)
from rules.engine.coordination.holds import (
    agreed,
    claimed_before,
    earlier_reimbursement,
    held,
    holder_of,
    limit_of,
    open_claim_behind,
)
from rules.engine.coordination.ledger import Effect, effects_of_claiming, effects_of_deciding, informed
from rules.engine.coordination.order import place_of
from rules.engine.coordination.reading import claimed, policy_year, reached, undecided
from rules.engine.decide import decide
from rules.engine.document import CarryWhen
from rules.engine.language.exact import EXACT
from rules.engine.model import Decision, Determination, ElementId, Facts, Reason, Unit
from rules.engine.pack import Pack

Decider = Callable[[Pack, Facts], Decision]


def coordinate(claims: Sequence[PolicyClaim], *, decider: Decider = decide) -> Coordination:
    """Decide all claims of one person in the signed order.

    Args:
        claims: of one person. Several of one policy have different ``claim_no``.
        decider: a back end that decides as the reference does.

    Raises:
        ValueError: a claim comes twice, by policy and claim number.
    """
    if len({(claim.policy_no, claim.claim_no) for claim in claims}) != len(claims):
        raise ValueError("a claim twice")
    with localcontext(EXACT):
        return _coordinated(sorted(claims, key=place_of), decider)


def _coordinated(ordered: Sequence[PolicyClaim], decider: Decider) -> Coordination:
    balances = agreed(ordered)
    made = [effect for claim in ordered for effect in effects_of_claiming(claim)]
    effects: list[Effect] = []
    decided: list[CoordinatedDecision] = []
    for handed_in in ordered:
        opening, differ = balances[handed_in.policy_no, handed_in.claim_no]
        claim, influences = informed(opening, [*made, *effects])
        decision = decider(claim.pack, claim.facts)
        holds: list[Reason | None] = [
            earlier_reimbursement(claim, decided),
            claimed_before(claim, decided),
            open_claim_behind(claim, influences, _said_by_being_open(effects)),
            differ,
        ]
        decision = held(decision, [reason for reason in holds if reason is not None])
        decided.append(CoordinatedDecision(claim, decision, influences, _pools(claim, decision)))
        effects.extend(effects_of_deciding(claim, decision, undecided=undecided(claim, decision)))
    return Coordination(tuple(decided), _totals(decided), shares_of(decided))


def _said_by_being_open(effects: Sequence[Effect]) -> frozenset[str]:
    """Return the elements that tell of an open claim: the rules that read them say themselves what follows."""
    return frozenset(
        effect.carry.spec.element
        for effect in effects
        if effect.carry is not None and effect.carry.spec.when is CarryWhen.OPEN
    )


def _pools(claim: PolicyClaim, decision: Decision) -> tuple[PoolStanding, ...]:
    """Return the pools that the claimed benefits draw on, before and after the decision."""
    found: dict[str, PoolStanding] = {}
    results = {result.liability: result for result in decision.liabilities}
    for benefit in claimed(claim):
        result = results.get(benefit.id)
        for draw in benefit.liability.draws:
            spec = draw.pool.spec
            known = found.get(spec.id)
            before = _count(claim.facts.get(ElementId(spec.used))) if known is None else known.before
            so_far = before if known is None else known.after
            drawn = sum(each.amount for each in result.pools if each.pool == spec.id) if result else 0
            found[spec.id] = PoolStanding(
                pool=spec.id,
                name=spec.name,
                scope=spec.scope,
                holder=holder_of(claim, spec.scope, str(policy_year(claim, benefit) or "")),
                unit=Unit(spec.unit),
                limit=limit_of(claim, benefit.id, spec.id) if spec.limit else None,
                before=before,
                after=None if so_far is None else so_far + drawn,
            )
    return tuple(found.values())


def _count(value: object) -> int | None:
    return int(value) if isinstance(value, int | Decimal) and not isinstance(value, bool) else None


def _totals(decided: Sequence[CoordinatedDecision]) -> tuple[PolicyTotal, ...]:
    found: dict[str, PolicyTotal] = {}
    unused: dict[tuple[str, str], int] = {}
    for each in decided:
        policy = each.claim.policy_no
        before = found.get(policy, PolicyTotal(policy, 0, 0, 0))
        total = each.decision.total_fen
        # Each claim tells what of the prepayment it left over: the last one that took from it is right.
        left_over = _left_over(each)
        if left_over is not None:
            unused[policy, each.claim.loss] = left_over
        found[policy] = PolicyTotal(
            policy_no=policy,
            total_fen=before.total_fen + total,
            payable_fen=before.payable_fen + (total if isinstance(each.decision, Determination) else 0),
            recovery_fen=sum(fen for (held_by, _), fen in unused.items() if held_by == policy),
        )
    return tuple(found.values())


def _left_over(decided: CoordinatedDecision) -> int | None:
    """Return what a claim left of the prepayment, None where it did not come to that step."""
    results = {result.liability: result for result in decided.decision.liabilities}
    names = {
        rule.spec.remainder
        for benefit in claimed(decided.claim)
        if (result := results.get(benefit.id)) is not None
        for rule in benefit.liability.steps
        if rule.spec.remainder is not None and reached(result, rule.spec.id)
    }
    if not names:
        return None
    return sum(decided.decision.outputs_fen.get(name, 0) for name in names)
