"""Walking the typed form: what a node is made of, and the same node with other parts.

Promise: ``rebuilt(node, children(node)) == node``; a list's elements and a quantifier's condition are parts like any other.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import replace

from rules.engine.language.ir import (
    Among,
    Apply,
    Both,
    Bound,
    Choose,
    Constant,
    Either,
    Element,
    Invoke,
    Items,
    Meets,
    Node,
    Quantifier,
    Read,
    Round,
    Test,
)

Put = Callable[[Node], Node]


def children(node: Node) -> tuple[Node, ...]:  # noqa: PLR0911 - one return a kind of node
    """Return the nodes that a node is made of, in order of evaluation."""
    match node:
        case Constant() | Read() | Element():
            return ()
        case Apply(operands=operands) | Invoke(operands=operands):
            return operands
        case Round(operand=operand):
            return (operand,)
        case Both() | Either():
            return (node.left, node.right)
        case Choose():
            return (node.condition, node.then, node.otherwise)
        case Items(items=items):
            return items
        case Meets():
            return (node.value, *(operand for test in node.tests for operand in operands_of(test)))
        case Quantifier():
            return (node.domain, node.condition)


def rebuilt(node: Node, parts: Sequence[Node]) -> Node:  # noqa: PLR0911 - one return a kind of node
    """Return the node with other parts, given in the order of ``children``."""
    match node:
        case Constant() | Read() | Element():
            return node
        case Apply() | Invoke():
            return replace(node, operands=tuple(parts))
        case Round():
            return replace(node, operand=parts[0])
        case Both() | Either():
            return replace(node, left=parts[0], right=parts[1])
        case Choose():
            return replace(node, condition=parts[0], then=parts[1], otherwise=parts[2])
        case Items():
            return replace(node, items=tuple(parts))
        case Meets():
            rest = iter(parts[1:])
            return replace(node, value=parts[0], tests=tuple(_with_operands(test, rest) for test in node.tests))
        case Quantifier():
            return replace(node, domain=parts[0], condition=parts[1])


def operands_of(test: Test) -> tuple[Node, ...]:
    """Return what a test compares with."""
    return (test.domain,) if isinstance(test, Among) else tuple(bound.operand for bound in test)


def _with_operands(test: Test, operands: Iterator[Node]) -> Test:
    if isinstance(test, Among):
        return Among(next(operands))
    return tuple(Bound(bound.operation, next(operands)) for bound in test)


def everywhere(node: Node) -> Iterator[tuple[Node, Put]]:
    """Yield every node inside, the whole first, each with the function that puts another in its place."""

    def walk(here: Node, put: Put) -> Iterator[tuple[Node, Put]]:
        yield here, put
        parts = children(here)
        for index, part in enumerate(parts):
            yield from walk(part, _putter(here, parts, index, put))

    return walk(node, lambda other: other)


def _putter(node: Node, parts: tuple[Node, ...], index: int, outer: Put) -> Put:
    return lambda other: outer(rebuilt(node, (*parts[:index], other, *parts[index + 1 :])))
