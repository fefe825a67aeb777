"""Decision tables over columns: each distinct combination of what the cells can tell apart is looked up once.

Promise: the rows that apply, and the failures, are those of ``Table.evaluate`` in every row of the batch. Tables whose cells compare
with constants are looked up through ``table_index``; the others cell by cell, with masks.
"""

from __future__ import annotations

import math
from bisect import bisect_left, bisect_right
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction
from typing import Any

import numpy as np

from rules.columns import segments
from rules.columns.building import Builder, once
from rules.columns.column import (
    Bad,
    Bools,
    Column,
    Fixed,
    Ints,
    Lists,
    Texts,
    Words,
    as_texts,
    chosen,
    full,
    joined,
    marked,
)
from rules.columns.frame import Frame
from rules.columns.lists import total
from rules.columns.operations import aligned
from rules.columns.piece import Piece
from rules.columns.values import decoded, encoded
from rules.engine import span as spans
from rules.engine.language import Table, Type
from rules.engine.language.ir import Node
from rules.engine.language.table_cells import CellTests
from rules.engine.language.table_definition import Aggregation, HitPolicy
from rules.engine.language.table_index import index_of
from rules.engine.language.value_types import Kind
from rules.engine.span import Span

# What a look-up found in a row of the batch: which set of table rows, by number.
Patterns = tuple[Ints, list[tuple[int, ...]]]
_MOST_KEYS = 1 << 20


def table_piece(table: Table, build: Callable[[Node], Piece], builder: Builder) -> Piece:
    """Return the piece of a table's (first) output. ``build`` makes pieces of nodes, ``builder`` of cells."""
    inputs = [once(build(node)) for node in table.inputs]
    allowed = [
        None if cell is None else _cell(cell, piece, builder) for cell, piece in zip(table.allowed, inputs, strict=True)
    ]
    closed = all(cell is None or cell.constants() is not None for row in table.cells for cell in row)
    look_up = _Indexed(table, inputs) if closed else _ByCells(table, inputs, builder)
    return _Outcome(table, inputs, allowed, look_up, build).piece()


def _cell(cell: CellTests, value: Piece, builder: Builder) -> Piece:
    """Return whether a cell holds for its column's input."""
    inner = builder.looking_at(value.type, value.span)
    met = inner.node(cell.meets)
    if cell.negated:
        run = met.run
        met = Piece(lambda frame: _negated(run(frame)), Type.BOOL)
    asks, asked = met.run, value.run

    def holds(frame: Frame) -> Column:
        frame.element, before = Column(asked(frame).values), frame.element
        found = asks(frame)
        frame.element = before
        return found

    return Piece(holds, Type.BOOL)


def _negated(column: Column) -> Column:
    return Column(np.logical_not(column.values), column.bad)


class _Indexed:
    """Look-up through the table's index: once for each distinct combination of atoms, remembered over all chunks.

    An atom is what a column's cells cannot tell apart: a constant of theirs, or a gap between two.
    """

    def __init__(self, table: Table, inputs: Sequence[Piece]) -> None:
        self._inputs = inputs
        self._index = index_of(table)
        self._cuts = [_Cuts.of(table, at, piece) for at, piece in enumerate(inputs)]
        size = math.prod(cuts.count for cuts in self._cuts)
        self._numbers: dict[tuple[int, ...], int] = {}
        self._by_key = np.full(size, -1, dtype=np.int64) if size <= _MOST_KEYS else None
        self._by_atoms: dict[bytes, int] = {}

    def patterns(self, values: Sequence[Any], rows: int) -> Patterns:
        atoms = [full(cuts.atoms(column), rows) for cuts, column in zip(self._cuts, values, strict=True)]
        if self._by_key is None:
            return self._sparse(atoms, values), list(self._numbers)
        key = atoms[0]
        for cuts, more in zip(self._cuts[1:], atoms[1:], strict=True):
            key = key * cuts.count + more
        found = self._by_key[key]
        if found.min(initial=0) < 0:
            unknown = np.nonzero(found < 0)[0]
            keys, firsts = np.unique(key[unknown], return_index=True)
            for each, first in zip(keys.tolist(), unknown[firsts].tolist(), strict=True):
                self._by_key[each] = self._number(values, first)
            found = self._by_key[key]
        return found, list(self._numbers)

    def _sparse(self, atoms: Sequence[Any], values: Sequence[Any]) -> Ints:
        packed = np.stack(atoms, axis=1)
        kinds, firsts, inverse = np.unique(packed, axis=0, return_index=True, return_inverse=True)
        found = np.empty(len(kinds), dtype=np.int64)
        for at, (kind, first) in enumerate(zip(kinds, firsts.tolist(), strict=True)):
            name = kind.tobytes()
            if name not in self._by_atoms:
                self._by_atoms[name] = self._number(values, first)
            found[at] = self._by_atoms[name]
        return found[inverse.reshape(-1)]

    def _number(self, values: Sequence[Any], row: int) -> int:
        rows = self._index.rows(
            [_value(column, piece, row) for column, piece in zip(values, self._inputs, strict=True)]
        )
        return self._numbers.setdefault(rows, len(self._numbers))


@dataclass(frozen=True, slots=True)
class _Cuts:
    """The constants of one column in order: of texts themselves, of all else in column form."""

    bounds: Any
    count: int

    @staticmethod
    def of(table: Table, at: int, piece: Piece) -> _Cuts:
        """Cut a column's values at its cells' constants."""
        constants = {value for row in table.cells if (cell := row[at]) for value in cell.constants() or ()}
        if piece.type.kind in (Kind.TEXT, Kind.BOOL):
            bounds = sorted(constants)
            return _Cuts(bounds, 2 * len(bounds) + 1)
        scale = piece.span.scale if piece.span else 0
        whole: set[int] = set()
        for value in constants:
            # A constant finer than the values lies between two of them: both are cuts, which tells more apart, never less.
            exact = Fraction(value if isinstance(value, int | Decimal) else encoded(value)) * 10**scale
            whole |= {math.floor(exact), math.ceil(exact)}
        bounds = sorted(whole)
        return _Cuts(np.array(bounds, dtype=None if bounds else np.int64), 2 * len(bounds) + 1)

    def atoms(self, column: Any) -> Any:
        """Return each row's atom."""
        if isinstance(self.bounds, np.ndarray):
            return np.searchsorted(self.bounds, column) + np.searchsorted(self.bounds, column, side="right")
        if isinstance(column, Texts):
            return column.each(("atom", tuple(self.bounds)), self._atom, np.int64)
        if isinstance(column, np.ndarray):
            return np.where(column, self._atom(True), self._atom(False))
        return self._atom(column)

    def _atom(self, value: Any) -> int:
        return bisect_left(self.bounds, value) + bisect_right(self.bounds, value)


def _value(column: Any, piece: Piece, row: int) -> Any:
    """Return the language's value of an input in one row."""
    if isinstance(column, str):
        return column
    if isinstance(column, Texts):
        return column.words.words[int(column.codes[row])]
    item = column[row] if isinstance(column, np.ndarray) and column.ndim else column
    return decoded(item, piece.type, piece.span.scale if piece.span else 0)


class _ByCells:
    """Look-up row by row and cell by cell, as ``Table.hits`` does, for cells that read names."""

    def __init__(self, table: Table, inputs: Sequence[Piece], builder: Builder) -> None:
        self._first = table.definition.hit_policy is HitPolicy.FIRST
        self._cells = [
            [_cell(cell, piece, builder) for cell, piece in zip(row, inputs, strict=True) if cell is not None]
            for row in table.cells
        ]

    def masks(self, frame: Frame) -> tuple[list[Bools], Bad]:
        """Return for each table row where it applies, and the failures of cells that were come to."""
        open_rows: Any = np.ones(frame.rows, dtype=bool)
        bad: Bad = None
        masks = []
        for cells in self._cells:
            standing: Any = open_rows.copy()
            for cell in cells:
                holds, its_bad = cell.run(frame)
                if its_bad is not None:
                    bad = joined(bad, np.where(standing, its_bad, np.int32(0)))
                standing = standing & full(holds, frame.rows)
            masks.append(standing)
            if self._first:
                open_rows = open_rows & ~standing
        return masks, bad

    def patterns(self, frame: Frame) -> tuple[Patterns, Bad]:
        masks, bad = self.masks(frame)
        packed = np.stack(masks, axis=1)
        kinds, inverse = np.unique(packed, axis=0, return_inverse=True)
        return (inverse.reshape(-1), [tuple(np.nonzero(kind)[0].tolist()) for kind in kinds]), bad


class _Outcome:
    """What the hit policy makes of the rows that apply."""

    def __init__(
        self,
        table: Table,
        inputs: Sequence[Piece],
        allowed: Sequence[Piece | None],
        look_up: _Indexed | _ByCells,
        build: Callable[[Node], Piece],
    ) -> None:
        self._table = table
        self._inputs = inputs
        self._allowed = allowed
        self._look_up = look_up
        self._policy = table.definition.hit_policy
        self._fold = table.definition.aggregation
        (self._kind, *_) = table.types.values()
        nodes = [row[0] for row in table.outputs]
        defaults = [] if table.defaults is None else [table.defaults[0]]
        made: dict[Node, Piece] = {}
        pieces = []
        for node in (*nodes, *defaults):
            if node not in made:
                made[node] = build(node)
            pieces.append(made[node])
        if pieces[0].span is not None:
            pieces = aligned(pieces)
        self._outputs = pieces[: len(nodes)]
        self._default = pieces[len(nodes)] if defaults else None
        self._span = None if pieces[0].span is None else spans.hull(*(piece.number for piece in pieces))

    def piece(self) -> Piece:
        """Return the table's piece."""
        if self._fold is Aggregation.COUNT:
            return Piece(self._counted, self._kind, Span(0, 0, len(self._outputs)))
        if self._fold is not None:
            return self._folded()
        return Piece(self._picked, self._kind, self._span)

    def _found(self, frame: Frame) -> tuple[Patterns, Bad]:
        bad: Bad = None
        values = []
        for piece, allows in zip(self._inputs, self._allowed, strict=True):
            value, its_bad = piece.run(frame)
            bad = joined(bad, its_bad)
            if allows is not None:
                accepted, its_bad = allows.run(frame)
                bad = joined(joined(bad, its_bad), marked(np.logical_not(accepted), frame.rows))
            values.append(value)
        if isinstance(self._look_up, _Indexed):
            patterns, its_bad = self._look_up.patterns(values, frame.rows), None
        else:
            patterns, its_bad = self._look_up.patterns(frame)
        return patterns, joined(bad, its_bad)

    def _counted(self, frame: Frame) -> Column:
        (inverse, kinds), bad = self._found(frame)
        # A row that applies counts with its output, which may fail.
        for row in sorted({row for kind in kinds for row in kind}):
            its_bad = self._outputs[row].run(frame).bad
            if its_bad is not None:
                bad = joined(bad, np.where(np.array([row in kind for kind in kinds])[inverse], its_bad, np.int32(0)))
        return Column(np.array([len(kind) for kind in kinds], dtype=np.int64)[inverse], bad)

    def _picked(self, frame: Frame) -> Column:
        (inverse, kinds), bad = self._found(frame)
        if not frame.rows:
            return Column(self._first_of(()).run(frame).values, bad)
        several = self._policy is HitPolicy.UNIQUE
        refused = [(not kind and self._default is None) or (several and len(kind) > 1) for kind in kinds]
        if any(refused):
            bad = joined(bad, marked(np.array(refused)[inverse], frame.rows))
        pieces = [self._first_of(kind) for kind in kinds]
        if all(piece.constant is not None and not isinstance(piece.constant, Fixed) for piece in pieces):
            column = Column(_constants([piece.constant for piece in pieces], inverse))
        else:
            column = self._mixed(pieces, inverse, frame)
        bad = joined(bad, column.bad)
        for number, kind in enumerate(kinds):
            if len(kind) > 1 and not several:
                bad = joined(bad, self._disagreeing(kind, column, inverse == number, frame))
        return Column(column.values, bad)

    def _first_of(self, kind: tuple[int, ...]) -> Piece:
        if kind:
            return self._outputs[kind[0]]
        return self._default or self._outputs[0]

    def _mixed(self, pieces: Sequence[Piece], inverse: Ints, frame: Frame) -> Column:
        values, bad = pieces[0].run(frame)
        for number, piece in enumerate(pieces[1:], start=1):
            here = inverse == number
            others, other_bad = piece.run(frame)
            if bad is not None or other_bad is not None:
                none = np.zeros(frame.rows, dtype=np.int32)
                bad = np.where(here, none if other_bad is None else other_bad, none if bad is None else bad)
            values = chosen(here, others, values, frame.rows)
        return Column(values, bad)

    def _disagreeing(self, kind: Sequence[int], first: Column, here: Bools, frame: Frame) -> Bad:
        bad: Bad = None
        for row in kind[1:]:
            values, its_bad = self._outputs[row].run(frame)
            bad = joined(bad, its_bad)
            bad = joined(bad, marked(np.logical_not(_equal(first.values, values, frame.rows)), frame.rows))
        return None if bad is None else np.where(here, bad, np.int32(0))

    def _folded(self) -> Piece:
        """Return the fold of a COLLECT table: the outputs of the rows that apply become a list."""
        span = self._span
        if span is None:
            raise TypeError("only numbers, money, dates and durations fold")
        most = len(self._outputs)
        gathered = Piece(self._collected, Type.list_of(self._kind), Span(span.scale, span.low, span.high, most))
        if self._fold is Aggregation.SUM:
            folded = total(gathered, self._kind)
        else:
            function = np.minimum if self._fold is Aggregation.MIN else np.maximum
            folded = Piece(_extreme_of(gathered, function, span.low), self._kind, span)
        default = self._default
        if default is None:
            return folded
        asked, other = folded.run, default.run

        def with_default(frame: Frame) -> Column:
            (inverse, kinds), bad = self._found(frame)
            none = np.array([not kind for kind in kinds], dtype=bool)[inverse]
            values, its_bad = asked(frame)
            others, other_bad = other(frame)
            if its_bad is not None:
                bad = joined(bad, np.where(none, np.int32(0), its_bad))
            if other_bad is not None:
                bad = joined(bad, np.where(none, other_bad, np.int32(0)))
            return Column(chosen(none, others, values, frame.rows), bad)

        return Piece(with_default, self._kind, spans.hull(folded.number, default.number))

    def _collected(self, frame: Frame) -> Column:
        (inverse, kinds), bad = self._found(frame)
        outputs = {row: self._outputs[row].run(frame) for kind in kinds for row in kind}
        counts = np.array([len(kind) for kind in kinds], dtype=np.int64)[inverse]
        offsets = np.concatenate(([0], np.cumsum(counts)))
        flat = np.zeros(int(offsets[-1]), dtype=np.int64)
        for number, kind in enumerate(kinds):
            here = np.nonzero(inverse == number)[0]
            for position, row in enumerate(kind):
                values, its_bad = outputs[row]
                flat[offsets[here] + position] = full(values, frame.rows)[here]
                if its_bad is not None:
                    bad = joined(bad, np.where(inverse == number, its_bad, np.int32(0)))
        return Column(Lists(flat, offsets), bad)


def _extreme_of(gathered: Piece, function: np.ufunc, low: int) -> Callable[[Frame], Column]:
    def run(frame: Frame) -> Column:
        lists, bad = gathered.run(frame)
        found = segments.extremes(function, lists.flat, lists.offsets)
        empty = lists.counts == 0
        return Column(np.where(empty, low, found), joined(bad, marked(empty, frame.rows)))

    return run


def _constants(items: Sequence[Any], inverse: Ints) -> Any:
    if isinstance(items[0], str):
        return Texts(inverse, Words(tuple(items)))
    return np.array(items)[inverse]


def _equal(first: Any, second: Any, rows: int) -> Any:
    if isinstance(first, str | Texts):
        one, other = as_texts(first, rows).decoded(), as_texts(second, rows).decoded()
        return np.array([a == b for a, b in zip(one, other, strict=True)], dtype=bool)
    return first == second
