"""A laptop on a line that a test can cut, with a real headquarters behind it, and a sync that stops where the test wants it to."""

from __future__ import annotations

import contextlib
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop

from app.main import build
from claims.desk import Desk
from claims.errors import OutpostError
from headquarters.serving import ServiceThread
from tests.desk.station import clinic_pool
from tests.stories.office import Laptop, Office, no_wait
from views.practice import PracticeState

DEAD = "https://127.0.0.1:9"
WAIT_S = 20.0


class Gate:
    """A probe that holds the sync at one of its durable steps until it is let go."""

    def __init__(self) -> None:
        self.at = ""
        self.reached = threading.Event()
        self._go = threading.Event()

    def hold(self, step: str) -> None:
        self.at = step
        self.reached.clear()
        self._go.clear()

    def release(self) -> None:
        self.at = ""
        self._go.set()

    def __call__(self, step: str) -> None:
        if step == self.at:
            self.reached.set()
            assert self._go.wait(WAIT_S)


class Line:
    """One laptop, enrolled and with allowances; ``plug`` and ``unplug`` are what happens to its line."""

    def __init__(self, folder: Path) -> None:
        self.office = Office(folder)
        self.gate = Gate()
        self._serving: ServiceThread | None = None
        self.url = DEAD
        self.plug()
        self.laptop = self.office.enrol("D3", self.url)
        self.office.allow("D3", clinic_pool(), 1_500_000, 2_000_000)

    def plug(self) -> None:
        if self._serving is None:
            self._serving = ServiceThread(self.office.hq)
            self._serving.__enter__()
            self.url = self._serving.address

    def unplug(self) -> None:
        if self._serving is not None:
            self._serving.__exit__(None, None, None)
            self._serving = None
            self.url = DEAD

    def desk(self, *, waits: bool = False) -> Desk:
        """Open the desk; ``waits``: between tries it really waits."""
        laptop: Laptop = self.laptop
        return build(
            laptop.settings,
            laptop.unlock,
            probe=self.gate,
            wait=None if waits else no_wait,
            address=lambda: self.url,
        )

    def close(self) -> None:
        self.gate.release()
        self.unplug()
        self.office.close()


class LinePractice:
    """The practice port over such a line."""

    def __init__(self, line: Line) -> None:
        self.line = line
        self.problem: OutpostError | None = None

    def state(self) -> PracticeState:
        running = self.line.url != DEAD
        return PracticeState(True, running, self.line.url if running else "", None, self.problem)

    def prepare(self) -> None:
        """Nothing to prepare."""

    def start(self) -> None:
        if self.problem is not None:
            raise self.problem
        self.line.plug()

    def stop(self) -> None:
        self.line.unplug()


@contextlib.contextmanager
def line_to(folder: Path) -> Iterator[Line]:
    """Lay a line and take it up again."""
    made = Line(folder)
    try:
        yield made
    finally:
        made.close()


def until(holds: Callable[[], bool], what: str = "it") -> None:
    """Run the event loop until something holds; a job may be under way meanwhile."""
    deadline = time.monotonic() + WAIT_S
    while not holds():
        QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
        QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
        assert time.monotonic() < deadline, f"{what} did not come about"
