"""Generated code and the reference decide alike, to the byte, for cases at and beyond the edges of every element."""

from __future__ import annotations

import decimal

import msgspec
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.engine import Referral, canonical, decide, decode_facts, load_pack
from rules.engine.generated import generate
from rules.engine.pack import PLAN
from rules.tools.sample import sample_pack_bytes
from tests.rules.generated.cases import Facts, disturbed, worked
from tests.rules.generated.comparing import alike
from tests.worked_cases import each_of

PACK = load_pack(sample_pack_bytes())
GENERATED = generate(PACK)
WORKED = worked(PACK)
PLANS = sorted(PACK.plans)
SETTINGS = settings(max_examples=100, deadline=None)


def of_plan(plan: str) -> dict[str, Facts]:
    return {name: facts for name, facts in WORKED.items() if facts[PLAN] == plan}


def assert_alike(facts: Facts) -> None:
    alike(PACK, GENERATED, facts)


@pytest.mark.parametrize("plan", PLANS)
def test_disturbed_cases_of_every_plan_are_decided_alike(plan: str) -> None:
    @given(disturbed(PACK, of_plan(plan)))
    @SETTINGS
    def compare(facts: Facts) -> None:
        assert_alike(facts)

    compare()


@given(st.dictionaries(st.text(max_size=8), st.none() | st.integers() | st.text(max_size=5), max_size=4))
@SETTINGS
def test_what_is_no_case_at_all_is_refused_alike(facts: dict[str, object]) -> None:
    assert_alike(facts)  # type: ignore[arg-type]


@each_of(lambda: WORKED)
def test_every_worked_case_is_decided_alike(facts: Facts) -> None:
    assert_alike(facts)


def test_generated_code_and_not_the_reference_decides_the_worked_cases() -> None:
    declined = [name for name, facts in WORKED.items() if GENERATED.traced(facts) is None]  # type: ignore[arg-type]
    for name in declined:
        decision = decide(PACK, WORKED[name])  # type: ignore[arg-type]
        assert isinstance(decision, Referral)
    assert len(declined) * 20 < len(WORKED)


def test_a_sum_is_the_same_without_its_trace() -> None:
    for test in PACK.tests:
        facts = decode_facts(PACK, msgspec.json.encode(test.facts))
        trace = GENERATED.traced(facts)
        assert GENERATED.total(facts) == (None if trace is None else trace.total_fen)


@pytest.mark.parametrize("precision", [1, 5, 90])
def test_the_callers_decimal_context_changes_nothing(precision: int) -> None:
    expected = {name: canonical(decide(PACK, facts)) for name, facts in WORKED.items()}  # type: ignore[arg-type]
    with decimal.localcontext(decimal.Context(prec=precision, rounding=decimal.ROUND_UP, Emax=3, Emin=-3)):
        fresh = generate(PACK)
        assert {name: canonical(fresh.decide(facts)) for name, facts in WORKED.items()} == expected  # type: ignore[arg-type]
        for facts in WORKED.values():
            assert fresh.total(facts) == GENERATED.total(facts)  # type: ignore[arg-type]
            if (trace := fresh.traced(facts)) is not None:  # type: ignore[arg-type]
                assert [step.value for part in fresh.explain(trace).liabilities for step in part.steps]


@pytest.mark.slow
def test_many_disturbed_cases_are_decided_alike() -> None:
    @given(disturbed(PACK, WORKED))
    @settings(max_examples=10_000, deadline=None)
    def compare(facts: Facts) -> None:
        assert_alike(facts)

    compare()
