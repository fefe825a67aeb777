"""Running the worked cases inside a pack.

Promise: a case passes only when everything its expectation names comes out to the fen; sums that it does not name among the
outputs must not be there. Each difference says what was expected and what came out.
"""

from __future__ import annotations

from dataclasses import dataclass

import msgspec

from rules.engine import Decision, FactsError, Pack, Referral, decide, decode_facts
from rules.engine.document import PackTest


@dataclass(frozen=True, slots=True)
class CaseResult:
    """One worked case: what came out, and where that differs from what was expected."""

    name: str
    decision: Decision | None
    differences: tuple[str, ...]

    @property
    def passed(self) -> bool:
        """Whether the case came out as expected."""
        return not self.differences


@dataclass(frozen=True, slots=True)
class Difference:
    """One expectation that did not come out: its field (``total_fen``), or ``values`` with the rule whose step tells another value."""

    field: str
    wanted: object
    got: object
    rule: str = ""


def run_tests(pack: Pack) -> tuple[CaseResult, ...]:
    """Run every case of the pack, in order."""
    return tuple(_run(pack, test) for test in pack.tests)


def rules_hit(results: tuple[CaseResult, ...]) -> frozenset[str]:
    """Return the rules that were told as a step, in any case."""
    return frozenset(
        step.rule
        for result in results
        if result.decision is not None
        for liability in result.decision.liabilities
        for step in liability.steps
        if step.applied or step.amount_fen is not None or step.value
    )


def rules_never_bitten(pack: Pack, results: tuple[CaseResult, ...]) -> tuple[str, ...]:
    """Return the gates that never stopped a case and the amounts that never changed one: what the pack's tests leave open."""
    bitten = {
        step.rule
        for result in results
        if result.decision is not None
        for liability in result.decision.liabilities
        for step in liability.steps
        if step.applied
    }
    stopped = {
        reason.rule for result in results if isinstance(result.decision, Referral) for reason in result.decision.reasons
    }
    used = {
        rule.spec.id for plan in pack.plans.values() for liability, _ in plan.liabilities for rule in liability.steps
    }
    return tuple(name for name in pack.rules if name in used and name not in bitten | stopped)


def _run(pack: Pack, test: PackTest) -> CaseResult:
    try:
        facts = decode_facts(pack, msgspec.json.encode(test.facts))
    except FactsError as problem:
        return CaseResult(name=test.name, decision=None, differences=(f"facts: {problem}",))
    decision = decide(pack, facts)
    return CaseResult(name=test.name, decision=decision, differences=differences(test, decision))


def _draws(decision: Decision) -> dict[str, int]:
    taken: dict[str, int] = {}
    for result in decision.liabilities:
        for draw in result.pools:
            taken[draw.pool] = taken.get(draw.pool, 0) + draw.amount
    return taken


def differences(test: PackTest, decision: Decision) -> tuple[str, ...]:
    """Return where a decision differs from what a case expects, as text; empty when it comes out."""
    found = [
        f"{each.field}{f': {each.rule}' if each.rule else ''}: expected {each.wanted}, got {each.got or 'no such step' if each.rule else each.got}"
        for each in compared(test, decision)
    ]
    if found and isinstance(decision, Referral):
        found.extend(f"  because {reason.rule}: {reason.text.en}" for reason in decision.reasons)
    return tuple(found)


def compared(test: PackTest, decision: Decision) -> tuple[Difference, ...]:
    """Return where a decision differs from what a case expects; of a step that was not taken the value that came out is empty."""
    expect = test.expect
    reasons = tuple(reason.rule for reason in decision.reasons) if isinstance(decision, Referral) else ()
    sums = {result.liability: result.amount_fen for result in decision.liabilities}
    shares = tuple(share for result in decision.liabilities for share in result.shares_fen)
    looked_at: list[tuple[str, object, object]] = [
        ("referred", expect.referred, isinstance(decision, Referral)),
        ("total_fen", expect.total_fen, decision.total_fen),
        ("outputs_fen", expect.outputs_fen, decision.outputs_fen),
    ]
    optional: list[tuple[str, object, object]] = [
        ("liabilities_fen", expect.liabilities_fen, sums),
        ("shares_fen", expect.shares_fen, shares),
        ("waivers", expect.waivers, decision.waivers),
        ("reasons", expect.reasons, reasons),
        ("draws", expect.draws, _draws(decision)),
    ]
    looked_at.extend(entry for entry in optional if entry[1] is not None)
    found = [Difference(name, wanted, got) for name, wanted, got in looked_at if wanted != got]
    told = {(step.rule, step.value) for result in decision.liabilities for step in result.steps}
    for rule, wanted in (expect.values or {}).items():
        if (rule, wanted) not in told:
            found.append(
                Difference("values", wanted, ", ".join(sorted(text for name, text in told if name == rule)), rule)
            )
    return tuple(found)
