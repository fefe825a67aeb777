"""How every benchmark, simulation and demo reports: a table for people, ``out/<kind>/<name>.json`` for machines.

A row's ``ratio`` is ``value / baseline``, both measured in the same run; a ratio below 1 is faster or smaller than the baseline.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from statistics import median
from time import perf_counter

import msgspec


class Row(msgspec.Struct, frozen=True, kw_only=True):
    """One measured figure. ``unit`` names what ``value`` and ``baseline`` count; both None where there is nothing to compare."""

    name: str
    value: float
    unit: str
    baseline: float | None = None
    ratio: float | None = None


def row(name: str, value: float, unit: str, baseline: float | None = None) -> Row:
    """Return a row with its ratio worked out."""
    ratio = None if baseline is None or baseline == 0 else value / baseline
    return Row(name=name, value=value, unit=unit, baseline=baseline, ratio=ratio)


def paired(candidate: Callable[[], object], baseline: Callable[[], object], rounds: int = 7) -> tuple[float, float]:
    """Time two jobs in turn and return the median seconds of each, so that a noisy machine hits both alike."""
    taken: list[float] = []
    base: list[float] = []
    for _ in range(rounds):
        for job, times in ((baseline, base), (candidate, taken)):
            start = perf_counter()
            job()
            times.append(perf_counter() - start)
    return median(taken), median(base)


def report(name: str, rows: Sequence[Row], kind: str = "bench") -> None:
    """Print the table and write ``out/<kind>/<name>.json``."""
    print(f"\n{name}")
    print(f"  {'measured':44} {'value':>14} {'unit':8} {'baseline':>14} {'ratio':>8}")
    for each in rows:
        base = "" if each.baseline is None else f"{each.baseline:,.4g}"
        ratio = "" if each.ratio is None else f"{each.ratio:.2f}"
        print(f"  {each.name:44} {each.value:>14,.4g} {each.unit:8} {base:>14} {ratio:>8}")
    folder = Path("out") / kind
    folder.mkdir(parents=True, exist_ok=True)
    (folder / f"{name}.json").write_text(
        json.dumps(msgspec.to_builtins(list(rows)), indent=1, ensure_ascii=False) + "\n"
    )
