"""A laptop that dies by ``kill -9`` at the n-th durable step of a piece of paper work, for one n after another. Run by ``test_paper_kills``.

Each death is a fork of this process, which has everything loaded and no thread: a copy of the prepared home, the work, SIGKILL in the middle.
"""

from __future__ import annotations

import os
import shutil
import signal
import sys
from pathlib import Path

from tests.desk.paper_work import WORK, Printer
from tests.desk.station import Station

SURVIVED = 0


def main(home: str, root: str, deaths: str, work: str, steps: str) -> None:
    """Die at the steps ``first:stride``, until the work is done alive; print each step's number and name."""
    nth, stride = (int(each) for each in steps.split(":"))
    while _die_at(nth, Path(home), Path(root), Path(deaths) / f"{work}-{nth}", work):
        print(nth, flush=True)  # noqa: T201 - how the parent learns it
        nth += stride


def _die_at(nth: int, prepared: Path, root: Path, folder: Path, work: str) -> bool:
    shutil.copytree(prepared, folder / "home")
    child = os.fork()
    if child == 0:
        _work(nth, root, folder, work)
        os._exit(SURVIVED)
    _, status = os.waitpid(child, 0)
    if os.WIFSIGNALED(status):
        assert os.WTERMSIG(status) == signal.SIGKILL
        return True
    assert os.WEXITSTATUS(status) == SURVIVED, status
    return False


def _work(nth: int, root: Path, folder: Path, work: str) -> None:
    passed = 0

    def probe(step: str, /) -> None:
        nonlocal passed
        if not started:
            return
        passed += 1
        if passed == nth:
            (folder / "step").write_text(step)
            os.kill(os.getpid(), signal.SIGKILL)

    started = False
    station = Station(folder / "home")
    station.hq.root = root.read_bytes()
    desk = station.open(probe)
    started = True
    WORK[work](desk, Printer(folder / "tray", probe))
    desk.close()


if __name__ == "__main__":
    main(*sys.argv[1:])
