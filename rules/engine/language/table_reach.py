"""Rows of a decision table that no input ever reaches.

Promise: a row is reported only when it is certain that no input reaches it: a cell that no allowed value meets, or, under FIRST,
earlier rows that together take every value of it. Where the cells are without names all such rows are found; a cell that reads
names may hold anything and covers nothing. Work is bounded: where a table is too large to be sure, nothing is reported.

Method: under FIRST, walk the columns' atoms with the rows still standing, as for gaps; at the end of a path the first row that
stands for certain is reached, and those before it may be. Rows that are reached on no path are dead.
"""

from __future__ import annotations

from dataclasses import dataclass, field

from rules.engine.language.table_atoms import TableAtoms, atoms_of, bits_of
from rules.engine.language.table_definition import HitPolicy
from rules.engine.language.tables import Table
from rules.engine.model import Bilingual

# Pairs of column and rows that are walked, and atoms looked at on the way: some seconds.
MAX_STEPS = 300_000
MAX_WORK = 3_000_000
# Rows that are told which rows cover them: a table with more of them is wrong from the start.
_MOST_EXPLAINED = 50


@dataclass(frozen=True, slots=True)
class UnreachableRow:
    """A row (from 1) that never applies.

    ``column`` is the input whose cell no value meets; else earlier rows take all of it, and ``covered_by`` are those that apply in
    its place (not worked out beyond the first rows of a table full of them).
    """

    row: int
    column: str | None = None
    covered_by: tuple[int, ...] = ()

    @property
    def sentence(self) -> Bilingual:
        """What is wrong, for the author."""
        if self.column is not None:
            return Bilingual(
                zh=f"第 {self.row} 行永远不会命中：“{self.column}”一格没有任何取值能满足，请改正或删去该行",
                en=f"row {self.row} never applies: no value meets its cell of {self.column}; correct or remove it",
            )
        zh_rows = f"第 {'、'.join(map(str, self.covered_by))} 行" if self.covered_by else "前面的行"
        en_rows = f"rows {', '.join(map(str, self.covered_by))} before it" if self.covered_by else "the rows before it"
        return Bilingual(
            zh=f"第 {self.row} 行永远不会命中：它的取值已全部被{zh_rows}占去，请删去或移到前面",
            en=f"row {self.row} never applies: {en_rows} take all of it; remove it or move it up",
        )


def unreachable_rows(table: Table) -> tuple[UnreachableRow, ...]:
    """Return the rows that no input reaches, in their order."""
    atoms = atoms_of(table)
    dead: dict[int, UnreachableRow] = {}
    for index, sets in atoms.sets.items():
        for number, bits in enumerate(sets):
            if bits == 0:
                name = table.definition.inputs[index].expression
                dead.setdefault(number, UnreachableRow(number + 1, column=name))
    if table.definition.hit_policy is HitPolicy.FIRST:
        alive = sum(1 << number for number in range(len(table.cells)) if number not in dead)
        walk = _Reach(atoms, atoms.order)
        walked = walk.run(alive, alive)
        for told, number in enumerate(bits_of(alive & ~walk.reached)):
            covered_by = _covered_by_one(atoms, alive, number)
            if walked and not covered_by and told < _MOST_EXPLAINED:
                covered_by = _covering(atoms, alive, number)
            if walked or covered_by:
                dead[number] = UnreachableRow(number + 1, covered_by=covered_by)
    return tuple(dead[number] for number in sorted(dead))


def _covered_by_one(atoms: TableAtoms, alive: int, number: int) -> tuple[int, ...]:
    """Return the first row before a row that for certain applies wherever that row does; none where there is none."""
    candidates = alive & atoms.certain & ((1 << number) - 1)
    for index, sets in atoms.sets.items():
        lowest = (sets[number] & -sets[number]).bit_length() - 1
        candidates &= atoms.rows_of[index][lowest]
    for row in bits_of(candidates):
        if all(sets[number] & ~sets[row] == 0 for sets in atoms.sets.values()):
            return (row + 1,)
    return ()


def _covering(atoms: TableAtoms, alive: int, number: int) -> tuple[int, ...]:
    """Return the rows that apply for certain somewhere inside a row that is never reached."""
    inside = _Reach(atoms, atoms.order, within=number)
    before = alive & ((1 << number) - 1) & atoms.certain
    inside.run(before, before)
    return tuple(row + 1 for row in bits_of(inside.reached))


@dataclass
class _Reach:
    """One walk that collects the rows reached; ``within`` a row it looks only at that row's values."""

    atoms: TableAtoms
    order: list[int]
    within: int | None = None
    reached: int = 0
    _seen: set[tuple[int, int]] = field(default_factory=set)
    _full: list[int] = field(default_factory=list)
    _work: int = 0

    def run(self, rows: int, wanted: int) -> bool:
        """Walk, until every row of ``wanted`` is reached. False: there was too much to walk."""
        # Rows that hold for certain whatever the columns from here on: no later row is reached past them.
        full = self.atoms.certain
        self._full = [full]
        for index in reversed(self.order):
            possible = self._possible(index)
            for number in bits_of(full):
                if self.atoms.sets[index][number] & possible != possible:
                    full ^= 1 << number
            self._full.insert(0, full)
        return self._visit(0, rows, wanted)

    def _possible(self, index: int) -> int:
        return self.atoms.columns[index].possible if self.within is None else self.atoms.sets[index][self.within]

    def _visit(self, depth: int, rows: int, wanted: int) -> bool:
        settled = rows & self._full[depth]
        if settled:
            rows &= ((settled & -settled) << 1) - 1
        if not rows & wanted & ~self.reached:
            return True
        if depth == len(self.order):
            self.reached |= rows
            return True
        if (depth, rows) in self._seen:
            return True
        self._seen.add((depth, rows))
        if len(self._seen) > MAX_STEPS:
            return False
        index = self.order[depth]
        rows_of = self.atoms.rows_of[index]
        branches = self.atoms.branches(index, rows, self._possible(index))
        self._work += len(branches)
        if self._work > MAX_WORK:
            return False
        different = {rows & rows_of[atom] for atom in branches}
        return all(self._visit(depth + 1, here, wanted) for here in different)
