"""The sync of this window: started by a person or by itself, one at a time, and how it stands.

Promise: the cycle runs in the sync lane and is told of here in small steps (at most ten a second reach the screen); trying by
itself is quiet, waits while the line is down as long as the desk says (also across restarts), and never takes the focus. When it will be
is known to the second (``next_try_s``); a person who asks never waits for it. Ending it loses nothing.

Source: docs/adr/0100, docs/adr/0168.
"""

from __future__ import annotations

import threading
from dataclasses import dataclass, replace
from datetime import datetime

import shiboken6
from PySide6.QtCore import QElapsedTimer, QObject, QTimer, Signal

from claims.desk import Desk
from claims.errors import OutpostError
from claims.synchronising import SyncHandle, SyncProgressed, SyncReport
from claims.trusted_time import TrustedTime
from views.lanes import Lane
from views.link import Link
from views.progress import Pace
from views.tasks import Tasks

FIRST_TRY_MS = 3_000
SOON_AFTER_WORK_S = 30
UNKNOWN_WAIT_S = 60.0
"""After a failure of which nothing is remembered."""
_SCREEN_MS = 100
_REACHED = frozenset({"log", "answers", "releases", "files"})
_NO_LINE = frozenset({"sync_no_route", "sync_timeout", "sync_cut", "sync_captive_portal", "sync_not_headquarters"})
NO_ADDRESS = "no_address"
_STOPPED = "sync_cancelled"


@dataclass(frozen=True)
class SyncNow:
    """How the sync stands.

    ``by_itself``: the running (or last) one was not asked for by a person. ``stopping``: it was told to end and has not yet.
    ``left_s``: for the files, None while it can't be told; ``stalled_s``: nothing moves for so long, 0.0 while it does.
    ``byte_budget``: the most that one sync may send over a metered line, None for no bound.
    ``report``, ``problem`` and ``ended_at`` are of the last one that ended.
    """

    running: bool = False
    by_itself: bool = False
    paused: bool = False
    stopping: bool = False
    money_only: bool = False
    byte_budget: int | None = None
    progress: SyncProgressed | None = None
    left_s: float | None = None
    stalled_s: float = 0.0
    report: SyncReport | None = None
    problem: OutpostError | None = None
    ended_at: datetime | None = None

    @property
    def stopped(self) -> bool:
        """Whether the last one was ended by a person: no failure."""
        return self.problem is not None and self.problem.code == _STOPPED


class Syncing(QObject):
    """One a window.

    Signals:
        changed: ``now`` is another one.
        ended: a cycle is over; carries the problem or None.
    """

    changed = Signal()
    ended = Signal(object)

    def __init__(
        self, desk: Desk, tasks: Tasks, link: Link, *, every_s: int | None = None, parent: QObject | None = None
    ) -> None:
        """Use this desk and tell ``link``; ``every_s``: also try by itself this often (None: only when asked)."""
        super().__init__(parent)
        self._desk, self._tasks, self.link = desk, tasks, link
        self._every_s = every_s
        self._handle: SyncHandle | None = None
        self._failures = 0
        self._now = SyncNow()
        self._pace = Pace()
        self._watch = QElapsedTimer()
        self._watch.start()
        self._lock = threading.Lock()
        self._newest: SyncProgressed | None = None
        self._posted = False
        self._screen = QTimer(self)
        self._screen.setSingleShot(True)
        self._screen.setInterval(_SCREEN_MS)
        self._screen.timeout.connect(self._show)
        self._look = QTimer(self)
        self._look.setInterval(1000)
        self._look.timeout.connect(self._show)
        self._again = QTimer(self)
        self._again.setSingleShot(True)
        self._again.timeout.connect(self._by_itself)
        tasks.wrote.connect(self._worked)

    @property
    def now(self) -> SyncNow:
        """How it stands."""
        return self._now

    @property
    def tries_by_itself(self) -> bool:
        """Whether it syncs without being asked."""
        return self._every_s is not None

    @property
    def next_try_s(self) -> float | None:
        """Seconds until it tries by itself again after a failure, None where none failed or nothing is planned."""
        if not self._failures or self._now.running or not self._again.isActive():
            return None
        return self._again.remainingTime() / 1000

    def begin(self) -> None:
        """The desk is open: try soon, where it tries by itself, unless the line failed so lately that it is not due yet."""
        if self._every_s is not None:
            self._tasks.run(self._desk.sync_due_in_s, self._first, owner=self, failed=lambda _error: self._first(0.0))

    def _first(self, due_s: float) -> None:
        if self._every_s is None or self._now.running or self._again.isActive():
            return
        self._failures = int(due_s > 0)
        self._again.start(max(FIRST_TRY_MS, int(due_s * 1000)))
        self.changed.emit()

    def start(self, *, by_itself: bool = False) -> None:
        """Sync now. While one runs, another is not begun; one that runs by itself becomes the person's."""
        if self._now.running:
            self._now = replace(self._now, by_itself=self._now.by_itself and by_itself)
            return
        self._again.stop()
        try:
            handle = self._desk.sync_handle()
        except OutpostError as error:
            self._now = SyncNow(money_only=self._now.money_only, byte_budget=self._now.byte_budget, by_itself=by_itself)
            self._over(error, None)
            return
        self._handle = handle
        money_only, budget = self._now.money_only, self._now.byte_budget
        self._pace.clear()
        self._newest = None
        self._now = SyncNow(running=True, by_itself=by_itself, money_only=money_only, byte_budget=budget)
        self._look.start()
        self._tasks.run(
            lambda: self._cycle(handle, money_only, budget),
            self._reported,
            owner=self,
            failed=lambda error: self._over(error, None),
            lane=Lane.SYNC,
            writes=True,
        )
        self.changed.emit()

    def pause(self) -> None:
        """Ask headquarters nothing more until ``resume``."""
        if self._handle is not None and self._now.running and not self._now.paused:
            self._handle.pause()
            self._change(paused=True)

    def resume(self) -> None:
        """Go on."""
        if self._handle is not None and self._now.paused:
            self._handle.resume()
            self._pace.clear()
            self._change(paused=False)

    def cancel(self) -> None:
        """End it between two of its steps. What headquarters signed for stays signed for."""
        if self._handle is not None and self._now.running:
            self._handle.cancel()
            self._change(stopping=True, paused=False)

    def use_money_only(self, wanted: bool) -> None:
        """Leave photos and data files for later. A running cycle can be cut down to money; it can't be widened again."""
        if wanted and self._handle is not None and self._now.running:
            self._handle.money_only()
        self._change(money_only=wanted)

    def use_budget(self, most_bytes: int | None) -> None:
        """Bound the bytes of each sync, the running one included; None takes the bound away."""
        if most_bytes == self._now.byte_budget:
            return
        if self._handle is not None and self._now.running:
            self._handle.byte_budget(most_bytes)
        self._change(byte_budget=most_bytes)

    def close(self) -> None:
        """The desk will be closed: try nothing more, and end what runs."""
        self._every_s = None
        self._again.stop()
        self.cancel()

    def _cycle(self, handle: SyncHandle, money_only: bool, budget: int | None) -> tuple[SyncReport, TrustedTime, float]:
        report = self._desk.sync(money_only=money_only, byte_budget=budget, progress=self._progressed, control=handle)
        return report, self._desk.time(), self._desk.sync_due_in_s()

    def _progressed(self, progress: SyncProgressed) -> None:
        # On the sync lane's thread: keep the newest, post once until the main thread has taken it.
        with self._lock:
            self._newest = progress
            if self._posted:
                return
            self._posted = True
        self._tasks.post(self._take)

    def _take(self) -> None:
        if not shiboken6.isValid(self):
            return  # the window was locked meanwhile
        with self._lock:
            self._posted = False
        if self._now.running and not self._screen.isActive():
            self._show()
            self._screen.start()

    def _show(self) -> None:
        with self._lock:
            progress = self._newest
        if not self._now.running:
            return
        at_s = self._watch.elapsed() / 1000
        left, stalled = None, 0.0
        if progress is not None:
            if progress.phase in _REACHED:
                self.link.answered(None)
            elif progress.phase == "waiting" and progress.retry_in_s is not None:
                self.link.failed(None)
            self._pace.saw(at_s, progress.bytes_done)
            if progress.phase == "files":
                # The line's own count knows of every byte; bytes of files are signed for in whole chunks.
                if progress.transfers:
                    left = progress.transfers[-1].left_s
                    stalled = progress.quiet_s
                else:
                    left = self._pace.left_s(at_s, progress.bytes_total)
                    stalled = self._pace.stalled_s(at_s)
            elif progress.phase == "log":
                stalled = progress.quiet_s
        self._change(progress=progress, left_s=left, stalled_s=stalled)

    def _change(self, **changes: object) -> None:
        now = replace(self._now, **changes)  # type: ignore[arg-type]  # named fields of this very class
        if now != self._now:
            self._now = now
            self.changed.emit()

    def _reported(self, done: tuple[SyncReport, TrustedTime, float]) -> None:
        report, at, due_s = done
        with self._lock:
            progress = self._newest
        self._now = replace(self._now, report=report, progress=progress)
        self._over(report.problem, at.at, due_s)

    def _over(self, problem: OutpostError | None, at: datetime | None, due_s: float = 0.0) -> None:
        self._look.stop()
        self._screen.stop()
        self._handle = None
        self._now = replace(
            self._now,
            running=False,
            paused=False,
            stopping=False,
            problem=problem,
            ended_at=at,
            left_s=None,
            stalled_s=0.0,
        )
        self._tell_link(problem, at)
        line_down = problem is not None and problem.code != _STOPPED
        self._failures = self._failures + 1 if line_down else 0
        self._plan(due_s)
        self.changed.emit()
        self.ended.emit(problem)

    def _tell_link(self, problem: OutpostError | None, at: datetime | None) -> None:
        if problem is None:
            self.link.answered(at)
        elif problem.code == NO_ADDRESS:
            self.link.no_address()
        elif problem.code in _NO_LINE:
            self.link.failed(at)
        elif problem.code.startswith("sync_") and problem.code != _STOPPED:
            # Busy, in trouble or refusing: headquarters spoke all the same.
            self.link.answered(at)

    def _plan(self, due_s: float) -> None:
        if self._every_s is None or (self._now.problem is not None and self._now.problem.code == NO_ADDRESS):
            return
        wait_s = float(self._every_s)
        if self._failures:
            wait_s = due_s or UNKNOWN_WAIT_S
        self._again.start(int(wait_s * 1000))

    def _by_itself(self) -> None:
        self.start(by_itself=True)

    def _worked(self) -> None:
        # What was just recorded should not wait for the full round while the line is there. The sync's own writes are told
        # of while it still counts as running.
        if self._every_s is None or self._now.running or self._failures or not self._again.isActive():
            return
        if self._again.remainingTime() > SOON_AFTER_WORK_S * 1000:
            self._again.start(SOON_AFTER_WORK_S * 1000)
