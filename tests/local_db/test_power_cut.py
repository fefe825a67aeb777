"""Durability: nothing acknowledged is lost when the power goes, at whatever moment. The short tier runs always."""

from __future__ import annotations

from pathlib import Path

import pytest

from bench.report import report, row
from tests.local_db.power_cut import Cut, PowerCuts


@pytest.fixture
def cuts(tmp_path: Path) -> PowerCuts:
    return PowerCuts(tmp_path)


def unharmed(done: list[Cut]) -> None:
    assert sum(one.corrupt for one in done) == 0
    assert sum(one.lost for one in done) == 0
    assert sum(one.acknowledged for one in done) > len(done)


def test_twenty_cuts_lose_nothing(cuts: PowerCuts) -> None:
    unharmed([cuts.cut(seed, torn=bool(seed % 2)) for seed in range(20)])


def test_the_disk_does_forget(cuts: PowerCuts) -> None:
    """With ``synchronous=NORMAL`` acknowledged commits are lost: without this the test above would prove nothing."""
    assert sum(cuts.cut(seed, torn=False, synchronous="NORMAL").lost for seed in range(12)) > 0


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_three_hundred_cuts_lose_nothing(cuts: PowerCuts) -> None:
    plain = [cuts.cut(seed, torn=False) for seed in range(1000, 1150)]
    torn = [cuts.cut(seed, torn=True) for seed in range(2000, 2150)]
    control = [cuts.cut(seed, torn=False, synchronous="NORMAL") for seed in range(1000, 1060)]
    rows = [
        row(f"{name}: {what}", float(sum(getattr(one, what) for one in done)), "count")
        for name, done in (("FULL", plain), ("FULL, torn sectors", torn), ("NORMAL (control)", control))
        for what in ("acknowledged", "lost", "corrupt")
    ]
    rows.insert(0, row("power cuts under FULL", float(len(plain) + len(torn)), "count"))
    report("power_cut", rows, kind="sim")
    unharmed(plain + torn)
    assert sum(one.lost for one in control) > 0
