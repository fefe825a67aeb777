"""The pure cycle under any order of loss, doubling, lateness and refusal."""

from __future__ import annotations

from itertools import pairwise

import msgspec
import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from claims.records import AttachmentRef, LogPosition
from claims.statements import LogReceipted
from sync.wire.backoff import CAP_S, RETRY_AFTER_CAP_S, delay_s
from sync.wire.effects import (
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
from sync.wire.faults import FINAL, LinkFault
from sync.wire.inputs import (
    AnyInput,
    CancelAsked,
    ChunkSent,
    CycleStarted,
    DownArrived,
    FileUnreadable,
    HaveArrived,
    HelloArrived,
    LinkFailed,
    LogReceiptArrived,
    MoneyOnlyAsked,
    NewWork,
    PauseAsked,
    ReleaseFetched,
    ResumeAsked,
    StoreFailed,
    Tick,
)
from sync.wire.messages import CHUNK_BYTES, DownAnswered, HaveAnswered, HelloAnswered, MissingChunks
from sync.wire.state import MAX_ATTEMPTS, PAGE_FILES, WINDOW_MAX, WINDOW_MIN, Awaiting, SyncState
from sync.wire.step import step
from tests.sync.authority import NOON

WEATHER = [LinkFault.NO_ROUTE, LinkFault.TIMEOUT, LinkFault.CUT, LinkFault.SERVER_ERROR, LinkFault.BUSY]


def digest(seq: int) -> str:
    """The chain hash of the model's one true log: every event its own commit."""
    return f"hash-{seq}"


class Model:
    """A laptop driving ``step`` and a headquarters answering it, with every message held by the test until it says otherwise.

    ``open`` are effects whose request is on the way; the test decides whether HQ sees it and whether the answer comes back.
    Answers already delivered are kept in ``past`` to be delivered again.
    """

    def __init__(self, events: int, files: list[int]) -> None:
        self.events = events
        self.files = {f"file-{place}": size for place, size in enumerate(files)}
        self.hq_seq = 0
        self.hq_chunks: set[tuple[str, int]] = set()
        self.hq_feed = [b"feed-0", b"feed-1"]
        self.feed_read = 0
        self.store_watermark = 0
        self.state = SyncState()
        self.open: list = []
        self.past: list[AnyInput] = []
        self.finished: Finish | None = None
        self.chunk_sends: list[tuple[str, int]] = []
        self.cycles = 0
        self.held_by_answer: set[str] = set()

    # the laptop

    def start(self) -> None:
        self.cycles += 1
        self.open.clear()
        self.finished = None
        waiting = [name for name in self.files if not self._marked(name)]
        self.tell(
            CycleStarted(
                position=self.position(),
                feed_position=self.feed_read,
                waiting=tuple(AttachmentRef(sha256=name, size_bytes=self.files[name], priority=4) for name in waiting),
                seed=f"seed-{self.cycles}",
            )
        )

    def position(self) -> LogPosition:
        return LogPosition(
            device="D3",
            epoch=1,
            next_seq=self.events + 1,
            head=digest(self.events).encode(),
            hq_watermark_seq=self.store_watermark,
        )

    def _marked(self, name: str) -> bool:
        return any(raw == f"held {name}".encode() for raw in self.hq_feed[: self.feed_read])

    def tell(self, message: AnyInput) -> None:
        before = self.state
        self.state, effects = step(before, message)
        # The state can be written down and read back at any point.
        assert msgspec.json.decode(msgspec.json.encode(self.state), type=SyncState) == self.state
        if self.state.hq_seq > before.hq_seq and before.running and not isinstance(message, CycleStarted):
            assert isinstance(message, (LogReceiptArrived, HelloArrived)), "only HQ's word moves the watermark"
        if self.state.receipted_seq > before.receipted_seq and before.running and not isinstance(message, CycleStarted):
            assert isinstance(message, LogReceiptArrived), "only a receipt counts for the store"
            assert message.own_digest == message.receipt.digest
        settled = set(self.state.settled) - set(before.settled)
        if settled and before.running:
            assert isinstance(message, (HaveArrived, FileUnreadable, LinkFailed))
            if isinstance(message, HaveArrived) and not self.state.troubles:
                assert settled <= set(message.answer.held)
        assert len(self.state.in_flight) <= WINDOW_MAX
        assert WINDOW_MIN <= self.state.window <= WINDOW_MAX
        for effect in effects:
            if isinstance(effect, ApplyStatements):
                self._apply(effect)
            elif isinstance(effect, Finish):
                self.finished = effect
            elif isinstance(effect, SendChunk):
                self.chunk_sends.append((effect.chunk.sha256, effect.chunk.index))
                self.open.append(effect)
            elif not isinstance(effect, Report):
                self.open.append(effect)

    def _apply(self, effect: ApplyStatements) -> None:
        for raw in effect.raws:
            if raw.startswith(b"receipt-"):
                seq = int(raw.removeprefix(b"receipt-"))
                assert seq <= self.hq_seq, "a receipt HQ never gave"
                self.store_watermark = max(self.store_watermark, seq)
            elif raw == self.hq_feed[self.feed_read]:
                self.feed_read += 1
            else:
                assert raw in self.hq_feed[: self.feed_read]

    # headquarters

    def serve(self, effect) -> AnyInput:
        """Let HQ see a request; return the answer that travels back."""
        match effect:
            case SendHello():
                answer = HelloAnswered(
                    device="D3",
                    epoch=1,
                    nonce=effect.hello.nonce,
                    hq_time=NOON,
                    watermark_seq=self.hq_seq,
                    digest=digest(self.hq_seq),
                    feed_length=len(self.hq_feed),
                    releases={},
                    revoked=False,
                )
                return HelloArrived(answer=answer, own_digest=digest(self.hq_seq))
            case SendLog():
                batch = range(effect.after_seq + 1, min(self.events, effect.after_seq + 2) + 1)
                if batch and batch[0] <= self.hq_seq + 1:
                    self.hq_seq = max(self.hq_seq, batch[-1])
                receipt = LogReceipted(
                    statement_id="r",
                    device="D3",
                    epoch=1,
                    issued_at=NOON,
                    watermark_seq=self.hq_seq,
                    digest=digest(self.hq_seq),
                )
                return LogReceiptArrived(
                    receipt=receipt, raw=b"receipt-%d" % self.hq_seq, own_digest=digest(self.hq_seq)
                )
            case FetchDown():
                start = effect.down.feed_position
                answer = DownAnswered(
                    device="D3",
                    epoch=1,
                    nonce=effect.down.nonce,
                    hq_time=NOON,
                    feed_position=start,
                    feed_length=len(self.hq_feed),
                    statements=tuple(self.hq_feed[start : start + 2]),
                )
                return DownArrived(answer=answer, good=len(answer.statements))
            case SendHave():
                held, missing = [], []
                for item in effect.have.items:
                    lacking = [i for i in range(self._count(item.sha256)) if (item.sha256, i) not in self.hq_chunks]
                    if lacking:
                        missing.append(MissingChunks(sha256=item.sha256, indices=tuple(lacking)))
                    else:
                        held.append(item.sha256)
                self.held_by_answer |= set(held)
                return HaveArrived(
                    answer=HaveAnswered(
                        device="D3",
                        epoch=1,
                        nonce=effect.have.nonce,
                        hq_time=NOON,
                        held=tuple(held),
                        missing=tuple(missing),
                    )
                )
            case SendChunk():
                self.hq_chunks.add((effect.chunk.sha256, effect.chunk.index))
                name = effect.chunk.sha256
                whole = all((name, i) in self.hq_chunks for i in range(self._count(name)))
                if whole and f"held {name}".encode() not in self.hq_feed:
                    self.hq_feed.append(f"held {name}".encode())
                return ChunkSent(chunk=effect.chunk)
            case Wait():
                return Tick()
        raise AssertionError(effect)

    def _count(self, name: str) -> int:
        return max(1, -(-self.files[name] // CHUNK_BYTES))

    # fate

    def grow(self, *, events: int = 0, file_bytes: int | None = None) -> None:
        """The desk works on while the cycle runs."""
        self.events += events
        waiting: tuple[AttachmentRef, ...] = ()
        if file_bytes is not None:
            name = f"file-{len(self.files)}"
            self.files[name] = file_bytes
            waiting = (AttachmentRef(sha256=name, size_bytes=file_bytes, priority=2),)
        self.tell(NewWork(position=self.position(), waiting=waiting))

    def until(self, question: type) -> None:
        """Deliver everything until this question is the next one open."""
        while not isinstance(self.open[0], question):
            self.deliver(0)

    def deliver(self, place: int) -> None:
        effect = self.open.pop(place)
        answer = self.serve(effect)
        self.past.append(answer)
        self.tell(answer)

    def lose(self, place: int, fault: LinkFault, *, seen_by_hq: bool) -> None:
        effect = self.open[place]
        if isinstance(effect, Wait):
            self.deliver(place)
            return
        self.open.pop(place)
        if seen_by_hq:
            self.past.append(self.serve(effect))
        self.tell(LinkFailed(fault=fault, chunk=effect.chunk if isinstance(effect, SendChunk) else None))

    def calm(self) -> None:
        """Deliver everything until the cycle ends."""
        for _ in range(2000):
            if self.finished is not None:
                return
            if self.state.paused:
                self.tell(ResumeAsked())
                continue
            assert self.open, f"the cycle stands still: {self.state}"
            self.deliver(0)
        raise AssertionError("the cycle never ends")

    def complete(self) -> bool:
        return (
            self.store_watermark == self.events
            and self.feed_read == len(self.hq_feed)
            and all(self._marked(name) for name in self.files)
        )


ACTIONS = st.one_of(
    st.tuples(st.just("deliver"), st.integers(0, 20)),
    st.tuples(st.just("deliver"), st.integers(0, 20)),
    st.tuples(st.just("lose"), st.integers(0, 20), st.sampled_from(WEATHER), st.booleans()),
    st.tuples(st.just("again"), st.integers(0, 200)),
    st.tuples(st.just("new"), st.integers(1, 3)),
    st.tuples(st.just("file"), st.integers(0, 2 * CHUNK_BYTES)),
    st.tuples(st.just("pause")),
    st.tuples(st.just("resume")),
    st.tuples(st.just("tick")),
    st.tuples(st.just("restart")),
)


def act(model: Model, action: tuple) -> None:
    match action:
        case ("deliver", place) if model.open:
            model.deliver(place % len(model.open))
        case ("lose", place, fault, seen) if model.open:
            model.lose(place % len(model.open), fault, seen_by_hq=seen)
        case ("again", place) if model.past:
            model.tell(model.past[place % len(model.past)])
        case ("new", count):
            model.grow(events=count)
        case ("file", size):
            model.grow(file_bytes=size)
        case ("pause",):
            model.tell(PauseAsked())
        case ("resume",):
            model.tell(ResumeAsked())
        case ("tick",):
            model.tell(Tick())
        case ("restart",):
            model.start()
    if model.finished is not None:
        model.start()


@settings(max_examples=200, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    events=st.integers(0, 6),
    files=st.lists(st.integers(0, 3 * CHUNK_BYTES), max_size=3),
    actions=st.lists(ACTIONS, max_size=80),
)
def test_whatever_happens_on_the_way_a_calm_day_acknowledges_everything(events, files, actions):
    model = Model(events, files)
    model.start()
    for action in actions:
        act(model, action)
    for _ in range(2):
        # The cycle under way ends one way or another; the next one, on a calm day, finishes.
        model.calm()
        assert model.finished is not None
        if not (model.finished.finished and model.complete()):
            model.start()
    model.calm()
    assert model.finished.finished, model.finished
    assert model.complete()
    model.start()
    sends = len(model.chunk_sends)
    model.calm()
    assert model.finished.finished
    assert len(model.chunk_sends) == sends, "a second sync sends no chunk"


@settings(max_examples=100, deadline=None)
@given(
    files=st.lists(st.integers(1, 40 * CHUNK_BYTES), min_size=1, max_size=3),
    cut_after=st.integers(0, 60),
    seen=st.booleans(),
)
def test_a_cut_repeats_at_most_the_open_window(files, cut_after, seen):
    model = Model(0, files)
    model.start()
    for _ in range(cut_after):
        if model.finished is None:
            model.deliver(0)
    assume(model.finished is None)
    flying = len(model.state.in_flight)
    while model.open and model.finished is None and not isinstance(model.open[0], Wait):
        model.lose(0, LinkFault.NO_ROUTE, seen_by_hq=seen)
    model.calm()
    if not model.finished.finished:
        model.start()
        model.calm()
    total = sum(max(1, -(-size // CHUNK_BYTES)) for size in files)
    assert len(model.chunk_sends) <= total + max(flying, WINDOW_MAX)
    assert model.complete()


@settings(max_examples=60, deadline=None)
@given(at=st.integers(0, 30), fault=st.sampled_from(sorted(FINAL)))
def test_a_final_fault_ends_the_cycle_at_once_wherever_it_comes(at, fault):
    model = Model(3, [CHUNK_BYTES * 3])
    model.start()
    for _ in range(at):
        if model.finished is None:
            model.deliver(0)
    assume(model.finished is None and not isinstance(model.open[0], Wait))
    assume(not (fault is LinkFault.BAD_REQUEST and isinstance(model.open[0], (SendChunk, SendHave))))
    assume(not (fault is LinkFault.TOO_LARGE and isinstance(model.open[0], SendLog)))
    model.lose(0, fault, seen_by_hq=False)
    assert model.finished is not None
    assert not model.finished.finished
    assert model.finished.fault is fault


@pytest.mark.parametrize("end", [CancelAsked(), StoreFailed()])
def test_cancel_and_a_failing_store_end_it_in_every_state(end):
    for at in range(12):
        model = Model(3, [CHUNK_BYTES * 3])
        model.start()
        for _ in range(at):
            if model.finished is None:
                model.deliver(0)
        if model.finished is not None:
            break
        model.tell(end)
        assert model.finished is not None
        assert not model.finished.finished
        assert not model.state.running


def at_log(events: int = 3) -> Model:
    """A model whose log is on the way."""
    model = Model(events, [])
    model.start()
    model.deliver(0)
    assert isinstance(model.open[0], SendLog)
    return model


def receipt_of(seq: int, name: str) -> LogReceipted:
    return LogReceipted(statement_id="r", device="D3", epoch=1, issued_at=NOON, watermark_seq=seq, digest=name)


def test_a_file_added_at_the_last_question_still_gets_its_answer_in_this_cycle():
    model = Model(0, [CHUNK_BYTES])
    model.start()
    while not (isinstance(model.open[0], FetchDown) and model.state.downs == 1):
        model.deliver(0)
    model.grow(file_bytes=CHUNK_BYTES)
    model.calm()
    assert model.finished.finished
    assert model.complete()


def test_a_chunk_still_under_way_after_a_break_is_not_sent_beside_itself():
    model = Model(0, [4 * CHUNK_BYTES])
    model.start()
    model.until(SendChunk)
    assert len(model.open) == 4
    model.lose(0, LinkFault.NO_ROUTE, seen_by_hq=False)
    wait = next(place for place, effect in enumerate(model.open) if isinstance(effect, Wait))
    model.deliver(wait)
    while any(not isinstance(effect, SendChunk) for effect in model.open):
        model.deliver(next(i for i, effect in enumerate(model.open) if not isinstance(effect, SendChunk)))
    assert model.chunk_sends == [("file-0", 0), ("file-0", 1), ("file-0", 2), ("file-0", 3), ("file-0", 0)]
    model.calm()
    assert model.complete()
    assert len(model.chunk_sends) == 5


def test_a_chunk_lost_while_the_next_page_is_asked_for_stays_in_the_queue():
    model = Model(0, [CHUNK_BYTES] * (PAGE_FILES + 1))
    model.start()
    model.until(SendChunk)
    while not any(isinstance(effect, SendHave) for effect in model.open):
        model.deliver(0)
    assert isinstance(model.open[0], SendChunk), "the last chunks of the page are under way beside the question"
    lost = model.open[0].chunk
    model.lose(0, LinkFault.TIMEOUT, seen_by_hq=False)
    model.deliver(next(i for i, effect in enumerate(model.open) if isinstance(effect, SendHave)))
    assert lost in model.state.queue
    assert all(offer.rounds == 0 for offer in model.state.offered)
    model.calm()
    assert model.complete()


@pytest.mark.parametrize("own", [None, "hash-of-another-log"])
def test_a_receipt_whose_digest_is_not_ours_moves_nothing(own):
    model = at_log()
    model.tell(LogReceiptArrived(receipt=receipt_of(2, "hash-2"), raw=b"receipt-2", own_digest=own))
    assert model.store_watermark == 0
    assert model.finished.fault is LinkFault.FORKED


def test_a_receipt_that_stands_still_is_no_success():
    model = at_log()
    for _ in range(MAX_ATTEMPTS + 1):
        model.tell(LogReceiptArrived(receipt=receipt_of(0, "x"), raw=b"receipt-0", own_digest=None))
        while model.finished is None and not isinstance(model.open[-1], SendLog):
            model.deliver(len(model.open) - 1)
        if model.finished is not None:
            break
        model.open = model.open[-1:]
    assert model.finished.fault is LinkFault.NO_PROGRESS
    assert model.store_watermark == 0


def test_a_receipt_out_of_turn_is_ignored():
    model = Model(3, [])
    model.start()
    model.hq_seq = 3
    before = model.state
    model.tell(LogReceiptArrived(receipt=receipt_of(3, "hash-3"), raw=b"receipt-3", own_digest="hash-3"))
    assert model.state == before
    assert model.store_watermark == 0


@pytest.mark.parametrize("question", [SendHello, FetchDown, SendHave])
def test_an_answer_with_another_nonce_or_out_of_turn_is_ignored(question):
    model = Model(3, [CHUNK_BYTES])
    model.start()
    while not isinstance(model.open[0], question):
        model.deliver(0)
    answer = model.serve(model.open[0])
    before = model.state
    model.tell(msgspec.structs.replace(answer, answer=msgspec.structs.replace(answer.answer, nonce="old")))
    assert model.state == before
    model.deliver(0)
    after = model.state
    model.tell(answer)
    assert model.state == after
    # Not even while the same question is not the one that is open.
    model.tell(LinkFailed(fault=LinkFault.CUT))
    waiting = model.state
    model.tell(answer)
    assert model.state == waiting


def test_every_question_of_a_cycle_has_its_own_nonce_and_the_seed_decides_it():
    def nonces(seed: str) -> list[str]:
        state, effects = step(
            SyncState(),
            CycleStarted(position=Model(0, []).position(), feed_position=0, waiting=(), seed=seed),
        )
        found = []
        for _ in range(4):
            hello = next(effect.hello for effect in effects if isinstance(effect, SendHello))
            found.append(hello.nonce)
            state, _ = step(state, LinkFailed(fault=LinkFault.CUT))
            state, effects = step(state, Tick())
        return found

    first, again, other = nonces("a"), nonces("a"), nonces("b")
    assert first == again
    assert len(set(first) | set(other)) == 8


def test_the_window_widens_on_a_good_line_and_narrows_on_a_bad_one():
    model = Model(0, [200 * CHUNK_BYTES])
    model.start()
    while len(model.chunk_sends) < 120:
        model.deliver(0)
    assert model.state.window == WINDOW_MAX
    for _ in range(2):
        place = next(i for i, effect in enumerate(model.open) if isinstance(effect, SendChunk))
        model.lose(place, LinkFault.TIMEOUT, seen_by_hq=False)
        assert model.state.window == WINDOW_MAX // 2, "connections that die together are one event"
    assert model.state.awaiting is Awaiting.NOTHING, "two lost chunks are weather, not a broken link"
    model.calm()
    assert model.complete()


def test_a_line_that_was_gone_costs_one_wait_and_its_width_is_found_again():
    model = Model(0, [400 * CHUNK_BYTES])
    model.start()
    while len(model.chunk_sends) < 120:
        model.deliver(0)
    assert model.state.window == WINDOW_MAX
    dead = [effect for effect in model.open if isinstance(effect, SendChunk)]
    for effect in dead[:3]:
        model.lose(model.open.index(effect), LinkFault.TIMEOUT, seen_by_hq=False)
    assert (model.state.awaiting, model.state.attempts) == (Awaiting.TIMER, 1)
    model.deliver(next(i for i, effect in enumerate(model.open) if isinstance(effect, Wait)))
    assert model.state.awaiting is Awaiting.HELLO
    while any(isinstance(effect, SendChunk) for effect in model.open):
        place = next(i for i, effect in enumerate(model.open) if isinstance(effect, SendChunk))
        model.lose(place, LinkFault.TIMEOUT, seen_by_hq=False)
    assert (model.state.awaiting, model.state.attempts) == (Awaiting.HELLO, 1), "they died of what was counted already"
    assert model.state.window == WINDOW_MAX // 2
    landed_before = len(model.hq_chunks)
    while len(model.hq_chunks) < landed_before + 4 * WINDOW_MAX:
        model.deliver(0)
    assert model.state.window == WINDOW_MAX
    model.calm()
    assert model.complete()


def test_nonsense_indices_are_not_sent():
    model = Model(0, [CHUNK_BYTES])
    model.start()
    while not isinstance(model.open[0], SendHave):
        model.deliver(0)
    have = model.open.pop(0).have
    answer = HaveAnswered(
        device="D3",
        epoch=1,
        nonce=have.nonce,
        hq_time=NOON,
        held=("file-nobody-offered",),
        missing=(MissingChunks(sha256="file-0", indices=(-1, 0, 0, 7)),),
    )
    model.tell(HaveArrived(answer=answer))
    assert model.chunk_sends == [("file-0", 0)]
    assert "file-nobody-offered" not in model.state.settled


def test_a_file_refused_by_headquarters_is_set_aside():
    model = Model(1, [CHUNK_BYTES, CHUNK_BYTES])
    model.start()
    while not any(isinstance(effect, SendChunk) for effect in model.open):
        model.deliver(0)
    model.lose(0, LinkFault.BAD_REQUEST, seen_by_hq=False)
    model.calm()
    assert model.finished.fault is LinkFault.FILE_NOT_TAKEN
    assert len(model.held_by_answer) == 1


def test_money_only_ends_after_the_log_and_the_answers():
    model = Model(2, [CHUNK_BYTES * 50])
    model.start()
    model.tell(MoneyOnlyAsked())
    model.calm()
    assert model.finished.finished
    assert model.store_watermark == 2
    assert not model.chunk_sends


def test_releases_are_asked_for_only_when_newer_and_wanted():
    def asked(fetch: bool, held: dict[str, int]) -> list[tuple[str, int]]:
        state, effects = step(
            SyncState(),
            CycleStarted(
                position=Model(0, []).position(),
                feed_position=0,
                waiting=(),
                seed="s",
                fetch_releases=fetch,
                releases_held=held,
            ),
        )
        found = []
        for _ in range(10):
            for effect in effects:
                if isinstance(effect, SendHello):
                    answer = HelloAnswered(
                        device="D3",
                        epoch=1,
                        nonce=effect.hello.nonce,
                        hq_time=NOON,
                        watermark_seq=0,
                        digest="",
                        feed_length=0,
                        releases={"pack": 4, "extract": 9},
                        revoked=False,
                    )  # fmt: skip - one answer
                    message = HelloArrived(answer=answer, own_digest=None)
                elif isinstance(effect, FetchDown):
                    down = DownAnswered(
                        device="D3",
                        epoch=1,
                        nonce=effect.down.nonce,
                        hq_time=NOON,
                        feed_position=0,
                        feed_length=0,
                        statements=(),
                    )  # fmt: skip - one answer
                    message = DownArrived(answer=down, good=0)
                elif isinstance(effect, FetchRelease):
                    found.append((effect.kind, effect.version))
                    message = ReleaseFetched(kind=effect.kind, accepted=True)
                elif isinstance(effect, Finish):
                    assert effect.finished
                    return found
            state, effects = step(state, message)
        raise AssertionError("no end")

    assert asked(True, {"pack": 3}) == [("pack", 4), ("extract", 9)]
    assert asked(True, {"pack": 4, "extract": 9}) == []
    assert asked(False, {}) == []


@given(seed=st.text(max_size=8), attempt=st.integers(1, 50), asked=st.floats(-1, 1e6))
def test_waits_are_bounded_and_honour_headquarters_wish(seed, attempt, asked):
    seconds = delay_s(seed, attempt, asked)
    assert 0.5 <= seconds <= max(CAP_S, RETRY_AFTER_CAP_S)
    assert seconds >= min(asked, RETRY_AFTER_CAP_S)
    assert seconds == delay_s(seed, attempt, asked)


def test_waits_double_and_differ_between_laptops():
    means = [sum(delay_s(f"laptop-{n}", attempt) for n in range(200)) / 200 for attempt in range(1, 6)]
    assert all(1.7 < after / before < 2.3 for before, after in pairwise(means))
    assert len({delay_s(f"laptop-{n}", 3) for n in range(50)}) == 50
