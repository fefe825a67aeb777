"""Background jobs come back on the main thread, in order, or not at all."""

from __future__ import annotations

import threading

import pytest
from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual, EnvironmentProblem, OutpostError
from tests.views.stage import Stage
from views.lanes import Lane

FULL = EnvironmentProblem(
    "disk_full", Bilingual("磁盘满了。", "The disk is full."), Bilingual("请清理。", "Make room.")
)


def fail() -> None:
    raise FULL


def test_a_job_runs_elsewhere_and_its_result_comes_back_here(on_stage: Stage) -> None:
    here = threading.get_ident()
    ran: list[int] = []
    came: list[tuple[int, int]] = []
    on_stage.tasks.run(
        lambda: ran.append(threading.get_ident()) or 10**15,
        lambda fen: came.append((fen, threading.get_ident())),
        owner=on_stage.tasks,
    )
    on_stage.settle()
    assert ran != [here]
    assert came == [(10**15, here)], "money keeps all its digits across the signal"


def test_jobs_of_a_lane_come_back_in_order_and_a_slow_lane_holds_no_other_up(on_stage: Stage) -> None:
    gate = threading.Event()
    came: list[str] = []
    on_stage.tasks.run(lambda: gate.wait(10), lambda _: came.append("sync"), owner=on_stage.tasks, lane=Lane.SYNC)
    for name in ("a", "b", "c"):
        on_stage.tasks.run(lambda: None, lambda _, name=name: came.append(name), owner=on_stage.tasks)
    on_stage.tasks.run(gate.set, owner=on_stage.tasks)
    on_stage.settle()
    assert came[:3] == ["a", "b", "c"]
    assert came[3] == "sync"


def test_a_cancelled_job_is_not_delivered(on_stage: Stage) -> None:
    came: list[object] = []
    task = on_stage.tasks.run(lambda: 1, came.append, owner=on_stage.tasks)
    task.cancel()
    on_stage.settle()
    assert came == []
    assert task.over


def test_a_widget_that_is_gone_gets_nothing(on_stage: Stage) -> None:
    gate = threading.Event()
    came: list[object] = []
    widget = QWidget()
    on_stage.tasks.run(lambda: gate.wait(10), came.append, owner=widget)
    widget.deleteLater()
    on_stage.app.sendPostedEvents(widget, QEvent.Type.DeferredDelete.value)
    gate.set()
    on_stage.settle()
    assert came == []


def test_an_error_goes_to_who_asked_or_else_to_the_one_presenter(on_stage: Stage) -> None:
    told: list[OutpostError] = []
    on_stage.tasks.run(fail, owner=on_stage.tasks, failed=told.append)
    on_stage.settle()
    assert told == [FULL]
    assert on_stage.problems.codes == ()
    on_stage.tasks.run(fail, owner=on_stage.tasks)
    on_stage.settle()
    assert on_stage.problems.codes == ("disk_full",)
    assert "磁盘满了" in on_stage.problems.sentences[0]


def test_an_unexpected_error_is_shown_and_logged_not_hidden(on_stage: Stage, caplog: pytest.LogCaptureFixture) -> None:
    on_stage.tasks.run(lambda: {}["missing"], owner=on_stage.tasks)  # type: ignore[misc]
    on_stage.settle()
    assert on_stage.problems.codes == ("unexpected",)
    assert "KeyError" in on_stage.problems.sentences[0]
    assert "missing" in caplog.text


def test_only_jobs_that_write_and_succeed_make_the_frame_count_anew(on_stage: Stage) -> None:
    counted: list[int] = []
    on_stage.tasks.wrote.connect(lambda: counted.append(1))
    on_stage.tasks.run(lambda: None, owner=on_stage.tasks)
    on_stage.tasks.run(fail, owner=on_stage.tasks, writes=True)
    on_stage.settle()
    assert counted == []
    on_stage.tasks.run(lambda: None, owner=on_stage.tasks, writes=True)
    on_stage.settle()
    assert counted == [1]


def test_idle_is_told_once_when_the_last_job_is_back(on_stage: Stage) -> None:
    told: list[int] = []
    on_stage.tasks.idle.connect(lambda: told.append(on_stage.tasks.under_way))
    owner = QObject()
    for _ in range(5):
        on_stage.tasks.run(lambda: None, owner=owner)
    on_stage.settle()
    assert told[-1] == 0
    assert set(told) == {0}


def test_progress_told_by_a_job_arrives_on_the_main_thread(on_stage: Stage) -> None:
    here = threading.get_ident()
    heard: list[int] = []
    on_stage.tasks.run(lambda: on_stage.tasks.post(lambda: heard.append(threading.get_ident())), owner=on_stage.tasks)
    on_stage.settle()
    assert heard == [here]
