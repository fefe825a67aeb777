"""Cases: found as one types, behind chips with counts, each row a way to its case."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from claims.errors import Bilingual, EnvironmentProblem
from claims.materials import ClaimType
from claims.overviews import CaseFilter
from resources.sample_numbers import CLINIC
from tests.desk.station import Station
from tests.views.busy_station import Busy, Watched, busy_station, cut_labels, open_for
from tests.views.stage import Stage, type_text
from views.controls.columns import Columns, words_width
from views.look.tokens import SCALES, Theme
from views.screens.case_list import cases_columns, narrow_cases_columns, queue_columns
from views.screens.cases import CasesScreen


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Busy]:
    made = busy_station(tmp_path / "home")
    yield made
    made.desk.close()


def screen_on(stage: Stage, busy: Busy, width: int = 1286, height: int = 712) -> CasesScreen:
    screen = CasesScreen(stage.workplace(busy.desk))
    stage.show(screen, width, height)
    return screen


def names(screen: CasesScreen) -> list[str]:
    return [row.case.insured.name for row in screen.case_rows()]


def test_the_newest_case_is_on_top_and_the_chips_count(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    assert names(screen) == list(reversed(busy.cases))
    said = [screen.chips.button(only).text() for only in CaseFilter]
    assert said == ["全部 8", "在办 8", "缺材料 7", "待出单 1", "转总部 0", "仅本机 8", "总部退回 0", "已办结 0"]
    on_stage.ui.words.switch("en")
    on_stage.settle()
    assert screen.chips.button(CaseFilter.MISSING_PAPERS).text() == "Papers missing 7"
    assert cut_labels(screen) == []


def test_each_keystroke_searches_names_numbers_and_policies(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    QTest.keyClick(screen.first_focus(), "/")
    field = QApplication.focusWidget()
    assert field is screen.search_field
    type_text(field, "何")
    on_stage.settle()
    assert names(screen) == ["何素琴"]
    assert screen.chips.button(CaseFilter.ALL).text() == "全部 1"
    QTest.keyClick(field, Qt.Key.Key_Return)
    QTest.keyClick(field, Qt.Key.Key_Escape)
    type_text(field, CLINIC)
    on_stage.settle()
    assert names(screen) == ["覃建国"]
    QTest.keyClick(field, Qt.Key.Key_Escape)
    type_text(field, busy.cases["江一帆"])
    on_stage.settle()
    assert names(screen) == ["江一帆"]
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert on_stage.way.taken == [("case", busy.cases["何素琴"], None), ("case", busy.cases["江一帆"], None)]


def test_enter_opens_nothing_while_the_rows_belong_to_another_text(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    type_text(screen.search_field, "江")
    QTest.keyClick(screen.search_field, Qt.Key.Key_Return)
    assert on_stage.way.taken == []
    on_stage.settle()
    QTest.keyClick(screen.search_field, Qt.Key.Key_Return)
    assert on_stage.way.taken == [("case", busy.cases["江一帆"], None)]


def test_a_chip_shows_its_kind_and_says_when_there_is_none(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    QTest.mouseClick(screen.chips.button(CaseFilter.TO_PRINT), Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert names(screen) == ["覃建国"]
    screen.chips.button(CaseFilter.TO_PRINT).setFocus()
    for key in (Qt.Key.Key_Right, Qt.Key.Key_Return):
        QTest.keyClick(QApplication.focusWidget() or screen, key)
    on_stage.settle()
    assert screen.chips.value is CaseFilter.REFERRED
    assert screen.empty_note.isVisible()
    assert "转总部" in screen.empty_note.words
    screen.show_only(CaseFilter.DISK_ONLY)
    on_stage.settle()
    assert len(names(screen)) == 8
    assert screen.empty_note.isHidden()


def test_nothing_found_and_nothing_yet_are_said_in_words(on_stage: Stage, busy: Busy, tmp_path: Path) -> None:
    screen = screen_on(on_stage, busy)
    type_text(screen.search_field, "没有此人")
    on_stage.settle()
    assert "没有找到“没有此人”的案件" in screen.empty_note.words
    assert screen.list.accessibleDescription() == screen.empty_note.words
    on_stage.ui.words.switch("en")
    assert "No case found for “没有此人”" in screen.empty_note.words
    on_stage.ui.words.switch("zh")
    station = Station(tmp_path / "new")
    station.create()
    desk = station.open()
    fresh = CasesScreen(on_stage.workplace(desk))
    on_stage.show(fresh)
    assert "按 N 新建理赔" in fresh.empty_note.words
    QTest.keyClick(fresh.first_focus(), "n")
    assert on_stage.way.taken == [("new", None, None)]
    desk.close()


def test_a_new_case_comes_in_without_moving_a_row_and_its_count_is_said(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    before = names(screen)
    QTest.keyClick(screen.list, Qt.Key.Key_J)
    busy.station.clock.wall += timedelta(minutes=1)
    on_stage.tasks.run(lambda: open_for(busy.desk, "后来", ClaimType.HOSPITAL_CASH), owner=screen, writes=True)
    on_stage.settle()
    assert names(screen) == [*before, "后来"]
    assert screen.chips.button(CaseFilter.ALL).text() == "全部 9"
    screen.opened()
    on_stage.settle()
    assert names(screen)[0] == "后来"
    assert screen.list.current_row().case.insured.name == before[1]  # type: ignore[attr-defined] # a case row


def test_a_store_that_can_not_be_read_is_said_where_the_rows_would_be(
    on_stage: Stage, busy: Busy, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = EnvironmentProblem(
        "store_unreadable", Bilingual("读不了资料库。", "The store can't be read."), Bilingual("请重试。", "Try again.")
    )
    screen = screen_on(on_stage, busy)

    def broken(*_: object, **__: object) -> None:
        raise problem

    monkeypatch.setattr(busy.desk, "case_rows", broken)
    type_text(screen.search_field, "何")
    on_stage.settle()
    assert names(screen) == [], "rows of another search are not left standing"
    assert "读不了资料库" in screen.empty_note.words
    assert on_stage.problems.codes == ("store_unreadable",)


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", SCALES)
def test_nothing_is_cut_at_any_size_and_theme(on_stage: Stage, busy: Busy, language: str, scale: int) -> None:
    on_stage.ui.words.switch(language)  # type: ignore[arg-type] # one of the two
    screen = screen_on(on_stage, busy, 1366 - round(80 * scale / 100), 689 - round(56 * scale / 100))
    for theme in Theme:
        on_stage.look.use(theme=theme, scale_percent=scale)
        on_stage.settle()
        assert cut_labels(screen) == []
    right = max(screen.chips.button(only).geometry().right() for only in CaseFilter)
    assert right <= screen.chips.width()
    assert screen.minimumSizeHint().width() <= screen.width()


@pytest.mark.parametrize("columns", [queue_columns, cases_columns, narrow_cases_columns])
@pytest.mark.parametrize("language", ["zh", "en"])
def test_columns_fill_the_row_and_do_not_overlap(on_stage: Stage, columns: object, language: str) -> None:
    on_stage.ui.words.switch(language)  # type: ignore[arg-type] # one of the two
    made: Columns = columns(on_stage.ui)  # type: ignore[operator] # one of the three
    for scale, width in ((100, 820), (100, 1236), (125, 1180), (150, 1150)):
        if columns is cases_columns and width * 100 / scale < 1200:
            continue
        on_stage.look.use(scale_percent=scale)
        spans = list(made.spans(width).values())
        assert all(x + w == after for (x, w), (after, _) in pairwise(spans))
        assert spans[-1][0] + spans[-1][1] <= width - on_stage.look.space("panel") + 1
        money = made.spans(width)["money"]
        assert money[1] >= words_width(on_stage.ui, ["9,999,999.00"])


def test_tab_goes_in_reading_order_and_every_control_has_a_name(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    screen.search_field.setFocus()
    order: list[QWidget | None] = []
    for _ in range(3):
        QTest.keyClick(QApplication.focusWidget() or screen, Qt.Key.Key_Tab)
        order.append(QApplication.focusWidget())
    assert order == [screen.new_button, screen.chips.button(CaseFilter.ALL), screen.list]
    assert all(each is not None and each.accessibleName() for each in order)


def test_the_main_thread_never_calls_the_desk(on_stage: Stage, busy: Busy) -> None:
    watched = Watched(busy.desk)
    screen = CasesScreen(on_stage.workplace(watched))  # type: ignore[arg-type] # stands for the desk it watches
    on_stage.show(screen)
    type_text(screen.search_field, "何")
    on_stage.settle()
    assert {"case_rows", "count_cases", "time"} <= set(watched.threads)
    assert threading.get_ident() not in set().union(*watched.threads.values())
