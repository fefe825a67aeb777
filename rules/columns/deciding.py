"""A pack prepared for columns, and the decision of a batch.

Promise: ``ColumnPack.decide`` is ``rules.engine.decide`` for every row of the batch, to the fen (``Amounts`` says of what). Rows are
worked through in chunks that fit a processor's cache; how a batch is cut or ordered changes no row's decision.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np

from rules.columns.amounts import Amounts
from rules.columns.batch import Batch
from rules.columns.codes import RuleCodes
from rules.columns.column import Bools, Ints, Texts, taken
from rules.columns.frame import Fetch, Frame, slice_of
from rules.columns.gathering import Gathered, Places, within
from rules.columns.plan import PlanColumns
from rules.engine.pack import PLAN, Pack

CHUNK_ROWS = 32_768


class ColumnPack:
    """A pack's plans as pieces. Made by ``prepare``; immutable but for what look-ups remember.

    ``needs`` are the elements that any plan may read.
    """

    def __init__(self, pack: Pack) -> None:
        self.pack = pack
        self._codes = RuleCodes()
        self._unknown_plan = self._codes.of("element:plan")
        self._plans = {plan_id: PlanColumns(pack, plan, self._codes) for plan_id, plan in pack.plans.items()}
        self._ids = list(self._plans)
        self.needs = frozenset(name for plan_id in pack.plans for name in pack.required_elements(plan_id))

    def decide(self, batch: Batch, chunk_rows: int = CHUNK_ROWS) -> Amounts:
        """Decide every claim of the batch. Never raises for a fact: what cannot be worked out is a referral."""
        gathered = Gathered(batch.rows)
        self.decide_into(gathered, slice(0, batch.rows), batch, chunk_rows)
        return gathered.amounts(self._codes.ids)

    def decide_into(self, gathered: Gathered, places: Places, batch: Batch, chunk_rows: int = CHUNK_ROWS) -> None:
        """Decide the claims of a batch and put the results in their places of a larger one."""
        todo: Bools | None = None
        if batch.refused is not None:
            names = [0, *(self._codes.of(f"element:{name}") for name in batch.refused_names[1:])]
            gathered.refuse(places, np.array(names, dtype=np.int32)[batch.refused])
            todo = batch.refused == 0
        for plan_id, rows in self._by_plan(batch, todo, gathered, places):
            plan = self._plans[plan_id]
            for frame, chunk in _chunks(batch, rows, chunk_rows):
                plan.decide(frame, within(places, chunk), gathered)

    @property
    def rule_ids(self) -> tuple[str, ...]:
        """The ids behind the numbers of reasons."""
        return self._codes.ids

    def _by_plan(
        self, batch: Batch, todo: Bools | None, gathered: Gathered, places: Places
    ) -> Iterator[tuple[str, Ints | None]]:
        """Yield each plan with its rows (None: all of the batch); refer the rows of no plan."""
        found = batch.facts.get(PLAN)
        if found is None:
            everywhere = np.ones(batch.rows, dtype=bool) if todo is None else todo
            gathered.refuse(places, np.where(everywhere, np.int32(self._unknown_plan), np.int32(0)))
            return
        plans: Texts = found.values
        numbers = plans.words.each(("plan", id(self)), self._number, np.int64)
        if todo is None and found.present is None and (numbers == numbers[0]).all() and numbers[0] >= 0:
            yield self._ids[numbers[0]], None
            return
        codes = numbers[plans.codes]
        if found.present is not None:
            codes = np.where(found.present, codes, -1)
        if todo is not None:
            codes = np.where(todo, codes, -2)
        for number in range(-1, len(self._ids)):
            rows = np.nonzero(codes == number)[0]
            if not len(rows):
                continue
            if number < 0:
                gathered.refuse(places, np.where(codes == number, np.int32(self._unknown_plan), np.int32(0)))
            else:
                yield self._ids[number], None if len(rows) == batch.rows else rows

    def _number(self, plan_id: str) -> int:
        return self._ids.index(plan_id) if plan_id in self._plans else -1


def prepare(pack: Pack) -> ColumnPack:
    """Return the pack ready to decide batches. Raises PackError: a number that cannot be held exactly."""
    return ColumnPack(pack)


def _chunks(batch: Batch, rows: Ints | None, size: int) -> Iterator[tuple[Frame, Any]]:
    """Yield frames of at most ``size`` rows with the places of their rows in the batch."""
    total = batch.rows if rows is None else len(rows)
    for start in range(0, total, size):
        stop = min(start + size, total)
        if rows is None:
            yield Frame(stop - start, slice_of(batch.fetch, start, stop)), slice(start, stop)
        else:
            places = rows[start:stop]
            yield Frame(stop - start, _taking(batch, places)), places


def _taking(batch: Batch, places: Ints) -> Fetch:
    def fetched(name: str) -> tuple[Any, Bools | None] | None:
        found = batch.fetch(name)
        if found is None:
            return None
        values, present = found
        mask = None if present is None else present[places]
        return taken(values, places), None if mask is None or mask.all() else mask

    return fetched
