"""The connections to headquarters: made beside each other, used by whoever asks next, the readiest first.

Promise: ``session`` gives a connection to one thread at a time; who asks waits for the first that is ready, not for one of its own. On a line
that loses one packet in twenty every third handshake loses one and stands still for a second; of several begun together one is through
in two round trips. What is begun and not needed at once serves the next question or the next photo.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from time import monotonic

import requests

from sync.problems import LinkProblem
from sync.wire.faults import LinkFault

_LATE_S = 1.0
"""Seconds without a connection after which one more is begun: the system repeats a lost first packet after one second."""


class Lines:
    """Ready connections, and those that are being made."""

    def __init__(self, make: Callable[[], requests.Session], connect: Callable[[requests.Session], None]) -> None:
        """Open nothing yet.

        Args:
            make: a session for one connection.
            connect: connects it. Raises ``LinkProblem``.
        """
        self._make, self._connect = make, connect
        self._changed = threading.Condition()
        self._ready: list[requests.Session] = []
        self._used: set[requests.Session] = set()
        self._opening = 0
        self._failures = 0
        self._trouble: BaseException = LinkProblem(LinkFault.CUT)
        self._round_trip_s: float | None = None
        self._life = 0

    @property
    def round_trip_s(self) -> float | None:
        """Half the shortest time that TCP and TLS took, None before the first connection stood."""
        with self._changed:
            return self._round_trip_s

    def prepare(self, count: int) -> None:
        """Have at least so many connections ready or in the making; returns at once."""
        with self._changed:
            for _ in range(count - len(self._ready) - len(self._used) - self._opening):
                self._open_one()

    @contextmanager
    def session(self) -> Iterator[requests.Session]:
        """Lend a connected session. Raises ``LinkProblem`` when none can be made. One that met trouble is not lent again."""
        session, life = self._taken()
        try:
            yield session
        except BaseException:
            with self._changed:
                self._used.discard(session)
            session.close()
            raise
        with self._changed:
            self._used.discard(session)
            kept = life == self._life
            if kept:
                self._ready.append(session)
                self._changed.notify()
        if not kept:
            session.close()

    def close(self) -> None:
        """Give up what is ready; what is lent is given up when it comes back. The next question opens a new one."""
        with self._changed:
            self._life += 1
            ready, self._ready = self._ready, []
        for session in ready:
            session.close()

    def _taken(self) -> tuple[requests.Session, int]:
        with self._changed:
            failures_before = self._failures
            helped = False
            while not self._ready:
                if self._opening == 0:
                    if self._failures > failures_before:
                        raise self._again()
                    self._open_one()
                if not self._changed.wait(_LATE_S) and not helped:
                    helped = True
                    self._open_one()
            session = self._ready.pop()
            self._used.add(session)
            return session, self._life

    def _again(self) -> BaseException:
        """Return the newest trouble; one that several threads meet is a new exception for each."""
        return LinkProblem(self._trouble.fault) if isinstance(self._trouble, LinkProblem) else self._trouble

    def _open_one(self) -> None:
        self._opening += 1
        threading.Thread(target=self._opened, args=(self._life,), name="sync-connect", daemon=True).start()

    def _opened(self, life: int) -> None:
        session = self._make()
        began = monotonic()
        trouble: BaseException | None = None
        try:
            self._connect(session)
        except BaseException as problem:
            # Raised where a connection is waited for: one that just died here would leave that thread waiting for ever.
            trouble = problem
        took = (monotonic() - began) / 2
        with self._changed:
            self._opening -= 1
            kept = trouble is None and life == self._life
            if trouble is not None:
                self._failures, self._trouble = self._failures + 1, trouble
            else:
                self._round_trip_s = took if self._round_trip_s is None else min(took, self._round_trip_s)
            if kept:
                self._ready.append(session)
            self._changed.notify_all()
        if not kept:
            session.close()
