"""All claims of a loss together: what one pays, draws and uses up is what the next one sees."""

from __future__ import annotations

import itertools
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.engine import Determination, ElementId, Pack, PoolScope, Referral, Value, decide
from rules.engine.coordinate import Coordination, InfluenceKind, PolicyClaim, coordinate
from tests.rules.conftest import FactsOf

ClaimOf = Callable[..., PolicyClaim]


@pytest.fixture
def claim_of(pack: Pack, facts_of: FactsOf) -> ClaimOf:
    """Return a worked case as one claim of a policy."""

    def of(name: str, claim_no: str = "", *, policy_no: str = "P-1", loss: str = "", **changes: Value) -> PolicyClaim:
        return PolicyClaim(policy_no, pack, facts_of(name, **changes), claim_no=claim_no, loss=loss)

    return of


def totals(run: Coordination) -> list[int]:
    return [each.decision.total_fen for each in run]


def rules_of(run: Coordination, place: int) -> list[str]:
    decision = run[place].decision
    return [reason.rule for reason in decision.reasons] if isinstance(decision, Referral) else []


def bill(claim_of: ClaimOf, number: int, day: int = 3, **changes: Any) -> PolicyClaim:
    given: dict[str, Value] = {
        "bill_number": f"{number:010}",
        "admission_date": date(2023, 9, day),
        "self_expense": 0,
        "fund_paid": 0,
        **changes,
    }
    return claim_of("A-1 settled by social insurance", str(number), **given)


def test_two_bills_of_one_accident_take_one_deductible(claim_of: ClaimOf) -> None:
    run = coordinate([bill(claim_of, 2, day=9, bill_total=200_000), bill(claim_of, 1, bill_total=100_000)])
    assert totals(run) == [(100_000 - 10_000) * 9 // 10, 200_000 * 9 // 10]
    change = next(each for each in run[1].influences if each.element == "used_event_deductible")
    assert (change.kind, change.amount, change.from_claim) == (InfluenceKind.CARRIED, 10_000, "P-1 #1")


def test_a_bill_below_the_deductible_uses_it_up_though_nothing_is_paid(claim_of: ClaimOf) -> None:
    run = coordinate([bill(claim_of, 1, bill_total=4_000), bill(claim_of, 2, day=9, bill_total=100_000)])
    assert totals(run) == [0, (100_000 - 6_000) * 9 // 10]
    assert isinstance(run[1].decision, Determination)


def test_another_accident_has_its_own_deductible(claim_of: ClaimOf) -> None:
    other = bill(claim_of, 2, day=9, bill_total=200_000, accident_date=date(2023, 9, 8))
    run = coordinate([bill(claim_of, 1, bill_total=100_000), other])
    assert totals(run)[1] == (200_000 - 10_000) * 9 // 10


def test_a_waived_deductible_is_not_used_up(claim_of: ClaimOf) -> None:
    first = bill(claim_of, 1, bill_total=100_000, waive_deductible=True)
    run = coordinate([first, bill(claim_of, 2, day=9, bill_total=100_000)])
    assert totals(run) == [90_000, 81_000]


def test_bills_share_the_years_limit_and_the_pools_tell_it(claim_of: ClaimOf) -> None:
    run = coordinate([bill(claim_of, n, day=n, bill_total=1_500_000, accident_date=date(2023, 9, 2)) for n in (3, 4)])
    assert totals(run) == [1_341_000, 2_000_000 - 1_341_000]
    pools = [each.pools[0] for each in run]
    assert [(each.pool, each.limit, each.before, each.after) for each in pools] == [
        ("medical_year", 2_000_000, 0, 1_341_000),
        ("medical_year", 2_000_000, 1_341_000, 2_000_000),
    ]
    assert {each.scope for each in pools} == {PoolScope.POLICY_YEAR}
    assert {each.holder for each in pools} == {"P-1/2023-07-01"}


def test_a_year_has_its_own_limit(claim_of: ClaimOf) -> None:
    """The accident's date selects the policy year (convention 8)."""
    years = [
        bill(claim_of, place, bill_total=3_000_000, accident_date=on, admission_date=on, policy_expiry=date(2030, 1, 1))
        for place, on in enumerate((date(2023, 9, 2), date(2024, 9, 2)))
    ]
    assert totals(coordinate(years)) == [2_000_000, 2_000_000]


def test_an_outpatient_bill_after_expiry_belongs_to_the_last_year(claim_of: ClaimOf) -> None:
    """The year's pool of the stay is not opened anew (convention 17)."""
    after = claim_of("B outpatient care after expiry belongs to the stay", "2", used_medical_year=0)
    cover = {name: after.facts[ElementId(name)] for name in ("policy_effective", "policy_expiry")}
    stay = claim_of("B-1 bill less fund less deductible", "1", admission_date=date(2024, 5, 6), **cover)
    run = coordinate([stay, after])
    assert after.facts[ElementId("admission_date")] > cover["policy_expiry"]  # type: ignore[operator]  # both dates
    holders = {pool.holder for each in run for pool in each.pools if pool.pool == "medical_year"}
    assert len(holders) == 1
    assert run[1].claim.facts[ElementId("used_medical_year")] == run[0].decision.total_fen > 0


def test_cash_days_of_two_stays_are_counted_together(claim_of: ClaimOf) -> None:
    stays = [
        claim_of(
            "A ten days of cash", str(n), admission_date=date(2023, 9 + n, 3), discharge_date=date(2023, 10 + n, 28)
        )
        for n in range(2)
    ]
    run = coordinate(stays)
    assert totals(run) == [55 * 10_000, 35 * 10_000]
    assert run[1].claim.facts[ElementId("used_cash_event")] == Decimal(55)
    assert run[1].claim.facts[ElementId("used_cash_year")] == Decimal(55)


def test_a_disability_not_yet_paid_lapses_when_the_accident_kills_within_180_days(claim_of: ClaimOf) -> None:
    death = claim_of("A-5 death on day 180 after case 4", "2", used_basic_sum=0)
    injury = claim_of("A-4 grades 8, 8, 9", "1", assessment_date=date(2024, 1, 20))
    run = coordinate([death, injury])
    assert [each.claim.claim_no for each in run] == ["1", "2"]
    assert totals(run) == [0, 50_000_000]
    assert rules_of(run, 0) == ["alive_at_assessment"]
    assert isinstance(run[1].decision, Determination)


def test_a_death_after_day_180_lapses_nothing_and_takes_nothing(claim_of: ClaimOf) -> None:
    death = claim_of("A-5 death on day 181", "2", used_basic_sum=0)
    run = coordinate([death, claim_of("A-4 grades 8, 8, 9", "1")])
    assert totals(run) == [20_000_000, 0]


def test_a_disability_paid_earlier_is_deducted_from_the_death(claim_of: ClaimOf) -> None:
    paid = claim_of("A-5 death on day 180 after case 4", "2", used_basic_sum=20_000_000)
    assert totals(coordinate([paid])) == [30_000_000]


def test_a_later_assessment_pays_what_the_earlier_one_did_not(claim_of: ClaimOf) -> None:
    first = claim_of("A-4 one grade 8", "1", assessment_date=date(2023, 12, 1))
    later = claim_of("A-4 grades 8, 8, 9", "2", earlier_disability_included=True)
    assert totals(coordinate([later, first])) == [15_000_000, 5_000_000]


def test_mild_and_then_severe_of_one_illness_come_to_the_severe_sum(claim_of: ClaimOf) -> None:
    mild = claim_of("C-6 LVEF 50 % is mild", "1", diagnosis_date=date(2024, 5, 1))
    severe = claim_of("C-6 LVEF 49 % at 7 weeks is severe", "2", diagnosis_date=date(2024, 7, 1))
    run = coordinate([severe, mild])
    assert totals(run) == [9_000_000, 21_000_000]
    facts = run[1].claim.facts
    assert facts[ElementId("mild_paid_count")] == Decimal(1)
    assert facts[ElementId("mild_paid_same_event")] == facts[ElementId("mild_paid_total")] == 9_000_000
    apart = coordinate([mild, PolicyClaim("P-1", severe.pack, severe.facts, claim_no="2", loss="another infarction")])
    assert totals(apart) == [9_000_000, 30_000_000]


def test_a_premium_due_is_taken_off_once_and_the_mild_benefit_counts_whole(claim_of: ClaimOf) -> None:
    mild = claim_of("C-6 LVEF 50 % is mild", "1", diagnosis_date=date(2024, 5, 1), premium_due=612_000)
    severe = claim_of("C-6 LVEF 49 % at 7 weeks is severe", "2", diagnosis_date=date(2024, 7, 1), premium_due=612_000)
    assert totals(coordinate([severe, mild])) == [9_000_000 - 612_000, 21_000_000]


def test_severe_illness_pays_once_and_mild_after_it_is_referred(claim_of: ClaimOf) -> None:
    severe = claim_of("C-1 colon, sum insured 250,000", "1", diagnosis_date=date(2024, 3, 1))
    again = claim_of("C-6 LVEF 49 % at 7 weeks is severe", "2", diagnosis_date=date(2024, 4, 1))
    mild = claim_of("C-6 LVEF 50 % is mild", "3", diagnosis_date=date(2024, 5, 1))
    run = coordinate([mild, again, severe])
    assert totals(run) == [25_000_000, 0, 0]
    assert [rules_of(run, place) for place in (1, 2)] == [["severe_unpaid"], ["severe_unpaid"]]


def test_death_waits_for_a_critical_illness_that_is_referred(claim_of: ClaimOf) -> None:
    unclear = claim_of("C another illness goes to a person", "1")
    death = claim_of(
        "C illness death within the waiting period",
        "2",
        death_date=date(2026, 1, 1),
        policy_effective=date(2021, 3, 1),
        diagnosis_date=date(2024, 6, 11),
    )
    assert isinstance(coordinate([death])[0].decision, Determination)
    run = coordinate([death, unclear])
    assert rules_of(run, 1) == ["no_pending_critical"]


def test_a_prepayment_is_used_once_over_all_bills(claim_of: ClaimOf) -> None:
    """It stands in the used sums already, so the limit is what it was (ADR 0027)."""
    given: dict[str, Any] = {"prepaid": 120_000, "used_medical_year": 120_000, "used_event_deductible": 10_000}
    run = coordinate(
        [bill(claim_of, 1, bill_total=100_000, **given), bill(claim_of, 2, day=9, bill_total=100_000, **given)]
    )
    assert totals(run) == [0, 60_000]
    assert run[1].claim.facts[ElementId("prepaid")] == 30_000
    assert run.totals[0].recovery_fen == 0
    alone = coordinate([bill(claim_of, 1, bill_total=100_000, **given)])
    assert alone.totals[0].recovery_fen == 30_000


def test_what_a_prepayment_made_good_is_no_longer_open_to_later_policies(claim_of: ClaimOf) -> None:
    """Found by the property that no bill is reimbursed above its loss: a benefit that the prepayment covers is a benefit."""
    same: dict[str, Value] = {
        "bill_code": "99060123",
        "bill_number": "0000000001",
        "bill_total": 1_000_000,
        "admission_date": date(2024, 3, 3),
        "accident": True,
        "accident_date": date(2024, 3, 2),
        "self_expense": 0,
        "fund_paid": 0,
    }
    student = claim_of(
        "D-1 tiers",
        policy_no="P-D",
        claim_types=("accident_medical",),
        prepaid=500_000,
        used_medical_year=500_000,
        **same,
    )
    run = coordinate([student, claim_of("A-1 settled by social insurance", policy_no="P-A", **same)])
    assert totals(run)[0] == 640_000 - 500_000
    assert run[1].claim.facts[ElementId("commercial_paid")] == 640_000


def test_the_years_deductible_is_consumed_in_the_order_of_admission(claim_of: ClaimOf) -> None:
    stays = [
        claim_of(
            "B-1 bill less fund less deductible",
            str(n),
            bill_number=f"{n:010}",
            bill_total=total,
            fund_paid=0,
            admission_date=date(2024, 5 + n, 6),
        )
        for n, total in enumerate((635_075, 500_000, 300_000))
    ]
    for order in itertools.permutations(stays):
        assert totals(coordinate(order)) == [0, 500_000 - 364_925, 300_000]


def test_other_insurers_payments_consume_the_deductible_of_the_year(claim_of: ClaimOf) -> None:
    first = claim_of("B-6 other insurer paid 12,000", "1", bill_number="1")
    second = claim_of("B-1 bill less fund less deductible", "2", bill_number="2", admission_date=date(2024, 9, 6))
    run = coordinate([second, first])
    assert totals(run)[1] == 4_682_055 - 2_130_020
    assert run[1].claim.facts[ElementId("used_deductible")] == 1_000_000


def test_the_same_benefit_of_the_same_loss_is_not_paid_twice(claim_of: ClaimOf) -> None:
    run = coordinate([claim_of("A ten days of cash", "1"), claim_of("A ten days of cash", "2")])
    assert isinstance(run[0].decision, Determination)
    assert rules_of(run, 1) == ["engine:claimed_before"]
    assert run.payable_fen == 100_000


def test_a_claim_that_counts_on_an_open_one_waits_for_it(claim_of: ClaimOf) -> None:
    """Two benefits claimed at once with a prepayment: the sums stand, a person splits, the next bill's figures may move."""
    both = claim_of("A prepayment for several benefits: the sums stand, a person splits", "1")
    stated = {
        name: both.facts[ElementId(name)] for name in ("used_medical_year", "prepaid") if ElementId(name) in both.facts
    }
    run = coordinate([both, bill(claim_of, 9, day=20, bill_total=100_000, **stated)])
    assert isinstance(run[0].decision, Referral)
    assert rules_of(run, 1) == ["engine:earlier_open"]
    assert "P-1 #1" in run[1].decision.reasons[0].text.zh  # type: ignore[union-attr]  # a referral by the line before


def test_a_bill_that_a_gate_stopped_holds_up_no_other(claim_of: ClaimOf) -> None:
    stopped = bill(claim_of, 1, bill_total=100_000, possible_exclusion=True)
    other = bill(claim_of, 2, day=9, bill_total=100_000)
    run = coordinate([stopped, other])
    assert run[1].decision == decide(other.pack, other.facts)


def test_balances_that_differ_count_at_the_highest_and_are_referred(claim_of: ClaimOf) -> None:
    run = coordinate(
        [
            bill(claim_of, 1, bill_total=1_500_000, used_medical_year=0),
            bill(claim_of, 2, day=9, bill_total=1_500_000, used_medical_year=1_000_000),
        ]
    )
    assert [rules_of(run, place)[-1] for place in (0, 1)] == ["engine:balances_differ"] * 2
    assert totals(run) == [1_000_000, 0]
    assert run.payable_fen == 0


def test_a_prepayment_entered_on_one_bill_only_is_not_taken_for_none_on_the_other(claim_of: ClaimOf) -> None:
    first = bill(claim_of, 1, bill_total=100_000, prepaid=120_000, used_medical_year=120_000)
    run = coordinate([first, bill(claim_of, 2, day=9, bill_total=100_000, used_medical_year=120_000)])
    assert [rules_of(run, place)[-1] for place in (0, 1)] == ["engine:balances_differ"] * 2
    assert totals(run) == [0, 90_000 - 39_000]
    assert run.payable_fen == 0


def test_a_missing_opening_balance_stays_missing_for_every_claim(claim_of: ClaimOf) -> None:
    claims = []
    for number in (1, 2):
        whole = bill(claim_of, number, day=2 + number, bill_total=100_000)
        facts = {name: value for name, value in whole.facts.items() if name != "used_medical_year"}
        claims.append(PolicyClaim("P-1", whole.pack, facts, claim_no=str(number)))
    run = coordinate(claims)
    assert all(isinstance(each.decision, Referral) and each.decision.total_fen == 0 for each in run)
    assert all(ElementId("used_medical_year") not in each.claim.facts for each in run)


def test_totals_and_shares_tell_who_gets_what(claim_of: ClaimOf, pack: Pack, facts_of: FactsOf) -> None:
    life = PolicyClaim("P-E", pack, facts_of("E-4 shares 50/30/20, the last died first"), payees=("甲", "乙", "丙"))
    run = coordinate([life, claim_of("A ten days of cash")])
    assert [(each.policy_no, each.total_fen, each.payable_fen) for each in run.totals] == [
        ("P-1", 100_000, 100_000),
        ("P-E", 18_348_767, 18_348_767),
    ]
    assert [(each.payee, each.amount_fen) for each in run.shares] == [
        ("", 100_000),
        ("甲", 11_467_979),
        ("乙", 6_880_788),
        ("丙", 0),
    ]
    assert sum(each.amount_fen for each in run.shares) == run.payable_fen


def test_every_decision_can_be_replayed_alone(claim_of: ClaimOf) -> None:
    run = coordinate([bill(claim_of, n, day=n, bill_total=900_000) for n in (3, 4, 5)])
    for each in run:
        assert decide(each.claim.pack, each.claim.facts) == each.decision


def test_a_back_end_may_stand_in_for_the_reference(claim_of: ClaimOf) -> None:
    seen: list[int] = []

    def watched(pack: Pack, facts: object) -> object:
        seen.append(len(seen))
        return decide(pack, facts)  # type: ignore[arg-type]  # facts as they came

    claims = [bill(claim_of, n, day=n, bill_total=900_000) for n in (3, 4)]
    assert coordinate(claims, decider=watched) == coordinate(claims)  # type: ignore[arg-type]  # object in, object out
    assert seen == [0, 1]


def test_odd_facts_are_referred_and_never_raise(claim_of: ClaimOf) -> None:
    odd = bill(
        claim_of, 1, bill_total=100_000, used_medical_year="much", accident_date="yesterday", prepaid=Decimal("1.5")
    )
    run = coordinate([odd, bill(claim_of, 2, day=9, bill_total=100_000)])
    assert isinstance(run[0].decision, Referral)
    assert totals(run)[1] == 81_000


def test_what_cannot_be_worked_out_is_asked_for_and_not_guessed(claim_of: ClaimOf) -> None:
    """Whether the death was of the accident is not known, so nobody knows whether the disability lapsed."""
    death = claim_of("A-5 death on day 180 after case 4", "2", used_basic_sum=0)
    unknown = {name: value for name, value in death.facts.items() if name != "accident"}
    injury = claim_of("A-4 grades 8, 8, 9", "1")
    run = coordinate([PolicyClaim("P-1", death.pack, unknown, claim_no="2"), injury])
    assert ElementId("insured_died") not in run[0].claim.facts
    assert rules_of(run, 0) == ["alive_at_assessment"]
    assert [each.amount for each in run[0].influences] == [None]
