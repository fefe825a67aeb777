"""Where the chunks' results come together into columns over the whole batch.

Promise: a column is made when the first chunk has something to put in; rows nobody wrote are 0, not looked at, no reason.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np

from rules.columns.amounts import Amounts
from rules.columns.column import Bools, Codes, Ints, Lists

# Rows of the batch: consecutive ones, or by index.
Places = slice | Ints


def within(places: Places, rows: Places) -> Places:
    """Return the places of some of the rows that lie in ``places``."""
    if isinstance(places, slice):
        start: int = places.start
        return slice(start + rows.start, start + rows.stop) if isinstance(rows, slice) else rows + start
    return places[rows]


class Gathered:
    """Columns under construction."""

    def __init__(self, rows: int) -> None:
        self._rows = rows
        self._total = np.zeros(rows, dtype=np.int64)
        self._referred = np.ones(rows, dtype=bool)
        self._liabilities: dict[str, Ints] = {}
        self._looked_at: dict[str, Bools] = {}
        self._draws: dict[tuple[str, str], Ints] = {}
        self._shares: dict[str, list[tuple[Places, Lists]]] = {}
        self._outputs: dict[str, tuple[Ints, Bools]] = {}
        self._waivers: dict[str, Bools] = {}
        self._reasons: list[Codes] = []

    def refuse(self, places: Places, codes: Codes) -> None:
        """Refer the rows whose code is not 0 for this one reason; nothing else is worked out for them."""
        refused = np.nonzero(codes)[0]
        self._slot(0)[within(places, refused)] = codes[refused]

    def drawn(self, pool: str, places: Places) -> Ints | None:
        """Return what some rows take from a pool over all their benefits; None when no row takes anything."""
        found: Ints | None = None
        for (_, drawn_on), amounts in self._draws.items():
            if drawn_on == pool:
                here = amounts[places]
                found = here if found is None else found + here
        return found

    def total(self, places: Places, fen: Any, referred: Any) -> None:
        """Put the decisions' sums, and whether a person has to decide."""
        self._total[places] = fen
        self._referred[places] = referred

    def liability(self, liability: str, places: Places, paid: Any) -> None:
        """Put a benefit's sums for the rows in which it was looked at."""
        if liability not in self._liabilities:
            self._liabilities[liability] = np.zeros(self._rows, dtype=np.int64)
            self._looked_at[liability] = np.zeros(self._rows, dtype=bool)
        self._liabilities[liability][places] = paid
        self._looked_at[liability][places] = True

    def draw(self, liability: str, pool: str, places: Places, amounts: Any) -> None:
        """Put what a benefit takes from a pool."""
        if (liability, pool) not in self._draws:
            self._draws[liability, pool] = np.zeros(self._rows, dtype=np.int64)
        self._draws[liability, pool][places] = amounts

    def shares(self, liability: str, places: Places, lists: Lists) -> None:
        """Put how a benefit is split."""
        self._shares.setdefault(liability, []).append((places, lists))

    def output(self, name: str, places: Places, fen: Any, told: Any) -> None:
        """Add to a sum besides the benefit, in the rows that are told one."""
        if name not in self._outputs:
            self._outputs[name] = (np.zeros(self._rows, dtype=np.int64), np.zeros(self._rows, dtype=bool))
        sums, given = self._outputs[name]
        sums[places] += np.where(told, fen, 0)
        given[places] |= told

    def waiver(self, code: str, places: Places, used: Bools) -> None:
        """Put the rows in which a waiver counted."""
        if code not in self._waivers:
            self._waivers[code] = np.zeros(self._rows, dtype=bool)
        self._waivers[code][places] |= used

    def reasons(self, places: Places, columns: Sequence[Codes]) -> None:
        """Put the reasons of some rows, in their order."""
        for at, codes in enumerate(columns):
            self._slot(at)[places] = codes

    def _slot(self, at: int) -> Codes:
        while len(self._reasons) <= at:
            self._reasons.append(np.zeros(self._rows, dtype=np.int32))
        return self._reasons[at]

    def amounts(self, rule_ids: tuple[str, ...]) -> Amounts:
        """Return the finished columns."""
        return Amounts(
            rows=self._rows,
            total_fen=self._total,
            referred=self._referred,
            liabilities=self._liabilities,
            looked_at=self._looked_at,
            draws=self._draws,
            shares={name: self._joined(parts) for name, parts in self._shares.items()},
            outputs=self._outputs,
            waivers=self._waivers,
            reasons=self._reasons,
            rule_ids=rule_ids,
        )

    def _joined(self, parts: Sequence[tuple[Places, Lists]]) -> Lists:
        counts = np.zeros(self._rows, dtype=np.int64)
        for places, lists in parts:
            counts[places] = lists.counts
        offsets = np.concatenate(([0], np.cumsum(counts)))
        flat = np.zeros(int(offsets[-1]), dtype=np.int64)
        for places, lists in parts:
            starts = offsets[:-1][places] - lists.offsets[:-1]
            flat[np.repeat(starts, lists.counts) + np.arange(len(lists.flat))] = lists.flat
        return Lists(flat, offsets)
