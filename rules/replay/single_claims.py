"""Single claims of a replayed file, with the facts that they were decided on: what earlier claims took is in their used sums.

Promise: deciding such facts one by one gives what the columns gave.
"""

from __future__ import annotations

from collections.abc import Sequence
from decimal import Decimal
from typing import Any

import numpy as np
import pyarrow as pa

from rules.engine.document import ElementSpec, ValueType
from rules.engine.model import ElementId, Facts, Value
from rules.engine.pack import Pack
from rules.replay.replaying import Ints, Replay


def facts_of(pack: Pack, replay: Replay, rows: Sequence[int]) -> list[Facts]:
    """Return the facts of some claims as the engine takes them."""
    columns: dict[ElementId, list[Any]] = {}
    chosen = replay.claims.take(pa.array(rows, pa.int64()))
    for name, spec in pack.elements.items():
        if str(name) in chosen.column_names:
            columns[name] = [_value(spec, raw) for raw in chosen.column(str(name)).to_pylist()]
    taken = {
        pool_id: before[np.asarray(rows, dtype=np.int64)] for pool_id, before in _taken_before(pack, replay).items()
    }
    facts: list[Facts] = []
    for at in range(len(rows)):
        claim: dict[ElementId, Value] = {name: values[at] for name, values in columns.items() if values[at] is not None}
        for pool_id, before in taken.items():
            pool = pack.pools[pool_id].spec
            opening = claim.get(ElementId(pool.used))
            # A missing opening balance stays missing; fen are integers, days decimals.
            if isinstance(opening, int | Decimal):
                claim[ElementId(pool.used)] = opening + int(before[at])
        facts.append(claim)
    return facts


def _taken_before(pack: Pack, replay: Replay) -> dict[str, Ints]:
    """Return, for each shared pool, what earlier claims of the same key took, claim by claim."""
    found: dict[str, Ints] = {}
    rows = replay.claims.num_rows
    places = np.arange(rows) if replay.order is None else np.argsort(replay.order, kind="stable")
    for pool_id in sorted({pool for _, pool in replay.amounts.draws}):
        keys = replay.keys.get(pack.pools[pool_id].spec.scope)
        if keys is None or rows == 0:
            continue
        drawn = replay.amounts.pool(pool_id)
        by_key = places[np.argsort(keys[places], kind="stable")]
        sums = np.cumsum(drawn[by_key]) - drawn[by_key]
        starts = np.concatenate(([True], keys[by_key][1:] != keys[by_key][:-1]))
        base = np.maximum.accumulate(np.where(starts, np.arange(rows), 0))
        before = np.empty(rows, dtype=np.int64)
        before[by_key] = sums - sums[base]
        found[pool_id] = before
    return found


def _value(spec: ElementSpec, raw: Any) -> Value | None:
    if raw is None:
        return None
    if spec.many:
        return tuple(_scalar(spec, each) for each in raw)
    return _scalar(spec, raw)


def _scalar(spec: ElementSpec, raw: Any) -> Value:
    if spec.type is ValueType.NUMBER:
        number = raw if isinstance(raw, Decimal) else Decimal(str(raw))
        # As the engine reads it from text: no trailing zeros, no power of ten.
        return number.to_integral_value() if number == number.to_integral_value() else number.normalize()
    value: Value = raw
    return value
