"""Conversations with neighbours: each begins by comparing how far both ends hold the log of the other.

Promise: no line is handed out before that comparison; a proof that this disk can't explain stops it from promising, durably. A neighbour with
several addresses is knocked at on each. Lines that are open can be broken off from another thread.

Source: docs/adr/0146, docs/adr/0147, docs/adr/0168.
"""

from __future__ import annotations

import threading
from collections.abc import Callable
from pathlib import Path

from app.neighbour_books import compare_logs, stop_promising
from app.neighbour_list import NeighbourList, Place, disk_problem
from claims.desk_ports import DeskPorts
from claims.errors import Bilingual
from claims.own_disk import DiskFault, disk_reason
from local_db.store import LocalStore
from sync.lan_carrier import LanCarrier, LanTimeouts
from sync.lan_channel import OwnIdentity, OwnServerError
from sync.lan_marks import FolderMarks
from sync.lan_problems import NeighbourFault, NeighbourProblem
from sync.wire.hub_messages import HighestHeld
from trust.certificates import TrustStore

_NOT_THERE = frozenset(
    {
        NeighbourFault.NO_ROUTE,
        NeighbourFault.TIMEOUT,
        NeighbourFault.CUT,
        NeighbourFault.UNREADABLE,
        NeighbourFault.STRANGER,
    }
)
"""Somebody else, or nobody, is at that address: the next one may be the neighbour's."""


class NeighbourLines:
    """The lines of one laptop. Any thread may call."""

    def __init__(
        self,
        ports: DeskPorts,
        store: LocalStore,
        home: Path,
        own: OwnIdentity,
        known: NeighbourList,
        *,
        timeouts: LanTimeouts | None,
        own_tls: Callable[[], frozenset[str]],
    ) -> None:
        """Open nothing yet. ``known`` hears how each contact went; ``own_tls`` says by which certificates this program knows itself."""
        self._ports, self._store, self._home, self._own, self._list = ports, store, home, own, known
        self._timeouts, self._own_tls = timeouts, own_tls
        self._roots = TrustStore(store.identity.root_certificate)
        self._lock = threading.RLock()
        self._open: set[LanCarrier] = set()
        self._marks: FolderMarks | None = None

    def open(self, place: Place) -> LanCarrier:
        """Open a conversation and compare logs before anything else. Raises ``NeighbourProblem``, ``OwnServerError``, ``EnvironmentProblem``."""
        try:
            line = self._connected(place)
        except NeighbourProblem as problem:
            if problem.fault is NeighbourFault.TWIN:
                self.twin()
            self._list.failed(place, problem)
            raise
        with self._lock:
            self._open = {each for each in self._open if not each.closed} | {line}
        try:
            highest = line.highest()
            self.compare(highest)
            book = self.marks()
            theirs = line.device
            line.tell_highest(book.marks(theirs.device, theirs.epoch), book.newest(theirs.device))
        except NeighbourProblem as problem:
            self._list.failed(place, problem)
            line.close()
            raise
        except BaseException:
            line.close()
            raise
        through_seq = max((each.through_seq for each in highest.marks), default=0)
        self._list.met(place, line, through_seq, self._ports.time().at)
        return line

    def break_off(self) -> None:
        """End what is under way."""
        with self._lock:
            lines, self._open = self._open, set()
        for line in lines:
            line.break_off()

    def marks(self) -> FolderMarks:
        """Return the book of what is held of others' logs. Raises ``EnvironmentProblem``."""
        with self._lock:
            if self._marks is None:
                try:
                    self._marks = FolderMarks(self._home / "marks")
                except OSError as problem:
                    raise disk_problem(problem) from problem
            return self._marks

    def compare(self, highest: HighestHeld) -> None:
        """Take what somebody holds of this laptop's own log; stop promising where this disk can't explain it."""
        if self.disk_reason() is not None:
            # What it recorded since differs from what others hold, of course: the first finding is the cause.
            return
        fault = compare_logs(self._store, self._own.certificate, self._roots, highest)
        if fault is not None:
            stop_promising(self._ports, fault)

    def twin(self) -> None:
        """Somebody proved to hold this device's key: there are two of this disk."""
        stop_promising(self._ports, DiskFault.COPIED)

    def disk_reason(self) -> Bilingual | None:
        """Return why this disk promises nothing more, None where it may."""
        with self._store.read() as reads:
            return disk_reason(reads)

    def _connected(self, place: Place) -> LanCarrier:
        """Knock at each of its addresses in turn until one leads somewhere."""
        first: NeighbourProblem | OwnServerError | None = None
        for way in self._list.ways_to(place):
            try:
                return LanCarrier(way, self._own, own_tls=self._own_tls(), timeouts=self._timeouts)
            except NeighbourProblem as problem:
                if problem.fault not in _NOT_THERE:
                    raise
                first = first or problem
            except OwnServerError as own:
                # Many machines have an address of one and the same inner network; theirs is not this one.
                first = first or own
        raise first or NeighbourProblem(NeighbourFault.NO_ROUTE)
