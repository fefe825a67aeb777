"""Dates in all three back ends: equal decisions on either side of every day on which something changes, and where a date is missing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta

import msgspec
import pytest

from rules.columns import batch_of_facts, prepare
from rules.engine import ElementId, Facts, Pack, Referral, canonical, decide, decode_facts
from rules.engine.generated import generate
from tests.rules.dated_packs import pack_with, with_basis, with_parameter, with_versions

# Days around which the worked cases lie, so that they fall on both sides.
OLD, NEW = "2023-09-02", "2024-05-06"
REPORTED = ElementId("report_date")


@pytest.fixture(scope="module")
def dated_pack() -> Pack:
    """The sample pack with figures and rules that changed, by every basis; some begin after the first worked cases."""
    return pack_with(
        with_parameter("deductible", {"2011-04-01": 10000, NEW: 20000}),
        with_parameter("medical_limit_sum", {"2020-01-01": 2000000, OLD: 1900000, NEW: 100000}),
        with_parameter("waiting_days", {OLD: "30", NEW: "60"}, "MG-B", "ZH-S"),
        with_parameter("cash_per_day", {OLD: 5000, NEW: 8000}, "AT-A"),
        with_versions("ratio", "liability", {OLD: "if si_settled then ratio_si else ratio_no_si", NEW: "0.5"}),
        with_versions(
            "to_the_fen", "inception", {"2011-04-01": "round down(amount, 2)", OLD: "round half up(amount, 2)"}
        ),
        with_versions("bill_adds_up", "report", {OLD: "fund_paid <= bill_total", NEW: "bill_total > 0.00 yuan"}),
        with_versions("mild_to_take_off", "diagnosis", {OLD: "mild_paid_same_event", NEW: "mild_paid_total"}),
        with_basis("report", "event_deductible_left"),
    )


@pytest.fixture(scope="module")
def claims(dated_pack: Pack) -> list[Facts]:
    return list(_claims(dated_pack))


def _claims(pack: Pack) -> Iterator[Facts]:
    """Every worked case: as it is, reported on either side of each change, and with each of its dates on either side or gone."""
    sides = [date.fromisoformat(day) - timedelta(days=before) for day in (OLD, NEW) for before in (1, 0)]
    for number, test in enumerate(pack.tests):
        facts = decode_facts(pack, msgspec.json.encode(test.facts))
        yield facts
        yield {**facts, REPORTED: sides[number % 4]}
        dates = [name for name, value in facts.items() if isinstance(value, date)]
        moved = dates[number % len(dates)] if dates else REPORTED
        yield {**facts, REPORTED: sides[3], moved: sides[(number + 1) % 4]}
        yield {name: value for name, value in facts.items() if name != moved}


def test_the_generated_code_decides_as_the_reference(dated_pack: Pack, claims: list[Facts]) -> None:
    generated = generate(dated_pack)
    differ = [facts for facts in claims if canonical(generated.decide(facts)) != canonical(decide(dated_pack, facts))]
    assert differ == []


def test_the_columns_decide_as_the_reference(dated_pack: Pack, claims: list[Facts]) -> None:
    amounts = prepare(dated_pack).decide(batch_of_facts(dated_pack, claims))
    for row, facts in enumerate(claims):
        decision = decide(dated_pack, facts)
        reasons = decision.reasons if isinstance(decision, Referral) else ()
        assert int(amounts.total_fen[row]) == decision.total_fen
        assert amounts.reasons_of(row) == tuple(dict.fromkeys(reason.rule for reason in reasons))


def test_the_claims_meet_every_side(dated_pack: Pack, claims: list[Facts]) -> None:
    texts = [
        text
        for facts in claims
        for result in decide(dated_pack, facts).liabilities
        for step in result.steps
        for text in [step.reason.en]
    ]
    told = " ".join(texts)
    assert f"version of {OLD}" in told
    assert f"version of {NEW}" in told
    assert f"is laid down from {OLD} on" in told
    assert '"date of the report" is missing' in told
