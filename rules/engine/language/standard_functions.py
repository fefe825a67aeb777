"""The functions of the language: which arguments each takes and what it gives.

Promise: every function is total or raises ``Failure``; names and meaning are FEEL's (DMN 1.4 §10.3.4), except that nothing
gives null and a rounding's scale is a literal, so that the scale of every result is known when the pack is built.
"""

from __future__ import annotations

from collections.abc import Callable
from decimal import Decimal
from typing import TYPE_CHECKING

from rules.engine.language.exact import Rounding
from rules.engine.language.ir import Apply, Constant, Node, Operation, Round
from rules.engine.language.syntax import Call, Literal, Syntax
from rules.engine.language.typing_rules import MONEYS, NEGATABLE, QUOTIENTS, SUMMABLE, join, orderable
from rules.engine.language.value_types import Kind, Type

if TYPE_CHECKING:
    from rules.engine.language.checker import Checker

MAX_SCALE = 12
_FEN_SCALE = 2
_Check = Callable[["Checker", Call], Node]


def check_call(checker: Checker, tree: Call) -> Node:
    """Return the typed form of a call of a built-in function. Raises ``LanguageError``."""
    return _BUILTINS[tree.function](checker, tree)


def _fixed(operation: Operation, result: Type, *parameters: Type) -> _Check:
    """A function with one signature."""

    def check(checker: Checker, tree: Call) -> Node:
        checker.expect_count(tree, len(parameters))
        operands = tuple(
            checker.as_type(checker.check(argument), wanted, argument)
            for argument, wanted in zip(tree.arguments, parameters, strict=True)
        )
        return Apply(result, operation, operands, checker.place(tree))

    return check


def _rounding(rounding: Rounding, default_scale: int | None = None) -> _Check:
    def check(checker: Checker, tree: Call) -> Node:
        if default_scale is None or len(tree.arguments) > 1:
            checker.expect_count(tree, 2)
            scale = _scale(checker, tree.arguments[1])
        else:
            checker.expect_count(tree, 1)
            scale = default_scale
        operand = checker.check(tree.arguments[0])
        if operand.type in (Type.NUMBER, Type.QUOTIENT):
            return Round(Type.NUMBER, rounding, scale, operand, checker.place(tree))
        if operand.type not in MONEYS:
            raise checker.mismatch(tree.arguments[0], operand.type, "a number or money to round")
        if scale > _FEN_SCALE:
            raise checker.refusal("bad_literal", tree.arguments[1], "at most 2 decimals: money is counted in fen")
        return Round(Type.MONEY, rounding, scale, operand, checker.place(tree))

    return check


def _scale(checker: Checker, tree: Syntax) -> int:
    node = checker.check(tree)
    value = node.value if isinstance(node, Constant) and node.type == Type.NUMBER else None
    if not isinstance(value, Decimal) or value != value.to_integral_value() or abs(value) > MAX_SCALE:
        raise checker.refusal("bad_literal", tree, f"a literal number of decimals, from -{MAX_SCALE} to {MAX_SCALE}")
    return int(value)


def _extreme(of_operands: Operation, of_list: Operation) -> _Check:
    def check(checker: Checker, tree: Call) -> Node:
        if len(tree.arguments) == 1:
            domain = _list_argument(
                checker, tree.arguments[0], orderable, "a list of numbers, money or dates, or several values"
            )
            return Apply(domain.type.element or domain.type, of_list, (domain,), checker.place(tree))
        nodes = _several(checker, tree)
        common = nodes[0].type
        for node, argument in zip(nodes, tree.arguments, strict=True):
            joined = join(common, node.type)
            if joined is None or not orderable(joined):
                raise checker.mismatch(
                    argument, node.type, f"{common}, as before it" if joined is None else "numbers, money or dates"
                )
            common = joined
        operands = tuple(
            checker.widen(node, common, argument) for node, argument in zip(nodes, tree.arguments, strict=True)
        )
        return Apply(common, of_operands, operands, checker.place(tree))

    return check


def _sum(checker: Checker, tree: Call) -> Node:
    if len(tree.arguments) == 1:
        domain = _list_argument(
            checker, tree.arguments[0], SUMMABLE.__contains__, "a list of numbers or money, or several values"
        )
    else:
        domain = checker.items_of(_several(checker, tree), tree.arguments, tree)
        if domain.type.element not in SUMMABLE:
            raise checker.mismatch(tree, domain.type, "numbers or money to add")
    return Apply(domain.type.element or domain.type, Operation.LIST_SUM, (domain,), checker.place(tree))


def _several(checker: Checker, tree: Call) -> list[Node]:
    if not tree.arguments:
        raise checker.refusal("wrong_arguments", tree, "a list, or at least two values")
    return [checker.rounded(argument) for argument in tree.arguments]


def _list_argument(checker: Checker, tree: Syntax, accepts: Callable[[Type], bool], expected: str) -> Node:
    node = checker.check(tree)
    if node.type.element is None or not accepts(node.type.element):
        raise checker.mismatch(tree, node.type, expected)
    return node


def _count(checker: Checker, tree: Call) -> Node:
    checker.expect_count(tree, 1)
    domain = _list_argument(checker, tree.arguments[0], lambda _: True, "a list")
    return Apply(Type.NUMBER, Operation.LIST_COUNT, (domain,), checker.place(tree))


def _list_contains(checker: Checker, tree: Call) -> Node:
    checker.expect_count(tree, 2)
    domain = _list_argument(checker, tree.arguments[0], lambda _: True, "a list")
    element = domain.type.element or domain.type
    wanted = checker.as_type(checker.check(tree.arguments[1]), element, tree.arguments[1])
    return Apply(Type.BOOL, Operation.LIST_CONTAINS, (domain, wanted), checker.place(tree))


def _absolute(checker: Checker, tree: Call) -> Node:
    checker.expect_count(tree, 1)
    operand = checker.check(tree.arguments[0])
    if operand.type in QUOTIENTS or operand.type not in NEGATABLE:
        raise checker.mismatch(tree.arguments[0], operand.type, "a number, money or a duration")
    return Apply(operand.type, Operation.ABSOLUTE, (operand,), checker.place(tree))


def _date(checker: Checker, tree: Call) -> Node:
    if len(tree.arguments) == 3:
        return _fixed(Operation.MAKE_DATE, Type.DATE, Type.NUMBER, Type.NUMBER, Type.NUMBER)(checker, tree)
    return checker.constant_date(
        _literal_text(checker, tree, 'a literal date("2024-02-29") or date(year, month, day)'), tree
    )


def _duration(checker: Checker, tree: Call) -> Node:
    return checker.constant_duration(
        _literal_text(checker, tree, 'a literal duration("P30D") or duration("P1Y6M")'), tree
    )


def _literal_text(checker: Checker, tree: Call, expected: str) -> str:
    first = tree.arguments[0] if len(tree.arguments) == 1 else None
    if not isinstance(first, Literal) or not isinstance(first.value, str):
        raise checker.refusal("wrong_arguments", tree, expected)
    return first.value


def _list_of_bool(operation: Operation) -> _Check:
    return _fixed(operation, Type.BOOL, Type(Kind.LIST, Type.BOOL))


_BUILTINS: dict[str, _Check] = {
    **{str(each): _rounding(each) for each in Rounding if each not in (Rounding.FLOOR, Rounding.CEILING)},
    "decimal": _rounding(Rounding.HALF_EVEN),
    "floor": _rounding(Rounding.FLOOR, 0),
    "ceiling": _rounding(Rounding.CEILING, 0),
    "min": _extreme(Operation.MINIMUM, Operation.LIST_MINIMUM),
    "max": _extreme(Operation.MAXIMUM, Operation.LIST_MAXIMUM),
    "sum": _sum,
    "count": _count,
    "abs": _absolute,
    "list contains": _list_contains,
    "all": _list_of_bool(Operation.LIST_ALL),
    "any": _list_of_bool(Operation.LIST_ANY),
    "not": _fixed(Operation.NOT, Type.BOOL, Type.BOOL),
    "date": _date,
    "duration": _duration,
    "years and months duration": _fixed(Operation.MONTHS_BETWEEN, Type.MONTHS, Type.DATE, Type.DATE),
    "string length": _fixed(Operation.TEXT_LENGTH, Type.NUMBER, Type.TEXT),
    "contains": _fixed(Operation.TEXT_CONTAINS, Type.BOOL, Type.TEXT, Type.TEXT),
    "starts with": _fixed(Operation.TEXT_STARTS_WITH, Type.BOOL, Type.TEXT, Type.TEXT),
    "ends with": _fixed(Operation.TEXT_ENDS_WITH, Type.BOOL, Type.TEXT, Type.TEXT),
}
FUNCTION_NAMES = frozenset(_BUILTINS)
