"""The typed form as text of the language: how a changed rule is shown to its author.

Promise: for people only; nothing reads it back. A widening is not shown, a dated name is shown with its date basis.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from rules.engine.language.ir import (
    Among,
    Apply,
    Both,
    Choose,
    Constant,
    Either,
    Element,
    Invoke,
    Items,
    Meets,
    Node,
    Operation,
    Quantifier,
    Read,
    Round,
    Test,
)
from rules.engine.language.value_types import Days, Kind, Months, Type
from rules.engine.values import decimal_text

_INFIX = {
    Operation.ADD: "+",
    Operation.SUBTRACT: "-",
    Operation.MULTIPLY: "*",
    Operation.DIVIDE: "/",
    Operation.QUOTIENT: "/",
    Operation.EQUAL: "=",
    Operation.NOT_EQUAL: "!=",
    Operation.LESS: "<",
    Operation.LESS_OR_EQUAL: "<=",
    Operation.GREATER: ">",
    Operation.GREATER_OR_EQUAL: ">=",
    Operation.JOIN_TEXT: "+",
    Operation.ADD_DAYS: "+",
    Operation.ADD_MONTHS: "+",
    Operation.SUBTRACT_DAYS: "-",
    Operation.SUBTRACT_MONTHS: "-",
    Operation.SCALE_DAYS: "*",
    Operation.SCALE_MONTHS: "*",
    Operation.DAYS_BETWEEN: "-",
}
_CALLED = {
    Operation.MINIMUM: "min",
    Operation.MAXIMUM: "max",
    Operation.LIST_MINIMUM: "min",
    Operation.LIST_MAXIMUM: "max",
    Operation.LIST_SUM: "sum",
    Operation.LIST_COUNT: "count",
    Operation.LIST_CONTAINS: "list contains",
    Operation.LIST_ALL: "all",
    Operation.LIST_ANY: "any",
    Operation.TEXT_LENGTH: "string length",
    Operation.TEXT_CONTAINS: "contains",
    Operation.TEXT_STARTS_WITH: "starts with",
    Operation.TEXT_ENDS_WITH: "ends with",
    Operation.ABSOLUTE: "abs",
    Operation.NOT: "not",
    Operation.MONTHS_BETWEEN: "years and months duration",
    Operation.MAKE_DATE: "date",
}


def text_of(node: Node) -> str:  # noqa: PLR0911, PLR0912 - one return a kind of node
    """Return the node as text."""
    match node:
        case Constant(type=kind, value=value):
            return value_text(value, kind)
        case Read(name=name):
            return name
        case Element():
            return "?"
        case Apply(operation=Operation.WIDEN):
            return text_of(node.operands[0])
        case Apply(operation=Operation.NEGATE):
            return f"-{_inner(node.operands[0])}"
        case Apply(operation=operation) if operation in _INFIX:
            return f" {_INFIX[operation]} ".join(_inner(operand) for operand in node.operands)
        case Apply(operation=operation) if operation in _CALLED:
            return f"{_CALLED[operation]}({_list(node.operands)})"
        case Apply(operation=operation):
            return f"{_inner(node.operands[0])}.{str(operation).removesuffix(' of')}"
        case Round():
            return f"{node.rounding}({text_of(node.operand)}, {node.scale})"
        case Invoke():
            return f"{node.intrinsic.name}({_list(node.operands)})"
        case Both():
            return f"{_inner(node.left)} and {_inner(node.right)}"
        case Either():
            return f"{_inner(node.left)} or {_inner(node.right)}"
        case Choose():
            return f"if {text_of(node.condition)} then {text_of(node.then)} else {text_of(node.otherwise)}"
        case Items(items=items):
            return f"[{_list(items)}]"
        case Meets():
            return f"{_inner(node.value)} in ({', '.join(test_text(test) for test in node.tests)})"
        case Quantifier():
            word = "every" if node.every else "some"
            return f"{word} ? in {_inner(node.domain)} satisfies {text_of(node.condition)}"


def test_text(test: Test) -> str:
    """Return a test as a cell shows it."""
    if isinstance(test, Among):
        return f"in {text_of(test.domain)}"
    return " and ".join(f"{_INFIX[bound.operation]} {_inner(bound.operand)}" for bound in test)


def value_text(value: object, kind: Type) -> str:  # noqa: PLR0911 - one return a kind of value
    """Return a constant as the language writes it."""
    if kind.kind in (Kind.MONEY, Kind.EXACT_MONEY) and isinstance(value, int | Decimal):
        return f"{Decimal(value).scaleb(-2):f} yuan"
    match value:
        case bool():
            return "true" if value else "false"
        case str():
            return f'"{value}"'
        case date():
            return f'@"{value.isoformat()}"'
        case Days():
            return f'@"P{value.days}D"'
        case Months():
            return f'@"P{value.months}M"'
        case Decimal():
            return decimal_text(value)
        case _:
            return str(value)


def _inner(node: Node) -> str:
    compound = isinstance(node, Both | Either | Choose | Meets | Quantifier) or (
        isinstance(node, Apply)
        and (node.operation in _INFIX or (node.operation is Operation.WIDEN and _compound(node.operands[0])))
    )
    return f"({text_of(node)})" if compound else text_of(node)


def _compound(node: Node) -> bool:
    return text_of(node) != _inner(node)


def _list(nodes: tuple[Node, ...]) -> str:
    return ", ".join(text_of(node) for node in nodes)
