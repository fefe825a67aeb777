"""Exact numbers: the one decimal context, and the named roundings.

Promise: ``+ - *`` are exact or refused (``Inexact`` is trapped), independent of the caller's decimal context; a number has at
most ``MAX_DIGITS`` digits; only the functions ``round_*`` lose anything, and they say how. Zero has no sign.

Source: IBM General Decimal Arithmetic (through ``decimal``); FEEL rounding functions, DMN 1.4 §10.3.4.5.
"""

from __future__ import annotations

import decimal
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction

from rules.engine.language.errors import FailureCode, Undefined

MAX_DIGITS = 96
# What may come in from facts: narrower than MAX_DIGITS so that sums and products of a few inputs always fit.
MAX_INPUT_DIGITS = 40
MAX_INPUT_SCALE = 30
# 10 trillion yuan: no sum of a claim comes near, every product by a ratio still fits 64 bits times 10.
MAX_MONEY_FEN = 10**15

EXACT = decimal.Context(
    prec=MAX_DIGITS,
    rounding=decimal.ROUND_HALF_EVEN,
    Emin=-999,
    Emax=999,
    capitals=1,
    clamp=0,
    flags=[],
    traps=[
        decimal.Inexact,
        decimal.InvalidOperation,
        decimal.DivisionByZero,
        decimal.Overflow,
        decimal.Underflow,
        decimal.Subnormal,
        decimal.FloatOperation,
    ],
)
# The same, but a named rounding may lose digits.
_ROUNDING = EXACT.copy()
_ROUNDING.traps[decimal.Inexact] = False

ZERO = Decimal(0)


class Rounding(StrEnum):
    """A named rounding. The text is its name in the language where it has one of its own."""

    UP = "round up"
    DOWN = "round down"
    HALF_UP = "round half up"
    HALF_DOWN = "round half down"
    HALF_EVEN = "round half even"
    FLOOR = "floor"
    CEILING = "ceiling"


_DECIMAL_MODE = {
    Rounding.UP: decimal.ROUND_UP,
    Rounding.DOWN: decimal.ROUND_DOWN,
    Rounding.HALF_UP: decimal.ROUND_HALF_UP,
    Rounding.HALF_DOWN: decimal.ROUND_HALF_DOWN,
    Rounding.HALF_EVEN: decimal.ROUND_HALF_EVEN,
    Rounding.FLOOR: decimal.ROUND_FLOOR,
    Rounding.CEILING: decimal.ROUND_CEILING,
}


def round_decimal(value: Decimal, scale: int, rounding: Rounding) -> Decimal:
    """Return ``value`` with ``scale`` decimals (tens when negative). Raises ``decimal.InvalidOperation`` out of range."""
    quantum = Decimal((0, (1,), -scale))
    return unsigned_zero(value.quantize(quantum, rounding=_DECIMAL_MODE[rounding], context=_ROUNDING))


def round_fraction(value: Fraction, scale: int, rounding: Rounding) -> Decimal:
    """Return an exact fraction as a decimal with ``scale`` decimals, rounded once."""
    scaled = value * Fraction(10) ** scale
    whole = _whole(scaled, rounding)
    if abs(whole) >= 10**MAX_DIGITS:
        raise Undefined(FailureCode.OUT_OF_RANGE, f"more than {MAX_DIGITS} digits")
    return Decimal(whole).scaleb(-scale, context=EXACT)


def _whole(value: Fraction, rounding: Rounding) -> int:
    below = value.numerator // value.denominator
    rest = value - below
    if rest == 0:
        return below
    above = below + 1
    toward_zero, away = (below, above) if value > 0 else (above, below)
    half = Fraction(1, 2)
    nearest = below if rest < half else above
    tie = rest == half
    choices = {
        Rounding.UP: away,
        Rounding.DOWN: toward_zero,
        Rounding.FLOOR: below,
        Rounding.CEILING: above,
        Rounding.HALF_UP: away if tie else nearest,
        Rounding.HALF_DOWN: toward_zero if tie else nearest,
        Rounding.HALF_EVEN: (below if below % 2 == 0 else above) if tie else nearest,
    }
    return choices[rounding]


def unsigned_zero(value: Decimal) -> Decimal:
    """Return the value, zero without a sign."""
    return value if value else ZERO


def canonical_number(value: Decimal) -> Decimal:
    """Return the one form of a number: no trailing zeros after the point, no exponent. Equal numbers look equal."""
    if not value:
        return ZERO
    trimmed = value.normalize(EXACT)
    exponent = trimmed.as_tuple().exponent
    return trimmed.quantize(Decimal(1), context=EXACT) if isinstance(exponent, int) and exponent > 0 else trimmed


def fits(value: Decimal) -> bool:
    """Say whether a number from outside is finite and within ``MAX_INPUT_DIGITS`` and ``MAX_INPUT_SCALE``."""
    if not value.is_finite():
        return False
    exponent = value.as_tuple().exponent
    return isinstance(exponent, int) and exponent >= -MAX_INPUT_SCALE and value.adjusted() < MAX_INPUT_DIGITS


def terminates(divisor: Decimal) -> bool:
    """Say whether dividing by this number always ends: its whole part has no prime factor but 2 and 5."""
    whole = abs(Fraction(divisor).numerator)
    if whole == 0:
        return False
    for prime in (2, 5):
        while whole % prime == 0:
            whole //= prime
    return whole == 1
