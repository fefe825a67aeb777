"""The page of a case: stepper, panel and summary say what the disk holds, in five steps that feel like one."""

from __future__ import annotations

import time
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLabel, QVBoxLayout, QWidget

from claims.desk import Desk
from claims.errors import Bilingual
from claims.materials import Material
from claims.overviews import CaseStanding, CaseStep
from resources.sample_numbers import CLINIC
from tests.desk.station import (
    Station,
    claimant,
    clinic_facts,
    decide_and_sign,
    new_case,
    payee,
    photo,
    ready_case,
    take_papers,
)
from tests.views.stage import Stage, stage
from views.controls.labels import Text
from views.look.tokens import SCALES, Theme
from views.screens.case.locked_step import LockedStep
from views.screens.case.page import PANELS, CasePage
from views.screens.case.step_panel import NextAction, StepPanel
from views.workplace import Place, Workplace


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


class WorkingPanel(StepPanel):
    """A panel of one step that does its work on the real desk when it is told to go on: the page is what is tried here."""

    def __init__(self, work: Workplace, step: CaseStep) -> None:
        super().__init__(work)
        self.step = step
        self.shown: list[CaseStanding] = []
        self.left = 0
        self.words = Text(work.ui, "")
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(self.words)
        self.field = QWidget(self)
        self.field.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        column.addWidget(self.field)

    def show_standing(self, standing: CaseStanding) -> None:
        self.shown.append(standing)
        self.words.say(standing.case.case_no)
        self.next_changed.emit()

    def next_action(self) -> NextAction | None:
        key = {CaseStep.VOUCHER: "H"}.get(self.step)
        return NextAction(text=Bilingual("继续", "Go on"), run=self.go_on, note=Bilingual("接着做", "next"), key=key)

    def first_focus(self) -> QWidget:
        return self.field

    def leave(self) -> None:
        self.left += 1

    def go_on(self) -> None:
        desk, case_no = self.work.desk, self.shown[-1].case.case_no
        order = list(CaseStep)
        following = order[min(order.index(self.step) + 1, 4)]

        def act() -> None:
            match self.step:
                case CaseStep.PAPERS:
                    take_papers(desk, case_no)
                case CaseStep.BENEFIT:
                    desk.adjudicate(case_no, CLINIC, clinic_facts())
                case CaseStep.SIGN:
                    decide_and_sign(desk, case_no)
                case _:
                    for paper in desk.conclude(case_no, CLINIC, (payee(),)):
                        desk.draw(paper.number)
                        desk.mark_printed(paper.number, "printer")
                        desk.hand_over(paper.number, claimant().name)

        def done(_: None) -> None:
            self.wrote.emit()
            self.go_to.emit(following)

        self.work.tasks.run(act, done, owner=self, writes=True)


def working_page(on_stage: Stage, desk: Desk, width: int = 1286, height: int = 712) -> CasePage:
    panels = {step: PANELS[step] for step in (CaseStep.REPORT,)} | {
        step: (lambda work, step=step: WorkingPanel(work, step)) for step in CaseStep if step is not CaseStep.REPORT
    }
    page = CasePage(on_stage.workplace(desk), panels)
    on_stage.show(page, width, height)
    return page


def opened(on_stage: Stage, desk: Desk, case_no: str, step: CaseStep | None = None) -> CasePage:
    page = working_page(on_stage, desk)
    page.show_case(case_no, step)
    on_stage.settle()
    return page


def key(name: Qt.Key, modifier: Qt.KeyboardModifier = Qt.KeyboardModifier.NoModifier) -> None:
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, name, modifier)


def panel_of(page: CasePage, step: CaseStep) -> WorkingPanel:
    panel = page.panel(step)
    assert isinstance(panel, WorkingPanel)
    return panel


def locked_words(page: CasePage) -> str:
    (locked,) = page.findChildren(LockedStep)
    return locked.words if locked.isVisible() else ""


def test_ctrl_enter_leads_through_all_five_steps(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, desk.open_case(new_case()), CaseStep.REPORT)
    ways = []
    for _ in range(5):
        ways.append(page.step)
        key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
        on_stage.settle()
    assert ways == list(CaseStep)
    (paper,) = desk.papers()
    assert paper.amount_fen == 648_824
    assert "6,488.24" in page.summary.words
    assert "已交付" in page.summary.words
    assert page.stepper.button(CaseStep.VOUCHER).accessibleName().startswith("5 凭证，已完成")


def test_a_case_opens_at_its_current_step_and_says_how_it_stands(on_stage: Stage, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    page = opened(on_stage, desk, case_no)
    assert page.step is CaseStep.BENEFIT
    words = page.summary.words
    for told in (claimant().name, "46 岁", "19800501 尾号", "意外医疗", "清溪 11·20 地震", case_no, "材料齐全"):
        assert told in words
    assert claimant().id_number not in words, "the summary masks the number"
    assert page.stepper.button(CaseStep.PAPERS).accessibleName() == "2 材料，已完成，已齐全"
    assert panel_of(page, CaseStep.BENEFIT).field.hasFocus()


def test_a_locked_step_says_why_and_leads_to_the_one_that_helps(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, desk.open_case(new_case()))
    key(Qt.Key.Key_4, Qt.KeyboardModifier.ControlModifier)
    on_stage.settle()
    assert page.step is CaseStep.SIGN
    assert "还没有理算结果" in locked_words(page)
    assert page.panel(CaseStep.SIGN) is None, "a panel that can't be used is not even made"
    assert page.summary.button.text() == "去理算"
    assert "理算" in page.stepper.button(CaseStep.SIGN).accessibleDescription()
    key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    on_stage.settle()
    assert page.step is CaseStep.BENEFIT


def test_every_step_is_a_key_or_a_click_away(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, ready_case(desk))
    for number, step in enumerate(CaseStep):
        key(Qt.Key(Qt.Key.Key_1 + number), Qt.KeyboardModifier.ControlModifier)
        on_stage.settle()
        assert page.step is step
    for step in CaseStep:
        QTest.mouseClick(page.stepper.button(step), Qt.MouseButton.LeftButton, pos=QPoint(26, 22))
        on_stage.settle()
        assert page.step is step
    assert panel_of(page, CaseStep.PAPERS).left == 2


def test_back_goes_to_the_list(on_stage: Stage, desk: Desk) -> None:
    opened(on_stage, desk, ready_case(desk))
    key(Qt.Key.Key_Left, Qt.KeyboardModifier.AltModifier)
    assert on_stage.way.taken == [("place", Place.CASES)]


def test_another_key_on_the_button_does_the_same_and_ctrl_enter_still_does(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, ready_case(desk), CaseStep.VOUCHER)
    panel = panel_of(page, CaseStep.VOUCHER)
    panel.field.setFocus()
    ran: list[bool] = []
    panel.go_on = lambda: ran.append(True)  # type: ignore[method-assign]
    panel.next_changed.emit()
    key(Qt.Key.Key_H)
    assert len(ran) == 1
    key(Qt.Key.Key_Return, Qt.KeyboardModifier.ControlModifier)
    assert len(ran) == 2
    key(Qt.Key.Key_Enter, Qt.KeyboardModifier.ControlModifier)
    assert len(ran) == 3


def test_after_writing_the_panel_is_shown_the_new_standing_and_stays(on_stage: Stage, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    page = opened(on_stage, desk, case_no, CaseStep.PAPERS)
    panel = panel_of(page, CaseStep.PAPERS)
    assert len(panel.shown[-1].documents) == 0
    desk.add_document(case_no, Material.INSURED_ID, "id.jpg", photo(1))
    panel.wrote.emit()
    on_stage.settle()
    assert len(panel.shown[-1].documents) == 1
    assert page.step is CaseStep.PAPERS
    assert "缺 5 项" in page.stepper.button(CaseStep.PAPERS).accessibleName()


def test_what_other_jobs_wrote_is_read_before_the_next_step_is_shown(on_stage: Stage, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    page = opened(on_stage, desk, case_no, CaseStep.PAPERS)
    take_papers(desk, case_no)
    on_stage.tasks.wrote.emit()
    page.go(CaseStep.BENEFIT)
    on_stage.settle()
    assert panel_of(page, CaseStep.BENEFIT).shown[-1].completeness.complete


def test_a_panel_may_lead_on_before_it_says_that_it_wrote(on_stage: Stage, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    page = opened(on_stage, desk, case_no, CaseStep.PAPERS)
    take_papers(desk, case_no)
    left = panel_of(page, CaseStep.PAPERS)
    left.go_to.emit(CaseStep.BENEFIT)
    left.wrote.emit()
    on_stage.settle()
    assert page.step is CaseStep.BENEFIT
    assert panel_of(page, CaseStep.BENEFIT).shown[-1].completeness.complete


def test_a_late_word_of_a_panel_that_was_left_moves_nothing(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, ready_case(desk), CaseStep.PAPERS)
    left = panel_of(page, CaseStep.PAPERS)
    page.go(CaseStep.BENEFIT)
    on_stage.settle()
    left.go_to.emit(CaseStep.SIGN)
    left.wrote.emit()
    on_stage.settle()
    assert page.step is CaseStep.BENEFIT


def test_another_case_shows_nothing_of_the_last_one_while_it_is_read(on_stage: Stage, desk: Desk) -> None:
    first, second = ready_case(desk), desk.open_case(new_case(loss_place="别处"))
    page = opened(on_stage, desk, first)
    assert "6,488.24" in page.summary.words
    page.show_case(second)
    assert "6,488.24" not in page.summary.words
    assert first not in page.summary.words
    assert not page.summary.button.isEnabled()
    visible = [each.text() for each in page.findChildren(QLabel) if each.isVisible()]
    assert any("正在读取" in words for words in visible)
    on_stage.settle()
    assert second in page.summary.words


def test_two_cases_asked_for_at_once_end_at_the_last(on_stage: Stage, desk: Desk) -> None:
    first, second = ready_case(desk), desk.open_case(new_case())
    page = working_page(on_stage, desk)
    page.show_case(first)
    page.show_case(second)
    page.show_case(first, CaseStep.SIGN)
    page.show_case(second, CaseStep.REPORT)
    on_stage.settle()
    assert (page.case_no, page.step) == (second, CaseStep.REPORT)
    assert second in page.summary.words
    assert first not in page.summary.words


def test_a_case_that_is_not_there_is_told_in_words_with_a_way_to_try_again(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, "QX07-D3-C-999999-36")
    assert on_stage.problems.codes == ("number_unknown",)
    assert page.panel(CaseStep.PAPERS) is None
    visible = [each.text() for each in page.findChildren(QLabel) if each.isVisible()]
    assert any("没有读到案件" in words for words in visible)
    page.show_case(desk.open_case(new_case()))
    on_stage.settle()
    assert page.step is CaseStep.PAPERS


def test_a_referred_case_shows_no_sum_and_says_who_decides(on_stage: Stage, desk: Desk) -> None:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    desk.adjudicate(case_no, CLINIC, clinic_facts(possible_exclusion=True))
    page = opened(on_stage, desk, case_no)
    words = page.summary.words
    assert "转总部核定" in words
    assert "6,488.24" not in words
    assert "拒" not in words


def test_clocks_turn_amber_and_red_with_word_and_icon(on_stage: Stage, desk: Desk, station: Station) -> None:
    case_no = desk.open_case(new_case(channel="phone"))
    station.clock.wall += timedelta(minutes=48)
    page = opened(on_stage, desk, case_no, CaseStep.REPORT)
    assert "首次联系 剩 12 分" in page.summary.words
    assert page.summary._clocks._lines[0].colour == "amber"
    station.clock.wall += timedelta(minutes=18)
    page._say_clocks_anew()
    on_stage.settle()
    assert "首次联系 超时 6 分" in page.summary.words
    assert page.summary._clocks._lines[0].colour == "red"
    assert page.summary._clocks._lines[0].icon == "warn"


def test_the_minute_leaves_the_panel_alone(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, ready_case(desk), CaseStep.PAPERS)
    panel = panel_of(page, CaseStep.PAPERS)
    times = len(panel.shown)
    page._say_clocks_anew()
    on_stage.settle()
    assert len(panel.shown) == times


def test_tab_goes_from_steps_to_work_to_the_next_action(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, ready_case(desk), CaseStep.BENEFIT)
    page.stepper.button(CaseStep.VOUCHER).setFocus()
    key(Qt.Key.Key_Tab)
    assert page.stepper.documents.hasFocus()
    key(Qt.Key.Key_Tab)
    assert panel_of(page, CaseStep.BENEFIT).field.hasFocus()
    key(Qt.Key.Key_Tab)
    assert page.summary.button.hasFocus()


@pytest.mark.parametrize("scale", SCALES)
def test_the_stepper_folds_before_the_summary_lies_down(tmp_path: Path, desk: Desk, scale: int) -> None:
    with stage(tmp_path, "en", Theme.LIGHT, scale) as on_stage:
        page = opened(on_stage, desk, ready_case(desk))
        assert page.stepper.folded is (scale > 100)
        assert page.summary.is_strip is (scale == 150)
        assert page.summary.button.isVisible()
        assert page.rect().contains(page.summary.geometry())
        wanted = page.summary.button.sizeHint().width()
        assert page.summary.button.width() >= wanted, "no word of the next action is cut"
        assert "Voucher" in page.stepper.button(CaseStep.VOUCHER).toolTip() or scale == 100


@pytest.mark.parametrize(("width", "height"), [(1286, 712), (1286, 633), (1100, 560), (900, 520)])
def test_the_summary_never_scrolls_away(on_stage: Stage, desk: Desk, width: int, height: int) -> None:
    page = working_page(on_stage, desk, width, height)
    page.show_case(desk.open_case(new_case()))
    on_stage.settle()
    button = page.summary.button
    for block in page.summary._blocks:
        if block.isVisible() and not page.summary.is_strip:
            assert block.geometry().bottom() < button.y(), "nothing lies under the next action"
    assert page.rect().contains(button.mapTo(page, button.rect().bottomRight()))
    assert "理赔申请书" in page.summary.words


def test_language_theme_and_size_change_while_it_is_shown(on_stage: Stage, desk: Desk) -> None:
    page = opened(on_stage, desk, ready_case(desk))
    on_stage.ui.words.switch("en")
    on_stage.settle()
    words = page.summary.words
    for told in ("Payable (yuan) pre-approved", "Papers complete", "Male, 46", "Disk only"):
        assert told in words
    assert page.stepper.button(CaseStep.SIGN).accessibleName().startswith("4 Sign, done")
    day = page.grab().toImage()
    on_stage.look.use(theme=Theme.NIGHT)
    assert page.grab().toImage() != day
    on_stage.look.use(scale_percent=150)
    on_stage.settle()
    assert page.summary.is_strip
    on_stage.look.use(theme=Theme.LIGHT, scale_percent=100)
    on_stage.ui.words.switch("zh")
    on_stage.settle()
    assert not page.summary.is_strip
    assert "应付（元）" in page.summary.words


def test_showing_a_case_never_stalls_the_window(on_stage: Stage, desk: Desk) -> None:
    case_no = ready_case(desk)
    page = opened(on_stage, desk, case_no)
    worst = 0.0
    for step in CaseStep:
        page.go(step)
        started = time.thread_time()
        page._show_around()
        page.grab()
        worst = max(worst, time.thread_time() - started)
        on_stage.settle()
    # Time of this thread alone, about 6 ms; the bound leaves room for a slow machine.
    assert worst < 0.25
