"""A policy renewed: the waiting period, the yearly deductible, the limits and the pools of the right policy year."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest

from rules.engine import Decision, Determination, Facts, Pack, PoolScope, Referral, Value, decide
from tests.rules.dated_packs import facts_in, pack_with, with_basis, with_parameter
from tests.rules.edited_packs import Document, by_id

STAY = "B-1 bill less fund less deductible"
CASH = "D-3 illness, 7 days with 29 February"
FIRST_YEAR: dict[str, Value] = {
    "policy_effective": date(2023, 2, 1),
    "policy_expiry": date(2024, 1, 31),
    "renewal": False,
}
SECOND_YEAR: dict[str, Value] = {
    "policy_effective": date(2024, 2, 1),
    "policy_expiry": date(2025, 1, 31),
    "renewal": True,
}
# 46,820.55 less the fund's 21,300.20 is 25,520.35.
LESS_10000, LESS_8000 = 1552035, 1752035


def _year_limit(document: Document) -> None:
    """Let the yearly limit be that of the contract's year: a rule reads it by the inception, the pool reads the rule."""
    days = by_id(document, "rules", "waiting_last_day")
    document["rules"].append(
        {
            **days,
            "id": "limit_of_the_year",
            "type": "money",
            "unit": "fen",
            "expression": "medical_limit_sum",
        }
    )
    by_id(document, "pools", "medical_year")["limit"] = "limit_of_the_year"


@pytest.fixture(scope="module")
def renewed() -> Pack:
    """Plan B as sold from 2024: deductible 8,000 instead of 10,000, limit 20,000 instead of 2,000,000, waiting 60 days."""
    terms = [
        with_parameter("deductible", {"2011-04-01": 1000000, "2024-01-01": 800000}, "MG-B"),
        with_parameter("medical_limit_sum", {"2011-04-01": 200000000, "2024-01-01": 2000000}, "MG-B"),
        with_parameter("waiting_days", {"2011-04-01": "30", "2024-01-01": "60"}, "MG-B"),
    ]
    return pack_with(*terms, _year_limit, with_basis("inception", "year_deductible_left"))


def claim(pack: Pack, policy: dict[str, Value], **facts: Value) -> Decision:
    return decide(pack, _facts(pack, {**policy, **facts}))


def _facts(pack: Pack, changes: dict[str, Value]) -> Facts:
    return facts_in(pack, STAY, **changes)


def pool(decision: Decision, name: str) -> tuple[int | None, int, int]:
    (draw,) = [draw for result in decision.liabilities for draw in result.pools if draw.pool == name]
    assert draw.scope is PoolScope.POLICY_YEAR
    return draw.limit, draw.used_before, draw.amount


def test_a_renewal_does_not_restart_the_waiting_period(renewed: Pack) -> None:
    diagnosed = {"diagnosis_date": date(2024, 2, 5), "admission_date": date(2024, 2, 6)}
    paid = claim(renewed, SECOND_YEAR, **diagnosed)
    assert isinstance(paid, Determination)
    # The same dates in a first year fall into its waiting period.
    waits = claim(renewed, {**SECOND_YEAR, "renewal": False}, **diagnosed)
    assert isinstance(waits, Referral)
    assert [reason.rule for reason in waits.reasons] == ["waiting"]


def test_the_deductible_and_the_limit_are_those_of_the_policy_year(renewed: Pack) -> None:
    # Both stays are after the day on which the terms changed; the first still belongs to the year sold before it.
    late = {"diagnosis_date": date(2024, 1, 20), "admission_date": date(2024, 1, 20)}
    old = claim(renewed, FIRST_YEAR, **late)
    assert (old.total_fen, pool(old, "medical_year")) == (LESS_10000, (200000000, 0, LESS_10000))
    new = claim(renewed, SECOND_YEAR, admission_date=date(2024, 2, 1))
    assert (new.total_fen, pool(new, "medical_year")) == (LESS_8000, (2000000, 0, LESS_8000))


def test_what_the_old_year_used_is_not_counted_in_the_new_one(renewed: Pack) -> None:
    # Each year has its own used sums: the facts of the year that the stay belongs to.
    old = claim(
        renewed, FIRST_YEAR, admission_date=date(2024, 1, 31), used_deductible=1000000, used_medical_year=199000000
    )
    assert pool(old, "medical_year") == (200000000, 199000000, 1000000)
    assert old.total_fen == 1000000
    new = claim(renewed, SECOND_YEAR, admission_date=date(2024, 2, 1))
    assert pool(new, "medical_year") == (2000000, 0, LESS_8000)


def test_by_the_date_of_treatment_the_old_year_would_get_the_new_deductible() -> None:
    # What the date basis is for: the same figures read by the admission give another sum.
    pack = pack_with(with_parameter("deductible", {"2011-04-01": 1000000, "2024-01-01": 800000}, "MG-B"))
    late = claim(pack, FIRST_YEAR, diagnosis_date=date(2024, 1, 20), admission_date=date(2024, 1, 20))
    assert late.total_fen == LESS_8000


# --- a stay across two policy years belongs to its admission (notes/domain.md §5)


@pytest.fixture(scope="module")
def dearer() -> Pack:
    """Plan D with 80 a day from the new school year on; the sum goes by the admission."""
    return pack_with(with_parameter("cash_per_day", {"2011-04-01": 5000, "2024-09-01": 8000}, "ZH-S"))


OLD_POLICY: dict[str, Value] = {"policy_effective": date(2023, 9, 1), "policy_expiry": date(2024, 8, 31)}
NEW_POLICY: dict[str, Value] = {
    "policy_effective": date(2024, 9, 1),
    "policy_expiry": date(2025, 8, 31),
    "renewal": True,
}


def cash_facts(pack: Pack, **changes: Value) -> Facts:
    return facts_in(pack, CASH, **changes)


def test_a_stay_across_two_policy_years_is_paid_whole_by_the_year_of_its_admission(dearer: Pack) -> None:
    stay: dict[str, Value] = {"admission_date": date(2024, 8, 29), "discharge_date": date(2024, 9, 5)}
    old = decide(dearer, cash_facts(dearer, **OLD_POLICY, **stay))
    assert isinstance(old, Determination)
    days = {step.rule: step.value for step in old.liabilities[0].steps}
    # 29 August to 5 September is 7 days, 3 are free: 4 days at the old year's 50, those in September too.
    assert (days["stay_days"], days["days_due"], old.total_fen) == ("7", "4", 20000)
    assert pool(old, "cash_year") == (180, 0, 4)


def test_the_new_year_pays_nothing_of_a_stay_admitted_before_it(dearer: Pack) -> None:
    stay: dict[str, Value] = {"admission_date": date(2024, 8, 31), "discharge_date": date(2024, 9, 5)}
    new = decide(dearer, cash_facts(dearer, **NEW_POLICY, **stay))
    assert isinstance(new, Referral)
    assert (new.total_fen, [reason.rule for reason in new.reasons]) == (0, ["cover_stay"])


def test_a_stay_from_the_new_years_first_day_is_the_new_years(dearer: Pack) -> None:
    stay: dict[str, Value] = {"admission_date": date(2024, 9, 1), "discharge_date": date(2024, 9, 8)}
    new = decide(dearer, cash_facts(dearer, **NEW_POLICY, **stay))
    assert new.total_fen == 32000
    old = decide(dearer, cash_facts(dearer, **OLD_POLICY, **stay))
    assert isinstance(old, Referral)
    assert [reason.rule for reason in old.reasons] == ["cover_stay"]


def test_the_old_years_pool_is_drawn_on_and_its_last_days_count(dearer: Pack) -> None:
    stay: dict[str, Value] = {"admission_date": date(2024, 8, 29), "discharge_date": date(2024, 9, 5)}
    decision = decide(dearer, cash_facts(dearer, **OLD_POLICY, **stay, used_cash_year=Decimal(178)))
    assert decision.total_fen == 2 * 5000
    assert pool(decision, "cash_year") == (180, 178, 2)


def test_an_accident_of_the_old_year_is_the_old_years_though_treated_in_the_new_one(pack: Pack) -> None:
    # Plan A: the accident selects the policy year, and treatment within 180 days counts after expiry too.
    facts: dict[str, Value] = {"accident_date": date(2024, 6, 30), "admission_date": date(2024, 7, 3)}
    case = "A-1 settled by social insurance"
    old = decide(pack, facts_in(pack, case, **facts, used_medical_year=1900000))
    assert old.total_fen == 100000
    assert pool(old, "medical_year") == (2000000, 1900000, 100000)
    new = decide(
        pack, facts_in(pack, case, **facts, policy_effective=date(2024, 7, 1), policy_expiry=date(2025, 6, 30))
    )
    assert isinstance(new, Referral)
    assert [reason.rule for reason in new.reasons] == ["cover_accident"]
