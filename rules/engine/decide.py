"""Deciding one policy: the pack and its facts go in, an explained determination or referral comes out.

Promise: pure and deterministic: equal pack bytes and equal facts give equal canonical bytes. No fact makes it raise: what is
missing, wrong or not provided for becomes a referral with the rule's id (design.md "Rules"). Anything the field would have
to decline, a zero benefit included, is a referral; the field never declines.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable, Mapping
from decimal import Decimal, localcontext

from rules.engine.dating import Given
from rules.engine.facts import describe_facts, encode_facts
from rules.engine.language import Failure
from rules.engine.language.exact import EXACT
from rules.engine.model import (
    ENGINE_VERSION,
    Determination,
    ElementId,
    Facts,
    FactsError,
    LiabilityResult,
    Reason,
    Referral,
    Value,
)
from rules.engine.pack import CLAIM_TYPES, PLAN, TOTAL, Liability, Pack, Plan
from rules.engine.pipeline import Outcome, run_liability
from rules.engine.reasons import (
    of_bad_facts,
    of_failure,
    of_not_concerned,
    of_nothing_claimed,
    of_unknown_plan,
)
from rules.engine.scope import Scope
from rules.engine.values import canonical_text, shown

RunLiability = Callable[[Pack, Liability, Mapping[str, Given], Facts, Mapping[str, int]], Outcome]
RunOutputs = Callable[[Pack, Plan, Facts, frozenset[str], int], tuple[dict[str, int], list[Reason]]]


def decide(pack: Pack, facts: Mapping[ElementId, Value]) -> Determination | Referral:
    """Decide the policy that the facts describe; element ``plan`` selects the plan, ``claim_types`` what is asked for.

    Sums are worked out in the language's decimal context, whatever the caller's is.
    """
    with localcontext(EXACT):
        return _decide(pack, facts)


def _decide(pack: Pack, facts: Mapping[ElementId, Value]) -> Determination | Referral:
    try:
        inputs_hash = hashlib.sha256(encode_facts(pack, facts)).hexdigest()
    except FactsError as problem:
        inputs_hash = hashlib.sha256(describe_facts(facts)).hexdigest()
        return _referral(pack, shown(facts.get(PLAN, "")), inputs_hash, [of_bad_facts(pack, problem, facts.get(PLAN))])
    plan_id = canonical_text(facts.get(PLAN, ""))
    plan = pack.plans.get(plan_id)
    if plan is None:
        return _referral(pack, plan_id, inputs_hash, [of_unknown_plan(plan_id)])
    claimed = facts.get(CLAIM_TYPES, ())
    asked = frozenset(str(each) for each in claimed) if isinstance(claimed, tuple) else frozenset[str]()
    return decided(pack, plan, facts, asked, inputs_hash)


def decided(
    pack: Pack,
    plan: Plan,
    facts: Mapping[ElementId, Value],
    asked: frozenset[str],
    inputs_hash: str,
    *,
    run: RunLiability = run_liability,
    run_outputs: RunOutputs | None = None,
) -> Determination | Referral:
    """Put the decision together from what each liability comes to. Facts, plan and claim types have been checked.

    ``run`` and ``run_outputs`` are others than the reference's where the values are known already (``rules.engine.generated``).
    """
    run_outputs = run_outputs or _outputs
    outcomes: list[Outcome] = []
    drawn: dict[str, int] = {}
    for liability, parameters in plan.liabilities:
        if asked.isdisjoint(liability.spec.claimed):
            continue
        outcome = run(pack, liability, parameters, facts, drawn)
        outcomes.append(outcome)
        for draw in outcome.result.pools:
            drawn[draw.pool] = drawn.get(draw.pool, 0) + draw.amount
    reasons = [reason for outcome in outcomes for reason in outcome.reasons]
    answered = {each for liability, _ in plan.liabilities for each in liability.spec.claimed}
    if not outcomes or not asked <= answered:
        reasons.append(of_nothing_claimed(", ".join(sorted(asked - answered))))
    elif not any(outcome.concerned for outcome in outcomes):
        reasons.append(of_not_concerned())
    total = sum(outcome.result.amount_fen for outcome in outcomes)
    outputs: dict[str, int] = {}
    # Where a value was missing, a sum besides the benefit would be worked out from a benefit nobody knows.
    if not any(outcome.failed for outcome in outcomes):
        outputs, failures = run_outputs(pack, plan, facts, asked, total)
        for outcome in outcomes:
            for name, fen in outcome.outputs_fen.items():
                outputs[name] = outputs.get(name, 0) + fen
        reasons.extend(failures)
    results = tuple(outcome.result for outcome in outcomes)
    waivers = tuple(dict.fromkeys(code for outcome in outcomes for code in outcome.waivers))
    if reasons or total == 0:
        return _referral(
            pack,
            plan.spec.id,
            inputs_hash,
            reasons,
            total_fen=total,
            outputs_fen=outputs,
            waivers=waivers,
            liabilities=results,
        )
    return Determination(
        plan=plan.spec.id,
        pack_id=pack.pack_id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        engine=ENGINE_VERSION,
        inputs_hash=inputs_hash,
        total_fen=total,
        outputs_fen=outputs,
        waivers=waivers,
        liabilities=results,
    )


def _outputs(
    pack: Pack, plan: Plan, facts: Mapping[ElementId, Value], asked: frozenset[str], total: int
) -> tuple[dict[str, int], list[Reason]]:
    found: dict[str, int] = {}
    reasons: list[Reason] = []
    for output in plan.outputs:
        if asked.isdisjoint(output.spec.claimed):
            continue
        scope = Scope(pack, facts, plan.parameters, {})
        scope.set(TOTAL, total)
        try:
            if output.when is None or output.when.evaluate(scope) is True:
                value = output.expression.evaluate(scope)
                found[output.spec.id] = value if isinstance(value, int) else int(Decimal(str(value)))
        except Failure as failure:
            reasons.append(of_failure(pack, scope, failure, f"output:{output.spec.id}", ""))
    return dict(sorted(found.items())), reasons


def _referral(
    pack: Pack,
    plan: str,
    inputs_hash: str,
    reasons: list[Reason],
    *,
    total_fen: int = 0,
    outputs_fen: dict[str, int] | None = None,
    waivers: tuple[str, ...] = (),
    liabilities: tuple[LiabilityResult, ...] = (),
) -> Referral:
    # Two liabilities may stop at the same rule for the same cause: it is told once.
    unique = {(reason.rule, reason.text.zh): reason for reason in reasons}
    return Referral(
        plan=plan,
        pack_id=pack.pack_id,
        pack_version=pack.version,
        pack_hash=pack.hash,
        engine=ENGINE_VERSION,
        inputs_hash=inputs_hash,
        total_fen=total_fen,
        outputs_fen=outputs_fen or {},
        waivers=waivers,
        liabilities=liabilities,
        reasons=tuple(unique.values()),
    )
