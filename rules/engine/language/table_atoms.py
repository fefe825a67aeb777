"""The values of a table's columns cut into atoms, so that a cell becomes a set of bits.

Promise: two values of one atom meet exactly the same cells of the column; each atom has a sample of its values. A column whose
cells compare with anything but constants has no atoms.

Method: the constants of a column's cells cut its values into points and the stretches between them. Money, days, months and
dates are counted in whole units, so a stretch without a unit in it does not exist (between 100.00 and 100.01 yuan is nothing).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_FLOOR, Decimal
from typing import Any

from rules.engine.language.ir import Among, Operation, Test
from rules.engine.language.table_cells import CellTests, by_equality, constants_of
from rules.engine.language.tables import Table
from rules.engine.language.value_types import Days, Kind, Months, Type, Value

# Up to so many rows their edges are fewer than a column's atoms.
_FEW_ROWS = 32
_USUAL_DAY = date(2024, 1, 1).toordinal()
_WHOLE_UNITS = frozenset({Kind.MONEY, Kind.DATE, Kind.DAYS, Kind.MONTHS})


@dataclass(frozen=True, slots=True)
class Column:
    """The atoms of a column. Bit i of a set stands for the atom of ``samples[i]``; ``possible`` are those that the input can have."""

    samples: tuple[Value, ...]
    position: dict[Any, int]
    possible: int

    def bits(self, cell: CellTests | None) -> int:
        """Return the atoms whose values meet the cell."""
        if cell is None:
            return self.possible
        met = 0
        for test in cell.meets.tests:
            met |= self._test(test)
        return (~met if cell.negated else met) & self.possible

    def _test(self, test: Test) -> int:
        if isinstance(test, Among):
            return sum({1 << self.position[value] for value in constants_of(test) or ()})
        every = (1 << len(self.samples)) - 1
        met = every
        for bound, constant in zip(test, constants_of(test) or (), strict=True):
            point = 1 << self.position[constant]
            below = point - 1
            met &= {
                Operation.EQUAL: point,
                Operation.NOT_EQUAL: every ^ point,
                Operation.LESS: below,
                Operation.LESS_OR_EQUAL: below | point,
                Operation.GREATER: every ^ (below | point),
                Operation.GREATER_OR_EQUAL: every ^ below,
            }[bound.operation]
        return met


def column_of(value_type: Type, allowed: CellTests | None, cells: Sequence[CellTests | None]) -> Column | None:
    """Return the atoms that the closed cells of a column make; None where its values or its allowed values have none."""
    constants: list[Any] = []
    for cell in [*cells, allowed]:
        if cell is not None and is_closed(cell, value_type):
            constants += cell.constants() or ()
        elif cell is allowed and cell is not None:
            return None
    column = _cut(value_type, constants)
    if column is None or allowed is None:
        return column
    return Column(column.samples, column.position, column.bits(allowed))


def is_closed(cell: CellTests, value_type: Type) -> bool:
    """Say whether a cell has atoms: it compares the value as it is with constants, texts for equality only."""
    if cell.constants() is None or cell.meets.value.type != value_type:
        return False
    return value_type.kind is not Kind.TEXT or all(map(by_equality, cell.meets.tests))


def _cut(value_type: Type, constants: Sequence[Any]) -> Column | None:
    kind = value_type.kind
    if kind is Kind.BOOL:
        return Column((True, False), {True: 0, False: 1}, 0b11)
    distinct = sorted(set(constants))
    samples: list[Value] = []
    position: dict[Any, int] = {}
    if kind is Kind.TEXT:
        samples = [*distinct, _other_text(distinct)]
        position = {text: index for index, text in enumerate(distinct)}
    elif kind in _WHOLE_UNITS or kind is Kind.NUMBER:
        for low, high in zip([None, *distinct], [*distinct, None], strict=True):
            between = _number_between(low, high) if kind is Kind.NUMBER else _unit_between(low, high, kind)
            if between is not None:
                samples.append(between)
            if high is not None:
                position[high] = len(samples)
                samples.append(high)
    else:
        return None
    return Column(tuple(samples), position, (1 << len(samples)) - 1)


def _other_text(known: Sequence[str]) -> str:
    """Return a text that is none of the known ones."""
    other = "其他 other"
    while other in known:
        other += "+"
    return other


def _number_between(low: Decimal | None, high: Decimal | None) -> Decimal:
    """Return a number of few digits strictly between the two."""
    if low is None:
        return Decimal(0) if high is None else high - 1
    if high is None:
        return low + 1
    digits = 0
    while True:
        step = Decimal(1).scaleb(-digits)
        found = low.quantize(step, ROUND_FLOOR) + step
        if found < high:
            return found
        digits += 1


def _unit_between(low: Any, high: Any, kind: Kind) -> Value | None:
    """Return money, a date or a duration strictly between the two, counted in whole units; None where there is none."""
    if low is None and high is None:
        return _of_units(_USUAL_DAY if kind is Kind.DATE else 0, kind)
    found = _units(low) + 1 if low is not None else _units(high) - 1
    if high is not None and found >= _units(high):
        return None
    if kind is Kind.DATE and not date.min.toordinal() <= found <= date.max.toordinal():
        return None
    return _of_units(found, kind)


def _units(value: Any) -> int:
    match value:
        case Days():
            return value.days
        case Months():
            return value.months
        case date():
            return value.toordinal()
        case _:
            return int(value)


def _of_units(units: int, kind: Kind) -> Value:
    match kind:
        case Kind.DAYS:
            return Days(units)
        case Kind.MONTHS:
            return Months(units)
        case Kind.DATE:
            return date.fromordinal(units)
        case _:
            return units


@dataclass(frozen=True, slots=True)
class TableAtoms:
    """The atoms of a table's columns.

    ``sets`` are each cell's atoms by column and row (all possible ones for an open cell, which only a look-up can test), ``rows_of``
    the rows (as bits) by column and atom, ``edges`` the atoms where a cell begins to hold or not to; ``certain`` are the rows without
    an open cell; ``open_column`` is the first column that has an open cell or no atoms at all.
    """

    columns: dict[int, Column]
    sets: dict[int, list[int]]
    rows_of: dict[int, list[int]]
    edges: dict[int, list[tuple[int, ...]]]
    certain: int
    open_column: int | None

    @property
    def order(self) -> list[int]:
        """The columns with most atoms first: they part the rows soonest."""
        return sorted(self.columns, key=lambda index: -len(self.columns[index].samples))

    def branches(self, index: int, rows: int, possible: int) -> Sequence[int]:
        """Return possible atoms of a column, enough of them that each set of ``rows`` that one of its values leaves is there."""
        if rows.bit_count() > _FEW_ROWS:
            return list(bits_of(possible))
        begins = {0, *_edges(possible)}
        for row in bits_of(rows):
            begins.update(self.edges[index][row])
        return [atom for atom in sorted(begins) if possible >> atom & 1]


def atoms_of(table: Table) -> TableAtoms:
    """Cut a table's columns."""
    columns: dict[int, Column] = {}
    sets: dict[int, list[int]] = {}
    certain = (1 << len(table.cells)) - 1
    open_column: int | None = None
    for index, (node, allowed) in enumerate(zip(table.inputs, table.allowed, strict=True)):
        cells = [row[index] for row in table.cells]
        column = column_of(node.type, allowed, cells)
        bits: dict[int, int | None] = {}
        for cell in cells:
            if id(cell) in bits:
                continue
            closed = cell is None or (column is not None and is_closed(cell, node.type))
            bits[id(cell)] = (column.bits(cell) if column else 0) if closed else None
        found = [bits[id(cell)] for cell in cells]
        for row, atoms in enumerate(found):
            if atoms is None:
                certain &= ~(1 << row)
        if open_column is None and (column is None or None in found):
            open_column = index
        if column is not None:
            columns[index] = column
            sets[index] = [column.possible if atoms is None else atoms for atoms in found]
    edges = {index: _edges_of(found) for index, found in sets.items()}
    rows_of = {index: _rows_of(len(columns[index].samples), found) for index, found in edges.items()}
    return TableAtoms(columns, sets, rows_of, edges, certain, open_column)


def _edges_of(sets: Sequence[int]) -> list[tuple[int, ...]]:
    known = {bits: tuple(_edges(bits)) for bits in set(sets)}
    return [known[bits] for bits in sets]


def _edges(bits: int) -> Iterator[int]:
    """Yield where runs of atoms begin and, one behind, where they end."""
    return bits_of(bits ^ (bits << 1))


def _rows_of(atoms: int, edges: Sequence[tuple[int, ...]]) -> list[int]:
    """Return for each atom the rows that contain it. Rows come as runs of atoms, so only the ends of runs are touched."""
    changes = [0] * (atoms + 1)
    for number, of_row in enumerate(edges):
        for edge in of_row:
            changes[edge] ^= 1 << number
    standing, rows_of = 0, []
    for change in changes[:-1]:
        standing ^= change
        rows_of.append(standing)
    return rows_of


def bits_of(bits: int) -> Iterator[int]:
    """Yield the positions of the bits that are set, lowest first."""
    while bits:
        lowest = bits & -bits
        yield lowest.bit_length() - 1
        bits ^= lowest


def literal_text(value: Value) -> str:  # noqa: PLR0911 - one return a type, in one view
    """Return a sample as an author writes it, alike in every language: ``"住院"``, ``100.00 yuan``, ``2024-02-29``, ``P30D``."""
    match value:
        case bool():
            return "true" if value else "false"
        case int():
            return f"{Decimal(value).scaleb(-2):f} yuan"
        case str():
            return f'"{value}"'
        case Decimal():
            return f"{value:f}"
        case Days():
            return f"{'-' if value.days < 0 else ''}P{abs(value.days)}D"
        case Months():
            return f"{'-' if value.months < 0 else ''}P{abs(value.months)}M"
        case _:
            return str(value)
