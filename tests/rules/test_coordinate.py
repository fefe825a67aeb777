"""Several policies of one loss: signed order, remaining loss, pools of the person, and what a referral holds up."""

from __future__ import annotations

import random
from datetime import date
from decimal import Decimal

import pytest

from rules.engine import Determination, ElementId, Pack, Referral, Value, decide
from rules.engine.coordinate import PolicyClaim, coordinate
from tests.rules.conftest import Facts, FactsOf

BILL: dict[str, Value] = {
    "bill_code": "99060124",
    "bill_number": "0000000301",
    "bill_total": 5_000_000,
    "self_expense": 0,
    "fund_paid": 2_000_000,
    "account_paid": 0,
    "other_payers_paid": 0,
    "commercial_paid": 0,
    "si_settled": True,
    "accident": True,
    "accident_date": date(2024, 5, 5),
    "admission_date": date(2024, 5, 6),
    "policy_effective": date(2024, 1, 1),
    "policy_expiry": date(2024, 12, 31),
    "hospital_level": Decimal(3),
}


@pytest.fixture
def claims(pack: Pack, facts_of: FactsOf) -> dict[str, PolicyClaim]:
    medical: dict[str, Value] = {**BILL, "claim_types": ("accident_medical",)}
    return {
        "F": PolicyClaim(
            "P-F",
            pack,
            facts_of("F-1 cholecystectomy at the counter", **{**BILL, "claim_types": ("direct_settlement",)}),
        ),
        "D": PolicyClaim("P-D", pack, facts_of("D-1 tiers", **medical)),
        "A": PolicyClaim("P-A", pack, facts_of("A-1 settled by social insurance", **medical)),
        "B": PolicyClaim("P-B", pack, facts_of("B-1 bill less fund less deductible", **medical)),
    }


def with_facts(claim: PolicyClaim, **changes: Value) -> PolicyClaim:
    return PolicyClaim(claim.policy_no, claim.pack, {**claim.facts, **{ElementId(k): v for k, v in changes.items()}})


def test_the_signed_order_is_f_d_a_b_however_they_are_handed_in(claims: dict[str, PolicyClaim]) -> None:
    handed_in = list(claims.values())
    first = coordinate(handed_in)
    assert [each.claim.policy_no for each in first] == ["P-F", "P-D", "P-A", "P-B"]
    for seed in range(5):
        random.Random(seed).shuffle(handed_in)
        assert coordinate(handed_in) == first


def test_each_policy_sees_what_is_left_of_the_loss_before_its_own_ratio(claims: dict[str, PolicyClaim]) -> None:
    decided = coordinate(list(claims.values()))
    totals = [each.decision.total_fen for each in decided]
    loss = 5_000_000 - 2_000_000
    counter = loss * 8 // 10
    left = loss - counter
    tiers = 50_000 + 240_000 + (left - 500_000) * 7 // 10
    left -= tiers
    accident = (left - 10_000) * 9 // 10
    left -= accident
    # B's deductible is offset by 2,815,000 of commercial payments, so the rest is paid whole.
    assert totals == [counter, tiers, accident, left]
    assert sum(totals) == loss
    assert all(isinstance(each.decision, Determination) for each in decided)


def test_the_older_policy_of_one_plan_goes_first_and_then_the_lower_number(claims: dict[str, PolicyClaim]) -> None:
    young = with_facts(claims["A"], policy_effective=date(2024, 3, 1))
    old = PolicyClaim("P-Z", young.pack, claims["A"].facts)
    same_day = PolicyClaim("P-Y", young.pack, claims["A"].facts)
    decided = coordinate([young, old, same_day])
    assert [each.claim.policy_no for each in decided] == ["P-Y", "P-Z", "P-A"]
    first, second, _ = (each.decision.total_fen for each in decided)
    # A second A policy applies its own deductible of 100 (convention 17).
    assert first == 2_000_000
    assert second == (3_000_000 - first - 10_000) * 9 // 10


def test_another_bill_is_another_loss(claims: dict[str, PolicyClaim]) -> None:
    other = with_facts(claims["A"], bill_number="0000000999")
    decided = coordinate([claims["D"], other])
    assert decided[1].decision == decide(other.pack, other.facts)


def test_a_fixed_benefit_reduces_nothing(pack: Pack, facts_of: FactsOf, claims: dict[str, PolicyClaim]) -> None:
    cash = PolicyClaim(
        "P-CASH",
        pack,
        facts_of("A ten days of cash", policy_effective=date(2020, 1, 1), policy_expiry=date(2030, 1, 1)),
    )
    alone = coordinate([claims["B"]])[0].decision
    assert coordinate([cash, claims["B"]])[1].decision == alone


def test_while_an_earlier_reimbursement_is_referred_later_ones_are_too(claims: dict[str, PolicyClaim]) -> None:
    held = with_facts(claims["D"], possible_exclusion=True)
    decided = coordinate([claims["F"], held, claims["A"], claims["B"]])
    assert isinstance(decided[0].decision, Determination)
    for each in decided[2:]:
        assert isinstance(each.decision, Referral)
        assert each.decision.reasons[-1].rule == "engine:earlier_referred"
        assert "P-D" in each.decision.reasons[-1].text.zh or "P-A" in each.decision.reasons[-1].text.zh


def test_a_referral_of_another_bill_holds_up_nothing(claims: dict[str, PolicyClaim]) -> None:
    held = with_facts(claims["D"], possible_exclusion=True, bill_number="0000000999")
    assert isinstance(coordinate([held, claims["A"]])[1].decision, Determination)


def test_an_earlier_claim_whose_bill_is_not_known_holds_up_later_ones(claims: dict[str, PolicyClaim]) -> None:
    facts = dict(claims["D"].facts)
    del facts[ElementId("bill_number")]
    decided = coordinate([PolicyClaim("P-D", claims["D"].pack, facts), claims["A"]])
    assert [type(each.decision) for each in decided] == [Referral, Referral]


def test_a_minors_cap_is_used_up_from_policy_to_policy(pack: Pack, facts_of: FactsOf) -> None:
    def death(name: str, **changes: Value) -> Facts:
        return facts_of(name, birth_date=date(2015, 5, 1), policyholder_is_parent=True, used_minor_death=0, **changes)

    student = PolicyClaim("P-1", pack, death("D-5 age 9, other insurer paid 100,000"))
    junior = PolicyClaim(
        "P-2",
        pack,
        death(
            "D-6 junior variant, quake at age 8",
            accident_date=date(2024, 5, 20),
            death_date=date(2024, 6, 1),
            policy_effective=date(2024, 1, 1),
            policy_expiry=date(2024, 12, 31),
        ),
    )
    decided = coordinate([junior, student])
    assert [each.claim.policy_no for each in decided] == ["P-1", "P-2"]
    assert decided[0].decision.total_fen == 20_000_000
    # The cap of 200,000 at age 9 is gone; the disaster extra stands outside it.
    assert [result.amount_fen for result in decided[1].decision.liabilities] == [0, 30_000_000]


def test_a_missing_commercial_payment_stays_missing(claims: dict[str, PolicyClaim]) -> None:
    facts = dict(claims["A"].facts)
    del facts[ElementId("commercial_paid")]
    decided = coordinate([claims["D"], PolicyClaim("P-A", claims["A"].pack, facts)])
    assert isinstance(decided[1].decision, Referral)
    assert decided[1].decision.total_fen == 0


def test_an_unknown_plan_comes_last_and_a_policy_comes_once(claims: dict[str, PolicyClaim]) -> None:
    strange = with_facts(claims["F"], plan="NO-SUCH")
    strange = PolicyClaim("P-0", strange.pack, strange.facts)
    assert [each.claim.policy_no for each in coordinate([strange, claims["B"]])] == ["P-B", "P-0"]
    with pytest.raises(ValueError, match="twice"):
        coordinate([claims["A"], claims["A"]])
