"""A fact that cannot be used is refused in words: what was expected, what was found, and the rule that asks for it."""

from __future__ import annotations

import re
from datetime import date
from decimal import Decimal

import pytest

from rules.engine import ElementId, Pack, Referral, decide
from rules.engine.model import Reason
from tests.rules.conftest import FactsOf

CODES = re.compile(r"wrong_type|out_of_bounds|too_many|too_fine|unknown_element|NoneType|Decimal|\\bstr\\b|_[a-z]")


def refusal(pack: Pack, facts_of: FactsOf, element: str, value: object) -> Reason:
    facts = {**facts_of("A-1 settled by social insurance"), ElementId(element): value}
    decision = decide(pack, facts)  # type: ignore[arg-type]  # what no form would let in
    assert isinstance(decision, Referral)
    (reason,) = decision.reasons
    assert reason.rule == f"element:{element}"
    return reason


@pytest.mark.parametrize(
    ("element", "value", "told"),
    [
        ("bill_total", None, ("应为金额，实为空", "it should be an amount and is empty")),
        ("bill_total", "12", ("应为金额，实为文字", "it should be an amount and is text")),
        ("bill_total", True, ("应为金额，实为是或否", "it should be an amount and is yes or no")),
        (
            "bill_total",
            10**18,
            (
                "高于上限 1,000,000,000.00 元，实为 10,000,000,000,000,000.00 元",
                "above the most of 1,000,000,000.00 yuan, it is 10,000,000,000,000,000.00 yuan",
            ),
        ),
        ("bill_total", -5, ("低于下限 0.00 元，实为 -0.05 元", "below the least of 0.00 yuan, it is -0.05 yuan")),
        ("bill_total", 10**100, ("高于上限 1,000,000,000.00 元；", "above the most of 1,000,000,000.00 yuan;")),
        ("bill_number", "", ("应为 1 至 40 个字，实为空", "it should have 1 to 40 characters and is empty")),
        ("bill_number", "\ud800", ("含有无法识别的字符", "characters that can't be read")),
        ("hospital_level", Decimal(9), ("高于上限 3，实为 9", "above the most of 3, it is 9")),
        ("hospital_level", Decimal("1.5"), ("最多 0 位小数，实为 1.5", "0 decimals at most, and it is 1.5")),
        ("hospital_level", Decimal("NaN"), ("超出可计算的范围", "can't be worked with")),
        (
            "accident_date",
            date(1800, 1, 1),
            ("早于最早的 1900-01-01，实为 1800-01-01", "before the earliest day, 1900-01-01"),
        ),
        (
            "accident_date",
            date(2300, 1, 1),
            ("晚于最晚的 2200-12-31，实为 2300-01-01", "after the latest day, 2200-12-31"),
        ),
        ("claim_types", "a", ("应为文字的清单，实为文字", "it should be a list (text each) and is text")),
        ("claim_types", (1,), ("有一项应为文字，实为整数", "one entry should be text and is a whole number")),
        ("claim_types", ("a",) * 13, ("最多 12 项，实为 13 项", "12 at most, there are 13")),
        ("strange", 1, ("本规则包没有要素“strange”", 'this rule pack has no element "strange"')),
        ("", 1, ("有一项要素没有名称", "an element has no name")),
    ],
)
def test_a_refused_fact_is_told_in_words(
    pack: Pack, facts_of: FactsOf, element: str, value: object, told: tuple[str, str]
) -> None:
    reason = refusal(pack, facts_of, element, value)
    assert told[0] in reason.text.zh
    assert told[1] in reason.text.en
    assert not CODES.search(reason.text.zh + reason.text.en)


def test_the_first_rule_of_the_plan_that_reads_the_fact_is_named_with_its_clause(pack: Pack, facts_of: FactsOf) -> None:
    reason = refusal(pack, facts_of, "hospital_level", Decimal(9))
    assert reason.clause == pack.rules["hospital"].spec.clause
    assert "“医院要求”要用到它" in reason.text.zh
    assert '"hospital condition" needs' in reason.text.en


def test_where_no_rule_of_the_plan_reads_the_fact_none_is_named(pack: Pack, facts_of: FactsOf) -> None:
    for element, value in (("cash_value", -1), ("plan", 7), ("plan", ["AT-A"]), ("strange", 1)):
        reason = refusal(pack, facts_of, element, value)
        assert reason.clause == ""
        assert "要用到它" not in reason.text.zh
