"""The sync screen over a real headquarters on loopback: what it says while it runs, when the line is gone, and what came back."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest

from claims.desk import Desk
from claims.errors import Bilingual, EnvironmentProblem
from claims.overviews import CaseReceipt
from claims.records import SafetyCounts
from claims.statements import SettlementAnswered
from claims.synchronising import SyncProgressed, SyncReport
from resources.sample_numbers import CLINIC
from tests.desk.conftest import desk, station  # noqa: F401 - fixtures
from tests.desk.station import NOON, Station, new_case, payee, ready_case
from tests.views.line import Line, LinePractice, line_to, until
from tests.views.stage import Stage
from views import syncing as syncing_module
from views.link import LinkState
from views.look.tokens import Theme
from views.progress import StripState
from views.screens.sync import SyncScreen
from views.screens.sync_words import hq_mark, next_try_words, strip_words, transfers
from views.syncing import Syncing, SyncNow
from views.workplace import Place


@pytest.fixture
def line(tmp_path: Path) -> Iterator[Line]:
    with line_to(tmp_path / "office") as made:
        yield made


@pytest.fixture
def open_desk(line: Line) -> Iterator[Desk]:
    opened = line.desk()
    yield opened
    line.gate.release()
    opened.close()


def screen_on(stage: Stage, desk: Desk, *, practice: LinePractice | None = None) -> SyncScreen:  # noqa: F811 - the fixture's name
    screen = SyncScreen(replace(stage.workplace(desk), practice=practice))
    stage.show(screen)
    return screen


def rows(screen: SyncScreen) -> list[str]:
    return [each.words for each in screen.transfer_rows]


def press(screen: SyncScreen, key: Qt.Key) -> None:
    screen.activateWindow()
    QTest.keyClick(screen.focusWidget() or screen, key)


def paper_out(desk: Desk, case_no: str) -> str:  # noqa: F811 - as above
    (paper,) = desk.conclude(case_no, CLINIC, (payee(),))
    desk.draw(paper.number)
    desk.mark_printed(paper.number, "printer")
    desk.hand_over(paper.number, "覃建国")
    return paper.number


# Before anything was sent


def test_a_new_laptop_says_in_words_what_will_be_here(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    screen = screen_on(on_stage, desk)
    assert screen.empty.isVisible()
    assert "还没有案件" in screen.empty.words
    assert "没有退回的" in screen.no_back.full_text
    assert screen.strip.isHidden()
    assert rows(screen)[1].endswith("没有要发的")
    assert screen.line.full_text == "还没有试过链路"
    assert screen.first_focus() is screen.sync_button


def test_without_an_address_it_says_so_and_stays_usable(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    screen = screen_on(on_stage, desk)
    press(screen, Qt.Key.Key_Y)
    on_stage.settle()
    assert screen.trouble is not None
    assert "还没有设置总部地址" in screen.trouble.words
    assert screen.work.link.state is LinkState.UNADDRESSED
    assert screen.line.full_text == "没有设置总部地址"
    on_stage.ui.words.switch("en")
    assert "address of headquarters" in screen.trouble.words
    assert screen.line.full_text == "no address of headquarters is set"
    assert screen.sync_button.isEnabled()


# Sending


def test_a_key_sends_everything_and_the_three_receipts_follow(on_stage: Stage, line: Line, open_desk: Desk) -> None:
    open_desk.sync()
    case_no = ready_case(open_desk)
    paper_out(open_desk, case_no)
    screen = screen_on(on_stage, open_desk)
    waiting = open_desk.safety()
    assert waiting.disk > 0
    assert f"日志与凭证・{waiting.disk} 条" in rows(screen)[0]
    assert rows(screen)[0].endswith("等同步")
    receipt = screen.list.current_row()
    assert isinstance(receipt, CaseReceipt)
    assert "总部 等同步" in screen.rows.data(screen.rows.index(0, 0))
    press(screen, Qt.Key.Key_Y)
    on_stage.settle()
    now = screen.syncing.now
    assert now.problem is None
    assert now.report is not None
    assert screen.work.link.state is LinkState.ONLINE
    assert screen.strip.state is StripState.DONE
    assert "同步完成" in screen.strip.words
    assert f"发出 {waiting.disk} 条" in screen.strip.words
    assert all("已送达" in each or "没有要发的" in each for each in rows(screen)[:2])
    assert rows(screen)[2].endswith("已是最新")
    # Headquarters' verdicts come with the answers; a second sync brings what it settled meanwhile.
    press(screen, Qt.Key.Key_Y)
    on_stage.settle()
    assert "没有新的要发" in screen.strip.words or "收到" in screen.strip.words
    said = screen.rows.data(screen.rows.index(0, 0))
    assert "总部" in said
    assert "已结" in said
    assert open_desk.safety().disk == 0
    assert screen.cards.disk.accessibleName().startswith("仅本机 0")


def test_a_line_that_is_down_is_told_in_words_and_tried_again_on_a_button(
    on_stage: Stage, line: Line, open_desk: Desk
) -> None:
    open_desk.sync()
    ready_case(open_desk)
    line.unplug()
    screen = screen_on(on_stage, open_desk)
    QTest.mouseClick(screen.sync_button, Qt.MouseButton.LeftButton)
    on_stage.settle()
    assert screen.work.link.state is LinkState.OFFLINE
    assert screen.strip.state is StripState.STOPPED
    assert "什么也没丢" in screen.strip.words
    assert screen.trouble is not None
    assert "连不上总部" in screen.trouble.words
    assert "断网" in screen.line.full_text
    assert rows(screen)[0].endswith("等链路")
    assert "总部 等链路" in screen.rows.data(screen.rows.index(0, 0))
    line.plug()
    retry = screen.trouble.findChild(type(screen.sync_button))
    assert retry is not None
    retry.setFocus()
    QTest.keyClick(retry, Qt.Key.Key_Return)
    assert screen.focusWidget() is screen.pause_button
    on_stage.settle()
    assert screen.focusWidget() is screen.sync_button
    assert screen.trouble is None
    assert screen.work.link.state is LinkState.ONLINE
    assert open_desk.safety().disk == 0


def test_pause_go_on_and_the_words_between(on_stage: Stage, line: Line, open_desk: Desk) -> None:
    open_desk.sync()
    ready_case(open_desk)
    screen = screen_on(on_stage, open_desk)
    line.gate.hold("sync.log_answered")
    press(screen, Qt.Key.Key_Y)
    until(line.gate.reached.is_set)
    until(
        lambda: screen.strip.state is StripState.RUNNING and screen.strip.words.startswith("正在发日志"),
        "the log phase",
    )
    assert not screen.sync_button.isEnabled()
    assert screen.sync_button.accessibleDescription() == "正在同步"
    assert screen.pause_button.hasFocus()
    assert screen.area.verticalScrollBar().value() == 0
    assert screen.first_focus() is screen.pause_button
    press(screen, Qt.Key.Key_P)
    assert screen.strip.state is StripState.PAUSED
    assert screen.strip.words.startswith("同步已暂停")
    assert screen.pause_button.text() == "继续"
    assert rows(screen)[1].endswith("已暂停")
    line.gate.release()
    until(
        lambda: screen.syncing.now.progress is not None and screen.syncing.now.progress.phase == "paused", "the pause"
    )
    assert screen.syncing.now.running
    press(screen, Qt.Key.Key_P)
    on_stage.settle()
    assert screen.syncing.now.problem is None
    assert screen.pause_button.text() == "暂停"
    assert not screen.pause_button.isEnabled()
    assert open_desk.safety().disk == 0


def test_stopping_keeps_what_was_signed_for_and_is_no_failure(on_stage: Stage, line: Line, open_desk: Desk) -> None:
    open_desk.sync()
    ready_case(open_desk)
    screen = screen_on(on_stage, open_desk)
    line.gate.hold("sync.statements_applied")
    press(screen, Qt.Key.Key_Y)
    until(line.gate.reached.is_set)
    until(lambda: screen.strip.cancel_button is not None and screen.strip.cancel_button.isVisible())
    assert screen.strip.cancel_button is not None
    QTest.mouseClick(screen.strip.cancel_button, Qt.MouseButton.LeftButton)
    assert screen.strip.words.startswith("正在停止")
    line.gate.release()
    on_stage.settle()
    assert screen.syncing.now.stopped
    assert screen.trouble is None
    assert screen.strip.state is StripState.STOPPED
    assert "下次接着送" in screen.strip.words
    assert open_desk.safety().attachments_waiting > 0
    press(screen, Qt.Key.Key_Y)
    on_stage.settle()
    assert open_desk.safety().attachments_waiting == 0


def test_money_only_leaves_the_photos_for_later(on_stage: Stage, line: Line, open_desk: Desk) -> None:
    open_desk.sync()
    ready_case(open_desk)
    screen = screen_on(on_stage, open_desk)
    screen.money_switch.setFocus()
    press(screen, Qt.Key.Key_Space)
    assert rows(screen)[1].endswith("只发金额，稍后发")
    press(screen, Qt.Key.Key_Y)
    on_stage.settle()
    safety = open_desk.safety()
    assert safety.disk == 0
    assert safety.attachments_waiting > 0
    assert rows(screen)[1].endswith("只发金额，稍后发")


def test_a_running_sync_can_be_cut_down_to_money(on_stage: Stage, line: Line, open_desk: Desk) -> None:
    open_desk.sync()
    ready_case(open_desk)
    screen = screen_on(on_stage, open_desk)
    line.gate.hold("sync.log_answered")
    press(screen, Qt.Key.Key_Y)
    until(line.gate.reached.is_set)
    QTest.mouseClick(screen.money_switch, Qt.MouseButton.LeftButton, pos=screen.money_switch.rect().center())
    line.gate.release()
    on_stage.settle()
    assert open_desk.safety().attachments_waiting > 0


def test_progress_by_the_thousand_reaches_the_screen_in_few_steps(on_stage: Stage, line: Line, open_desk: Desk) -> None:
    screen = screen_on(on_stage, open_desk)
    line.gate.hold("sync.before_apply")
    press(screen, Qt.Key.Key_Y)
    until(line.gate.reached.is_set)
    told: list[int] = []
    screen.syncing.changed.connect(lambda: told.append(1))
    tell: Callable[[SyncProgressed], None] = screen.syncing._progressed

    def flood() -> None:
        for done in range(20_000):
            tell(SyncProgressed("files", 1, 1, done, 20_000, None))

    thread = threading.Thread(target=flood)
    thread.start()
    until(lambda: not thread.is_alive())
    until(lambda: screen.syncing.now.progress is not None and screen.syncing.now.progress.bytes_done == 19_999)
    assert len(told) <= 60
    line.gate.release()
    on_stage.settle()


# What came back


def test_what_headquarters_sent_back_has_an_owner_and_a_next_step(on_stage: Stage, station: Station) -> None:  # noqa: F811 - a fixture
    store = station.store()
    opened = station.open(store=store)
    try:
        case_no = ready_case(opened)
        number = paper_out(opened, case_no)
        with store.write() as uow:
            uow.receive(
                station.hq.say(
                    SettlementAnswered,
                    case_no=case_no,
                    voucher_no=number,
                    replay="identical",
                    settlement="hold",
                    amount_fen=133_204,
                    reason=Bilingual("收款户名与证件姓名不符", "the account's name differs from the ID"),
                )
            )
        screen = screen_on(on_stage, opened)
        (card,) = [each for each in screen.back_cards if each.isVisible()]
        for piece in ("覃建国", "1,332.04", "收款户名与证件姓名不符", "责任人", "林晓禾", "下一步"):
            assert piece in card.words or piece in ("责任人", "下一步")
        assert "总部 待人工" in screen.rows.data(screen.rows.index(0, 0))
        card.button.setFocus()
        QTest.keyClick(card.button, Qt.Key.Key_Return)
        assert on_stage.way.taken == [("case", case_no, None)]
        screen.list.setFocus()
        QTest.keyClick(screen.list, Qt.Key.Key_Return)
        assert on_stage.way.taken[-1] == ("case", case_no, None)
        on_stage.ui.words.switch("en")
        assert "the account's name differs from the ID" in card.words
        assert "HQ held" in screen.rows.data(screen.rows.index(0, 0))
    finally:
        opened.close()


# Pulling the plug


def test_the_practice_plug_is_pulled_and_put_back(on_stage: Stage, line: Line, open_desk: Desk) -> None:
    practice = LinePractice(line)
    screen = screen_on(on_stage, open_desk, practice=practice)
    panel = screen.practice
    assert panel is not None
    assert panel.switch.isChecked()
    assert line.url in panel.said.full_text
    panel.switch.setFocus()
    QTest.keyClick(panel.switch, Qt.Key.Key_Space)
    assert not panel.switch.isEnabled()
    on_stage.settle()
    assert not panel.switch.isChecked()
    assert panel.switch.hasFocus()
    assert "网线已拔" in panel.said.full_text
    press(screen, Qt.Key.Key_Y)
    on_stage.settle()
    assert screen.work.link.state is LinkState.OFFLINE
    QTest.keyClick(panel.switch, Qt.Key.Key_Space)
    on_stage.settle()
    assert panel.switch.isChecked()
    press(screen, Qt.Key.Key_Y)
    on_stage.settle()
    assert screen.work.link.state is LinkState.ONLINE


def test_a_practice_that_does_not_start_says_why(on_stage: Stage, line: Line, open_desk: Desk) -> None:
    practice = LinePractice(line)
    line.unplug()
    screen = screen_on(on_stage, open_desk, practice=practice)
    practice.problem = EnvironmentProblem(
        "port_taken",
        Bilingual("端口被占用。", "The port is taken."),
        Bilingual("关掉另一个程序。", "Close the other program."),
    )
    panel = screen.practice
    assert panel is not None
    QTest.mouseClick(panel.switch, Qt.MouseButton.LeftButton, pos=panel.switch.rect().center())
    on_stage.settle()
    assert not panel.switch.isChecked()
    assert panel.said.full_text == "端口被占用。关掉另一个程序。"
    assert on_stage.problems.codes == ("port_taken",)


def test_without_practice_there_is_no_plug(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    assert screen_on(on_stage, desk).practice is None


# By itself


def test_it_tries_by_itself_only_where_it_was_asked_to(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    quiet = Syncing(desk, on_stage.tasks, on_stage.workplace(desk).link)
    quiet.begin()
    on_stage.settle()
    assert not quiet.now.running
    assert not quiet._again.isActive()


def test_trying_by_itself_waits_as_long_as_the_line_is_remembered_to_be_bad_and_stops_at_closing(
    on_stage: Stage, line: Line, open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(syncing_module, "FIRST_TRY_MS", 1)
    link = on_stage.workplace(open_desk).link
    own = Syncing(open_desk, on_stage.tasks, link, every_s=300)
    line.unplug()
    own.begin()
    until(lambda: own.now.problem is not None)
    assert own.now.by_itself
    waits = [own._again.interval() / 1000]
    assert own.next_try_s is not None
    assert own.next_try_s == pytest.approx(open_desk.sync_due_in_s(), abs=2)
    for _ in range(2):
        own._by_itself()
        until(lambda: not own.now.running)
        waits.append(own._again.interval() / 1000)
    assert [15 <= waits[0] <= 30, 30 <= waits[1] <= 60, 60 <= waits[2] <= 120] == [True] * 3, waits

    # A program that is started anew does not fall upon the line; it says when, and a person goes at once.
    screen = SyncScreen(on_stage.workplace(open_desk), Syncing(open_desk, on_stage.tasks, link, every_s=300))
    on_stage.show(screen)
    screen.syncing.begin()
    until(screen.syncing._again.isActive)
    assert screen.syncing.next_try_s == pytest.approx(open_desk.sync_due_in_s(), abs=2)
    assert "下次自动重试 约 " in screen.line.full_text
    line.plug()
    press(screen, Qt.Key.Key_Y)
    assert screen.syncing.now.running
    assert screen.syncing.next_try_s is None
    until(lambda: not screen.syncing.now.running)
    assert screen.syncing.now.problem is None
    assert "会自动同步" in screen.line.full_text
    screen.syncing.close()

    own._by_itself()
    until(lambda: not own.now.running)
    assert own.now.problem is None
    assert own._again.interval() == 300_000
    # What was just recorded does not wait for the full round.
    on_stage.tasks.run(lambda: open_desk.open_case(new_case()), owner=own, writes=True)
    until(lambda: on_stage.tasks.under_way == 0)
    assert own._again.interval() == 30_000
    own.close()
    assert not own._again.isActive()
    own._by_itself()
    until(lambda: not own.now.running)
    assert not own._again.isActive()


def test_a_person_who_asks_while_it_runs_by_itself_makes_it_theirs(
    on_stage: Stage, line: Line, open_desk: Desk
) -> None:
    own = Syncing(open_desk, on_stage.tasks, on_stage.workplace(open_desk).link)
    line.gate.hold("sync.before_apply")
    own.start(by_itself=True)
    until(line.gate.reached.is_set)
    own.start()
    assert own.now.running
    assert not own.now.by_itself
    line.gate.release()
    on_stage.settle()


# Words


def progressed(phase: str, **changes: object) -> SyncNow:
    fields: dict[str, object] = {
        "phase": phase,
        "events_done": 3,
        "events_total": 12,
        "bytes_done": 38_200_000,
        "bytes_total": 112_600_000,
        "retry_in_s": None,
    }
    now = {key: changes.pop(key) for key in ("left_s", "stalled_s", "paused", "money_only") if key in changes}
    return SyncNow(running=True, progress=SyncProgressed(**(fields | changes)), **now)  # type: ignore[arg-type]


SAFETY = SafetyCounts(disk=12, custody=0, hq=131, attachments_waiting=212, attachment_bytes_waiting=112_600_000)


@pytest.mark.parametrize(
    "phase", ["greeting", "log", "answers", "releases", "files", "waiting", "paused", "idle", "finished"]
)
def test_every_phase_has_words_in_both_languages(phase: str) -> None:
    now = progressed(phase, retry_in_s=22.0 if phase == "waiting" else None, paused=phase == "paused")
    _, what, _, share = strip_words(now)
    assert what.zh
    assert what.en
    assert 0.0 <= share <= 1.0
    for transfer in transfers(now, SAFETY, LinkState.ONLINE):
        assert transfer.state.zh
        assert transfer.state.en


def test_a_stall_shows_no_time_left_and_a_pace_does() -> None:
    files = transfers(progressed("files", left_s=95.0), SAFETY, LinkState.ONLINE)[1]
    assert files.state.zh == "剩 1 分 40 秒"
    assert files.amount.zh == "38.2 / 112.6 MB"
    stalled = transfers(progressed("files", stalled_s=12.0), SAFETY, LinkState.ONLINE)[1]
    assert stalled.state.zh == "12 秒没有数据"


def test_photos_that_have_left_are_not_called_arrived_before_headquarters_says_so() -> None:
    now = progressed("files", bytes_done=112_600_000)
    files = transfers(now, SAFETY, LinkState.ONLINE)[1]
    assert files.state.zh == "等总部确认"
    assert not files.good


def test_a_wait_names_when_it_is_tried_again() -> None:
    state, what, left, _ = strip_words(progressed("waiting", retry_in_s=22.0))
    assert state is StripState.WAITING
    assert what.zh == "等链路，自动再试"
    assert left.zh == "约 30 秒后再试"


@pytest.mark.parametrize(
    ("seconds", "zh", "en"),
    [
        (3.0, "下次自动重试 几秒后", "next try in a few s"),
        (41.0, "下次自动重试 约 50 秒后", "next try in about 50 s"),
        (170.0, "下次自动重试 约 3 分钟后", "next try in about 3 min"),
        (1795.0, "下次自动重试 约 30 分钟后", "next try in about 30 min"),
    ],
)
def test_the_next_try_is_told_in_round_figures(seconds: float, zh: str, en: str) -> None:
    assert next_try_words(seconds) == Bilingual(zh, en)


def test_a_report_names_what_was_not_taken() -> None:
    report = SyncReport(12, 900, 4_200_000, 1000, 3, 1, None)
    words = strip_words(SyncNow(report=report, ended_at=NOON))[2]
    assert words.zh == "发出 12 条，文件 4.2 MB，收到 3 条答复，1 条总部未受理"
    assert words.en == "12 sent, files 4.2 MB, 3 answers, 1 not taken by HQ"


def test_a_verdict_for_a_person_comes_before_every_tick(desk: Desk) -> None:  # noqa: F811 - a fixture
    ready_case(desk)
    (receipt,) = desk.receipts()
    import msgspec

    held = msgspec.structs.replace(receipt, replay="different", settlement=None)
    mark = hq_mark(held, NOON + timedelta(hours=1), LinkState.ONLINE, running=False)
    assert (mark.colour, mark.words.zh) == ("red", "未受理")


# Looks


@pytest.mark.parametrize(("scale", "height"), [(100, 712), (125, 698), (150, 605)])
def test_everything_stays_reachable_at_every_size(on_stage: Stage, desk: Desk, scale: int, height: int) -> None:  # noqa: F811
    ready_case(desk)
    on_stage.look.use(scale_percent=scale)
    screen = SyncScreen(on_stage.workplace(desk))
    on_stage.show(screen, 1366 - on_stage.look.width("rail"), height)
    page = screen.area.widget()
    assert page.width() <= screen.area.viewport().width()
    for widget in (screen.money_switch, screen.pause_button, screen.sync_button):
        assert widget.width() >= widget.sizeHint().width()
    screen.list.setFocus()
    on_stage.settle()
    assert screen.list.height() >= on_stage.look.height("table_row")


def test_the_reading_order_is_the_tab_order(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    screen = screen_on(on_stage, desk)
    screen.money_switch.setFocus()
    order = []
    for _ in range(3):
        QTest.keyClick(screen.focusWidget(), Qt.Key.Key_Tab)
        order.append(screen.focusWidget())
    # The pause is off while nothing runs.
    assert order[:2] == [screen.sync_button, screen.list]


def test_theme_and_language_change_under_it(on_stage: Stage, desk: Desk) -> None:  # noqa: F811 - a fixture
    ready_case(desk)
    screen = screen_on(on_stage, desk)
    for theme in Theme:
        on_stage.look.use(theme=theme)
        on_stage.settle()
    on_stage.ui.words.switch("en")
    assert rows(screen)[0].startswith("Log and vouchers")
    assert screen.sync_button.text() == "Sync now"
    assert screen.list.accessibleName() == "Three receipts a case"
    assert on_stage.way.taken == []


def test_more_than_twenty_matters_lead_to_the_cases(on_stage: Stage, station: Station) -> None:  # noqa: F811 - a fixture
    store = station.store()
    opened = station.open(store=store)
    try:
        numbers = [opened.open_case(new_case()) for _ in range(22)]
        with store.write() as uow:
            for case_no in numbers:
                uow.receive(
                    station.hq.say(
                        SettlementAnswered,
                        case_no=case_no,
                        voucher_no=None,
                        replay="different",
                        settlement=None,
                        amount_fen=0,
                        reason=Bilingual("票据金额不同", "the bill differs"),
                    )
                )
        screen = screen_on(on_stage, opened)
        assert len([each for each in screen.back_cards if not each.isHidden()]) == 20
        assert not screen.more_back.isHidden()
        screen.more_back.click()
        assert on_stage.way.taken == [("place", Place.CASES)]
    finally:
        opened.close()
