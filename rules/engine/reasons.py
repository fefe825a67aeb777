"""Why a case goes to a person, in words: the engine's own sentences, and those for a fact that is missing or wrong.

Promise: every referral names a rule (or the part of the engine that stopped), its clause and a bilingual sentence.
"""

from __future__ import annotations

from datetime import date

from rules.engine.dating import NotInForce
from rules.engine.language import Failure, FailureCode
from rules.engine.model import Bilingual, ElementId, FactsError, Reason
from rules.engine.pack import Liability, Pack
from rules.engine.scope import Scope

ENGINE = "engine"


def of_bad_facts(pack: Pack, problem: FactsError) -> Reason:
    """A fact has the wrong type, is out of bounds or is unknown."""
    name = problem.values.get("element", "")
    spec = pack.elements.get(ElementId(name))
    found = problem.values.get("found", "")
    zh_name, en_name = (spec.name.zh, spec.name.en) if spec else (name, name)
    text = Bilingual(
        zh=f"“{zh_name}”填写有误（{problem.code}：{found}），请核对后重算或转人工",
        en=f'"{en_name}" is not right ({problem.code}: {found}); correct it or pass the case on',
    )
    return Reason(rule=f"element:{name}", clause="", text=text)


def of_unknown_plan(plan: str) -> Reason:
    """The policy's plan is not in this pack."""
    text = Bilingual(
        zh=f"本规则包没有方案“{plan}”，请更新规则包或转人工",
        en=f'this rule pack has no plan "{plan}"; update the pack or pass the case on',
    )
    return Reason(rule="element:plan", clause="", text=text)


def of_nothing_claimed(claim_types: str) -> Reason:
    """No liability of the plan answers to what is claimed."""
    text = Bilingual(
        zh=f"该方案没有与所申请类型（{claim_types}）对应的责任，转人工核定",
        en=f"the plan has no benefit for what is claimed ({claim_types}); a person decides",
    )
    return Reason(rule="element:claim_types", clause="", text=text)


def of_validity(pack: Pack, liability: Liability, on: date) -> Reason:
    """The date that counts lies outside the pack's validity."""
    until = pack.valid_to.isoformat() if pack.valid_to else "—"
    name = pack.elements[ElementId(liability.spec.date_basis)].name
    text = Bilingual(
        zh=f"{name.zh} {on} 不在规则包有效期（{pack.valid_from} 至 {until}）内，转人工核定",
        en=f"{name.en} {on} lies outside the pack's validity ({pack.valid_from} to {until}); a person decides",
    )
    return Reason(rule="engine:validity", clause=liability.spec.clause, text=text)


def of_not_concerned() -> Reason:
    """All liabilities looked at turned out not to concern this loss."""
    text = Bilingual(
        zh="所申请的责任均不涉及本次事故，转人工核定", en="no benefit claimed concerns this loss; a person decides"
    )
    return Reason(rule="engine:not_concerned", clause="", text=text)


def of_failure(pack: Pack, scope: Scope, failure: Failure, part: str, clause: str) -> Reason:
    """A value could not be worked out: the innermost rule that failed, and the fact it lacks by its own name."""
    rule = pack.rules.get(scope.failed_rule or "")
    if rule is not None:
        part, clause = rule.spec.id, rule.spec.clause
    return Reason(rule=part, clause=clause, text=failure_text(pack, failure))


def failure_text(pack: Pack, failure: Failure) -> Bilingual:
    """Return a failure's sentence with elements called by their names."""
    if isinstance(failure, NotInForce):
        return _not_in_force_text(pack, failure)
    spec = pack.elements.get(ElementId(failure.detail))
    if spec is None or failure.failure_code not in (FailureCode.MISSING, FailureCode.NULL):
        return failure.sentence
    return Bilingual(
        zh=f"缺少“{spec.name.zh}”，请补录后重算或转人工",
        en=f'"{spec.name.en}" is missing; add it or pass the case on',
    )


def _not_in_force_text(pack: Pack, failure: NotInForce) -> Bilingual:
    rule = pack.rules.get(failure.what)
    what = rule.spec.name if rule is not None else pack.parameters[failure.what].name
    element = pack.elements[ElementId(failure.element)].name
    return Bilingual(
        zh=f"“{what.zh}”自 {failure.first} 起才有规定，{element.zh} {failure.on} 在此之前，转人工核定",
        en=f'"{what.en}" is laid down from {failure.first} on; {element.en} {failure.on} is before it, a person decides',
    )
