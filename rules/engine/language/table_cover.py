"""Gaps, overlaps and dead cells of decision tables, found when a pack is built.

Promise: what is reported is real, with an example input that can be tried; what cannot be decided (cells that read names) is left
to the look-up, except that ``complete`` then refuses the table. Work is bounded: a table too large to prove complete is refused.

Method: walk the columns' atoms with the set of rows still standing (the bits of an integer). No row left is a gap, two rows
left after the last column are an overlap. What follows depends only on column and rows, so each such pair is walked once.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.engine.language.errors import LanguageError, Place
from rules.engine.language.table_atoms import TableAtoms, atoms_of, bits_of, literal_text
from rules.engine.language.table_definition import HitPolicy
from rules.engine.language.tables import Table
from rules.engine.language.value_types import Value
from rules.engine.model import Bilingual

# Pairs of column and rows that are walked, and atoms looked at on the way: some seconds.
MAX_STEPS = 300_000
MAX_WORK = 3_000_000


class CoverError(LanguageError):
    """A gap or an overlap, with an input that shows it.

    ``sample`` has a value for each input column, None where any value (of a column whose cells read names) will do; ``example`` has
    them as text by the column's expression; ``rows`` are the rows that apply there, from 1 (none: a gap).
    """

    def __init__(self, table: Table, sample: tuple[Value | None, ...], rows: tuple[int, ...]) -> None:
        names = [column.expression for column in table.definition.inputs]
        self.sample = sample
        self.rows = rows
        self.example = {
            name: "-" if value is None else literal_text(value) for name, value in zip(names, sample, strict=True)
        }
        shown = ", ".join(f"{name}: {text}" for name, text in self.example.items())
        where = f"rows {rows[0]} and {rows[1]}" if rows else shown
        expected = (
            "rows of which at most one applies (hit policy unique)"
            if rows
            else "a row for every combination of input values"
        )
        super().__init__(
            "overlap" if rows else "gap",
            Place(1, 1, where),
            expected,
            example=shown,
            rows=", ".join(map(str, rows)),
        )

    @property
    def sentence(self) -> Bilingual:
        """What is wrong, for the author."""
        shown = self.values["example"]
        if not self.rows:
            return Bilingual(
                zh=f"规则表有空缺：当 {shown} 时没有适用的行，请补一行",
                en=f"the table has a gap: no row applies at {shown}; add one",
            )
        first, second = self.rows[:2]
        return Bilingual(
            zh=f"规则表有重叠：当 {shown} 时第 {first} 行与第 {second} 行同时适用，请改正其一",
            en=f"the table overlaps: rows {first} and {second} both apply at {shown}; correct one of them",
        )


def check_table_cover(table: Table) -> None:
    """Refuse dead cells, rows of a UNIQUE table that overlap, gaps of a complete table.

    Raises ``LanguageError``; for overlaps and gaps ``CoverError``.
    """
    definition, atoms = table.definition, atoms_of(table)
    if definition.complete and atoms.open_column is not None:
        raise LanguageError(
            "bad_table",
            Place(1, 1, definition.inputs[atoms.open_column].expression),
            "cells without names: only then completeness can be checked",
        )
    _refuse_dead_cells(table, atoms)
    if definition.hit_policy is HitPolicy.UNIQUE or definition.complete:
        _Walk(table, atoms).start()


def _refuse_dead_cells(table: Table, atoms: TableAtoms) -> None:
    """Refuse cells that no value meets, and texts that the input cannot have: a slip of the pen."""
    for index, bits in atoms.sets.items():
        column = table.definition.inputs[index]
        rule = table.allowed[index]
        accepts = rule.step() if rule else None
        for number, row in enumerate(table.cells):
            cell = row[index]
            strange = [
                constant
                for constant in (cell.constants() if cell else None) or ()
                if accepts and isinstance(constant, str) and not accepts({}, constant)
            ]
            if strange or bits[number] == 0:
                place = Place(1, 1, f'"{strange[0]}"' if strange else table.columns[index].texts[number])
                expected = f"one of {column.allowed}" if strange else "a test that some value meets"
                raise LanguageError("bad_table", place, expected, row=str(number + 1), column_name=column.expression)


@dataclass
class _Walk:
    """One walk through the atoms of the known columns."""

    table: Table
    atoms: TableAtoms
    _order: list[int] = field(init=False)
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _work: int = 0

    def __post_init__(self) -> None:
        self._order = self.atoms.order

    def start(self) -> None:
        """Walk. Raises ``CoverError`` at the first gap or overlap."""
        try:
            self._visit(0, self.atoms.certain, {})
        except _TooLarge:
            if self.table.definition.complete:
                expected = "a table small enough to prove complete: split it, or leave `complete` out"
                raise LanguageError("bad_table", Place(1, 1, ""), expected) from None

    def _visit(self, depth: int, rows: int, path: dict[int, int]) -> None:
        definition = self.table.definition
        if rows == 0 and definition.complete:
            raise CoverError(self.table, self._sample(path), ())
        several = rows & (rows - 1) != 0 and definition.hit_policy is HitPolicy.UNIQUE
        if not (several or (definition.complete and rows)):
            return
        if depth == len(self._order):
            if several:
                raise CoverError(self.table, self._sample(path), tuple(row + 1 for row in bits_of(rows)))
            return
        index = self._order[depth]
        rows_of = self.atoms.rows_of[index]
        branches = self.atoms.branches(index, rows, self.atoms.columns[index].possible)
        self._work += len(branches)
        for atom in branches:
            here = rows & rows_of[atom]
            if (depth + 1, here) in self._seen:
                continue
            self._seen.add((depth + 1, here))
            if len(self._seen) > MAX_STEPS or self._work > MAX_WORK:
                raise _TooLarge
            self._visit(depth + 1, here, {**path, index: atom})

    def _sample(self, path: dict[int, int]) -> tuple[Value | None, ...]:
        """Return an input on the path; in columns that it has not reached any possible value is one."""
        return tuple(
            column.samples[path.get(index, (column.possible & -column.possible).bit_length() - 1)]
            if (column := self.atoms.columns.get(index))
            else None
            for index in range(len(self.table.inputs))
        )


class _TooLarge(Exception):  # noqa: N818 - ends the walk, never leaves this module
    """The walk took more than ``MAX_STEPS`` or ``MAX_WORK``."""
