"""Widgets in a forgotten cycle are destroyed between two turns of the event loop, whatever the lanes allocate."""

from __future__ import annotations

import gc
import threading
import time
from collections.abc import Callable
from concurrent.futures import Future
from functools import partial
from typing import TypeVar

from PySide6.QtCore import QCoreApplication, QObject, Qt
from PySide6.QtWidgets import QWidget

from tests.views.stage import SETTLE_S, Stage
from views.collector import Collector
from views.lanes import Lane
from views.tasks import Tasks

T = TypeVar("T")


def forgotten_widget(destroyed_on: list[int]) -> None:
    """Make a widget that only its own cycle still holds."""
    widget = QWidget()
    widget.itself = widget  # type: ignore[attr-defined]  # the cycle
    widget.destroyed.connect(lambda: destroyed_on.append(threading.get_ident()), Qt.ConnectionType.DirectConnection)


def test_a_lane_that_allocates_much_destroys_no_widget(on_stage: Stage) -> None:
    gc.collect()
    destroyed_on: list[int] = []
    forgotten_widget(destroyed_on)
    # No turn of the event loop, in which the collector itself might run.
    lane = threading.Thread(target=lambda: [[each] for each in range(200_000)])
    lane.start()
    lane.join()
    assert destroyed_on == [], "nothing was collected in the lane"
    gc.collect()
    assert destroyed_on == [threading.get_ident()]


def test_without_it_a_widget_would_go_in_the_middle_of_whatever_the_main_thread_does(on_stage: Stage) -> None:
    gc.collect()
    destroyed_on: list[int] = []
    forgotten_widget(destroyed_on)
    lane = threading.Thread(target=gc.collect)
    lane.start()
    lane.join()
    for _ in range(10_000):  # no event loop turns here: this might be Qt laying out a form, asking Python for a height
        if destroyed_on:
            break
    assert destroyed_on != [], "the danger is real"


class SlowToLetGo:
    """A lane that still holds a job and its future when the main thread has long delivered the result."""

    def __init__(self) -> None:
        self.delivered = threading.Event()
        self.lanes: list[threading.Thread] = []

    def submit(self, _lane: Lane, job: Callable[[], T]) -> Future[T]:
        future: Future[T] = Future()
        held: list[object] = [job, future]

        def run() -> None:
            future.set_result(job())
            self.delivered.wait()
            held.clear()

        self.lanes.append(threading.Thread(target=run))
        self.lanes[-1].start()
        return future

    def close(self) -> None:
        self.delivered.set()
        for lane in self.lanes:
            lane.join()
        self.lanes.clear()


def test_no_lane_is_the_last_to_let_go_of_what_asked_for_a_job(on_stage: Stage) -> None:
    destroyed_on: list[int] = []
    lanes = SlowToLetGo()
    tasks = Tasks(lanes, on_stage.problems.show_error)

    def ask() -> None:
        asking = QObject()
        asking.destroyed.connect(lambda: destroyed_on.append(threading.get_ident()), Qt.ConnectionType.DirectConnection)
        # The job and its return are all that hold it.
        tasks.run(partial(id, asking), lambda _: None, owner=asking)

    ask()
    deadline = time.monotonic() + SETTLE_S
    while tasks.under_way:
        QCoreApplication.processEvents()
        assert time.monotonic() < deadline
    lanes.close()
    assert destroyed_on == [], "the lane did not destroy it"
    collector = tasks.findChild(Collector)
    for _ in range(2):
        collector.collect()
    assert destroyed_on == [threading.get_ident()]
