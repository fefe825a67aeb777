"""Columns and the reference say the same of disturbed cases at and beyond the edges of every element."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from rules.columns import prepare
from rules.engine import load_pack
from rules.tools.sample import sample_pack_bytes
from tests.rules.columns.comparing import differences
from tests.rules.dated_packs import pack_with, with_basis, with_parameter, with_versions
from tests.rules.generated.cases import disturbed, worked

PACK = load_pack(sample_pack_bytes())
PREPARED = prepare(PACK)
WORKED = worked(PACK)
SETTINGS = settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=[HealthCheck.large_base_example, HealthCheck.data_too_large, HealthCheck.too_slow],
)


@pytest.mark.parametrize("plan", sorted(PACK.plans))
def test_disturbed_cases_of_every_plan_are_decided_alike(plan: str) -> None:
    bases = {name: facts for name, facts in WORKED.items() if facts["plan"] == plan}

    @given(st.lists(disturbed(PACK, bases), min_size=1, max_size=12))
    @SETTINGS
    def compare(claims: list[dict[object, object]]) -> None:
        assert differences(PACK, PREPARED, claims) == []

    compare()


@given(st.lists(disturbed(PACK, WORKED), min_size=1, max_size=20), st.integers(1, 5))
@SETTINGS
def test_cases_of_all_plans_in_one_batch_are_decided_alike(claims: list[dict[object, object]], chunk_rows: int) -> None:
    assert differences(PACK, PREPARED, claims, chunk_rows=chunk_rows) == []


DATED = pack_with(
    with_parameter("deductible", {"2020-01-01": 10_000, "2023-09-10": 20_000, "2024-01-01": 0}),
    with_parameter("ratio_si", {"2023-09-04": "0.9", "2023-12-31": "0.85"}),
    with_parameter(
        "grade_ratios",
        {
            "2000-01-01": ["1", "0.9", "0.8", "0.7", "0.6", "0.5", "0.4", "0.3", "0.2", "0.1"],
            "2023-06-01": ["1", "0.95", "0.85", "0.75", "0.65", "0.55", "0.45", "0.35", "0.25", "0.15"],
        },
    ),
    with_parameter(
        "tier_bounds",
        {"2000-01-01": [100000, 500000, 1000000, 3000000], "2023-03-01": [200000, 500000, 1000000, 3000000]},
    ),
    with_basis("treatment", "reimbursed", "ratio"),
    with_versions(
        "unreimbursed",
        "accident",
        {
            "2015-01-01": "max(0.00 yuan, bill_total - fund_paid - other_payers_paid - commercial_paid)",
            "2023-09-02": "max(0.00 yuan, bill_total - fund_paid - other_payers_paid - commercial_paid - self_expense)",
        },
    ),
)
DATED_COLUMNS = prepare(DATED)
DATED_CASES = worked(DATED)


@given(st.lists(disturbed(DATED, DATED_CASES), min_size=1, max_size=20))
@settings(SETTINGS, max_examples=60)
def test_dated_parameters_and_versions_hold_row_by_row(claims: list[dict[object, object]]) -> None:
    assert differences(DATED, DATED_COLUMNS, claims) == []


def test_dated_parameters_change_worked_cases() -> None:
    claims = list(WORKED.values())
    assert differences(DATED, DATED_COLUMNS, claims) == []
    assert differences(DATED, PREPARED, claims) != []
