"""A compiled decision table and its obvious look-up.

Promise: a look-up gives exactly the rows that the policy allows or raises ``Failure`` (no row without a default, two rows under
UNIQUE, rows that disagree under ANY). All inputs are evaluated first, from left to right, so that a missing value never depends
on the order of the rows. The typed parts are public: other back ends start from them, and must find what ``hits`` finds.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Any

from rules.engine.language.closures import Step, build, build_step
from rules.engine.language.errors import Failure, FailureCode, Place
from rules.engine.language.ir import Apply, Element, Node, Operation
from rules.engine.language.reference import canonical
from rules.engine.language.table_cells import CellTests
from rules.engine.language.table_definition import Aggregation, HitPolicy, TableDefinition, TableHit
from rules.engine.language.table_literals import CellColumn
from rules.engine.language.value_types import Type, Value

_Run = Callable[[Mapping[str, object]], Any]
_FOLDS = {
    Aggregation.SUM: Operation.LIST_SUM,
    Aggregation.MIN: Operation.LIST_MINIMUM,
    Aggregation.MAX: Operation.LIST_MAXIMUM,
    Aggregation.COUNT: Operation.LIST_COUNT,
}


@dataclass(frozen=True)
class Table:
    """A checked table. Immutable; what evaluates it is built from its typed parts when it is first needed.

    ``types`` are the results' types by output name (of COLLECT: after folding), ``reads`` the names that it may need.
    ``allowed`` has the test of each input's allowed values, None where all are; ``outputs`` a row's expressions, widened to one
    type a column, ``defaults`` theirs when no row applies; ``depth`` counts the levels of the deepest text.
    """

    definition: TableDefinition
    types: Mapping[str, Type]
    reads: frozenset[str]
    inputs: tuple[Node, ...]
    allowed: tuple[CellTests | None, ...]
    columns: tuple[CellColumn, ...]
    outputs: tuple[tuple[Node, ...], ...]
    defaults: tuple[Node, ...] | None
    depth: int

    @cached_property
    def cells(self) -> tuple[tuple[CellTests | None, ...], ...]:
        """The tests of each row by column, None for ``-``. Equal cells of a column are one object."""
        return tuple(zip(*(column.cells() for column in self.columns), strict=True))

    def evaluate(self, env: Mapping[str, Value]) -> TableHit:
        """Return the rows that apply and their outputs, in canonical form. Raises ``Failure``."""
        return self.outcome(self.hits(self.values(env), env), env)

    def values(self, env: Mapping[str, Value]) -> tuple[Value, ...]:
        """Return the inputs' values. Raises ``Failure``: a value is missing, or not among those that its input allows."""
        found = []
        for (run, accepts), column in zip(self._input_runs, self.definition.inputs, strict=True):
            value = run(env)
            if accepts is not None and not accepts(env, value):
                detail = f"{column.expression} = {value!r}, not in {column.allowed}"
                raise Failure(FailureCode.OUT_OF_RANGE, Place(1, 1, column.expression), detail)
            found.append(value)
        return tuple(found)

    def hits(self, values: Sequence[Value], env: Mapping[str, Value]) -> tuple[int, ...]:
        """Return the rows (from 0) whose cells hold: row by row, cell by cell; under FIRST only the first of them."""
        found: list[int] = []
        for row, tests in enumerate(self._row_tests):
            if _hold(tests, env, values):
                found.append(row)
                if self.definition.hit_policy is HitPolicy.FIRST:
                    break
        return tuple(found)

    def outcome(self, hits: tuple[int, ...], env: Mapping[str, Value]) -> TableHit:
        """Return what the policy makes of the rows that hold. Raises ``Failure``."""
        if self.definition.aggregation is not None and (hits or self.definition.aggregation is Aggregation.COUNT):
            return TableHit(hits, (self._fold(tuple(self.row_values(hit, env)[0] for hit in hits)),))
        if not hits:
            if self.defaults is None:
                raise Failure(FailureCode.NO_HIT, self._place(), self._columns())
            return TableHit((), tuple(default(env) for default in self._default_runs))
        shown = "、".join(str(hit + 1) for hit in hits)
        if len(hits) > 1 and self.definition.hit_policy is HitPolicy.UNIQUE:
            raise Failure(FailureCode.SEVERAL_HITS, self._place(), shown)
        outcomes = [self.row_values(hit, env) for hit in hits]
        if any(outcome != outcomes[0] for outcome in outcomes):
            raise Failure(FailureCode.DIFFERENT_HITS, self._place(), shown)
        return TableHit(hits, outcomes[0])

    def row_values(self, row: int, env: Mapping[str, Value]) -> tuple[Value, ...]:
        """Return the values of a row's outputs. Raises ``Failure``."""
        runs = self._output_runs.get(row)
        if runs is None:
            runs = self._output_runs[row] = tuple(build(node) for node in self.outputs[row])
        return tuple(run(env) for run in runs)

    @cached_property
    def _input_runs(self) -> tuple[tuple[_Run, Step | None], ...]:
        steps = (tests.step() if tests else None for tests in self.allowed)
        return tuple(zip(map(build, self.inputs), steps, strict=True))

    @cached_property
    def _row_tests(self) -> tuple[tuple[tuple[int, Step], ...], ...]:
        steps: dict[int, Step] = {}
        rows = []
        for row in self.cells:
            for cell in row:
                if cell is not None and id(cell) not in steps:
                    steps[id(cell)] = cell.step()
            rows.append(tuple((column, steps[id(cell)]) for column, cell in enumerate(row) if cell is not None))
        return tuple(rows)

    @cached_property
    def _output_runs(self) -> dict[int, tuple[_Run, ...]]:
        return {}

    @cached_property
    def _default_runs(self) -> tuple[_Run, ...]:
        return tuple(map(build, self.defaults or ()))

    @cached_property
    def _fold(self) -> Callable[[tuple[Value, ...]], Value]:
        aggregation = self.definition.aggregation
        assert aggregation is not None  # noqa: S101 - only COLLECT folds, and it always names how
        ((name, result),) = self.types.items()
        collected = Element(Type.list_of(self.outputs[0][0].type))
        step = build_step(Apply(result, _FOLDS[aggregation], (collected,), Place(1, 1, name)))
        return lambda found: canonical(step({}, found))  # type: ignore[return-value]  # no output is a quotient

    def _place(self) -> Place:
        return Place(1, 1, self._columns())

    def _columns(self) -> str:
        return ", ".join(column.expression for column in self.definition.inputs)


def _hold(tests: tuple[tuple[int, Step], ...], env: Mapping[str, object], values: Sequence[Value]) -> bool:
    for column, test in tests:  # noqa: SIM110 - the inner loop of every look-up; a generator doubles its time
        if not test(env, values[column]):
            return False
    return True
