"""What a batch came to, as columns.

Promise: equal to the fen to what ``rules.engine.decide`` says of each claim: sums, draws, shares, outputs, whether a person has to
decide and by which rules. There are no sentences: who wants to read one claim decides it again.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from rules.columns.column import Bools, Codes, Ints, Lists


@dataclass(frozen=True, slots=True, eq=False)
class Amounts:
    """The decisions of a batch, by row.

    ``liabilities`` holds a benefit's sum by its id, 0 where it was not looked at (``looked_at`` tells which were); ``draws`` what
    it takes from a pool, by (liability, pool), in fen or days; ``shares`` how it is split, empty where it pays nothing;
    ``outputs`` the sums besides the benefit, with the rows that are told one; ``waivers`` the rows in which a waiver counted.
    ``reasons`` are columns of numbers of ``rule_ids``, in the order in which they are told; 0 is none.
    """

    rows: int
    total_fen: Ints
    referred: Bools
    liabilities: Mapping[str, Ints]
    looked_at: Mapping[str, Bools]
    draws: Mapping[tuple[str, str], Ints]
    shares: Mapping[str, Lists]
    outputs: Mapping[str, tuple[Ints, Bools]]
    waivers: Mapping[str, Bools]
    reasons: Sequence[Codes]
    rule_ids: tuple[str, ...]

    def reasons_of(self, row: int) -> tuple[str, ...]:
        """Return the ids of the rules that refer a claim, each once, in the order in which the reference tells them."""
        codes = (int(column[row]) for column in self.reasons)
        return tuple(dict.fromkeys(self.rule_ids[code] for code in codes if code))

    def shares_of(self, liability: str, row: int) -> tuple[int, ...]:
        """Return how a benefit is split, in fen."""
        lists = self.shares.get(liability)
        if lists is None:
            paid = int(self.liabilities[liability][row])
            return (paid,) if paid else ()
        return tuple(lists.flat[lists.offsets[row] : lists.offsets[row + 1]].tolist())

    def pool(self, pool: str) -> Ints:
        """Return what each claim takes from a pool, over all its benefits."""
        found = np.zeros(self.rows, dtype=np.int64)
        for (_, drawn_on), amounts in self.draws.items():
            if drawn_on == pool:
                found += amounts
        return found
