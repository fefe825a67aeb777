"""The Sign step on a real desk: what is signed, by whom, by pen or by keyboard alone; refusing; several payees; what a crash keeps."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import date
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from claims.desk import Desk
from claims.errors import EnvironmentProblem
from claims.events import PaperSigned
from claims.materials import ClaimType, Material
from claims.overviews import CaseStep
from claims.signing import Role
from resources.sample_numbers import CLINIC
from tests.desk.station import ACCOUNT, Station, claimant, clinic_facts, decide_and_sign, new_case, payee, take_papers
from tests.views.heirs import decided_death, heirs, station_with_heirs
from tests.views.stage import Stage, stage, type_text
from views.look.tokens import Theme
from views.screens.case import payees
from views.screens.case.payees import decode_draft, draft_id
from views.screens.case.sign_step import SignPanel


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


@pytest.fixture
def case_no(desk: Desk) -> str:
    """A clinic case that is calculated and not yet signed."""
    number = desk.open_case(new_case())
    take_papers(desk, number)
    desk.adjudicate(number, CLINIC, clinic_facts())
    return number


class Signing:
    """The panel on its stage; it is shown the case again after every write, as its page does."""

    def __init__(self, on: Stage, desk: Desk, case_no: str, size: tuple[int, int] = (870, 712)) -> None:
        self.on, self.desk, self.case_no = on, desk, case_no
        self.panel = SignPanel(on.workplace(desk))
        self.went: list[CaseStep] = []
        self.panel.go_to.connect(self.went.append)
        self.panel.wrote.connect(self.reload)
        on.show(self.panel, *size)
        self.reload()
        on.settle()

    def reload(self) -> None:
        self.panel.show_standing(self.desk.case_standing(self.case_no))

    def press(self) -> None:
        action = self.panel.next_action()
        assert action is not None
        assert action.allowed
        action.run()
        self.on.settle()

    @property
    def next_words(self) -> str:
        action = self.panel.next_action()
        return "" if action is None else action.text.zh

    @property
    def note(self) -> str:
        action = self.panel.next_action()
        return "" if action is None or action.note is None else action.note.zh

    def words(self) -> str:
        """Return everything that can be read now."""
        shown = [
            each.accessibleName() for each in self.panel.findChildren(QWidget) if each.isVisible() and each.width() > 1
        ]
        return "\n".join(shown)

    def draw(self, pad: QWidget) -> None:
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, pos=QPoint(30, 40))
        QTest.mouseMove(pad, QPoint(90, 60))
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, pos=QPoint(90, 60))

    def enter_account(self, block: int = 0) -> None:
        form = self.panel.payees.blocks[block].account
        form.editor(payees.BANK).setFocus()
        type_text(form.editor(payees.BANK), "示例银行")
        form.editor(payees.ACCOUNT).setFocus()
        type_text(form.editor(payees.ACCOUNT), ACCOUNT)

    def sign_all(self) -> None:
        QTest.mouseClick(self.panel.signers.consent, Qt.MouseButton.LeftButton)
        for field in self.panel.signers.claimants:
            self.draw(field.pad)
        self.draw(self.panel.signers.adjuster.pad)


@pytest.fixture
def signing(tmp_path: Path, desk: Desk, case_no: str) -> Iterator[Signing]:
    with stage(tmp_path) as on:
        yield Signing(on, desk, case_no)


def signatures(desk: Desk, case_no: str) -> tuple[PaperSigned, ...]:
    return desk.case_standing(case_no).signatures


@pytest.mark.parametrize("name", ["清溪县人民医院（东院区）", "第908医院"])
def test_a_hospital_may_be_called_what_no_person_is(name: str) -> None:
    typed = {payees.NAME: name, payees.RELATION: payees.HOSPITAL}
    read = payees.reader(ClaimType.DIRECT_SETTLEMENT.value, date(2026, 11, 22))(typed)
    assert read is not None
    assert payees.payee_fact(read).name == name
    account = {payees.BANK: "示例银行", payees.ACCOUNT: ACCOUNT, payees.RELATION: payees.SELF}
    of_person = payees.reader(ClaimType.ACCIDENT_MEDICAL.value, date(2026, 11, 22))
    assert of_person({**account, payees.NAME: name}) is None
    assert of_person({**account, payees.NAME: "周立安"}) is not None


def test_a_draft_that_can_not_be_kept_is_told_and_kept_again(on_stage: Stage, station: Station) -> None:
    desk = station.open()
    number = desk.open_case(new_case())
    take_papers(desk, number)
    desk.adjudicate(number, CLINIC, clinic_facts())
    desk.close()
    full = station.open(store=station.store(max_pages=1))
    signing = Signing(on_stage, full, number)
    form = signing.panel.payees.blocks[0].account
    while on_stage.problems.codes == ():
        form.put(payees.BANK, form.raw()[payees.BANK] + "X" * 3000)
        signing.panel.leave()
        on_stage.settle()
        assert len(form.raw()[payees.BANK]) < 400_000
    assert on_stage.problems.codes == ("store_full",)
    on_stage.problems.dismiss("store_full")
    signing.panel.leave()
    on_stage.settle()
    assert on_stage.problems.codes == ("store_full",), "it is tried again, not taken for kept"
    full.close()


def test_the_sum_stands_there_in_figures_in_capitals_and_in_plain_words(signing: Signing) -> None:
    words = signing.words()

    assert "6,488.24" in words
    assert "人民币陆仟肆佰捌拾捌元贰角肆分" in words
    assert "8,210.30" in words
    assert CLINIC in words
    assert "总部核定" in words
    assert "敏感个人信息" in words


def test_signing_with_a_pen_records_both_and_leads_to_the_voucher(signing: Signing, desk: Desk, case_no: str) -> None:
    assert signing.next_words == "记下签字"
    assert signing.note == "还差：勾选同意、申请人签字、经办人签字"

    signing.enter_account()
    signing.sign_all()
    assert signing.note == ""
    signing.press()

    adjuster, person = signatures(desk, case_no)
    assert (adjuster.role, adjuster.name, adjuster.strokes) == (
        Role.ADJUSTER,
        "林晓禾 0417",
        (((300, 400), (900, 600)),),
    )
    assert (person.role, person.name, person.refused) == (Role.CLAIMANT, claimant().name, False)
    assert "敏感个人信息" in person.note
    assert signing.went == [CaseStep.VOUCHER]
    (paper,) = desk.promise(case_no, CLINIC, (payee(),))
    assert desk.draw(paper.number).pdf.startswith(b"%PDF")


def test_what_is_missing_is_said_and_gets_the_keyboard_and_nothing_is_recorded(
    signing: Signing, desk: Desk, case_no: str
) -> None:
    signing.press()
    assert "还不能记下签字" in signing.words()
    assert "领款人" in signing.words()
    assert QApplication.focusWidget() is signing.panel.payees.blocks[0].account.editor(payees.BANK)

    signing.enter_account()
    signing.press()
    assert QApplication.focusWidget() is signing.panel.signers.consent

    assert signatures(desk, case_no) == ()
    assert signing.went == []


def test_everything_works_by_keyboard_alone(signing: Signing, desk: Desk, case_no: str) -> None:
    signing.panel.first_focus().setFocus()

    def reach(wanted: Callable[[QWidget], bool]) -> QWidget:
        for _ in range(60):
            focused = QApplication.focusWidget()
            if focused is not None and wanted(focused):
                return focused
            QTest.keyClick(QApplication.focusWidget() or signing.panel, Qt.Key.Key_Tab)
        raise AssertionError("the Tab key never came there")

    forms, signers = signing.panel.payees.blocks[0], signing.panel.signers
    type_text(reach(lambda each: each is forms.account.editor(payees.BANK)), "示例银行")
    type_text(reach(lambda each: each is forms.account.editor(payees.ACCOUNT)), ACCOUNT)
    QTest.keyClick(reach(lambda each: each is signers.consent), Qt.Key.Key_Space)
    QTest.keyClick(reach(lambda each: each is signers.claimants[0].way), Qt.Key.Key_Space)
    QTest.keyClick(reach(lambda each: each is signers.adjuster.way), Qt.Key.Key_Space)
    assert signing.note == "还差：见证人姓名"
    type_text(reach(lambda each: each is signers.witness.name), "赵站长")
    assert signing.note == ""
    signing.press()

    witness, adjuster, person = signatures(desk, case_no)
    assert (witness.role, witness.name) == (Role.WITNESS, "赵站长")
    assert adjuster.strokes == person.strokes == ()
    assert "登录身份" in adjuster.note
    assert "不能书写" in person.note
    assert "赵站长" in person.note
    assert desk.promise(case_no, CLINIC, (payee(),))


def test_who_can_not_write_needs_a_witness_with_a_name(signing: Signing, desk: Desk, case_no: str) -> None:
    signing.enter_account()
    signing.sign_all()
    way = signing.panel.signers.claimants[0].way
    assert way is not None

    QTest.mouseClick(way, Qt.MouseButton.LeftButton)
    signing.press()

    assert signing.panel.signers.claimants[0].pad.is_empty
    assert "见证人姓名" in signing.words()
    assert signatures(desk, case_no) == ()


def test_a_refusal_is_recorded_with_its_reason_and_leads_to_the_slip(
    signing: Signing, desk: Desk, case_no: str
) -> None:
    QTest.mouseClick(signing.panel.signers.refuses, Qt.MouseButton.LeftButton)
    assert signing.next_words == "登记拒签"
    assert not signing.panel.payees.isVisible()
    signing.press()
    assert signatures(desk, case_no) == ()
    assert "拒签原因" in signing.note

    signing.panel.signers.reason.setFocus()
    type_text(signing.panel.signers.reason, "认为金额太少")
    signing.press()

    (word,) = signatures(desk, case_no)
    assert (word.role, word.refused, word.note) == (Role.CLAIMANT, True, "认为金额太少")
    assert signing.next_words == "去出签收单"
    assert "申请人已拒签" in signing.words()
    with pytest.raises(Exception, match="unsigned"):
        desk.promise(case_no, CLINIC, (payee(),))


def test_who_changes_their_mind_signs_again(signing: Signing, desk: Desk, case_no: str) -> None:
    QTest.mouseClick(signing.panel.signers.refuses, Qt.MouseButton.LeftButton)
    type_text(signing.panel.signers.reason, "再想想")
    signing.press()
    again = next(each for each in signing.panel.findChildren(QWidget) if each.accessibleName() == "重新签")
    assert again.isVisible()

    QTest.mouseClick(again, Qt.MouseButton.LeftButton)
    signing.enter_account()
    signing.sign_all()
    signing.press()

    assert [each.refused for each in signatures(desk, case_no)] == [True, False, False]
    assert desk.promise(case_no, CLINIC, (payee(),))


def test_what_was_signed_is_shown_and_can_not_be_drawn_over(signing: Signing, desk: Desk, case_no: str) -> None:
    signing.enter_account()
    signing.sign_all()
    signing.press()

    pad = signing.panel.signers.claimants[0].pad
    signing.draw(pad)

    assert pad.ink == (((300, 400), (900, 600)),)
    assert signing.next_words == "去出凭证"
    assert "已签" in signing.words()


def test_typed_payees_survive_a_crash_and_are_what_is_promised(
    tmp_path: Path, station: Station, case_no: str, desk: Desk
) -> None:
    with stage(tmp_path) as on:
        signing = Signing(on, desk, case_no)
        signing.enter_account()
        QTest.qWait(400)
        on.settle()
    desk.close()

    opened = station.open()
    draft = decode_draft(opened.draft(draft_id(case_no)))
    with stage(tmp_path) as on:
        signing = Signing(on, opened, case_no)
        raw = signing.panel.payees.blocks[0].raw()

    assert draft.payees[CLINIC][0][payees.BANK] == "示例银行"
    assert raw[payees.NAME] == claimant().name
    assert raw[payees.BANK] == "示例银行"
    assert raw[payees.ACCOUNT].replace(" ", "") == ACCOUNT
    opened.close()


def test_leaving_keeps_what_was_typed_at_once(signing: Signing, desk: Desk, case_no: str) -> None:
    signing.enter_account()
    signing.panel.leave()
    signing.on.settle()

    assert decode_draft(desk.draft(draft_id(case_no))).payees[CLINIC][0][payees.BANK] == "示例银行"


def test_a_wrong_account_is_told_beside_the_field(signing: Signing, desk: Desk, case_no: str) -> None:
    signing.sign_all()
    form = signing.panel.payees.blocks[0].account
    form.editor(payees.BANK).setFocus()
    type_text(form.editor(payees.BANK), "示例银行")
    form.editor(payees.ACCOUNT).setFocus()
    type_text(form.editor(payees.ACCOUNT), "62170O12")
    signing.press()

    assert "第 6 位" in form.shown_problem(payees.ACCOUNT)
    assert signatures(desk, case_no) == ()


def test_another_payee_than_the_insured_can_be_named(signing: Signing, desk: Desk, case_no: str) -> None:
    block = signing.panel.payees.blocks[0]
    assert block.change.isVisible()

    QTest.mouseClick(block.change, Qt.MouseButton.LeftButton)
    block.person.put(payees.NAME, "林若兰")
    block.person.put(payees.ID_NUMBER, "")
    block.person.put(payees.RELATION, "spouse")
    signing.enter_account()
    signing.panel.leave()
    signing.on.settle()

    assert signing.panel.signers.claimants[0].signer == "林若兰"
    assert decode_draft(desk.draft(draft_id(case_no))).payees[CLINIC][0][payees.RELATION] == "spouse"


def test_a_new_calculation_asks_for_new_signatures(signing: Signing, desk: Desk, case_no: str) -> None:
    signing.enter_account()
    signing.sign_all()
    signing.press()
    desk.adjudicate(case_no, CLINIC, clinic_facts(bill_total=700_000, self_expense=0))

    signing.reload()
    signing.on.settle()

    assert signing.next_words == "记下签字"
    assert signing.panel.signers.claimants[0].pad.is_empty
    assert "5,520.00" in signing.words()


def test_a_referred_result_is_not_signed_and_says_what_happens_instead(tmp_path: Path, desk: Desk) -> None:
    number = desk.open_case(new_case())
    take_papers(desk, number)
    desk.adjudicate(number, CLINIC, clinic_facts(possible_exclusion=True))
    with stage(tmp_path) as on:
        signing = Signing(on, desk, number)

        assert "没有要签的金额" in signing.words()
        assert "签收单" in signing.words()
        assert signing.next_words == "去出签收单"
        assert not signing.panel.signers.isVisible()
        signing.press()
        assert signing.went == [CaseStep.VOUCHER]


def test_a_result_that_only_waits_for_papers_is_not_signed_either(tmp_path: Path, desk: Desk) -> None:
    number = desk.open_case(new_case())
    take_papers(desk, number, (Material.APPLICATION,))
    desk.adjudicate(number, CLINIC, clinic_facts())
    with stage(tmp_path) as on:
        signing = Signing(on, desk, number)

        assert signing.next_words == "去出签收单"
        assert "没有要签的金额" in signing.words()


def test_without_a_result_the_step_says_what_to_do_first(tmp_path: Path, desk: Desk) -> None:
    number = desk.open_case(new_case())
    with stage(tmp_path) as on:
        signing = Signing(on, desk, number)

        assert "还不能签字" in signing.words()
        assert "理算" in signing.words()
        signing.press()
        assert signing.went == [CaseStep.BENEFIT]


def test_a_store_that_can_not_write_keeps_ink_and_words(
    tmp_path: Path, station: Station, desk: Desk, case_no: str
) -> None:
    desk.close()
    full = station.open(store=station.store(max_pages=1))
    try:
        with stage(tmp_path) as on:
            signing = Signing(on, full, case_no)
            signing.enter_account()
            signing.sign_all()
            signing.panel.signers.claimants[0].pad.show_ink((tuple((place, place) for place in range(6000)),))
            for place in range(2000):
                try:
                    full.save_draft(f"filler:{place}", b"x" * 3000)
                except EnvironmentProblem:
                    break
            signing.press()

            assert "store_full" in on.problems.codes
            assert signing.went == []
            assert not signing.panel.signers.claimants[0].pad.is_empty
            assert signing.next_words == "记下签字"
    finally:
        full.close()


@pytest.mark.parametrize("theme", list(Theme))
def test_language_theme_and_size_change_on_the_spot(tmp_path: Path, desk: Desk, case_no: str, theme: Theme) -> None:
    with stage(tmp_path) as on:
        signing = Signing(on, desk, case_no)
        signing.enter_account()
        signing.draw(signing.panel.signers.claimants[0].pad)
        on.ui.words.switch("en")
        on.look.use(theme=theme, scale_percent=150)
        on.settle()

        words = signing.words()
        action = signing.panel.next_action()
        assert "What is signed" in words
        assert "You receive 6,488.24 yuan" in words
        assert action is not None
        assert action.note is not None
        assert action.note.en == "Still needed: the consent, the adjuster's signature"
        assert len(signing.panel.signers.claimants[0].ink) == 1
        raw = signing.panel.payees.blocks[0].raw()
        assert raw[payees.BANK] == "示例银行"


def test_every_control_has_a_name(signing: Signing) -> None:
    QTest.mouseClick(signing.panel.signers.witnessed, Qt.MouseButton.LeftButton)
    for each in signing.panel.findChildren(QWidget):
        if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert each.accessibleName() or each.parentWidget().accessibleName(), each


def test_a_case_signed_elsewhere_is_shown_as_signed(tmp_path: Path, desk: Desk, case_no: str) -> None:
    decide_and_sign(desk, case_no)
    with stage(tmp_path) as on:
        signing = Signing(on, desk, case_no)

        assert signing.next_words == "去出凭证"
        assert signing.panel.signers.claimants[0].pad.ink == (((0, 0), (9, 9)),)


def test_every_beneficiary_signs_and_names_an_account(tmp_path: Path) -> None:
    laptop = station_with_heirs(tmp_path / "home")
    with stage(tmp_path) as on:
        opened = laptop.open()
        number = decided_death(opened)
        signing = Signing(on, opened, number)
        first, second, _died_first = heirs()

        blocks = signing.panel.payees.blocks
        assert [block.raw()[payees.NAME] for block in blocks] == [first, second]
        assert [block.raw()[payees.RELATION] for block in blocks] == ["beneficiary", "beneficiary"]
        words = signing.words()
        assert "125,000.00" in words
        assert "75,000.00" in words
        assert [field.signer for field in signing.panel.signers.claimants] == [first, second]
        for place in range(2):
            signing.enter_account(place)
        signing.sign_all()
        signing.press()

        signed = [each for each in signatures(opened, number) if each.role == Role.CLAIMANT]
        assert [each.name for each in signed] == [first, second]
        assert signing.went == [CaseStep.VOUCHER]
        opened.close()


def test_one_beneficiary_who_has_not_signed_holds_it_back(tmp_path: Path) -> None:
    laptop = station_with_heirs(tmp_path / "home")
    with stage(tmp_path) as on:
        opened = laptop.open()
        number = decided_death(opened)
        signing = Signing(on, opened, number)
        for place in range(2):
            signing.enter_account(place)
        signing.sign_all()
        signing.panel.signers.claimants[1].pad.wipe()

        signing.press()

        assert "申请人签字" in signing.words()
        assert signatures(opened, number) == ()
        opened.close()
