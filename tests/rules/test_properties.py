"""What holds for every case: the same decision twice, no sum above a limit or a loss, more bill never less pay."""

from __future__ import annotations

from datetime import date, timedelta
from decimal import Decimal

import msgspec
from hypothesis import HealthCheck, find, given, settings
from hypothesis import strategies as st

from rules.engine import (
    Determination,
    ElementId,
    Pack,
    Referral,
    Unit,
    canonical,
    decide,
    decode_facts,
    encode_facts,
    load_pack,
    read_decision,
)
from rules.engine.document import ElementSpec, ValueType
from rules.engine.values import bounds
from rules.tools.sample import sample_pack_bytes
from tests.rules.conftest import Facts, FactsOf

PACK = load_pack(sample_pack_bytes())
SAME_PACK = load_pack(sample_pack_bytes())
INDEMNITY = {
    "AT-A": "A-1 settled by social insurance",
    "MG-B": "B-1 bill less fund less deductible",
    "ZH-S": "D-1 tiers",
    "KQ-Z": "F-1 cholecystectomy at the counter",
}
NAMES = sorted(test.name for test in PACK.tests)
SETTINGS = settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
FEN = st.integers(0, 300_000_000)


def values_of(spec: ElementSpec) -> st.SearchStrategy[object]:
    """Any value that the element allows, its bounds included."""
    low, high = bounds(spec)
    scalar: st.SearchStrategy[object]
    if spec.type is ValueType.BOOL:
        scalar = st.booleans()
    elif spec.type is ValueType.MONEY:
        scalar = st.integers(low, high) | FEN  # type: ignore[arg-type]
    elif spec.type is ValueType.NUMBER:
        scalar = st.decimals(low, high, places=spec.scale, allow_nan=False)  # type: ignore[arg-type]
    elif spec.type is ValueType.DATE:
        scalar = st.dates(low, high)  # type: ignore[arg-type]
    else:
        scalar = st.text(min_size=low, max_size=high)  # type: ignore[arg-type]
    return st.lists(scalar, max_size=3).map(tuple) if spec.many else scalar


@st.composite
def disturbed(draw: st.DrawFn) -> Facts:
    """A worked case with some facts replaced by any allowed value, and some left out."""
    name = draw(st.sampled_from(NAMES))
    test = next(test for test in PACK.tests if test.name == name)
    facts = dict(decode_facts(PACK, msgspec.json.encode(test.facts)))
    changeable = sorted(set(facts) - {"plan", "claim_types"})
    for changed in draw(st.lists(st.sampled_from(changeable), max_size=4, unique=True)):
        facts[changed] = draw(values_of(PACK.elements[changed]))  # type: ignore[assignment]
    for dropped in draw(st.lists(st.sampled_from(sorted(facts)), max_size=1)):
        del facts[dropped]
    return facts


@given(disturbed())
@SETTINGS
def test_deciding_is_deterministic_total_and_survives_its_own_bytes(facts: Facts) -> None:
    first, second = decide(PACK, facts), decide(SAME_PACK, dict(reversed(facts.items())))
    assert canonical(first) == canonical(second)
    assert read_decision(canonical(first)) == first
    raw = encode_facts(PACK, facts)
    assert encode_facts(PACK, decode_facts(PACK, raw)) == raw


@given(disturbed())
@SETTINGS
def test_a_decision_adds_up_and_stays_within_every_pool(facts: Facts) -> None:
    decision = decide(PACK, facts)
    assert decision.total_fen == sum(result.amount_fen for result in decision.liabilities)
    assert isinstance(decision, Referral) == (bool(getattr(decision, "reasons", ())) or decision.total_fen == 0)
    for result in decision.liabilities:
        assert result.amount_fen >= 0
        assert sum(result.shares_fen) == (result.amount_fen if result.shares_fen else 0)
        assert bool(result.loss_key) == bool(result.pools) == (result.amount_fen > 0)
        for draw in result.pools:
            assert draw.amount > 0
            assert draw.limit is None or draw.used_before + draw.amount <= draw.limit
    if isinstance(decision, Determination):
        assert decision.total_fen > 0


@given(st.sampled_from(sorted(INDEMNITY)), FEN, FEN, FEN, FEN, st.booleans(), st.integers(0, 200_000_000))
@SETTINGS
def test_an_indemnity_never_pays_more_than_what_nobody_else_paid(  # noqa: PLR0917 - the strategies come by position
    facts_of: FactsOf, plan: str, bill: int, own: int, fund: int, others: int, settled: bool, used: int
) -> None:
    facts = facts_of(
        INDEMNITY[plan],
        bill_total=bill,
        self_expense=min(own, bill),
        fund_paid=min(fund, bill),
        other_payers_paid=others,
        si_settled=settled,
        used_medical_year=used,
    )
    decision = decide(PACK, facts)
    assert decision.total_fen <= max(0, bill - min(fund, bill) - others)


@given(
    st.sampled_from(sorted(INDEMNITY)), FEN, FEN, st.integers(0, 50_000_000), st.booleans(), st.integers(0, 3_000_000)
)
@SETTINGS
def test_more_bill_never_pays_less(  # noqa: PLR0917 - the strategies come by position
    facts_of: FactsOf, plan: str, first: int, second: int, fund: int, settled: bool, used: int
) -> None:
    low, high = sorted((first, second))
    paid = [
        decide(
            PACK,
            facts_of(
                INDEMNITY[plan],
                bill_total=bill,
                fund_paid=min(fund, low),
                self_expense=0,
                si_settled=settled,
                used_medical_year=used,
            ),
        ).total_fen
        for bill in (low, high)
    ]
    assert paid[0] <= paid[1]


@given(st.integers(0, 2_500_000), st.integers(0, 50_000_000), st.booleans())
@SETTINGS
def test_accident_medical_is_the_waterfall_done_by_hand(facts_of: FactsOf, used: int, bill: int, settled: bool) -> None:
    decision = decide(
        PACK,
        facts_of(
            INDEMNITY["AT-A"], bill_total=bill, self_expense=0, fund_paid=0, si_settled=settled, used_medical_year=used
        ),
    )
    exact = Decimal(max(0, bill - 10_000)) * (Decimal("0.9") if settled else Decimal("0.8"))
    capped = min(exact, Decimal(max(0, 2_000_000 - used)))
    assert decision.total_fen == int((capped + Decimal("0.5")).to_integral_value("ROUND_FLOOR"))


@given(st.integers(0, 100_000_000), st.lists(st.integers(1, 10), min_size=1, max_size=5), st.integers(0, 100_000_000))
@SETTINGS
def test_death_and_disability_never_pass_the_sum_insured(
    facts_of: FactsOf, insured: int, grades: list[int], used: int
) -> None:
    disability = decide(
        PACK,
        facts_of(
            "A-4 grades 8, 8, 9",
            sum_insured=insured,
            disability_grades=tuple(Decimal(grade) for grade in grades),
            used_basic_sum=used,
        ),
    ).total_fen
    death = decide(
        PACK, facts_of("A-5 death on day 180 after case 4", sum_insured=insured, used_basic_sum=used + disability)
    ).total_fen
    assert disability + death == max(disability, insured - used if insured > used else 0)
    assert used + disability + death <= max(used, insured)


@given(st.integers(0, 400), st.integers(0, 400), st.integers(0, 400))
@SETTINGS
def test_cash_days_stay_within_both_day_pools(facts_of: FactsOf, event: int, year: int, days: int) -> None:
    admitted = date(2023, 9, 3)
    decision = decide(
        PACK,
        facts_of(
            "A ten days of cash",
            discharge_date=admitted + timedelta(days=days),
            used_cash_event=Decimal(event),
            used_cash_year=Decimal(year),
        ),
    )
    paid = min(max(1, days), max(0, 90 - event), max(0, 180 - year))
    assert decision.total_fen == paid * 10_000
    assert {draw.amount for result in decision.liabilities for draw in result.pools} == ({paid} if paid else set())
    assert all(draw.unit is Unit.DAY for result in decision.liabilities for draw in result.pools)


def test_the_strategies_reach_payments_and_referrals(pack: Pack) -> None:
    assert find(disturbed(), lambda facts: isinstance(decide(pack, facts), Determination))
    assert find(disturbed(), lambda facts: isinstance(decide(pack, facts), Referral))
    assert ElementId("plan") in pack.elements
