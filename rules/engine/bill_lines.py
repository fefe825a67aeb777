"""Sums over the lines of a bill, chosen by what a parallel list says of each line."""

from __future__ import annotations

from collections.abc import Sequence


def sum_where(amounts_fen: Sequence[int], labels: Sequence[str], label: str) -> int:
    """Return the sum of the amounts whose label is ``label``; 0 where no line has it. Raises ValueError: lists of different lengths.

    >>> sum_where([10000, 2050, 300], ["A", "B", "B"], "B")
    2350
    """
    if len(amounts_fen) != len(labels):
        raise ValueError(f"{len(amounts_fen)} amounts and {len(labels)} labels")
    return sum(fen for fen, each in zip(amounts_fen, labels, strict=True) if each == label)
