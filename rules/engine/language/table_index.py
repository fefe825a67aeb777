"""The index of a decision table: the rows that hold, without looking at each.

Promise: ``TableIndex.rows`` gives exactly what ``Table.hits`` gives, its failures included, in a time that hardly depends on the
number of rows: one dictionary or bisection a column, and one ``and`` of bit sets.

Method: the constants of a column's cells cut its values into points and the gaps between them; all values of a gap meet the same
cells. For each point and gap the index keeps the rows whose cell holds there, as the bits of an integer. A row with a cell that
compares with anything but constants is *open* from its first such cell on: it is tested there as ``Table.hits`` does, provided
that the cells before that one hold.
"""

from __future__ import annotations

from bisect import bisect_left
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Any

from rules.engine.language.closures import Step
from rules.engine.language.ir import Among, Bound, Operation
from rules.engine.language.table_atoms import bits_of
from rules.engine.language.table_cells import CellTests, by_equality, constants_of
from rules.engine.language.table_definition import HitPolicy
from rules.engine.language.tables import Table
from rules.engine.language.value_types import Value

# What a column's values become before they are looked up: keeps equality and order (fen as they are, a date's ordinal).
Key = Callable[[Any], Any]


@dataclass(frozen=True, slots=True)
class _Column:
    """Rows by a column's value: ``points`` where a value is a constant of the column, else the gap that it falls into."""

    points: dict[Any, int]
    bounds: list[Any]
    gaps: list[int]

    def spread(self) -> float:
        """Return how many rows a value leaves, on average over points and gaps."""
        found = (*self.points.values(), *self.gaps)
        return sum(rows.bit_count() for rows in found) / len(found)

    def rows(self, value: Any) -> int:
        found = self.points.get(value)
        return self.gaps[bisect_left(self.bounds, value)] if found is None else found


@dataclass(frozen=True, slots=True)
class TableIndex:
    """The rows of one table by their inputs' values. ``open_rows`` are those with cells that only a look-up can test."""

    open_rows: int
    _first: bool
    _every: int
    _columns: tuple[tuple[int, _Column], ...]
    _opens: tuple[int, ...]
    _tests: dict[int, tuple[tuple[int, Step], ...]]

    @property
    def is_closed(self) -> bool:
        """Whether all cells compare with constants only, so that ``rows`` needs no environment."""
        return self.open_rows == 0

    def rows(self, values: Sequence[Any], env: Mapping[str, Value] | None = None) -> tuple[int, ...]:
        """Return the rows (from 0, in order) that hold for the inputs' values; under FIRST only the first of them.

        ``env`` is needed where cells read names. Raises ``Failure`` as ``Table.hits`` does.
        """
        if self.open_rows:
            return self._with_open_rows(values, env or {})
        standing = self._every
        for column, index in self._columns:
            standing &= index.rows(values[column])
            if not standing:
                return ()
        if standing.bit_count() == 1:
            return (standing.bit_length() - 1,)
        if self._first:
            return ((standing & -standing).bit_length() - 1,)
        return tuple(bits_of(standing))

    def _with_open_rows(self, values: Sequence[Any], env: Mapping[str, Value]) -> tuple[int, ...]:
        standing, testable = self._every, 0
        indexed = dict(self._columns)
        for column, opening in enumerate(self._opens):
            testable |= standing & opening
            if column in indexed:
                standing &= indexed[column].rows(values[column])
        standing &= ~self.open_rows
        hits: list[int] = []
        for row in bits_of(standing | testable):
            if standing >> row & 1 or all(test(env, values[column]) for column, test in self._tests[row]):
                hits.append(row)
                if self._first:
                    break
        return tuple(hits)


def index_of(table: Table, keys: Sequence[Key] | None = None) -> TableIndex:
    """Return the index of a table.

    ``keys`` are for back ends whose values are of another form (a date's ordinal, a number times 100): for each column the
    strictly rising function from a value to that form. A table with open rows needs the values themselves.
    """
    count = len(table.cells)
    openings = [0] * len(table.inputs)
    tests: dict[int, tuple[tuple[int, Step], ...]] = {}
    different = {id(cell): cell for cells in table.cells for cell in cells if cell is not None}
    opens = {name for name, cell in different.items() if cell.constants() is None}
    for row, cells in enumerate(table.cells if opens else ()):
        first = next((at for at, cell in enumerate(cells) if id(cell) in opens), None)
        if first is not None:
            openings[first] |= 1 << row
            tests[row] = tuple((at, cell.step()) for at, cell in enumerate(cells) if at >= first and cell is not None)
    if tests and keys is not None:
        raise ValueError("a table whose cells read names is looked up with the values themselves")
    columns: list[tuple[int, _Column]] = []
    for at in range(len(table.inputs)):
        column = _column([cells[at] for cells in table.cells], keys[at] if keys else None)
        if column is not None:
            columns.append((at, column))
    # Those that leave fewest rows first: most look-ups of no row end there.
    columns.sort(key=lambda each: each[1].spread())
    return TableIndex(
        open_rows=sum(openings),
        _first=table.definition.hit_policy is HitPolicy.FIRST,
        _every=(1 << count) - 1,
        _columns=tuple(columns),
        _opens=tuple(openings),
        _tests=tests,
    )


def _column(cells: Sequence[CellTests | None], key: Key | None) -> _Column | None:
    """Return the rows of one column by value; None where every cell is ``-`` or open."""
    rows_of: defaultdict[int, list[int]] = defaultdict(list)
    anything: list[int] = []
    for row, cell in enumerate(cells):
        # By identity: equal cells are mostly one object (``CellColumn``), and hashing a cell walks all of it.
        (anything if cell is None else rows_of[id(cell)]).append(row)
    closed: list[tuple[CellTests, list[Any], list[int]]] = []
    for rows_here in rows_of.values():
        cell = cells[rows_here[0]]
        constants = cell.constants() if cell else None
        if cell is not None and constants is not None:
            closed.append((cell, constants, rows_here))
    if not closed:
        return None
    ordered = not all(by_equality(test) for cell, _, _ in closed for test in cell.meets.tests)
    different = {constant for _, constants, _ in closed for constant in constants}
    # Without an order all values between constants are alike: one gap, and no need to sort (or to be able to).
    bounds = sorted(different) if ordered else []
    cuts = _Cuts.of(bounds if ordered else list(different), ordered)
    changes = [0] * (cuts.count + 1)
    changes[0] = _set_of(anything)
    for cell, constants, rows_here in closed:
        rows = _set_of(rows_here)
        for edge in cuts.edges(cell, constants):
            changes[edge] ^= rows
    standing, rows_at = 0, []
    for change in changes[:-1]:
        standing ^= change
        rows_at.append(standing)
    keyed = key or _as_it_is
    return _Column(
        points={keyed(constant): rows_at[at] for constant, at in cuts.position.items()},
        bounds=[keyed(bound) for bound in bounds],
        gaps=rows_at[::2] if ordered else rows_at[-1:],
    )


@dataclass(frozen=True, slots=True)
class _Cuts:
    """The values of a column cut at its constants into points and gaps, numbered in the order of the values."""

    position: dict[Any, int]
    count: int

    @staticmethod
    def of(constants: Sequence[Any], ordered: bool) -> _Cuts:
        """Number gap, point, gap, ..., gap; without an order the points, and after them all that is no point."""
        if ordered:
            return _Cuts({constant: 2 * at + 1 for at, constant in enumerate(constants)}, 2 * len(constants) + 1)
        return _Cuts({constant: at for at, constant in enumerate(constants)}, len(constants) + 1)

    def edges(self, cell: CellTests, constants: Sequence[Any]) -> set[int]:
        """Return where the points and gaps that meet the cell begin, and one behind where they end."""
        points = iter(self.position[constant] for constant in constants)
        runs: list[tuple[int, int]] = []
        for test in cell.meets.tests:
            if isinstance(test, Among):
                runs += [(point, point + 1) for point in islice(points, len(constants_of(test) or ()))]
            else:
                runs += self._within(test, points)
        edges: set[int] = set()
        end = 0
        for low, high in sorted(runs):
            if high > max(low, end):
                # A run that touches the one before it has no edge there.
                edges ^= {max(low, end), high}
                end = high
        return edges ^ {0, self.count} if cell.negated else edges

    def _within(self, bounds: tuple[Bound, ...], points: Iterator[int]) -> list[tuple[int, int]]:
        low, high = 0, self.count
        for bound, point in zip(bounds, points, strict=False):
            match bound.operation:
                case Operation.EQUAL:
                    low, high = max(low, point), min(high, point + 1)
                case Operation.NOT_EQUAL:
                    # Always alone: an interval has orderings at both ends.
                    return [(0, point), (point + 1, self.count)]
                case Operation.LESS:
                    high = min(high, point)
                case Operation.LESS_OR_EQUAL:
                    high = min(high, point + 1)
                case Operation.GREATER:
                    low = max(low, point + 1)
                case Operation.GREATER_OR_EQUAL:
                    low = max(low, point)
                case _:
                    raise TypeError(f"{bound.operation} is no comparison")
        return [(low, high)]


def _as_it_is(value: Any) -> Any:
    return value


def _set_of(rows: Sequence[int]) -> int:
    """Return rows as bits, in time linear in the highest of them."""
    if not rows:
        return 0
    flags = bytearray(rows[-1] // 8 + 1)
    for row in rows:
        flags[row >> 3] |= 1 << (row & 7)
    return int.from_bytes(flags, "little")
