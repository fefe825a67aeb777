"""A fact that is missing, empty or of the wrong type refers the case; it never changes what is paid."""

from __future__ import annotations

from datetime import date, datetime
from decimal import Decimal

import msgspec
import pytest

from rules.engine import Determination, ElementId, Pack, Referral, Value, decide, decode_facts
from rules.engine.document import PackTest
from tests.rules.conftest import FactsOf
from tests.worked_cases import cases, each_of
from tests.worked_cases import pack as sample


def paying() -> dict[str, PackTest]:
    return {name: test for name, test in cases().items() if not test.expect.referred}


def without_words(decision: Determination) -> object:
    """The decision as plain data, without the inputs' hash and the sentences."""
    plain = msgspec.to_builtins(decision)
    del plain["inputs_hash"]
    for liability in plain["liabilities"]:
        for step in liability["steps"]:
            del step["reason"]
    return plain


@each_of(paying)
def test_each_fact_left_out_in_turn_refers_or_changes_nothing(test: PackTest) -> None:
    pack = sample()
    facts = decode_facts(pack, msgspec.json.encode(test.facts))
    whole = decide(pack, facts)
    assert isinstance(whole, Determination)
    claim_types = facts[ElementId("claim_types")]
    assert isinstance(claim_types, tuple)
    referred = 0
    for name in facts:
        fewer = {key: value for key, value in facts.items() if key != name}
        decision = decide(pack, fewer)
        if isinstance(decision, Referral):
            referred += 1
            assert all(reason.rule and reason.text.zh and reason.text.en for reason in decision.reasons)
        else:
            # The rules did not come to it: then sums, steps and pools are the same; a sentence may show a dash for it.
            assert without_words(decision) == without_words(whole)
    assert referred >= 6


@each_of(paying)
def test_required_elements_cover_what_a_case_reads(test: PackTest) -> None:
    pack = sample()
    facts = decode_facts(pack, msgspec.json.encode(test.facts))
    claim_types = facts[ElementId("claim_types")]
    assert isinstance(claim_types, tuple)
    required = {
        name for claim in claim_types for name in pack.required_elements(str(facts[ElementId("plan")]), str(claim))
    }
    enough = {name: value for name, value in facts.items() if name in required}
    assert decide(pack, enough).total_fen == test.expect.total_fen


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("bill_total", None),
        ("bill_total", 1.5),
        ("bill_total", Decimal(5)),
        ("bill_total", True),
        ("bill_total", "821030"),
        ("bill_total", -1),
        ("bill_total", 10**15),
        ("si_settled", 1),
        ("accident_date", "2023-09-02"),
        ("accident_date", datetime(2023, 9, 2)),  # noqa: DTZ001 - a wrong type on purpose
        ("hospital_level", Decimal("NaN")),
        ("hospital_level", Decimal("Infinity")),
        ("hospital_level", Decimal("2.5")),
        ("hospital_level", 2),
        ("claim_types", "accident_medical"),
        ("claim_types", ["accident_medical"]),
        ("no_such_element", 1),
        ("plan", 5),
    ],
)
def test_a_wrong_fact_refers_and_never_raises(pack: Pack, name: str, value: object) -> None:
    test = next(test for test in pack.tests if test.name.startswith("A-1 "))
    facts = {**decode_facts(pack, msgspec.json.encode(test.facts)), ElementId(name): value}
    decision = decide(pack, facts)  # type: ignore[arg-type]  # wrong on purpose
    assert isinstance(decision, Referral)
    assert decision.total_fen == 0
    assert decision.outputs_fen == {}
    assert decision.reasons[0].rule == f"element:{name}"
    assert decide(pack, facts) == decision  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("changes", "rule"),
    [
        ({"plan": "NO-SUCH"}, "element:plan"),
        ({"claim_types": ()}, "element:claim_types"),
        ({"claim_types": ("critical_illness",)}, "element:claim_types"),
        ({"claim_types": ("accident_medical", "critical_illness")}, "element:claim_types"),
    ],
)
def test_an_unknown_plan_or_claim_refers(pack: Pack, facts_of: FactsOf, changes: dict[str, Value], rule: str) -> None:
    decision = decide(pack, facts_of("A-1 settled by social insurance", **changes))
    assert isinstance(decision, Referral)
    assert [reason.rule for reason in decision.reasons] == [rule]


def test_a_date_outside_the_packs_validity_refers(pack: Pack, facts_of: FactsOf) -> None:
    facts = facts_of(
        "A-1 settled by social insurance",
        policy_effective=date(2010, 1, 1),
        policy_expiry=date(2010, 12, 31),
        accident_date=date(2010, 12, 31),
        admission_date=date(2011, 1, 2),
    )
    decision = decide(pack, facts)
    assert isinstance(decision, Referral)
    assert [reason.rule for reason in decision.reasons] == ["engine:validity"]
    assert decision.total_fen == 0


def test_a_missing_fact_is_named_in_both_languages(pack: Pack, facts_of: FactsOf) -> None:
    facts = facts_of("A-1 settled by social insurance")
    del facts[ElementId("self_expense")]
    decision = decide(pack, facts)
    assert isinstance(decision, Referral)
    (reason,) = decision.reasons
    assert reason.rule == "bill_adds_up"
    assert "目录外自费金额" in reason.text.zh
    assert "self-expense outside the catalogue" in reason.text.en
