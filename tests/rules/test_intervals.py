"""Spans hold every value that comes up, and the proof of 64 bits finds the rule that would pass them."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from fractions import Fraction

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import ElementId, Pack, PackError, decode_facts
from rules.engine.generated import generate
from rules.engine.intervals import prove_int64, span_of, spans
from rules.engine.language import Failure, Type, compile_expression
from rules.engine.language.exact import Rounding, round_fraction
from rules.engine.language.value_types import Days, Months
from rules.engine.span import Span, round_ratio
from tests.rules.generated.small_packs import amount, small_pack
from tests.rules.generated.test_random_rules import grown

NAMES = {
    "x": Type.NUMBER, "y": Type.NUMBER, "m": Type.MONEY, "n": Type.MONEY, "p": Type.BOOL, "q": Type.BOOL,
    "d": Type.DATE, "e": Type.DATE, "t": Type.TEXT, "xs": Type.list_of(Type.NUMBER), "ms": Type.list_of(Type.MONEY),
    "bounds": Type.list_of(Type.MONEY), "ratios": Type.list_of(Type.NUMBER),
}  # fmt: skip


def held(span: Span, value: object) -> bool:
    """Whether a value lies in a span, and is a whole number of its units."""
    if isinstance(value, tuple):
        return len(value) <= (span.items or 0) and all(held(span, each) for each in value)
    match value:
        case bool() | int() | Decimal():
            exact = Fraction(value)
        case date():
            exact = Fraction(value.toordinal())
        case Days():
            exact = Fraction(value.days)
        case Months():
            exact = Fraction(value.months)
        case _:
            raise TypeError(type(value))
    whole = exact * 10**span.scale
    return bool(whole.denominator == 1 and span.low <= whole <= span.high)


NONE: dict[str, list[str]] = {"number": [], "money": [], "bool": [], "date": [], "text": []}
TEXTS = {kind: text for kind, text in grown(2, NONE).items() if kind != "t"}
DAY = date(2024, 2, 29)


@given(
    st.sampled_from(sorted(TEXTS)).flatmap(TEXTS.__getitem__).filter(lambda text: "tiers" not in text),
    st.fixed_dictionaries(
        {
            "x": st.decimals(-9, 9, places=2, allow_nan=False),
            "y": st.decimals(0, 3, places=1, allow_nan=False),
            "m": st.integers(0, 10**7),
            "n": st.integers(-500, 500),
            "p": st.booleans(),
            "q": st.booleans(),
            "d": st.dates(date(2020, 1, 1), date(2024, 12, 31)),
            "e": st.just(DAY),
            "t": st.sampled_from(["", "C50"]),
            "xs": st.lists(st.decimals(-5, 5, places=1, allow_nan=False), max_size=3).map(tuple),
            "ms": st.lists(st.integers(0, 99), max_size=3).map(tuple),
        }
    ),
)
@settings(max_examples=100, deadline=None)
def test_the_value_of_any_expression_lies_in_its_span(text: str, env: dict[str, object]) -> None:
    known = {
        "x": Span(2, -900, 900), "y": Span(1, 0, 30), "m": Span(0, 0, 10**7), "n": Span(0, -500, 500),
        "p": Span(0, 0, 1), "q": Span(0, 0, 1), "d": Span(0, date(2020, 1, 1).toordinal(), date(2024, 12, 31).toordinal()),
        "e": Span(0, DAY.toordinal(), DAY.toordinal()), "xs": Span(1, -50, 50, 3), "ms": Span(0, 0, 99, 3),
    }  # fmt: skip
    from rules.engine.intrinsics import INTRINSICS
    from rules.engine.language import LanguageError

    try:
        expression = compile_expression(text, NAMES, INTRINSICS)
        value = expression.evaluate(env)  # type: ignore[arg-type]
    except (Failure, LanguageError):
        return
    assert held(span_of(expression.node, known), value)


def test_every_value_of_the_worked_cases_lies_in_its_span(pack: Pack) -> None:
    generated = generate(pack)
    by_plan = {plan: spans(pack, plan) for plan in pack.plans}
    looked_at = 0
    for test in pack.tests:
        facts = decode_facts(pack, msgspec.json.encode(test.facts))
        trace = generated.traced(facts)
        if trace is None:
            continue
        known = by_plan[trace.plan]
        for name, fact in facts.items():
            assert name not in known or held(known[name], fact), name
        for liability in generated.explain(trace).liabilities:
            for step in liability.steps:
                rule = pack.rules[step.rule]
                if step.value is not None and rule.spec.kind.value == "value" and step.rule in known:
                    assert held(known[step.rule], step.value), step
                    looked_at += 1
                if step.after_fen is not None:
                    assert held(known["amount"], step.after_fen), step
    assert looked_at > 100


def test_every_plan_of_the_sample_pack_stays_within_64_bits(pack: Pack) -> None:
    for plan in pack.plans:
        prove_int64(pack, plan)


def test_a_product_beyond_64_bits_is_refused_by_its_rule() -> None:
    rules = [amount("first", "amount + m"), amount("squared", "amount * x * x * y * y * x")]
    pack = small_pack(rules, ["first", "squared"])
    with pytest.raises(PackError) as refusal:
        prove_int64(pack, "P")
    assert refusal.value.code == "overflow"
    assert refusal.value.values["part"] == "rule squared"
    assert int(refusal.value.values["found"]) > 2**63


def test_an_intermediate_counts_even_where_the_result_is_small() -> None:
    pack = small_pack([amount("ratio", "amount + round half up(m * x * y * x * y / x, 2)")], ["ratio"])
    with pytest.raises(PackError, match="rule ratio"):
        prove_int64(pack, "P")
    assert spans(pack, "P")["amount"].high <= 2**63


def test_spans_name_scale_and_interval(pack: Pack) -> None:
    known = spans(pack, "MG-B")
    assert known[ElementId("hospital_level")] == Span(0, 0, 3)
    assert known["ratio_no_si"] == Span(1, 6, 6)
    assert known["medical_year_left"].low == 0
    assert "icd10" not in known


@given(st.integers(-(10**9), 10**9), st.integers(1, 10**6), st.sampled_from(Rounding))
def test_rounding_integers_is_the_reference_rounding(above: int, below: int, rounding: Rounding) -> None:
    assert round_ratio(above, below, rounding) == round_fraction(Fraction(above, below), 0, rounding)
