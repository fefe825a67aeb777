"""Scoring answers against outside FEEL test data.

Promise: where a value is expected, equal is right, no answer is refused, anything else is wrong; where FEEL's silent null is
expected, no answer or null is right, a value is wrong.

Numbers are equal exactly, with one exception: an expectation that was itself cut off. One of ten decimals or more is compared at
its own scale. Where the answer fills all 34 digits of a FEEL number, eight decimals suffice, and the expectation may be rounded
or truncated: both forms are in the data.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from decimal import ROUND_DOWN, ROUND_HALF_EVEN, Decimal
from enum import StrEnum
from typing import Any

from rules.engine.language import LanguageError
from rules.engine.language.errors import Failure
from rules.tools.feel_comparison import equal
from rules.tools.feel_values import DateTime, OutOfScope, TimeOfDay
from rules.tools.tck_cases import Case

_CUT_OFF_DECIMALS, _CUT_OFF_DECIMALS_OF_FULL, _FULL_DIGITS = 10, 8, 33


class Verdict(StrEnum):
    """How one case came out."""

    RIGHT = "right"
    REFUSED = "refused"
    WRONG = "wrong"


@dataclass(frozen=True, slots=True)
class Outcome:
    """One scored case; ``answer`` shows what the evaluator gave or why it refused."""

    case: Case
    verdict: Verdict
    answer: str


def score(case: Case, answer: Callable[[Case], Any]) -> Outcome:
    """Ask for the answer and judge it."""
    try:
        found = answer(case)
    except (LanguageError, Failure, OutOfScope, RecursionError) as refusal:
        return Outcome(case, Verdict.RIGHT if case.error else Verdict.REFUSED, f"{type(refusal).__name__}: {refusal}")
    if case.error:
        return Outcome(case, Verdict.RIGHT if found is None else Verdict.WRONG, repr(found))
    return Outcome(case, Verdict.RIGHT if same(found, case.expected) else Verdict.WRONG, repr(found))


def same(found: Any, expected: Any) -> bool:  # noqa: PLR0911 - one return a kind of value
    """Say whether an answer is the expected value."""
    if isinstance(found, Mapping) and isinstance(expected, Mapping):
        return found.keys() == expected.keys() and all(same(found[name], expected[name]) for name in expected)
    if isinstance(found, tuple) and isinstance(expected, tuple):
        return len(found) == len(expected) and all(same(a, b) for a, b in zip(found, expected, strict=True))
    if isinstance(found, bool) or isinstance(expected, bool):
        return found is expected
    if isinstance(found, Decimal) and isinstance(expected, Decimal):
        return _same_number(found, expected)
    if isinstance(found, TimeOfDay | DateTime) and isinstance(expected, TimeOfDay | DateTime):
        return _same_time(found, expected)
    if type(found) is not type(expected):
        return False
    return bool(found == expected)


def _same_number(found: Decimal, expected: Decimal) -> bool:
    if found == expected:
        return True
    exponent = expected.as_tuple().exponent
    decimals = -exponent if isinstance(exponent, int) else 0
    full = len(found.as_tuple().digits) >= _FULL_DIGITS
    if decimals < (_CUT_OFF_DECIMALS_OF_FULL if full else _CUT_OFF_DECIMALS):
        return False
    roundings = (ROUND_HALF_EVEN, ROUND_DOWN) if full else (ROUND_HALF_EVEN,)
    return any(found.quantize(expected, rounding=rounding) == expected for rounding in roundings)


def _same_time(found: TimeOfDay | DateTime, expected: TimeOfDay | DateTime) -> bool:
    """The data write offsets; an answer in a named zone is the same when it is the same instant."""
    time = found.time if isinstance(found, DateTime) else found
    if found == expected or time.zone is None or time.zone.name is None:
        return found == expected
    try:
        return equal(found, expected) is True
    except OutOfScope:
        return False
