"""What a cycle does before it is known to be wanted: connections, the first of the log beside hello, packing, the questions that come next.

Promise: nothing of an outcome counts until the core asks for exactly this; what it does not ask for is dropped, and the cycle goes on as if it
had never been. Only questions that are idempotent at headquarters, and never a file: those wait for the receipt of the log.

Source: docs/adr/0149-sync-over-a-bad-line.md.
"""

from __future__ import annotations

import threading
from collections.abc import Callable, Sequence
from datetime import datetime
from functools import partial
from typing import Generic, TypeVar

import msgspec

from claims.errors import OutpostError
from claims.ports import Outbox, Store
from claims.records import StoredCommit
from claims.statements import LogReceipted
from sync.carrier import Carrier, PackingCarrier, WarmingCarrier
from sync.relearning import INCARNATION
from sync.wire.compact import COMPACT, COMPACT_TYPE, pack_log
from sync.wire.dictionary import best_dictionary
from sync.wire.effects import FetchDown
from sync.wire.foresight import foreseen
from sync.wire.inputs import CycleStarted, LogReceiptArrived
from sync.wire.messages import CHUNK_BYTES, EARLY_LOG, LogBatch
from sync.wire.state import LOG_FIRST_BYTES, LOG_GROWTH, LOG_MOST_BYTES, WINDOW_MAX, SyncState

_QUESTIONS = 3
"""Connections for hello, the log, and the question whose answer is late."""
_Outcome = TypeVar("_Outcome")


class Beside(Generic[_Outcome]):
    """One piece of work on a thread of its own."""

    def __init__(self, work: Callable[[], _Outcome]) -> None:
        """Begin."""
        self._outcomes: list[_Outcome] = []
        self._problem: BaseException | None = None
        self._thread = threading.Thread(target=self._done, args=(work,), name="sync-beside", daemon=True)
        self._thread.start()

    def outcome(self) -> _Outcome:
        """Wait for the outcome. Raises what the work raised."""
        self._thread.join()
        if self._problem is not None:
            raise self._problem
        return self._outcomes[0]

    def _done(self, work: Callable[[], _Outcome]) -> None:
        try:
            self._outcomes.append(work())
        except BaseException as problem:
            # Raised where the outcome is waited for.
            self._problem = problem


class EarlyLog(Beside[bytes]):
    """The first batch of the log, sent beside hello; ``outcome`` is the raw receipt, unverified."""

    def __init__(self, after_seq: int, commits: Sequence[StoredCommit], send: Callable[[], bytes]) -> None:
        """Send it."""
        self.commits = commits
        self._after_seq = after_seq
        super().__init__(send)

    @property
    def last_seq(self) -> int:
        """The last event of the batch."""
        return self.commits[-1].last_seq

    def answers(self, after_seq: int) -> bool:
        """Tell whether its receipt would answer a batch after this event: the same one, or hello's answer counts it already."""
        return after_seq in (self._after_seq, self.last_seq)


class Ahead:
    """A cycle's work ahead of its core."""

    def __init__(self, carrier: Carrier, store: Store, outbox: Outbox) -> None:
        """Begin nothing yet."""
        self._carrier, self._store, self._outbox = carrier, store, outbox
        self._early: EarlyLog | None = None
        self._packed: tuple[LogBatch, Beside[bytes | None]] | None = None
        self._foreseen: dict[tuple[str, bytes], Beside[bytes]] = {}

    def start(self, started: CycleStarted, window: int, accepts: tuple[str, ...]) -> None:
        """Make connections; send the first of the log to a headquarters that is known (``accepts``), while hello is on its way."""
        position = started.position
        news = position.next_seq - 1 > position.hq_watermark_seq
        photos = bool(started.waiting) and not started.money_only and started.byte_budget is None
        chunks = sum(-(-file.size_bytes // CHUNK_BYTES) for file in started.waiting) if photos else 0
        # Photos go over all of them afterwards.
        self.connect(max(min(window, chunks), _QUESTIONS if news else 1))
        if not news or EARLY_LOG not in accepts:
            return
        try:
            commits = self._outbox.commits_after(position.hq_watermark_seq, LOG_FIRST_BYTES)
            with self._store.read() as reads:
                incarnation = reads.floor(INCARNATION)
        except OutpostError:
            return  # the cycle meets it again, and names it
        if commits:
            batch = msgspec.structs.replace(self.batch(commits), early=True, incarnation=incarnation)
            self._early = EarlyLog(position.hq_watermark_seq, commits, lambda: self.send_log(batch, accepts))
            self._pack_next(commits[-1].last_seq, accepts)

    def connect(self, count: int) -> None:
        """Have so many connections ready or in the making, where the carrier can."""
        if isinstance(self._carrier, WarmingCarrier):
            self._carrier.prepare(min(count, WINDOW_MAX))

    def batch(self, commits: Sequence[StoredCommit]) -> LogBatch:
        """Return a batch of these."""
        position = self._outbox.position()
        return LogBatch(device=position.device, epoch=position.epoch, commits=tuple(commit.raw for commit in commits))

    def send_log(self, batch: LogBatch, accepts: tuple[str, ...]) -> bytes:
        """Send a batch in the smallest form that headquarters reads; return the raw receipt. Raises ``LinkProblem``."""
        plain = msgspec.json.encode(batch)
        if batch.commits and COMPACT in accepts and isinstance(self._carrier, PackingCarrier):
            ahead = self._packed
            known = ahead is not None and ahead[0] == batch
            packed = ahead[1].outcome() if ahead is not None and known else pack_log(batch, best_dictionary(accepts))
            if packed is not None:
                return self._carrier.ask_packed("/log", packed, COMPACT_TYPE, plain)
        return self._carrier.ask("/log", plain)

    def early_for(self, after_seq: int) -> EarlyLog | None:
        """Give the early batch out, once, where its receipt would answer a batch after this event."""
        early, self._early = self._early, None
        return early if early is not None and early.answers(after_seq) else None

    def foresee(self, state: SyncState, commits: Sequence[StoredCommit], hq_time: datetime | None) -> None:
        """Ask beside the last of the log what the core would ask after its receipt: the feed as it stands, and which files are there."""
        if not commits or hq_time is None or not isinstance(self._carrier, WarmingCarrier):
            return
        last, digest = commits[-1].last_seq, commits[-1].hash.hex()
        receipt = LogReceipted(
            statement_id="",
            device=state.device,
            epoch=state.epoch,
            issued_at=hq_time,
            watermark_seq=last,
            digest=digest,
            rejected_seqs=(),
        )
        expected = LogReceiptArrived(receipt=receipt, raw=b"", own_digest=digest, sent_to=last)
        self._foreseen = {}
        for path, effect in foreseen(state, expected, hq_time):
            body = msgspec.json.encode(effect.down if isinstance(effect, FetchDown) else effect.have)
            self._foreseen[path, body] = Beside(partial(self._carrier.ask, path, body))

    def ask(self, path: str, body: bytes) -> bytes:
        """Return the answer to a question that was foreseen in these very words, or ask it now. Raises ``LinkProblem``."""
        asked = self._foreseen.pop((path, body), None)
        return self._carrier.ask(path, body) if asked is None else asked.outcome()

    def _pack_next(self, after_seq: int, accepts: tuple[str, ...]) -> None:
        """Pack the second batch while the first is on its way: packing well takes as long as the line does."""
        if after_seq + 1 < self._outbox.position().next_seq and COMPACT in accepts:
            commits = self._outbox.commits_after(after_seq, min(LOG_MOST_BYTES, LOG_FIRST_BYTES * LOG_GROWTH))
            batch = self.batch(commits)
            self._packed = (batch, Beside(lambda: pack_log(batch, best_dictionary(accepts))))
