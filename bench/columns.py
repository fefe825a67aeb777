"""The column back end against hand-written Decimal: the 15-rule medical case, 1,000,000 invented cases, one thread.

Every row's sums are held to the hand-written function's, to the fen. The baseline is timed between the candidates, on a part of the
same cases, inputs checked on both sides: columns check theirs when a batch is made of a table.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

from bench.report import Row, paired, report, row
from bench.rules_case import PLAN, YEAR_CAP, Facts, by_hand, pack
from rules.columns import Amounts, Batch, ColumnPack, batch_of_table, decide_in_order, prepare
from rules.engine import ElementId
from rules.engine.model import PoolScope

CASES = 1_000_000
BASE_CASES = 4_000
POLICY_YEARS = 245_372
_DAYS_2023 = 365
_AT_ONCE = 50_000


@dataclass(frozen=True)
class Cases:
    """Invented cases as a table, with the policy-year of each."""

    table: pa.Table
    policy_year: Any

    def facts(self, start: int, stop: int) -> list[Facts]:
        """Return some cases as facts."""
        found = []
        for case in self.table.slice(start, stop - start).to_pylist():
            case["claim_types"] = tuple(case["claim_types"])
            for name in ("hospital_level", "bed_days"):
                case[name] = Decimal(case[name])
            found.append({ElementId(name): value for name, value in case.items()})
        return found


def invented(count: int, seed: int = 20_261_122) -> Cases:
    """Return cases of the same kind as ``bench.rules_case.cases``, made as columns; about a third come to a payment."""
    draw = np.random.default_rng(seed)

    def money(most: int) -> Any:
        return draw.integers(0, most, count)

    def share(part: float) -> Any:
        return draw.random(count) < part

    effective = (date(2023, 1, 1) - date(1970, 1, 1)).days + draw.integers(0, _DAYS_2023, count)
    used = np.where(share(0.66), 0, money(1_000_000))
    used_year = np.where(share(0.66), 0, money(YEAR_CAP))
    levels = draw.choice(np.array([1, 2, 2, 3, 3]), count)
    claimed = pa.ListArray.from_arrays(
        pa.array(np.arange(count + 1, dtype=np.int32)),
        pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), pa.array(["medical"])),
    )
    table = pa.table(
        {
            "plan": pa.DictionaryArray.from_arrays(pa.array(np.zeros(count, np.int8)), pa.array([PLAN])),
            "claim_types": claimed,
            "bill_number": pa.array([f"N{number:07}" for number in range(count)]),
            "bed_fee": money(500_000),
            "category_a": money(6_000_000),
            "category_b": money(3_000_000),
            "category_c": money(2_000_000),
            "social_paid": money(4_000_000),
            "used_deductible": np.where(share(0.2), 1_000_000, used),
            "used_year": used_year,
            "accident": share(0.3),
            "hospital_public": share(0.85),
            "emergency": share(0.15),
            "possible_exclusion": share(0.1),
            "social_used": share(0.7),
            "policy_effective": pa.array(effective.astype(np.int32)).cast(pa.date32()),
            "policy_expiry": pa.array((effective + 364).astype(np.int32)).cast(pa.date32()),
            "admission_date": pa.array((effective + draw.integers(-20, 380, count)).astype(np.int32)).cast(pa.date32()),
            "hospital_level": levels,
            "bed_days": draw.integers(1, 40, count),
        }
    )
    return Cases(table, draw.integers(0, POLICY_YEARS, count))


def expected(cases: Cases) -> tuple[Any, Any]:
    """Return what the hand-written function pays for every case alone, and where earlier claims of its policy-year use up the limit."""
    alone, together = (np.empty(cases.table.num_rows, dtype=np.int64) for _ in range(2))
    drawn: dict[int, int] = {}
    used = ElementId("used_year")
    for start in range(0, len(alone), _AT_ONCE):
        for at, facts in enumerate(cases.facts(start, min(start + _AT_ONCE, len(alone))), start=start):
            alone[at] = by_hand(facts)
            key = int(cases.policy_year[at])
            before = drawn.get(key, 0)
            facts[used] = facts[used] + before  # type: ignore[operator]  # money
            together[at] = paid = by_hand(facts) if before else alone[at]
            drawn[key] = before + int(paid)
    return alone, together


def main() -> None:
    """Measure and report."""
    prepared = prepare(pack())
    cases = invented(CASES)
    batch = batch_of_table(prepared.pack, cases.table)
    base_facts = cases.facts(0, BASE_CASES)

    def hand() -> None:
        for facts in base_facts:
            by_hand(facts)

    alone, together = expected(cases)
    keys = {PoolScope.POLICY_YEAR: cases.policy_year}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "cases.parquet"
        pq.write_table(cases.table, path)
        measured = _Measured(hand, prepared, batch)
        rows = [
            *measured.rows("columns", lambda: prepared.decide(batch), alone),
            *measured.rows("from a table, inputs checked", lambda: _of_table(prepared, cases.table), alone),
            *measured.rows(
                "from a Parquet file, inputs checked",
                lambda: _of_table(prepared, pq.read_table(path, use_threads=False)),
                alone,
            ),
            *measured.rows("in order, with yearly pools", lambda: decide_in_order(prepared, batch, keys), together),
            row("size of the Parquet file", path.stat().st_size / 1e6, "MB"),
            row("cases that come to a payment", int((alone > 0).sum()), "cases"),
        ]
    report("columns", rows)


def _of_table(prepared: ColumnPack, table: pa.Table) -> Amounts:
    return prepared.decide(batch_of_table(prepared.pack, table))


@dataclass(frozen=True)
class _Measured:
    hand: Callable[[], None]
    prepared: ColumnPack
    batch: Batch

    def rows(self, name: str, decide: Callable[[], Amounts], sums: Any) -> list[Row]:
        """Return decisions a second beside the hand-written function's, and how many sums differ."""
        wrong = int((decide().total_fen != sums).sum())
        taken, base = paired(decide, self.hand)
        return [
            row(name, CASES / taken, "1/s", BASE_CASES / base),
            row(f"{name}: sums not equal to the fen", wrong, "cases"),
        ]


if __name__ == "__main__":
    main()
