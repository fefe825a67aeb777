"""What each operation does: the reference that every other back end must equal.

Promise: obvious rather than fast; exact; pure; nothing returned is ``None``. Where an operation has no value it raises
``Undefined`` or a ``decimal`` signal, which the closures turn into a ``Failure`` with its place.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from functools import reduce
from operator import eq, ge, gt, le, lt, ne
from typing import Any

from rules.engine.language import dates
from rules.engine.language.errors import FailureCode, Undefined
from rules.engine.language.exact import (
    EXACT,
    MAX_MONEY_FEN,
    ZERO,
    Rounding,
    canonical_number,
    fits,
    round_decimal,
    round_fraction,
    unsigned_zero,
)
from rules.engine.language.ir import Operation
from rules.engine.language.value_types import Days, Kind, Months, Operand, Type

# Operands have the types that the checker chose: the functions below are typed by the table in typing_rules.
Function = Callable[..., Any]


def in_money_range(fen: int) -> int:
    """Return the amount. Raises ``Undefined`` beyond ``MAX_MONEY_FEN``."""
    if abs(fen) > MAX_MONEY_FEN:
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{fen} fen")
    return fen


def round_money(fen: int | Decimal | Fraction, scale: int, rounding: Rounding) -> int:
    """Return money rounded to ``scale`` decimals of a yuan, in fen."""
    fen_scale = scale - 2
    if isinstance(fen, Fraction):
        return in_money_range(int(round_fraction(fen, fen_scale, rounding)))
    return in_money_range(int(round_decimal(Decimal(fen), fen_scale, rounding)))


def round_number(value: Decimal | Fraction, scale: int, rounding: Rounding) -> Decimal:
    """Return a number rounded to ``scale`` decimals."""
    return (
        round_fraction(value, scale, rounding) if isinstance(value, Fraction) else round_decimal(value, scale, rounding)
    )


def quotient(dividend: object, divisor: object) -> Fraction:
    """Return the exact fraction. Raises ``Undefined`` for a zero divisor."""
    above, below = _fraction(dividend), _fraction(divisor)
    if below == 0:
        raise Undefined(FailureCode.DIVISION_BY_ZERO, f"{dividend} / {divisor}")
    return above / below


def _fraction(value: object) -> Fraction:
    if isinstance(value, Days):
        return Fraction(value.days)
    if isinstance(value, int | Decimal | Fraction):
        return Fraction(value)
    raise TypeError(type(value).__name__)


def _multiply(left: int | Decimal, right: int | Decimal) -> Decimal:
    return unsigned_zero(EXACT.multiply(Decimal(left), Decimal(right)))


def _divide(left: int | Decimal, right: Decimal) -> Decimal:
    return unsigned_zero(EXACT.divide(Decimal(left), right))


_ADD: dict[Kind, Function] = {
    Kind.MONEY: lambda a, b: in_money_range(a + b),
    Kind.EXACT_MONEY: EXACT.add,
    Kind.NUMBER: EXACT.add,
    Kind.DAYS: lambda a, b: dates.checked_days(a.days + b.days),
    Kind.MONTHS: lambda a, b: dates.checked_months(a.months + b.months),
}
_NEGATE: dict[Kind, Function] = {
    Kind.MONEY: lambda a: -a,
    Kind.EXACT_MONEY: EXACT.minus,
    Kind.NUMBER: EXACT.minus,
    Kind.DAYS: lambda a: Days(-a.days),
    Kind.MONTHS: lambda a: Months(-a.months),
}
_ZERO: dict[Kind, Any] = {
    Kind.MONEY: 0,
    Kind.EXACT_MONEY: ZERO,
    Kind.NUMBER: ZERO,
    Kind.DAYS: Days(0),
    Kind.MONTHS: Months(0),
}


def _not_empty(function: Function) -> Function:
    def apply(items: tuple[Any, ...]) -> Any:
        if not items:
            raise Undefined(FailureCode.EMPTY_LIST, "no element")
        return function(items)

    return apply


def _whole(value: Decimal) -> int:
    if value != value.to_integral_value():
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{value} is not whole")
    return int(value)


def _make_date(year: Decimal, month: Decimal, day: Decimal) -> date:
    return dates.date_of(_whole(year), _whole(month), _whole(day))


_ANY_TYPE: dict[Operation, Function] = {
    Operation.QUOTIENT: quotient,
    Operation.MULTIPLY: _multiply,
    Operation.DIVIDE: _divide,
    Operation.EQUAL: eq,
    Operation.NOT_EQUAL: ne,
    Operation.LESS: lt,
    Operation.LESS_OR_EQUAL: le,
    Operation.GREATER: gt,
    Operation.GREATER_OR_EQUAL: ge,
    Operation.NOT: lambda a: not a,
    Operation.MINIMUM: lambda *several: min(several),
    Operation.MAXIMUM: lambda *several: max(several),
    Operation.LIST_MINIMUM: _not_empty(min),
    Operation.LIST_MAXIMUM: _not_empty(max),
    Operation.LIST_COUNT: lambda items: Decimal(len(items)),
    Operation.LIST_CONTAINS: lambda items, wanted: wanted in items,
    Operation.LIST_ALL: all,
    Operation.LIST_ANY: any,
    Operation.JOIN_TEXT: lambda a, b: a + b,
    Operation.TEXT_LENGTH: lambda text: Decimal(len(text)),
    Operation.TEXT_CONTAINS: lambda text, part: part in text,
    Operation.TEXT_STARTS_WITH: lambda text, part: text.startswith(part),
    Operation.TEXT_ENDS_WITH: lambda text, part: text.endswith(part),
    Operation.MAKE_DATE: _make_date,
    Operation.ADD_DAYS: dates.add_days,
    Operation.ADD_MONTHS: dates.add_months,
    Operation.SUBTRACT_DAYS: lambda day, duration: dates.add_days(day, Days(-duration.days)),
    Operation.SUBTRACT_MONTHS: lambda day, duration: dates.add_months(day, Months(-duration.months)),
    Operation.SCALE_DAYS: lambda duration, factor: dates.checked_days(_whole(_multiply(duration.days, factor))),
    Operation.SCALE_MONTHS: lambda duration, factor: dates.checked_months(_whole(_multiply(duration.months, factor))),
    Operation.DAYS_BETWEEN: dates.days_between,
    Operation.MONTHS_BETWEEN: dates.months_between,
    Operation.YEAR_OF: lambda day: Decimal(day.year),
    Operation.MONTH_OF: lambda day: Decimal(day.month),
    Operation.DAY_OF: lambda day: Decimal(day.day),
    Operation.WEEKDAY_OF: lambda day: Decimal(day.isoweekday()),
    Operation.DAYS_OF: lambda duration: Decimal(duration.days),
    # Toward zero, as FEEL has it: -P1Y6M is -1 years and -6 months.
    Operation.YEARS_OF: lambda duration: Decimal(abs(duration.months) // 12 * (1 if duration.months > 0 else -1)) + 0,
    Operation.MONTHS_OF: lambda duration: Decimal(abs(duration.months) % 12 * (1 if duration.months > 0 else -1)) + 0,
}


def function_of(operation: Operation, operand: Type, result: Type) -> Function:  # noqa: PLR0911 - one return a family
    """Return what an operation does with operands of the (first operand's) type ``operand``, giving ``result``."""
    if operation in _ANY_TYPE:
        return _ANY_TYPE[operation]
    kind = operand.kind
    if operation is Operation.WIDEN:
        return Fraction if result.kind in (Kind.QUOTIENT, Kind.MONEY_QUOTIENT) else Decimal
    if operation is Operation.ADD:
        return _ADD[kind]
    if operation is Operation.NEGATE:
        return _NEGATE[kind]
    if operation is Operation.SUBTRACT:
        add, negate = _ADD[kind], _NEGATE[kind]
        return lambda a, b: add(a, negate(b))
    if operation is Operation.ABSOLUTE:
        negate, zero = _NEGATE[kind], _ZERO[kind]
        return lambda a: negate(a) if a < zero else a
    if operation is Operation.LIST_SUM and operand.element:
        return _not_empty(lambda items: reduce(_ADD[result.kind], items))
    raise TypeError(f"{operation} of {operand}")


_CONFORMS: dict[Kind, Callable[[Any], bool]] = {
    Kind.BOOL: lambda value: isinstance(value, bool),
    Kind.MONEY: lambda value: isinstance(value, int) and not isinstance(value, bool) and abs(value) <= MAX_MONEY_FEN,
    Kind.NUMBER: lambda value: isinstance(value, Decimal) and fits(value),
    Kind.EXACT_MONEY: lambda value: isinstance(value, Decimal) and fits(value),
    Kind.TEXT: lambda value: isinstance(value, str),
    # Not isinstance: a datetime is a date too, and would not compare with one.
    Kind.DATE: lambda value: type(value) is date,
    Kind.DAYS: lambda value: isinstance(value, Days) and abs(value.days) <= dates.MAX_DAYS,
    Kind.MONTHS: lambda value: isinstance(value, Months) and abs(value.months) <= dates.MAX_MONTHS,
}


def conformity(wanted: Type) -> Callable[[object], bool]:
    """Return the check that a value from outside (a fact, an intrinsic's result) is of the type, in its representation and in range."""
    if wanted.element is None:
        return _CONFORMS[wanted.kind]
    accepts = _CONFORMS[wanted.element.kind]
    return lambda value: isinstance(value, tuple) and all(map(accepts, value))


def canonical(value: Operand) -> Operand:
    """Return the one form of a result: numbers without trailing zeros, alone and in lists."""
    if isinstance(value, Decimal):
        return canonical_number(value)
    if isinstance(value, tuple):
        return tuple(canonical_number(item) if isinstance(item, Decimal) else item for item in value)
    return value
