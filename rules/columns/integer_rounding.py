"""The named roundings over columns of integers: one division, exact, rounded once.

Promise: ``rounded(above, below, rounding)`` is ``rules.engine.span.round_ratio`` of each row. ``below`` is above 0.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rules.engine.language.exact import Rounding


def rounded(above: Any, below: Any, rounding: Rounding, not_negative: bool) -> Any:
    """Return the quotients as whole numbers. ``not_negative`` promises that every ``above`` is at least 0."""
    match rounding:
        case Rounding.FLOOR:
            return above // below
        case Rounding.CEILING:
            return -(-above // below)
        case Rounding.HALF_EVEN:
            return _half_even(above, below)
    if not_negative:
        return _upright(above, below, rounding)
    positive = _upright(not_below_zero(above), below, rounding)
    return positive - _upright(not_below_zero(-above), below, rounding)


def not_below_zero(values: Any) -> Any:
    """Return the larger of each value and 0. A single number stays Python's own, which has no limit."""
    return np.maximum(values, 0) if isinstance(values, np.ndarray) else max(int(values), 0)


def _upright(above: Any, below: Any, rounding: Rounding) -> Any:
    match rounding:
        case Rounding.DOWN:
            return above // below
        case Rounding.UP:
            return -(-above // below)
        case Rounding.HALF_UP:
            if isinstance(below, int) and below % 2 == 0:
                return (above + below // 2) // below
            return (2 * above + below) // (2 * below)
        case _:
            return -((below - 2 * above) // (2 * below))


def _half_even(above: Any, below: Any) -> Any:
    whole = above // below
    twice = 2 * (above - whole * below)
    return whole + ((twice > below) | ((twice == below) & (whole % 2 == 1)))
