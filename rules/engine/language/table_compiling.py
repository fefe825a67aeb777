"""Compiling a decision table: every cell and output checked for its type, outputs of a column widened to one type.

Promise: what compiles can be looked up; what does not fit is refused with row and column. Each different text of a column is
read once. Whether rows overlap or leave a gap is another question, asked when a pack is built
(``table_cover.check_table_cover``), not each time one is loaded (ADR 0113).
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field

from rules.engine.language.checker import Checker, check_names
from rules.engine.language.errors import LanguageError, Place
from rules.engine.language.intrinsics import Intrinsic
from rules.engine.language.ir import Node
from rules.engine.language.parser import parse, parse_cell
from rules.engine.language.standard_functions import FUNCTION_NAMES
from rules.engine.language.syntax import Syntax
from rules.engine.language.table_cells import CellTests
from rules.engine.language.table_definition import Aggregation, HitPolicy, TableDefinition
from rules.engine.language.table_literals import CellColumn, PlainCell, read_plain_cells, read_plain_outputs
from rules.engine.language.tables import Table
from rules.engine.language.typing_rules import SUMMABLE, join, orderable
from rules.engine.language.value_types import Type

MAX_ROWS = 5_000
MAX_COLUMNS = 64

_HEAD = 0


def compile_table(
    definition: TableDefinition,
    names: Mapping[str, Type],
    functions: Mapping[str, Intrinsic] | None = None,
) -> Table:
    """Check every cell and return the table ready to evaluate.

    Raises ``LanguageError``; where one cell is at fault ``values`` has ``row`` (from 1; 0 the head) and ``column_name``.
    """
    functions = functions or {}
    check_names(names, functions)
    return _Compiler(definition, names, functions, FUNCTION_NAMES.union(functions)).table()


@dataclass
class _Compiler:
    """Compiles one table; collects the names that its cells read, and how deep its texts are."""

    definition: TableDefinition
    names: Mapping[str, Type]
    functions: Mapping[str, Intrinsic]
    function_names: frozenset[str]
    reads: set[str] = field(default_factory=set)
    # A plain cell is a comparison with a literal.
    depth: int = 2

    def table(self) -> Table:
        definition = self.definition
        self._check_shape()
        inputs = tuple(self._expression(column.expression, _HEAD, column.expression)[0] for column in definition.inputs)
        allowed = tuple(
            self._cell(column.allowed, node.type, _HEAD, column.expression) if column.allowed else None
            for column, node in zip(definition.inputs, inputs, strict=True)
        )
        columns = tuple(
            self._column(texts, node.type, column.expression)
            for texts, node, column in zip(
                zip(*(row.when for row in definition.rows), strict=True), inputs, definition.inputs, strict=True
            )
        )
        outputs, types = self._outputs()
        rows = tuple(zip(*(nodes[: len(definition.rows)] for nodes in outputs), strict=True))
        has_defaults = definition.outputs[0].default is not None
        return Table(
            definition=definition,
            types=self._folded(types),
            reads=frozenset(self.reads),
            inputs=inputs,
            allowed=allowed,
            columns=columns,
            outputs=rows,
            defaults=tuple(nodes[-1] for nodes in outputs) if has_defaults else None,
            depth=self.depth,
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

    def _checker(self, text: str) -> Checker:
        return Checker(text, self.names, self.functions, names_checked=True)

    def _expression(self, text: str, row: int, column: str) -> tuple[Node, Checker, Syntax]:
        with _in_cell(row, column):
            checker = self._checker(text)
            tree = parse(text, self.function_names)
            node = checker.result(tree, None)
            self.reads |= checker.reads
            self.depth = max(self.depth, tree.depth)
            return node, checker, tree

    def _cell(self, text: str, value_type: Type, row: int, column: str) -> CellTests | None:
        with _in_cell(row, column):
            checker = self._checker(text)
            cell = parse_cell(text, self.function_names)
            meets = checker.cell(cell, value_type)
            self.reads |= checker.reads
            self.depth = max(self.depth, 1, *(tree.depth + 1 for tree in cell.tests or ()))
            return None if meets is None else CellTests(meets, cell.negated)

    def _column(self, texts: tuple[str, ...], value_type: Type, column: str) -> CellColumn:
        different = dict.fromkeys(texts)
        read: dict[str, PlainCell | CellTests | None] = {**read_plain_cells(different, value_type)}
        for text in different:
            if text == "-":
                read[text] = None
            elif text not in read:
                read[text] = self._cell(text, value_type, texts.index(text) + 1, column)
        return CellColumn(value_type, texts, read)

    def _outputs(self) -> tuple[list[list[Node]], dict[str, Type]]:
        """Return the outputs' nodes, a list for each column, by row and the default last; and the columns' types."""
        nodes: list[list[Node]] = []
        types: dict[str, Type] = {}
        for index, column in enumerate(self.definition.outputs):
            texts = [row.then[index] for row in self.definition.rows]
            if column.default is not None:
                texts.append(column.default)
            found, types[column.name] = self._output(texts, column.name, has_default=column.default is not None)
            nodes.append(found)
        return nodes, types

    def _output(self, texts: Sequence[str], column: str, *, has_default: bool) -> tuple[list[Node], Type]:
        """Return the nodes of an output column, widened to their common type."""

        def row_of(text: str) -> int:
            at = texts.index(text)
            return _HEAD if has_default and at == len(texts) - 1 else at + 1

        different = dict.fromkeys(texts)
        nodes: dict[str, Node] = {**read_plain_outputs(different)}
        for text in different:
            if text not in nodes:
                nodes[text] = self._expression(text, row_of(text), column)[0]
        common = nodes[texts[0]].type
        for text in different:
            joined = join(common, nodes[text].type)
            if joined is None:
                node, checker, tree = self._expression(text, row_of(text), column)
                with _in_cell(row_of(text), column):
                    raise checker.mismatch(tree, node.type, f"{common}, as in the rows before it")
            common = joined
        for text in different:
            if nodes[text].type != common:
                node, checker, tree = self._expression(text, row_of(text), column)
                nodes[text] = checker.widen(node, common, tree)
        return [nodes[text] for text in texts], common

    def _folded(self, types: dict[str, Type]) -> dict[str, Type]:
        """Return the types after folding. Refuses what the aggregation cannot fold."""
        aggregation = self.definition.aggregation
        if aggregation is None:
            return types
        ((name, output),) = types.items()
        if aggregation is Aggregation.SUM and output not in SUMMABLE:
            _refuse("numbers or money to add", column_name=name)
        if aggregation in (Aggregation.MIN, Aggregation.MAX) and not orderable(output):
            _refuse("numbers, money or dates to compare", column_name=name)
        return {name: Type.NUMBER if aggregation is Aggregation.COUNT else output}


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
