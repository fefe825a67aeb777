"""Splitting sums over lists of weights by largest remainder, over columns (``rules.engine.shares.largest_remainder``).

Promise: the parts of a row add up to its sum; ties go in order; exact for every weight, in 64 bits where products fit them.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rules.columns import segments
from rules.columns.column import Bools, Lists

_ROOM = 3_000_000_000  # below the root of 2**63: a remainder times a weight fits


def split(totals: Any, weights: Lists) -> tuple[Lists, Bools]:
    """Return each row's parts, and the rows that cannot be split: a negative sum or weight, no weight above 0."""
    flat = weights.flat
    whole = segments.sums(flat, weights.offsets)
    negative = segments.counts_where(flat < 0, weights.offsets) > 0
    refused = negative | (totals < 0) | (whole <= 0)
    weights = segments.kept(weights, np.logical_not(refused))
    flat, counts, offsets = weights.flat, weights.counts, weights.offsets
    if len(flat) and (flat.dtype == object or int(whole.max()) >= _ROOM):
        flat, whole, totals = flat.astype(object), whole.astype(object), totals.astype(object)
    divisor = np.where(refused, 1, whole)
    # total * weight / whole, without a product that leaves 64 bits: whole parts first, then what is left over.
    times, over = totals // divisor, totals % divisor
    per_item, left_over, whole_over = (np.repeat(each, counts) for each in (times, over, divisor))
    parts = per_item * flat + left_over * flat // whole_over
    remainders = left_over * flat % whole_over
    missing = np.where(refused, 0, totals - segments.sums(parts, offsets)).astype(np.int64)
    owners = weights.owners()
    order = np.lexsort((np.arange(len(flat)), -remainders.astype(np.int64), owners))
    rank = np.empty(len(flat), dtype=np.int64)
    rank[order] = np.arange(len(flat)) - np.repeat(offsets[:-1], counts)
    return Lists((parts + (rank < np.repeat(missing, counts))).astype(np.int64), offsets), refused
