"""The evaluator's FEEL mode: the same language without static types and with FEEL's null, for outside test data only.

Promise: never used for a pack. Every operation and function that packs have is checked and computed by the strict language's
own checker and closures, with the operands' types found at run time; where the strict language refuses types, FEEL's answer is
null (``None``). What FEEL has and packs have not (power, text order, ranges and lists as values) is added here. What is neither
is refused by ``OutOfScope``, never guessed.

Source: DMN 1.4 §10.3, three-valued logic table 50, equality table 53.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from rules.engine.language.checker import Checker
from rules.engine.language.closures import build
from rules.engine.language.errors import Failure, FailureCode, LanguageError
from rules.engine.language.parser import parse
from rules.engine.language.standard_functions import FUNCTION_NAMES
from rules.engine.language.syntax import (
    AtLiteral,
    Between,
    Binary,
    Call,
    Comparison,
    Conditional,
    In,
    Index,
    Interval,
    ListLiteral,
    Literal,
    MoneyLiteral,
    Name,
    Negation,
    Property,
    Quantified,
    Syntax,
)
from rules.engine.language.tokens import Dialect
from rules.engine.language.value_types import Days, Months, Type
from rules.tools import feel_functions
from rules.tools.feel_functions import OutOfScope

_TYPES: dict[type, Type] = {
    bool: Type.BOOL,
    Decimal: Type.NUMBER,
    str: Type.TEXT,
    date: Type.DATE,
    Days: Type.DAYS,
    Months: Type.MONTHS,
}
_SWAPPED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
# FEEL's answer to these is null; the strict language's other refusals are its own and say nothing about FEEL.
_NULL_REFUSALS = frozenset({"wrong_type", "wrong_arguments"})


@dataclass(frozen=True, slots=True)
class Range:
    """An interval as a value."""

    low: Any
    high: Any
    low_closed: bool
    high_closed: bool


@dataclass(frozen=True, slots=True)
class UnaryTest:
    """``< 10`` as a value."""

    operator: str
    operand: Any


def evaluate_feel(text: str, env: Mapping[str, Any]) -> Any:
    """Return FEEL's value, ``None`` for null. Raises ``OutOfScope`` or ``LanguageError`` where this mode has no answer."""
    names = FUNCTION_NAMES | feel_functions.FUNCTION_NAMES
    return Feel(env).value(parse(text, names, env.keys(), Dialect.FEEL))


class Feel:
    """Walks a tree over one environment."""

    def __init__(self, env: Mapping[str, Any]) -> None:
        self._env = env

    def value(self, tree: Syntax) -> Any:  # noqa: PLR0911, PLR0912 - one branch for each kind of node, in one view
        """Return the value of a tree."""
        match tree:
            case Literal(value=value):
                return value
            case MoneyLiteral():
                raise OutOfScope("money")
            case AtLiteral():
                return strict(tree)
            case Name(name=name):
                return self._read(name)
            case Call():
                return self._call(tree)
            case Negation():
                operand = self.value(tree.operand)
                return None if operand is None else strict(Negation(start=0, end=0, operand=_name(0)), operand)
            case Binary(operator="and" | "or"):
                return self._logic(tree)
            case Binary(operator="=" | "!="):
                return _negated(equal(self.value(tree.left), self.value(tree.right)), tree.operator == "!=")
            case Binary(operator="<" | "<=" | ">" | ">="):
                return compare(tree.operator, self.value(tree.left), self.value(tree.right))
            case Binary():
                return arithmetic(tree.operator, self.value(tree.left), self.value(tree.right))
            case Between():
                value = self.value(tree.value)
                low = compare(">=", value, self.value(tree.low))
                return _and(low, compare("<=", value, self.value(tree.high)))
            case In():
                value = self.value(tree.value)
                return _any([self._meets(value, test) for test in tree.tests])
            case Conditional():
                return self.value(tree.then if self.value(tree.condition) is True else tree.otherwise)
            case ListLiteral():
                return tuple(self.value(item) for item in tree.items)
            case Interval():
                return Range(self.value(tree.low), self.value(tree.high), tree.low_closed, tree.high_closed)
            case Comparison():
                return UnaryTest(tree.operator, self.value(tree.operand))
            case Quantified():
                return self._quantified(tree)
            case Property():
                operand = self.value(tree.operand)
                return strict(Property(start=0, end=0, operand=_name(0), name=tree.name), operand)
            case Index():
                return self._index(tree)

    def _read(self, name: str) -> Any:
        if name in self._env:
            return self._env[name]
        stem, _, part = name.rpartition(".")
        if not stem:
            raise OutOfScope(f"name {name}")
        whole = self._read(stem)
        if isinstance(whole, Mapping):
            return whole.get(part)
        return strict(Property(start=0, end=0, operand=_name(0), name=part), whole)

    def _call(self, tree: Call) -> Any:
        arguments = [self.value(argument) for argument in tree.arguments]
        if tree.function in feel_functions.FUNCTION_NAMES:
            return feel_functions.call(tree.function, arguments)
        if any(argument is None for argument in arguments):
            return None
        scale = feel_functions.harmless_scale(tree.function, arguments)
        if scale is not None:
            return scale
        # Texts of dates and durations and scales of roundings are literals in the strict language.
        literal = tree.function in ("date", "duration")
        operands = tuple(
            Literal(start=0, end=0, value=argument)
            if (literal and isinstance(argument, str)) or (index == 1 and isinstance(argument, Decimal))
            else _name(index)
            for index, argument in enumerate(arguments)
        )
        if literal and len(arguments) == 1 and isinstance(arguments[0], date):
            return arguments[0]
        return strict(Call(start=0, end=0, function=tree.function, arguments=operands), *arguments)

    def _logic(self, tree: Binary) -> bool | None:
        sides = [
            value if isinstance(value, bool) else None for value in (self.value(tree.left), self.value(tree.right))
        ]
        return _and(*sides) if tree.operator == "and" else _any(sides)

    def _meets(self, value: Any, tree: Syntax) -> bool | None:
        test = self.value(tree)
        if value is None:
            return None
        if isinstance(tree, Comparison) or not isinstance(test, tuple):
            return meets(value, test)
        if isinstance(value, tuple) and equal(value, test):
            return True
        return _any([meets(value, each) for each in test])

    def _quantified(self, tree: Quantified) -> bool | None:
        domain = self.value(tree.domain)
        if not isinstance(domain, tuple):
            raise OutOfScope("some or every over something else than a list")
        found = [Feel({**self._env, tree.variable: item}).value(tree.condition) for item in domain]
        if any(each is not None and not isinstance(each, bool) for each in found):
            raise OutOfScope("a condition that is no yes/no")
        return _negated(_any([_negated(each, True) for each in found]), True) if tree.every else _any(found)

    def _index(self, tree: Index) -> Any:
        operand, index = self.value(tree.operand), self.value(tree.index)
        items = operand if isinstance(operand, tuple) else (operand,)
        if isinstance(index, bool):
            return items if index else ()
        if not isinstance(index, Decimal) or index != index.to_integral_value() or operand is None:
            raise OutOfScope("a filter")
        at = int(index)
        if at == 0 or abs(at) > len(items):
            return None
        return items[at - 1 if at > 0 else at]


def strict(tree: Syntax, *values: Any) -> Any:
    """Let the strict language check and compute one operation on values; FEEL's null where it refuses their types."""
    names = {f"v{index}": type_of(value) for index, value in enumerate(values)}
    env = {f"v{index}": value for index, value in enumerate(values)}
    try:
        return build(Checker("", names, {}).result(tree, None))(env)
    except LanguageError as error:
        if error.code in _NULL_REFUSALS:
            return None
        raise
    except Failure as failure:
        if failure.failure_code in (FailureCode.DIVISION_BY_ZERO, FailureCode.EMPTY_LIST):
            return None
        raise


def type_of(value: Any) -> Type:
    """Return the strict type of a value. Raises ``OutOfScope`` for what the strict language has no type for."""
    if isinstance(value, tuple) and value:
        types = {type_of(item) for item in value}
        if len(types) == 1:
            (element,) = types
            if element.element is None:
                return Type.list_of(element)
    found = _TYPES.get(type(value))
    if found is None:
        raise OutOfScope(f"a value of {type(value).__name__}")
    return found


def _name(index: int) -> Name:
    return Name(start=0, end=0, name=f"v{index}")


def equal(left: Any, right: Any) -> bool | None:
    """Return FEEL's equality: null equals null only; values of two kinds compare to null; lists element by element."""
    if left is None or right is None:
        return left is None and right is None
    if isinstance(left, Range | UnaryTest) or isinstance(right, Range | UnaryTest):
        return bool(left == right)
    if isinstance(left, tuple) and isinstance(right, tuple):
        if len(left) != len(right):
            return False
        pairs = [equal(a, b) for a, b in zip(left, right, strict=True)]
        return False if False in pairs else None if None in pairs else True
    if isinstance(left, tuple | Mapping) or isinstance(right, tuple | Mapping):
        return None
    found: bool | None = strict(Binary(start=0, end=0, operator="=", left=_name(0), right=_name(1)), left, right)
    return found


def compare(operator: str, left: Any, right: Any) -> bool | None:
    """Return FEEL's order: texts by code point, null where the strict language has no order."""
    if left is None or right is None or isinstance(left, tuple) or isinstance(right, tuple):
        return None
    if isinstance(left, Range | UnaryTest) or isinstance(right, Range | UnaryTest):
        return None
    if isinstance(left, str) and isinstance(right, str):
        return {"<": left < right, "<=": left <= right, ">": left > right, ">=": left >= right}[operator]
    found: bool | None = strict(Binary(start=0, end=0, operator=operator, left=_name(0), right=_name(1)), left, right)
    return found


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """Return FEEL's sum, difference, product, quotient or power."""
    operands = (left, right)
    if any(operand is None or isinstance(operand, tuple | Range | UnaryTest | Mapping) for operand in operands):
        return None
    if operator == "**":
        return feel_functions.power(left, right)
    if operator == "/":
        return feel_functions.divide(left, right)
    if operator == "*" and any(isinstance(operand, Days | Months) for operand in operands):
        return feel_functions.scale_duration(left, right)
    return strict(Binary(start=0, end=0, operator=operator, left=_name(0), right=_name(1)), left, right)


def meets(value: Any, test: Any) -> bool | None:
    """Say whether a value meets one test: a range, a comparison, or a value to equal (another kind is simply not equal)."""
    if isinstance(test, Range) and not isinstance(value, Range):
        low = compare(">=" if test.low_closed else ">", value, test.low)
        return _and(low, compare("<=" if test.high_closed else "<", value, test.high))
    if isinstance(test, UnaryTest) and not isinstance(value, UnaryTest):
        if test.operator in ("=", "!="):
            return _negated(equal(value, test.operand), test.operator == "!=")
        return compare(test.operator, value, test.operand)
    if isinstance(value, tuple) != isinstance(test, tuple):
        return False
    return equal(value, test) or False


def _and(left: bool | None, right: bool | None) -> bool | None:
    if left is False or right is False:
        return False
    return None if left is None or right is None else True


def _any(values: list[bool | None]) -> bool | None:
    if True in values:
        return True
    return None if None in values else False


def _negated(value: bool | None, negated: bool) -> bool | None:
    return value if value is None else value is not negated
