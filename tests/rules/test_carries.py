"""What a pack says other claims hear of a benefit: checked when it loads, and each of the sample's is heard."""

from __future__ import annotations

from decimal import Decimal
from typing import Any

import msgspec
import pytest

from rules.engine import ElementId, PackError, Value, decide, decode_facts, load_pack
from rules.engine.coordinate import InfluenceKind, PolicyClaim, coordinate
from rules.engine.document import CarryWhen, ValueType
from rules.engine.pack import Carry, Liability
from rules.tools.sample import sample_pack_bytes
from tests.rules.edited_packs import by_id, changed

PACK = load_pack(sample_pack_bytes())
LIABILITIES = {liability.spec.id: liability for plan in PACK.plans.values() for liability, _ in plan.liabilities}
CARRIES = [(liability, carry) for liability in LIABILITIES.values() for carry in liability.carries]


def paying_case(liability: Liability) -> dict[ElementId, Value]:
    """A worked case in which the benefit pays, and only it."""
    for test in PACK.tests:
        facts = dict(decode_facts(PACK, msgspec.json.encode(test.facts)))
        paid = [result.liability for result in decide(PACK, facts).liabilities if result.amount_fen]
        if paid == [liability.spec.id]:
            return facts
    raise AssertionError(liability.spec.id)


@pytest.mark.parametrize(
    ("liability", "carry"), CARRIES, ids=[f"{liability.spec.id}-{carry.spec.element}" for liability, carry in CARRIES]
)
def test_every_carry_of_the_sample_reaches_another_claim(liability: Liability, carry: Carry) -> None:
    element = ElementId(carry.spec.element)
    spec = PACK.elements[element]
    zeros: dict[ValueType, Value] = {ValueType.BOOL: False, ValueType.NUMBER: Decimal(0), ValueType.MONEY: 0}
    stated = zeros[spec.type]
    if carry.spec.step is not None:
        stated = 1_000
    facts = paying_case(liability)
    facts[element] = stated
    if carry.spec.when is CarryWhen.OPEN:
        facts[ElementId("possible_exclusion")] = True
    run = coordinate([PolicyClaim("P-1", PACK, facts, claim_no=number) for number in ("1", "2")])
    heard = [each for each in run[1].influences if each.element == element]
    assert heard
    assert {(each.kind, each.from_claim) for each in heard} >= {(InfluenceKind.CARRIED, "P-1 #1")}
    assert all(each.amount is not None and each.amount != 0 for each in heard)
    assert run[1].claim.facts[element] != stated


BAD: list[tuple[str, dict[str, Any], str]] = [
    ("an element that is not there", {"element": "no_such"}, "unknown_name"),
    ("an element that cannot be added to", {"element": "death_date"}, "unknown_name"),
    ("a list", {"element": "disability_grades"}, "unknown_name"),
    ("a step that the benefit does not take", {"step": "tiers"}, "bad_structure"),
    ("no step to be reached", {"step": None}, "bad_structure"),
    ("a step where none is reached", {"when": "paid"}, "bad_structure"),
    ("a value of another type", {"value": "true"}, "bad_expression"),
    ("a name that is not there", {"value": "no_such"}, "bad_expression"),
    ("the running sum", {"value": "amount"}, "bad_expression"),
    ("an element to compare that is not there", {"same": ["no_such"]}, "unknown_name"),
]


@pytest.mark.parametrize(
    ("change", "code"), [(change, code) for _, change, code in BAD], ids=[name for name, _, _ in BAD]
)
def test_a_carry_that_cannot_be_told_is_refused_when_the_pack_loads(change: dict[str, Any], code: str) -> None:
    def spoil(document: dict[str, Any]) -> None:
        carry = by_id(document, "liabilities", "accident_medical")["carries"][1]
        assert carry["step"] == "event_deductible"
        carry.update(change)

    with pytest.raises(PackError) as problem:
        load_pack(changed(spoil))
    assert problem.value.code == code
    assert "accident_medical" in problem.value.values["part"]


def test_claiming_alone_knows_no_sum() -> None:
    def spoil(document: dict[str, Any]) -> None:
        carry = by_id(document, "liabilities", "accident_medical")["carries"][1]
        carry.update({"when": "claimed", "step": None, "value": "paid"})

    with pytest.raises(PackError, match="bad_expression"):
        load_pack(changed(spoil))


def test_a_parameter_that_only_a_carry_reads_has_to_be_given_all_the_same() -> None:
    def spoil(document: dict[str, Any]) -> None:
        by_id(document, "liabilities", "student_medical")["carries"][0]["value"] = "deductible"

    with pytest.raises(PackError, match="missing_parameter"):
        load_pack(changed(spoil))


def test_no_name_of_a_pack_may_be_one_of_the_words_that_carries_read() -> None:
    def spoil(document: dict[str, Any]) -> None:
        by_id(document, "parameters", "cash_per_day")["id"] = "settled"

    with pytest.raises(PackError, match="twice"):
        load_pack(changed(spoil))
