"""Lists over columns: sums, extremes and judgements of each row's items (bill lines), by cumulative sums and segments.

Promise: a row's result depends on its own items alone; an empty list is told, never a silent zero.
"""

from __future__ import annotations

from typing import Any

import numpy as np

from rules.columns.column import Bools, Ints, Lists, taken


def sums(flat: Any, offsets: Ints) -> Any:
    """Return the sum of each row's items, 0 of none. Exact: 64 bits wrap around and back, Python's integers do not wrap."""
    running = np.zeros(len(flat) + 1, dtype=object if flat.dtype == object else np.int64)
    np.cumsum(flat, out=running[1:])
    return running[offsets[1:]] - running[offsets[:-1]]


def sums_beyond(flat: Any, offsets: Ints, most: int) -> Bools:
    """Return the rows in which a partial sum, from the left, passes ``most`` on either side."""
    total = sums(np.abs(flat), offsets)
    beyond = np.zeros(len(offsets) - 1, dtype=bool)
    for row in np.nonzero(total > most)[0].tolist():
        running = 0
        for item in flat[offsets[row] : offsets[row + 1]].tolist():
            running += item
            beyond[row] |= abs(running) > most
    return beyond


def extremes(function: np.ufunc, flat: Any, offsets: Ints) -> Any:
    """Return the least or greatest of each row's items; anything where there is none."""
    found = np.zeros(len(offsets) - 1, dtype=flat.dtype)
    filled = np.nonzero(np.diff(offsets))[0]
    if len(filled):
        found[filled] = function.reduceat(flat, offsets[:-1][filled])
    return found


def counts_where(mask: Bools, offsets: Ints) -> Ints:
    """Return how many of each row's items the mask marks."""
    found: Ints = sums(mask.astype(np.int64), offsets)
    return found


def first_event(events: Bools, offsets: Ints) -> tuple[Ints, Bools]:
    """Return the position in the flat items of each row's first event (any position where there is none), and where there is one."""
    before = np.concatenate(([0], np.cumsum(events)))
    some = before[offsets[1:]] > before[offsets[:-1]]
    positions = np.nonzero(events)[0]
    if not len(positions):
        return np.zeros(len(offsets) - 1, dtype=np.int64), some
    return positions[np.minimum(before[offsets[:-1]], len(positions) - 1)], some


def kept(lists: Lists, mask: Bools) -> Lists:
    """Return the lists with only the rows of the mask filled; the others are empty."""
    counts = np.where(mask, lists.counts, 0)
    items = mask[lists.owners()]
    return Lists(taken(lists.flat, np.nonzero(items)[0]), np.concatenate(([0], np.cumsum(counts))))
