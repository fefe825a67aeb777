"""A report: in few actions, for anybody, never lost, and opened once; on a desk over a real encrypted store."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import msgspec
import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from claims.desk import Desk
from claims.overviews import CaseStep
from claims.reference import PersonHit
from resources.sample_numbers import CLINIC, QUAKE_DEATH, QUAKE_ID
from tests.desk.station import Station, claimant
from tests.views.stage import Stage, stage, type_text
from views.look.tokens import Theme
from views.screens.case.page import CasePage
from views.screens.case.report_forms import (
    CLAIM_TYPE,
    DESCRIPTION,
    EVENT,
    ID_NUMBER,
    LOSS_DATE,
    LOSS_PLACE,
    LOSS_REGION,
    NAME,
    POLICIES,
    REPORTER_NAME,
)
from views.screens.case.report_step import SAVE_AFTER_MS, ReportPanel


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path / "home")
    made.create()
    return made


@pytest.fixture
def desk(station: Station) -> Iterator[Desk]:
    opened = station.open()
    yield opened
    opened.close()


def found(desk: Desk, name: str) -> PersonHit:
    return desk.search_people(name)[0]


def begun(
    on_stage: Stage, desk: Desk, person: PersonHit | None = None, draft_id: str | None = None
) -> tuple[CasePage, ReportPanel]:
    page = CasePage(on_stage.workplace(desk))
    on_stage.show(page)
    page.show_new(person, draft_id)
    on_stage.settle()
    panel = page.panel(CaseStep.REPORT)
    assert isinstance(panel, ReportPanel)
    return page, panel


def press(key: str | Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, key, modifier)


def typed(text: str) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    type_text(focused, text)


def open_it(on_stage: Stage) -> None:
    press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    on_stage.settle()


def wait_until_saved(on_stage: Stage, panel: ReportPanel) -> None:
    QTest.qWait(SAVE_AFTER_MS + 100)
    on_stage.settle()
    assert panel.line()


def test_a_found_person_at_a_disaster_is_reported_in_five_actions(on_stage: Stage, desk: Desk) -> None:
    page, panel = begun(on_stage, desk, found(desk, claimant().name))
    assert panel.entry.types.hasFocus(), "the first decision has the keyboard"
    actions = 0

    press("1")
    actions += 1
    press(Qt.Key.Key_Return)
    actions += 1
    typed("清溪县二中操场")
    actions += 1
    QTest.mouseClick(panel.entry.near_row, Qt.MouseButton.LeftButton)
    actions += 1
    open_it(on_stage)
    actions += 1

    assert actions <= 8
    (case,) = desk.cases()
    assert (case.claim_type, case.loss_place) == ("accident_medical", "清溪县二中操场")
    assert case.insured.person_id == claimant().person_id
    assert case.reporter == case.insured
    assert case.policy_nos == (CLINIC,)
    assert (case.catastrophe_id, case.loss_region) == (QUAKE_ID, "990100")
    assert case.loss_date.isoformat() == "2026-11-22"
    assert case.channel == "station"
    assert page.case_no == case.case_no
    assert page.step is CaseStep.PAPERS, "the next step is at hand"
    assert desk.drafts() == []


def test_the_keyboard_alone_goes_through_the_whole_report(on_stage: Stage, desk: Desk) -> None:
    _, panel = begun(on_stage, desk)
    press("5")
    press(Qt.Key.Key_Return)
    assert panel.entry.insured.form.editor(NAME).hasFocus()
    typed("无名氏")
    for _ in range(30):
        if panel.entry.form.editor(LOSS_PLACE).hasFocus():
            break
        press(Qt.Key.Key_Tab)
    typed("塌方路段")
    open_it(on_stage)
    (case,) = desk.cases()
    assert (case.claim_type, case.insured.name, case.insured.person_id) == ("accident_death", "无名氏", None)
    assert case.policy_nos == ()


def test_whoever_comes_for_somebody_else_is_the_reporter(on_stage: Stage, desk: Desk) -> None:
    _, panel = begun(on_stage, desk, found(desk, "林若兰"))
    assert panel.insured_now().name == "万俟宏", "the beneficiary has no cover of her own"
    assert panel.entry.form.raw()[REPORTER_NAME] == "林若兰"
    press("5")
    press(Qt.Key.Key_Return)
    typed("城关镇")
    open_it(on_stage)
    (case,) = desk.cases()
    assert case.policy_nos == (QUAKE_DEATH,)
    assert case.insured.name == "万俟宏"
    assert (case.reporter.name, case.reporter.person_id) == ("林若兰", "P90000006")


def test_another_insured_can_be_chosen_and_the_reporter_follows(on_stage: Stage, desk: Desk) -> None:
    _, panel = begun(on_stage, desk, found(desk, "林若兰"))
    whose = panel.entry.insured.whose
    QTest.mouseClick(whose, Qt.MouseButton.LeftButton, pos=whose.segment_rect("P90000006").center())
    on_stage.settle()
    assert panel.insured_now().name == "林若兰"
    assert panel.entry.insured.rows == ()
    assert panel.entry.form.raw()[REPORTER_NAME] == ""


def test_policies_follow_the_day_of_loss_until_somebody_ticks(on_stage: Stage, desk: Desk) -> None:
    _, panel = begun(on_stage, desk, found(desk, claimant().name))
    (row,) = panel.entry.insured.rows
    assert row.isChecked()
    assert "有效" in row.accessibleName()
    day = panel.entry.form.editor(LOSS_DATE)
    day.setFocus()
    day.selectAll()
    typed("20260630")
    press(Qt.Key.Key_Return)
    on_stage.settle()
    assert not row.isChecked()
    assert "无效" in row.accessibleName()
    assert not panel.entry.near_row.isEnabled()
    assert "没有" in panel.entry.near_row.accessibleName()
    QTest.mouseClick(row, Qt.MouseButton.LeftButton)
    day.setFocus()
    day.selectAll()
    typed("20260629")
    press(Qt.Key.Key_Return)
    assert row.isChecked(), "ticked by hand stays ticked"


def test_what_lacks_is_named_and_marked_and_the_case_does_not_open(on_stage: Stage, desk: Desk) -> None:
    page, panel = begun(on_stage, desk)
    assert "理赔类型" in page.summary.words
    open_it(on_stage)
    assert panel.entry.types.problem
    assert panel.entry.insured.form.shown_problem(NAME)
    assert panel.entry.form.shown_problem(LOSS_PLACE)
    assert panel.entry.types.hasFocus()
    press("2")
    open_it(on_stage)
    assert panel.entry.insured.form.editor(NAME).hasFocus()
    assert list(desk.cases()) == []


def test_an_error_of_the_desk_stands_beside_its_field(on_stage: Stage, desk: Desk, station: Station) -> None:
    # The clock was a day ahead when the report was begun, and was set right before it was opened.
    station.clock.wall = station.clock.wall.replace(day=23)
    _, panel = begun(on_stage, desk)
    press("1")
    panel.entry.insured.form.put(NAME, "张三")
    panel.entry.form.put(LOSS_PLACE, "城关镇")
    station.clock.wall = station.clock.wall.replace(day=22)
    open_it(on_stage)
    assert "2026-11-23" in panel.entry.form.shown_problem(LOSS_DATE)
    assert on_stage.problems.codes == ()
    assert list(desk.cases()) == []
    action = panel.next_action()
    assert action is not None
    assert action.allowed, "it can be mended and tried again"


def test_a_laptop_without_numbers_says_so_and_keeps_the_report(on_stage: Stage, tmp_path: Path) -> None:
    small = Station(tmp_path / "small")
    small.create(numbers=0)
    desk = small.open()
    try:
        page, panel = begun(on_stage, desk, found(desk, claimant().name))
        press("1")
        press(Qt.Key.Key_Return)
        typed("城关镇")
        open_it(on_stage)
        assert on_stage.problems.codes == ("numbers_exhausted",)
        assert page.case_no is None
        assert panel.entry.form.raw()[LOSS_PLACE] == "城关镇"
        assert [draft_id for draft_id, _ in desk.drafts()] == [panel.draft_id]
    finally:
        desk.close()


def test_pressing_twice_opens_one_case(on_stage: Stage, desk: Desk) -> None:
    page, _ = begun(on_stage, desk, found(desk, claimant().name))
    press("1")
    press(Qt.Key.Key_Return)
    typed("城关镇")
    for _ in range(3):
        page.summary.button.click()
        press(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    on_stage.settle()
    assert len(desk.cases()) == 1


def test_ctrl_enter_opens_from_within_the_description_and_enter_does_not(on_stage: Stage, desk: Desk) -> None:
    _, panel = begun(on_stage, desk, found(desk, claimant().name))
    press("1")
    panel.entry.form.put(LOSS_PLACE, "城关镇")
    panel.entry.form.editor(DESCRIPTION).setFocus()
    typed("山体滑坡")
    press(Qt.Key.Key_Return)
    typed("被砸伤")
    open_it(on_stage)
    (case,) = desk.cases()
    assert case.description == "山体滑坡\n被砸伤"


def test_the_next_person_is_not_pushed_aside_by_a_case_that_opens_late(on_stage: Stage, desk: Desk) -> None:
    page, panel = begun(on_stage, desk, found(desk, claimant().name))
    press("1")
    panel.entry.form.put(LOSS_PLACE, "城关镇")
    page.summary.button.click()
    page.show_new(None, None)
    on_stage.settle()
    assert len(desk.cases()) == 1
    assert page.case_no is None
    assert panel.insured_now() is None
    assert desk.drafts() == []


def test_what_was_typed_is_on_disk_a_moment_later_and_survives_the_process(on_stage: Stage, station: Station) -> None:
    desk = station.open()
    _, panel = begun(on_stage, desk, found(desk, claimant().name))
    press("3")
    press(Qt.Key.Key_Return)
    typed("城关镇卫生院")
    QTest.mouseClick(panel.entry.near_row, Qt.MouseButton.LeftButton)
    QTest.mouseClick(panel.entry.insured.rows[0], Qt.MouseButton.LeftButton)
    wait_until_saved(on_stage, panel)
    draft_id = panel.draft_id
    assert draft_id.startswith("report:")
    kept = msgspec.json.decode(desk.draft(draft_id) or b"", type=dict[str, str])
    assert (kept[NAME], kept[LOSS_PLACE], kept[CLAIM_TYPE]) == (claimant().name, "城关镇卫生院", "critical_illness")
    assert (kept[EVENT], kept[POLICIES]) == (QUAKE_ID, ",")
    desk.close()

    again = station.open()
    try:
        page = CasePage(on_stage.workplace(again))
        on_stage.show(page)
        page.show_new(None, draft_id)
        on_stage.settle()
        resumed = page.panel(CaseStep.REPORT)
        assert isinstance(resumed, ReportPanel)
        assert resumed.claim_type_now() == "critical_illness"
        assert resumed.entry.form.raw()[LOSS_PLACE] == "城关镇卫生院"
        assert resumed.entry.form.raw()[LOSS_REGION] == "990100"
        assert resumed.insured_now().person_id == claimant().person_id
        assert [row.isChecked() for row in resumed.entry.insured.rows] == [False]
        assert resumed.event_now() is not None
        page.summary.button.click()
        on_stage.settle()
        (case,) = again.cases()
        assert case.policy_nos == ()
        assert again.drafts() == []
    finally:
        again.close()


def test_leaving_the_screen_keeps_the_last_keystroke(on_stage: Stage, desk: Desk) -> None:
    page, panel = begun(on_stage, desk)
    panel.entry.insured.form.editor(NAME).setFocus()
    typed("张")
    assert page.leave()
    on_stage.settle()
    ((draft_id, content),) = desk.drafts()
    assert draft_id == panel.draft_id
    assert msgspec.json.decode(content)[NAME] == "张"


def test_a_report_nobody_typed_in_leaves_no_draft(on_stage: Stage, desk: Desk) -> None:
    page, _ = begun(on_stage, desk, found(desk, claimant().name))
    page.leave()
    on_stage.settle()
    assert desk.drafts() == []


def test_a_draft_can_be_thrown_away(on_stage: Stage, desk: Desk) -> None:
    _, panel = begun(on_stage, desk)
    assert not panel.entry.drop.isVisible()
    panel.entry.insured.form.editor(NAME).setFocus()
    typed("张三")
    wait_until_saved(on_stage, panel)
    assert panel.entry.drop.isVisible()
    panel.entry.drop.click()
    on_stage.settle()
    assert desk.drafts() == []
    assert panel.entry.insured.form.raw()[NAME] == ""


def test_birthday_and_sex_are_read_from_the_id_number(on_stage: Stage, desk: Desk) -> None:
    page, panel = begun(on_stage, desk)
    form = panel.entry.insured.form
    form.editor(NAME).setFocus()
    typed("张三")
    form.editor(ID_NUMBER).setFocus()
    typed("990101198203140159")
    on_stage.settle()
    assert (form.raw()["insured.birth_date"], form.raw()["insured.sex"]) == ("1982-03-14", "male")
    assert "44 岁" in page.summary.words
    assert "990101 19820314 尾号 0159" in page.summary.words


def test_a_wrong_id_number_keeps_the_case_closed_and_is_told_in_words(on_stage: Stage, desk: Desk) -> None:
    _, panel = begun(on_stage, desk)
    press("1")
    panel.entry.insured.form.put(NAME, "张三")
    panel.entry.form.put(LOSS_PLACE, "城关镇")
    panel.entry.insured.form.editor(ID_NUMBER).setFocus()
    typed("990101198203140150")
    open_it(on_stage)
    assert "应为 9" in panel.entry.insured.form.shown_problem(ID_NUMBER)
    assert panel.entry.insured.form.editor(ID_NUMBER).hasFocus()
    assert list(desk.cases()) == []


def test_looking_the_person_up_keeps_what_was_typed(on_stage: Stage, desk: Desk) -> None:
    _, panel = begun(on_stage, desk)
    panel.entry.insured.form.editor(NAME).setFocus()
    typed("覃建国")
    find = next(each for each in panel.entry.findChildren(QWidget) if each.accessibleName() == "查找此人")
    QTest.mouseClick(find, Qt.MouseButton.LeftButton)
    assert on_stage.way.taken[-1] == ("search", "覃建国")


def test_the_next_person_finds_nothing_of_the_last_one(on_stage: Stage, desk: Desk) -> None:
    page, panel = begun(on_stage, desk, found(desk, claimant().name))
    press("1")
    panel.entry.form.put(LOSS_PLACE, "城关镇")
    page.show_new(None, None)
    on_stage.settle()
    assert panel.claim_type_now() is None
    assert panel.entry.form.raw()[LOSS_PLACE] == ""
    assert panel.insured_now() is None
    assert claimant().name not in page.summary.words
    assert len(desk.drafts()) == 1, "and the last one's report is kept"


def test_an_open_case_shows_its_report_and_why_it_no_longer_changes(on_stage: Stage, desk: Desk) -> None:
    page, panel = begun(on_stage, desk, found(desk, claimant().name))
    press("1")
    press(Qt.Key.Key_Return)
    typed("城关镇")
    open_it(on_stage)
    page.go(CaseStep.REPORT)
    on_stage.settle()
    words = panel.shown.rows.words
    for shown in ("意外医疗", claimant().name, "城关镇", CLINIC, "2026-11-22", "服务站"):
        assert shown in words
    assert not panel.entry.isVisible()
    action = panel.next_action()
    assert action is not None
    assert action.text.zh == "去收材料"
    on_stage.ui.words.switch("en")
    assert "Accident medical" in panel.shown.rows.words


@pytest.mark.parametrize(("theme", "scale"), [(Theme.LIGHT, 100), (Theme.SUNLIGHT, 125), (Theme.NIGHT, 150)])
def test_every_word_of_the_kinds_of_claim_fits_in_english(tmp_path: Path, desk: Desk, theme: Theme, scale: int) -> None:
    with stage(tmp_path, "en", theme, scale) as on_stage:
        _, panel = begun(on_stage, desk)
        grid = panel.entry.types
        metrics = QFontMetrics(on_stage.look.font("body", bold=True))
        look = on_stage.look
        for choice in grid._choices:
            room = grid.choice_rect(choice.value).adjusted(look.space("m"), 0, -look.space("s") - look.px(20), 0)
            box = metrics.boundingRect(room, int(Qt.TextFlag.TextWordWrap), choice.label.en)
            assert box.height() <= room.height()
            assert box.width() <= room.width()
        assert not panel.grab().isNull()
