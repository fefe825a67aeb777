"""The strict language at work inside the FEEL mode: one operation or function at a time, on values whose types are found as they come.

Promise: the strict language's own checker and closures decide and compute; where they refuse types, the answer is FEEL's null.

Source: ADR 0020, ADR 0117.
"""

from __future__ import annotations

import decimal
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules.engine.language.checker import Checker
from rules.engine.language.closures import build
from rules.engine.language.errors import Failure, FailureCode, LanguageError
from rules.engine.language.syntax import Call, Literal, Name, Syntax
from rules.engine.language.value_types import Days, Months, Type
from rules.tools.feel_values import OutOfScope

DECIMAL128 = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
_TYPES: dict[type, Type] = {
    bool: Type.BOOL,
    Decimal: Type.NUMBER,
    str: Type.TEXT,
    date: Type.DATE,
    Days: Type.DAYS,
    Months: Type.MONTHS,
}
# FEEL's answer to these is null; the strict language's other refusals are its own and say nothing about FEEL.
_NULL_REFUSALS = frozenset({"wrong_type", "wrong_arguments"})


class Beyond(OutOfScope):
    """The strict language's bounds end here; FEEL's reach further, and where the FEEL mode does not follow, this refuses."""


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


def strict(tree: Syntax, *values: Any) -> Any:
    """Let the strict language check and compute one operation on values; FEEL's null where it refuses their types.

    Raises ``Beyond`` where a value is outside the strict language's bounds.
    """
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
        raise Beyond(str(failure)) from failure


def name(index: int) -> Name:
    """Return the tree that reads the value of that index."""
    return Name(start=0, end=0, name=f"v{index}")


def strict_call(function: str, *values: Any, scale: Decimal | None = None) -> Any:
    """Let the strict language compute one of its functions; ``scale`` is a literal there."""
    operands: tuple[Syntax, ...] = tuple(name(index) for index in range(len(values)))
    if scale is not None:
        operands = (*operands, Literal(start=0, end=0, value=scale))
    return strict(Call(start=0, end=0, function=function, arguments=operands), *values)


def is_strict(*values: Any) -> bool:
    """Say whether the strict language knows these scalars."""
    return all(type(value) in _TYPES for value in values)


def number(value: Decimal | Fraction) -> Decimal | None:
    """Return a number with FEEL's 34 digits, null beyond its exponents."""
    try:
        if isinstance(value, Fraction):
            found = DECIMAL128.divide(Decimal(value.numerator), Decimal(value.denominator))
        else:
            found = DECIMAL128.plus(value)
    except decimal.DecimalException:
        return None
    return (found or Decimal(0)) if found.is_finite() else None
