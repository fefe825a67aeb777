"""The small slips of a decision table: a bound moved or taken in, a result, a row left out, rows in another order.

Promise: a changed table is made when it is asked for. Every one of a table of usual size has passed the cover check: what that check refuses could not be built and needs no case. A bound
moves wherever the column has it, so that rows that meet keep meeting.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace
from functools import partial
from typing import Any

import msgspec

from rules.checking.node_changes import changes, neighbours, tests_instead
from rules.checking.node_text import test_text, text_of, value_text
from rules.checking.nodes import children, rebuilt
from rules.engine.language import HitPolicy, LanguageError, Table, check_table_cover
from rules.engine.language.ir import Constant, Meets, Node
from rules.engine.language.table_cells import CellTests

_Slip = tuple[str, str, Callable[[], Table]]
# Above this many rows a cover check for every slip costs more than it tells; the slips are then taken as they are.
_CHECKED_ROWS = 200


def table_changes(table: Table) -> Iterator[_Slip]:
    """Yield every slip of a table: what was written, what it became, and what makes the table with it."""
    found = (slip for each in (_bounds, _cells, _results, _rows) for slip in each(table))
    if len(table.cells) > _CHECKED_ROWS:
        yield from found
        return
    for slip in found:
        if _covers(slip[2]()):
            yield slip


def with_cells(table: Table, cells: Sequence[tuple[CellTests | None, ...]]) -> Table:
    """Return the table with other cells, row by row. Their texts are numbers of rows: nobody reads them."""
    columns = []
    for index, column in enumerate(table.columns):
        read = {str(number): row[index] for number, row in enumerate(cells)}
        columns.append(replace(column, texts=tuple(read), read=read))
    return replace(table, columns=tuple(columns))


def _covers(table: Table) -> bool:
    try:
        check_table_cover(table)
    except LanguageError:
        return False
    return True


def _bounds(table: Table) -> Iterator[_Slip]:
    for column, node in enumerate(table.inputs):
        name = table.definition.inputs[column].expression
        constants: dict[Any, Constant] = {}
        for row in table.cells:
            cell = row[column]
            for constant in _constants(cell.meets) if cell is not None else ():
                if not isinstance(constant.value, bool | str):
                    constants.setdefault(constant.value, constant)
        for value, constant in constants.items():
            for other in neighbours(value):
                moved = partial(_with_moved, table, column, value, other)
                yield f"{name}: {text_of(constant)}", value_text(other, node.type), moved


def _with_moved(table: Table, column: int, value: object, other: Any) -> Table:
    return with_cells(table, [_moved(row, column, value, other) for row in table.cells])


def _with_cell(table: Table, number: int, column: int, other: CellTests | None) -> Table:
    row = table.cells[number]
    changed = (*row[:column], other, *row[column + 1 :])
    return with_cells(table, [*table.cells[:number], changed, *table.cells[number + 1 :]])


def _constants(node: Node) -> Iterator[Constant]:
    if isinstance(node, Constant):
        yield node
    for part in children(node):
        yield from _constants(part)


def _moved(row: tuple[CellTests | None, ...], column: int, value: object, other: Any) -> tuple[CellTests | None, ...]:
    cell = row[column]
    if cell is None:
        return row

    def move(node: Node) -> Node:
        if isinstance(node, Constant) and node.value == value:
            return Constant(node.type, other)
        return rebuilt(node, [move(part) for part in children(node)])

    meets = move(cell.meets)
    assert isinstance(meets, Meets)  # noqa: S101 - only constants inside are exchanged
    return (*row[:column], replace(cell, meets=meets), *row[column + 1 :])


def _cells(table: Table) -> Iterator[_Slip]:
    for number, row in enumerate(table.cells):
        for column, cell in enumerate(row):
            if cell is None:
                continue
            written = table.definition.rows[number].when[column]

            exchanged = partial(partial, _with_cell, table, number, column)
            where = f"row {number + 1}, {table.definition.inputs[column].expression}: {written}"
            yield where, "-", exchanged(None)
            tests = cell.meets.tests
            for index, test in enumerate(tests):
                rest = (*tests[:index], *tests[index + 1 :])
                if rest:
                    yield where, f"without {index + 1}", exchanged(replace(cell, meets=replace(cell.meets, tests=rest)))
                for other in tests_instead(test):
                    meets = replace(cell.meets, tests=(*tests[:index], other, *tests[index + 1 :]))
                    yield where, ", ".join(map(test_text, meets.tests)), exchanged(replace(cell, meets=meets))


def _results(table: Table) -> Iterator[_Slip]:
    for number, outputs in enumerate(table.outputs):
        for column, node in enumerate(outputs):
            for change in changes(node):
                changed = (*outputs[:column], change.whole, *outputs[column + 1 :])
                before, after = text_of(change.before), text_of(change.after)
                yield f"row {number + 1}: {before}", after, partial(_with_results, table, number, changed)
    defaults = table.defaults or ()
    for column, node in enumerate(defaults):
        for change in changes(node):
            other = (*defaults[:column], change.whole, *defaults[column + 1 :])
            yield f"default: {text_of(change.before)}", text_of(change.after), partial(replace, table, defaults=other)


def _with_results(table: Table, number: int, results: tuple[Node, ...]) -> Table:
    return replace(table, outputs=(*table.outputs[:number], results, *table.outputs[number + 1 :]))


def _rows(table: Table) -> Iterator[_Slip]:
    count = len(table.cells)
    for number in range(count if count > 1 else 0):
        yield f"row {number + 1}", "-", partial(_without, table, number)
    if table.definition.hit_policy is HitPolicy.FIRST:
        for number in range(count - 1):
            swapped = partial(_swapped, table, number)
            yield f"rows {number + 1}, {number + 2}", f"{number + 2}, {number + 1}", swapped


def _without(table: Table, number: int) -> Table:
    return _ordered(table, [index for index in range(len(table.cells)) if index != number])


def _swapped(table: Table, number: int) -> Table:
    return _ordered(table, [*range(number), number + 1, number, *range(number + 2, len(table.cells))])


def _ordered(table: Table, order: list[int]) -> Table:
    rows = table.definition.rows
    ordered = with_cells(table, [table.cells[index] for index in order])
    return replace(
        ordered,
        definition=msgspec.structs.replace(table.definition, rows=tuple(rows[index] for index in order)),
        outputs=tuple(table.outputs[index] for index in order),
    )
