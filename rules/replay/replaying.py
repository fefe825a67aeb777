"""A file of claims decided by a pack: every claim in its order, each seeing what earlier ones took from the pools they share.

Promise: equal to deciding the claims one after the other with the reference. The outcome does not depend on how the file was cut.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pyarrow as pa

from rules.columns import Amounts, batch_of_table, decide_in_order, prepare
from rules.engine.model import PoolScope
from rules.engine.pack import Pack
from rules.replay.claims_file import CLAIM_NO, PAID_FEN, ClaimsFile, order_of, shared_keys

Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class Replay:
    """What a pack makes of a part of a file: the claims read, their decisions row by row, and who shares which pools."""

    claims: pa.Table
    amounts: Amounts
    keys: Mapping[PoolScope, Ints]
    order: Ints | None

    def results(self) -> pa.Table:
        """Return a row a claim: number, sum, whether a person has to decide, by which rules, what was recorded as paid."""
        paid = (
            self.claims.column(PAID_FEN)
            if PAID_FEN in self.claims.column_names
            else pa.nulls(self.claims.num_rows, pa.int64())
        )
        return pa.table(
            {
                CLAIM_NO: self.claims.column(CLAIM_NO),
                "total_fen": pa.array(self.amounts.total_fen),
                "referred": pa.array(self.amounts.referred),
                "reasons": reasons_column(self.amounts),
                PAID_FEN: paid,
            }
        ).sort_by(CLAIM_NO)


def reasons_column(amounts: Amounts) -> pa.Array:
    """Return the ids of the rules that refer each claim, joined by commas; empty where nobody has to decide.

    Few combinations occur, so each is written once.
    """
    numbers = np.zeros(amounts.rows, dtype=np.int64)
    for codes in amounts.reasons:
        _, numbers = np.unique(numbers * (len(amounts.rule_ids) + 1) + codes, return_inverse=True)
    kinds, first = np.unique(numbers, return_index=True)
    texts = [",".join(amounts.reasons_of(row)) if amounts.referred[row] else "" for row in first.tolist()]
    return pa.DictionaryArray.from_arrays(
        pa.array(np.searchsorted(kinds, numbers), pa.int32()), pa.array(texts, pa.string())
    ).cast(pa.string())


def replay(pack: Pack, file: ClaimsFile, part: int = 0, of: int = 1) -> Replay:
    """Decide a part of a file. Raises ClaimsFileError, FactsError (a column of a wrong type), PackError."""
    return replay_table(pack, file.read([str(name) for name in pack.elements], part, of))


def replay_table(pack: Pack, claims: pa.Table) -> Replay:
    """Decide claims that were read."""
    keys, order = shared_keys(claims), order_of(claims)
    amounts = decide_in_order(prepare(pack), batch_of_table(pack, claims), keys, order)
    return Replay(claims, amounts, keys, order)
