"""Marginal tiers: each part of a sum is paid at its own tier's ratio."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from itertools import pairwise


def marginal_tiers(base_fen: Decimal, bounds_fen: Sequence[int], ratios: Sequence[Decimal]) -> Decimal:
    """Return the exact sum in fen of ``base_fen`` cut at ``bounds_fen``, each part times its ratio.

    There is one ratio more than bounds: the last one is for what lies above the last bound. Raises ValueError when the base
    is negative, the counts do not match or the bounds do not rise from above 0.

    >>> marginal_tiers(Decimal(1234567), [100000, 500000, 1000000, 3000000], [Decimal(r) for r in ("0.5", "0.6", "0.7", "0.8", "0.9")])
    Decimal('827653.6')
    """
    if base_fen < 0:
        raise ValueError("negative base")
    if len(ratios) != len(bounds_fen) + 1:
        raise ValueError(f"{len(bounds_fen)} bounds need {len(bounds_fen) + 1} ratios, not {len(ratios)}")
    edges = [0, *bounds_fen]
    if any(low >= high for low, high in pairwise(edges)):
        raise ValueError("bounds do not rise")
    total = Decimal(0)
    for low, high, ratio in zip(edges, [*bounds_fen, None], ratios, strict=True):
        top = base_fen if high is None else min(base_fen, Decimal(high))
        if top <= low:
            break
        total += (top - low) * ratio
    return total
