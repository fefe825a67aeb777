"""Promises of a benefit: proven where the typed form shows it, else searched; a counterexample is a real case."""

from __future__ import annotations

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.checking import Check, Finding, promises
from rules.checking.ceilings import Ceilings
from rules.checking.findings import Promise
from rules.checking.probing import probe
from rules.checking.trends import Trend, Trends
from rules.engine import ElementId, Pack
from rules.engine.facts import decode_facts
from rules.engine.intervals import liability_spans
from rules.engine.language import Type, compile_expression
from rules.engine.pipeline import run_liability
from tests.rules.checking.broken_packs import liability, loaded, rule
from tests.rules.conftest import FactsOf
from tests.rules.edited_packs import Change, Document


def _judged(change: Change) -> tuple[list[Promise], list[Finding]]:
    pack = loaded(change)
    kept, broken = promises.judged(pack, probe(pack))
    return list(kept), broken


def _only(document: Document, name: str, rising_in: list[str], at_most: str | None = None) -> None:
    """Leave one benefit's promises."""
    for entry in document["liabilities"]:
        entry.pop("rising_in", None)
        entry.pop("at_most", None)
    liability(document, name)["rising_in"] = rising_in
    if at_most is not None:
        liability(document, name)["at_most"] = at_most


def test_a_larger_bill_never_pays_less_and_never_more_than_is_left() -> None:
    kept, broken = _judged(lambda document: _only(document, "medical_malignancy", ["bill_total"], "unreimbursed"))
    assert broken == []
    assert [(each.plan, each.promise, each.proven) for each in kept] == [
        (plan, promise, True)
        for plan in ("MG-B", "MG-B-N")
        for promise in ("rising_in bill_total", "at_most unreimbursed")
    ]


def test_a_benefit_that_falls_is_shown_with_both_payouts(pack: Pack) -> None:
    kept, broken = _judged(lambda document: _only(document, "medical_general", ["commercial_paid"]))
    finding = next(finding for finding in broken if "MG-B," in finding.part)
    assert (finding.check, finding.blocking) == (Check.PROMISES, True)
    assert not any(each.proven or each.kept for each in kept if each.plan == "MG-B")
    assert finding.example is not None
    assert "pays only" in finding.text.en
    # The example is a case that the pack decides.
    facts = decode_facts(pack, msgspec.json.encode(finding.example))
    benefit, parameters = pack.plans["MG-B"].liabilities[0]
    paid = run_liability(pack, benefit, parameters, facts, {}).result.amount_fen
    assert f"{paid / 100:,.2f}" in finding.text.en


def test_a_cut_above_a_threshold_is_found() -> None:
    def change(document: Document) -> None:
        _only(document, "accident_medical", ["bill_total"])
        rule(document, "reimbursed")["expression"] = (
            "if bill_total > 8000.00 yuan then amount * 0.5 else amount * ratio"
        )

    _, broken = _judged(change)
    finding = next(finding for finding in broken if "plan AT-A" in finding.part)
    assert finding.example is not None
    assert finding.example["bill_total"] == 800001


def test_a_gate_that_closes_is_found() -> None:
    def change(document: Document) -> None:
        _only(document, "accident_medical", ["bill_total"])
        rule(document, "by_accident")["expression"] = "accident and bill_total <= 5000.00 yuan"

    _, broken = _judged(change)
    assert any(finding.example is not None and finding.example["bill_total"] == 500001 for finding in broken)


def test_paying_above_what_is_left_is_found() -> None:
    def change(document: Document) -> None:
        _only(document, "accident_medical", [], "unreimbursed")
        steps = liability(document, "accident_medical")["steps"]
        steps.remove("not_above_loss")
        rule(document, "less_others")["expression"] = "max(0.00 yuan, amount - other_payers_paid)"

    _, broken = _judged(change)
    finding = next(finding for finding in broken if "plan AT-A" in finding.part)
    assert "above unreimbursed" in finding.text.en
    assert finding.example is not None
    assert finding.example["commercial_paid"] > 0  # type: ignore[operator]


def test_a_sum_that_could_pass_its_pool_is_not_proven_rising() -> None:
    # Without the step that holds it to the limit, a larger bill would pass the pool and be refused.
    def change(document: Document) -> None:
        _only(document, "accident_medical", ["bill_total"])
        liability(document, "accident_medical")["steps"].remove("medical_limit")

    kept, broken = _judged(change)
    assert not any(each.proven for each in kept)
    assert any("plan AT-A" in finding.part for finding in broken)


def test_a_sum_that_grows_out_of_range_falls_to_nothing() -> None:
    # Above 10**15 fen the engine refuses: a sign analysis alone would call this rising.
    def change(document: Document) -> None:
        _only(document, "disaster_death", ["sum_insured"])
        expression = "round half up(sum_insured * disaster_multiple * 100000, 2)"
        rule(document, "disaster_extra_sum")["expression"] = expression

    _, broken = _judged(change)
    found = {finding.part.partition(",")[0]: finding.example for finding in broken}
    assert found["plan AT-A"] is not None
    assert found["plan AT-A"]["sum_insured"] == 10_000_000_001


def test_a_promise_of_a_plan_without_cases_blocks() -> None:
    def change(document: Document) -> None:
        _only(document, "accident_medical", ["bill_total"])
        rule(document, "reimbursed")["expression"] = "if bill_total = 1.00 yuan then amount * ratio else amount * ratio"
        document["tests"] = []

    _, broken = _judged(change)
    assert {finding.text.en.partition(":")[0] for finding in broken} == {"not proven, and no case to search from"}


def _trend(pack: Pack, text: str, element: str = "bill_total") -> Trend:
    benefit, parameters = pack.plans["AT-A"].liabilities[3]
    trends = Trends(pack, benefit, element, liability_spans(pack, benefit, parameters))
    names = {"bill_total": Type.MONEY, "fund_paid": Type.MONEY, "ratio": Type.NUMBER, "si_settled": Type.BOOL}
    return trends.node(compile_expression(text, names).node, Trend.STEADY)


def test_trends_of_expressions(pack: Pack) -> None:
    for text, trend in {
        "fund_paid": Trend.STEADY,
        "bill_total - fund_paid": Trend.RISING,
        "fund_paid - bill_total": Trend.FALLING,
        "max(0.00 yuan, fund_paid - bill_total)": Trend.FALLING,
        "bill_total * ratio": Trend.RISING,
        "bill_total * -1": Trend.UNKNOWN,
        "bill_total - min(bill_total, fund_paid)": Trend.UNKNOWN,
        "bill_total >= fund_paid": Trend.RISING,
        "not(bill_total >= fund_paid)": Trend.FALLING,
        "bill_total = fund_paid": Trend.UNKNOWN,
        "bill_total in [1.00 yuan..2.00 yuan]": Trend.UNKNOWN,
        "if si_settled then bill_total else fund_paid": Trend.RISING,
        "if bill_total > 5.00 yuan then 9.00 yuan else 1.00 yuan": Trend.RISING,
        "if bill_total > 5.00 yuan then 1.00 yuan else 9.00 yuan": Trend.FALLING,
        "if bill_total > 5.00 yuan then bill_total else 9.00 yuan": Trend.UNKNOWN,
    }.items():
        assert _trend(pack, text) is trend, text


_SUMS = st.sampled_from(["bill_total", "fund_paid", "10.00 yuan", "0.00 yuan"])
_TEXTS = st.recursive(
    _SUMS,
    lambda inner: st.one_of(
        st.builds("({} + {})".format, inner, inner),
        st.builds("({} - {})".format, inner, inner),
        st.builds("min({}, {})".format, inner, inner),
        st.builds("max({}, {})".format, inner, inner),
        st.builds("(if si_settled then {} else {})".format, inner, inner),
        st.builds("(if {} > {} then {} else {})".format, inner, inner, inner, inner),
        st.builds("round half up({} * ratio, 2)".format, inner),
    ),
    max_leaves=6,
)


@settings(max_examples=100, deadline=None)
@given(
    text=_TEXTS,
    sums=st.lists(st.integers(0, 3_000), min_size=2, max_size=2),
    fund=st.integers(0, 3_000),
    si=st.booleans(),
)
def test_a_proven_trend_holds(pack: Pack, text: str, sums: list[int], fund: int, si: bool) -> None:
    trend = _trend(pack, text)
    names = {"bill_total": Type.MONEY, "fund_paid": Type.MONEY, "ratio": Type.NUMBER, "si_settled": Type.BOOL}
    formula = compile_expression(text, names)
    benefit_ratio = pack.plans["AT-A"].parameters["ratio_si"]
    low, high = sorted(sums)
    less, more = (
        formula.evaluate({"bill_total": each, "fund_paid": fund, "ratio": benefit_ratio, "si_settled": si})  # type: ignore[dict-item]
        for each in (low, high)
    )
    assert isinstance(less, int)
    assert isinstance(more, int)
    if trend is Trend.RISING:
        assert less <= more
    elif trend is Trend.FALLING:
        assert less >= more
    elif trend is Trend.STEADY:
        assert less == more


@settings(max_examples=100, deadline=None)
@given(texts=st.tuples(_TEXTS, _TEXTS), bill=st.integers(0, 3_000), fund=st.integers(0, 3_000), si=st.booleans())
def test_a_proven_bound_holds(pack: Pack, texts: tuple[str, str], bill: int, fund: int, si: bool) -> None:
    benefit, parameters = pack.plans["AT-A"].liabilities[3]
    spans = liability_spans(pack, benefit, parameters)
    ceilings = Ceilings(pack, benefit, spans, Trends(pack, benefit, "", spans))
    names = {"bill_total": Type.MONEY, "fund_paid": Type.MONEY, "ratio": Type.NUMBER, "si_settled": Type.BOOL}
    lower, upper = (compile_expression(text, names) for text in (texts[0], f"max({texts[0]}, {texts[1]})"))
    facts = {
        "bill_total": bill,
        "fund_paid": fund,
        "ratio": pack.plans["AT-A"].parameters["ratio_si" if si else "ratio_no_si"],
        "si_settled": si,
    }
    assert ceilings.proves(ceilings.plain(lower.node), ceilings.plain(lower.node))
    for left, right in ((lower, upper), (upper, lower)):
        if ceilings.proves(ceilings.plain(left.node), ceilings.plain(right.node)):
            assert left.evaluate(facts) <= right.evaluate(facts)  # type: ignore[arg-type, operator]


def test_the_sample_keeps_its_promise_around_a_threshold(pack: Pack, facts_of: FactsOf) -> None:
    benefit, parameters = pack.plans["MG-B"].liabilities[0]
    base = facts_of("B-1 bill less fund less deductible")
    paid = [
        run_liability(pack, benefit, parameters, {**base, ElementId("bill_total"): bill}, {}).result.amount_fen
        for bill in range(3_130_000, 3_130_100)
    ]
    assert paid == sorted(paid)
