"""An interval of fixed-point numbers, and what arithmetic makes of intervals.

Promise: where operands lie in their spans, the exact result lies in the span that these functions return; scales are the
smallest that every value fits. Pure integers and fractions, no rounding outward but to whole units of the scale.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from fractions import Fraction

from rules.engine.language.exact import Rounding

INT64_HIGH = 2**63 - 1


@dataclass(frozen=True, slots=True)
class Span:
    """Where a number lies: ``n / 10**scale`` with ``low <= n <= high``.

    Money counts fen (scale 0; unrounded money counts decimals of a fen), a date counts proleptic days (``date.toordinal``),
    a duration days or months, a yes/no 0 and 1. Of a list it is each element's, and ``items`` is the most elements.
    """

    scale: int
    low: int
    high: int
    items: int | None = None

    def at(self, scale: int) -> Span:
        """Return the same interval counted at a scale that is not smaller. Raises ValueError."""
        if scale < self.scale:
            raise ValueError(f"scale {self.scale} does not fit {scale}")
        factor = 10 ** (scale - self.scale)
        return Span(scale, self.low * factor, self.high * factor, self.items)

    def least(self) -> Fraction:
        """Return the lower bound as a number."""
        return Fraction(self.low, 10**self.scale)

    def most(self) -> Fraction:
        """Return the upper bound as a number."""
        return Fraction(self.high, 10**self.scale)

    def within(self, low: int, high: int) -> Span:
        """Return what is left of the interval between two whole numbers; an end of it where nothing is."""
        factor = 10**self.scale
        bottom, top = low * factor, high * factor
        return replace(self, low=min(max(self.low, bottom), top), high=max(min(self.high, top), bottom))

    @property
    def fits_int64(self) -> bool:
        """Whether every value is an integer of 64 bits."""
        return self.low >= -INT64_HIGH and self.high <= INT64_HIGH


def align(left: Span, right: Span) -> tuple[Span, Span]:
    """Return both at the larger scale."""
    scale = max(left.scale, right.scale)
    return left.at(scale), right.at(scale)


def hull(first: Span, *others: Span) -> Span:
    """Return the smallest span that holds all."""
    for other in others:
        left, right = align(first, other)
        items = None if left.items is None or right.items is None else max(left.items, right.items)
        first = Span(left.scale, min(left.low, right.low), max(left.high, right.high), items)
    return first


def add(left: Span, right: Span) -> Span:
    """Return where a sum lies."""
    left, right = align(left, right)
    return Span(left.scale, left.low + right.low, left.high + right.high)


def negate(span: Span) -> Span:
    """Return where the negative lies."""
    return Span(span.scale, -span.high, -span.low)


def multiply(left: Span, right: Span) -> Span:
    """Return where a product lies; its scale is the sum of scales."""
    corners = [one * other for one in (left.low, left.high) for other in (right.low, right.high)]
    return Span(left.scale + right.scale, min(corners), max(corners))


def absolute(span: Span) -> Span:
    """Return where the amount without its sign lies."""
    if span.low >= 0:
        return span
    return Span(span.scale, max(0, -span.high), max(-span.low, span.high))


def smaller(left: Span, right: Span) -> Span:
    """Return where the smaller of two lies."""
    left, right = align(left, right)
    return Span(left.scale, min(left.low, right.low), min(left.high, right.high))


def larger(left: Span, right: Span) -> Span:
    """Return where the larger of two lies."""
    left, right = align(left, right)
    return Span(left.scale, max(left.low, right.low), max(left.high, right.high))


def total(span: Span) -> Span:
    """Return where the sum of a list of at least one element lies."""
    most = max(1, span.items or 1)
    return Span(span.scale, min(span.low, span.low * most), max(span.high, span.high * most))


def quotient(above: Span, below: Span) -> Span:
    """Return where a division lies, to whole numbers outward; the divisor is never zero."""
    tops = (above.least(), above.most())
    unit = Fraction(1, 10**below.scale)
    ends: list[Fraction] = []
    if below.high > 0:
        ends += [max(below.least(), unit), below.most()]
    if below.low < 0:
        ends += [below.least(), min(below.most(), -unit)]
    if not ends:
        ends = [unit]
    corners = [top / end for top in tops for end in ends]
    return Span(0, _floor(min(corners)), -_floor(-max(corners)))


def rounded(span: Span, scale: int, rounding: Rounding) -> Span:
    """Return where a number rounded to ``scale`` decimals lies (tens and hundreds for a negative scale)."""
    if span.scale <= scale:
        return span
    factor = 10 ** (span.scale - scale)
    back = 10 ** max(0, -scale)
    low, high = (round_ratio(each, factor, rounding) * back for each in (span.low, span.high))
    return Span(max(0, scale), low, high)


def round_ratio(above: int, below: int, rounding: Rounding) -> int:  # noqa: PLR0911 - one return a rounding
    """Return ``above / below`` rounded to a whole number; ``below`` is positive. Exact."""
    whole, rest = divmod(above, below)
    if rest == 0:
        return whole
    match rounding:
        case Rounding.FLOOR:
            return whole
        case Rounding.CEILING:
            return whole + 1
        case Rounding.DOWN:
            return whole + (above < 0)
        case Rounding.UP:
            return whole + (above > 0)
    twice = 2 * rest
    if twice != below:
        return whole + (twice > below)
    match rounding:
        case Rounding.HALF_UP:
            return whole + (above > 0)
        case Rounding.HALF_DOWN:
            return whole + (above < 0)
        case _:
            return whole + whole % 2


def _floor(value: Fraction) -> int:
    return value.numerator // value.denominator
