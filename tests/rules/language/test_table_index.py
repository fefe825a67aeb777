"""The index of a table finds what the row by row look-up finds: every policy, on and beside every bound, failures included."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

import pytest
from hypothesis import event, given
from hypothesis import strategies as st

from rules.engine.language import (
    Aggregation,
    Days,
    Failure,
    FailureCode,
    HitPolicy,
    LanguageError,
    Months,
    Table,
    TableDefinition,
    Type,
    Value,
    compile_table,
)
from rules.engine.language.table_index import TableIndex, index_of
from rules.engine.language.value_types import Kind

from .test_tables import define

NAMES = {
    "age": Type.NUMBER,
    "kind": Type.TEXT,
    "bill": Type.MONEY,
    "rest": Type.EXACT_MONEY,
    "day": Type.DATE,
    "stay": Type.DAYS,
    "term": Type.MONTHS,
    "public": Type.BOOL,
    "limit": Type.NUMBER,
    "cap": Type.MONEY,
    "codes": Type.list_of(Type.TEXT),
    "since": Type.DATE,
    "not_there": Type.NUMBER,
}
LITERALS: dict[str, tuple[str, ...]] = {
    "age": ("0", "1", "2.5", "2.50", "3", "-1", "17.99"),
    "kind": ('"A"', '"B"', '"C00"', '"C98"', '"住院"', '""'),
    "bill": ("0 yuan", "0.01 yuan", "1 yuan", "10.50 yuan"),
    "rest": ("0 yuan", "0.01 yuan", "1 yuan"),
    "day": ('date("2024-02-28")', '@"2024-02-29"', 'date("2024-03-01")', 'date("9999-12-31")', 'date("0001-01-01")'),
    "stay": ('duration("P0D")', 'duration("P30D")', '@"-P1D"'),
    "term": ('duration("P1M")', 'duration("P1Y")', '@"P12M"'),
    "public": ("true", "false"),
}
READING = {
    "age": ("limit", "limit + 1", "not_there"),
    "kind": ("codes",),
    "bill": ("cap", "cap * 0.5"),
    "day": ("since",),
}
ENV: dict[str, Value] = {
    "limit": Decimal("2.5"),
    "cap": 100,
    "codes": ("A", "住院"),
    "since": date(2024, 2, 29),
}
ORDERS = ("<", "<=", ">", ">=")


def beside(value: Any, kind: Kind) -> list[Any]:  # noqa: PLR0911 - one return a type, in one view
    """Return a constant and its neighbours on both sides."""
    match kind:
        case Kind.NUMBER | Kind.EXACT_MONEY:
            return [value, Decimal(value) + Decimal("0.001"), Decimal(value) - Decimal("0.001")]
        case Kind.MONEY:
            return [value, value + 1, value - 1]
        case Kind.TEXT:
            return [value, value + "\u0001", value[:-1]]
        case Kind.DATE:
            near = [value]
            near += [value + timedelta(days=1)] if value < date.max else []
            return near + ([value - timedelta(days=1)] if value > date.min else [])
        case Kind.DAYS:
            return [value, Days(value.days + 1), Days(value.days - 1)]
        case Kind.MONTHS:
            return [value, Months(value.months + 1), Months(value.months - 1)]
        case _:
            return [True, False]


def values_of(table: Table, column: int) -> list[Any]:
    """Return what to try in a column: around every constant of its cells, and of cells that are not its own."""
    kind = table.inputs[column].type.kind
    literals = [
        compile_table(define(HitPolicy.ANY, [name], [([literal], ["1"])]), NAMES) for name, literal in PROBES[kind]
    ]
    tried: list[Any] = []
    for each in (table, *literals):
        for row in each.cells:
            cell = row[column if each is table else 0]
            for constant in (cell.constants() if cell else None) or ():
                tried += beside(Decimal(constant) if kind is Kind.EXACT_MONEY else constant, kind)
    return tried


PROBES = {NAMES[name].kind: [(name, literal) for literal in literals] for name, literals in LITERALS.items()}


@st.composite
def cells(draw: st.DrawFn, name: str) -> str:
    literals = st.sampled_from(
        LITERALS[name] + READING.get(name, ()) if draw(st.integers(0, 2)) == 0 else LITERALS[name]
    )
    ordered = name != "public"

    def test() -> str:
        shape = draw(st.integers(0, 4 if ordered else 1))
        if shape == 0:
            return draw(literals)
        if shape == 1:
            return f"!= {draw(literals)}"
        if shape == 2:
            return f"{draw(st.sampled_from(ORDERS))} {draw(literals)}"
        opening, closing = draw(st.sampled_from("[(")), draw(st.sampled_from(")]"))
        return f"{opening}{draw(literals)}..{draw(literals)}{closing}"

    if draw(st.integers(0, 3)) == 0:
        return "-"
    tests = [test() for _ in range(draw(st.integers(1, 3)))]
    if any(reading in each for each in tests for reading in ("codes",)):
        tests = ["codes"]
    text = ", ".join(tests)
    return f"not({text})" if draw(st.booleans()) else text


@st.composite
def definitions(draw: st.DrawFn) -> TableDefinition:
    columns = draw(st.lists(st.sampled_from(sorted(LITERALS)), min_size=1, max_size=3))
    policy = draw(st.sampled_from(HitPolicy))
    rows = []
    for number in range(draw(st.integers(1, 8))):
        when = [draw(st.just("-") | cells(name)) for name in columns]
        try:
            compile_table(define(HitPolicy.ANY, columns, [(when, ["1"])]), NAMES)
        except LanguageError as problem:
            # An interval written backwards.
            if problem.code != "bad_literal":
                raise
            when = ["-"] * len(columns)
        rows.append((when, [str(number % 3)]))
    aggregation = Aggregation.SUM if policy is HitPolicy.COLLECT else None
    return define(policy, columns, rows, aggregation=aggregation)


def outcome(find: Any, *arguments: Any) -> object:
    try:
        return find(*arguments)
    except Failure as problem:
        return (problem.failure_code, problem.place, problem.detail)


@given(st.data(), definitions())
def test_the_index_finds_what_looking_at_every_row_finds(data: st.DataObject, definition: TableDefinition) -> None:
    table = compile_table(definition, NAMES)
    index = index_of(table)
    choices = [st.sampled_from(values_of(table, column)) for column in range(len(table.inputs))]
    for _ in range(8):
        values = data.draw(st.tuples(*choices))
        expected = outcome(table.hits, values, ENV)
        assert outcome(index.rows, values, ENV) == expected
        if isinstance(expected, tuple) and all(isinstance(row, int) for row in expected):
            event(f"{table.definition.hit_policy}, {min(len(expected), 2)} hits, closed: {index.is_closed}")


@pytest.mark.parametrize("policy", HitPolicy)
@pytest.mark.parametrize(("age", "rows"), [("1", ()), ("5", (0,)), ("10", (0, 1, 2)), ("11", (1,))])
def test_no_hit_one_hit_and_several(policy: HitPolicy, age: str, rows: tuple[int, ...]) -> None:
    aggregation = Aggregation.SUM if policy is HitPolicy.COLLECT else None
    lines = [(["[5..10]"], ["1"]), ([">= 10"], ["2"]), (["10"], ["3"])]
    table = compile_table(define(policy, ["age"], lines, aggregation=aggregation), NAMES)
    expected = rows[:1] if policy is HitPolicy.FIRST else rows
    assert index_of(table).rows((Decimal(age),)) == expected == table.hits((Decimal(age),), {})


def test_a_cell_that_cannot_be_tested_fails_only_where_the_look_up_would() -> None:
    lines = [(["1", "-"], ["1"]), (["2", "not_there"], ["2"]), (["-", "not_there"], ["3"])]
    table = compile_table(define(HitPolicy.FIRST, ["age", "limit"], lines), NAMES)
    index = index_of(table)
    assert not index.is_closed
    assert index.rows((Decimal(1), Decimal(0)), {}) == (0,)
    with pytest.raises(Failure) as caught:
        index.rows((Decimal(3), Decimal(0)), {})
    assert caught.value.failure_code is FailureCode.MISSING


@pytest.mark.parametrize(("policy", "rows"), [(HitPolicy.FIRST, (1,)), (HitPolicy.ANY, (1, 2, 3, 4))])
def test_rows_that_read_names_are_found_in_their_order(policy: HitPolicy, rows: tuple[int, ...]) -> None:
    lines = [
        (cells, ["1"]) for cells in (["5", "limit"], ["< limit + 5", "-"], ["4", "-"], ["-", "limit"], ["4", "limit"])
    ]
    table = compile_table(define(policy, ["age", "limit"], lines), NAMES)
    values = (Decimal(4), Decimal("2.5"))
    assert index_of(table).rows(values, ENV) == rows == table.hits(values, ENV)
    assert index_of(table).open_rows == 0b11011


def test_values_of_another_form_are_looked_up_by_their_keys() -> None:
    lines = [(["[1.25..2.5)", '>= date("2024-02-29")'], ["1"]), ([">= 2.5", "-"], ["2"]), (["< 1.25", "-"], ["3"])]
    table = compile_table(define(HitPolicy.ANY, ["age", "day"], lines), NAMES)
    index = index_of(table, keys=(lambda number: int(number * 100), date.toordinal))
    for hundredths in (0, 124, 125, 126, 249, 250, 251):
        for day in (date(2024, 2, 28), date(2024, 2, 29), date(2024, 3, 1)):
            expected = table.hits((Decimal(hundredths) / 100, day), {})
            assert index.rows((hundredths, day.toordinal())) == expected
    reading = compile_table(define(HitPolicy.ANY, ["age"], [(["limit"], ["1"])]), NAMES)
    with pytest.raises(ValueError, match="names"):
        index_of(reading, keys=(int,))


def large(rows: int) -> tuple[Table, TableIndex]:
    lines = [
        ([f'"K{row:05}"', f"[{row}..{row + 10})", "-" if row % 2 else f"> {row % 90} yuan"], [str(row)])
        for row in range(rows)
    ]
    table = compile_table(define(HitPolicy.UNIQUE, ["kind", "age", "bill"], lines), NAMES)
    return table, index_of(table)


def test_a_large_table_is_indexed_whole() -> None:
    table, index = large(600)
    probes: Sequence[int] = (0, 1, 64, 299, 598, 599)
    for row in probes:
        for age in (row - 1, row, row + 9, row + 10):
            for fen in (row % 90 * 100, row % 90 * 100 + 1):
                values = (f"K{row:05}", Decimal(age), fen)
                assert index.rows(values) == table.hits(values, {})
    assert index.rows(("nobody", Decimal(1), 1)) == ()
