"""Decision tables: compiling and looking up.

Promise: every cell is type-checked when the table is compiled; a lookup gives exactly the rows that the policy allows or
raises ``Failure`` (no row without a default, two rows under UNIQUE, rows that disagree under ANY). All inputs are evaluated
first, from left to right, so that a missing value never depends on the order of the rows.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from rules.engine.language.checker import Checker
from rules.engine.language.closures import Step, build, build_step
from rules.engine.language.errors import Failure, FailureCode, LanguageError, Place
from rules.engine.language.intrinsics import Intrinsic
from rules.engine.language.ir import Apply, Element, Node, Operation
from rules.engine.language.parser import parse, parse_cell
from rules.engine.language.reference import canonical
from rules.engine.language.standard_functions import FUNCTION_NAMES
from rules.engine.language.syntax import Syntax
from rules.engine.language.table_atoms import CellTests
from rules.engine.language.table_cover import check_cover
from rules.engine.language.table_definition import (
    Aggregation,
    HitPolicy,
    TableDefinition,
    TableHit,
    TableRow,
)
from rules.engine.language.typing_rules import SUMMABLE, join, orderable
from rules.engine.language.value_types import Type, Value

MAX_ROWS = 5_000
MAX_COLUMNS = 64

_Run = Callable[[Mapping[str, object]], Any]


@dataclass(frozen=True, slots=True)
class _Row:
    tests: tuple[tuple[int, Step], ...]
    outputs: tuple[_Run, ...]


@dataclass(frozen=True, slots=True)
class Table:
    """A checked table. ``types`` are the outputs' types by name, ``reads`` the names that it may need. Immutable."""

    definition: TableDefinition
    types: dict[str, Type]
    reads: frozenset[str]
    _inputs: tuple[_Run, ...] = field(repr=False, compare=False)
    _allowed: tuple[Step | None, ...] = field(repr=False, compare=False)
    _rows: tuple[_Row, ...] = field(repr=False, compare=False)
    _defaults: tuple[_Run, ...] | None = field(repr=False, compare=False)
    _fold: Callable[[list[Value]], Value] | None = field(repr=False, compare=False)

    def evaluate(self, env: Mapping[str, Value]) -> TableHit:
        """Return the rows that apply and their outputs, in canonical form. Raises ``Failure``."""
        values = [self._input(index, env) for index in range(len(self._inputs))]
        hits: list[int] = []
        for index, row in enumerate(self._rows):
            if _applies(row.tests, env, values):
                hits.append(index)
                if self.definition.hit_policy is HitPolicy.FIRST:
                    break
        return self._outcome(hits, env)

    def _input(self, index: int, env: Mapping[str, Value]) -> Any:
        value = self._inputs[index](env)
        allowed = self._allowed[index]
        if allowed is not None and not allowed(env, value):
            column = self.definition.inputs[index]
            raise Failure(
                FailureCode.OUT_OF_RANGE,
                Place(1, 1, column.expression),
                f"{column.expression} = {value!r}, not in {column.allowed}",
            )
        return value

    def _outcome(self, hits: list[int], env: Mapping[str, Value]) -> TableHit:
        if self._fold is not None and (hits or self.definition.aggregation is Aggregation.COUNT):
            return TableHit(tuple(hits), (self._fold([self._rows[hit].outputs[0](env) for hit in hits]),))
        if not hits:
            if self._defaults is None:
                raise Failure(FailureCode.NO_HIT, self._place(), self._columns())
            return TableHit((), tuple(default(env) for default in self._defaults))
        shown = "、".join(str(hit + 1) for hit in hits)
        if len(hits) > 1 and self.definition.hit_policy is HitPolicy.UNIQUE:
            raise Failure(FailureCode.SEVERAL_HITS, self._place(), shown)
        outcomes = [tuple(output(env) for output in self._rows[hit].outputs) for hit in hits]
        if any(outcome != outcomes[0] for outcome in outcomes):
            raise Failure(FailureCode.DIFFERENT_HITS, self._place(), shown)
        return TableHit(tuple(hits), outcomes[0])

    def _place(self) -> Place:
        return Place(1, 1, self._columns())

    def _columns(self) -> str:
        return ", ".join(column.expression for column in self.definition.inputs)


def compile_table(
    definition: TableDefinition,
    names: Mapping[str, Type],
    functions: Mapping[str, Intrinsic] | None = None,
) -> Table:
    """Check every cell and return the table ready to evaluate.

    Raises ``LanguageError``; where one cell is at fault ``values`` has ``row`` (from 1; 0 the head) and ``column_name``.
    """
    return _Compiler(definition, names, functions or {}).table()


@dataclass
class _Compiler:
    """Compiles one table; collects the names that its cells read."""

    definition: TableDefinition
    names: Mapping[str, Type]
    functions: Mapping[str, Intrinsic]
    reads: set[str] = field(default_factory=set)

    def table(self) -> Table:
        definition = self.definition
        self._check_shape()
        inputs = tuple(self._expression(column.expression, 0, column.expression)[0] for column in definition.inputs)
        allowed = tuple(
            self._tests(column.allowed, node.type, 0, column.expression) if column.allowed else None
            for column, node in zip(definition.inputs, inputs, strict=True)
        )
        cells = [
            tuple(
                self._tests(cell, node.type, number, column.expression)
                for cell, node, column in zip(row.when, inputs, definition.inputs, strict=True)
            )
            for number, row in enumerate(definition.rows, start=1)
        ]
        check_cover(definition, tuple(node.type for node in inputs), allowed, cells)
        outputs, types = self._outputs()
        fold, types = self._folding(types)
        return Table(
            definition=definition,
            types=types,
            reads=frozenset(self.reads),
            _inputs=tuple(build(node) for node in inputs),
            _allowed=tuple(tests.step() if tests else None for tests in allowed),
            _rows=tuple(
                _Row(_looked_at(row_cells), tuple(build(node) for node in row_outputs))
                for row_cells, row_outputs in zip(cells, outputs, strict=False)
            ),
            _defaults=tuple(build(node) for node in outputs[-1]) if definition.outputs[0].default is not None else None,
            _fold=fold,
        )

    def _check_shape(self) -> None:
        definition = self.definition
        if not definition.inputs or not definition.outputs or not definition.rows:
            _refuse("at least one input, one output and one row")
        if len(definition.rows) > MAX_ROWS or len(definition.inputs) + len(definition.outputs) > MAX_COLUMNS:
            _refuse(f"at most {MAX_ROWS} rows and {MAX_COLUMNS} columns")
        for number, row in enumerate(definition.rows, start=1):
            if len(row.when) != len(definition.inputs) or len(row.then) != len(definition.outputs):
                _refuse(
                    f"{len(definition.inputs)} tests and {len(definition.outputs)} outputs in a row", row=str(number)
                )
        if len({column.name for column in definition.outputs}) != len(definition.outputs):
            _refuse("a name of its own for each output")
        if len({column.default is None for column in definition.outputs}) != 1:
            _refuse("a default for each output or for none")
        if (definition.hit_policy is HitPolicy.COLLECT) != (definition.aggregation is not None):
            _refuse("an aggregation with the hit policy collect, and only with it")
        if definition.aggregation is not None and len(definition.outputs) != 1:
            _refuse("one output to aggregate")

    def _expression(self, text: str, row: int, column: str) -> tuple[Node, Checker, Syntax]:
        with _in_cell(row, column):
            checker = Checker(text, self.names, self.functions)
            tree = parse(text, FUNCTION_NAMES.union(self.functions))
            node = checker.result(tree, None)
            self.reads |= checker.reads
            return node, checker, tree

    def _tests(self, text: str, value_type: Type, row: int, column: str) -> CellTests:
        with _in_cell(row, column):
            checker = Checker(text, self.names, self.functions)
            cell = parse_cell(text, FUNCTION_NAMES.union(self.functions))
            tests = CellTests(checker.cell(cell, value_type), cell.negated)
            self.reads |= checker.reads
            return tests

    def _outputs(self) -> tuple[list[tuple[Node, ...]], dict[str, Type]]:
        """Return the outputs' nodes, row by row and the defaults last, widened to one type a column."""
        rows: list[tuple[int, TableRow]] = list(enumerate(self.definition.rows, start=1))
        defaults = tuple(column.default for column in self.definition.outputs if column.default is not None)
        if defaults:
            rows.append((0, TableRow(when=(), then=defaults)))
        drafts = [
            [
                self._expression(text, number, column.name)
                for text, column in zip(row.then, self.definition.outputs, strict=True)
            ]
            for number, row in rows
        ]
        types: dict[str, Type] = {}
        for index, column in enumerate(self.definition.outputs):
            common = drafts[0][index][0].type
            for (number, _), draft in zip(rows, drafts, strict=True):
                node, checker, tree = draft[index]
                with _in_cell(number, column.name):
                    joined = join(common, node.type)
                    if joined is None:
                        raise checker.mismatch(tree, node.type, f"{common}, as in the rows before it")
                    common = joined
            types[column.name] = common
        widened = [
            tuple(
                checker.widen(node, common, tree)
                for (node, checker, tree), common in zip(draft, types.values(), strict=True)
            )
            for draft in drafts
        ]
        return widened, types

    def _folding(self, types: dict[str, Type]) -> tuple[Callable[[list[Value]], Value] | None, dict[str, Type]]:
        aggregation = self.definition.aggregation
        if aggregation is None:
            return None, types
        ((name, output),) = types.items()
        if aggregation is Aggregation.SUM and output not in SUMMABLE:
            _refuse("numbers or money to add", column_name=name)
        if aggregation in (Aggregation.MIN, Aggregation.MAX) and not orderable(output):
            _refuse("numbers, money or dates to compare", column_name=name)
        operation = {
            Aggregation.SUM: Operation.LIST_SUM,
            Aggregation.MIN: Operation.LIST_MINIMUM,
            Aggregation.MAX: Operation.LIST_MAXIMUM,
            Aggregation.COUNT: Operation.LIST_COUNT,
        }[aggregation]
        result = Type.NUMBER if aggregation is Aggregation.COUNT else output
        collected = Element(Type.list_of(output))
        step = build_step(Apply(result, operation, (collected,), Place(1, 1, name)))

        def fold(found: list[Value]) -> Value:
            return canonical(step({}, tuple(found)))  # type: ignore[return-value]  # no output is a quotient

        return fold, {name: result}


def _looked_at(cells: tuple[CellTests, ...]) -> tuple[tuple[int, Step], ...]:
    """Return the tests of a row that look at their input, with its index."""
    steps = ((index, cell.step()) for index, cell in enumerate(cells))
    return tuple((index, step) for index, step in steps if step is not None)


def _applies(tests: tuple[tuple[int, Step], ...], env: Mapping[str, object], values: list[Any]) -> bool:
    for index, test in tests:  # noqa: SIM110 - the inner loop of every lookup; a generator doubles its time
        if not test(env, values[index]):
            return False
    return True


def _refuse(expected: str, **values: str) -> None:
    raise LanguageError("bad_table", Place(1, 1, values.get("column_name", "")), expected, **values)


@contextmanager
def _in_cell(row: int, column: str) -> Iterator[None]:
    """Add row and column to an error of one cell."""
    try:
        yield
    except LanguageError as error:
        known = {
            name: value for name, value in error.values.items() if name not in ("line", "column", "text", "expected")
        }
        raise LanguageError(
            error.code, error.place, error.expected, **known, row=str(row), column_name=column
        ) from error
