"""The values of a table's column cut into atoms, so that a cell becomes a set of bits.

Promise: two values of one atom meet exactly the same cells of the column. A column whose cells compare with anything but
constants has no atoms.

Method: the constants of a column's cells cut its values into points and the stretches between them. Money, days, months and
dates are counted in whole units, so a stretch without a unit in it does not exist (between 100.00 and 100.01 yuan is nothing).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.engine.language.closures import Step, build_step
from rules.engine.language.ir import Among, Constant, Items, Meets, Operation, Test
from rules.engine.language.value_types import Days, Kind, Months, Type

_WHOLE_UNITS = frozenset({Kind.MONEY, Kind.DATE, Kind.DAYS, Kind.MONTHS})


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
            constants = _constants(test)
            if constants is None:
                return None
            found += constants
        return found


def _constants(test: Test) -> list[Any] | None:
    if isinstance(test, Among):
        operands = test.domain.items if isinstance(test.domain, Items) else ()
    else:
        operands = tuple(bound.operand for bound in test)
    constants = [operand.value for operand in operands if isinstance(operand, Constant)]
    return constants if operands and len(constants) == len(operands) else None


def _by_equality(test: Test) -> bool:
    return isinstance(test, Among) or all(bound.operation in (Operation.EQUAL, Operation.NOT_EQUAL) for bound in test)


@dataclass(frozen=True, slots=True)
class Column:
    """The atoms of a column. Bit i of a set stands for ``shown[i]``; ``possible`` are the atoms that the input can have."""

    shown: tuple[str, ...]
    position: dict[Any, int]
    possible: int

    def bits(self, cell: CellTests) -> int:
        """Return the atoms whose values meet the cell."""
        if cell.meets is None:
            return self.possible
        met = 0
        for test in cell.meets.tests:
            met |= self._test(test)
        return (~met if cell.negated else met) & self.possible

    def _test(self, test: Test) -> int:
        if isinstance(test, Among):
            return sum({1 << self.position[value] for value in _constants(test) or ()})
        every = (1 << len(self.shown)) - 1
        met = every
        for bound, constant in zip(test, _constants(test) or (), strict=True):
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


def column_of(value_type: Type, allowed: CellTests | None, cells: Sequence[CellTests]) -> Column | None:
    """Return the atoms of a column; None where its cells read names, widen the value, or order texts."""
    constants: list[Any] = []
    for cell in [*cells, *([allowed] if allowed else [])]:
        found = cell.constants()
        if found is None or (cell.meets and cell.meets.value.type != value_type):
            return None
        if value_type.kind is Kind.TEXT and cell.meets and not all(map(_by_equality, cell.meets.tests)):
            return None
        constants += found
    column = _cut(value_type, constants)
    if column is None or allowed is None:
        return column
    return Column(column.shown, column.position, column.bits(allowed))


def _cut(value_type: Type, constants: Sequence[Any]) -> Column | None:
    kind = value_type.kind
    if kind is Kind.BOOL:
        return Column(("true", "false"), {True: 0, False: 1}, 0b11)
    distinct = sorted(set(constants))
    shown: list[str] = []
    position: dict[Any, int] = {}
    if kind is Kind.TEXT:
        shown = [f'"{text}"' for text in distinct] + ["any other text"]
        position = {text: index for index, text in enumerate(distinct)}
    elif kind in _WHOLE_UNITS or kind is Kind.NUMBER:
        for low, high in zip([None, *distinct], [*distinct, None], strict=True):
            if _something_between(low, high, kind):
                shown.append(_stretch(low, high, kind))
            if high is not None:
                position[high] = len(shown)
                shown.append(_show(high, kind))
    else:
        return None
    return Column(tuple(shown), position, (1 << len(shown)) - 1)


def _something_between(low: Any, high: Any, kind: Kind) -> bool:
    if kind is Kind.DATE:
        first = date.min.toordinal() - 1 if low is None else low.toordinal()
        beyond = date.max.toordinal() + 1 if high is None else high.toordinal()
        return bool(beyond - first > 1)
    if low is None or high is None or kind is Kind.NUMBER:
        return True
    return _unit(high) - _unit(low) > 1


def _unit(value: Any) -> int:
    match value:
        case Days():
            return value.days
        case Months():
            return value.months
        case _:
            return int(value)


def _show(value: Any, kind: Kind) -> str:
    return f"{Decimal(value).scaleb(-2):f} yuan" if kind is Kind.MONEY else str(value)


def _stretch(low: Any, high: Any, kind: Kind) -> str:
    if low is None and high is None:
        return "any value"
    if low is None:
        return f"< {_show(high, kind)}"
    return f"> {_show(low, kind)}" + ("" if high is None else f" and < {_show(high, kind)}")
