"""Sums, differences, products, quotients and powers in the FEEL mode.

Promise: what packs compute is computed by the strict language; what packs have not (power, clock time, far years, fractions of 34
digits) is added here. Numbers keep 34 significant digits, ties to even, as FEEL's decimal128 does. Everything else is null.

Source: DMN 1.5 §10.3.2.6, tables 58 to 60.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules.engine.language.syntax import Binary, Negation
from rules.engine.language.value_types import Days, Months
from rules.tools import feel_calendar as calendar
from rules.tools.feel_strict import DECIMAL128, Beyond, is_strict, name, number, strict
from rules.tools.feel_values import Date, DateTime, DayTime, OutOfScope, TimeOfDay, day_time, nanos_of


def arithmetic(operator: str, left: Any, right: Any) -> Any:
    """Return FEEL's sum, difference, product, quotient or power."""
    if operator == "**":
        return power(left, right)
    if operator == "/":
        return divide(left, right)
    if operator == "*" and any(isinstance(operand, Days | DayTime | Months) for operand in (left, right)):
        return _product_of_duration(left, right)
    if is_strict(left, right):
        try:
            found = strict(Binary(start=0, end=0, operator=operator, left=name(0), right=name(1)), left, right)
        except Beyond:
            return _beyond(operator, left, right)
        return number(found) if isinstance(found, Decimal) else found
    return _sum(left, right) if operator == "+" else _difference(left, right) if operator == "-" else None


def _beyond(operator: str, left: Any, right: Any) -> Any:
    if isinstance(left, Decimal) and isinstance(right, Decimal):
        exact = {"+": Fraction(left) + Fraction(right), "-": Fraction(left) - Fraction(right)}
        return number(exact.get(operator, Fraction(left) * Fraction(right)))
    return _sum(left, right) if operator == "+" else _difference(left, right)


def _sum(left: Any, right: Any) -> Any:  # noqa: PLR0911 - one return a pair of kinds
    match left, right:
        case ((Days() | DayTime()), (Days() | DayTime())):
            return day_time(nanos_of(left) + nanos_of(right))
        case Months(), Months():
            return Months(left.months + right.months)
        case TimeOfDay(), (Days() | DayTime()):
            return calendar.time_plus(left, right)
        case DateTime(), (Days() | DayTime()):
            return calendar.date_time_plus(left, right)
        case DateTime(), Months():
            day = calendar.plus_months(left.date, right)
            return None if day is None else DateTime(day, left.time)
        case ((Days() | DayTime() | Months()), (TimeOfDay() | DateTime())):
            return _sum(right, left)
        case _ if isinstance(left, Date) and isinstance(right, Months):
            return calendar.plus_months(left, right)
        case _ if isinstance(left, Date) and isinstance(right, Days | DayTime):
            return calendar.plus_duration(left, right)
        case _ if isinstance(right, Date) and isinstance(left, Days | DayTime | Months):
            return _sum(right, left)
        case _:
            return None


def _difference(left: Any, right: Any) -> Any:
    match left, right:
        case TimeOfDay(), TimeOfDay():
            above, below = calendar.clock_nanos(left, right)
            return day_time(above - below)
        case DateTime(), DateTime():
            above, below = calendar.instants(left, right)
            return day_time(above - below)
        case _ if isinstance(left, Date) and isinstance(right, Date):
            return Days(calendar.day_number(left) - calendar.day_number(right))
        case _ if isinstance(left, Date | DateTime) and isinstance(right, Date | DateTime):
            raise OutOfScope("a date and a date and time: midnight of which zone")
        case _ if isinstance(right, Days | DayTime):
            return _sum(left, day_time(-nanos_of(right))) if not isinstance(left, str) else None
        case _, Months():
            return _sum(left, Months(-right.months))
        case _:
            return None


def _product_of_duration(left: Any, right: Any) -> Any:
    match left, right:
        case ((Days() | DayTime() | Months()), Decimal()):
            return _scaled(left, Fraction(right))
        case Decimal(), (Days() | DayTime() | Months()):
            return _scaled(right, Fraction(left))
        case _:
            return None


def _scaled(duration: Days | DayTime | Months, factor: Fraction) -> Any:
    """Months are cut to whole months, as FEEL does; part of a nanosecond is refused."""
    if isinstance(duration, Months):
        return Months(int(duration.months * factor))
    nanos = nanos_of(duration) * factor
    if nanos.denominator != 1:
        raise OutOfScope("part of a nanosecond")
    return day_time(int(nanos))


def divide(left: Any, right: Any) -> Any:
    """Return FEEL's quotient; null for a zero divisor and for operands that do not divide."""
    match left, right:
        case Decimal(), Decimal():
            return number(Fraction(left) / Fraction(right)) if right else None
        case ((Days() | DayTime()), (Days() | DayTime())):
            return number(Fraction(nanos_of(left), nanos_of(right))) if nanos_of(right) else None
        case Months(), Months():
            return number(Fraction(left.months, right.months)) if right.months else None
        case ((Days() | DayTime() | Months()), Decimal()):
            return _scaled(left, 1 / Fraction(right)) if right else None
        case _:
            return None


def power(left: Any, right: Any) -> Any:
    """Return ``left ** right``; null for anything but numbers. Refused where the standards have no one answer (``0 ** 0``)."""
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    if not left and right <= 0:
        raise OutOfScope("a power of zero")
    if left < 0 and right != right.to_integral_value():
        return None
    try:
        return number(DECIMAL128.power(left, right))
    except decimal.DecimalException:
        return None


def minus(operand: Any) -> Any:
    """Return unary minus."""
    match operand:
        case DayTime():
            return DayTime(-operand.nanos)
        case Months():
            return Months(-operand.months)
        case Days():
            return Days(-operand.days)
        case _ if is_strict(operand):
            try:
                return strict(Negation(start=0, end=0, operand=name(0)), operand)
            except Beyond:
                return number(operand.copy_negate())
        case _:
            return None
