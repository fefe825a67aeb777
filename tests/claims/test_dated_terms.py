"""Terms that change with time, as they are shown for a policy and looked at for red flags: those of its first day."""

from __future__ import annotations

from datetime import date

import msgspec
import pytest

from claims.covered_sums import covered_sums, waiting_until
from claims.errors import Bilingual
from claims.reference import ExtractPolicy
from rules.engine import Pack
from tests.rules.dated_packs import pack_with, with_parameter

POLICY = ExtractPolicy(
    policy_no="P-1",
    plan="MG-B",
    product_name=Bilingual("沐光百万医疗", "medical"),
    effective=date(2024, 2, 1),
    expiry=date(2025, 1, 31),
    policyholder_id="1",
    insured_id="1",
    beneficiaries=(),
    terms={"used_medical_year": 0, "used_malignancy_year": 0},
)


@pytest.fixture(scope="module")
def pack() -> Pack:
    """Plan B with 60 days of waiting and a limit of 100,000 yuan from 1 February 2024."""
    return pack_with(
        with_parameter("waiting_days", {"2011-04-01": "30", "2024-02-01": "60"}, "MG-B"),
        with_parameter("medical_limit_sum", {"2011-04-01": 200000000, "2024-02-01": 10000000}, "MG-B"),
    )


@pytest.mark.parametrize(
    ("effective", "until", "limit"),
    [
        (date(2024, 2, 1), date(2024, 3, 31), 10000000),
        (date(2024, 1, 31), date(2024, 2, 29), 200000000),
    ],
)
def test_the_terms_are_those_of_the_first_day(pack: Pack, effective: date, until: date, limit: int) -> None:
    policy = msgspec.structs.replace(POLICY, effective=effective)
    assert waiting_until(pack, policy) == until
    assert limit in [fen for _, fen in covered_sums(pack, policy)]


def test_before_the_first_day_of_a_term_there_is_none(pack: Pack) -> None:
    policy = msgspec.structs.replace(POLICY, effective=date(2011, 3, 31))
    assert waiting_until(pack, policy) is None
    assert [name.en for name, _ in covered_sums(pack, policy)] == ["yearly malignancy limit"]
