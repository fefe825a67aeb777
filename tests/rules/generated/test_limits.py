"""Rules at the edge of what can be generated: long conditions, deep formulas, numbers of many digits. Never another answer."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest

from rules.engine import ElementId, PackError
from rules.engine.generated import generate
from tests.rules.generated.comparing import alike
from tests.rules.generated.small_packs import amount, rule, small_pack

FACTS: dict[str, Any] = {
    "plan": "P", "claim_types": ("c",), "bill": "1", "d": date(2024, 1, 1), "e": date(2024, 3, 1), "x": Decimal("1.5"),
    "y": Decimal(-2), "m": 12_345, "n": 700, "p": True, "q": False, "t": "C50", "xs": (Decimal(1),), "ms": (5, 6),
}  # fmt: skip

LONG = {
    "tests that read": f"not(x in ({', '.join(f'< y - {at}' for at in range(150))}))",
    "tests of constants": f"x in ({', '.join(f'< {at - 99}' for at in range(240))})",
    "values": f"x in ({', '.join(f'{at}.5' for at in range(300))})",
    "a chain of ands": " and ".join(f"x > {-at}" for at in range(1, 100)),
    "a chain of ors": " or ".join(f"x < {-at} and p" for at in range(1, 60)) + " or true",
    "a long sum": " + ".join(["x"] * 180) + " > 0",
    "nested choices": "if p then true else " * 50 + "q",
    "nested lists": "every i in xs satisfies i in (xs, [0..2])",
}


@pytest.mark.parametrize("name", LONG)
def test_long_and_deep_conditions_are_decided_alike(name: str) -> None:
    try:
        pack = small_pack(
            [rule("held", "gate", "bool", expression=LONG[name]), amount("add", "amount + m")], ["held", "add"]
        )
    except PackError as problem:
        assert "too_deep" in str(problem)  # noqa: PT017 - no pack, nothing to compare
        return
    generated = generate(pack)
    alike(pack, generated, FACTS)
    alike(pack, generated, {**FACTS, "p": False, "x": Decimal(-500)})
    for left_out in ("x", "y", "p", "q", "m", "xs"):
        alike(pack, generated, {name: fact for name, fact in FACTS.items() if name != left_out})


def test_numbers_of_more_digits_than_are_kept_are_left_to_the_reference() -> None:
    product = " * ".join(["x"] * 40)
    pack = small_pack([amount("huge", f"amount + m * min({product}, 3)")], ["huge"])
    generated = generate(pack)
    assert not alike(pack, generated, {**FACTS, "x": Decimal("999.999")})
    assert "the reference decides" in generated.source("P", "benefit")
    assert generated.total({ElementId(name): fact for name, fact in FACTS.items()}) is None


def test_money_beyond_its_range_declines() -> None:
    pack = small_pack(
        [amount("large", "amount + round half up(m * 1000000, 2) + round half up(n * 1000000, 2)")], ["large"]
    )
    generated = generate(pack)
    assert alike(pack, generated, FACTS)
    assert not alike(pack, generated, {**FACTS, "m": 1_000_000_000 - 1, "n": 10**9})


def test_a_formula_of_many_paths_is_decided_alike() -> None:
    """Each figure is read on both sides of a choice: what is known on which path must not be mixed up."""
    rules = [rule("v0", "value", "number", expression="x + y")]
    for at in range(1, 7):
        choice = (
            f"if {'pq'[at % 2]} and v{at - 1} > {at} then v{at - 1} * 2 else (if x > {at} then y else v{at - 1} - 1)"
        )
        rules.append(rule(f"v{at}", "value", "number", expression=choice))
    rules.append(amount("use", "amount + abs(m * (if v6 > v3 then v6 else v5 + v1))"))
    pack = small_pack(rules, ["use"])
    generated = generate(pack)
    for x in ("-9", "0", "0.5", "3", "8.125", "77"):
        for y in ("-9", "0", "4", "100"):
            for p in (True, False):
                for q in (True, False):
                    assert alike(pack, generated, {**FACTS, "x": Decimal(x), "y": Decimal(y), "p": p, "q": q})


def test_more_paths_than_can_be_written_down_are_left_to_the_reference() -> None:
    rules = [rule("v0", "value", "number", expression="x + y")]
    for at in range(1, 20):
        choice = (
            f"if {'pq'[at % 2]} and v{at - 1} > {at} then v{at - 1} * 2 else (if x > {at} then y else v{at - 1} - 1)"
        )
        rules.append(rule(f"v{at}", "value", "number", expression=choice))
    rules.append(amount("use", "amount + abs(m * v19)"))
    pack = small_pack(rules, ["use"])
    generated = generate(pack)
    assert not alike(pack, generated, FACTS)
    assert "the reference decides" in generated.source("P", "benefit")


def test_a_gate_worked_out_on_two_paths_vouches_for_neither() -> None:
    """``both`` holds by ``v`` on one path and is worked out afresh on another: only one of them has looked at ``far``."""
    rules = [
        rule("far", "value", "number", expression="if p then x else y"),
        rule("both", "gate", "bool", expression="x > 0 and (if q then far > 0 else m > 1.00 yuan)"),
        rule("first", "value", "bool", expression="if q then (far > -5 and both) else both"),
        rule("second", "value", "bool", expression="if p then both else (y > -100 and both)"),
        amount("use", "amount + (if both then m else n) + (if far > 3 then n else m)"),
    ]
    for steps in (
        ["first", "both", "use"],
        ["second", "first", "both", "use"],
        ["second", "both", "use"],
        ["both", "use"],
    ):
        pack = small_pack(rules, steps)
        generated = generate(pack)
        for x in ("-1", "2", "7"):
            for p in (True, False):
                for q in (True, False):
                    facts = {**FACTS, "x": Decimal(x), "p": p, "q": q}
                    assert alike(pack, generated, facts)
                    alike(pack, generated, {name: fact for name, fact in facts.items() if name != "y"})
