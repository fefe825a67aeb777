"""A worked case that does not come out, told: what was expected, what came out, or which fact is none.

Promise: one finding for each expectation, with the field it stands in; sums in yuan.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rules.bilingual import Bilingual
from rules.checking.findings import Check, Finding
from rules.checking.probing import Case
from rules.checking.told_values import NONE, fact, listed, named, yes_or_no, yuan
from rules.engine import FactsError, Pack, Referral
from rules.engine.document import PackTest, ValueType
from rules.engine.model import ElementId, Unit
from rules.tools.pack_tests import Difference, compared

_FIELDS = {
    "referred": Bilingual(zh="转人工", en="referred to a person"),
    "total_fen": Bilingual(zh="赔款合计", en="total"),
    "outputs_fen": Bilingual(zh="附加金额", en="outputs"),
    "liabilities_fen": Bilingual(zh="各责任赔款", en="sums by liability"),
    "shares_fen": Bilingual(zh="受益份额", en="beneficiaries' shares"),
    "waivers": Bilingual(zh="豁免代码", en="waivers"),
    "reasons": Bilingual(zh="转人工的规则", en="rules that refer"),
    "draws": Bilingual(zh="限额池扣减", en="draws on pools"),
    "values": Bilingual(zh="步骤的值", en="value of the step"),
}
_NO_STEP = Bilingual(zh="没有这一步", en="no such step")


def findings_of(pack: Pack, case: Case) -> list[Finding]:
    """Return what is wrong with a case, each in its place."""
    if case.refused is not None:
        return [_refused(pack, case.test, case.refused)]
    if case.decision is None:
        return []
    because = Bilingual(zh="", en="")
    if isinstance(case.decision, Referral):
        because = Bilingual(
            zh="".join(f"转人工的原因（{each.rule}）：{each.text.zh}。" for each in case.decision.reasons),
            en="".join(f" Referred by {each.rule}: {each.text.en}." for each in case.decision.reasons),
        )
    found = []
    for each in compared(case.test, case.decision):
        name, wanted, got = _FIELDS[each.field], _words(pack, each, each.wanted), _words(pack, each, each.got)
        rule = f" {each.rule} " if each.rule else ""
        text = Bilingual(
            zh=f"结果与预期不符：{name.zh}{rule}应为 {wanted.zh}，算出 {got.zh}。{because.zh}请改正规则或用例",
            en=f"does not come out as expected: {name.en}{rule.rstrip()}: expected {wanted.en}, got {got.en}.{because.en}"
            " Correct the rules or the case",
        )
        found.append(_finding(case.test, text, f"expect.{each.field}"))
    return found


def _finding(test: PackTest, text: Bilingual, field: str) -> Finding:
    part, example = f"test {test.name}", test.facts
    return Finding(check=Check.TESTS, part=part, text=text, blocking=True, example=example, at={"field": field})


def _words(pack: Pack, difference: Difference, value: Any) -> Bilingual:
    """Return an expectation's value in words, by its field."""
    if isinstance(value, bool):
        return yes_or_no(value)
    if isinstance(value, int):
        return yuan(value)
    if isinstance(value, Mapping):
        draws = difference.field == "draws"
        return named({name: _drawn(pack, name, each) if draws else yuan(each) for name, each in value.items()})
    if isinstance(value, tuple):
        return listed(
            [yuan(each) if isinstance(each, int) else Bilingual(zh=str(each), en=str(each)) for each in value]
        )
    if value == "":
        return _NO_STEP
    return _step_value(pack, difference.rule, str(value))


def _drawn(pack: Pack, pool: str, amount: int) -> Bilingual:
    known = pack.pools.get(pool)
    if known is not None and known.spec.unit is Unit.DAY:
        return Bilingual(zh=f"{amount} 日", en=f"{amount} days")
    return yuan(amount)


def _step_value(pack: Pack, name: str, text: str) -> Bilingual:
    """Return what a step tells: its canonical text, but yes and no."""
    rule = pack.rules.get(name)
    if rule is not None and rule.spec.type is ValueType.BOOL and text in ("true", "false"):
        return yes_or_no(text == "true")
    return Bilingual(zh=text, en=text)


def _refused(pack: Pack, test: PackTest, error: FactsError) -> Finding:
    name = error.values.get("element", "")
    spec = pack.elements.get(ElementId(name))
    value = fact(spec, test.facts[name]) if name in test.facts else NONE
    zh, en = "不合这个要素的类型", "does not fit the element's type"
    if error.code == "out_of_bounds" and spec is not None:
        low, high = (_bound(spec.type, each) for each in (spec.minimum, spec.maximum))
        if spec.type is ValueType.TEXT:
            zh, en = f"的长度应在 {low.zh} 至 {high.zh} 字之间", f"is to have {low.en} to {high.en} characters"
        else:
            zh, en = f"应在 {low.zh} 至 {high.zh} 之间", f"is to lie from {low.en} to {high.en}"
    elif error.code == "too_fine":
        scale = error.values["scale"]
        zh, en = f"的小数位数超过 {scale} 位", f"has more than {scale} decimals"
    elif error.code == "too_many":
        most = error.values["most"]
        zh, en = f"超过最多的 {most} 项", f"has more than {most} items"
    elif error.code == "unknown_element":
        zh, en = "不是产品包里的要素", "is no element of the pack"
    text = Bilingual(
        zh=f"用例的事实不成立：{name} = {value.zh} {zh}。请改正用例或要素",
        en=f"a fact of the case is none: {name} = {value.en} {en}. Correct the case or the element",
    )
    return _finding(test, text, name)


def _bound(kind: ValueType, text: str) -> Bilingual:
    return yuan(int(text)) if kind is ValueType.MONEY else Bilingual(zh=text, en=text)
