"""The frame around the screens: places, keys, the truth in the top bar, standing messages, and leaving without losing anything."""

from __future__ import annotations

import itertools
from datetime import timedelta
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from claims.desk import Desk
from claims.errors import Bilingual, EnvironmentProblem
from claims.statements import DeviceRevoked, SettlementAnswered, TaskAssigned
from tests.desk.conftest import desk, station  # noqa: F401 - fixtures
from tests.desk.station import Station, new_case, ready_case
from tests.views.line import LinePractice, line_to, until
from tests.views.stage import Stage
from views.controls.chips import Tone
from views.frame.notices import notices_of
from views.frame.top_cells import MOST_FOLDED
from views.frame.window import Frame
from views.link import LinkState
from views.look.tokens import Theme
from views.screens.sync import SyncScreen
from views.workplace import Place


class Door:
    """Counts how often the frame asked to be locked, as the window does: the frame keeps what is unsaved first."""

    def __init__(self) -> None:
        self.frame: Frame | None = None
        self.locked = 0

    def __call__(self) -> None:
        assert self.frame is not None
        if self.frame.leave():
            self.locked += 1


def frame_on(
    stage: Stage,
    desk: Desk,  # noqa: F811 - the fixture's name
    width: int = 1366,
    height: int = 768,
    practice: LinePractice | None = None,
) -> Frame:
    door = Door()
    frame = Frame(stage.ui, desk, stage.tasks, stage.preferences, practice=practice, lock=door, problems=stage.problems)
    door.frame = frame
    frame.door = door  # type: ignore[attr-defined]
    stage.show(frame, width, height)
    frame.begin()
    stage.settle()
    return frame


def press(frame: Frame, key: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    frame.activateWindow()
    QTest.keyClick(frame.focusWidget() or frame, key, modifier)


@pytest.fixture
def frame(on_stage: Stage, desk: Desk) -> Frame:  # noqa: F811 - a fixture
    return frame_on(on_stage, desk)


# Places


def test_it_opens_on_the_desk_with_the_counts_of_the_disk(on_stage: Stage, frame: Frame) -> None:
    assert frame.current() is frame.screen_of(Place.DESK)
    assert frame.rail.items[Place.DESK].isChecked()
    assert frame.top.safety.accessibleName() == "仅本机 0 已托管 0 总部回执 0 若此刻电脑损坏…"
    assert frame.top.station.accessibleName() == "清溪一中安置点服务站 林晓禾・理赔员 0417"
    assert frame.top.ages.accessibleName().startswith("规则 6 天")


def test_screens_are_made_at_the_first_visit_and_kept(on_stage: Stage, frame: Frame) -> None:
    assert set(frame._screens) == {Place.DESK}
    press(frame, Qt.Key.Key_7, Qt.KeyboardModifier.AltModifier)
    on_stage.settle()
    setup = frame.current()
    assert set(frame._screens) == {Place.DESK, Place.SETUP}
    QTest.mouseClick(frame.rail.items[Place.DESK], Qt.MouseButton.LeftButton)
    QTest.mouseClick(frame.rail.items[Place.SETUP], Qt.MouseButton.LeftButton)
    assert frame.current() is setup


@pytest.mark.parametrize(("number", "place"), list(enumerate(Place, 1)))
def test_every_place_has_a_number(on_stage: Stage, frame: Frame, number: int, place: Place) -> None:
    press(frame, Qt.Key(int(Qt.Key.Key_0) + number), Qt.KeyboardModifier.AltModifier)
    on_stage.settle()
    assert frame.current() is frame.screen_of(place)
    assert [each for each in Place if frame.rail.items[each].isChecked()] == [place]


def test_the_rail_is_walked_and_pressed_by_keyboard(on_stage: Stage, frame: Frame) -> None:
    first = frame.rail.items[Place.DESK]
    first.setFocus()
    for _ in range(len(Place) - 1):
        QTest.keyClick(frame.focusWidget(), Qt.Key.Key_Down)
    assert frame.focusWidget() is frame.rail.items[Place.SETUP]
    QTest.keyClick(frame.focusWidget(), Qt.Key.Key_Return)
    on_stage.settle()
    assert frame.current() is frame.screen_of(Place.SETUP)


def test_a_screen_that_holds_the_person_is_not_left(
    on_stage: Stage, frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(frame.screen_of(Place.DESK)), "leave", lambda _self: False)
    frame.show_place(Place.SETUP)
    assert frame.current() is frame.screen_of(Place.DESK)
    assert frame.rail.items[Place.DESK].isChecked()
    assert not frame.leave()


def test_slash_searches_and_n_starts_a_claim_where_no_field_takes_them(on_stage: Stage, frame: Frame) -> None:
    frame.show_place(Place.SETUP)
    on_stage.settle()
    press(frame, Qt.Key.Key_Slash)
    on_stage.settle()
    assert frame.current() is frame.screen_of(Place.PEOPLE)
    frame.show_place(Place.SETUP)
    on_stage.settle()
    press(frame, Qt.Key.Key_N)
    on_stage.settle()
    assert frame.current() is frame.case_page()
    assert frame.rail.items[Place.CASES].isChecked()


def test_a_search_goes_on_in_people(on_stage: Stage, frame: Frame) -> None:
    frame.search("覃建国")
    on_stage.settle()
    assert frame.current() is frame.screen_of(Place.PEOPLE)


def test_a_case_is_opened_from_the_queue(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    case_no = ready_case(desk)
    frame = frame_on(on_stage, desk)
    press(frame, Qt.Key.Key_Return)
    on_stage.settle()
    page = frame.case_page()
    assert frame.current() is page
    assert page.case_no == case_no


# The top bar


def test_a_write_is_counted_at_once(on_stage: Stage, desk: Desk, frame: Frame) -> None:  # noqa: F811 - a fixture
    on_stage.tasks.run(lambda: desk.open_case(new_case()), owner=frame, writes=True)
    on_stage.settle()
    counted = desk.safety().disk
    assert counted > 0
    assert f"仅本机 {counted} " in frame.top.safety.accessibleName()


def test_a_hundred_writes_ask_the_disk_a_few_times(
    on_stage: Stage, frame: Frame, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked: list[int] = []
    standing = frame.desk.standing
    monkeypatch.setattr(frame.desk, "standing", lambda: (asked.append(1), standing())[1])
    for _ in range(100):
        on_stage.tasks.wrote.emit()
    on_stage.settle()
    assert 1 <= len(asked) <= 4


def test_the_line_is_told_from_the_last_try(on_stage: Stage, frame: Frame) -> None:
    link, cell = frame.work.link, frame.top.link_cell
    assert cell.accessibleName().startswith("尚未连接 上次总部")
    assert frame.standing is not None
    now = frame.standing.at.at
    link.heard(now - timedelta(minutes=1))
    link.failed(now)
    assert cell.accessibleName().startswith("断网 1 分钟 上次总部")
    link.answered(now)
    assert cell.accessibleName().startswith("已联网 上次总部 12:00")
    link.no_address()
    assert cell.accessibleName().startswith("未设总部地址")
    QTest.mouseClick(cell, Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert frame.current() is frame.screen_of(Place.SYNC)


def test_an_age_that_matters_has_an_icon_and_a_word_and_blames_the_right_one(on_stage: Stage, frame: Frame) -> None:
    assert frame.standing is not None
    standing, cell = frame.standing, frame.top.ages
    assert standing.rules is not None
    assert standing.policies is not None
    expired = msgspec.structs.replace(standing.rules, expired=True, warning=True, days=63)
    frame.top.show_standing(msgspec.structs.replace(standing, rules=expired))
    assert cell.accessibleName() == "规则 63 天 已过期 保单 今天"
    assert "已过期" in cell.accessibleDescription()
    assert (cell._icon, cell._first_colour, cell._second_colour) == ("refused", "red", "text2")
    due = msgspec.structs.replace(standing.policies, warning=True)
    frame.top.show_standing(msgspec.structs.replace(standing, policies=due))
    assert (cell._icon, cell._first_colour, cell._second_colour) == ("warn", "text", "amber")
    frame.top.show_standing(msgspec.structs.replace(standing, rules=None, policies=None))
    assert cell.accessibleName() == "没有规则包 没有保单数据"


def test_theme_and_language_are_switched_live_and_kept(on_stage: Stage, frame: Frame) -> None:
    assert frame.top.theme.accessibleName() == "换成强光配色"
    frame.top.theme.setFocus()
    for theme in (Theme.SUNLIGHT, Theme.NIGHT, Theme.LIGHT, Theme.SUNLIGHT):
        QTest.keyClick(frame.top.theme, Qt.Key.Key_Return)
        assert on_stage.look.theme is theme
    QTest.mouseClick(frame.top.language, Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert on_stage.ui.words.code == "en"
    assert frame.rail.items[Place.SYNC].accessibleName() == "Sync"
    assert frame.top.safety.accessibleName() == "Disk only 0 Custody 0 HQ 0 If this laptop died…"
    kept = on_stage.preferences.load()
    assert (kept.theme, kept.language) == ("sunlight", "en")


@pytest.mark.parametrize("language", ["zh", "en"])
@pytest.mark.parametrize("scale", [100, 125, 150])
@pytest.mark.parametrize("width", [1024, 1366, 1920])
def test_the_top_bar_folds_and_hides_no_number(
    on_stage: Stage,
    desk: Desk,  # noqa: F811 - a fixture
    language: str,
    scale: int,
    width: int,
) -> None:
    on_stage.look.use(scale_percent=scale)
    on_stage.ui.words.switch("en" if language == "en" else "zh")
    frame = frame_on(on_stage, desk, width, 700)
    bar = frame.top
    cells = (bar.station, bar.link_cell, bar.safety, bar.ages, bar.theme, bar.language)
    edges = [(each.geometry().left(), each.geometry().right()) for each in cells]
    assert all(right <= left for (_, right), (left, _) in itertools.pairwise(edges))
    assert edges[-1][1] < bar.width()
    for each in cells[1:]:
        assert each.width() >= each.width_for(each.fold)
    if width == 1366 and scale == 100:
        assert bar.safety.fold.level == 0
    assert bar.safety.fold.level <= MOST_FOLDED


@pytest.mark.parametrize("scale", [100, 125, 150])
def test_the_rail_reaches_everything_in_a_low_window(on_stage: Stage, desk: Desk, scale: int) -> None:  # noqa: F811
    on_stage.look.use(scale_percent=scale)
    frame = frame_on(on_stage, desk, 1366, 689)
    items = [*frame.rail.items.values(), frame.rail.lock]
    assert frame.height() == 689
    for above, below in itertools.pairwise(items):
        assert above.geometry().bottom() < below.geometry().top() + 1
    assert frame.rail.lock.geometry().bottom() <= frame.rail.height()
    assert all(each.height() >= 44 for each in items)


def test_practice_is_named_in_the_bar(on_stage: Stage, tmp_path: Path) -> None:
    with line_to(tmp_path / "office") as line:
        opened = line.desk()
        try:
            frame = frame_on(on_stage, opened, practice=LinePractice(line))
            assert frame.top.station.accessibleName().startswith("练习 ")
            assert isinstance(frame.screen_of(Place.SYNC), SyncScreen)
        finally:
            opened.close()


# If this laptop died now


def test_what_would_be_lost_is_one_click_away(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    case_no = ready_case(desk)
    frame = frame_on(on_stage, desk)
    QTest.mouseClick(frame.top.safety, Qt.MouseButton.LeftButton)
    on_stage.settle()
    panel = frame.at_risk
    assert panel.isVisible()
    safety = desk.safety()
    assert f"{safety.disk} 条记录" in panel.lost.full_text
    assert f"{safety.attachments_waiting} 个附件" in panel.lost.full_text
    assert "1 件案件" in panel.lost.full_text
    assert frame.rect().contains(panel.geometry())
    on_stage.ui.words.switch("en")
    assert "records" in panel.lost.full_text
    QTest.keyClick(panel.close_button, Qt.Key.Key_Escape)
    assert not panel.isVisible()
    assert frame.focusWidget() is frame.top.safety
    QTest.keyClick(frame.top.safety, Qt.Key.Key_Return)
    on_stage.settle()
    panel.list.setFocus()
    QTest.keyClick(panel.list, Qt.Key.Key_Return)
    on_stage.settle()
    assert frame.case_page().case_no == case_no
    assert not panel.isVisible()


def test_an_empty_disk_loses_nothing_and_says_so(on_stage: Stage, frame: Frame) -> None:
    QTest.mouseClick(frame.top.safety, Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert frame.at_risk.lost.full_text == "什么也不会丢。"
    assert not frame.at_risk.sync.isVisible()


def test_syncing_from_there_goes_to_sync_and_begins(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    ready_case(desk)
    frame = frame_on(on_stage, desk)
    QTest.mouseClick(frame.top.safety, Qt.MouseButton.LeftButton)
    on_stage.settle()
    QTest.mouseClick(frame.at_risk.sync, Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert frame.current() is frame.screen_of(Place.SYNC)
    assert frame.work.link.state is LinkState.UNADDRESSED


def test_keys_do_not_reach_the_work_below_the_panel(on_stage: Stage, frame: Frame) -> None:
    QTest.mouseClick(frame.top.safety, Qt.MouseButton.LeftButton)
    on_stage.settle()
    press(frame, Qt.Key.Key_Slash)
    assert frame.current() is frame.screen_of(Place.DESK)


# Messages


def told_station(station: Station, *statements: bytes) -> Desk:  # noqa: F811 - the fixture's name
    store = station.store()
    opened = station.open(store=store)
    with store.write() as uow:
        for raw in statements:
            uow.receive(raw)
    return opened


def test_a_stopped_laptop_says_so_on_every_screen(on_stage: Stage, station: Station) -> None:  # noqa: F811 - a fixture
    opened = told_station(station, station.hq.say(DeviceRevoked, reason=Bilingual("遗失", "lost")))
    try:
        frame = frame_on(on_stage, opened)
        assert "总部已停用这台电脑" in frame.notices.sentences[0]
        frame.show_place(Place.SETUP)
        on_stage.settle()
        assert frame.notices.isVisible()
        on_stage.ui.words.switch("en")
        assert "Headquarters has stopped this laptop" in frame.notices.sentences[0]
    finally:
        opened.close()


def test_expired_rules_and_a_clock_set_back_are_told_in_their_order(on_stage: Stage, station: Station) -> None:  # noqa: F811
    station.clock.wall += timedelta(days=90)
    opened = station.open()
    try:
        frame = frame_on(on_stage, opened)
        assert any("规则包已过期" in each for each in frame.notices.sentences)
        assert frame.standing is not None
        back = msgspec.structs.replace(frame.standing, at=msgspec.structs.replace(frame.standing.at, believed=False))
        tones = [each.tone for each in notices_of(back)]
        assert tones == sorted(tones, key=lambda tone: tone is not Tone.RED)
        assert any("不可信" in each.title.zh for each in notices_of(back))
    finally:
        opened.close()


def test_all_that_can_be_said_about_a_standing_has_words(on_stage: Stage, frame: Frame) -> None:
    assert frame.standing is not None
    assert notices_of(frame.standing) == ()
    bare = msgspec.structs.replace(
        frame.standing, rules=None, policies=None, numbers_left=0, slip_numbers_left=3, case_numbers_left=50,
        problems=(Bilingual("规则包读不出来。", "The pack can't be read."),), notices=(Bilingual("今晚停机。", "Down tonight."),),
    )  # fmt: skip
    said = " ".join(each.title.zh + each.text.zh for each in notices_of(bare))
    for piece in ("凭证号用完了", "签收单号只剩 3 个", "规则包读不出来", "今晚停机"):
        assert piece in said
    assert "没有规则包" not in said
    without = msgspec.structs.replace(frame.standing, rules=None, policies=None)
    said = " ".join(each.title.zh for each in notices_of(without))
    assert "没有规则包" in said
    assert "没有保单数据" in said


def test_headquarters_words_are_put_away_by_a_person_and_stay_away(on_stage: Stage, station: Station) -> None:  # noqa: F811
    opened = told_station(
        station, station.hq.say(TaskAssigned, case_no=None, text=Bilingual("今晚 22 点停机。", "Down at 22:00."))
    )
    try:
        frame = frame_on(on_stage, opened)
        assert "今晚 22 点停机" in frame.notices.sentences[0]
        frame.notices._messages[0].closed.emit()
        assert frame.notices.sentences == ()
        frame.refresh()
        on_stage.settle()
        assert frame.notices.sentences == ()
        assert not frame.notices.isVisible()
    finally:
        opened.close()


def test_more_than_two_messages_stand_behind_one_button(on_stage: Stage, frame: Frame) -> None:
    assert frame.standing is not None
    many = msgspec.structs.replace(
        frame.standing, numbers_left=0, slip_numbers_left=0, case_numbers_left=0, stopped=True
    )
    frame.notices.show_standing(many)
    on_stage.settle()
    assert len(frame.notices.sentences) == 2
    assert frame.notices.more.text() == "还有 2 条"
    QTest.mouseClick(frame.notices.more, Qt.MouseButton.LeftButton)
    assert len(frame.notices.sentences) == 4
    frame.notices.show_standing(many)
    assert len(frame.notices.sentences) == 4


def test_an_error_stands_above_the_work_and_next_in_the_tab_order(on_stage: Stage, frame: Frame) -> None:
    tried: list[int] = []
    error = EnvironmentProblem(
        "disk_full", Bilingual("磁盘满了。", "The disk is full."), Bilingual("清理后重试。", "Free some.")
    )
    frame.problems.show_error(error, retry=lambda: tried.append(1))
    on_stage.settle()
    assert frame.problems.isVisible()
    assert frame.problems.mapTo(frame, QPoint()).y() < frame.stack.mapTo(frame, QPoint()).y()
    frame.top.language.setFocus()
    QTest.keyClick(frame.top.language, Qt.Key.Key_Tab)
    button = frame.focusWidget()
    assert frame.problems.isAncestorOf(button)
    QTest.keyClick(button, Qt.Key.Key_Return)
    on_stage.settle()
    assert tried == [1]
    assert not frame._message_row.isVisible()


def test_what_was_sent_back_is_counted_on_the_rail(on_stage: Stage, station: Station) -> None:  # noqa: F811 - a fixture
    store = station.store()
    opened = station.open(store=store)
    try:
        case_no = ready_case(opened)
        with store.write() as uow:
            uow.receive(
                station.hq.say(
                    SettlementAnswered, case_no=case_no, voucher_no=None, replay="different", settlement=None,
                    amount_fen=0, reason=Bilingual("票据不同", "the bill differs"),
                )
            )  # fmt: skip
        frame = frame_on(on_stage, opened)
        item = frame.rail.items[Place.SYNC]
        assert item.badge == 1
        assert item.accessibleName() == "同步，1 件要人处理"
    finally:
        opened.close()


# Leaving


def test_locking_keeps_what_is_unsaved_and_ends_a_sync(on_stage: Stage, tmp_path: Path) -> None:
    with line_to(tmp_path / "office") as line:
        opened = line.desk()
        try:
            frame = frame_on(on_stage, opened)
            line.gate.hold("sync.before_apply")
            frame.syncing.start()
            until(line.gate.reached.is_set)
            press(frame, Qt.Key.Key_L, Qt.KeyboardModifier.ControlModifier)
            assert frame.door.locked == 1  # type: ignore[attr-defined]
            assert frame.syncing.now.stopping
            frame.hide()
            on_stage.shown.remove(frame)
            frame.deleteLater()
            del frame
            line.gate.release()
            on_stage.settle()
        finally:
            line.gate.release()
            opened.close()


def test_a_failed_sync_that_was_asked_for_is_told_on_another_screen(on_stage: Stage, tmp_path: Path) -> None:
    with line_to(tmp_path / "office") as line:
        opened = line.desk()
        try:
            line.unplug()
            frame = frame_on(on_stage, opened)
            frame.syncing.start()
            on_stage.settle()
            assert frame.problems.codes == ("sync_no_route",)
            frame.problems.clear()
            frame.syncing.start(by_itself=True)
            on_stage.settle()
            assert frame.problems.codes == ()
            assert frame.work.link.state is LinkState.OFFLINE
        finally:
            opened.close()


def test_no_focus_is_stolen_by_a_refresh(on_stage: Stage, frame: Frame) -> None:
    held = frame.focusWidget()
    frame.refresh()
    on_stage.settle()
    assert frame.focusWidget() is held
    assert QApplication.activeWindow() is frame
