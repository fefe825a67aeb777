"""A batch of claims: one column an element, with the rows that have the fact.

Promise: every value that a batch holds lies within its element's bounds; a claim with a fact that does not is marked as refused, by
the element's name, as ``rules.engine.decide`` refuses it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from rules.columns.column import Bools, Ints, Lists, sliced, taken
from rules.columns.names import fact_span
from rules.columns.text_operations import texts_of
from rules.columns.values import encoded
from rules.engine.document import ElementSpec, ValueType
from rules.engine.model import ElementId, FactsError, Value
from rules.engine.pack import Pack
from rules.engine.values import check, shown


@dataclass(frozen=True, slots=True, eq=False)
class Facts:
    """An element's column. ``present`` None: every row has the fact. Where one has not, the value means nothing."""

    values: Any
    present: Bools | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Batch:
    """``rows`` claims. ``refused`` numbers the name in ``refused_names`` that is told for a row with a bad fact; 0 is none."""

    rows: int
    facts: Mapping[str, Facts]
    refused: Ints | None = None
    refused_names: Sequence[str] = field(default=("",))

    def fetch(self, name: str) -> tuple[Any, Bools | None] | None:
        """Return an element's values and the rows that have one; None when no row has it."""
        found = self.facts.get(name)
        return None if found is None else (found.values, found.present)

    def some(self, rows: Ints) -> Batch:
        """Return the batch of some rows, in that order."""
        facts = {
            name: Facts(taken(each.values, rows), None if each.present is None else each.present[rows])
            for name, each in self.facts.items()
        }
        refused = None if self.refused is None else self.refused[rows]
        return Batch(len(rows), facts, refused, self.refused_names)

    def slice(self, start: int, stop: int) -> Batch:
        """Return consecutive rows, as views."""
        stop = min(stop, self.rows)
        facts = {
            name: Facts(sliced(each.values, start, stop), None if each.present is None else each.present[start:stop])
            for name, each in self.facts.items()
        }
        refused = None if self.refused is None else self.refused[start:stop]
        return Batch(stop - start, facts, refused, self.refused_names)


def batch_of_facts(pack: Pack, facts: Sequence[Mapping[ElementId, Value]]) -> Batch:
    """Return a batch of claims given as facts, one mapping a claim. Bad facts refuse their claim, they never raise."""
    names = [""]
    refused = np.zeros(len(facts), dtype=np.int64)
    known: dict[str, int] = {}
    accepted: list[Mapping[ElementId, Value]] = []
    for row, claim in enumerate(facts):
        wrong = [name for name in sorted(claim, key=str) if not _fits(pack, name, claim[name])]
        if wrong:
            told = shown(wrong[0])
            if told not in known:
                known[told] = len(names)
                names.append(told)
            refused[row] = known[told]
        accepted.append({name: value for name, value in claim.items() if name not in wrong} if wrong else claim)
    columns = {}
    for name, spec in pack.elements.items():
        present = np.fromiter((name in claim for claim in accepted), dtype=bool, count=len(accepted))
        if present.any():
            values = column_of(spec, [claim.get(name) for claim in accepted])
            columns[str(name)] = Facts(values, None if present.all() else present)
    return Batch(len(facts), columns, refused if refused.any() else None, tuple(names))


def _fits(pack: Pack, name: ElementId, value: Value) -> bool:
    """Say whether a fact is of the pack and within its element's bounds."""
    spec = pack.elements.get(name)
    if spec is None:
        return False
    try:
        check(spec, value)
    except FactsError:
        return False
    return True


def column_of(spec: ElementSpec, values: Sequence[Any]) -> Any:
    """Return values that fit their element (None: none) as a column."""
    if not spec.many:
        return _scalars(spec, values)
    offsets = np.concatenate(([0], np.cumsum([len(each or ()) for each in values], dtype=np.int64)))
    return Lists(_scalars(spec, [item for each in values for item in each or ()]), offsets)


def _scalars(spec: ElementSpec, values: Sequence[Any]) -> Any:
    if spec.type is ValueType.TEXT:
        return texts_of(["" if each is None else each for each in values])
    if spec.type is ValueType.BOOL:
        return np.array([bool(each) for each in values], dtype=bool)
    span = fact_span(spec)
    if span is None:
        raise TypeError(f"{spec.type} has no column form")
    dtype = np.int64 if span.fits_int64 else object
    low, scale = span.low, span.scale if spec.type is ValueType.NUMBER else 0
    return np.array([low if each is None else encoded(each, scale) for each in values], dtype=dtype)
