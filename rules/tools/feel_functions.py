"""What FEEL has and packs have not: functions and arithmetic of the FEEL mode (outside test data only).

Promise: numbers keep 34 significant digits, ties to even, as FEEL's decimal128 does; null in, null out; a case that is not
covered raises ``OutOfScope``.

Source: DMN 1.4 §10.3.4.
"""

from __future__ import annotations

import decimal
import re
from collections.abc import Callable
from datetime import date
from decimal import Decimal
from fractions import Fraction
from typing import Any

from rules.engine.language.dates import read_duration
from rules.engine.language.errors import Undefined
from rules.engine.language.exact import Rounding, canonical_number
from rules.engine.language.value_types import Days, Months

_DECIMAL128 = decimal.Context(prec=34, rounding=decimal.ROUND_HALF_EVEN, Emin=-6143, Emax=6144)
_MIN_SCALE, _MAX_SCALE = -6111, 6176
_MAX_POWER = 999
_ROUNDINGS = {str(rounding) for rounding in Rounding} | {"decimal"}


class OutOfScope(Exception):  # noqa: N818 - a verdict of the FEEL mode, not a fault
    """The FEEL mode has no answer: the case counts as refused."""


def divide(left: Any, right: Any) -> Any:
    """Return FEEL's quotient; null for a zero divisor and for operands that do not divide."""
    match left, right:
        case Decimal(), Decimal():
            return _decimal(Fraction(left), Fraction(right))
        case Days(), Days():
            return _decimal(Fraction(left.days), Fraction(right.days))
        case Months(), Months():
            return _decimal(Fraction(left.months), Fraction(right.months))
        case ((Days() | Months()), Decimal()):
            return None if not right else _scaled(left, 1 / Fraction(right))
        case _:
            return None


def power(left: Any, right: Any) -> Any:
    """Return ``left ** right``; null for anything but numbers."""
    if not isinstance(left, Decimal) or not isinstance(right, Decimal):
        return None
    if abs(right) > _MAX_POWER or (not left and right <= 0) or right != right.to_integral_value():
        raise OutOfScope("a power beyond the numbers kept, or a root")
    return canonical_number(_DECIMAL128.power(left, right))


def scale_duration(left: Any, right: Any) -> Any:
    """Return a duration times a number, in either order."""
    match left, right:
        case ((Days() | Months()), Decimal()):
            return _scaled(left, Fraction(right))
        case Decimal(), (Days() | Months()):
            return _scaled(right, Fraction(left))
        case _:
            return None


def _scaled(duration: Days | Months, factor: Fraction) -> Days | Months:
    """Months are cut to whole months, as FEEL does; part of a day would be clock time."""
    if isinstance(duration, Months):
        return Months(int(duration.months * factor))
    days = duration.days * factor
    if days.denominator != 1:
        raise OutOfScope("part of a day")
    return Days(int(days))


def _decimal(above: Fraction, below: Fraction) -> Decimal | None:
    if below == 0:
        return None
    exact = above / below
    return canonical_number(_DECIMAL128.divide(Decimal(exact.numerator), Decimal(exact.denominator)))


def harmless_scale(function: str, arguments: list[Any]) -> Decimal | None:
    """Return the number itself where a rounding's scale is beyond the number's own decimals (and beyond the strict limit)."""
    if function not in _ROUNDINGS or len(arguments) != 2 or not all(isinstance(each, Decimal) for each in arguments):
        return None
    number, scale = arguments
    if not _MIN_SCALE <= scale <= _MAX_SCALE:
        raise OutOfScope("a scale that FEEL refuses")
    exponent = number.as_tuple().exponent
    return canonical_number(number) if -exponent <= scale else None


def call(function: str, arguments: list[Any]) -> Any:
    """Call one of ``FUNCTION_NAMES``."""
    return _FUNCTIONS[function](arguments)


def _parity(remainder: int) -> Callable[[list[Any]], Any]:
    def parity(arguments: list[Any]) -> bool | None:
        if len(arguments) != 1 or not isinstance(arguments[0], Decimal):
            return None
        if arguments[0] != arguments[0].to_integral_value():
            raise OutOfScope("parity of a broken number")
        return int(arguments[0]) % 2 == remainder

    return parity


def _modulo(arguments: list[Any]) -> Decimal | None:
    if len(arguments) != 2 or not all(isinstance(each, Decimal) for each in arguments) or not arguments[1]:
        return None
    above, below = (Fraction(each) for each in arguments)
    return _decimal(above - below * (above / below).__floor__(), Fraction(1))


def _items(arguments: list[Any]) -> tuple[Any, ...]:
    """FEEL's functions of a list take the list, or its elements one by one."""
    return arguments[0] if len(arguments) == 1 and isinstance(arguments[0], tuple) else tuple(arguments)


def _all_or_any(decisive: bool) -> Callable[[list[Any]], Any]:
    def decide(arguments: list[Any]) -> bool | None:
        if not arguments:
            return None
        items = _items(arguments)
        if any(item is decisive for item in items):
            return decisive
        return (not decisive) if all(isinstance(item, bool) for item in items) else None

    return decide


def _of_numbers(function: Callable[[list[Fraction]], Fraction]) -> Callable[[list[Any]], Any]:
    def fold(arguments: list[Any]) -> Decimal | None:
        items = _items(arguments)
        if not items or not all(isinstance(item, Decimal) for item in items):
            return None
        return _decimal(function([Fraction(item) for item in items]), Fraction(1))

    return fold


def _median(numbers: list[Fraction]) -> Fraction:
    ordered, middle = sorted(numbers), len(numbers) // 2
    return ordered[middle] if len(numbers) % 2 else (ordered[middle - 1] + ordered[middle]) / 2


def _extreme(function: Callable[..., Any]) -> Callable[[list[Any]], Any]:
    def fold(arguments: list[Any]) -> Any:
        items = _items(arguments)
        if not items:
            return None
        kinds = {type(item) for item in items}
        if len(kinds) != 1:
            return None
        if not kinds <= {Decimal, str, date, Days, Months}:
            raise OutOfScope("an extreme of these")
        return function(items)

    return fold


def _count(arguments: list[Any]) -> Decimal | None:
    return Decimal(len(_items(arguments))) if len(arguments) == 1 and isinstance(arguments[0], tuple) else None


def _changed_case(function: Callable[[str], str]) -> Callable[[list[Any]], Any]:
    def change(arguments: list[Any]) -> str | None:
        return function(arguments[0]) if len(arguments) == 1 and isinstance(arguments[0], str) else None

    return change


_NUMBER = re.compile(r"-?[0-9]+(?:\.[0-9]+)?")


def _number(arguments: list[Any]) -> Decimal | None:
    if len(arguments) == 1:
        arguments = [*arguments, None, None]
    if len(arguments) != 3 or not isinstance(arguments[0], str):
        return None
    text, group, point = arguments
    if group not in (None, " ", ",", ".") or point not in (None, ".", ",") or (group is not None and group == point):
        return None
    plain = text.replace(group, "") if group else text
    if point == ",":
        if "." in plain:
            return None
        plain = plain.replace(",", ".")
    return canonical_number(Decimal(plain)) if _NUMBER.fullmatch(plain) else None


def _string(arguments: list[Any]) -> str | None:  # noqa: PLR0911 - one return a kind of value
    if len(arguments) != 1 or arguments[0] is None:
        return None
    match arguments[0]:
        case bool() as value:
            return "true" if value else "false"
        case str() as value:
            return value
        case Decimal() as value:
            return f"{value:f}"
        case date() as value:
            return value.isoformat()
        case Days(days=days):
            return f"{'-' if days < 0 else ''}P{abs(days)}D"
        case Months(months=months):
            years, rest = divmod(abs(months), 12)
            shown = (f"{years}Y" if years else "") + (f"{rest}M" if rest or not years else "")
            return f"{'-' if months < 0 else ''}P{shown}"
        case _:
            raise OutOfScope("text of this value")


def read_outside_duration(text: str) -> Days | Months:
    """Return a duration of the test data. Raises ``OutOfScope`` for clock time."""
    try:
        return read_duration(text)
    except Undefined:
        raise OutOfScope(f"duration {text}") from None


_FUNCTIONS: dict[str, Callable[[list[Any]], Any]] = {
    "even": _parity(0),
    "odd": _parity(1),
    "modulo": _modulo,
    "all": _all_or_any(False),
    "any": _all_or_any(True),
    "mean": _of_numbers(lambda numbers: sum(numbers, Fraction(0)) / len(numbers)),
    "median": _of_numbers(_median),
    "sum": _of_numbers(lambda numbers: sum(numbers, Fraction(0))),
    "min": _extreme(min),
    "max": _extreme(max),
    "count": _count,
    "upper case": _changed_case(str.upper),
    "lower case": _changed_case(str.lower),
    "number": _number,
    "string": _string,
}
FUNCTION_NAMES = frozenset(_FUNCTIONS)
