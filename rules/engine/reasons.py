"""Why a case goes to a person, in words: the engine's own sentences, and those for a fact that is missing or wrong.

Promise: every referral names a rule (or the part of the engine that stopped), its clause and a bilingual sentence.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rules.engine.dating import NotInForce
from rules.engine.document import ElementSpec, ValueType
from rules.engine.language import Failure, FailureCode
from rules.engine.model import Bilingual, ElementId, FactsError, Reason, Unit
from rules.engine.pack import Liability, Pack, Rule
from rules.engine.scope import Scope
from rules.engine.values import decimal_text, yuan_text

ENGINE = "engine"

# What an element asks for, and what was found instead: the types of ``rules.engine.values`` as people call them.
_EXPECTED = {
    ValueType.MONEY: Bilingual("金额", "an amount"),
    ValueType.EXACT_MONEY: Bilingual("金额", "an amount"),
    ValueType.NUMBER: Bilingual("数", "a number"),
    ValueType.TEXT: Bilingual("文字", "text"),
    ValueType.BOOL: Bilingual("是或否", "yes or no"),
    ValueType.DATE: Bilingual("日期", "a date"),
}
_FOUND = {
    "NoneType": Bilingual("空", "empty"),
    "int": Bilingual("整数", "a whole number"),
    "float": Bilingual("浮点小数", "a floating-point number"),
    "Decimal": Bilingual("小数", "a decimal number"),
    "str": Bilingual("文字", "text"),
    "bool": Bilingual("是或否", "yes or no"),
    "date": Bilingual("日期", "a date"),
    "datetime": Bilingual("带时刻的日期", "a date with a time"),
    "list": Bilingual("清单", "a list"),
    "tuple": Bilingual("清单", "a list"),
}
_OTHER = Bilingual("其他内容", "something else")
# A value is quoted up to this many digits; what is longer was cut off on its way here and would mislead.
_MOST_DIGITS = 40


def of_bad_facts(pack: Pack, problem: FactsError, plan: object = None) -> Reason:
    """A fact has the wrong type, is out of bounds or is unknown: what was expected, what was found, and which rule asks for it.

    Args:
        plan: the policy's plan, whose first rule that reads the element is named with its clause; unknown or none: no rule is.
    """
    name = problem.values.get("element", "")
    spec = pack.elements.get(ElementId(name))
    if spec is None:
        text = Bilingual(
            zh=f"本规则包没有要素“{name}”，请核对录入内容、更新规则包或转人工",
            en=f'this rule pack has no element "{name}"; check what was entered, update the pack or pass the case on',
        )
        if not name:
            text = Bilingual(
                zh="有一项要素没有名称，请核对录入内容或转人工",
                en="an element has no name; check what was entered or pass the case on",
            )
        return Reason(rule=f"element:{name}", clause="", text=text)
    wrong = _wrong(spec, problem)
    reader = _first_reader(pack, plan, name)
    zh_reader = en_reader = ""
    if reader is not None:
        zh_reader, en_reader = f"；“{reader.spec.name.zh}”要用到它", f', which "{reader.spec.name.en}" needs'
    text = Bilingual(
        zh=f"“{spec.name.zh}”{wrong.zh}{zh_reader}，请核对后重算或转人工",
        en=f'"{spec.name.en}"{en_reader}: {wrong.en}; correct it or pass the case on',
    )
    return Reason(rule=f"element:{name}", clause=reader.spec.clause if reader else "", text=text)


def _first_reader(pack: Pack, plan: object, name: str) -> Rule | None:
    """Return the first rule in the plan's order that reads an element, itself or by what it reads."""
    chosen = pack.plans.get(plan) if isinstance(plan, str) else None
    if chosen is None:
        return None
    for liability, _ in chosen.liabilities:
        for rule in (*liability.concerns, *liability.steps):
            if name in pack.needs(frozenset({rule.spec.id})):
                return rule
    return None


def _wrong(spec: ElementSpec, problem: FactsError) -> Bilingual:
    found = problem.values.get("found", "")
    match problem.code:
        case "too_many":
            return Bilingual(f"最多 {spec.items} 项，实为 {found} 项", f"{spec.items} at most, there are {found}")
        case "too_fine":
            return Bilingual(
                f"最多 {spec.scale} 位小数，实为 {found}", f"{spec.scale} decimals at most, and it is {found}"
            )
        case "out_of_bounds":
            return _out_of_bounds(spec, found)
    return _wrong_type(spec, problem.values.get("expected", ""), found)


def _wrong_type(spec: ElementSpec, expected: str, found: str) -> Bilingual:
    if expected == "text of whole characters":
        return Bilingual(f"含有无法识别的字符：{found}", f"characters that can't be read: {found}")
    if expected == "a number of usual size":
        return Bilingual("数的大小或位数超出可计算的范围", "its size or number of digits can't be worked with")
    wanted, is_found = _EXPECTED[spec.type], _FOUND.get(found, _OTHER)
    if expected.startswith("list of"):
        wanted = Bilingual(f"{wanted.zh}的清单", f"a list ({wanted.en} each)")
    elif spec.many:
        return Bilingual(
            f"有一项应为{wanted.zh}，实为{is_found.zh}", f"one entry should be {wanted.en} and is {is_found.en}"
        )
    return Bilingual(f"应为{wanted.zh}，实为{is_found.zh}", f"it should be {wanted.en} and is {is_found.en}")


def _out_of_bounds(spec: ElementSpec, found: str) -> Bilingual:
    least, most = _bound(spec, spec.minimum), _bound(spec, spec.maximum)
    if spec.type is ValueType.TEXT:
        zh, en = (f"“{found}”", f'"{found}"') if found else ("空", "empty")
        return Bilingual(
            f"应为 {spec.minimum} 至 {spec.maximum} 个字，实为{zh}",
            f"it should have {spec.minimum} to {spec.maximum} characters and is {en}",
        )
    is_found = _bound(spec, found) if len(found) <= _MOST_DIGITS else None
    zh = f"，实为 {is_found.zh}" if is_found else ""
    en = f", it is {is_found.en}" if is_found else ""
    if spec.type is ValueType.DATE:
        if found < spec.minimum:
            return Bilingual(f"早于最早的 {least.zh}{zh}", f"before the earliest day, {least.en}{en}")
        return Bilingual(f"晚于最晚的 {most.zh}{zh}", f"after the latest day, {most.en}{en}")
    if Decimal(found) < Decimal(spec.minimum):
        return Bilingual(f"低于下限 {least.zh}{zh}", f"below the least of {least.en}{en}")
    return Bilingual(f"高于上限 {most.zh}{zh}", f"above the most of {most.en}{en}")


def _bound(spec: ElementSpec, value: str) -> Bilingual:
    """Return a bound, or a value that is beyond it, as it is read."""
    if spec.type in (ValueType.MONEY, ValueType.EXACT_MONEY):
        shown = yuan_text(Decimal(value))
        return Bilingual(f"{shown} 元", f"{shown} yuan")
    if spec.type is not ValueType.NUMBER:
        return Bilingual(value, value)
    number = Decimal(value)
    shown = f"{decimal_text(number * 100)}%" if spec.unit is Unit.RATIO else decimal_text(number)
    return Bilingual(shown, shown)


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
