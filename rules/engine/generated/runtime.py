"""What generated source calls: small exact functions over integers, each equal to the reference's own.

Promise: integers in, integers out; where the reference has no value they raise (``Declined``, ``ValueError``, ``Undefined``, an
``ArithmeticError``), and the caller hands the case to the reference.
"""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal
from itertools import pairwise

from rules.engine import dates
from rules.engine.disability import combine_grades
from rules.engine.generated.source import Declined
from rules.engine.language import Days, Months
from rules.engine.language import dates as language_dates
from rules.engine.language.exact import EXACT, canonical_number, fits
from rules.engine.shares import entitled_weights, largest_remainder
from rules.engine.span import round_ratio

ONE = Decimal(1)


def decimal_of(number: int, scale: int) -> Decimal:
    """Return a fixed-point number as the canonical decimal that the reference has."""
    return canonical_number(Decimal(number).scaleb(-scale, EXACT))


def scaled(value: Decimal, scale: int) -> int:
    """Return a decimal as an integer counted at a scale. Raises Declined where it does not fit."""
    if not fits(value):
        raise Declined
    above, below = value.as_integer_ratio()
    whole, rest = divmod(above * 10**scale, below)
    if rest:
        raise Declined
    return int(whole)


def bounded(value: object, scale: int, low: int, high: int) -> int:
    """Return a number element's value as an integer. Raises Declined: no decimal, too fine, out of bounds."""
    if type(value) is not Decimal:
        raise Declined
    number = scaled(value, scale)
    if not low <= number <= high:
        raise Declined
    return number


def whole_text(text: str) -> bool:
    """Say whether a text can be written (no half of a surrogate pair)."""
    try:
        text.encode()
    except UnicodeEncodeError:
        return False
    return True


def key_part(text: str) -> str:
    """Return a part of a loss key. Raises Declined: empty, or it holds a blank or a colon."""
    if text.split() != [text] or ":" in text:
        raise Declined
    return text


def sum_within(items: Sequence[int], limit: int) -> int:
    """Return the sum of a list of at least one item, every partial sum within the limit. Raises Declined."""
    if not items:
        raise Declined
    found = items[0]
    for item in items[1:]:
        found += item
        if not -limit <= found <= limit:
            raise Declined
    return found


def sum_of(items: Sequence[int]) -> int:
    """Return the sum of a list of at least one item. Raises Declined."""
    if not items:
        raise Declined
    return sum(items)


def weights_split(weights: Sequence[int]) -> None:
    """Hold weights to what a sum can be split by. Raises Declined: one is negative, or none is above 0."""
    if not weights or min(weights) < 0 or sum(weights) == 0:
        raise Declined


def add_months(start: date, months: int) -> date:
    """Return the date that many months later."""
    return language_dates.add_months(start, Months(months))


def add_days(start: date, days: int) -> date:
    """Return the date that many days later."""
    return language_dates.add_days(start, Days(days))


def months_between(start: date, end: date) -> int:
    """Return whole months between two dates."""
    return language_dates.months_between(start, end).months


def date_of(year: int, month: int, day: int) -> date:
    """Return a date."""
    return language_dates.date_of(year, month, day)


def toward_zero(months: int) -> int:
    """Return whole years of a duration of months."""
    return months // 12 if months >= 0 else -(-months // 12)


def rest_of_year(months: int) -> int:
    """Return the months beyond whole years, with the duration's sign."""
    return months % 12 if months >= 0 else -(-months % 12)


def entitled(weights: Sequence[int], orders: Sequence[int], alive: Sequence[bool]) -> tuple[int, ...]:
    """Return each person's weight, 0 for who takes nothing."""
    return tuple(map(int, entitled_weights(weights, orders, alive)))  # type: ignore[arg-type]  # scaled alike, ratios stay


def split(total_fen: int, weights: Sequence[int]) -> tuple[int, ...]:
    """Split a sum by largest remainder."""
    return largest_remainder(total_fen, weights)  # type: ignore[arg-type]  # whole numbers are numbers


def tiers(base: int, bounds: Sequence[int], ratios: Sequence[int], unit: int) -> int:
    """Return marginal tiers of a base counted ``unit`` to the fen; the result counts the ratios' scale beside it."""
    if base < 0 or len(ratios) != len(bounds) + 1:
        raise Declined
    edges = [0, *(bound * unit for bound in bounds)]
    if any(low >= high for low, high in pairwise(edges)):
        raise Declined
    found = 0
    for low, high, ratio in zip(edges, [*edges[1:], base], ratios, strict=True):
        top = min(base, high)
        if top <= low:
            break
        found += (top - low) * ratio
    return found


RUNTIME: dict[str, object] = {
    "Declined": Declined,
    "Decimal": Decimal,
    "ONE": ONE,
    "add_days": add_days,
    "add_months": add_months,
    "add_years": dates.add_years,
    "age_at": dates.age_at,
    "bisect_right": bisect_right,
    "bounded": bounded,
    "combine_grades": combine_grades,
    "date": date,
    "date_of": date_of,
    "decimal_of": decimal_of,
    "entitled": entitled,
    "key_part": key_part,
    "months_between": months_between,
    "rest_of_year": rest_of_year,
    "round_ratio": round_ratio,
    "split": split,
    "sum_of": sum_of,
    "sum_within": sum_within,
    "tiers": tiers,
    "timedelta": timedelta,
    "toward_zero": toward_zero,
    "weights_split": weights_split,
    "whole_text": whole_text,
}
