"""Combining disability grades by JR/T 0083-2013 (notes/domain.md §4).

Grade 1 is the worst, 10 the lightest. The most severe grade counts; two or more of it raise it by one, once, at most to 1.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal

WORST_GRADE = 1
LIGHTEST_GRADE = 10


def combine_grades(grades: Sequence[int]) -> int:
    """Return the grade that several injuries of one accident come to. Raises ValueError: none, or one outside 1-10.

    >>> combine_grades([8, 8, 9])
    7
    >>> combine_grades([1, 1])
    1
    """
    if not grades:
        raise ValueError("no grade")
    for grade in grades:
        if not WORST_GRADE <= grade <= LIGHTEST_GRADE:
            raise ValueError(f"grade {grade} is not one of {WORST_GRADE}-{LIGHTEST_GRADE}")
    worst = min(grades)
    several = list(grades).count(worst) > 1
    return max(WORST_GRADE, worst - 1) if several else worst


def ratio_by_grade(grade: int, ratios: Sequence[Decimal]) -> Decimal:
    """Return the ratio that the plan's table gives a grade; the table starts at grade 1. Raises ValueError.

    >>> ratio_by_grade(7, [Decimal(10 - step) / 10 for step in range(10)])
    Decimal('0.4')
    """
    if len(ratios) != LIGHTEST_GRADE:
        raise ValueError(f"a ratio for each of the {LIGHTEST_GRADE} grades, not {len(ratios)}")
    if not WORST_GRADE <= grade <= LIGHTEST_GRADE:
        raise ValueError(f"grade {grade} is not one of {WORST_GRADE}-{LIGHTEST_GRADE}")
    return ratios[grade - 1]
