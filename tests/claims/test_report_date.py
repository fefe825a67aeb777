"""The report's date reaches the rules that ask for it from the case itself; nobody enters it."""

from __future__ import annotations

from datetime import date

import pytest

from claims.errors import InputError
from claims.loss_facts import merge_facts, reported_facts
from rules.engine import ElementId, Pack
from tests.rules.dated_packs import pack_with, with_versions

REPORTED = date(2024, 5, 8)


@pytest.fixture(scope="module")
def pack() -> Pack:
    """The sample pack with a rule of plan A and B that goes by the report."""
    return pack_with(with_versions("ratio", "report", {"2011-04-01": "ratio_si"}))


def test_the_reports_date_is_given_where_a_rule_goes_by_it(pack: Pack) -> None:
    assert reported_facts(pack, "AT-A", "accident_medical", REPORTED) == {"report_date": "2024-05-08"}
    assert reported_facts(pack, "AT-A", "hospital_cash", REPORTED) == {}
    assert reported_facts(pack, "ZH-S", "illness_medical", REPORTED) == {}
    assert reported_facts(pack, "NO-SUCH", "illness_medical", REPORTED) == {}


def test_what_the_case_says_cannot_be_entered_by_hand(pack: Pack) -> None:
    def merged(entered: dict[str, str]) -> object:
        contract = {"plan": "AT-A", **reported_facts(pack, "AT-A", "accident_medical", REPORTED)}
        return merge_facts(pack, contract=contract, entered=entered, catastrophe={}, used_since_fen={})[
            ElementId("report_date")
        ]

    assert merged({}) == REPORTED
    with pytest.raises(InputError) as refused:
        merged({"report_date": "2011-04-01"})
    assert refused.value.code == "fact_not_yours"
