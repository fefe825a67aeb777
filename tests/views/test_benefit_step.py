"""The benefit step on a real desk: every case of the story, what is missing, what was changed, several policies, and the way on."""

from __future__ import annotations

import shutil
import threading
from collections.abc import Iterator
from itertools import pairwise
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication

from app.demo.story import StoryCase
from claims.desk import Desk
from claims.events import Outcome
from claims.materials import Material
from claims.overviews import CaseStep, StepState
from claims.signing import Role
from resources.sample_numbers import CLINIC, COUNTER
from tests.desk.station import Station, claimant, payee, photo
from tests.views.benefit_cases import (
    Page,
    gone_to,
    grant_story,
    put_facts,
    raw_facts,
    show_benefit,
    story_case,
    take_in,
    visible_texts,
)
from tests.views.busy_station import Watched, cut_labels
from tests.views.stage import Stage, stage
from views.controls.buttons import ActionButton
from views.controls.message import Message
from views.look.tokens import SCALES, Theme
from views.screens.case.benefit_step import CALCULATING, BenefitPanel
from views.screens.case.facts import facts_draft_id
from views.screens.case.policy_comparison import PolicyComparison

MILLION = "MG2026020100065"
FOREIGN = "AT9999999999999"
DISASTER = story_case("disaster")


@pytest.fixture
def station(tmp_path: Path) -> Station:
    made = Station(tmp_path / "home")
    made.create()
    grant_story(made)
    return made


@pytest.fixture
def desk(station: Station) -> Iterator[Desk]:
    opened = station.open()
    yield opened
    opened.close()


def sentences(page: Page) -> str:
    return visible_texts(page.panel)


def messages(page: Page) -> list[str]:
    return [each.words for each in page.panel.findChildren(Message) if each.isVisibleTo(page.panel)]


def button(page: Page, words: str) -> ActionButton:
    return next(
        each
        for each in page.panel.findChildren(ActionButton)
        if each.isVisibleTo(page.panel) and words in each.accessibleName()
    )


def click(page: Page, words: str) -> None:
    QTest.mouseClick(button(page, words), Qt.MouseButton.LeftButton)
    page.stage.settle()


def take_next(page: Page) -> None:
    action = page.panel.next_action()
    assert action is not None
    assert action.allowed
    action.run()


def sign(desk: Desk, case_no: str) -> None:
    for role, name in ((Role.CLAIMANT, claimant().name), (Role.ADJUSTER, "林晓禾")):
        desk.sign(case_no, CLINIC, role=role, name=name, ink=(((0, 0), (9, 9)),))


STORY = {
    "home_visit": (
        "按合同，重大疾病给付 250,000.00 元。您能拿到 250,000.00 元。",
        ["= 应付 四舍五入到分，只在此处一次 250,000.00", "轻症疾病 不属轻症"],
        CaseStep.SIGN,
    ),
    "direct_settlement": (
        "我们直接付给医院 4,193.52 元，您自己付 1,048.38 元。",
        ["= 应付 四舍五入到分，只在此处一次 4,193.52", "柜台自付 在医院柜台付，不在给付之内 1,048.38"],
        CaseStep.SIGN,
    ),
    "disaster": (
        "清溪 11·20 地震期间，不限医院、不限药品、不限诊疗项目，本来要扣的 1,915.80 元不扣。",
        [
            "1 医院要求 医疗机构：取消定点医院限制 豁免 W-01 通过",
            "豁免 W-02、W-03 0.00",
            "5 按比例给付 给付比例：按 80% 给付（是否医保结算：否） −1,622.06",
            "= 应付 四舍五入到分，只在此处一次 6,488.24",
            "年度医疗限额 20,000.00 还剩 13,511.76",
            "现场权限 300,000.00 还剩 293,511.76",
            "扣除目录外自费 豁免 1,915.80",
        ],
        CaseStep.SIGN,
    ),
    "disaster_no_waiver": (
        "就诊医院不是 2 级以上公立医院，且无紧急就医或豁免",
        ["1 医院要求", "转总部", "= 算得 未算到金额，由总部核定 —", "由总部的人核定；现场不下结论。"],
        CaseStep.VOUCHER,
    ),
    "waiting_period": (
        "按合同可以退还已交的保险费 6,120.00 元，一并由总部核定。",
        ["1 等待期 等待期：首次确诊日期 2026-10-29 在等待期内", "退还保险费 按合同退还，由总部核定后办理 6,120.00"],
        CaseStep.VOUCHER,
    ),
    "over_authority": (
        "按现在的材料算出来是 1,000,000.00 元，还没有定",
        [
            "灾害额外身故保险金 +500,000.00",
            "金额 1,000,000.00 元超过经办人的权限 300,000.00 元，转总部。",
            "现场权限 300,000.00 超出 700,000.00",
            "= 算得 不是承诺，由总部核定 1,000,000.00",
        ],
        CaseStep.VOUCHER,
    ),
}


@pytest.mark.parametrize("name", sorted(STORY))
def test_each_case_of_the_story_is_decided_and_explained(on_stage: Stage, desk: Desk, name: str) -> None:
    words, lines, leads_to = STORY[name]
    case = story_case(name)
    case_no = take_in(desk, case)
    page = show_benefit(on_stage, desk, case_no)

    shown = sentences(page)
    assert words in shown
    for line in lines:
        assert line in shown, shown
    assert "拒" not in shown.replace("拒签", "")
    (record,) = desk.determinations(case_no)
    assert record.outcome is case.expected.outcome
    assert page.standing.step(CaseStep.BENEFIT).state is StepState.DONE
    steps = gone_to(page.panel)
    take_next(page)
    assert steps == [leads_to]
    assert page.loads == 2, "the page loads once to begin with and once after the determination"
    assert on_stage.problems.codes == ()
    assert cut_labels(page.panel) == []


@pytest.mark.parametrize("name", sorted(STORY))
def test_each_case_is_told_in_english_too(tmp_path: Path, station: Station, desk: Desk, name: str) -> None:
    with stage(tmp_path, "en", Theme.NIGHT) as made:
        page = show_benefit(made, desk, take_in(desk, story_case(name)))
        shown = sentences(page)
        assert "Basis" in shown
        assert "declin" not in shown
        assert "acceptance slip" in shown or "receive" in shown or "pay" in shown
        assert cut_labels(page.panel) == []


def test_no_figure_is_shown_before_the_disk_has_it(
    on_stage: Stage, desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    case_no = take_in(desk, DISASTER)
    reached, go = threading.Event(), threading.Event()
    adjudicate = desk.adjudicate

    def slow(*args: object) -> object:
        reached.set()
        assert go.wait(20)
        return adjudicate(*args)  # type: ignore[arg-type] # the same arguments

    monkeypatch.setattr(desk, "adjudicate", slow)
    panel = BenefitPanel(on_stage.workplace(desk))
    page = Page(on_stage, desk, panel, case_no)
    panel.wrote.connect(page.load)
    on_stage.show(panel, 870, 712)
    page.load()
    while not reached.is_set():
        QApplication.processEvents()
    for _ in range(20):
        QApplication.processEvents()

    assert CALCULATING.zh in sentences(page)
    assert "6,488.24" not in sentences(page)
    action = panel.next_action()
    assert action is not None
    assert not action.allowed
    go.set()
    on_stage.settle()
    assert "6,488.24" in sentences(page)
    assert CALCULATING.zh not in sentences(page)


def test_the_desk_is_never_called_on_the_main_thread(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER)
    watched = Watched(desk)
    show_benefit(on_stage, watched, case_no)  # type: ignore[arg-type] # a desk

    assert {"adjudicate", "draft", "rules", "authority_room", "case_standing"} <= set(watched.threads)
    assert all(threading.get_ident() not in each for each in watched.threads.values())


def test_missing_facts_are_named_and_lead_to_the_papers(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER)
    put_facts(desk, case_no, {"accident_date": "2026-11-20", "bill_total": "8,2x"})
    page = show_benefit(on_stage, desk, case_no)

    shown = sentences(page)
    assert "还不能理算" in shown
    assert "“8,2x”不是金额" in shown
    assert "请填写票据号码" in shown
    assert "这里自动理算" in shown, "an empty step says what will be here"
    assert not desk.determinations(case_no)
    steps = gone_to(page.panel)
    click(page, "去填写")
    take_next(page)
    assert steps == [CaseStep.PAPERS, CaseStep.PAPERS]

    put_facts(desk, case_no, raw_facts(DISASTER))
    page.load()
    on_stage.settle()
    assert "6,488.24" in sentences(page)
    assert "还不能理算" not in sentences(page)


def test_changed_facts_are_decided_again_as_long_as_nobody_signed(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER)
    page = show_benefit(on_stage, desk, case_no)
    put_facts(desk, case_no, raw_facts(DISASTER) | {"bill_total": "9,000.00"})

    page.load()
    on_stage.settle()

    assert "7,120.00" in sentences(page)
    assert "6,488.24" not in sentences(page)
    assert messages(page) == []


def test_the_same_facts_are_not_decided_twice(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER)
    page = show_benefit(on_stage, desk, case_no)
    seq = desk.determinations(case_no)[0].seq
    for _ in range(3):
        page.load()
        on_stage.settle()
    other = show_benefit(on_stage, desk, case_no)

    assert desk.determinations(case_no)[0].seq == seq
    assert "6,488.24" in sentences(other)


def test_what_was_signed_is_decided_again_only_when_asked(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER)
    page = show_benefit(on_stage, desk, case_no)
    sign(desk, case_no)
    put_facts(desk, case_no, raw_facts(DISASTER) | {"bill_total": "9,000.00"})

    page.load()
    on_stage.settle()
    assert "6,488.24" in sentences(page)
    assert any("签字之后录入内容有改动" in each and "重新签字" in each for each in messages(page))
    assert page.standing.step(CaseStep.SIGN).state is StepState.DONE

    click(page, "重新理算")
    assert "7,120.00" in sentences(page)
    assert messages(page) == []
    assert page.standing.step(CaseStep.SIGN).state is StepState.OPEN


def test_a_voucher_stands_whatever_is_typed_afterwards(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER)
    page = show_benefit(on_stage, desk, case_no)
    sign(desk, case_no)
    desk.conclude(case_no, CLINIC, (payee(),))
    put_facts(desk, case_no, raw_facts(DISASTER) | {"bill_total": "9,000.00"})

    page.load()
    on_stage.settle()

    assert "6,488.24" in sentences(page)
    assert any("凭证已出" in each and "作废" in each for each in messages(page))
    assert not any("重新理算" in each.accessibleName() for each in page.panel.findChildren(ActionButton))


def test_a_new_paper_makes_it_decide_again_and_the_signature_under_the_same_figures_stays(
    on_stage: Stage, desk: Desk
) -> None:
    case_no = take_in(desk, DISASTER)
    page = show_benefit(on_stage, desk, case_no)
    sign(desk, case_no)
    seq = desk.determinations(case_no)[0].seq
    desk.add_document(case_no, Material.OTHER, "x.jpg", photo(99))
    assert page.standing.step(CaseStep.BENEFIT).state is StepState.OPEN

    page.load()
    on_stage.settle()

    assert desk.determinations(case_no)[0].seq > seq
    assert page.standing.step(CaseStep.BENEFIT).state is StepState.DONE
    assert page.standing.step(CaseStep.SIGN).state is StepState.DONE


def test_missing_papers_make_it_a_receipt_and_say_which(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER, papers=False)
    page = show_benefit(on_stage, desk, case_no)

    shown = sentences(page)
    assert desk.determinations(case_no)[0].outcome is Outcome.RECEIPT_ONLY
    assert "今天还不能预核的原因" in shown
    assert "缺 6 项材料：" in shown
    assert "补齐后这里会重新理算。" in shown
    assert "您能拿到" not in shown
    steps = gone_to(page.panel)
    take_next(page)
    assert steps == [CaseStep.VOUCHER]


def test_without_a_policy_it_says_what_to_do_instead(on_stage: Stage, desk: Desk) -> None:
    page = show_benefit(on_stage, desk, take_in(desk, DISASTER, policy_nos=()))

    assert any("没有保单号" in each and "签收单" in each for each in messages(page))
    steps = gone_to(page.panel)
    take_next(page)
    assert steps == [CaseStep.VOUCHER]


def test_a_policy_that_is_not_on_this_laptop_is_headquarters_business(on_stage: Stage, desk: Desk) -> None:
    page = show_benefit(on_stage, desk, take_in(desk, DISASTER, policy_nos=(FOREIGN,)))

    assert any(FOREIGN in each and "由总部核定" in each for each in messages(page))
    action = page.panel.next_action()
    assert action is not None
    assert action.text.zh == "去开签收单"


def test_without_rules_papers_are_still_taken_in(on_stage: Stage, station: Station) -> None:
    desk = station.open()
    case_no = take_in(desk, DISASTER)
    desk.close()
    shutil.rmtree(station.home / "releases")
    bare = station.open()
    try:
        page = show_benefit(on_stage, bare, case_no)
        assert any("还没有规则包" in each and "签收单" in each for each in messages(page))
        assert not bare.determinations(case_no)
        action = page.panel.next_action()
        assert action is not None
        assert action.text.zh == "去开签收单"
    finally:
        bare.close()


def test_a_full_disk_is_told_with_its_next_step_and_tried_again_by_hand(on_stage: Stage, station: Station) -> None:
    desk = station.open()
    case_no = take_in(desk, DISASTER)
    desk.close()
    full = station.open(store=station.store(max_pages=1))
    try:
        page = show_benefit(on_stage, full, case_no)
        assert page.loads == 1
        (message,) = messages(page)
        assert "磁盘" in message or "空间" in message
        assert "6,488.24" not in sentences(page)
        click(page, "重新理算")
        assert len(messages(page)) == 1
    finally:
        full.close()


def test_a_damaged_draft_is_told_and_read_again_by_hand(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER)
    desk.save_draft(facts_draft_id(case_no), b"{")
    page = show_benefit(on_stage, desk, case_no)

    assert on_stage.problems.codes == ("unexpected",)
    assert "没有读到理算结果" in sentences(page)
    put_facts(desk, case_no, raw_facts(DISASTER))
    retry = next(each for each in on_stage.problems.findChildren(ActionButton) if each.accessibleName() == "重试")
    retry.click()
    on_stage.settle()
    assert "6,488.24" in sentences(page)


def test_several_policies_have_tabs_and_stand_side_by_side(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, story_case("direct_settlement"), policy_nos=(COUNTER, MILLION, FOREIGN))
    page = show_benefit(on_stage, desk, case_no)
    tabs = page.panel._tabs
    assert [f"{each.name.zh} {each.detail.zh}".strip() for each in tabs.tabs] == [
        "康桥直付 KQ-Z 4,193.52",
        "沐光百万医疗 MG-B 转总部",
        f"{FOREIGN} 未理算",
        "对比",
    ]
    assert tabs.current == COUNTER
    assert "您自己付 1,048.38 元" in sentences(page)

    tabs.setFocus()
    QTest.keyClick(tabs, Qt.Key.Key_Right)
    assert tabs.current == MILLION
    assert "申请类型（住院直付）" in sentences(page)
    assert "您自己付 1,048.38 元" not in sentences(page)

    QTest.keyClick(tabs, Qt.Key.Key_End)
    shown = sentences(page)
    assert "几张保单对比" in shown
    assert "预核合计 4,193.52 元" in shown
    assert f"康桥直付 KQ-Z {COUNTER} 预核" in shown
    assert f"沐光百万医疗 MG-B {MILLION} 转总部" in shown

    centre: QPoint = tabs.tab_rect(COUNTER).center()
    QTest.mouseClick(tabs, Qt.MouseButton.LeftButton, pos=centre)
    assert "您自己付 1,048.38 元" in sentences(page)
    assert "几张保单对比" not in sentences(page)
    action = page.panel.next_action()
    assert action is not None
    assert action.text.zh == "去签字", "what can be promised is signed, the other policy goes its own way"


@pytest.mark.parametrize("scale", SCALES)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_many_policies_fit_in_every_size(
    tmp_path: Path, station: Station, desk: Desk, language: str, scale: int
) -> None:
    case_no = take_in(
        desk,
        story_case("direct_settlement"),
        policy_nos=(COUNTER, MILLION, FOREIGN, "AT8888888888888", "AT7777777777777"),
    )
    with stage(tmp_path, language, scale=scale) as made:  # type: ignore[arg-type] # one of the two
        page = show_benefit(made, desk, case_no, 870 if scale == 100 else 1100, 633)
        tabs = page.panel._tabs
        rects = [tabs.tab_rect(each.key) for each in tabs.tabs]
        assert all(rect.x() >= 0 and rect.right() <= tabs.width() for rect in rects)
        assert not any(one.intersects(two) for one, two in pairwise(rects))
        assert all(rect.height() >= 44 for rect in rects)
        assert tabs.geometry().right() <= page.panel.width() - made.look.space("page")
        tabs.choose(tabs.tabs[-1].key)
        made.settle()
        table = page.panel.findChild(PolicyComparison)
        assert table is not None
        assert sum(table.beside) == 5
        assert table.width() <= page.panel.width() - 2 * made.look.space("page")
        assert page.panel._scroll.horizontalScrollBar().maximum() == 0


def test_the_checks_unfold_by_keyboard(on_stage: Stage, desk: Desk) -> None:
    page = show_benefit(on_stage, desk, take_in(desk, DISASTER))
    assert "无疑似责任免除" not in sentences(page)
    fold = button(page, "另核 7 项")
    fold.setFocus()
    QTest.keyClick(fold, Qt.Key.Key_Return)
    on_stage.settle()
    assert "无疑似责任免除 责任免除：未见责任免除情形 通过" in sentences(page)
    QTest.keyClick(fold, Qt.Key.Key_Space)
    assert "无疑似责任免除" not in sentences(page)


def test_the_keyboard_reaches_everything_in_reading_order(on_stage: Stage, desk: Desk) -> None:
    case_no = take_in(desk, DISASTER)
    page = show_benefit(on_stage, desk, case_no, height=420)
    sign(desk, case_no)
    put_facts(desk, case_no, raw_facts(DISASTER) | {"bill_total": "9,000.00"})
    page.load()
    on_stage.settle()
    page.panel.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)
    assert QApplication.focusWidget() is page.panel._scroll
    QTest.keyClick(page.panel._scroll, Qt.Key.Key_PageDown)
    assert page.panel._scroll.verticalScrollBar().value() > 0

    reached = []
    for _ in range(3):
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Tab)
        focus = QApplication.focusWidget()
        assert focus is not None
        reached.append(focus.accessibleName())
    assert reached[0] == "重新理算"
    assert reached[1].startswith("另核 7 项")
    assert reached[2] == "理算结果", "and around again"


def test_it_speaks_the_other_language_at_once_and_grows(on_stage: Stage, desk: Desk) -> None:
    page = show_benefit(on_stage, desk, take_in(desk, DISASTER))
    on_stage.ui.words.switch("en")
    on_stage.settle()
    shown = sentences(page)
    assert "You receive 6,488.24 yuan." in shown
    assert "Waived W-02, W-03" in shown
    assert "Yearly medical limit 20,000.00 Left 13,511.76" in shown
    assert "依据" not in shown
    on_stage.look.use(theme=Theme.SUNLIGHT, scale_percent=150)
    on_stage.settle()
    assert cut_labels(page.panel) == []
    assert page.panel._scroll.horizontalScrollBar().maximum() == 0
    on_stage.ui.words.switch("zh")
    on_stage.look.use(theme=Theme.NIGHT, scale_percent=125)
    on_stage.settle()
    assert "您能拿到 6,488.24 元。" in sentences(page)
    assert page.panel._scroll.horizontalScrollBar().maximum() == 0


def test_another_case_never_shows_the_last_ones_figures(on_stage: Stage, desk: Desk) -> None:
    first = take_in(desk, DISASTER)
    second = take_in(desk, story_case("waiting_period"))
    page = show_benefit(on_stage, desk, first)
    page.case_no = second
    page.load()
    on_stage.settle()

    shown = sentences(page)
    assert "6,488.24" not in shown
    assert "6,120.00" in shown


@pytest.mark.parametrize("case", [story_case("disaster"), story_case("waiting_period")], ids=lambda case: case.name)
@pytest.mark.parametrize("theme", list(Theme))
def test_pictures_can_be_taken_in_every_theme(
    tmp_path: Path, station: Station, desk: Desk, theme: Theme, case: StoryCase
) -> None:
    with stage(tmp_path, theme=theme) as made:
        page = show_benefit(made, desk, take_in(desk, case))
        assert made.picture(page.panel, tmp_path / "benefit.png").stat().st_size > 10_000
