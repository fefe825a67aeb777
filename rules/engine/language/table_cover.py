"""Gaps, overlaps and dead cells of decision tables, found when a table is compiled.

Promise: what is reported is real, with an example; what cannot be decided (cells that read names) is left to the lookup, except
that ``complete`` then refuses the table. Work is bounded: a table too large to prove complete is refused.

Method: walk the columns' atoms with the set of rows still standing (the bits of an integer). No row left is a gap, two rows
left after the last column are an overlap. What follows depends only on column and rows, so each such pair is walked once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field

from rules.engine.language.errors import LanguageError, Place
from rules.engine.language.table_atoms import CellTests, Column, column_of
from rules.engine.language.table_definition import HitPolicy, TableDefinition
from rules.engine.language.value_types import Type

MAX_STEPS = 300_000
_Cells = Sequence[tuple[CellTests, ...]]


def check_cover(
    definition: TableDefinition, types: Sequence[Type], allowed: Sequence[CellTests | None], cells: _Cells
) -> None:
    """Raise ``LanguageError`` for dead cells, for rows of a UNIQUE table that overlap, for a gap of a complete table."""
    columns = [
        column_of(value_type, rule, [row[index] for row in cells])
        for index, (value_type, rule) in enumerate(zip(types, allowed, strict=True))
    ]
    if definition.complete and None in columns:
        name = definition.inputs[columns.index(None)].expression
        raise LanguageError(
            "bad_table", Place(1, 1, name), "cells without names: only then completeness can be checked"
        )
    known = {index: column for index, column in enumerate(columns) if column is not None}
    sets = {index: [column.bits(row[index]) for row in cells] for index, column in known.items()}
    _refuse_dead_cells(definition, allowed, cells, sets)
    if definition.hit_policy is HitPolicy.UNIQUE or definition.complete:
        # A row with a cell that reads names applies for certain only where that cell is `-`.
        certain = sum(
            1 << number
            for number, row in enumerate(cells)
            if all(index in known or cell.meets is None for index, cell in enumerate(row))
        )
        _Walk(definition, known, sets).start(certain)


def _refuse_dead_cells(
    definition: TableDefinition, allowed: Sequence[CellTests | None], cells: _Cells, sets: dict[int, list[int]]
) -> None:
    """Refuse cells that no value meets, and texts that the input cannot have: a slip of the pen."""
    for index, bits in sets.items():
        name = definition.inputs[index].expression
        rule = allowed[index]
        accepts = rule.step() if rule else None
        for number, row in enumerate(cells):
            strange = [
                constant
                for constant in row[index].constants() or ()
                if accepts and isinstance(constant, str) and not accepts({}, constant)
            ]
            if strange or bits[number] == 0:
                place = Place(1, 1, f'"{strange[0]}"' if strange else definition.rows[number].when[index])
                expected = f"one of {definition.inputs[index].allowed}" if strange else "a test that some value meets"
                raise LanguageError("bad_table", place, expected, row=str(number + 1), column_name=name)


@dataclass
class _Walk:
    """One walk through the atoms of the known columns, those with most atoms first: they part the rows soonest."""

    definition: TableDefinition
    columns: dict[int, Column]
    sets: dict[int, list[int]]
    _order: list[int] = field(init=False)
    _rows_of: dict[int, list[int]] = field(init=False)
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _steps: int = 0

    def __post_init__(self) -> None:
        self._order = sorted(self.columns, key=lambda index: -len(self.columns[index].shown))
        self._rows_of = {index: _rows_of(self.columns[index], self.sets[index]) for index in self.columns}

    def start(self, rows: int) -> None:
        """Walk; ``rows`` are the rows to look at. Raises ``LanguageError`` at the first gap or overlap."""
        try:
            self._visit(0, rows, {})
        except _TooLarge:
            if self.definition.complete:
                expected = "a table small enough to prove complete: split it, or leave `complete` out"
                raise LanguageError("bad_table", Place(1, 1, ""), expected) from None

    def _visit(self, depth: int, rows: int, path: dict[int, str]) -> None:
        if rows == 0 and self.definition.complete:
            raise self._problem("gap", path, "a row for every combination of input values")
        several = rows & (rows - 1) != 0 and self.definition.hit_policy is HitPolicy.UNIQUE
        if not (several or (self.definition.complete and rows)):
            return
        if depth == len(self._order):
            if several:
                first, second = _two_lowest(rows)
                where = f"rows {first} and {second}"
                raise self._problem("overlap", path, "rows of which at most one applies (hit policy unique)", where)
            return
        index = self._order[depth]
        column = self.columns[index]
        for atom, here in enumerate(self._rows_of[index]):
            if not column.possible >> atom & 1 or (depth + 1, rows & here) in self._seen:
                continue
            self._seen.add((depth + 1, rows & here))
            self._steps += 1
            if self._steps > MAX_STEPS:
                raise _TooLarge
            self._visit(depth + 1, rows & here, {**path, index: column.shown[atom]})

    def _problem(self, code: str, path: dict[int, str], expected: str, where: str | None = None) -> LanguageError:
        shown = [(column.expression, path.get(index)) for index, column in enumerate(self.definition.inputs)]
        example = ", ".join(f"{name}: {value}" for name, value in shown if value is not None)
        return LanguageError(code, Place(1, 1, where or example), expected, example=example)


class _TooLarge(Exception):  # noqa: N818 - ends the walk, never leaves this module
    """The walk took more than ``MAX_STEPS`` steps."""


def _rows_of(column: Column, sets: Sequence[int]) -> list[int]:
    """Return for each atom the rows that contain it. Rows come as runs of atoms, so only the ends of runs are touched."""
    changes = [0] * (len(column.shown) + 1)
    for number, bits in enumerate(sets):
        row = 1 << number
        for ends in (bits & ~(bits << 1), (bits & ~(bits >> 1)) << 1):
            rest = ends
            while rest:
                lowest = rest & -rest
                changes[lowest.bit_length() - 1] ^= row
                rest ^= lowest
    standing, rows_of = 0, []
    for change in changes[:-1]:
        standing ^= change
        rows_of.append(standing)
    return rows_of


def _two_lowest(rows: int) -> tuple[int, int]:
    first = rows & -rows
    second = (rows ^ first) & -(rows ^ first)
    return first.bit_length(), second.bit_length()
