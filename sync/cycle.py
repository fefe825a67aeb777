"""One sync: the driver that carries out what ``sync.wire.step`` decides.

Promise: no transaction is open while the network is used, and the store is asked for short steps only; an answer is verified
before it becomes an input; what HQ said is in the store, committed, before the next question leaves. Ending at any point, by
a fault, a person or a power cut, loses nothing and acknowledges nothing that HQ did not sign.
"""

from __future__ import annotations

import secrets
from collections import deque
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from queue import Empty
from typing import Protocol

import msgspec

from claims.errors import Bilingual, BugError, OutpostError
from claims.ports import Attachments, Clock, Outbox, StepProbe, Store
from claims.records import StoredCommit
from sync.ahead import Ahead
from sync.carrier import Carrier, WarmingCarrier
from sync.chunk_sender import ChunkSender
from sync.control import SyncControl
from sync.own_chain import own_digest
from sync.problems import LinkProblem
from sync.rate_meter import RateMeter
from sync.relearning import INCARNATION, KeepsFeed, require_newest, tell_again
from sync.summary import SyncProgress, SyncSummary, Transfer
from sync.wire.effects import (
    AnyEffect,
    ApplyStatements,
    FetchDown,
    FetchRelease,
    Finish,
    Report,
    SendChunk,
    SendHave,
    SendHello,
    SendLog,
    Wait,
)
from sync.wire.faults import LinkFault
from sync.wire.inputs import (
    AnyInput,
    ChunkSent,
    CycleStarted,
    DownArrived,
    FileUnreadable,
    HaveArrived,
    HelloArrived,
    LinkFailed,
    LogReceiptArrived,
    NewWork,
    ReleaseFetched,
    StoreFailed,
    Tick,
)
from sync.wire.messages import Down, Have, Hello, HelloAnswered
from sync.wire.state import WINDOW_MAX, WINDOW_START, Kind, SyncState
from sync.wire.step import step
from sync.wire.verify import (
    UnknownAnswerError,
    files_held,
    newest_hq_time,
    open_down,
    open_have,
    open_hello,
    open_receipt,
)
from trust.certificates import TrustStore

_LOOK_S = 0.25
"""How often the store is asked for new work while photos travel: a promise made now must not wait for the end of a chunk."""
_SHOW_S = 1.0
"""How often a window is told how it stands while nothing ends."""
_EVENT_BYTES = 900
"""What an entry of the log takes before any was sent, for the estimate of its bytes."""

__all__ = ["ReleaseShelf", "SyncControl", "SyncProgress", "SyncSummary", "sync_once"]


class ReleaseShelf(Protocol):
    """Where releases are kept. None is passed when the caller fetches them itself (``SyncSummary.releases``)."""

    def held(self) -> Mapping[str, int]:
        """Return kind -> version of what is installed."""

    def install(self, kind: str, version: int) -> None:
        """Fetch, verify and install a release. Raises ``LinkProblem`` or another ``OutpostError``; the old one stays then."""


def sync_once(
    *,
    carrier: Carrier,
    store: Store,
    outbox: Outbox,
    attachments: Attachments,
    roots: TrustStore,
    clock: Clock,
    releases: ReleaseShelf | None = None,
    money_only: bool = False,
    control: SyncControl | None = None,
    progress: Callable[[SyncProgress], None] | None = None,
    probe: StepProbe | None = None,
    seed: Callable[[], str] | None = None,
    wait: Callable[[float], None] | None = None,
    start_window: int = WINDOW_START,
    byte_budget: int | None = None,
    accepts: tuple[str, ...] = (),
) -> SyncSummary:
    """Run one cycle to its end and say how it went. Never raises for the link or the store: see ``SyncSummary.problem``.

    Raises:
        BugError: ``sync_stalled``. Other errors of the program come through as they are.

    Args:
        carrier: the way to HQ.
        store: takes what HQ says, one short transaction at a time.
        outbox: the log and the files that wait.
        attachments: the files' bytes.
        roots: HQ's root.
        clock: for waits and rates; only its monotonic side is used, so a wrong date harms nothing.
        releases: installs newer rule packs and extracts on the way; None leaves them to the caller.
        money_only: leave files and releases for later.
        control: to pause, shorten or stop it from another thread.
        progress: called on this thread.
        probe: called at each durable step, for tests and the demo.
        seed: fresh random text per cycle (nonces, jitter); the operating system's by default.
        wait: replaces waiting in tests; the default also wakes up for ``control``.
        start_window: the last summary's ``window``, so that a known line starts at its own pace.
        byte_budget: the most that may go over the line (a metered one); the log goes in any case and counts first.
        accepts: the last summary's ``accepts``: with a headquarters that is known the log need not wait for hello's answer.
    """
    cycle = _Cycle(
        carrier=carrier,
        store=store,
        outbox=outbox,
        attachments=attachments,
        roots=roots,
        clock=clock,
        releases=releases,
        control=control or SyncControl(),
        progress=progress,
        probe=probe,
        wait=wait,
        accepts=accepts,
    )
    text = secrets.token_hex(16) if seed is None else seed()
    try:
        return cycle.run(text, money_only=money_only, start_window=start_window, byte_budget=byte_budget)
    finally:
        cycle.close()


class _Cycle:
    """The driver's memory: the state, what waits to be told, and the figures of the summary."""

    def __init__(
        self,
        *,
        carrier: Carrier,
        store: Store,
        outbox: Outbox,
        attachments: Attachments,
        roots: TrustStore,
        clock: Clock,
        releases: ReleaseShelf | None,
        control: SyncControl,
        progress: Callable[[SyncProgress], None] | None,
        probe: StepProbe | None,
        wait: Callable[[float], None] | None,
        accepts: tuple[str, ...],
    ) -> None:
        self._carrier, self._store, self._outbox, self._roots = carrier, store, outbox, roots
        self._clock, self._releases, self._control = clock, releases, control
        self._progress, self._probe, self._wait = progress, probe, wait
        self._chunks = ChunkSender(carrier, attachments, control.inputs, clock)
        self._state = SyncState()
        self._pending: deque[AnyInput] = deque()
        self._tick_at: float | None = None
        self._began_s = clock.monotonic_s()
        self._wire_before = carrier.wire_bytes()
        self._problem: OutpostError | None = None
        self._file_problem: OutpostError | None = None
        self._end: Finish | None = None
        self._event_bytes = 0
        self._events_sent = 0
        self._received = 0
        self._hq_time: datetime | None = None
        self._announced: dict[str, int] = {}
        self._accepts = accepts
        self._ahead = Ahead(carrier, store, outbox)
        self._wider = True
        self._meter = RateMeter(self._began_s)
        self._shown_s = self._began_s
        self._newest_report: Report | None = None

    def run(self, seed: str, *, money_only: bool, start_window: int, byte_budget: int | None) -> SyncSummary:
        """Start, then feed inputs until the end."""
        self._state = SyncState(window=start_window)
        try:
            position = self._outbox.position()
            started = CycleStarted(
                position=position,
                feed_position=self._outbox.inbox_count(),
                waiting=tuple(self._outbox.attachments_waiting()),
                seed=seed,
                money_only=money_only,
                byte_budget=byte_budget,
                releases_held=dict(self._releases.held()) if self._releases is not None else {},
                fetch_releases=self._releases is not None,
            )
        except OutpostError as problem:
            return SyncSummary(problem=problem)
        self._ahead.start(started, self._state.window, self._accepts)
        self._tell(started)
        while self._end is None:
            message = self._next_input()
            self._chunks.raise_bug()
            if message is not None:
                self._tell(message)
            if message is None or isinstance(message, (ChunkSent, LinkFailed)):
                self._look_for_new_work()
                self._repeat_late()
                self._show_again()
        return self._summary(self._end)

    def close(self) -> None:
        """Wait for what is under way."""
        self._chunks.close()

    def _tell(self, message: AnyInput) -> None:
        message = msgspec.structs.replace(message, wire_bytes=self._carrier.wire_bytes() - self._wire_before)
        self._state, effects = step(self._state, message)
        for effect in sorted(effects, key=_rank):
            answer = self._carry_out(effect)
            if answer is not None:
                self._pending.append(answer)
            if isinstance(answer, StoreFailed):
                # What follows was decided in the belief that the store had taken this.
                return

    def _next_input(self) -> AnyInput | None:
        """Return what there is to be told; None after ``_LOOK_S`` without anything, while chunks are under way."""
        try:
            # A person's wish and finished chunks go before the answer that is already here.
            return self._control.inputs.get_nowait()
        except Empty:
            pass
        if self._pending:
            return self._pending.popleft()
        if self._tick_at is not None:
            return self._wait_for_tick(self._tick_at)
        if not self._state.paused and self._chunks.under_way == 0 and self._control.inputs.empty():
            raise _stalled()
        try:
            return self._control.inputs.get(timeout=_LOOK_S)
        except Empty:
            return None

    def _wait_for_tick(self, tick_at: float) -> AnyInput:
        left_s = tick_at - self._clock.monotonic_s()
        if left_s > 0:
            try:
                return self._control.inputs.get(timeout=left_s)
            except Empty:
                pass
        self._tick_at = None
        return Tick()

    def _carry_out(self, effect: AnyEffect) -> AnyInput | None:
        try:
            return self._do(effect)
        except LinkProblem as problem:
            return LinkFailed(fault=problem.fault, retry_after_s=problem.retry_after_s)
        except UnknownAnswerError as problem:
            return LinkFailed(fault=problem.fault)
        except OutpostError as problem:
            self._problem = problem
            return StoreFailed()

    def _do(self, effect: AnyEffect) -> AnyInput | None:  # noqa: PLR0911 - one line per effect
        match effect:
            case SendHello():
                return self._hello(effect.hello)
            case SendLog():
                return self._log(effect)
            case ApplyStatements():
                self._apply(effect.raws)
            case FetchDown():
                return self._down(effect.down)
            case SendHave():
                return self._have(effect.have)
            case SendChunk():
                return self._chunk(effect)
            case FetchRelease():
                return self._release(effect)
            case Wait():
                if self._wait is not None:
                    self._wait(effect.seconds)
                    return Tick()
                self._tick_at = self._clock.monotonic_s() + effect.seconds
            case Report():
                self._report(effect)
            case Finish():
                self._end = effect
        return None

    def _hello(self, hello: Hello) -> AnyInput:
        answer = self._greet(hello)
        self._see_time(answer.hq_time)
        self._announced = dict(answer.releases)
        self._accepts = answer.accepts
        return HelloArrived(
            answer=answer,
            own_digest=own_digest(self._outbox, answer.watermark_seq),
            most_chunks=self._carrier.most_chunks() if isinstance(self._carrier, WarmingCarrier) else WINDOW_MAX,
        )

    def _greet(self, hello: Hello) -> HelloAnswered:
        """Say hello; a headquarters that was restored is told first what it had said (``sync.relearning``), then greeted again."""
        keeper = self._outbox if isinstance(self._outbox, KeepsFeed) else None
        try:
            answer = self._say_hello(hello)
        except LinkProblem as problem:
            if keeper is None or problem.fault is not LinkFault.REFUSED or hello.feed_position == 0:
                raise
            # It may have forgotten this laptop whole; one that never knew it refuses this as well.
            tell_again(self._carrier, keeper, self._roots, hello, 0)
            answer = self._say_hello(hello)
        if keeper is None:
            return answer
        with self._store.read() as reads:
            seen = reads.floor(INCARNATION)
        require_newest(answer, seen)
        if answer.relearn_from is not None:
            tell_again(self._carrier, keeper, self._roots, hello, answer.relearn_from)
            self._step_done("sync.relearned")
            answer = self._say_hello(hello)
        if answer.incarnation > seen:
            with self._store.write() as uow:
                uow.raise_floor(INCARNATION, answer.incarnation)
        return answer

    def _say_hello(self, hello: Hello) -> HelloAnswered:
        raw = self._carrier.ask("/hello", msgspec.json.encode(hello))
        return open_hello(raw, self._roots, device=hello.device, epoch=hello.epoch, nonce=hello.nonce)

    def _log(self, effect: SendLog) -> AnyInput:
        early = self._early_receipt(effect)
        if early is not None:
            return early
        commits = self._outbox.commits_after(effect.after_seq, effect.max_bytes)
        self._ahead.foresee(self._state, commits, self._hq_time)
        return self._receipted(self._ahead.send_log(self._ahead.batch(commits), self._accepts), commits)

    def _receipted(self, raw: bytes, commits: Sequence[StoredCommit]) -> LogReceiptArrived:
        state = self._state
        self._step_done("sync.log_answered")
        self._events_sent += sum(commit.last_seq - commit.first_seq + 1 for commit in commits)
        self._event_bytes += sum(len(commit.raw) for commit in commits)
        receipt = open_receipt(raw, self._roots, device=state.device, epoch=state.epoch)
        self._see_time(receipt.issued_at)
        return LogReceiptArrived(
            receipt=receipt,
            raw=raw,
            own_digest=self._digest_at(receipt.watermark_seq, commits),
            sent_to=commits[-1].last_seq if commits else 0,
        )

    def _early_receipt(self, effect: SendLog) -> LogReceiptArrived | None:
        """Return the receipt of the batch that went before hello's answer where it is the one asked for now, and was taken whole."""
        early = self._ahead.early_for(effect.after_seq)
        if early is None or self._state.fork is not None:
            return None
        try:
            raw = early.outcome()
            receipt = open_receipt(raw, self._roots, device=self._state.device, epoch=self._state.epoch)
        except (LinkProblem, UnknownAnswerError):
            return None
        return self._receipted(raw, early.commits) if receipt.watermark_seq == early.last_seq else None

    def _digest_at(self, seq: int, commits: Sequence[StoredCommit]) -> str | None:
        sent = {commit.last_seq: commit.hash.hex() for commit in commits}
        return sent.get(seq) or own_digest(self._outbox, seq)

    def _down(self, down: Down) -> AnyInput:
        raw = self._ahead.ask("/down", msgspec.json.encode(down))
        answer, good = open_down(raw, self._roots, device=down.device, epoch=down.epoch, nonce=down.nonce)
        self._see_time(answer.hq_time)
        return DownArrived(answer=answer, good=good, held=files_held(answer.statements[:good], self._roots))

    def _have(self, have: Have) -> AnyInput:
        raw = self._ahead.ask("/have", msgspec.json.encode(have))
        answer = open_have(raw, self._roots, device=have.device, epoch=have.epoch, nonce=have.nonce)
        self._see_time(answer.hq_time)
        return HaveArrived(answer=answer)

    def _apply(self, raws: tuple[bytes, ...]) -> None:
        self._step_done("sync.before_apply")
        with self._store.write() as uow:
            new = sum(uow.receive(raw) for raw in raws)
        self._received += new
        self._step_done("sync.statements_applied")

    def _chunk(self, effect: SendChunk) -> AnyInput | None:
        if self._wider and self._state.byte_budget is None:
            # The window will grow; a connection made when it has costs each chunk three round trips.
            self._wider = False
            self._ahead.connect(min(self._state.pace.most, len(self._state.queue) + len(self._state.in_flight)))
        try:
            self._chunks.send(effect.chunk)
        except OutpostError as problem:
            self._file_problem = problem
            return FileUnreadable(sha256=effect.chunk.sha256)
        self._step_done("sync.chunk_started")
        return None

    def _release(self, effect: FetchRelease) -> AnyInput:
        if self._releases is None:
            return ReleaseFetched(kind=effect.kind, accepted=False)
        try:
            self._releases.install(effect.kind, effect.version)
        except LinkProblem as problem:
            if problem.fault not in (LinkFault.RELEASE_REFUSED, LinkFault.BAD_REQUEST):
                raise
            return ReleaseFetched(kind=effect.kind, accepted=False)
        except OutpostError as problem:
            self._file_problem = problem
            return ReleaseFetched(kind=effect.kind, accepted=False)
        self._step_done("sync.release_installed")
        return ReleaseFetched(kind=effect.kind, accepted=True)

    def _look_for_new_work(self) -> None:
        if not self._state.running:
            return
        try:
            position = self._outbox.position()
            if position.next_seq > self._state.next_seq:
                waiting = tuple(self._outbox.attachments_waiting())
                # Told at once, not queued behind finished chunks: each of those would let another photo go first.
                self._tell(NewWork(position=position, waiting=waiting))
        except OutpostError as problem:
            self._problem = problem
            self._tell(StoreFailed())

    def _repeat_late(self) -> None:
        """At the end the line is empty but for chunks that hang: they go once more, unless a person counts the bytes."""
        state = self._state
        if state.in_flight and not state.queue and not state.paused and state.byte_budget is None:
            self._chunks.repeat_late(state.window)

    def _report(self, report: Report) -> None:
        self._newest_report = report
        if self._progress is None:
            return
        now_s = self._clock.monotonic_s()
        self._shown_s = now_s
        self._meter.see(now_s, self._carrier.wire_bytes() - self._wire_before)
        self._progress(
            SyncProgress(
                phase=report.phase,
                events_done=report.events_done,
                events_total=report.events_total,
                file_bytes_done=report.file_bytes_done,
                file_bytes_total=report.file_bytes_total,
                rate_bytes_s=self._meter.rate_bytes_s,
                retry_in_s=report.retry_in_s,
                fault=report.fault,
                quiet_s=self._meter.quiet_s,
                transfers=self._transfers(report),
            )
        )

    def _show_again(self) -> None:
        """Tell a window that time passes though nothing ends."""
        if self._newest_report is not None and self._clock.monotonic_s() - self._shown_s >= _SHOW_S:
            self._report(self._newest_report)

    def _transfers(self, report: Report) -> tuple[Transfer, ...]:
        mean = self._event_bytes // self._events_sent if self._events_sent else _EVENT_BYTES
        log_left = (report.events_total - report.events_done) * mean
        rows = [(Kind.LOG, report.events_done, report.events_total, self._event_bytes, self._event_bytes + log_left)]
        rows += [
            (tally.kind, tally.files_done, tally.files, tally.bytes_done, tally.size_bytes) for tally in report.tallies
        ]
        transfers: list[Transfer] = []
        left = 0
        for kind, items_done, items_total, bytes_done, bytes_total in rows:
            left += bytes_total - bytes_done
            transfers.append(Transfer(kind, items_done, items_total, bytes_done, bytes_total, self._meter.left_s(left)))
        return tuple(transfers)

    def _summary(self, end: Finish) -> SyncSummary:
        self._chunks.close()
        return SyncSummary(
            events_sent=self._events_sent,
            event_bytes=self._event_bytes,
            chunk_bytes=self._chunks.sent_bytes,
            wire_bytes=self._carrier.wire_bytes() - self._wire_before,
            statements_received=self._received,
            rejected=end.rejected,
            finished=end.finished,
            problem=self._problem_of(end),
            fault=None if end.finished else end.fault,
            files_left=end.files_left,
            bytes_left=end.bytes_left,
            budget_spent=end.budget_spent,
            set_aside=end.set_aside,
            hq_time=self._hq_time,
            releases=self._announced,
            window=self._state.window,
            accepts=self._accepts,
        )

    def _problem_of(self, end: Finish) -> OutpostError | None:
        if end.finished or end.fault is None:
            return None
        if end.fault is LinkFault.STORE_FAILED and self._problem is not None:
            return self._problem
        if end.fault in (LinkFault.FILE_UNREADABLE, LinkFault.RELEASE_REFUSED) and self._file_problem is not None:
            return self._file_problem
        return LinkProblem(end.fault)

    def _see_time(self, moment: datetime) -> None:
        self._hq_time = newest_hq_time(self._hq_time, moment)

    def _step_done(self, name: str) -> None:
        if self._probe is not None:
            self._probe(name)


def _rank(effect: AnyEffect) -> int:
    """Keep what was said, then tell how far it is, then ask: a question may take minutes, and a window must not show the one before."""
    return 0 if isinstance(effect, ApplyStatements) else 1 if isinstance(effect, Report) else 2


def _stalled() -> BugError:
    return BugError(
        "sync_stalled",
        Bilingual("同步程序停住了，没有可做的下一步。", "The sync stood still with nothing to do next."),
        Bilingual(
            "资料都在本机。请再同步一次，并把诊断文件发给总部。",
            "Everything is safe here. Sync again and send the diagnostics file.",
        ),
    )  # fmt: skip - a sentence and its translation stay side by side
