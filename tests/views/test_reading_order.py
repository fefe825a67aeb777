"""The Tab key goes where the eye goes, and the keyboard comes back to the work when a message goes."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from claims.errors import Bilingual, InputError
from tests.desk.station import Station
from tests.views.stage import Stage
from views.controls.buttons import ActionButton
from views.controls.reading_order import read_in_order
from views.frame.window import Frame


def chain(root: QWidget, wanted: list[QWidget]) -> list[QWidget]:
    """Return these widgets in the order in which Tab reaches them from the first."""
    found, now = [], wanted[0]
    while len(found) < len(wanted):
        if now in wanted:
            found.append(now)
        now = now.nextInFocusChain()
    return found


def test_what_is_made_last_and_stands_first_is_reached_first(on_stage: Stage) -> None:
    root, inside, area = QWidget(), QWidget(), QScrollArea()
    low, high, deep, last = QLineEdit(), QLineEdit(), QLineEdit(), QLineEdit()
    column = QVBoxLayout(root)
    column.addWidget(low)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    QVBoxLayout(inside).addWidget(deep)
    area.setWidget(inside)
    row = QHBoxLayout()
    row.addWidget(area)
    column.addLayout(row)
    column.insertWidget(0, high)
    column.addWidget(last)
    wanted: list[QWidget] = [high, low, deep, last]
    assert chain(root, wanted) != wanted, "without help the order is that of making"
    read_in_order(root)
    assert chain(root, wanted) == wanted
    on_stage.show(root)


def test_the_keyboard_comes_back_to_the_work(on_stage: Stage, tmp_path: Path) -> None:
    station = Station(tmp_path / "home")
    station.create()
    desk = station.open()
    frame = Frame(on_stage.ui, desk, on_stage.tasks, on_stage.preferences, lock=lambda: None)
    on_stage.show(frame, 1366, 768)
    frame.begin()
    on_stage.settle()
    said = Bilingual("文件太大。", "The file is too large.")
    frame.problems.show_error(InputError("file_huge", said, said))
    on_stage.settle()
    (close,) = frame.problems.findChildren(ActionButton)
    close.setFocus()
    QTest.keyClick(close, Qt.Key.Key_Return)
    on_stage.settle()
    now = frame.current()
    assert now is not None
    assert now.first_focus().hasFocus()
    frame.leave()
    on_stage.settle()
    desk.close()
