"""Gaps and overlaps of decision tables, found when a table is compiled.

Promise: what is reported is real, with an example; what cannot be decided (cells that read names, quotients) is left to the
lookup, except that ``complete`` then refuses the table. Work is bounded; a table too large to prove complete is refused.

Method: the constants of a column's cells cut its values into atoms (a point, or the open stretch between two points); a cell is
a set of atoms, held as the bits of an integer. Rows overlap when they share an atom in every column.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.engine.language.closures import Step, build_step
from rules.engine.language.errors import LanguageError, Place
from rules.engine.language.exact import EXACT
from rules.engine.language.ir import Among, Bound, Constant, Items, Meets
from rules.engine.language.table_definition import HitPolicy, TableDefinition
from rules.engine.language.value_types import Days, Kind, Months, Type

MAX_PAIRS = 500_000
MAX_VISITS = 200_000


@dataclass(frozen=True, slots=True)
class CellTests:
    """One checked cell; ``meets`` None is ``-``."""

    meets: Meets | None
    negated: bool = False

    def step(self) -> Step | None:
        """Return the test on (environment, value); None where every value passes."""
        if self.meets is None:
            return None
        step = build_step(self.meets)
        return (lambda env, value: not step(env, value)) if self.negated else step

    def constants(self) -> list[Any] | None:
        """Return the constants that the cell compares with; None when it compares with anything else."""
        found: list[Any] = []
        for test in self.meets.tests if self.meets else ():
            operands = test.domain.items if isinstance(test, Among) and isinstance(test.domain, Items) else ()
            if isinstance(test, Among) and not operands:
                return None
            for operand in operands or (bound.operand for bound in test if isinstance(bound, Bound)):  # type: ignore[union-attr]  # an Among has operands
                if not isinstance(operand, Constant):
                    return None
                found.append(operand.value)
        return found


@dataclass(frozen=True, slots=True)
class _Column:
    """The atoms of a column: a representative value each, and how each is shown."""

    samples: tuple[Any, ...]
    shown: tuple[str, ...]

    def bits(self, cell: CellTests) -> int:
        step = cell.step()
        if step is None:
            return (1 << len(self.samples)) - 1
        return sum(1 << index for index, sample in enumerate(self.samples) if step({}, sample))


def check_cover(
    definition: TableDefinition,
    types: Sequence[Type],
    allowed: Sequence[CellTests | None],
    cells: Sequence[tuple[CellTests, ...]],
) -> None:
    """Raise ``LanguageError`` for rows of a UNIQUE table that overlap, and for a gap of a table declared complete."""
    columns = [
        _column(value_type, rule, [row[index] for row in cells])
        for index, (value_type, rule) in enumerate(zip(types, allowed, strict=True))
    ]
    if definition.complete and None in columns:
        name = definition.inputs[columns.index(None)].expression
        raise LanguageError(
            "bad_table", Place(1, 1, name), "cells without names: only then completeness can be checked"
        )
    sets = [
        tuple(column.bits(cell) if column else -1 for column, cell in zip(columns, row, strict=True)) for row in cells
    ]
    _refuse_dead_cells(definition, allowed, columns, cells, sets)
    if definition.hit_policy is HitPolicy.UNIQUE:
        _refuse_overlap(definition, columns, cells, sets)
    if definition.complete:
        _refuse_gap(definition, [column for column in columns if column], sets)


def _column(value_type: Type, allowed: CellTests | None, cells: Sequence[CellTests]) -> _Column | None:
    constants: list[Any] = []
    for cell in [*cells, *([allowed] if allowed else [])]:
        found = cell.constants()
        if found is None or (cell.meets and cell.meets.value.type != value_type):
            # Cells that read names, and cells whose comparison widens the value, are left to the lookup.
            return None
        constants += found
    column = _atoms(value_type, constants)
    if column is None or allowed is None:
        return column
    bits = column.bits(allowed)
    kept = [index for index in range(len(column.samples)) if bits >> index & 1]
    return _Column(tuple(column.samples[index] for index in kept), tuple(column.shown[index] for index in kept))


def _atoms(value_type: Type, constants: Sequence[Any]) -> _Column | None:
    if value_type.kind is Kind.BOOL:
        return _Column((True, False), ("true", "false"))
    distinct = sorted(set(constants))
    if value_type.kind is Kind.TEXT:
        other = "".join(distinct) + "*"  # longer than any of them, so equal to none
        return _Column((*distinct, other), (*(f'"{text}"' for text in distinct), "any other text"))
    if value_type.kind not in _BETWEEN:
        return None
    if not distinct:
        return _Column((_ANY_VALUE[value_type.kind],), ("any value",))
    between = _BETWEEN[value_type.kind]
    samples: list[Any] = []
    shown: list[str] = []
    for low, high in zip([None, *distinct], [*distinct, None], strict=True):
        inside = between(low, high)
        if inside is not None:
            samples.append(inside)
            shown.append(_stretch(low, high, value_type))
        if high is not None:
            samples.append(high)
            shown.append(_show(high, value_type))
    return _Column(tuple(samples), tuple(shown))


def _between_whole(low: int | None, high: int | None) -> int | None:
    if low is None:
        return None if high is None else high - 1
    return low + 1 if high is None or high - low > 1 else None


def _between_dates(low: date | None, high: date | None) -> date | None:
    found = _between_whole(low.toordinal() if low else None, high.toordinal() if high else None)
    return date.fromordinal(found) if found is not None and 1 <= found <= date.max.toordinal() else None


def _between_days(low: Days | None, high: Days | None) -> Days | None:
    found = _between_whole(low.days if low else None, high.days if high else None)
    return None if found is None else Days(found)


def _between_months(low: Months | None, high: Months | None) -> Months | None:
    found = _between_whole(low.months if low else None, high.months if high else None)
    return None if found is None else Months(found)


def _between_numbers(low: Decimal | None, high: Decimal | None) -> Decimal | None:
    if low is None:
        return None if high is None else EXACT.subtract(high, Decimal(1))
    return EXACT.add(low, Decimal(1)) if high is None else EXACT.multiply(EXACT.add(low, high), Decimal("0.5"))


_BETWEEN: dict[Kind, Any] = {
    Kind.MONEY: _between_whole,
    Kind.NUMBER: _between_numbers,
    Kind.DATE: _between_dates,
    Kind.DAYS: _between_days,
    Kind.MONTHS: _between_months,
}
_ANY_VALUE: dict[Kind, Any] = {
    Kind.MONEY: 0,
    Kind.NUMBER: Decimal(0),
    Kind.DATE: date(2000, 1, 1),
    Kind.DAYS: Days(0),
    Kind.MONTHS: Months(0),
}


def _show(value: Any, value_type: Type) -> str:
    if value_type.kind is Kind.MONEY:
        return f"{Decimal(value).scaleb(-2):f} yuan"
    return str(value)


def _stretch(low: Any, high: Any, value_type: Type) -> str:
    if low is None:
        return f"< {_show(high, value_type)}"
    return f"> {_show(low, value_type)}" + ("" if high is None else f" and < {_show(high, value_type)}")


def _refuse_dead_cells(
    definition: TableDefinition,
    allowed: Sequence[CellTests | None],
    columns: Sequence[_Column | None],
    cells: Sequence[tuple[CellTests, ...]],
    sets: Sequence[tuple[int, ...]],
) -> None:
    """Refuse cells that no value meets, and texts that the input cannot have: a slip of the pen."""
    for number, (row, bits) in enumerate(zip(cells, sets, strict=True), start=1):
        for index, (cell, column) in enumerate(zip(row, columns, strict=True)):
            name = definition.inputs[index].expression
            if column is not None and bits[index] == 0:
                raise LanguageError(
                    "bad_table", Place(1, 1, ""), "a test that some value meets", row=str(number), column_name=name
                )
            rule = allowed[index]
            accepts = rule.step() if rule else None
            for constant in cell.constants() or ():
                if accepts and isinstance(constant, str) and not accepts({}, constant):
                    raise LanguageError(
                        "bad_table",
                        Place(1, 1, f'"{constant}"'),
                        f"one of {definition.inputs[index].allowed}",
                        row=str(number),
                        column_name=name,
                    )


def _refuse_overlap(
    definition: TableDefinition,
    columns: Sequence[_Column | None],
    cells: Sequence[tuple[CellTests, ...]],
    sets: Sequence[tuple[int, ...]],
) -> None:
    known = [index for index, column in enumerate(columns) if column]
    # A row with a cell that reads names overlaps for certain only in that cell's column being `-`.
    decidable = [
        index
        for index, row in enumerate(cells)
        if all(column is not None or cell.meets is None for column, cell in zip(columns, row, strict=True))
    ]
    if not known:
        pairs = [(first, second) for first in decidable[:2] for second in decidable[:2] if first < second]
    else:
        pairs = _candidates(decidable, sets, known)
    for first, second in pairs:
        common = [sets[first][index] & sets[second][index] for index in known]
        if all(common):
            example = {
                definition.inputs[index].expression: _first_shown(columns[index], bits)
                for index, bits in zip(known, common, strict=True)
            }
            raise LanguageError(
                "overlap",
                Place(1, 1, f"rows {first + 1} and {second + 1}"),
                "rows of which at most one applies (hit policy unique)",
                example=", ".join(f"{name}: {shown}" for name, shown in example.items()),
            )


def _candidates(rows: Sequence[int], sets: Sequence[tuple[int, ...]], known: Sequence[int]) -> list[tuple[int, int]]:
    """Return pairs of rows that share an atom in the column that tells rows apart best; none when they are too many."""
    best: list[list[int]] | None = None
    for index in known:
        buckets: dict[int, list[int]] = {}
        for row in rows:
            bits = sets[row][index]
            while bits:
                lowest = bits & -bits
                buckets.setdefault(lowest, []).append(row)
                bits ^= lowest
        found = list(buckets.values())
        if best is None or _pair_count(found) < _pair_count(best):
            best = found
    if best is None or _pair_count(best) > MAX_PAIRS:
        return []
    return sorted({(a, b) for bucket in best for at, a in enumerate(bucket) for b in bucket[at + 1 :]})


def _pair_count(buckets: Sequence[Sequence[int]]) -> int:
    return sum(len(bucket) * (len(bucket) - 1) // 2 for bucket in buckets)


def _first_shown(column: _Column | None, bits: int) -> str:
    return column.shown[(bits & -bits).bit_length() - 1] if column else ""


def _refuse_gap(definition: TableDefinition, columns: Sequence[_Column], sets: Sequence[tuple[int, ...]]) -> None:
    visits = 0

    def search(depth: int, rows: tuple[int, ...], path: tuple[str, ...]) -> tuple[str, ...] | None:
        nonlocal visits
        visits += 1
        if visits > MAX_VISITS:
            raise LanguageError(
                "bad_table", Place(1, 1, ""), "a table small enough to prove complete: split it or drop `complete`"
            )
        if not rows:
            return (*path, *("any" for _ in columns[depth:]))
        if depth == len(columns):
            return None
        seen: set[tuple[int, ...]] = set()
        for atom, shown in enumerate(columns[depth].shown):
            left = tuple(row for row in rows if sets[row][depth] >> atom & 1)
            if left in seen:
                continue
            seen.add(left)
            if found := search(depth + 1, left, (*path, shown)):
                return found
        return None

    gap = search(0, tuple(range(len(sets))), ())
    if gap:
        example = ", ".join(
            f"{column.expression}: {shown}" for column, shown in zip(definition.inputs, gap, strict=True)
        )
        raise LanguageError("gap", Place(1, 1, example), "a row for every combination of input values", example=example)
