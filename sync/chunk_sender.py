"""Chunks under way beside each other: one slow connection wastes a bad line (measured: a sixth of it), sixteen fill it.

Promise: files are read on the cycle's own thread, only their bytes cross to the senders; each chunk handed over ends as exactly
one input, ``ChunkSent`` or ``LinkFailed``. An error that is no fault of the link is raised on the cycle's thread, never swallowed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from queue import SimpleQueue

from claims.ports import Attachments, Clock
from sync.carrier import Carrier, DroppingCarrier
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from sync.wire.inputs import AnyInput, ChunkSent, LinkFailed
from sync.wire.messages import CHUNK_BYTES
from sync.wire.state import WINDOW_MAX, ChunkRef

_CACHE_BYTES = 32 * 1024 * 1024


_LATE_S, _LATE_TIMES = 2.0, 1.5
"""A chunk is late after so many seconds, or so many times what chunks take here, whichever is longer."""
_REPEATS_FREE, _REPEATS_ONE_IN = 2, 40
"""So many chunks of a cycle may be sent twice, or one in so many where that is more: each costs a person's data as well."""


@dataclass
class _Flight:
    content: bytes
    began_s: float
    copies: int = 1
    repeated: bool = False


class ChunkSender:
    """A small pool of senders. Close it: leaving waits for what is under way, at most one time-out long."""

    def __init__(self, carrier: Carrier, attachments: Attachments, inputs: SimpleQueue[AnyInput], clock: Clock) -> None:
        """Start no thread yet; results go to ``inputs``. Only the clock's monotonic side is used."""
        self._carrier = carrier
        self._attachments = attachments
        self._clock = clock
        self._inputs = inputs
        self._pool = ThreadPoolExecutor(max_workers=WINDOW_MAX, thread_name_prefix="sync-chunk")
        self._lock = threading.Lock()
        self._flights: dict[ChunkRef, _Flight] = {}
        self._busy = 0
        self._landed = 0
        self._landed_s = 0.0
        self._repeats = 0
        self._sent_bytes = 0
        self._bug: BaseException | None = None
        self._plain: OrderedDict[str, bytes] = OrderedDict()

    def send(self, chunk: ChunkRef) -> None:
        """Read the chunk now and send it beside the others.

        Raises:
            EnvironmentProblem: the file is missing, damaged or not as long as the log says; nothing was sent.
        """
        flight = _Flight(self._content(chunk), self._clock.monotonic_s())
        with self._lock:
            self._flights[chunk] = flight
            self._busy += 1
        self._pool.submit(self._send, chunk, flight)

    def repeat_late(self, window: int) -> None:
        """Send chunks that are late once more, as far as ``window`` leaves room; the first to get through counts, the other is dropped.

        For the end, when nothing else is left to send: a connection that lost the same packet twice or three times stands still for
        seconds, and the whole cycle with it.
        """
        if not isinstance(self._carrier, DroppingCarrier):
            return
        now_s = self._clock.monotonic_s()
        with self._lock:
            late_s = max(_LATE_S, _LATE_TIMES * (self._landed_s / self._landed if self._landed else _LATE_S))
            room = min(
                min(window, WINDOW_MAX) - self._busy,
                max(_REPEATS_FREE, self._landed // _REPEATS_ONE_IN) - self._repeats,
            )
            late = [
                (chunk, flight)
                for chunk, flight in self._flights.items()
                if not flight.repeated and now_s - flight.began_s >= late_s
            ]
            late = sorted(late, key=lambda each: each[1].began_s)[: max(0, room)]
            for _, flight in late:
                flight.repeated = True
                flight.copies += 1
            self._busy += len(late)
            self._repeats += len(late)
        for chunk, flight in late:
            self._pool.submit(self._send, chunk, flight)

    @property
    def under_way(self) -> int:
        """How many chunks have not ended yet."""
        with self._lock:
            return len(self._flights)

    @property
    def sent_bytes(self) -> int:
        """Bytes of chunks that reached HQ's end, repeats included."""
        with self._lock:
            return self._sent_bytes

    def raise_bug(self) -> None:
        """Raise what went wrong on a sender's thread and was no fault of the link."""
        if self._bug is not None:
            raise self._bug

    def close(self) -> None:
        """Drop what has not started and wait for the rest."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _send(self, chunk: ChunkRef, flight: _Flight) -> None:
        result: AnyInput
        landed = False
        try:
            self._carrier.send_chunk(chunk.sha256, chunk.index, flight.content)
            result, landed = ChunkSent(chunk=chunk, seconds=self._clock.monotonic_s() - flight.began_s), True
        except LinkProblem as problem:
            result = LinkFailed(fault=problem.fault, retry_after_s=problem.retry_after_s, chunk=chunk)
        except BaseException as bug:
            # Handed to the cycle's thread, which raises it: a sender that just died would leave the cycle waiting for ever.
            self._bug = bug
            result = LinkFailed(fault=LinkFault.CUT, chunk=chunk)
        with self._lock:
            self._busy -= 1
            flight.copies -= 1
            first = self._flights.get(chunk) is flight
            if landed and first:
                self._landed += 1
                self._landed_s += self._clock.monotonic_s() - flight.began_s
                self._sent_bytes += len(flight.content)
            if first and (landed or not flight.copies):
                del self._flights[chunk]
                # Put inside the lock: whoever sees none under way also sees every result.
                self._inputs.put(result)
            others = landed and flight.copies > 0
        if others and isinstance(self._carrier, DroppingCarrier):
            self._carrier.drop_chunk(chunk.sha256, chunk.index)

    def _content(self, chunk: ChunkRef) -> bytes:
        plain = self._plain.get(chunk.sha256)
        if plain is None:
            plain = self._attachments.get(chunk.sha256)
            self._plain[chunk.sha256] = plain
            while len(self._plain) > 1 and sum(map(len, self._plain.values())) > _CACHE_BYTES:
                self._plain.popitem(last=False)
        start = chunk.index * CHUNK_BYTES
        content = plain[start : start + CHUNK_BYTES]
        if len(content) != chunk.size_bytes:
            raise LinkProblem(LinkFault.FILE_UNREADABLE)
        return content
