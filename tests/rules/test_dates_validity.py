"""A pack past its validity refuses, by the date of the liability: its edges, and dates that do not count."""

from __future__ import annotations

from datetime import date

import pytest

from rules.engine import Determination, Pack, Referral, Value, decide
from tests.rules.dated_packs import facts_in, pack_with

MEDICAL = "A-1 settled by social insurance"


@pytest.fixture(scope="module")
def short() -> Pack:
    """The sample pack, valid from the day of the accident of case A-1 to ten days later."""
    return pack_with(lambda document: document.update(valid_from="2023-09-02", valid_to="2023-09-12"))


@pytest.mark.parametrize(
    ("accident", "valid"),
    [
        (date(2023, 9, 1), False),
        (date(2023, 9, 2), True),
        (date(2023, 9, 12), True),
        (date(2023, 9, 13), False),
    ],
)
def test_the_first_and_the_last_day_are_valid(short: Pack, accident: date, valid: bool) -> None:
    decision = decide(short, facts_in(short, MEDICAL, accident_date=accident, admission_date=date(2023, 9, 20)))
    assert isinstance(decision, Determination) is valid
    if isinstance(decision, Referral):
        (reason,) = decision.reasons
        assert (decision.total_fen, reason.rule) == (0, "engine:validity")
        for words in ("事故日期", str(accident), "2023-09-02", "2023-09-12"):
            assert words in reason.text.zh


@pytest.mark.parametrize("other", ["admission_date", "report_date"])
def test_only_the_liabilitys_date_counts(short: Pack, other: str) -> None:
    # Treated or reported after the last day: the accident was before it, so this pack decides.
    later: dict[str, Value] = {other: date(2023, 10, 1)}
    decision = decide(short, facts_in(short, MEDICAL, **later))
    assert isinstance(decision, Determination)
    assert decision.total_fen == 133204


def test_two_liabilities_of_one_claim_each_go_by_their_own_date(short: Pack) -> None:
    # Plan B goes by the admission: the same pack refuses a stay after its last day.
    stay: dict[str, Value] = {
        "policy_effective": date(2023, 2, 1),
        "policy_expiry": date(2024, 1, 31),
        "diagnosis_date": date(2023, 9, 5),
    }
    case = "B-1 bill less fund less deductible"
    assert decide(short, facts_in(short, case, **stay, admission_date=date(2023, 9, 12))).total_fen == 1552035
    late = decide(short, facts_in(short, case, **stay, admission_date=date(2023, 9, 13)))
    assert isinstance(late, Referral)
    assert [reason.rule for reason in late.reasons] == ["engine:validity"]


def test_an_open_pack_has_no_last_day() -> None:
    pack = pack_with(lambda document: document.pop("valid_to"))
    decision = decide(pack, facts_in(pack, "C-1 colon, sum insured 250,000", diagnosis_date=date(2150, 1, 1)))
    assert decision.total_fen > 0
