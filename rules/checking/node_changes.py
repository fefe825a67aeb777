"""The small slips of a formula: each way in which one operator, bound or figure could have been written wrong.

Promise: every change keeps all types, so that the changed formula runs; the order is fixed. Not offered is what the language
or the engine makes meaningless (ADR 0116).
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

from rules.checking.nodes import everywhere
from rules.engine.language.errors import Place
from rules.engine.language.exact import Rounding
from rules.engine.language.ir import (
    Apply,
    Both,
    Bound,
    Choose,
    Constant,
    Either,
    Invoke,
    Meets,
    Node,
    Operation,
    Quantifier,
    Round,
    Test,
)
from rules.engine.language.value_types import Days, Months, Type, Value

_SWAPS: dict[Operation, tuple[Operation, ...]] = {
    Operation.ADD: (Operation.SUBTRACT,),
    Operation.SUBTRACT: (Operation.ADD,),
    Operation.ADD_DAYS: (Operation.SUBTRACT_DAYS,),
    Operation.SUBTRACT_DAYS: (Operation.ADD_DAYS,),
    Operation.ADD_MONTHS: (Operation.SUBTRACT_MONTHS,),
    Operation.SUBTRACT_MONTHS: (Operation.ADD_MONTHS,),
    Operation.EQUAL: (Operation.NOT_EQUAL,),
    Operation.NOT_EQUAL: (Operation.EQUAL,),
    Operation.LESS: (Operation.LESS_OR_EQUAL, Operation.GREATER_OR_EQUAL),
    Operation.LESS_OR_EQUAL: (Operation.LESS, Operation.GREATER),
    Operation.GREATER: (Operation.GREATER_OR_EQUAL, Operation.LESS_OR_EQUAL),
    Operation.GREATER_OR_EQUAL: (Operation.GREATER, Operation.LESS),
    Operation.MINIMUM: (Operation.MAXIMUM,),
    Operation.MAXIMUM: (Operation.MINIMUM,),
    Operation.LIST_MINIMUM: (Operation.LIST_MAXIMUM,),
    Operation.LIST_MAXIMUM: (Operation.LIST_MINIMUM,),
    Operation.LIST_ALL: (Operation.LIST_ANY,),
    Operation.LIST_ANY: (Operation.LIST_ALL,),
}
_NEGATED = frozenset(
    {Operation.LIST_CONTAINS, Operation.TEXT_CONTAINS, Operation.TEXT_STARTS_WITH, Operation.TEXT_ENDS_WITH}
)
_UNDONE = frozenset({Operation.NOT, Operation.NEGATE, Operation.ABSOLUTE})
_ROUNDINGS: dict[Rounding, tuple[Rounding, ...]] = {
    Rounding.HALF_UP: (Rounding.HALF_EVEN, Rounding.DOWN, Rounding.UP),
    Rounding.HALF_EVEN: (Rounding.HALF_UP, Rounding.DOWN, Rounding.UP),
    Rounding.HALF_DOWN: (Rounding.HALF_UP, Rounding.DOWN, Rounding.UP),
    Rounding.UP: (Rounding.HALF_UP, Rounding.DOWN),
    Rounding.DOWN: (Rounding.HALF_UP, Rounding.UP),
    Rounding.FLOOR: (Rounding.CEILING, Rounding.HALF_UP),
    Rounding.CEILING: (Rounding.FLOOR, Rounding.HALF_UP),
}

# What a change adds was never written: it has no place in the text.
_NOWHERE = Place(1, 1, "")


@dataclass(frozen=True, slots=True)
class Change:
    """One slip: the whole formula with it, and the piece before and after."""

    whole: Node
    before: Node
    after: Node


def changes(node: Node) -> Iterator[Change]:
    """Yield every slip of a formula."""
    for before, put in everywhere(node):
        for after in _instead(before):
            yield Change(put(after), before, after)


def negated(node: Node) -> Node:
    """Return the opposite of a yes/no node."""
    return Apply(Type.BOOL, Operation.NOT, (node,), _NOWHERE)


def _instead(node: Node) -> Iterator[Node]:
    match node:
        case Constant(type=kind, value=value):
            yield from (Constant(kind, other) for other in neighbours(value))
        case Apply():
            yield from _instead_of_operation(node)
        case Round():
            yield from (replace(node, rounding=other) for other in _ROUNDINGS[node.rounding])
            yield replace(node, scale=node.scale - 1)
        case Invoke(operands=(first, second)) if first.type == second.type:
            yield replace(node, operands=(second, first))
        case Both():
            yield from (Either(node.left, node.right), node.left, node.right)
        case Either():
            yield from (Both(node.left, node.right), node.left, node.right)
        case Choose():
            yield from (node.then, node.otherwise)
        case Meets():
            yield from _instead_of_tests(node)
        case Quantifier():
            yield replace(node, every=not node.every)
        case _:
            return


def _instead_of_operation(node: Apply) -> Iterator[Node]:
    operation, operands = node.operation, node.operands
    for other in _SWAPS.get(operation, ()):
        if operation not in (Operation.ADD, Operation.SUBTRACT) or operands[0].type == operands[1].type:
            yield replace(node, operation=other)
    if operation in _NEGATED:
        yield negated(node)
    if operation in _UNDONE:
        yield operands[0]
    if operation is Operation.MULTIPLY:
        yield from (widened(operand, node.type) for operand in operands if _same_family(operand.type, node.type))
    if operation is Operation.QUOTIENT and operands[0].type == operands[1].type:
        yield replace(node, operands=(operands[1], operands[0]))
    if operation in (Operation.MINIMUM, Operation.MAXIMUM):
        for index in range(len(operands)):
            rest = operands[:index] + operands[index + 1 :]
            yield replace(node, operands=rest) if len(rest) > 1 else rest[0]


def _instead_of_tests(node: Meets) -> Iterator[Node]:
    for index, test in enumerate(node.tests):
        before, behind = node.tests[:index], node.tests[index + 1 :]
        if len(node.tests) > 1:
            yield replace(node, tests=before + behind)
        for other in tests_instead(test):
            yield replace(node, tests=(*before, other, *behind))


def tests_instead(test: Test) -> Iterator[Test]:
    """Yield a test with one of its comparisons changed: an end taken in or left out."""
    if not isinstance(test, tuple):
        return
    for index, bound in enumerate(test):
        for operation in _SWAPS.get(bound.operation, ())[:1]:
            yield (*test[:index], Bound(operation, bound.operand), *test[index + 1 :])


def neighbours(value: Value) -> tuple[Value, ...]:  # noqa: PLR0911 - one return a kind of value
    """Return the values next to a value: a fen, a day, a unit of the last written digit up and down; another text."""
    match value:
        case bool():
            return (not value,)
        case int():
            return (value + 1, value - 1)
        case Decimal():
            exponent = value.as_tuple().exponent
            unit = Decimal(1).scaleb(min(0, exponent) if isinstance(exponent, int) else 0)
            return (value + unit, value - unit)
        case str():
            return (f"{value}~",)
        case date():
            return tuple(value + timedelta(days=step) for step in (1, -1) if date.min < value < date.max)
        case Days(days=days):
            return (Days(days + 1), Days(days - 1))
        case Months(months=months):
            return (Months(months + 1), Months(months - 1))
        case tuple():
            return tuple(
                (*value[:index], other, *value[index + 1 :])
                for index, each in enumerate(value)
                for other in neighbours(each)
            )


def widened(node: Node, wanted: Type) -> Node:
    """Return the node as a value of a wider type."""
    return node if node.type == wanted else Apply(wanted, Operation.WIDEN, (node,), _NOWHERE)


def _same_family(kind: Type, wanted: Type) -> bool:
    return kind == wanted or (kind == Type.MONEY and wanted == Type.EXACT_MONEY)
