"""Claims that share limits, decided in their order: each sees what earlier ones drew (the wavefront).

Promise: equal to deciding the claims one after the other with the reference and adding each decision's draws to the used sums of the
later claims with the same keys. Claims that share no key do not wait for each other: the k-th claims of all keys go together.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
import numpy.typing as npt

from rules.columns.amounts import Amounts
from rules.columns.batch import Batch, Facts
from rules.columns.column import Ints
from rules.columns.deciding import CHUNK_ROWS, ColumnPack
from rules.columns.gathering import Gathered
from rules.columns.names import fact_span
from rules.engine.document import PoolSpec
from rules.engine.model import ElementId, PoolScope

Keys = Mapping[PoolScope, npt.ArrayLike]


def decide_in_order(
    prepared: ColumnPack, batch: Batch, keys: Keys, order: npt.ArrayLike | None = None, chunk_rows: int = CHUNK_ROWS
) -> Amounts:
    """Decide every claim with what earlier claims drew added to its own used sums.

    ``keys`` gives for each pool scope an integer or text a claim: claims of one key share the scope's pools; a scope without
    keys shares nothing. ``order`` decides who is earlier (the batch's own order where it is equal or not given). Each claim's
    ``used_...`` facts are the opening balance; a missing one stays missing. Draws of referred claims count like the others,
    as in ``rules.engine.coordinate``.
    """
    return _InOrder(prepared, batch, keys, order).run(chunk_rows)


@dataclass(frozen=True, slots=True)
class _Pool:
    """A shared pool: its keys in the order of the rounds, what each key has drawn so far, and its used element."""

    spec: PoolSpec
    keys: Ints
    drawn: Ints


class _InOrder:
    def __init__(self, prepared: ColumnPack, batch: Batch, keys: Keys, order: npt.ArrayLike | None) -> None:
        self._prepared = prepared
        pools = prepared.pack.pools.values()
        scopes = [scope for scope in keys if any(pool.spec.scope == scope for pool in pools)]
        shared = {scope: _numbered(keys[scope], batch.rows) for scope in scopes}
        places = None if order is None else np.argsort(np.asarray(order), kind="stable")
        rounds = rounds_of([each if places is None else each[places] for each in shared.values()], batch.rows)
        by_round = np.argsort(rounds, kind="stable")
        self._edges = np.concatenate(([0], np.cumsum(np.bincount(rounds)))).tolist()
        self._places = by_round if places is None else places[by_round]
        facts = {name: each for name, each in batch.facts.items() if name in prepared.needs}
        narrow = Batch(batch.rows, facts, batch.refused, batch.refused_names)
        self._batch = narrow.some(self._places)
        self._pools = [
            _Pool(pool.spec, own[self._places], np.zeros(int(own.max(initial=-1)) + 1, np.int64))
            for pool in pools
            if (own := shared.get(pool.spec.scope)) is not None
        ]

    def run(self, chunk_rows: int) -> Amounts:
        gathered = Gathered(self._batch.rows)
        for start, stop in pairwise(self._edges):
            places = self._places[start:stop]
            self._prepared.decide_into(gathered, places, self._informed(start, stop), chunk_rows)
            for pool in self._pools:
                drawn = gathered.drawn(pool.spec.id, places)
                if drawn is not None:
                    # No key comes twice in a round, so adding by index adds all.
                    pool.drawn[pool.keys[start:stop]] += drawn
        return gathered.amounts(self._prepared.rule_ids)

    def _informed(self, start: int, stop: int) -> Batch:
        """Return the claims of one round with what earlier rounds drew added to their used sums."""
        batch = self._batch.slice(start, stop)
        if start == 0:
            return batch
        added: dict[str, Any] = {}
        for pool in self._pools:
            if pool.spec.used in batch.facts:
                drawn = pool.drawn[pool.keys[start:stop]]
                added[pool.spec.used] = added[pool.spec.used] + drawn if pool.spec.used in added else drawn
        facts = dict(batch.facts)
        refused, names = batch.refused, list(batch.refused_names)
        for name, drawn in sorted(added.items()):
            before = facts[name]
            span = fact_span(self._prepared.pack.elements[ElementId(name)])
            if span is None:
                raise TypeError(f"{name} counts nothing")
            values = before.values + drawn * 10**span.scale
            facts[name] = Facts(values, before.present)
            beyond = values > span.high
            if before.present is not None:
                beyond &= before.present
            if beyond.any():
                # The reference tells the first fact, by name, that does not fit.
                told = np.array([not each or name < each for each in names])
                refused = np.zeros(batch.rows, dtype=np.int64) if refused is None else refused.copy()
                refused[beyond & told[refused]] = len(names)
                names.append(name)
        return Batch(batch.rows, facts, refused, names)


def _numbered(given: npt.ArrayLike, rows: int) -> Ints:
    """Return keys as numbers from 0. Raises ValueError: not one key a claim."""
    keys = np.asarray(given)
    if keys.shape != (rows,):
        raise ValueError(f"one key for each of {rows} claims, not {keys.shape}")
    if keys.dtype == np.int64 and rows and keys.min() >= 0 and keys.max() < 4 * rows:
        return keys
    _, numbers = np.unique(keys, return_inverse=True)
    return numbers.astype(np.int64)


def rounds_of(keys: Sequence[Ints], rows: int) -> npt.NDArray[Any]:
    """Return the round of each claim: one after the last round of the earlier claims that share one of its keys."""
    if not keys or not rows:
        return np.zeros(rows, dtype=np.int64)
    ranks = [_rank(each, rows) for each in keys]
    rounds = np.maximum.reduce([rank for rank, _ in ranks])
    # With one key a claim the rank is the round; with more, a claim waits for those that wait for others.
    while len(keys) > 1:
        later = rounds
        for _, previous in ranks:
            later = np.maximum(later, np.where(previous < 0, 0, rounds[previous] + 1))
        if np.array_equal(later, rounds):
            break
        rounds = later
    # Few rounds sort by radix.
    found: npt.NDArray[Any] = rounds.astype(np.uint16) if int(rounds.max()) < 2**16 else rounds
    return found


def _rank(keys: Ints, rows: int) -> tuple[Ints, Ints]:
    """Return how many earlier claims have the same key, and the place of the last of them (-1: none)."""
    # Key and place in one number sort several times faster than a stable sort of the keys.
    bits = max(1, (rows - 1).bit_length())
    packed = np.sort((keys << bits) | np.arange(rows))
    order, ordered = packed & ((1 << bits) - 1), packed >> bits
    place = np.arange(rows)
    first = np.empty(rows, dtype=bool)
    first[0] = True
    np.not_equal(ordered[1:], ordered[:-1], out=first[1:])
    starts = np.maximum.accumulate(np.where(first, place, 0))
    rank, previous = np.empty_like(place), np.empty_like(place)
    rank[order] = place - starts
    previous[order[0]] = -1
    previous[order[1:]] = np.where(first[1:], -1, order[:-1])
    return rank, previous
