"""What outlives a restart: the back-off, the window, and what a person must see to."""

from __future__ import annotations

from datetime import timedelta

import msgspec
from hypothesis import given
from hypothesis import strategies as st

from claims.link_records import LinkRecord
from sync.link_memory import FIRST_WAIT_S, MOST_WAIT_S, after_cycle, due_in_s, start_window
from sync.problems import LinkProblem
from sync.summary import SyncSummary
from sync.wire.faults import LinkFault
from sync.wire.pace import WINDOW_MAX, WINDOW_MIN, WINDOW_START
from sync.wire.state import SetAside
from tests.sync.authority import NOON


def failed(fault: LinkFault = LinkFault.NO_ROUTE) -> SyncSummary:
    return SyncSummary(problem=LinkProblem(fault), fault=fault, window=6)


def test_waits_grow_survive_being_written_down_and_end_with_success():
    record, waits = LinkRecord(), []
    for _ in range(12):
        record = msgspec.json.decode(msgspec.json.encode(after_cycle(record, failed(), NOON, "seed")), type=LinkRecord)
        waits.append(due_in_s(record, NOON))
    assert FIRST_WAIT_S / 2 <= waits[0] <= FIRST_WAIT_S
    assert waits[4] > waits[0]
    assert MOST_WAIT_S / 2 <= waits[-1] <= MOST_WAIT_S
    assert record.failures == 12
    good = after_cycle(record, SyncSummary(finished=True, window=12), NOON, "seed")
    assert (good.failures, due_in_s(good, NOON), start_window(good)) == (0, 0.0, 12)


def test_laptops_of_a_station_do_not_return_together():
    assert len({after_cycle(LinkRecord(), failed(), NOON, f"laptop {n}").wait_s for n in range(9)}) == 9


@given(st.integers(-10_000_000, 10_000_000), st.integers(0, 40))
def test_a_clock_that_was_set_never_lengthens_the_wait(seconds, failures):
    record = after_cycle(LinkRecord(failures=failures), failed(), NOON, "seed")
    left = due_in_s(record, NOON + timedelta(seconds=seconds))
    assert 0.0 <= left <= record.wait_s <= MOST_WAIT_S
    assert seconds < record.wait_s or left == 0.0


def test_what_a_person_stopped_or_one_bad_file_says_nothing_against_the_line():
    for fault in (LinkFault.CANCELLED, LinkFault.FILE_UNREADABLE):
        assert after_cycle(LinkRecord(), failed(fault), NOON, "s").failures == 0


def test_files_left_aside_become_words_for_a_person():
    summary = SyncSummary(set_aside=(SetAside("ab" * 32, LinkFault.FILE_UNREADABLE),), finished=True)
    (file,) = after_cycle(LinkRecord(), summary, NOON, "s").set_aside
    assert file.sha256 == "ab" * 32
    assert "重新拍摄" in file.text.zh
    assert "again" in file.text.en


@given(st.integers(-5, 1000))
def test_a_remembered_window_is_never_out_of_bounds(window):
    assert WINDOW_MIN <= start_window(LinkRecord(window=window)) <= WINDOW_MAX or window == 0
    assert start_window(LinkRecord()) == WINDOW_START
