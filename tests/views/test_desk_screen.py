"""The desk: the queue by the clock that runs out first, nothing that moves by itself, and every row a way to its case."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from claims.errors import Bilingual, EnvironmentProblem
from claims.materials import ClaimType
from claims.overviews import CaseFilter, CaseStep, DayCount
from claims.time_limits import LIMITS, CaseClock, ClockState
from tests.desk.station import Station
from tests.views.busy_station import Busy, Watched, busy_station, cut_labels, open_for
from tests.views.stage import Stage, type_text
from views.clock_words import clock_words, left, length, limit_words, missing_words
from views.controls.chips import Tone
from views.controls.search_field import SearchField
from views.look.tokens import SCALES, Theme
from views.screens.desk import DeskScreen
from views.screens.desk_charts import hours_shown
from views.screens.desk_side import report_drafts
from views.workplace import Place

NOW = datetime(2026, 11, 22, 4, 0, tzinfo=UTC)
SOON = 0.3


@pytest.fixture
def busy(tmp_path: Path) -> Iterator[Busy]:
    made = busy_station(tmp_path / "home")
    yield made
    made.desk.close()


def screen_on(stage: Stage, busy: Busy, width: int = 1286, height: int = 712) -> DeskScreen:
    screen = DeskScreen(stage.workplace(busy.desk))
    stage.show(screen, width, height)
    return screen


def queue_of(screen: DeskScreen) -> list[str]:
    return [row.case.insured.name for row in screen.case_rows()]


def test_the_clock_that_runs_out_first_is_on_top_and_selected(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    assert queue_of(screen)[:3] == ["阮文清", "何素琴", "童小满"]
    assert len(queue_of(screen)) == len(busy.cases)
    chosen = screen.first_focus()
    assert chosen.hasFocus()
    QTest.keyClick(chosen, Qt.Key.Key_J)
    QTest.keyClick(chosen, Qt.Key.Key_Return)
    assert on_stage.way.taken == [("case", busy.cases["何素琴"], None)]


def test_a_row_says_itself_to_a_screen_reader(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    model = screen.first_focus().model()  # type: ignore[attr-defined] # the list
    said = [model.data(model.index(n, 0), Qt.ItemDataRole.AccessibleTextRole) for n in range(model.rowCount())]
    assert said[0] == f"阮文清，意外医疗，{busy.cases['阮文清']}，材料，超时 10 分，缺理赔申请书等 6 项，仅本机"
    assert any("6,488.24" in each and "凭证" in each and "待打印" in each for each in said)
    on_stage.ui.words.switch("en")
    assert model.data(model.index(0, 0), Qt.ItemDataRole.AccessibleTextRole).startswith("阮文清, Accident medical")


def test_the_day_is_told_in_figures(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    labels = [each.full_text for each in screen.findChildren(type(screen.title)) if each.isVisible()]
    for said in (
        "11 月 23 日 星期一·11:30",
        "7",
        "昨日 1",
        "6,488.24",
        "本机额度 15,000.00",
        "已用 43.2%",
        "剩 8,511.76",
    ):
        assert said in labels
    on_stage.ui.words.switch("en")
    on_stage.settle()
    labels = [each.full_text for each in screen.findChildren(type(screen.title)) if each.isVisible()]
    for said in ("Monday 23 November, 11:30", "1 yesterday", "allowance 15,000.00", "43.2 % used", "8,511.76 left"):
        assert said in labels
    assert cut_labels(screen) == []


def test_the_side_column_leads_to_what_must_be_done(on_stage: Stage, busy: Busy) -> None:
    voucher = busy.desk.unfinished_papers()[0]
    busy.desk.save_draft("report:7", msgspec.json.encode({"insured.name": "万俟清禾", "case.loss_place": "清溪"}))
    busy.desk.save_draft("facts:x", b"{}")
    busy.desk.save_draft("report:8", b"not json at all")
    busy.send_back("覃建国", voucher.number)
    screen = screen_on(on_stage, busy)
    side = screen.side
    assert side.finish.isVisible()
    assert [row.title for row in side.finish.rows.rows] == ["覃建国", "万俟清禾", Bilingual("未填姓名", "No name yet")]
    assert [row.title for row in side.clocks.rows.rows][:2] == ["阮文清", "何素琴"]
    assert [row.tone for row in side.clocks.rows.rows][:3] == [Tone.RED, Tone.AMBER, Tone.PLAIN]
    assert len(side.waiting.rows.rows) == 7
    assert [row.title for row in side.sent_back.rows.rows] == ["覃建国"]
    assert "账户户名与领款人不一致" in side.sent_back.rows.button(0).accessibleName()
    for panel, place in ((side.finish, 0), (side.finish, 1), (side.waiting, 0), (side.sent_back, 0)):
        QTest.mouseClick(panel.rows.button(place), Qt.MouseButton.LeftButton)
    side.clocks.rows.button(1).setFocus()
    QTest.keyClick(side.clocks.rows.button(1), Qt.Key.Key_Return)
    assert on_stage.way.taken == [
        ("case", busy.cases["覃建国"], CaseStep.VOUCHER),
        ("new", None, "report:7"),
        ("case", busy.cases["莫云霞"], CaseStep.PAPERS),
        ("case", busy.cases["覃建国"], None),
        ("case", busy.cases["何素琴"], None),
    ]


def test_what_is_written_elsewhere_shows_at_once_and_moves_nothing(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    before = queue_of(screen)
    view = screen.first_focus()
    QTest.keyClick(view, Qt.Key.Key_J)
    clock = busy.station.clock
    clock.wall += timedelta(minutes=1)

    def more() -> None:
        open_for(busy.desk, "覃二", ClaimType.HOSPITAL_CASH, channel="station")
        busy.desk.mark_printed(busy.desk.draw(busy.desk.unfinished_papers()[0].number).number, "printer")

    on_stage.tasks.run(more, owner=screen, writes=True)
    on_stage.settle()
    assert queue_of(screen) == [*before, "覃二"], "the new one comes last, the rest stays where it was"
    assert view.current_row().case.insured.name == "何素琴"  # type: ignore[attr-defined] # the list
    assert screen.side.finish.isHidden()
    assert [row.right.zh for row in screen.side.clocks.rows.rows][:2] == ["超 11 分", "11 分"]


def test_however_much_is_written_the_day_is_read_once_more(on_stage: Stage, busy: Busy) -> None:
    watched = Watched(busy.desk)
    screen = DeskScreen(on_stage.workplace(watched))  # type: ignore[arg-type] # stands for the desk it watches
    on_stage.show(screen)
    watched.calls.clear()
    for _ in range(20):
        on_stage.tasks.wrote.emit()
    on_stage.settle()
    assert watched.calls.count("today") == 2
    assert watched.calls.count("queue") == 2


def test_another_order_is_offered_and_only_made_when_asked_for(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    before = queue_of(screen)
    urgent = busy.station.clock.wall

    def more() -> None:
        busy.station.clock.wall = urgent - timedelta(minutes=55)
        open_for(busy.desk, "尤其急", ClaimType.HOSPITAL_CASH, channel="phone")
        busy.station.clock.wall = urgent

    on_stage.tasks.run(more, owner=screen, writes=True)
    on_stage.settle()
    assert queue_of(screen) == [*before, "尤其急"]
    assert screen.sort_button.isVisible()
    QTest.keyClick(screen.first_focus(), Qt.Key.Key_J)
    chosen = screen.first_focus().current_row()  # type: ignore[attr-defined] # the list
    QTest.keyClick(screen, "r")
    on_stage.settle()
    assert queue_of(screen)[:3] == ["阮文清", "尤其急", "何素琴"]
    assert screen.first_focus().current_row() == chosen, "the hand stays on its case"  # type: ignore[attr-defined] # the list
    assert screen.sort_button.isHidden()


def test_coming_back_keeps_the_case_that_was_selected(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    view = screen.first_focus()
    QTest.keyClick(view, Qt.Key.Key_J)
    QTest.keyClick(view, Qt.Key.Key_J)
    screen.opened()
    on_stage.settle()
    assert view.current_row().case.insured.name == "童小满"  # type: ignore[attr-defined] # the list


def test_what_is_typed_into_the_search_goes_on_in_people(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    QTest.keyClick(screen.first_focus(), "/")
    field = QApplication.focusWidget()
    assert isinstance(field, SearchField)
    type_text(field, "覃")
    assert on_stage.way.taken == [("search", "覃")]
    assert field.text() == "", "it went on there"
    type_text(field, "z")
    QTest.keyClick(field, Qt.Key.Key_Return)
    assert on_stage.way.taken[1:] == [("search", "z"), ("search", "")]
    QTest.keyClick(field, Qt.Key.Key_Escape)
    assert screen.first_focus().hasFocus()


def test_new_claim_by_key_and_by_hand(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    QTest.keyClick(screen.first_focus(), "n")
    QTest.mouseClick(screen.new_button, Qt.MouseButton.LeftButton)
    assert on_stage.way.taken == [("new", None, None), ("new", None, None)]


def test_an_empty_station_says_what_will_be_here(on_stage: Stage, tmp_path: Path) -> None:
    station = Station(tmp_path / "home")
    station.create()
    desk = station.open()
    screen = DeskScreen(on_stage.workplace(desk))
    on_stage.show(screen)
    assert "现在没有在办的案件" in screen.first_focus().accessibleDescription()
    for panel in (screen.side.clocks, screen.side.waiting, screen.side.sent_back):
        assert panel.rows.empty_words
    assert screen.side.finish.isHidden()
    QTest.keyClick(screen.first_focus(), "n")
    assert on_stage.way.taken == [("new", None, None)]
    desk.close()


def test_a_store_that_can_not_be_read_is_said_in_words(
    on_stage: Stage, busy: Busy, monkeypatch: pytest.MonkeyPatch
) -> None:
    problem = EnvironmentProblem(
        "store_unreadable", Bilingual("读不了资料库。", "The store can't be read."), Bilingual("请重试。", "Try again.")
    )

    def broken(**_: object) -> None:
        raise problem

    monkeypatch.setattr(busy.desk, "queue", broken)
    screen = screen_on(on_stage, busy)
    assert on_stage.problems.codes == ("store_unreadable",)
    assert screen.side.clocks.rows.rows, "the rest of the desk is there"


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", SCALES)
def test_nothing_is_cut_at_any_size_and_theme(on_stage: Stage, busy: Busy, language: str, scale: int) -> None:
    on_stage.ui.words.switch(language)  # type: ignore[arg-type] # one of the two
    screen = screen_on(on_stage, busy, 1366 - round(80 * scale / 100), 689 - round(56 * scale / 100))
    for theme in Theme:
        on_stage.look.use(theme=theme, scale_percent=scale)
        on_stage.settle()
        assert cut_labels(screen) == []
    page = screen.queue_panel.parentWidget()
    assert page is not None
    assert page.width() <= screen.width(), "nothing to scroll sideways"
    assert screen.queue_panel.height() >= round(4 * 48 * scale / 100), "four rows at least"


def test_tab_goes_in_reading_order(on_stage: Stage, busy: Busy) -> None:
    screen = screen_on(on_stage, busy)
    screen.search_field.setFocus()
    order: list[QWidget | None] = []
    for _ in range(6):
        QTest.keyClick(QApplication.focusWidget() or screen, Qt.Key.Key_Tab)
        order.append(QApplication.focusWidget())
    side = screen.side
    assert order[:2] == [screen.new_button, screen.first_focus()]
    assert order[2:4] == [side.finish.rows.button(0), side.clocks.rows.button(0)]


def test_the_main_thread_never_calls_the_desk(on_stage: Stage, busy: Busy) -> None:
    watched = Watched(busy.desk)
    screen = DeskScreen(on_stage.workplace(watched))  # type: ignore[arg-type] # stands for the desk it watches
    on_stage.show(screen)
    on_stage.tasks.run(lambda: None, owner=screen, writes=True)
    on_stage.settle()
    assert {"queue", "today", "drafts"} <= set(watched.threads)
    assert threading.get_ident() not in set().union(*watched.threads.values())


# Words


def clock_of(limit: str, started: datetime, due: datetime | None, state: ClockState = ClockState.RUNNING) -> CaseClock:
    found = next(each for each in LIMITS if each.id == limit)
    return CaseClock(limit=found, state=state, started_at=started, due_at=due, sentence=Bilingual("", ""))


@pytest.mark.parametrize(
    ("minutes", "zh", "en", "tone"),
    [
        (18, "剩 18 分", "18 min left", Tone.AMBER),
        (19, "剩 19 分", "19 min left", Tone.PLAIN),
        (0.5, "剩 不到 1 分", "under 1 min left", Tone.AMBER),
        (-6, "超时 6 分", "6 min over", Tone.RED),
    ],
)
def test_a_clock_is_amber_from_its_last_three_tenths_and_red_when_over(
    minutes: float, zh: str, en: str, tone: Tone
) -> None:
    due = NOW + timedelta(minutes=minutes)
    words = clock_words(clock_of("contact", due - timedelta(hours=1), due), NOW, SOON)
    assert (words.text.zh, words.text.en, words.tone) == (zh, en, tone)


def test_lengths_limits_and_missing_papers_in_words() -> None:
    assert [length(each * 60).zh for each in (59, 60, 47 * 60, 48 * 60)] == ["59 分", "1 小时", "47 小时", "2 天"]
    assert left(clock_of("assess", NOW, None, ClockState.PAUSED), NOW).en == "paused"
    assert [limit_words(each).zh for each in LIMITS[:4]] == [
        "首次联系 ≤ 1 小时",
        "材料齐全后 ≤ 1 日",
        "小额指引 ≤ 1 个工作日",
        "核定 ≤ 30 日（保险法第23条）",
    ]
    assert limit_words(LIMITS[3]).en == "Assess ≤ 30 days (art. 23)"
    two = (
        Bilingual("病历、出院小结或诊断证明", "medical record, discharge summary or diagnosis"),
        Bilingual("保险合同", "policy"),
    )
    assert missing_words(two) == Bilingual("缺病历等 2 项", "no medical record +1")
    assert missing_words(two[1:]).zh == "缺保险合同"
    assert missing_words(()).zh == ""


def test_the_hours_shown_hold_every_case_and_now() -> None:
    def shown(counts: dict[int, int], now: int) -> list[int]:
        return [each.hour for each in hours_shown(tuple(DayCount(h, counts.get(h, 0)) for h in range(24)), now)]

    assert shown({6: 2, 9: 1}, 9) == list(range(6, 14))
    assert shown({}, 9) == list(range(6, 14))
    assert shown({}, 0) == list(range(8))
    assert shown({1: 1}, 23) == list(range(1, 24))
    assert shown({23: 1}, 23) == list(range(16, 24))


def test_only_reports_are_unfinished_reports() -> None:
    found = report_drafts(
        [("report:1", b'{"insured.name": " \xe8\xa6\x83 "}'), ("facts:1", b"{}"), ("report:2", b"\xff")]
    )
    assert [(each.draft_id, each.name) for each in found] == [("report:1", "覃"), ("report:2", "")]


def test_more_waiting_than_shown_leads_to_the_cases(on_stage: Stage, busy: Busy) -> None:
    for number in range(5):
        open_for(busy.desk, f"再来{number}", ClaimType.HOSPITAL_CASH)
    screen = screen_on(on_stage, busy)
    last = len(screen.side.waiting.rows.rows) - 1
    QTest.mouseClick(screen.side.waiting.rows.button(last), Qt.MouseButton.LeftButton)
    assert on_stage.way.taken == [("place", Place.CASES)]
    assert busy.desk.count_cases()[CaseFilter.MISSING_PAPERS] == 12
