"""Why a claim comes out differently under another pack: the first step that differs, and what about it was changed.

Promise: the cause named is the first step, in the order of the clauses, at which the two decisions part.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

import msgspec

from rules.engine.dating import written_name
from rules.engine.decide import decide
from rules.engine.document import Dated, RuleSpec
from rules.engine.generated import GeneratedPack
from rules.engine.model import Facts
from rules.engine.pack import Pack, pool_of
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

VALIDITY = "engine:validity"


@dataclass(frozen=True, slots=True)
class Course:
    """The way a decision went: for each benefit its sum and what each step said; the rules that refer it, where they are
    known; and the benefits whose date lies outside the pack's validity.

    Trace and reference tell the running sum of different steps, so it is compared only between two of a kind (``traced``).
    """

    benefits: dict[str, tuple[int, tuple[Said, ...]]]
    reasons: frozenset[str]
    outside: frozenset[str]
    traced: bool


def course_of(generated: GeneratedPack, facts: Facts) -> Course:
    """Return how a pack decides some facts: from the trace of the generated code, or from the reference where that declines."""
    trace = generated.traced(facts)
    if trace is None:
        decision = decide(generated.pack, facts)
        reasons = frozenset(each.rule for each in getattr(decision, "reasons", ()))
        return Course(
            {
                each.liability: (
                    each.amount_fen,
                    tuple((step.rule, step.value, step.applied, step.waiver, step.amount_fen) for step in each.steps),
                )
                for each in decision.liabilities
            },
            reasons,
            # Nothing was looked at: only a benefit outside the validity has no step.
            frozenset(each.liability for each in decision.liabilities if VALIDITY in reasons and not each.steps),
            traced=False,
        )
    explained = generated.explain(trace).liabilities
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
            for each in explained
        },
        frozenset(),
        frozenset(each.liability for each in explained if each.end == "outside validity"),
        traced=True,
    )


def first_difference(old: Course, new: Course) -> str:
    """Return the id of the first rule at which two courses of the same facts part; a liability's id where one has it alone."""
    for liability in dict.fromkeys((*old.benefits, *new.benefits)):
        if liability not in old.benefits or liability not in new.benefits:
            return liability
        if (liability in old.outside) is not (liability in new.outside):
            return VALIDITY
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


def class_of(old: Pack, new: Pack, rule: str, plan: str) -> ChangeClass:
    """Return whether a rule, or a figure or pool that it reads, reads otherwise, or only another version holds on the claim's date."""
    if rule.startswith("engine:"):
        return ChangeClass.VERSION
    if rule not in old.rules or rule not in new.rules:
        return ChangeClass.RULE
    return ChangeClass.RULE if _ground(old, rule, plan) != _ground(new, rule, plan) else ChangeClass.VERSION


def _ground(pack: Pack, rule: str, plan: str) -> dict[str, object]:
    """Return what a rule stands on: rules, pools and the plan's figures that it reads, each as it read first."""
    names = {written_name(name) for name in pack.needs(frozenset({rule}))}
    names |= {pool for name in names if (pool := pool_of(name)) is not None}
    document = pack.document
    found: dict[str, object] = {f"rule {each.id}": _text(each) for each in document.rules if each.id in names}
    found |= {
        f"pool {each.id}": msgspec.json.encode(each, order="sorted") for each in document.pools if each.id in names
    }
    chosen = pack.plans.get(plan)
    if chosen is not None:
        for part, given in (
            ("", chosen.spec.parameters),
            *((each.liability, each.parameters) for each in chosen.spec.liabilities),
        ):
            found |= {f"figure {part} {name}": _first(value) for name, value in given.items() if name in names}
    return found


def _text(spec: RuleSpec) -> bytes:
    """Return a rule as it read first: what a later version changed goes with the versions."""
    first = spec.versions[0] if spec.versions else spec
    plain = msgspec.structs.replace(spec, versions=(), expression=first.expression, table=first.table)
    return msgspec.json.encode(plain, order="sorted")


def _first(value: object) -> object:
    return value.values[0].value if isinstance(value, Dated) else value
