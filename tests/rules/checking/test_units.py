"""Units that do not fit their types or their use."""

from __future__ import annotations

import pytest

from rules.checking import units
from tests.rules.checking.broken_packs import give_all_parameters, loaded, rule
from tests.rules.edited_packs import Change, Document, by_id


def _text(change: Change) -> list[tuple[str, str]]:
    def changed_and_complete(document: Document) -> None:
        give_all_parameters(document)
        change(document)

    found = units.findings(loaded(changed_and_complete))
    return [(finding.part, finding.text.en) for finding in found if finding.blocking]


def test_days_less_a_ratio() -> None:
    def change(document: Document) -> None:
        rule(document, "days_due")["expression"] = "max(0, stay_days - ratio_si)"

    assert _text(change) == [
        ("rule days_due", "`ratio_si` is a ratio where days is meant: correct the unit or the formula")
    ]


@pytest.mark.parametrize(
    ("layer", "name", "unit", "said", "meant"),
    [
        ("elements", "bill_total", "day", "days", "money"),
        ("elements", "accident", "fen", "money", "yes/no is meant"),
        ("parameters", "ratio_si", "fen", "money", ""),
        ("rules", "stay_days", "text", "text", ""),
    ],
)
def test_a_unit_that_the_type_cannot_count(layer: str, name: str, unit: str, said: str, meant: str) -> None:
    found = _text(lambda document: by_id(document, layer, name).update(unit=unit))
    assert any(
        part.endswith(f" {name}") and f"the unit is {said}, which does not fit the type; {meant}" in text
        for part, text in found
    )


@pytest.mark.parametrize(
    ("name", "expression", "piece"),
    [
        ("ratio", "if si_settled then ratio_si else waiting_days", "waiting_days"),
        ("free_days", "if accident then 0 else mild_times", "if accident then 0 else mild_times"),
        ("waiting_last_day", "last waiting day(policy_effective, ratio_si)", "ratio_si"),
        ("is_minor", "age at(birth_date, death_date) < waiting_days", "waiting_days"),
        ("stay_days", "max(1, count(claim_types))", "max(1, count(claim_types))"),
        ("mild_room", "mild_paid_count < waiting_days", "waiting_days"),
        ("cash_days_accident", "min(stay_days, cash_event_left, hospital_level)", "hospital_level"),
    ],
)
def test_a_use_that_does_not_fit(name: str, expression: str, piece: str) -> None:
    found = _text(lambda document: rule(document, name).update(expression=expression))
    assert (f"rule {name}", piece) in [(part, text.split("`")[1]) for part, text in found]


def test_a_pool_of_days_drawn_by_a_ratio() -> None:
    def change(document: Document) -> None:
        by_id(document, "liabilities", "student_cash")["draws"] = [{"pool": "cash_year", "amount": "ratio_si"}]

    assert [part for part, _ in _text(change)] == ["liability student_cash, draw on cash_year"]


def test_a_pool_whose_used_element_counts_something_else() -> None:
    found = _text(lambda document: by_id(document, "elements", "used_cash_year").update(unit="count"))
    assert ("pool cash_year", "used_cash_year") in [(part, text.split("`")[1]) for part, text in found]


@pytest.mark.parametrize(
    ("name", "expression"),
    [
        ("days_due", "max(0, stay_days - 2 * free_days)"),
        ("ratio", "ratio_si * ratio_si"),
        ("disability_sum", "sum_insured * disability_ratio * 0.5"),
        ("stay_days", "day count(admission_date, discharge_date) + 1"),
    ],
)
def test_what_fits_is_left_alone(name: str, expression: str) -> None:
    assert _text(lambda document: rule(document, name).update(expression=expression)) == []
