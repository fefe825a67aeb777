"""The checked cells of a decision table.

Promise: a cell is data (typed tests, perhaps negated); ``-`` is no cell at all (None). What it compares with is readable by
every back end.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from rules.engine.language.closures import Step, build_step
from rules.engine.language.ir import Among, Apply, Constant, Items, Meets, Node, Operation, Test


@dataclass(frozen=True, slots=True)
class CellTests:
    """What a cell asks of its column's input: ``meets`` holds (fails, where ``negated``) for the ``Element`` inside ``meets.value``."""

    meets: Meets
    negated: bool = False

    def step(self) -> Step:
        """Return the test on (environment, value)."""
        step = build_step(self.meets)
        return (lambda env, value: not step(env, value)) if self.negated else step

    def constants(self) -> list[Any] | None:
        """Return the constants that the cell compares with, in order; None when it compares with anything else."""
        found: list[Any] = []
        for test in self.meets.tests:
            constants = constants_of(test)
            if constants is None:
                return None
            found += constants
        return found


def constants_of(test: Test) -> list[Any] | None:
    """Return the constants that a test compares with, in order; None when it compares with anything else.

    A widened constant counts as the constant: a sum of fen compares with unrounded money exactly as it is.
    """
    if isinstance(test, Among):
        operands = test.domain.items if isinstance(test.domain, Items) else ()
    else:
        operands = tuple(bound.operand for bound in test)
    constants = [constant.value for operand in operands if (constant := _constant(operand))]
    return constants if operands and len(constants) == len(operands) else None


def _constant(operand: Node) -> Constant | None:
    if isinstance(operand, Apply) and operand.operation is Operation.WIDEN:
        (operand,) = operand.operands
    return operand if isinstance(operand, Constant) else None


def by_equality(test: Test) -> bool:
    """Say whether a test needs no order of values: ``=``, ``!=`` or membership."""
    return isinstance(test, Among) or all(bound.operation in (Operation.EQUAL, Operation.NOT_EQUAL) for bound in test)
