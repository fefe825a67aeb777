"""How types combine: what widens to what, what can be compared, what an operator gives.

Promise: one table of arithmetic for both modes of the evaluator. What is not in it does not exist.
"""

from __future__ import annotations

from rules.engine.language.ir import Operation
from rules.engine.language.value_types import Kind, Type

# In widening order: each converts without loss to those after it.
_NUMBERS = (Type.NUMBER, Type.QUOTIENT)
_MONEYS = (Type.MONEY, Type.EXACT_MONEY, Type.MONEY_QUOTIENT)
QUOTIENTS = frozenset({Type.QUOTIENT, Type.MONEY_QUOTIENT})
MONEYS = frozenset(_MONEYS)
_ORDERED = frozenset({*_NUMBERS, *_MONEYS, Type.DATE, Type.DAYS, Type.MONTHS})
_EQUATABLE = _ORDERED | {Type.TEXT, Type.BOOL}
SUMMABLE = frozenset({Type.NUMBER, Type.MONEY, Type.EXACT_MONEY, Type.DAYS, Type.MONTHS})
NEGATABLE = SUMMABLE

ORDERINGS = {
    "<": Operation.LESS,
    "<=": Operation.LESS_OR_EQUAL,
    ">": Operation.GREATER,
    ">=": Operation.GREATER_OR_EQUAL,
}
EQUALITIES = {"=": Operation.EQUAL, "!=": Operation.NOT_EQUAL}

# (operator, left, right) -> operation, type that the operands are widened to (None: as they are), result.
_Rule = tuple[Operation, Type | None, Type]


def _arithmetic() -> dict[tuple[str, Type, Type], _Rule]:
    table: dict[tuple[str, Type, Type], _Rule] = {
        ("+", Type.TEXT, Type.TEXT): (Operation.JOIN_TEXT, None, Type.TEXT),
        ("-", Type.DATE, Type.DATE): (Operation.DAYS_BETWEEN, None, Type.DAYS),
        ("+", Type.DATE, Type.DAYS): (Operation.ADD_DAYS, None, Type.DATE),
        ("+", Type.DATE, Type.MONTHS): (Operation.ADD_MONTHS, None, Type.DATE),
        ("-", Type.DATE, Type.DAYS): (Operation.SUBTRACT_DAYS, None, Type.DATE),
        ("-", Type.DATE, Type.MONTHS): (Operation.SUBTRACT_MONTHS, None, Type.DATE),
        ("*", Type.NUMBER, Type.NUMBER): (Operation.MULTIPLY, None, Type.NUMBER),
        ("/", Type.NUMBER, Type.NUMBER): (Operation.QUOTIENT, None, Type.QUOTIENT),
        ("/", Type.DAYS, Type.DAYS): (Operation.QUOTIENT, None, Type.QUOTIENT),
        ("*", Type.DAYS, Type.NUMBER): (Operation.SCALE_DAYS, None, Type.DAYS),
        ("*", Type.MONTHS, Type.NUMBER): (Operation.SCALE_MONTHS, None, Type.MONTHS),
    }
    for operator, operation in (("+", Operation.ADD), ("-", Operation.SUBTRACT)):
        for kind in SUMMABLE:
            table[operator, kind, kind] = (operation, None, kind)
        for pair in ((Type.MONEY, Type.EXACT_MONEY), (Type.EXACT_MONEY, Type.MONEY)):
            table[operator, *pair] = (operation, Type.EXACT_MONEY, Type.EXACT_MONEY)
    for money in (Type.MONEY, Type.EXACT_MONEY):
        table["*", money, Type.NUMBER] = (Operation.MULTIPLY, None, Type.EXACT_MONEY)
        table["*", Type.NUMBER, money] = (Operation.MULTIPLY, None, Type.EXACT_MONEY)
        table["/", money, Type.NUMBER] = (Operation.QUOTIENT, None, Type.MONEY_QUOTIENT)
        for other in (Type.MONEY, Type.EXACT_MONEY):
            table["/", money, other] = (Operation.QUOTIENT, None, Type.QUOTIENT)
    return table


_ARITHMETIC = _arithmetic()


def arithmetic(operator: str, left: Type, right: Type) -> _Rule | None:
    """Return operation, common operand type (None: as they are) and result type; None where there is no such operation."""
    return _ARITHMETIC.get((operator, left, right))


def join(left: Type, right: Type) -> Type | None:
    """Return the narrowest type that both widen to without loss; None where there is none."""
    if left == right:
        return left
    for family in (_NUMBERS, _MONEYS):
        if left in family and right in family:
            return family[max(family.index(left), family.index(right))]
    return None


def widens(given: Type, wanted: Type) -> bool:
    """Say whether a value of ``given`` may stand where ``wanted`` is asked for."""
    return given == wanted or (
        wanted not in QUOTIENTS and wanted.kind is not Kind.LIST and join(given, wanted) == wanted
    )


def orderable(kind: Type) -> bool:
    """Say whether values have a least and a greatest: numbers, money, dates and durations."""
    return kind in _ORDERED


def comparable(kind: Type) -> bool:
    """Say whether ``<`` is defined: for what is orderable, and for text by code point (code ranges: ``["C00".."C98")``)."""
    return kind in _ORDERED or kind == Type.TEXT


def equatable(kind: Type) -> bool:
    """Say whether ``=`` is defined: everything but lists."""
    return kind in _EQUATABLE
