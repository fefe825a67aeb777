"""Decision tables over columns: every hit policy, cells that read names, values beside every bound."""

from __future__ import annotations

from decimal import localcontext
from random import Random
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.columns.building import Builder
from rules.columns.tables import table_piece
from rules.engine.intrinsics import INTRINSICS
from rules.engine.language import Aggregation, Failure, HitPolicy, LanguageError, Table, TableDefinition, compile_table
from rules.engine.language.exact import EXACT
from rules.engine.language.table_definition import TableInput, TableOutput, TableRow
from tests.rules.columns.random_expressions import NAMES, Grower
from tests.rules.columns.test_expressions import FAILED, by_columns, random_rows, resolved

INPUTS = {
    "m": ("0 yuan", "12.34 yuan", "10000000 yuan", "< 0.01 yuan", "[0 yuan..5 yuan)", ">= k", "ms", "!= 1 yuan"),
    "r": ("0", "2.5", "> 0.1234", "[-1..1]", "(n..50]", "ns", "< -0.0005", "not(0, 1)"),
    "n": ("0", "1", "[2..9]", "> 9", "< 0"),
    "d": ('@"2024-02-29"', '>= @"2010-01-01"', "< e", "ds", '[@"1990-01-01"..@"2000-01-01")'),
    "s": ('"A"', '"住院"', 'not("A", "B")', '["A".."b"]', "t", "ss", '""'),
    "p": ("true", "false"),
    "x": ("> 0.5 yuan", "< 0 yuan", "[0 yuan..1 yuan]"),
    "m * r": ("< 0 yuan", "[0 yuan..100.5 yuan]"),
    "(d - e).days": ("< 0", "[0..30]", "> 30.5"),
}
POLICIES = [
    (HitPolicy.UNIQUE, None),
    (HitPolicy.FIRST, None),
    (HitPolicy.ANY, None),
    *((HitPolicy.COLLECT, aggregation) for aggregation in Aggregation),
]


def grown_table(random: Random) -> Table | None:
    """Return a table grown by chance; None where it is refused."""
    names = random.sample(sorted(INPUTS), random.randint(1, 3))
    policy, aggregation = random.choice(POLICIES)
    grower = Grower(random)
    numbers = aggregation in (Aggregation.SUM, Aggregation.MIN, Aggregation.MAX)
    grow = random.choice(
        (grower.money, grower.number) if numbers else (grower.money, grower.number, grower.text, grower.truth)
    )

    def output() -> str:
        return grow(random.choice((0, 0, 0, 2)))

    constants = random.random() < 0.5

    def cell(name: str) -> str:
        if random.random() < 0.3:
            return "-"
        choices = [
            each
            for each in INPUTS[name]
            if not constants or not set(each.split("(")[-1].strip("]>=< ").split("..")) & NAMES.keys()
        ]
        return random.choice(choices)

    definition = TableDefinition(
        hit_policy=policy,
        aggregation=aggregation,
        inputs=tuple(
            TableInput(expression=name, allowed="[-20..40]" if name == "r" and random.random() < 0.3 else None)
            for name in names
        ),
        outputs=(TableOutput(name="out", default=output() if random.random() < 0.5 else None),),
        rows=tuple(TableRow(when=tuple(map(cell, names)), then=(output(),)) for _ in range(random.randint(1, 7))),
    )
    try:
        return compile_table(definition, NAMES, INTRINSICS)
    except LanguageError:
        return None


def by_reference(table: Table, rows: list[dict[str, Any]]) -> list[Any]:
    found: list[Any] = []
    for row in rows:
        try:
            with localcontext(EXACT):
                found.append(table.evaluate(row).values[0])
        except Failure:
            found.append(FAILED)
    return found


def compare(table: Table, rows: list[dict[str, Any]]) -> list[Any]:
    builder = Builder(lambda read: resolved(read.name))
    piece = table_piece(table, builder.node, builder)
    expected = by_reference(table, rows)
    assert by_columns(piece, []) == []
    # Twice: the second look-up is from memory.
    for _ in range(2):
        for row, one, other in zip(rows, expected, by_columns(piece, rows), strict=True):
            assert one == other, f"{table.definition} of {row}"
    return expected


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.1]))
@settings(max_examples=60, deadline=None)
def test_tables_grown_by_chance_find_what_the_reference_finds(seed: int, missing: float) -> None:
    random = Random(seed)
    rows = random_rows(random, missing)
    for _ in range(8):
        table = grown_table(random)
        if table is not None:
            compare(table, rows)


@pytest.mark.parametrize("policy", POLICIES, ids=str)
def test_every_policy_is_reached_with_values_and_failures(policy: tuple[HitPolicy, Aggregation | None]) -> None:
    random, values, failures = Random(11), 0, 0
    for _ in range(250):
        table = grown_table(random)
        if table is None or (table.definition.hit_policy, table.definition.aggregation) != policy:
            continue
        found = compare(table, random_rows(random, 0.0))
        values += sum(item is not FAILED for item in found)
        failures += sum(item is FAILED for item in found)
    assert values > 50
    assert failures > 10 or policy[1] is Aggregation.COUNT


def test_many_combinations_of_constants_are_looked_up_one_by_one() -> None:
    rows = tuple(
        TableRow(when=(f"[{low}..{low + 1})", f"{low * 3} yuan", f'@"20{10 + low}-01-01"'), then=(str(low),))
        for low in range(20)
    )
    definition = TableDefinition(
        hit_policy=HitPolicy.FIRST,
        inputs=(TableInput(expression="r"), TableInput(expression="m"), TableInput(expression="d")),
        outputs=(TableOutput(name="out", default="-1"),),
        rows=(*rows, *(TableRow(when=(f"{each}", "-", "-"), then=("7",)) for each in range(-40, 40))),
    )
    random = Random(3)
    found = compare(
        compile_table(definition, NAMES, INTRINSICS), [row for _ in range(8) for row in random_rows(random, 0.0)]
    )
    assert {-1, 7} <= set(found)
