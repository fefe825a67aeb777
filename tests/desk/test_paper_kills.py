"""``kill -9`` at every durable step of every kind of paper: no paper without a record, no record of an unseen paper, no number twice, and
the work can be finished."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

from tests.desk.paper_work import WORK, check_after_death
from tests.desk.station import Station, ready_case

STRIDE = 8
"""Every eighth step in the quick run, another one in each kind of work; the slow one takes them all."""
LEAST_STEPS = 14


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> Station:
    station = Station(tmp_path_factory.mktemp("prepared") / "home")
    station.create()
    desk = station.open()
    ready_case(desk)
    desk.close()
    return station


def die(prepared: Station, folder: Path, work: str, first: int, stride: int) -> list[Path]:
    """Let laptops die; return what each left."""
    root = folder / "root.der"
    root.write_bytes(prepared.hq.root)
    arguments = [str(prepared.home), str(root), str(folder), work, f"{first}:{stride}"]
    done = subprocess.run(
        [sys.executable, "-m", "tests.desk.killed_papers", *arguments], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stderr
    return [folder / f"{work}-{nth}" for nth in done.stdout.split()]


@pytest.mark.parametrize("work", WORK)
def test_a_laptop_that_died_within_paper_work_goes_on(prepared: Station, tmp_path: Path, work: str) -> None:
    left = die(prepared, tmp_path, work, first=1 + list(WORK).index(work), stride=STRIDE)
    assert len(left) > 1
    for each in left:
        check_after_death(Station(each / "home", prepared.hq), each / "tray")


@pytest.mark.slow
@pytest.mark.parametrize("work", WORK)
def test_a_laptop_may_die_at_any_step_of_paper_work(prepared: Station, tmp_path: Path, work: str) -> None:
    left = die(prepared, tmp_path, work, first=1, stride=1)
    assert len(left) > LEAST_STEPS
    steps = {(each / "step").read_text() for each in left}
    assert {"before_commit", "after_commit"} <= steps
    for each in left:
        check_after_death(Station(each / "home", prepared.hq), each / "tray")
