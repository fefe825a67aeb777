"""The functions that the engine adds to the rule language, as the insurance trade names them.

Promise: pure and total; where a function has no value for its arguments the case goes to a person (``Undefined``).
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import date
from decimal import Decimal
from types import MappingProxyType
from typing import TypeVar

from rules.engine import dates
from rules.engine.bill_lines import sum_where
from rules.engine.disability import combine_grades, ratio_by_grade
from rules.engine.language import FailureCode, Intrinsic, Type, Undefined
from rules.engine.shares import entitled_weights, largest_remainder
from rules.engine.tiers import marginal_tiers

Result = TypeVar("Result")


def _defined(name: str, compute: Callable[[], Result]) -> Result:
    """Turn a function's own refusal into the language's: no value here."""
    try:
        return compute()
    except (ValueError, ArithmeticError) as refusal:
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{name}: {refusal}") from refusal


def _whole(name: str, number: Decimal) -> int:
    """Return a whole number; a count of days with a fraction has no meaning."""
    if number != number.to_integral_value():
        raise Undefined(FailureCode.OUT_OF_RANGE, f"{name}: {number}")
    return int(number)


def _tiers(base: Decimal, bounds: tuple[int, ...], ratios: tuple[Decimal, ...]) -> Decimal:
    return _defined("marginal tiers", lambda: marginal_tiers(base, bounds, ratios))


def _combined(grades: tuple[Decimal, ...]) -> Decimal:
    name = "combined grade"
    return Decimal(_defined(name, lambda: combine_grades([_whole(name, grade) for grade in grades])))


def _ratio(grade: Decimal, ratios: tuple[Decimal, ...]) -> Decimal:
    name = "ratio by grade"
    return _defined(name, lambda: ratio_by_grade(_whole(name, grade), ratios))


def _entitled(
    weights: tuple[Decimal, ...], orders: tuple[Decimal, ...], alive: tuple[bool, ...]
) -> tuple[Decimal, ...]:
    return _defined("entitled weights", lambda: entitled_weights(weights, orders, alive))


def _split(total_fen: int, weights: tuple[Decimal, ...]) -> tuple[int, ...]:
    return _defined("largest remainder", lambda: largest_remainder(total_fen, weights))


def _add_days(start: date, days: Decimal) -> date:
    return _defined("add days", lambda: dates.add_days(start, _whole("add days", days)))


def _add_months(start: date, months: Decimal) -> date:
    return _defined("add months", lambda: dates.add_months(start, _whole("add months", months)))


def _add_years(start: date, years: Decimal) -> date:
    return _defined("add years", lambda: dates.add_years(start, _whole("add years", years)))


def _age(born: date, on: date) -> Decimal:
    return Decimal(_defined("age at", lambda: dates.age_at(born, on)))


def _between(start: date, end: date) -> Decimal:
    return Decimal(dates.days_between(start, end))


def _waiting(effective: date, days: Decimal) -> date:
    name = "last waiting day"
    return _defined(name, lambda: dates.last_waiting_day(effective, _whole(name, days)))


def _sum_where(amounts: tuple[int, ...], labels: tuple[str, ...], label: str) -> int:
    return _defined("sum where", lambda: sum_where(amounts, labels, label))


_NUMBERS = Type.list_of(Type.NUMBER)

INTRINSICS: Mapping[str, Intrinsic] = MappingProxyType(
    {
        each.name: each
        for each in (
            Intrinsic(
                "marginal tiers", (Type.EXACT_MONEY, Type.list_of(Type.MONEY), _NUMBERS), Type.EXACT_MONEY, _tiers
            ),
            Intrinsic("combined grade", (_NUMBERS,), Type.NUMBER, _combined),
            Intrinsic("ratio by grade", (Type.NUMBER, _NUMBERS), Type.NUMBER, _ratio),
            Intrinsic("entitled weights", (_NUMBERS, _NUMBERS, Type.list_of(Type.BOOL)), _NUMBERS, _entitled),
            Intrinsic("largest remainder", (Type.MONEY, _NUMBERS), Type.list_of(Type.MONEY), _split),
            Intrinsic("add days", (Type.DATE, Type.NUMBER), Type.DATE, _add_days),
            Intrinsic("add months", (Type.DATE, Type.NUMBER), Type.DATE, _add_months),
            Intrinsic("add years", (Type.DATE, Type.NUMBER), Type.DATE, _add_years),
            Intrinsic("age at", (Type.DATE, Type.DATE), Type.NUMBER, _age),
            Intrinsic("day count", (Type.DATE, Type.DATE), Type.NUMBER, _between),
            Intrinsic("last waiting day", (Type.DATE, Type.NUMBER), Type.DATE, _waiting),
            Intrinsic(
                "sum where", (Type.list_of(Type.MONEY), Type.list_of(Type.TEXT), Type.TEXT), Type.MONEY, _sum_where
            ),
        )
    }
)
