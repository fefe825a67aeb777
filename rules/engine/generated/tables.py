"""Decision tables in generated code: an index for cells that compare with constants, a row after the other for the rest.

Promise: the rows found are those of ``Table.hits``, the value is that of ``Table.outcome``; no row without a default, several rows
under UNIQUE and rows that disagree decline. Cells and outputs are data, never source, unless they read names.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from fractions import Fraction
from functools import partial
from typing import TYPE_CHECKING, Any

from rules.engine.generated.code import YES_NO, Code, is_numeric
from rules.engine.generated.comparing import meets
from rules.engine.generated.source import NotGenerated
from rules.engine.language import Aggregation, Days, HitPolicy, Months, Table, Type
from rules.engine.language.ir import Apply, Constant, Node, Operation
from rules.engine.language.table_cells import CellTests
from rules.engine.language.table_index import index_of
from rules.engine.node_spans import unscaled
from rules.engine.span import Span, hull
from rules.engine.span import total as list_total

if TYPE_CHECKING:
    from rules.engine.generated.expressions import Expressions

_MOST_OPEN_ROWS = 64


def write_table(writer: Expressions, table: Table, rows: str) -> Code:
    """Return the code of a table's value; ``rows`` is the name that takes the tuple of rows that gave it."""
    values = [writer.bound(writer.write(node)) for node in table.inputs]
    for value, allowed in zip(values, table.allowed, strict=True):
        if allowed is not None:
            writer.refuse_unless(_meets(writer, value, allowed).bare)
    closed = all(cell is None or cell.constants() is not None for row in table.cells for cell in row)
    if closed:
        # The same table serves several plans and liabilities: it is indexed once for each form of its inputs.
        form = (id(table), *(value.scale for value in values))
        index = writer.names.indexes.get(form)
        if index is None:
            index = writer.names.indexes.setdefault(form, index_of(table, [_key(value) for value in values]))
        inputs = "".join(f"{value.text}, " for value in values).rstrip()
        writer.source.line(f"{rows} = {writer.source.constant(index.rows)}(({inputs}))")
    else:
        _open_rows(writer, table, values, rows)
    return _outcome(writer, table, rows)


def _key(value: Code) -> Callable[[Any], Any]:
    """Return what a constant of a column becomes beside values in the form that the code holds them."""
    unit = 10**value.scale

    def keyed(constant: Any) -> Any:
        if isinstance(constant, bool | str | date):
            return constant
        if isinstance(constant, Days):
            return constant.days
        if isinstance(constant, Months):
            return constant.months
        exact = Fraction(constant) * unit
        return exact.numerator if exact.denominator == 1 else exact

    return keyed


def _meets(writer: Expressions, value: Code, cell: CellTests) -> Code:
    wider = cell.meets.value
    code = Code(value.text, wider.type if is_numeric(wider.type) else value.type, value.span, value.atom)
    found = meets(writer, code, cell.meets.tests)
    return Code(f"(not {found.text})", Type.BOOL, YES_NO) if cell.negated else found


def _open_rows(writer: Expressions, table: Table, values: list[Code], rows: str) -> None:
    """Look at one row after the other: a cell that reads names is looked at only where the cells before it hold."""
    if len(table.cells) > _MOST_OPEN_ROWS:
        raise NotGenerated("a long table whose cells read names")
    first = table.definition.hit_policy is HitPolicy.FIRST
    writer.source.line(f"{rows} = ()")
    for at, cells in enumerate(table.cells):
        tests = [(value, cell) for value, cell in zip(values, cells, strict=True) if cell is not None]
        writers: list[Callable[[], Code]] = [partial(_meets, writer, value, cell) for value, cell in tests]
        if first:
            writers.insert(0, lambda: Code(f"(not {rows})", Type.BOOL, YES_NO))
        code = writer.all_of(writers) if writers else Code("True", Type.BOOL, Span(0, 1, 1), atom=True)
        with writer.source.block(f"if {code.bare}"):
            writer.source.line(f"{rows} += ({at},)")


def _outcome(writer: Expressions, table: Table, rows: str) -> Code:
    outputs = [row[0] for row in table.outputs]
    kind = outputs[0].type
    listed = [_constant(node) for node in outputs]
    if any(constant is None for constant in listed):
        return _computed(writer, table, rows, kind)
    return _looked_up(writer, table, rows, [each.value for each in listed if each is not None], kind)


def _constant(node: Node) -> Constant | None:
    if isinstance(node, Apply) and node.operation is Operation.WIDEN:
        inner = _constant(node.operands[0])
        return None if inner is None else Constant(node.type, inner.value)
    return node if isinstance(node, Constant) and node.type.element is None else None


def _looked_up(writer: Expressions, table: Table, rows: str, listed: list[Any], kind: Type) -> Code:
    """The value where all outputs are constants: one list by row."""
    source = writer.source
    numeric = is_numeric(kind)
    span = None
    if kind not in (Type.TEXT,):
        each = [Span(scale, whole, whole) for scale, whole in map(unscaled, listed)]
        span = hull(each[0], *each[1:])
        if numeric:
            listed = [one.at(span.scale).low for one in each]
    data = source.constant(tuple(listed))
    default = table.defaults[0] if table.defaults is not None else None
    definition = table.definition
    if definition.aggregation is Aggregation.COUNT:
        return Code(f"len({rows})", Type.NUMBER, Span(0, 0, len(listed)))
    found = source.temporary()
    with source.block(f"if {rows}"):
        if definition.aggregation is not None:
            folded = _folded(definition.aggregation, f"[{data}[each] for each in {rows}]", kind, span, len(listed))
            source.line(f"{found} = {folded.text}")
            span = folded.span
        else:
            source.line(f"{found} = {data}[{rows}[0]]")
            if definition.hit_policy in (HitPolicy.UNIQUE, HitPolicy.ANY):
                with source.block(f"if len({rows}) > 1"):
                    _several(writer, table, rows, f"{data}[each] != {found}")
    return _else_default(writer, found, span, kind, default)


def _several(writer: Expressions, table: Table, rows: str, differs: str) -> None:
    if table.definition.hit_policy is HitPolicy.UNIQUE:
        writer.source.line("raise Declined")
        return
    with writer.source.block(f"if any([{differs} for each in {rows}])"):
        writer.source.line("raise Declined")


def _folded(aggregation: Aggregation, items: str, kind: Type, span: Span | None, most: int) -> Code:
    if aggregation is Aggregation.SUM:
        assert span is not None  # noqa: S101 - loading lets only numbers be added
        whole = list_total(Span(span.scale, span.low, span.high, most))
        if kind == Type.MONEY or kind in (Type.DAYS, Type.MONTHS):
            raise_beyond = {Type.MONEY: 10**15, Type.DAYS: 3_660_000, Type.MONTHS: 120_000}[kind]
            return Code(f"sum_within({items}, {raise_beyond})", kind, whole.within(-raise_beyond, raise_beyond))
        return Code(f"sum_of({items})", kind, whole)
    return Code(f"{'min' if aggregation is Aggregation.MIN else 'max'}({items})", kind, span)


def _else_default(writer: Expressions, found: str, span: Span | None, kind: Type, default: Node | None) -> Code:
    source = writer.source
    if default is None:
        with source.block("else"):
            source.line("raise Declined")
        return Code(found, kind, span, atom=True)
    code, lines = writer.branch(default)
    if code.scale > (span.scale if span else 0) and is_numeric(kind) and span is not None:
        # The rows count coarser than the default: bring them to its scale.
        factor = 10 ** (code.scale - span.scale)
        source.depth += 1
        source.line(f"{found} = {found} * {factor}")
        source.depth -= 1
        span = span.at(code.scale)
    elif span is not None and is_numeric(kind):
        code = code.at(span.scale)
    with source.block("else"):
        source.lines.extend(lines)
        source.line(f"{found} = {code.bare}")
    whole = hull(span, code.span) if span is not None and code.span is not None else span
    return Code(found, kind, whole, atom=True)


def _computed(writer: Expressions, table: Table, rows: str, kind: Type) -> Code:
    """The value where outputs read names: a branch for each row; only the rows that hold are worked out."""
    definition, source = table.definition, writer.source
    if len(table.outputs) > _MOST_OPEN_ROWS or definition.hit_policy not in (HitPolicy.UNIQUE, HitPolicy.FIRST):
        raise NotGenerated("a table of many hits whose outputs read names")
    if definition.hit_policy is HitPolicy.UNIQUE:
        writer.refuse_unless(f"len({rows}) < 2")
    branches = [(f"{rows} == ({at},)", row[0]) for at, row in enumerate(table.outputs)]
    if table.defaults is not None:
        branches.append((f"not {rows}", table.defaults[0]))
    written = writer.branches([node for _, node in branches])
    found = source.temporary()
    for at, ((condition, _), (code, lines)) in enumerate(zip(branches, written, strict=True)):
        with source.block(f"{'el' if at else ''}if {condition}"):
            source.lines.extend(lines)
            source.line(f"{found} = {code.bare}")
    with source.block("else"):
        source.line("raise Declined")
    spans = [code.span for code, _ in written if code.span is not None]
    return Code(found, kind, hull(spans[0], *spans[1:]) if spans else None, atom=True)
