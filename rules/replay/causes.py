"""Why a claim comes out differently under another pack: the first step that differs, and what about it was changed.

Promise: the cause named is the first step, in the order of the clauses, at which the two decisions part.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from rules.engine.decide import decide
from rules.engine.document import Dated, RuleSpec
from rules.engine.generated import GeneratedPack
from rules.engine.model import Facts
from rules.engine.pack import Pack
from rules.engine.values import canonical_text


class ChangeClass(StrEnum):
    """Where a change comes from.

    ``rule``: a rule, a figure, a pipeline reads otherwise. ``version``: the rules are the same, but another dated value, rule version
    or pack validity holds on the claim's date. ``data``: what was recorded as paid is not what the old pack makes of the recorded
    facts, so the record itself has to be looked at before anything is said about the new pack.
    """

    RULE = "rule"
    VERSION = "version"
    DATA = "data"


# Rule, value, whether it applied, waiver, the running sum after it as far as it is told.
Said = tuple[str, str, bool, str | None, object]

_VALIDITY = "engine:validity"


@dataclass(frozen=True, slots=True)
class Course:
    """The way a decision went: for each benefit its sum and what each step said; and the rules that refer it, where they are known.

    Trace and reference tell the running sum of different steps, so it is compared only between two of a kind (``traced``).
    """

    benefits: dict[str, tuple[int, tuple[Said, ...]]]
    reasons: frozenset[str]
    traced: bool


def course_of(generated: GeneratedPack, facts: Facts) -> Course:
    """Return how a pack decides some facts: from the trace of the generated code, or from the reference where that declines."""
    trace = generated.traced(facts)
    if trace is None:
        decision = decide(generated.pack, facts)
        return Course(
            {
                each.liability: (
                    each.amount_fen,
                    tuple((step.rule, step.value, step.applied, step.waiver, step.amount_fen) for step in each.steps),
                )
                for each in decision.liabilities
            },
            frozenset(each.rule for each in getattr(decision, "reasons", ())),
            traced=False,
        )
    return Course(
        {
            each.liability: (
                each.amount_fen,
                tuple(
                    (
                        step.rule,
                        "" if step.value is None else canonical_text(step.value),
                        step.applied,
                        step.waiver,
                        step.after_fen,
                    )
                    for step in each.steps
                ),
            )
            for each in generated.explain(trace).liabilities
        },
        frozenset(),
        traced=True,
    )


def first_difference(old: Course, new: Course) -> str:
    """Return the id of the first rule at which two courses of the same facts part; a liability's id where one has it alone."""
    for liability in dict.fromkeys((*old.benefits, *new.benefits)):
        if liability not in old.benefits or liability not in new.benefits:
            return liability
        (old_fen, before), (new_fen, after) = old.benefits[liability], new.benefits[liability]
        for left, right in zip(before, after, strict=False):
            told = 5 if old.traced is new.traced else 4
            if left[:told] != right[:told]:
                return right[0]
        if len(before) != len(after):
            return (before if len(before) > len(after) else after)[min(len(before), len(after))][0]
        if old_fen != new_fen:
            return liability
    return min(old.reasons ^ new.reasons, default="")


def class_of(old: Pack, new: Pack, rule: str, facts: Facts) -> ChangeClass:
    """Return whether a rule reads otherwise or only another version of it, or of a figure that it reads, holds on the claim's date."""
    if rule == _VALIDITY or rule.startswith("engine:"):
        return ChangeClass.VERSION
    before, after = old.rules.get(rule), new.rules.get(rule)
    if before is None or after is None:
        return ChangeClass.RULE
    reached_before = {name for name in old.needs(frozenset({rule})) if name in old.rules}
    reached_after = {name for name in new.needs(frozenset({rule})) if name in new.rules}
    if reached_before != reached_after:
        return ChangeClass.RULE
    if any(_text(old.rules[name].spec) != _text(new.rules[name].spec) for name in reached_after):
        return ChangeClass.RULE
    plan = str(facts.get("plan", ""))  # type: ignore[call-overload]  # an element every pack has
    if _figures(old, plan) != _figures(new, plan):
        return ChangeClass.RULE
    return ChangeClass.VERSION


def _text(spec: RuleSpec) -> bytes:
    """Return a rule as it read first: what a later version changed goes with the versions."""
    first = spec.versions[0] if spec.versions else spec
    plain = msgspec.structs.replace(spec, versions=(), expression=first.expression, table=first.table)
    return msgspec.json.encode(plain, order="sorted")


def _figures(pack: Pack, plan: str) -> list[dict[str, object]]:
    """Return a plan's figures, of a dated one the first value."""
    found = pack.plans.get(plan)
    if found is None:
        return []
    given = [found.spec.parameters, *(each.parameters for each in found.spec.liabilities)]
    return [
        {name: value.values[0].value if isinstance(value, Dated) else value for name, value in each.items()}
        for each in given
    ]
