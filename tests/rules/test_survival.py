"""Who takes a death benefit: beneficiaries who outlived the insured, else the heirs; one event of unknown order."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import Determination, Pack, decide
from rules.engine.coordination import Beneficiary, Survival, division, survival_of
from rules.engine.shares import entitled_weights, largest_remainder
from tests.rules.conftest import FactsOf

QUAKE = date(2024, 4, 20)
CASE = "E-4 shares 50/30/20, the last died first"


def shares(pack: Pack, facts_of: FactsOf, people: list[Beneficiary], heirs: tuple[str, ...] = ()) -> dict[str, int]:
    split = division(people, heirs)
    decision = decide(pack, {**facts_of(CASE, loan=0, loan_interest=0, premiums_paid=0, cash_value=0), **split.facts()})
    assert isinstance(decision, Determination)
    return dict(zip(split.names, decision.liabilities[0].shares_fen, strict=True))


def test_a_beneficiary_of_the_same_event_is_presumed_dead_first_and_the_others_take(
    pack: Pack, facts_of: FactsOf
) -> None:
    people = [
        Beneficiary("妻", survival_of(QUAKE, QUAKE, same_event=True), weight=Decimal(50)),
        Beneficiary("子", weight=Decimal(30)),
        Beneficiary("母", weight=Decimal(20)),
    ]
    assert shares(pack, facts_of, people) == {"妻": 0, "子": 12_000_000, "母": 8_000_000}
    assert "推定其去世在先" in division(people, ()).why[0].zh


def test_the_sole_beneficiary_of_the_same_event_leaves_it_to_the_estate(pack: Pack, facts_of: FactsOf) -> None:
    """E-5: child and two parents, 200,000 (notes/domain.md §5)."""
    people = [Beneficiary("夫", Survival.SAME_EVENT)]
    assert shares(pack, facts_of, people, ("子", "父", "母")) == {"子": 6_666_667, "父": 6_666_667, "母": 6_666_666}
    assert division(people, ("子",)).estate


def test_the_next_order_takes_all_where_the_first_is_gone(pack: Pack, facts_of: FactsOf) -> None:
    people = [
        Beneficiary("妻", Survival.RENOUNCED, order=1),
        Beneficiary("子", order=2),
        Beneficiary("女", order=2),
        Beneficiary("弟", order=3),
    ]
    assert shares(pack, facts_of, people) == {"妻": 0, "子": 10_000_000, "女": 10_000_000, "弟": 0}


def test_nobody_named_and_everybody_lost_are_estate() -> None:
    assert division([], ("子",)).names == ("子",)
    assert division([Beneficiary("凶手", Survival.LOST)], ("子",)).estate
    with pytest.raises(ValueError, match="no heir"):
        division([], ())


def test_the_dates_of_death_tell_who_outlived_whom() -> None:
    assert survival_of(QUAKE, None, same_event=True) is Survival.OUTLIVED
    assert survival_of(QUAKE, date(2024, 4, 19), same_event=False) is Survival.DIED_FIRST
    assert survival_of(QUAKE, date(2024, 4, 21), same_event=False) is Survival.OUTLIVED
    assert survival_of(QUAKE, date(2024, 4, 21), same_event=True) is Survival.SAME_EVENT
    assert survival_of(QUAKE, date(2024, 4, 21), same_event=True, order_known=True) is Survival.OUTLIVED
    with pytest.raises(ValueError, match="one day"):
        survival_of(QUAKE, QUAKE, same_event=False)


def test_shares_or_orders_of_some_only_are_not_guessed() -> None:
    with pytest.raises(ValueError, match="share"):
        division([Beneficiary("甲", weight=Decimal(50)), Beneficiary("乙")], ())
    with pytest.raises(ValueError, match="order"):
        division([Beneficiary("甲", order=1), Beneficiary("乙")], ())


@settings(max_examples=100, deadline=None)
@given(
    st.integers(1, 10**12),
    st.lists(st.tuples(st.sampled_from(Survival), st.integers(1, 3), st.integers(1, 100)), max_size=8),
    st.integers(1, 5),
)
def test_shares_always_add_up_and_never_reach_who_is_not_entitled(
    total: int, people: list[tuple[Survival, int, int]], heirs: int
) -> None:
    split = division(
        [Beneficiary(str(n), survival, order, Decimal(weight)) for n, (survival, order, weight) in enumerate(people)],
        [f"heir {n}" for n in range(heirs)],
    )
    parts = largest_remainder(total, entitled_weights(split.weights, split.orders, split.entitled))
    assert sum(parts) == total
    first = min(order for order, entitled in zip(split.orders, split.entitled, strict=True) if entitled)
    for part, order, entitled in zip(parts, split.orders, split.entitled, strict=True):
        assert part == 0 or (entitled and order == first)
