"""The lanes: in order within one, side by side across them, errors handed back, and a clean end."""

from __future__ import annotations

import threading
from concurrent.futures import CancelledError

import pytest

from app.workers import LaneWorkers
from claims.errors import BugError
from views.lanes import Lane


@pytest.fixture
def workers():
    made = LaneWorkers()
    yield made
    made.close()


def test_jobs_of_a_lane_run_one_after_another_in_order_on_one_named_thread(workers):
    seen: list[tuple[int, str]] = []
    running = threading.Semaphore(1)

    def job(number: int) -> int:
        assert running.acquire(blocking=False), "two jobs of a lane at once"
        seen.append((number, threading.current_thread().name))
        running.release()
        return number

    futures = [workers.submit(Lane.STORE, lambda number=number: job(number)) for number in range(200)]
    assert [each.result(10) for each in futures] == list(range(200))
    assert [number for number, _ in seen] == list(range(200))
    assert len({name for _, name in seen}) == 1
    assert "store" in seen[0][1]


def test_lanes_run_side_by_side(workers):
    meeting = threading.Barrier(len(Lane), timeout=10)
    futures = [workers.submit(lane, meeting.wait) for lane in Lane]
    assert sorted(each.result(10) for each in futures) == list(range(len(Lane)))


def test_an_error_comes_back_in_its_future_and_the_lane_goes_on(workers):
    def broken() -> None:
        raise ZeroDivisionError("three apples among nobody")

    failed = workers.submit(Lane.SEARCH, broken)
    after = workers.submit(Lane.SEARCH, lambda: "still here")
    with pytest.raises(ZeroDivisionError, match="apples"):
        failed.result(10)
    assert after.result(10) == "still here"


def test_closing_lets_the_running_job_end_finishes_the_store_and_refuses_new_ones():
    workers = LaneWorkers()
    begun, go_on = threading.Event(), threading.Event()

    def long() -> str:
        begun.set()
        assert go_on.wait(10)
        return "finished"

    running = workers.submit(Lane.SYNC, long)
    waiting = workers.submit(Lane.SYNC, lambda: "never begun")
    blocked = workers.submit(Lane.STORE, lambda: go_on.wait(10))
    kept = workers.submit(Lane.STORE, lambda: "kept")
    assert begun.wait(10)
    closing = threading.Thread(target=workers.close)
    closing.start()
    with pytest.raises(CancelledError):
        waiting.result(10)
    go_on.set()
    closing.join(10)
    assert not closing.is_alive()
    assert running.result(0) == "finished"
    assert blocked.result(0)
    assert kept.result(0) == "kept"
    for lane in Lane:
        with pytest.raises(BugError) as refused:
            workers.submit(lane, lambda: None)
        assert refused.value.code == "workers_closed"
        assert "关闭" in refused.value.sentence("zh")
    assert not [each for each in threading.enumerate() if each.name.startswith("outpost-")]
    workers.close()
