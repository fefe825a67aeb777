"""Decision tables of every policy, dated parameters, rule versions and pools: generated code and the reference come to the same."""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import find, given, settings

from rules.engine.generated import generate
from tests.rules.generated.comparing import alike
from tests.rules.generated.small_packs import Spec, amount, rule, small_pack
from tests.rules.generated.test_random_rules import FACTS

Row = tuple[tuple[str, ...], str]


def table(policy: str, inputs: list[str], rows: list[Row], default: str | None = None, **more: Any) -> Spec:
    outputs: Spec = {"name": "o"} if default is None else {"name": "o", "default": default}
    lines = [{"when": list(when), "then": [then]} for when, then in rows]
    columns = [{"expression": text} if "|" not in text else _allowed(text) for text in inputs]
    return {"hit_policy": policy, "inputs": columns, "outputs": [outputs], "rows": lines, **more}


def _allowed(text: str) -> Spec:
    expression, _, allowed = text.partition("|")
    return {"expression": expression, "allowed": allowed}


TEXT_ROWS: list[Row] = [
    (('"C50"', "< 0"), "0.5"),
    (('"C50"', ">= 0"), "0.75"),
    (('not("C50", "x")', "-"), "1"),
    (('"x"', "-"), "2"),
]
TABLES: dict[str, tuple[str, Spec]] = {
    "unique, text and number": ("number", table("unique", ["t", "x"], TEXT_ROWS)),
    "unique, allowed values": ("number", table("unique", ['t|"C50", "x"', "x"], TEXT_ROWS[:2] + TEXT_ROWS[3:])),
    "unique with a default of finer scale": ("number", table("unique", ["t", "x"], TEXT_ROWS[:2], "0.125")),
    "unique with a default that reads": ("number", table("unique", ["t", "x"], TEXT_ROWS[:2], "y + inner")),
    "no row, no default": ("number", table("unique", ["t"], [(('"C50"',), "1")])),
    "first": ("number", table("first", ["x"], [(("> 100",), "1"), (("> 0",), "2"), (("-",), "3")])),
    "any, agreeing and not": (
        "number",
        table("any", ["x"], [(("> 0",), "1"), (("> 10",), "1"), (("> 100",), "2")], "0"),
    ),
    "sum": ("money", table("collect", ["x"], [(("> 0",), "1.00 yuan"), (("> 10",), "2.50 yuan")], aggregation="sum")),
    "sum with a default": (
        "money",
        table("collect", ["x"], [(("> 0",), "1.00 yuan"), (("> 10",), "9.00 yuan")], "7.00 yuan", aggregation="sum"),
    ),
    "count": ("number", table("collect", ["x"], [(("> 0",), "1"), (("> 10",), "2")], aggregation="count")),
    "max": ("number", table("collect", ["x"], [(("> 0",), "1.5"), (("> 10",), "2")], aggregation="max")),
    "min of dates": (
        "date",
        table(
            "collect", ["x"], [(("> 0",), 'date("2024-02-29")'), (("> 10",), 'date("2023-02-28")')], aggregation="min"
        ),
    ),
    "cells that read names": (
        "number",
        table("unique", ["x", "m"], [(("< y", "-"), "1"), ((">= y", "< n"), "2"), ((">= y", ">= n"), "3.25")]),
    ),
    "cells that read rules, first": (
        "number",
        table(
            "first",
            ["x", "p"],
            [(("> inner", "-"), "1"), (("-", "true"), "2"), (("in_list", "-"), "3"), (("-", "-"), "4")],
        ),
    ),
    "outputs that read": ("number", table("unique", ["p"], [(("true",), "x * 2"), (("false",), "inner + y")])),
    "outputs that read, first": ("number", table("first", ["x"], [(("> y",), "inner"), (("-",), "y")], "1")),
    "a list among cells": ("number", table("first", ["x"], [(("xs",), "1"), (("-",), "2")])),
    "texts": ("text", table("unique", ["p"], [(("true",), '"C50"'), (("false",), "t")])),
    "yes and no": ("bool", table("unique", ["m"], [(("< 5.00 yuan",), "true"), ((">= 5.00 yuan",), "false")])),
    "dates": ("bool", table("first", ["d"], [(('>= date("2024-01-01")',), "true"), (("-",), "p")])),
    "money by its cents": (
        "exact_money",
        table("unique", ["m * 1"], [(("< 5.01 yuan",), "m * 0.5"), ((">= 5.01 yuan",), "m")]),
    ),
    "durations": ("number", table("first", ["d - e"], [(('> duration("P30D")',), "1"), (("-",), "2")])),
}
USES = {
    "number": "amount + abs(m) * abs(looked_up)",
    "money": "amount + abs(looked_up)",
    "exact_money": "amount + abs(looked_up)",
    "text": 'if looked_up = "C50" then amount + abs(m) else amount',
    "bool": "if looked_up then amount + abs(m) else amount",
    "date": "if looked_up > d then amount + abs(m) else amount",
}


@pytest.mark.parametrize("name", TABLES)
def test_a_table_is_looked_up_alike(name: str) -> None:
    kind, definition = TABLES[name]
    rules = [
        rule("inner", "value", "number", expression="if p then x else y"),
        rule("in_list", "value", "number", expression="y / 2"),
        rule("looked_up", "value", kind, table=definition),
        rule("conditional", "gate", "bool", expression="q or looked_up = looked_up"),
        amount("use", USES[kind], applied={"zh": "{looked_up}", "en": "{inner} and {looked_up}"}),
    ]
    pack = small_pack(rules, ["conditional", "use"])
    generated = generate(pack)

    @given(FACTS)
    @settings(max_examples=60, deadline=None)
    def compare(facts: dict[str, object]) -> None:
        alike(pack, generated, facts)

    compare()
    # Generated code has to decide some cases itself; ``find`` raises when there is none.
    assert find(
        FACTS, lambda facts: alike(pack, generated, facts), settings=settings(max_examples=5_000, deadline=None)
    )


def test_two_rows_of_a_unique_table_decline() -> None:
    definition = table("unique", ["x"], [(("< y",), "1"), (("< n_number",), "2")])
    rules = [
        rule("n_number", "value", "number", expression="y + 1"),
        rule("looked_up", "value", "number", table=definition),
        amount("use", "amount + m * abs(looked_up)"),
    ]
    pack = small_pack(rules, ["use"])
    facts = {
        "plan": "P",
        "claim_types": ("c",),
        "bill": "1",
        "d": date(2024, 1, 1),
        "x": Decimal(0),
        "y": Decimal(5),
        "m": 5,
    }
    generated = generate(pack)
    assert generated.total(facts) is None  # type: ignore[arg-type]
    assert not alike(pack, generated, facts)
    assert alike(pack, generated, {**facts, "x": Decimal("5.5")})


def dated(*values: tuple[str, object]) -> Spec:
    return {"values": [{"valid_from": day, "value": value} for day, value in values]}


def test_dated_parameters_and_versions_follow_their_dates() -> None:
    parameters = {
        "ratio": ("number", dated(("2021-01-01", "0.5"), ("2023-07-01", "0.75"), ("2025-01-01", "1"))),
        "note": ("text", dated(("2000-01-01", "C50"), ("2024-01-01", "x"))),
        "steps_of": ("moneys", dated(("2020-01-01", [100]), ("2024-01-01", [100, 200]))),
    }
    old = table("unique", ["p"], [(("true",), "1"), (("false",), "2.5")])
    new = table("unique", ["q"], [(("true",), "3"), (("false",), "4")])
    rules = [
        rule(
            "versioned",
            "value",
            "number",
            date_basis="accident",
            versions=[{"valid_from": "2021-01-01", "table": old}, {"valid_from": "2024-01-01", "table": new}],
        ),
        rule(
            "formula",
            "value",
            "number",
            versions=[
                {"valid_from": "2020-06-01", "expression": "ratio * 2"},
                {"valid_from": "2024-03-01", "expression": "ratio + versioned"},
            ],
        ),
        amount("use", "amount + abs(m) * ratio * formula", shows="ratio"),
        amount("use_accident", "if note = t then amount + sum(steps_of) else amount * ratio", date_basis="accident"),
    ]
    pack = small_pack(rules, ["use", "use_accident"], parameters=parameters)
    generated = generate(pack)
    base = {
        "plan": "P", "claim_types": ("c",), "bill": "1", "x": Decimal(1), "m": 12_345, "p": True, "q": False, "t": "x",
    }  # fmt: skip
    edges = [
        "2020-05-31",
        "2020-06-01",
        "2021-01-01",
        "2020-12-31",
        "2023-06-30",
        "2023-07-01",
        "2024-02-29",
        "2024-03-01",
        "2025-01-01",
    ]
    days = [date.fromisoformat(day) for day in edges]
    decided = [
        alike(pack, generated, {**base, "d": on, "e": accident, "t": text})
        for on in days
        for accident in days
        for text in ("x", "C50")
    ]
    assert 0 < sum(decided) < len(decided)
    assert not alike(pack, generated, {**base, "d": days[3]})


def test_pools_and_remainders_are_held_alike() -> None:
    pools = [
        {"id": name, "name": {"zh": name, "en": name}, "scope": "policy", "unit": unit, "used": used, **limit}
        for name, unit, used, limit in (
            ("sum", "fen", "n", {"limit": "if p then 100.00 yuan else m"}),
            ("days", "day", "x", {"limit": "limit_days"}),
            ("count", "fen", "m", {}),
        )
    ]
    rules = [
        rule("limit_days", "value", "number", expression="y + 10"),
        amount("add", "amount + abs(m) * 0.7"),
        amount("less", "amount - n", remainder="owed"),
        amount("capped", "if q then min(amount, sum_left) else amount", shows="sum_left"),
        rule("flag", "refer", "bool", expression="days_left < 3"),
    ]
    draws = [
        {"pool": "sum", "amount": "paid", "when": "q or x > 3"},
        {"pool": "days", "amount": "floor(y)"},
        {"pool": "count", "amount": "max(paid, 3.00 yuan)"},
    ]
    pack = small_pack(rules, ["add", "less", "capped", "flag"], pools=pools, draws=draws)
    generated = generate(pack)
    reached: list[bool] = []

    @given(FACTS)
    @settings(max_examples=100, deadline=None)
    def compare(facts: dict[str, object]) -> None:
        reached.append(alike(pack, generated, facts))

    compare()
    base = {
        "plan": "P",
        "claim_types": ("c",),
        "bill": "1",
        "d": date(2024, 1, 1),
        "p": True,
        "q": True,
        "x": Decimal(1),
    }
    for fen in range(0, 14_000, 1_771):
        for used in (-5, 0, 2_000, 9_999, 20_000):
            for days in ("-3", "0", "8.999", "9"):
                reached.append(alike(pack, generated, {**base, "m": fen, "n": used, "y": Decimal(days)}))
    assert 0 < sum(reached) < len(reached)
