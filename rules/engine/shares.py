"""Splitting a benefit over the entitled persons, to the fen (notes/domain.md §2, arts 40 and 42; convention 12)."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from fractions import Fraction


def largest_remainder(total_fen: int, weights: Sequence[Decimal]) -> tuple[int, ...]:
    """Split ``total_fen`` in proportion to ``weights``; the parts always add up. Ties go in order.

    Raises ValueError: negative total or weight, no weight above 0.

    >>> largest_remainder(20000000, [Decimal(1)] * 3)
    (6666667, 6666667, 6666666)
    """
    if total_fen < 0 or any(weight < 0 for weight in weights):
        raise ValueError("negative total or weight")
    whole = sum((Fraction(weight) for weight in weights), Fraction(0))
    if whole == 0:
        raise ValueError("no weight above 0")
    exact = [total_fen * Fraction(weight) / whole for weight in weights]
    floors = [int(part) for part in exact]
    left = total_fen - sum(floors)
    by_remainder = sorted(range(len(exact)), key=lambda index: (floors[index] - exact[index], index))
    for index in by_remainder[:left]:
        floors[index] += 1
    return tuple(floors)


def entitled_weights(
    weights: Sequence[Decimal], orders: Sequence[Decimal], entitled: Sequence[bool]
) -> tuple[Decimal, ...]:
    """Return each person's weight, 0 for who takes nothing: who is not entitled (died first, renounced), and later orders.

    The first order that has an entitled person takes all; a lost share goes to the rest of that order in proportion
    (art. 42; Interpretation III art. 12; convention 20). Raises ValueError when the lists differ in length or nobody is left.

    >>> entitled_weights([Decimal(50), Decimal(30), Decimal(20)], [Decimal(1)] * 3, [True, True, False])
    (Decimal('50'), Decimal('30'), Decimal('0'))
    """
    if not len(weights) == len(orders) == len(entitled):
        raise ValueError("the lists of beneficiaries differ in length")
    standing = [order for order, person in zip(orders, entitled, strict=True) if person]
    if not standing:
        raise ValueError("no entitled person is left")
    first = min(standing)
    return tuple(
        weight if person and order == first else Decimal(0)
        for weight, order, person in zip(weights, orders, entitled, strict=True)
    )
