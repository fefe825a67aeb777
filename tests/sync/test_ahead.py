"""What goes ahead of the core: the first of the log beside hello, a late question asked again, a hanging chunk sent again; and what counts of it."""

from __future__ import annotations

import threading
from queue import SimpleQueue

import pytest
import requests

from sync.chunk_sender import ChunkSender
from sync.http_hedge import LEAST_S, first_answer, late_after_s
from sync.http_lines import Lines
from sync.problems import LinkProblem
from sync.wire.compact import pack_log, unpack_log
from sync.wire.dictionary import accepted
from sync.wire.faults import LinkFault
from sync.wire.inputs import ChunkSent
from sync.wire.messages import EARLY_LOG, LogBatch
from sync.wire.state import WINDOW_MAX, ChunkRef
from tests.sync.direct_carrier import DirectCarrier
from tests.sync.test_cycle import StillClock, World, fill

KNOWN = (*accepted(), EARLY_LOG)


class Preparing(DirectCarrier):
    """Also what HTTP can: says that connections may be made beforehand. ``hello_waits`` holds hello's answer back until the log has gone."""

    hello_waits = False

    def prepare(self, count: int) -> None:
        self.prepared = count

    def most_chunks(self) -> int:
        return WINDOW_MAX

    def ask(self, path: str, body: bytes) -> bytes:
        if path == "/hello" and self.hello_waits:
            assert self.log_gone.wait(10)
        try:
            return super().ask(path, body)
        finally:
            if path == "/log":
                self.log_gone.set()

    def __init__(self, *parts: object) -> None:
        super().__init__(*parts)  # type: ignore[arg-type]
        self.log_gone = threading.Event()


@pytest.fixture
def world() -> World:
    world = World()
    world.hq.accepts = KNOWN
    return world


def ahead(world: World, *, accepts: tuple[str, ...] = KNOWN, hello_waits: bool = False, **options: object):
    carrier = Preparing(world.hq, world.laptop)
    carrier.hello_waits = hello_waits
    return world.sync(carrier=carrier, accepts=accepts, **options)


def test_the_first_of_the_log_goes_beside_hello_to_a_headquarters_that_is_known(world):
    fill(world.laptop)
    # Hello is answered only after the log has come: waiting for it first would hang.
    summary = ahead(world, hello_waits=True)
    assert summary.finished, summary.problem
    assert world.everything_is_at_hq()
    assert world.hq.log_events_received == 10, "the early batch's receipt counted, nothing went twice"
    assert summary.accepts == KNOWN


def test_a_headquarters_that_never_named_it_gets_the_log_after_hello(world):
    fill(world.laptop)
    assert ahead(world, accepts=()).finished
    paths = [path for _, path in world.hq.requests]
    assert paths.index("/v1/hello") < paths.index("/v1/log")


def test_an_early_batch_that_was_lost_is_sent_as_if_it_had_never_been(world):
    fill(world.laptop)
    lost = []

    def weather(way: str, path: str) -> None:
        if way == "back" and path == "/log" and not lost:
            lost.append(path)
            raise LinkProblem(LinkFault.CUT)

    carrier = Preparing(world.hq, world.laptop, weather)
    assert world.sync(carrier=carrier, accepts=KNOWN).finished
    assert lost
    assert world.everything_is_at_hq()


def test_a_cloned_laptop_is_found_out_as_before(world):
    fill(world.laptop, photos=0)
    assert ahead(world).finished
    device = world.at_hq
    # Another laptop of the same identity has gone on: headquarters holds other bytes under the next numbers.
    device.log[device.watermark_seq + 1] = b"other"
    device.watermark_seq += 1
    device.digest = b"\1" * 32
    fill(world.laptop, photos=0)
    summary = ahead(world)
    assert not summary.finished
    assert summary.fault in (LinkFault.FORKED, LinkFault.RESTORED)
    assert device.frozen


def test_files_are_confirmed_by_the_feed_without_a_question_of_their_own(world):
    fill(world.laptop, photos=4)
    assert ahead(world).finished
    paths = [path for _, path in world.hq.requests]
    assert paths.count("/v1/have") == 1
    assert world.everything_is_at_hq()


def test_which_files_are_there_is_asked_beside_the_log_and_none_goes_before_its_receipt(world):
    fill(world.laptop)
    order: list[str] = []

    def weather(way: str, path: str) -> None:
        order.append(f"{way} {path.split('/')[1]}")

    carrier = Preparing(world.hq, world.laptop, weather)
    assert world.sync(carrier=carrier).finished
    assert order.count("out have") == 1
    assert order.index("out chunk") > order.index("back log")


def test_a_late_answer_is_asked_for_again_and_the_first_one_counts():
    asked: SimpleQueue[int] = SimpleQueue()
    hanging = threading.Event()

    def ask() -> bytes:
        number = asked.qsize()
        asked.put(number)
        if number == 0:
            hanging.wait(10)
            raise LinkProblem(LinkFault.TIMEOUT)
        return b"answer"

    assert first_answer(ask, 0.01, lambda: True) == b"answer"
    hanging.set()
    assert asked.qsize() == 2


def test_a_refusal_ends_the_wait_and_a_broken_line_only_when_both_broke():
    calls = []
    first_is_out = threading.Event()

    def ask() -> bytes:
        calls.append(1)
        if len(calls) == 1:
            first_is_out.wait(10)
            return b"slow but here"
        first_is_out.set()
        raise LinkProblem(LinkFault.CUT)

    assert first_answer(ask, 0.01, lambda: True) == b"slow but here"

    def refused() -> bytes:
        raise LinkProblem(LinkFault.REFUSED)

    with pytest.raises(LinkProblem) as caught:
        first_answer(refused, 5.0, lambda: True)
    assert caught.value.fault is LinkFault.REFUSED
    assert late_after_s(0.0) == LEAST_S < late_after_s(1.0)


def test_a_connection_that_is_ready_is_taken_and_one_that_met_trouble_is_not_lent_again():
    broken = threading.Event()
    made: list[requests.Session] = []

    def make() -> requests.Session:
        made.append(requests.Session())
        return made[-1]

    def connect(_: requests.Session) -> None:
        if broken.is_set():
            raise LinkProblem(LinkFault.NO_ROUTE)

    lines = Lines(make, connect)
    lines.prepare(1)
    with lines.session() as first:
        pass
    with lines.session() as again:
        assert again is first
        lines.prepare(1)
    assert made == [first]
    with pytest.raises(ValueError, match="odd"), lines.session():
        raise ValueError("odd")
    with lines.session() as other:
        assert other is not first
    lines.close()
    broken.set()
    with pytest.raises(LinkProblem) as caught, lines.session():
        pass
    assert caught.value.fault is LinkFault.NO_ROUTE


class SetClock(StillClock):
    """A clock that is moved by hand."""

    seconds = 0.0

    def monotonic_s(self) -> float:
        return self.seconds


class Hanging:
    """The first copy of a chunk hangs until it is dropped."""

    def __init__(self) -> None:
        self.copies = 0
        self.dropped = threading.Event()

    def ask(self, path: str, body: bytes) -> bytes:
        raise AssertionError(path, body)

    def send_chunk(self, sha256: str, index: int, content: bytes) -> None:
        assert (sha256, index, content) == ("f", 0, b"abc")
        self.copies += 1
        if self.copies == 1:
            assert self.dropped.wait(10)
            raise LinkProblem(LinkFault.CUT)

    def drop_chunk(self, sha256: str, index: int) -> None:
        assert (sha256, index) == ("f", 0)
        self.dropped.set()

    def wire_bytes(self) -> int:
        return 0

    def close(self) -> None:
        pass


class Files:
    def get(self, sha256: str) -> bytes:
        return {"f": b"abc"}[sha256]


def test_a_chunk_that_hangs_goes_once_more_and_counts_once():
    clock, inputs, carrier = SetClock(), SimpleQueue(), Hanging()
    sender = ChunkSender(carrier, Files(), inputs, clock)  # type: ignore[arg-type]
    chunk = ChunkRef("f", 0, 3)
    sender.send(chunk)
    sender.repeat_late(WINDOW_MAX)
    assert sender.under_way == 1
    assert inputs.empty(), "not late yet"
    clock.seconds += 60
    sender.repeat_late(1)
    assert inputs.empty(), "no room"
    sender.repeat_late(WINDOW_MAX)
    sender.repeat_late(WINDOW_MAX)
    told = inputs.get(timeout=10)
    assert isinstance(told, ChunkSent)
    sender.close()
    assert inputs.empty()
    assert carrier.copies == 2
    assert sender.sent_bytes == 3


def test_the_small_form_carries_the_mark_of_an_early_batch():
    batch = LogBatch(device="D3", epoch=1, commits=(b"c" * 90,), early=True, incarnation=2)
    packed = pack_log(batch)
    assert packed is not None
    assert unpack_log(packed, {}, limit=1000) == batch
