"""The column form of the language's values: scaled integers, day ordinals, counts of days and months, texts, yes/no.

Promise: exact both ways; a value has one column form at a given scale.
"""

from __future__ import annotations

from datetime import date
from decimal import Decimal
from typing import Any

from rules.columns.column import Fixed
from rules.columns.piece import Piece, constant
from rules.engine.language import Days, Months, Type
from rules.engine.language.exact import EXACT, canonical_number
from rules.engine.language.value_types import Kind
from rules.engine.span import Span


def scale_of(number: Decimal) -> int:
    """Return the least scale at which a number is an integer, at least 0."""
    exponent = canonical_number(number).as_tuple().exponent
    return max(0, -exponent) if isinstance(exponent, int) else 0


def scaled(number: Decimal | int, scale: int) -> int:
    """Return the number as an integer at a scale that holds it exactly. Raises ValueError."""
    if isinstance(number, int):
        return number * int(10**scale)
    sign, digits, exponent = number.as_tuple()
    shift = scale + int(exponent)
    whole: int = int("".join(map(str, digits))) * 10 ** max(0, shift)
    whole, rest = divmod(whole, 10 ** max(0, -shift))
    if rest:
        raise ValueError(f"{number} at scale {scale}")
    return -whole if sign else whole


def encoded(value: Any, scale: int = 0) -> Any:
    """Return one scalar in column form; ``scale`` is for numbers."""
    match value:
        case bool() | str():
            return value
        case int():
            return value * 10**scale
        case Decimal():
            return scaled(value, scale)
        case date():
            return value.toordinal()
        case Days():
            return value.days
        case Months():
            return value.months
    raise TypeError(type(value).__name__)


def decoded(value: Any, kind: Type, scale: int) -> Any:  # noqa: PLR0911 - one return a kind of value
    """Return the language's value of one scalar in column form."""
    match kind.kind:
        case Kind.NUMBER | Kind.EXACT_MONEY:
            return Decimal(int(value)).scaleb(-scale, context=EXACT)
        case Kind.MONEY:
            return int(value)
        case Kind.DATE:
            return date.fromordinal(int(value))
        case Kind.BOOL:
            return bool(value)
        case Kind.DAYS:
            return Days(int(value))
        case Kind.MONTHS:
            return Months(int(value))
        case _:
            return str(value)


def constant_piece(kind: Type, value: Any) -> Piece:
    """Return a constant of the language as a piece."""
    element = kind.element
    if element is None:
        scale = scale_of(value) if isinstance(value, Decimal) else 0
        form = encoded(value, scale)
        return constant(kind, form, None if isinstance(form, bool | str) else Span(scale, form, form))
    scale = max((scale_of(item) for item in value if isinstance(item, Decimal)), default=0)
    items = tuple(encoded(item, scale) for item in value)
    if element.kind in (Kind.BOOL, Kind.TEXT):
        return constant(kind, Fixed(items))
    return constant(kind, Fixed(items), Span(scale, min(items, default=0), max(items, default=0), len(items)))
