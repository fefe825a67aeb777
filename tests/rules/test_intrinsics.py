"""The trade's own functions, each against worked figures and its properties."""

from __future__ import annotations

import doctest
from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import dates, disability, shares, tiers, values
from rules.engine.disability import combine_grades, ratio_by_grade
from rules.engine.intrinsics import INTRINSICS
from rules.engine.language import Failure, Type, compile_expression
from rules.engine.shares import entitled_weights, largest_remainder
from rules.engine.tiers import marginal_tiers

BOUNDS = [100000, 500000, 1000000, 3000000]
RATIOS = [Decimal(text) for text in ("0.5", "0.6", "0.7", "0.8", "0.9")]
DATES = st.dates(min_value=date(1950, 1, 1), max_value=date(2150, 12, 31))


@pytest.mark.parametrize("module", [dates, disability, shares, tiers, values])
def test_examples_in_the_docstrings_hold(module: object) -> None:
    failed, attempted = doctest.testmod(module)  # type: ignore[arg-type]
    assert (failed, attempted > 0) == (0, True)


@pytest.mark.parametrize(
    ("base", "expected"),
    [(0, "0"), (100000, "50000"), (100001, "50000.6"), (900000, "570000"), (1234567, "827653.6"), (3200000, "2420000")],
)
def test_marginal_tiers_pay_each_part_at_its_own_ratio(base: int, expected: str) -> None:
    assert marginal_tiers(Decimal(base), BOUNDS, RATIOS) == Decimal(expected)


@given(st.integers(0, 10**9), st.integers(0, 10**9))
@settings(max_examples=100)
def test_marginal_tiers_rise_and_stay_below_the_base(first: int, second: int) -> None:
    low, high = sorted((first, second))
    paid = marginal_tiers(Decimal(low), BOUNDS, RATIOS), marginal_tiers(Decimal(high), BOUNDS, RATIOS)
    assert paid[0] <= paid[1] <= high


@pytest.mark.parametrize(
    ("bounds", "ratios", "base"),
    [([100], RATIOS, 1), ([200, 100], RATIOS[:3], 1), ([0, 100], RATIOS[:3], 1), (BOUNDS, RATIOS, -1)],
)
def test_marginal_tiers_refuse_what_makes_no_table(bounds: list[int], ratios: list[Decimal], base: int) -> None:
    with pytest.raises(ValueError, match=r"."):
        marginal_tiers(Decimal(base), bounds, ratios)


@pytest.mark.parametrize(
    ("grades", "combined"),
    [
        ([8, 8, 9], 7),
        ([8, 9, 9], 8),
        ([8, 8, 8], 7),
        ([1, 1], 1),
        ([2, 2], 1),
        ([10], 10),
        ([10, 10], 9),
        ([9, 3, 10], 3),
    ],
)
def test_two_or_more_of_the_worst_raise_one_grade(grades: list[int], combined: int) -> None:
    assert combine_grades(grades) == combined


@pytest.mark.parametrize("grades", [[], [0], [11], [3, 12]])
def test_grades_outside_the_standard_are_refused(grades: list[int]) -> None:
    with pytest.raises(ValueError, match="grade"):
        combine_grades(grades)


def test_a_plan_sets_its_own_ratio_for_each_grade() -> None:
    own = [Decimal(text) for text in ("1", "0.75", "0.5", "0.3", "0.2", "0.15", "0.1", "0.075", "0.05", "0.025")]
    assert [ratio_by_grade(grade, own) for grade in range(1, 11)] == own
    with pytest.raises(ValueError, match="ratio"):
        ratio_by_grade(1, own[:9])


def test_largest_remainder_gives_ties_in_order() -> None:
    assert largest_remainder(20000000, [Decimal(1)] * 3) == (6666667, 6666667, 6666666)
    assert largest_remainder(18348767, [Decimal(50), Decimal(30), Decimal(0)]) == (11467979, 6880788, 0)
    assert largest_remainder(1, [Decimal(1), Decimal(1)]) == (1, 0)


@given(st.integers(0, 10**12), st.lists(st.decimals(0, 10000, places=4), min_size=1, max_size=8))
@settings(max_examples=150)
def test_shares_always_add_up_and_differ_from_exact_by_less_than_a_fen(total: int, weights: list[Decimal]) -> None:
    if not any(weights):
        with pytest.raises(ValueError, match="no weight"):
            largest_remainder(total, weights)
        return
    parts = largest_remainder(total, weights)
    assert sum(parts) == total
    assert all(part >= 0 and (weight > 0 or part == 0) for part, weight in zip(parts, weights, strict=True))
    whole = sum(weights)
    assert all(abs(part * whole - total * weight) < whole for part, weight in zip(parts, weights, strict=True))


def test_the_first_order_with_somebody_left_takes_all() -> None:
    weights = [Decimal(60), Decimal(40), Decimal(100)]
    orders = [Decimal(1), Decimal(1), Decimal(2)]
    assert entitled_weights(weights, orders, [True, False, True]) == (Decimal(60), Decimal(0), Decimal(0))
    assert entitled_weights(weights, orders, [False, False, True]) == (Decimal(0), Decimal(0), Decimal(100))
    with pytest.raises(ValueError, match="no entitled"):
        entitled_weights(weights, orders, [False, False, False])
    with pytest.raises(ValueError, match="length"):
        entitled_weights(weights, orders, [True])


def test_the_waiting_period_counts_its_first_day() -> None:
    assert dates.last_waiting_day(date(2024, 2, 1), 30) == date(2024, 3, 1)
    assert dates.last_waiting_day(date(2023, 2, 1), 30) == date(2023, 3, 2)
    assert dates.last_waiting_day(date(2024, 1, 31), 90) == date(2024, 4, 29)


def test_a_birthday_on_29_february_falls_on_28_february() -> None:
    born = date(2016, 2, 29)
    assert dates.add_years(born, 1) == date(2017, 2, 28)
    assert dates.age_at(born, date(2017, 2, 27)) == 0
    assert dates.age_at(born, date(2017, 2, 28)) == 1
    assert dates.age_at(born, date(2020, 2, 28)) == 3
    assert dates.age_at(born, date(2020, 2, 29)) == 4
    with pytest.raises(ValueError, match="before"):
        dates.age_at(born, date(2016, 2, 28))


@given(DATES, DATES)
@settings(max_examples=150)
def test_age_is_the_last_birthday_reached(first: date, second: date) -> None:
    born, on = sorted((first, second))
    age = dates.age_at(born, on)
    assert dates.add_years(born, age) <= on < dates.add_years(born, age + 1)


@given(DATES, st.integers(-400, 400))
@settings(max_examples=100)
def test_adding_months_keeps_the_day_or_takes_the_last(start: date, months: int) -> None:
    moved = dates.add_months(start, months)
    assert (moved.year * 12 + moved.month) - (start.year * 12 + start.month) == months
    assert moved.day == start.day or (moved + timedelta(days=1)).day == 1


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ('add days(@"2023-09-02", 180)', date(2024, 2, 29)),
        ('add months(@"2024-01-31", 1)', date(2024, 2, 29)),
        ('add years(@"2024-02-29", 1)', date(2025, 2, 28)),
        ('age at(@"2014-06-02", @"2024-06-01")', Decimal(9)),
        ('day count(@"2024-02-27", @"2024-03-05")', Decimal(7)),
        ('last waiting day(@"2024-02-01", 30)', date(2024, 3, 1)),
        ("combined grade([8, 8, 9])", Decimal(7)),
        ("ratio by grade(2, [1, 0.9, 0.8, 0.7, 0.6, 0.5, 0.4, 0.3, 0.2, 0.1])", Decimal("0.9")),
        ("largest remainder(0.05 yuan, [1, 1])", (3, 2)),
        ("round half up(marginal tiers(9000.00 yuan, [1000.00 yuan, 5000.00 yuan], [0.5, 0.6, 0.7]), 2)", 570000),
    ],
)
def test_rules_call_the_functions_by_their_names(text: str, value: object) -> None:
    assert compile_expression(text, {}, INTRINSICS).evaluate({}) == value


@pytest.mark.parametrize(
    "text",
    [
        'age at(@"2024-06-02", @"2024-06-01")',
        "combined grade([11])",
        "combined grade([7.5])",
        'add days(@"2024-01-01", 0.5)',
        'add years(@"2024-01-01", 9000)',
        "ratio by grade(1, [1])",
        "marginal tiers(1.00 yuan, [2.00 yuan], [1])",
        "entitled weights([1], [1], [false])",
    ],
)
def test_a_function_without_a_value_is_a_failure(text: str) -> None:
    with pytest.raises(Failure):
        compile_expression(text, {}, INTRINSICS).evaluate({})


def test_no_function_takes_or_gives_what_packs_cannot_declare() -> None:
    for intrinsic in INTRINSICS.values():
        assert Type.MONEY_QUOTIENT not in (*intrinsic.parameters, intrinsic.result)
