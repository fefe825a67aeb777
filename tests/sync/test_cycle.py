"""The driver against a headquarters that behaves, in process: what arrives, what is repeated, what is never believed."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from itertools import pairwise

import msgspec
import pytest

from claims.statements import TaskAssigned
from rules.engine.model import Bilingual
from sync.control import SyncControl
from sync.cycle import sync_once
from sync.problems import LinkProblem
from sync.summary import SyncProgress, SyncSummary
from sync.wire.compact import COMPACT, COMPACT_TYPE, DICTIONARY, unpack_log
from sync.wire.dictionary import accepted, dictionaries
from sync.wire.faults import LinkFault
from sync.wire.messages import CHUNK_BYTES
from sync.wire.state import MAX_ATTEMPTS, WINDOW_MAX, Phase
from tests.sync.authority import later, stranger
from tests.sync.direct_carrier import DirectCarrier, Weather, calm
from tests.sync.hq_simulator import HqSimulator, Reply
from tests.sync.laptop import Laptop


class StillClock:
    """A clock that stands: a cycle must not need one."""

    def utc_now(self):
        raise AssertionError("sync asks nobody for the date")

    def monotonic_s(self) -> float:
        return 0.0


class World:
    """One laptop, one headquarters."""

    def __init__(self) -> None:
        self.hq = HqSimulator()
        self.laptop = Laptop()
        self.at_hq = self.hq.add_device(self.laptop.certificate)
        self.waits: list[float] = []
        self.seeds = 0

    def sync(self, weather: Weather = calm, laptop: Laptop | None = None, **options) -> SyncSummary:
        laptop = laptop or self.laptop
        self.seeds += 1
        options.setdefault("wait", self.waits.append)
        carrier = options.pop("carrier", None) or DirectCarrier(self.hq, laptop, weather)
        return sync_once(
            carrier=carrier,
            store=laptop,
            outbox=laptop,
            attachments=laptop,
            roots=laptop.roots,
            clock=options.pop("clock", None) or StillClock(),
            seed=lambda: f"seed-{self.seeds}",
            **options,
        )

    def everything_is_at_hq(self) -> bool:
        return (
            self.at_hq.watermark_seq == self.laptop.next_seq - 1 == self.laptop.watermark_seq
            and set(self.laptop.files) == set(self.hq.files)
            and not self.laptop.attachments_waiting()
            and self.laptop.inbox_count() == len(self.at_hq.feed)
        )


@pytest.fixture
def world() -> World:
    return World()


def photo(seed: int, size: int = 150_000) -> bytes:
    return random.Random(seed).randbytes(size)


def fill(laptop: Laptop, events: int = 5, photos: int = 3) -> None:
    for number in range(events):
        laptop.record(b'{"event":%d}' % number, b'{"more":%d}' % number)
    for number in range(photos):
        laptop.add_file(photo(number))


def test_everything_arrives_and_the_second_sync_sends_nothing(world):
    fill(world.laptop)
    first = world.sync()
    assert first.finished
    assert first.problem is None
    assert first.events_sent == 10
    assert first.chunk_bytes == 450_000
    assert world.everything_is_at_hq()

    asked = len(world.hq.requests)
    second = world.sync()
    assert second.finished
    assert (second.events_sent, second.event_bytes, second.chunk_bytes) == (0, 0, 0)
    assert [path for _, path in world.hq.requests[asked:]] == ["/v1/hello"], "the feed has nothing new, signed"


def test_an_empty_laptop_syncs_without_a_word_about_its_log(world):
    summary = world.sync()
    assert summary.finished
    assert (summary.events_sent, summary.chunk_bytes, summary.statements_received) == (0, 0, 0)


def test_money_is_durable_before_the_first_photo_leaves(world):
    fill(world.laptop)
    world.sync()
    paths = [path for _, path in world.hq.requests]
    first_chunk = next(place for place, path in enumerate(paths) if path.startswith("/v1/chunk"))
    assert "/v1/log" not in paths[first_chunk:]
    assert "/v1/log" in paths[:first_chunk]
    assert "/v1/down" not in paths[:first_chunk], "hello said, signed, that the feed holds nothing"


def test_what_headquarters_has_to_say_comes_before_the_first_photo_leaves(world):
    fill(world.laptop)
    world.hq.say("D3", TaskAssigned, case_no=None, text=Bilingual("补交材料", "add papers"))
    world.sync()
    paths = [path for _, path in world.hq.requests]
    first_chunk = next(place for place, path in enumerate(paths) if path.startswith("/v1/chunk"))
    assert "/v1/down" in paths[:first_chunk]


def test_papers_go_before_photos(world):
    laptop = world.laptop
    # Large enough that no thread is ever held up for as long as the whole photo travels.
    big = laptop.add_file(photo(1, 60 * CHUNK_BYTES), priority=4)
    paper = laptop.add_file(photo(2, 100_000), priority=2)
    thumbnail = laptop.add_file(photo(3, 9_000), priority=3)
    assert world.sync(start_window=4).finished
    order = list(dict.fromkeys(sha256 for sha256, _ in world.hq.chunk_puts))
    # Four chunks are under way at once: two of the paper, the thumbnail, the first of the photo.
    assert set(order[:3]) == {paper, thumbnail, big}
    last_of = {sha256: max(i for i, (name, _) in enumerate(world.hq.chunk_puts) if name == sha256) for sha256 in order}
    assert last_of[paper] < last_of[big]
    assert last_of[thumbnail] < last_of[big]


def test_a_commit_made_while_photos_travel_overtakes_them(world):
    laptop = world.laptop
    laptop.add_file(photo(1, 40 * CHUNK_BYTES))
    fresh = []

    def weather(way: str, path: str) -> None:
        if way == "back" and path.startswith("/chunk") and not fresh:
            fresh.append(path)
            laptop.record(b"printed just now")

    assert world.sync(weather).finished
    paths = [path for _, path in world.hq.requests]
    log_at = paths.index("/v1/log")
    chunks_before = sum(path.startswith("/v1/chunk") for path in paths[:log_at])
    assert chunks_before <= WINDOW_MAX
    assert world.everything_is_at_hq()


def test_a_rejected_event_is_receipted_and_blocks_nothing(world):
    world.laptop.record(b"good")
    world.laptop.record(b"bad event")
    world.laptop.record(b"good too")
    summary = world.sync()
    assert summary.finished
    assert summary.rejected == 1
    assert world.laptop.watermark_seq == 3
    assert world.sync().rejected == 0


def test_answers_of_headquarters_come_down_in_slices_and_once(world):
    for number in range(8):
        world.hq.say("D3", TaskAssigned, case_no=f"C{number}", text=Bilingual("补", "add"))
    assert world.sync().statements_received == 8
    assert world.sync().statements_received == 0
    assert world.laptop.inbox_count() == 8


def test_what_headquarters_says_about_this_cycles_work_comes_in_the_same_cycle(world):
    world.laptop.add_file(photo(1))
    assert world.sync().finished
    assert not world.laptop.attachments_waiting()


@pytest.mark.parametrize("way", ["out", "back"])
@pytest.mark.parametrize("place", ["/hello", "/log", "/down", "/have", "/chunk"])
@pytest.mark.parametrize("fault", [LinkFault.CUT, LinkFault.TIMEOUT, LinkFault.NO_ROUTE, LinkFault.SERVER_ERROR])
def test_headquarters_goes_away_at_any_place_and_comes_back(world, way, place, fault):
    fill(world.laptop)
    left = [2]

    def weather(now: str, path: str) -> None:
        if now == way and path.startswith(place) and left[0]:
            left[0] -= 1
            raise LinkProblem(fault)

    summary = world.sync(weather)
    assert summary.finished
    assert left == [0]
    assert world.everything_is_at_hq()


@pytest.mark.parametrize("place", ["/hello", "/log", "/down", "/have", "/chunk"])
def test_headquarters_stays_away_and_the_cycle_gives_up_with_a_reason(world, place):
    fill(world.laptop)

    def weather(now: str, path: str) -> None:
        if now == "out" and path.startswith(place):
            raise LinkProblem(LinkFault.TIMEOUT)

    summary = world.sync(weather)
    assert not summary.finished
    assert summary.problem.code == "sync_timeout"
    assert summary.problem.retryable
    # What the feed did not confirm is asked for: one step forward more before the same failure again.
    assert len(world.waits) == MAX_ATTEMPTS + (place == "/down")
    assert world.waits == sorted(world.waits)
    # Whatever got through before counts, and a calm day finishes the rest.
    assert world.sync().finished
    assert world.everything_is_at_hq()


def test_a_lost_receipt_is_asked_for_without_sending_the_events_again(world):
    fill(world.laptop, photos=0)

    def weather(now: str, path: str) -> None:
        if now == "back" and path == "/log":
            raise LinkProblem(LinkFault.CUT)

    assert not world.sync(weather).finished
    assert world.laptop.watermark_seq == 0
    received = world.hq.log_events_received
    summary = world.sync()
    assert summary.finished
    assert summary.event_bytes == 0
    assert world.hq.log_events_received == received
    assert world.laptop.watermark_seq == 10


def test_after_one_lost_receipt_the_same_cycle_asks_first_and_repeats_no_event(world):
    fill(world.laptop, photos=0)
    lost = []

    def weather(now: str, path: str) -> None:
        if now == "back" and path == "/log" and not lost:
            lost.append(path)
            raise LinkProblem(LinkFault.CUT)

    assert world.sync(weather).finished
    assert world.hq.log_events_received == 10
    assert world.laptop.watermark_seq == 10


def test_after_a_cut_only_the_open_window_is_sent_again(world):
    world.laptop.add_file(photo(1, 60 * CHUNK_BYTES))
    sent = [0]

    def weather(now: str, path: str) -> None:
        if path.startswith("/chunk"):
            sent[0] += now == "out"
            if sent[0] > 25:
                raise LinkProblem(LinkFault.NO_ROUTE)

    assert not world.sync(weather).finished
    arrived = set(world.hq.chunk_puts)
    before = len(world.hq.chunk_puts)
    assert world.sync().finished
    again = [chunk for chunk in world.hq.chunk_puts[before:] if chunk in arrived]
    assert not again
    assert len(world.hq.chunk_puts) <= 60 + WINDOW_MAX
    assert world.everything_is_at_hq()


def test_answers_lost_after_chunks_arrived_repeat_at_most_the_window(world):
    world.laptop.add_file(photo(1, 60 * CHUNK_BYTES))
    lost = [0]

    def weather(now: str, path: str) -> None:
        if now == "back" and path.startswith("/chunk") and lost[0] < WINDOW_MAX:
            lost[0] += 1
            raise LinkProblem(LinkFault.CUT)

    world.sync(weather)
    assert len(world.hq.chunk_puts) <= 60 + WINDOW_MAX
    world.sync()
    assert world.everything_is_at_hq()


@pytest.mark.parametrize(
    "reply",
    [
        Reply(200, {"Content-Type": "text/html"}, b"<html>Please log in</html>"),
        Reply(200, {"Content-Type": "application/cose"}, b"<html>Please log in</html>"),
        Reply(200, {"Content-Type": "application/cose"}, b""),
        Reply(302, {"Location": "http://login.example"}, b""),
        Reply(511, {}, b""),
    ],
    ids=["html", "html posing", "empty 200", "redirect", "511"],
)
@pytest.mark.parametrize("place", ["/v1/hello", "/v1/log", "/v1/have", "/v1/down", "/v1/chunk"])
def test_a_login_page_is_never_success(world, reply, place):
    fill(world.laptop)
    world.hq.trouble[place] = reply
    summary = world.sync()
    assert not summary.finished
    assert summary.problem.code == "sync_captive_portal"
    assert set(world.laptop.held) == set()
    if place in ("/v1/hello", "/v1/log"):
        assert world.laptop.watermark_seq == 0
    world.hq.trouble.clear()
    assert world.sync().finished
    assert world.everything_is_at_hq()


def test_a_204_for_chunks_that_are_not_kept_is_no_acknowledgement(world):
    kept, lost = world.laptop.add_file(photo(1)), world.laptop.add_file(photo(2))
    world.hq.forget_chunks_of.add(lost)
    summary = world.sync()
    assert not summary.finished
    assert summary.problem.code == "sync_file_not_taken"
    assert world.laptop.held == {kept}
    assert len(world.hq.chunk_puts) <= 3 + 3 * 3
    world.hq.forget_chunks_of.clear()
    assert world.sync().finished
    assert world.everything_is_at_hq()


def test_an_unreadable_file_does_not_hold_up_the_others(world):
    broken = world.laptop.add_file(photo(1))
    whole = world.laptop.add_file(photo(2))
    world.laptop.unreadable.add(broken)
    world.laptop.record(b"event")
    summary = world.sync()
    assert not summary.finished
    assert summary.problem.code == "file_damaged"
    assert world.laptop.watermark_seq == 1
    assert world.laptop.held == {whole}


def test_one_file_that_headquarters_will_not_hear_of_does_not_hold_up_the_others(world):
    fill(world.laptop, photos=4)
    huge = world.laptop.add_file(bytes(101 * CHUNK_BYTES))
    summary = world.sync()
    assert summary.problem.code == "sync_file_not_taken"
    assert set(world.hq.files) == set(world.laptop.files) - {huge}
    assert len(world.laptop.held) == 4


def test_a_file_that_changed_its_length_is_not_sent(world):
    sha256 = world.laptop.add_file(photo(1))
    world.laptop.files[sha256] = b"short"
    summary = world.sync()
    assert summary.problem.code == "sync_file_unreadable"
    assert not world.hq.chunk_puts


def test_another_signer_is_not_headquarters(world):
    fill(world.laptop)
    world.hq.authority = stranger()
    summary = world.sync()
    assert summary.problem.code == "sync_not_headquarters"
    assert world.laptop.watermark_seq == 0
    assert not world.laptop.inbox


def test_an_old_answer_to_an_earlier_question_is_not_taken(world):
    fill(world.laptop, photos=0)
    world.hq.say("D3", TaskAssigned, case_no=None, text=Bilingual("补交材料", "add papers"))
    recorded: dict[str, bytes] = {}

    class Replaying(DirectCarrier):
        def ask(self, path: str, body: bytes) -> bytes:
            if path in recorded:
                return recorded[path]
            return recorded.setdefault(path, super().ask(path, body))

    assert world.sync(carrier=Replaying(world.hq, world.laptop)).finished is False
    world.laptop.record(b"newer")
    summary = world.sync(carrier=Replaying(world.hq, world.laptop))
    assert summary.problem.code == "sync_not_headquarters"
    assert world.laptop.watermark_seq < world.laptop.next_seq - 1


def test_a_cloned_disk_is_found_and_headquarters_sees_the_evidence(world):
    fill(world.laptop, photos=0)
    assert world.sync().finished
    clone = world.laptop.cloned()
    world.laptop.record(b"on the first disk")
    assert world.sync().finished
    clone.record(b"on the copy")
    summary = world.sync(laptop=clone)
    assert summary.problem.code == "sync_forked"
    assert not summary.problem.retryable
    assert clone.watermark_seq == 10
    assert world.at_hq.frozen
    assert not world.waits


def test_a_restored_disk_is_told_apart_from_a_cloned_one(world):
    fill(world.laptop, photos=0)
    older = world.laptop.cloned()
    world.laptop.record(b"after the backup")
    assert world.sync().finished
    summary = world.sync(laptop=older)
    assert summary.problem.code == "sync_restored"
    assert older.watermark_seq == 0


def test_a_revoked_device_hears_it_signed_and_sends_nothing_more(world):
    fill(world.laptop)
    world.at_hq.revoked = True
    world.hq.say("D3", TaskAssigned, case_no=None, text=Bilingual("停用", "stopped"))
    summary = world.sync()
    assert summary.problem.code == "sync_revoked"
    assert summary.statements_received == 1
    assert summary.events_sent == 0
    assert "/v1/log" not in {path for _, path in world.hq.requests}


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (401, "sync_refused"),
        (403, "sync_revoked"),
        (409, "sync_frozen"),
        (426, "sync_too_old"),
        (422, "sync_bad_request"),
    ],
)
def test_a_refusal_ends_the_cycle_at_once_and_changes_nothing(world, status, code):
    fill(world.laptop)
    world.hq.trouble["/v1/log"] = Reply(status, {}, b"")
    summary = world.sync()
    assert summary.problem.code == code
    assert not world.waits
    assert world.laptop.watermark_seq == 0


def test_busy_headquarters_is_left_alone_for_as_long_as_it_asks(world):
    world.hq.trouble["/v1/hello"] = Reply(503, {"Retry-After": "120"}, b"")
    assert world.sync().problem.code == "sync_busy"
    assert all(seconds >= 120 for seconds in world.waits)


def test_a_batch_that_is_too_large_is_cut_into_single_commits(world):
    for _ in range(3):
        world.laptop.record(b"x" * 1000)

    class Small(DirectCarrier):
        def ask(self, path: str, body: bytes) -> bytes:
            if path == "/log" and len(body) > 2500:
                raise LinkProblem(LinkFault.TOO_LARGE)
            return super().ask(path, body)

    assert world.sync(carrier=Small(world.hq, world.laptop)).finished
    assert world.everything_is_at_hq()


def test_a_full_disk_ends_the_cycle_with_its_own_words_and_acknowledges_nothing(world):
    fill(world.laptop)
    world.laptop.disk_full = True
    summary = world.sync()
    assert summary.problem.code == "store_full"
    assert world.laptop.watermark_seq == 0
    # What the next question would have been was decided in the belief that the receipt was kept.
    assert world.hq.requests[-1] == ("POST", "/v1/log")
    world.laptop.disk_full = False
    assert world.sync().finished
    assert world.everything_is_at_hq()


def test_a_bad_statement_in_the_feed_stops_the_feed_but_not_the_cases(world):
    world.hq.say("D3", TaskAssigned, case_no=None, text=Bilingual("一", "one"))
    world.at_hq.feed.append(b"not signed")
    world.hq.say("D3", TaskAssigned, case_no=None, text=Bilingual("三", "three"))
    fill(world.laptop)
    summary = world.sync()
    assert summary.problem.code == "sync_feed_damaged"
    assert world.laptop.inbox_count() == 1
    assert world.laptop.watermark_seq == 10
    assert len(world.hq.files) == 3


def test_headquarters_restored_from_a_backup_gets_the_log_again(world):
    fill(world.laptop, photos=0)
    assert world.sync().finished
    old = world.laptop.cloned()
    world.laptop.record(b"after HQ's backup")
    assert world.sync().finished
    # HQ falls back to the state before the last sync.
    last = world.laptop.commits[-1]
    device = world.at_hq
    del device.log[last.first_seq]
    device.watermark_seq, device.digest = old.next_seq - 1, old.head
    assert world.sync().finished
    assert device.watermark_seq == 11
    assert world.laptop.watermark_seq == 11


def test_a_feed_set_back_to_a_backup_is_read_again_and_applied_once(world):
    for number in range(4):
        world.hq.say("D3", TaskAssigned, case_no=f"C{number}", text=Bilingual("补", "add"))
    assert world.sync().statements_received == 4
    del world.at_hq.feed[2:]
    world.hq.now = later(5)
    world.hq.say("D3", TaskAssigned, case_no="C-new", text=Bilingual("新", "new"))
    assert world.sync().statements_received == 1


def test_money_only_leaves_the_photos(world):
    fill(world.laptop)
    summary = world.sync(money_only=True)
    assert summary.finished
    assert world.laptop.watermark_seq == 10
    assert summary.chunk_bytes == 0
    assert world.sync().finished
    assert world.everything_is_at_hq()


def test_money_only_asked_on_the_way_stops_the_photos(world):
    world.laptop.add_file(photo(1, 60 * CHUNK_BYTES))
    control = SyncControl()

    def weather(now: str, path: str) -> None:
        if path.startswith("/chunk") and now == "out":
            control.money_only()

    assert world.sync(weather, control=control).finished
    assert len(world.hq.chunk_puts) < 60


def test_cancel_stops_between_two_requests_and_the_next_sync_goes_on(world):
    world.laptop.add_file(photo(1, 60 * CHUNK_BYTES))
    control = SyncControl()

    def weather(now: str, path: str) -> None:
        if path.startswith("/chunk"):
            control.cancel()

    summary = world.sync(weather, control=control)
    assert summary.problem.code == "sync_cancelled"
    assert world.sync().finished
    assert world.everything_is_at_hq()


def test_pause_and_resume(world):
    fill(world.laptop)
    control = SyncControl()
    seen: list[Phase] = []

    def weather(now: str, path: str) -> None:
        if path == "/have" and now == "out" and Phase.PAUSED not in seen:
            control.pause()

    def progress(report: SyncProgress) -> None:
        if report.phase is Phase.PAUSED and Phase.PAUSED not in seen:
            assert not world.hq.chunk_puts
            control.resume()
        seen.append(report.phase)

    assert world.sync(weather, control=control, progress=progress).finished
    assert Phase.PAUSED in seen
    assert world.everything_is_at_hq()


class LeapingClock(StillClock):
    """Every look at it finds a minute gone."""

    def __init__(self) -> None:
        self._now = 0.0

    def monotonic_s(self) -> float:
        self._now += 60.0
        return self._now


def test_a_wait_ends_by_the_clock_when_nobody_replaces_it(world):
    fill(world.laptop)
    left = [2]

    def weather(now: str, path: str) -> None:
        if path == "/log" and left[0]:
            left[0] -= 1
            raise LinkProblem(LinkFault.TIMEOUT)

    assert world.sync(weather, wait=None, clock=LeapingClock()).finished
    assert world.everything_is_at_hq()


def test_a_wait_wakes_up_for_a_person(world):
    control = SyncControl()

    def weather(now: str, path: str) -> None:
        raise LinkProblem(LinkFault.NO_ROUTE)

    def progress(report: SyncProgress) -> None:
        if report.phase is Phase.WAITING:
            control.cancel()

    # The clock stands still: without the person this would wait for real.
    summary = world.sync(weather, wait=None, control=control, progress=progress)
    assert summary.problem.code == "sync_cancelled"


def test_an_error_that_is_no_fault_of_the_link_is_raised_and_not_swallowed(world):
    fill(world.laptop)

    class Broken(DirectCarrier):
        def send_chunk(self, *_: object) -> None:
            raise ZeroDivisionError("a bug")

    with pytest.raises(ZeroDivisionError):
        world.sync(carrier=Broken(world.hq, world.laptop))
    assert world.sync().finished


def test_progress_grows_to_the_whole_and_names_why_it_waits(world):
    fill(world.laptop)
    reports: list[SyncProgress] = []
    failed = []

    def weather(now: str, path: str) -> None:
        if path == "/have" and not failed:
            failed.append(path)
            raise LinkProblem(LinkFault.TIMEOUT)

    assert world.sync(weather, progress=reports.append).finished
    assert reports[-1].phase is Phase.FINISHED
    assert (reports[-1].events_done, reports[-1].events_total) == (10, 10)
    assert (reports[-1].file_bytes_done, reports[-1].file_bytes_total) == (450_000, 450_000)
    waiting = [report for report in reports if report.retry_in_s is not None]
    assert [(report.phase, report.fault) for report in waiting] == [(Phase.WAITING, LinkFault.TIMEOUT)]
    assert all(0 <= report.file_bytes_done <= report.file_bytes_total for report in reports)


def test_a_window_hears_what_is_asked_before_it_is_asked(world):
    fill(world.laptop)
    told: list[Phase] = []
    asked: list[tuple[str, Phase]] = []

    def weather(way: str, path: str) -> None:
        if way == "out" and "/chunk" not in path:
            asked.append((path, told[-1]))

    assert world.sync(weather, progress=lambda report: told.append(report.phase)).finished
    phases = {"/hello": Phase.GREETING, "/log": Phase.LOG, "/down": Phase.ANSWERS, "/have": Phase.FILES}
    assert asked
    assert all(phase is phases[path] for path, phase in asked)


class Cut(BaseException):
    """The process dies here."""


@pytest.mark.parametrize(
    "step", ["sync.log_answered", "sync.before_apply", "sync.statements_applied", "sync.chunk_started"]
)
@pytest.mark.parametrize("time", [1, 2])
def test_killed_at_any_durable_step_and_started_again_nothing_is_lost_or_doubled(world, step, time):
    fill(world.laptop)
    world.hq.say("D3", TaskAssigned, case_no=None, text=Bilingual("一", "one"))
    seen = [0]

    def probe(name: str) -> None:
        if name == step:
            seen[0] += 1
            if seen[0] == time:
                raise Cut

    try:
        world.sync(probe=probe)
    except Cut:
        pass
    else:
        assert seen[0] < time, "the probe was never reached twice"
    assert world.sync().finished
    assert world.everything_is_at_hq()
    assert sorted(world.at_hq.log) == [commit.first_seq for commit in world.laptop.commits]


def test_signed_time_is_reported_and_never_goes_back(world):
    world.hq.now = later(10)
    times: Callable[[str, str], None]

    def times(now: str, path: str) -> None:
        if path == "/down":
            world.hq.now = later(1)

    summary = world.sync(times)
    assert summary.finished
    assert summary.hq_time == later(10)


class Shelf:
    """A shelf of releases that remembers what it was asked to install."""

    def __init__(self, held: dict[str, int], refuse: str | None = None) -> None:
        self._held, self._refuse, self.installed = held, refuse, []

    def held(self):
        return self._held

    def install(self, kind: str, version: int) -> None:
        self.installed.append((kind, version))
        if kind == self._refuse:
            raise LinkProblem(LinkFault.RELEASE_REFUSED)


def test_newer_releases_are_fetched_the_pack_before_photos_the_extract_after(world):
    world.hq.publish("pack", 3, b"pack")
    world.hq.publish("extract", 2, b"extract")
    world.hq.publish("catastrophe", 1, b"old")
    world.laptop.add_file(photo(1))
    shelf = Shelf({"pack": 2, "catastrophe": 1})
    order: list[str] = []

    def probe(name: str) -> None:
        if name in ("sync.release_installed", "sync.chunk_started"):
            order.append(name)

    summary = world.sync(releases=shelf, probe=probe)
    assert summary.finished
    assert shelf.installed == [("pack", 3), ("extract", 2)]
    assert order[0] == "sync.release_installed"
    assert order[-1] == "sync.release_installed"
    assert summary.releases == {"pack": 3, "extract": 2, "catastrophe": 1}


def test_a_refused_release_is_named_at_the_end_and_holds_nothing_up(world):
    world.hq.publish("pack", 3, b"pack")
    fill(world.laptop)
    summary = world.sync(releases=Shelf({}, refuse="pack"))
    assert summary.problem.code == "sync_release_refused"
    assert world.everything_is_at_hq()


def test_a_promise_made_while_sixteen_chunks_hang_on_a_slow_line_leaves_before_the_next_chunk(world):
    laptop, hq = world.laptop, world.hq
    laptop.add_file(photo(1, 60 * CHUNK_BYTES))
    under_way: list[str] = []
    log_arrived = threading.Event()
    lock = threading.Lock()

    def weather(way: str, path: str) -> None:
        if way == "back" and path == "/log":
            log_arrived.set()
        if way == "out" and path.startswith("/chunk") and not log_arrived.is_set():
            with lock:
                under_way.append(path)
                full = len(under_way) == WINDOW_MAX
            if full:
                laptop.record(b"printed just now")
            # None of the sixteen gets through before the promise is safe.
            assert log_arrived.wait(60)

    assert world.sync(weather, start_window=WINDOW_MAX).finished
    paths = [path for _, path in hq.requests]
    assert len(under_way) == WINDOW_MAX
    assert not any(path.startswith("/v1/chunk") for path in paths[: paths.index("/v1/log")])
    assert world.everything_is_at_hq()


def test_a_paper_signed_while_photos_wait_goes_before_them(world):
    laptop = world.laptop
    laptop.add_file(photo(1, 60 * CHUNK_BYTES))
    papers: list[str] = []

    def weather(way: str, path: str) -> None:
        if way == "back" and path.startswith("/chunk") and not papers:
            papers.append(laptop.add_file(photo(2, 1000), priority=2))
            laptop.record(b"signed")

    assert world.sync(weather).finished
    order = [sha256 for sha256, _ in world.hq.chunk_puts]
    assert order.index(papers[0]) <= 2 * WINDOW_MAX
    assert world.everything_is_at_hq()


def test_a_byte_budget_stops_before_the_chunk_that_would_pass_it_and_tells_what_is_left(world):
    fill(world.laptop, photos=6)
    budget = 400_000
    first = world.sync(byte_budget=budget)
    assert first.finished
    assert first.problem is None
    assert first.budget_spent
    assert world.at_hq.watermark_seq == world.laptop.next_seq - 1, "the log went in any case"
    assert 0 < first.wire_bytes <= budget
    assert first.wire_bytes > budget - 2 * CHUNK_BYTES
    # A file that went in part counts whole until HQ is asked again.
    assert 900_000 <= first.chunk_bytes + first.bytes_left <= 900_000 + 150_000
    assert first.files_left >= 3
    rest = world.sync()
    assert rest.finished
    assert (rest.files_left, rest.bytes_left, rest.budget_spent) == (0, 0, False)
    assert first.chunk_bytes + rest.chunk_bytes == 900_000
    assert world.everything_is_at_hq()


def test_a_budget_smaller_than_the_log_still_sends_the_log_and_no_file(world):
    fill(world.laptop)
    summary = world.sync(byte_budget=1)
    assert summary.finished
    assert summary.events_sent == 10
    assert summary.chunk_bytes == 0
    assert (summary.files_left, summary.bytes_left) == (3, 450_000)


def test_a_budget_taken_away_on_the_way_sends_the_rest(world):
    fill(world.laptop, photos=4)
    control = SyncControl()
    control.byte_budget(250_000)
    lifted: list[SyncProgress] = []

    def progress(each: SyncProgress) -> None:
        if each.file_bytes_done >= 2 * CHUNK_BYTES and not lifted:
            lifted.append(each)
            control.byte_budget(None)

    assert world.sync(control=control, progress=progress).finished
    assert world.everything_is_at_hq()


def test_what_is_set_aside_is_named_and_the_rest_goes_on(world):
    fill(world.laptop)
    bad = next(iter(world.laptop.files))
    world.laptop.unreadable.add(bad)
    summary = world.sync()
    assert [(each.sha256, each.fault) for each in summary.set_aside] == [(bad, LinkFault.FILE_UNREADABLE)]
    assert summary.files_left == 1
    assert len(world.hq.files) == 2


def test_progress_is_told_by_kind_in_the_order_of_sending(world):
    laptop = world.laptop
    fill(laptop, photos=2)
    laptop.add_file(photo(8, 1000), priority=2)
    laptop.add_file(photo(9, 500), priority=3)
    seen: list[SyncProgress] = []
    assert world.sync(progress=seen.append).finished
    last = {each.kind.value: (each.items_done, each.items_total, each.bytes_done) for each in seen[-1].transfers}
    assert list(last) == ["log", "papers", "thumbnails", "photos"]
    assert last["log"][:2] == (10, 10)
    assert last["papers"] == (1, 1, 1000)
    assert last["thumbnails"] == (1, 1, 500)
    assert last["photos"] == (2, 2, 300_000)
    for before, after in pairwise(seen):
        assert [each.items_total for each in before.transfers[1:]] <= [each.items_total for each in after.transfers[1:]]


class PackingCarrier(DirectCarrier):
    """A carrier that can also send other packings, and notes what it sent."""

    def __init__(self, world: World, *, readable: bool = True) -> None:
        super().__init__(world.hq, world.laptop)
        self.readable = readable
        self.packed: list[bytes] = []

    def ask_packed(self, path: str, packed: bytes, media_type: str, plain: bytes) -> bytes:
        assert media_type == COMPACT_TYPE
        if not self.readable:
            return self.ask(path, plain)
        self.packed.append(packed)
        return self.ask(path, msgspec.json.encode(unpack_log(packed, dictionaries(), limit=1 << 20)))


@pytest.mark.parametrize(
    ("accepts", "packs"),
    [
        ((), False),
        ((COMPACT,), True),
        (accepted(), True),
        ((*accepted(), DICTIONARY + "log-999"), True),
        (("x",), False),
    ],
)
def test_the_log_goes_in_the_small_form_only_to_a_headquarters_that_named_it(world, accepts, packs):
    world.hq.accepts = accepts
    fill(world.laptop, photos=0)
    carrier = PackingCarrier(world)
    assert world.sync(carrier=carrier).finished
    assert bool(carrier.packed) is packs
    assert world.everything_is_at_hq()
