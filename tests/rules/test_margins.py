"""How near a step is to another outcome: the distance told is the distance that turns it, and telling it decides nothing."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, timedelta
from decimal import Decimal

import msgspec
import pytest

from rules.engine import (
    Decision,
    ElementId,
    Pack,
    Step,
    Unit,
    Value,
    canonical,
    decide,
    decode_facts,
    load_pack,
    read_decision,
)
from rules.engine.document import PackTest, RuleKind
from rules.engine.model import Margin, MarginKind
from tests.rules.conftest import FactsOf
from tests.rules.edited_packs import by_id, changed
from tests.worked_cases import cases, each_of
from tests.worked_cases import pack as sample

Facts = dict[ElementId, Value]


def steps(decision: Decision) -> Iterator[Step]:
    for result in decision.liabilities:
        yield from result.steps


def margin(decision: Decision, rule: str) -> Margin | None:
    found = next(step.margin for step in steps(decision) if step.rule == rule)
    return found if isinstance(found, Margin) else None


def told(decision: Decision, rule: str) -> tuple[MarginKind, str, Unit, str]:
    found = margin(decision, rule)
    assert found is not None
    return found.kind, found.distance, found.unit, found.at


@pytest.mark.parametrize(
    ("case", "rule", "expected"),
    [
        ("B-4 last waiting day in a leap year", "waiting", (MarginKind.FAILS, "0", Unit.DAY, "2024-03-01")),
        ("B-4 the day after", "waiting", (MarginKind.HOLDS, "1", Unit.DAY, "2024-03-01")),
        ("B-2 the earlier stay itself", "year_deductible", (MarginKind.STILL, "364925", Unit.FEN, "1000000")),
        ("A-1 settled by social insurance", "medical_limit", (MarginKind.LEFT, "1866796.4", Unit.FEN, "2000000")),
        ("A-3 yearly limit", "medical_limit", (MarginKind.OVER, "136000", Unit.FEN, "80000")),
        ("D-1 tiers", "tiers", (MarginKind.NEXT, "1765433", Unit.FEN, "3000000")),
        ("D-5 age 9, other insurer paid 100,000", "minor_cap", (MarginKind.NEXT, "1", Unit.COUNT, "10")),
        ("A-5 death on day 181", "died_in_time", (MarginKind.FAILS, "1", Unit.DAY, "2024-02-29")),
        ("A cash, day limits", "cash_days_accident", (MarginKind.OVER, "6", Unit.DAY, "4")),
        ("E-3 death on the last day of grace", "policy_not_suspended", (MarginKind.HOLDS, "0", Unit.DAY, "2024-05-14")),
    ],
)
def test_margins_of_worked_cases(
    pack: Pack, facts_of: FactsOf, case: str, rule: str, expected: tuple[MarginKind, str, Unit, str]
) -> None:
    assert told(decide(pack, facts_of(case)), rule) == expected


def test_days_to_an_edge_are_those_between_the_dates_and_past_it_where_only_the_next_day_turns(
    pack: Pack, facts_of: FactsOf
) -> None:
    # The cover begins on 2023-07-01, that day included.
    name = "A-1 settled by social insurance"
    for day, expected in (
        (date(2023, 9, 2), ("63", True)),
        (date(2023, 7, 1), ("0", True)),
        (date(2023, 6, 30), ("1", False)),
    ):
        found = margin(decide(pack, facts_of(name, accident_date=day)), "cover_accident")
        assert found is not None
        assert found.at == "2023-07-01"
        assert (found.distance, found.beyond) == expected


def test_a_margin_says_what_is_measured_in_both_languages(pack: Pack, facts_of: FactsOf) -> None:
    found = margin(decide(pack, facts_of("B-4 the day after")), "waiting")
    assert found is not None
    assert (found.what.zh, found.what.en) == ("首次确诊日期", "date of first diagnosis")
    left = margin(decide(pack, facts_of("A-1 settled by social insurance")), "medical_limit")
    assert left is not None
    assert left.what.zh.endswith("余额") and left.what.en.endswith(" left")  # noqa: PT018 - one name, two languages


@each_of(cases)
def test_moving_a_date_by_its_margin_turns_the_gate_and_a_day_less_does_not(test: PackTest) -> None:
    pack = sample()
    facts = dict(decode_facts(pack, msgspec.json.encode(test.facts)))
    decision = decide(pack, facts)
    elements = {spec.name: name for name, spec in pack.elements.items()}
    for step in steps(decision):
        found = step.margin
        if not isinstance(found, Margin) or pack.rules[step.rule].spec.kind is not RuleKind.GATE:
            continue
        element = elements.get(found.what)
        before = facts.get(element) if element else None
        if element is None or not isinstance(before, date):
            continue
        edge = date.fromisoformat(found.at)
        assert int(found.distance) == abs((edge - before).days), step.rule
        distance = int(found.distance) + found.beyond
        # Towards the edge; where the value stands on it, or is beyond it, the way is the other one.
        answers = {
            (away, direction): value_of(pack, facts | {element: before + timedelta(days=direction * away)}, step.rule)
            for away in (distance, distance - 1)
            for direction in (-1, 1)
        }
        moved = {answers[distance, -1], answers[distance, 1]}
        assert moved - {step.value}, (step.rule, edge)
        for direction in (-1, 1):
            if answers[distance - 1, direction] is not None:
                assert answers[distance - 1, direction] == step.value, step.rule


def value_of(pack: Pack, facts: Facts, rule: str) -> str | None:
    """The gate's answer, None where the changed date stops the case before it."""
    return next((step.value for step in steps(decide(pack, facts)) if step.rule == rule and step.value), None)


def test_the_edge_of_a_limit_is_where_the_payment_stops_growing(pack: Pack, facts_of: FactsOf) -> None:
    name = "A-1 settled by social insurance"
    left = margin(decide(pack, facts_of(name)), "medical_limit")
    assert left is not None
    room = int(Decimal(left.distance) / Decimal("0.9"))
    total = int(facts_of(name)[ElementId("bill_total")])  # type: ignore[arg-type]  # fen
    within = decide(pack, facts_of(name, bill_total=total + room))
    beyond = decide(pack, facts_of(name, bill_total=total + room + 100))
    assert (told(within, "medical_limit")[0], told(beyond, "medical_limit")[0]) == (MarginKind.LEFT, MarginKind.OVER)


def test_margins_change_no_sum_and_ask_for_nothing(pack: Pack, facts_of: FactsOf) -> None:
    """A condition that was not looked at is not looked at for a margin: an adult needs no parent."""
    facts = facts_of("A-5 death on day 180 after case 4")
    fewer = {name: value for name, value in facts.items() if name != "policyholder_is_parent"}
    whole, less = decide(pack, facts), decide(pack, fewer)
    assert list(steps(whole)) == list(steps(less))
    assert margin(whole, "minor_by_parent") is None


def test_old_decisions_decode_and_keep_their_bytes(pack: Pack, facts_of: FactsOf) -> None:
    decision = decide(pack, facts_of("B-4 the day after"))
    old = msgspec.json.decode(canonical(decision))
    for result in old["liabilities"]:
        for step in result["steps"]:
            step.pop("margin", None)
    raw = msgspec.json.encode(old)
    again = read_decision(raw)
    assert canonical(again) == raw
    assert all(step.margin is msgspec.UNSET for step in steps(again))
    assert read_decision(canonical(decision)) == decision


def test_a_condition_made_of_very_many_parts_has_no_margin_and_still_decides() -> None:
    def widen(document: dict[str, object]) -> None:
        rule = by_id(document, "rules", "by_accident")
        rule["expression"] = "accident"
        rules = document["rules"]
        assert isinstance(rules, list)
        previous = "accident_date >= policy_effective"
        for place in range(12):
            rules.append(
                {**rule, "id": f"doubled_{place}", "kind": "value", "expression": f"({previous}) and ({previous})"}
            )
            previous = f"doubled_{place}"
        rule["expression"] = f"accident and {previous}"

    wide = load_pack(changed(widen))
    test = next(each for each in wide.tests if each.name == "A-1 settled by social insurance")
    decision = decide(wide, decode_facts(wide, msgspec.json.encode(test.facts)))
    assert decision.total_fen == 133_204
    assert margin(decision, "by_accident") is None
