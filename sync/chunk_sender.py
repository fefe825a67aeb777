"""Chunks under way beside each other: one slow connection wastes a bad line (measured: a sixth of it), sixteen fill it.

Promise: files are read on the cycle's own thread, only their bytes cross to the senders; each chunk handed over ends as exactly
one input, ``ChunkSent`` or ``LinkFailed``. An error that is no fault of the link is raised on the cycle's thread, never swallowed.
"""

from __future__ import annotations

import threading
from collections import OrderedDict
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from queue import SimpleQueue

from claims.ports import Attachments, Clock
from sync.carrier import Carrier, WarmingCarrier
from sync.problems import LinkProblem
from sync.wire.faults import LinkFault
from sync.wire.inputs import AnyInput, ChunkSent, LinkFailed
from sync.wire.messages import CHUNK_BYTES
from sync.wire.state import WINDOW_MAX, ChunkRef

_CACHE_BYTES = 32 * 1024 * 1024


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
        self._under_way = 0
        self._warmed = False
        self._sent_bytes = 0
        self._bug: BaseException | None = None
        self._plain: OrderedDict[str, bytes] = OrderedDict()

    def send(self, chunk: ChunkRef) -> None:
        """Read the chunk now and send it beside the others.

        Raises:
            EnvironmentProblem: the file is missing, damaged or not as long as the log says; nothing was sent.
        """
        content = self._content(chunk)
        with self._lock:
            self._under_way += 1
        self._pool.submit(self._send, chunk, content)

    def warm(self, count: int) -> None:
        """Open so many connections beside whatever else is going on; what goes wrong there the chunks will meet, and name."""
        carrier = self._carrier
        if self._warmed or not isinstance(carrier, WarmingCarrier):
            return
        self._warmed = True
        for _ in range(min(count, WINDOW_MAX)):
            self._pool.submit(_warmed, carrier)

    @property
    def under_way(self) -> int:
        """How many chunks have not ended yet."""
        with self._lock:
            return self._under_way

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

    def _send(self, chunk: ChunkRef, content: bytes) -> None:
        result: AnyInput
        sent = 0
        try:
            began_s = self._clock.monotonic_s()
            self._carrier.send_chunk(chunk.sha256, chunk.index, content)
            seconds = self._clock.monotonic_s() - began_s
            result, sent = ChunkSent(chunk=chunk, seconds=seconds), len(content)
        except LinkProblem as problem:
            result = LinkFailed(fault=problem.fault, retry_after_s=problem.retry_after_s, chunk=chunk)
        except BaseException as bug:
            # Handed to the cycle's thread, which raises it: a sender that just died would leave the cycle waiting for ever.
            self._bug = bug
            result = LinkFailed(fault=LinkFault.CUT, chunk=chunk)
        with self._lock:
            self._under_way -= 1
            self._sent_bytes += sent
            # Put inside the lock: whoever sees none under way also sees every result.
            self._inputs.put(result)

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


def _warmed(carrier: WarmingCarrier) -> None:
    with suppress(LinkProblem):
        carrier.warm()
