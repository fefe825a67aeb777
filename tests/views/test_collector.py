"""Widgets in a forgotten cycle are destroyed between two turns of the event loop, whatever the lanes allocate."""

from __future__ import annotations

import gc
import threading

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QWidget

from tests.views.stage import Stage


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
