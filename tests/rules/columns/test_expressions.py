"""The column back end gives every expression of the language the reference's value, or its failure, row by row."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal, localcontext
from random import Random
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from rules.columns.batch import column_of
from rules.columns.building import Builder
from rules.columns.column import Column, Fixed, Texts, chosen, full, marked
from rules.columns.frame import Frame
from rules.columns.names import fact_piece
from rules.columns.piece import Piece
from rules.columns.values import decoded
from rules.engine import Bilingual, PackError, Unit
from rules.engine.document import ElementSpec, Source, ValueType
from rules.engine.intrinsics import INTRINSICS
from rules.engine.language import Failure, LanguageError, Type, compile_expression
from rules.engine.language.exact import EXACT
from tests.rules.columns.random_expressions import (
    DATE_BOUNDS,
    MONEY_BOUNDS,
    MOST_ITEMS,
    NAMES,
    NUMBER_BOUNDS,
    NUMBER_SCALE,
    Grower,
    value_of,
)

ROWS = 24
WIDE_SCALE = 9
FAILED = object()
_TYPES = {
    Type.MONEY: (ValueType.MONEY, *map(str, MONEY_BOUNDS)),
    Type.NUMBER: (ValueType.NUMBER, *map(str, NUMBER_BOUNDS)),
    Type.EXACT_MONEY: (ValueType.NUMBER, "-1000000", "1000000"),
    Type.DATE: (ValueType.DATE, *map(str, DATE_BOUNDS)),
    Type.BOOL: (ValueType.BOOL, "false", "true"),
    Type.TEXT: (ValueType.TEXT, "0", "20"),
}


def element(name: str, kind: Type, *, wide: bool = False) -> ElementSpec:
    """Return the element behind a name; unrounded money is fed as a number. ``wide`` bounds pass what 64 bits hold."""
    base, low, high = _TYPES[kind.element or kind]
    scale = WIDE_SCALE if wide else NUMBER_SCALE
    if wide and base is ValueType.NUMBER:
        low, high = "-1000000000000", "1000000000000"
    return ElementSpec(
        id=name,
        name=Bilingual(zh=name, en=name),
        type=base,
        unit=Unit.COUNT,
        source=Source.SYSTEM,
        minimum=low,
        maximum=high,
        scale=scale if base is ValueType.NUMBER else None,
        many=kind.element is not None,
        items=MOST_ITEMS if kind.element else None,
    )


ELEMENTS = {name: element(name, kind) for name, kind in NAMES.items()}
WIDE_ELEMENTS = {name: element(name, kind, wide=True) for name, kind in NAMES.items()}


def resolved(name: str, elements: Mapping[str, ElementSpec] = ELEMENTS) -> Piece:
    piece = fact_piece(elements[name])
    return Piece(piece.run, NAMES[name], piece.span)


def frame_of(rows: Sequence[Mapping[str, Any]], elements: Mapping[str, ElementSpec]) -> Frame:
    columns = {}
    for name, spec in elements.items():
        values = [row.get(name) for row in rows]
        columns[name] = (column_of(spec, values), [value is not None for value in values])

    def fetch(name: str) -> Any:
        values, present = columns[name]
        if not any(present):
            return None
        return values, None if all(present) else full(present, len(rows))

    return Frame(len(rows), fetch)


def by_columns(
    piece: Piece, rows: Sequence[Mapping[str, Any]], elements: Mapping[str, ElementSpec] = ELEMENTS
) -> list[Any]:
    """Return each row's value, FAILED where it has none."""
    frame = frame_of(rows, elements)
    values, bad = piece.run(frame)
    scale = piece.span.scale if piece.span else 0
    if isinstance(values, Texts):
        found = values.decoded()
    elif isinstance(values, str):
        found = [values] * len(rows)
    else:
        assert not isinstance(values, Fixed)
        found = [decoded(item, piece.type, scale) for item in full(values, len(rows)).tolist()]
    return found if bad is None else [FAILED if code else item for code, item in zip(bad, found, strict=True)]


def by_reference(text: str, rows: Sequence[Mapping[str, Any]]) -> list[Any]:
    expression = compile_expression(text, NAMES, INTRINSICS)
    found: list[Any] = []
    for row in rows:
        try:
            with localcontext(EXACT):
                found.append(expression.evaluate(row))
        except Failure:
            found.append(FAILED)
    return found


def random_rows(random: Random, missing: float) -> list[dict[str, Any]]:
    return [{name: value_of(name, random) for name in NAMES if random.random() >= missing} for _ in range(ROWS)]


def compare(
    text: str, rows: Sequence[Mapping[str, Any]], elements: Mapping[str, ElementSpec] = ELEMENTS
) -> list[Any] | None:
    """Hold the columns to the reference; None where the pack could not be prepared for columns."""
    try:
        expression = compile_expression(text, NAMES, INTRINSICS)
    except LanguageError:
        return None
    try:
        piece = Builder(lambda read: resolved(read.name, elements)).node(expression.node)
    except PackError:
        return None
    assert by_columns(piece, [], elements) == []
    expected, found = by_reference(text, rows), by_columns(piece, rows, elements)
    for row, one, other in zip(rows, expected, found, strict=True):
        assert one == other, f"{text} of {row}: expected {one!r}, got {other!r}"
    return expected


@given(st.integers(0, 2**32), st.sampled_from([0.0, 0.05, 0.3]))
@settings(max_examples=100, deadline=None)
def test_expressions_grown_by_chance_have_the_reference_value(seed: int, missing: float) -> None:
    random = Random(seed)
    rows = random_rows(random, missing)
    grower = Grower(random)
    for _ in range(12):
        compare(grower.any(), rows)


@given(st.integers(0, 2**32))
@settings(max_examples=40, deadline=None)
def test_numbers_that_64_bits_may_not_hold_are_exact_too(seed: int) -> None:
    random = Random(seed)
    rows = random_rows(random, 0.05)
    grower = Grower(random)
    for _ in range(12):
        compare(grower.any(3), rows, WIDE_ELEMENTS)


@pytest.mark.parametrize(
    "text", ["round half up(r * r * n / 3, 2)", "sum(ns) * sum(ns) > r * r", "round half even(m * r, 2)"]
)
def test_products_beyond_64_bits_are_held_as_whole_numbers(text: str) -> None:
    large = Decimal("987654321098.765432109")
    rows = [
        {"r": large, "n": -large, "ns": (large, large), "m": 7, "t": ""},
        {"r": -large, "n": large, "ns": (large,), "m": -1},
    ]
    found = compare(text, rows, WIDE_ELEMENTS)
    assert found is not None
    assert FAILED not in found


def test_what_grows_is_mostly_worked_out_and_covers_values_and_failures() -> None:
    random, values, failures, refused = Random(4), 0, 0, 0
    for _ in range(300):
        rows = random_rows(random, 0.02)
        found = compare(Grower(random).any(), rows)
        if found is None:
            refused += 1
            continue
        values += sum(item is not FAILED for item in found)
        failures += sum(item is FAILED for item in found)
    assert values > failures > 300
    assert refused < 60


@pytest.mark.parametrize(
    "text",
    [
        "r != 0 and n / r > 1",
        "r = 0 or n / r > 1",
        "if r = 0 then 0 else round half up(n / r, 4)",
        "round half even(m / 3, 2)",
        "round half down(x, 1)",
        "m in [k..0.00 yuan]",
        "sum where(ms, ss, t)",
        "every i in ms satisfies i < m",
        "some w in ss satisfies w = t",
    ],
)
def test_worked_examples_with_every_name_missing_somewhere(text: str) -> None:
    random = Random(text)
    rows = random_rows(random, 0.3)
    found = compare(text, rows)
    assert found is not None
    assert any(item is not FAILED for item in found)


def test_a_column_without_any_fact_fails_in_every_row() -> None:
    assert compare("m + k", [{"k": 1}, {"k": 2}]) == [FAILED, FAILED]
    assert compare("count(ss)", [{}, {}]) == [FAILED, FAILED]
    assert compare("p or s = t", [{"p": True}, {"p": False}]) == [True, FAILED]


def test_failures_are_marked_as_nobodys_until_a_rule_takes_them() -> None:
    column = Column(0, marked(True, 3))
    assert column.bad is not None
    assert column.bad.tolist() == [-1, -1, -1]


def test_a_branch_may_be_one_number_beyond_64_bits() -> None:
    found = chosen(np.array([True, False]), 10**30, 7, 2)
    assert found.tolist() == [10**30, 7]
    assert chosen(np.array([True, False]), 7, -(10**30), 2).tolist() == [7, -(10**30)]
