"""The Voucher step on a real desk: the whole life of a paper by keys, and everything that can come between."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from claims.desk import Desk
from claims.errors import Bilingual, EnvironmentProblem
from claims.events import Outcome, PaperKind
from claims.overviews import CaseStep
from claims.paper_definitions import PaperSize
from claims.records import PaperState
from claims.signing import Role
from resources.sample_numbers import CLINIC
from tests.desk.station import (
    ACCOUNT,
    CLINIC_PAPERS,
    NOON,
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
from tests.views.heirs import FIRST_FEN, POLICY_NO, SECOND_FEN, decided_death, heirs, station_with_heirs
from tests.views.stage import Stage, stage, type_text
from views.controls.message import Message
from views.look.tokens import Theme
from views.page_render import grey_pages, screen_page, sheet_width_mm
from views.presentation import Presentation
from views.printing import PrintingDesk, a4_printer
from views.screens.case import payees
from views.screens.case.paper_flow import Doing, next_paper
from views.screens.case.payees import SigningDraft, draft_id, encode_draft
from views.screens.case.voucher_step import VoucherPanel
from views.workplace import Place

READ_ONLY = Path("/sys")


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


def name_payee(desk: Desk, case_no: str, *policy_nos: str, names: tuple[str, ...] = ()) -> None:
    """Type what the Sign step keeps: one payee a name, the insured without one."""
    who = names or (claimant().name,)
    typed = tuple(
        {
            payees.NAME: name,
            payees.ID_NUMBER: "" if names else claimant().id_number or "",
            payees.RELATION: "beneficiary" if names else "self",
            payees.BANK: "示例银行",
            payees.ACCOUNT: ACCOUNT,
        }
        for name in who
    )
    draft = SigningDraft(payees=dict.fromkeys(policy_nos or (CLINIC,), typed))
    desk.save_draft(draft_id(case_no), encode_draft(draft))


def signed_case(desk: Desk) -> str:
    """Return a case that waits for its voucher."""
    number = ready_case(desk)
    name_payee(desk, number)
    return number


class Counter:
    """The panel on its stage; it is shown the case again after every write, as its page does."""

    def __init__(
        self,
        on: Stage,
        desk: Desk,
        case_no: str,
        folder: Path,
        *,
        printing: PrintingDesk | None = None,
        size: tuple[int, int] = (870, 712),
    ) -> None:
        self.on, self.desk, self.case_no, self.folder = on, desk, case_no, folder
        self.printed: list[Path] = []
        self.panel = VoucherPanel(on.workplace(desk), printing=printing or self.to_files())
        self.went: list[CaseStep] = []
        self.panel.go_to.connect(self.went.append)
        self.panel.wrote.connect(self.reload)
        on.show(self.panel, *size)
        self.reload()
        self.rest()

    def to_files(self) -> PrintingDesk:
        """Return a printer that writes files; everything but Qt's dialog is the real way."""

        def choose(_parent: QWidget, _ui: Presentation, title: str, _offered: str, chosen: Callable[..., None]) -> None:
            path = self.folder / f"{title}-{len(self.printed) + 1}.pdf"
            self.printed.append(path)
            printer = a4_printer()
            printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
            printer.setOutputFileName(str(path))
            chosen(printer)

        return PrintingDesk(
            self.on.ui,
            self.on.tasks,
            choose_printer=choose,
            choose_file=lambda _parent, _ui, path, chosen: chosen(self.folder / path.name),
        )

    def reload(self) -> None:
        self.panel.show_standing(self.desk.case_standing(self.case_no))

    def rest(self) -> None:
        deadline = time.monotonic() + 20
        self.on.settle()
        while self.panel.outlet.printing:
            self.on.settle()
            assert time.monotonic() < deadline
        self.on.settle()

    def press(self) -> None:
        action = self.panel.next_action()
        assert action is not None
        assert action.allowed, action.why_not
        action.run()
        self.rest()

    def press_until(self, words: str) -> None:
        while self.next_words != words:
            before = self.next_words
            self.press()
            assert self.next_words != before, before

    @property
    def next_words(self) -> str:
        action = self.panel.next_action()
        return "" if action is None else action.text.zh

    @property
    def next_note(self) -> str:
        action = self.panel.next_action()
        return "" if action is None or action.note is None else action.note.zh

    @property
    def life(self) -> tuple[str, ...]:
        return self.panel.life.rows.sentences

    @property
    def papers(self) -> tuple[PaperState, ...]:
        return tuple(each.state for each in self.desk.papers(self.case_no))

    def words(self) -> str:
        shown = [each.accessibleName() for each in self.panel.findChildren(QWidget) if each.isVisible()]
        return "\n".join(shown)

    def notices(self) -> str:
        return "\n".join(each.words for each in self.panel.findChildren(Message) if each.isVisible())


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


@pytest.fixture
def counter(on: Stage, desk: Desk, tmp_path: Path) -> Counter:
    return Counter(on, desk, signed_case(desk), tmp_path)


# The whole way


def test_the_whole_life_of_a_voucher(counter: Counter, desk: Desk) -> None:
    assert "凭证会显示在这里" in counter.words()
    assert "6,488.24" in counter.panel.view.accessibleName()
    assert counter.panel.numbers.words == "号段余 50 张"
    assert counter.next_words == "出具凭证"

    counter.press()
    assert counter.papers == (PaperState.RENDERED,)
    assert counter.panel.numbers.words == "号段余 49 张"
    assert counter.life[0].startswith("已申请")
    assert counter.life[1].startswith("已成稿")
    assert counter.life[2:] == ("打印 待打印", "交付客户 待确认", "总部兑付 待同步")

    action = counter.panel.next_action()
    assert action is not None
    assert (action.text.zh, action.key) == ("打印", "P")
    counter.press()
    assert counter.papers == (PaperState.PRINTED,)
    assert counter.printed[0].read_bytes().startswith(b"%PDF")
    assert "第 1 次" in counter.life[2]

    action = counter.panel.next_action()
    assert action is not None
    assert (action.text.zh, action.key) == ("确认已交付", "H")
    counter.press()
    assert counter.papers == (PaperState.HANDED_OVER,)
    assert counter.life[3].startswith("已交付客户")
    assert claimant().name in counter.life[3]
    assert desk.draft(draft_id(counter.case_no)) is None

    assert counter.next_words == "下一位"
    counter.press()
    assert counter.on.way.taken == [("place", Place.DESK)]


def test_what_the_printer_gets_is_what_the_screen_shows(counter: Counter, desk: Desk) -> None:
    counter.press_until("确认已交付")
    (paper,) = desk.papers(counter.case_no)

    shown = counter.panel.view.accessibleDescription()
    assert paper.number in shown
    assert "6,488.24" in shown
    assert counter.panel.view.is_sharp
    printed = next(iter(grey_pages(counter.printed[0].read_bytes())))
    assert desk.check_page(paper.number, printed).genuine


def test_the_code_is_checked_on_the_spot(counter: Counter) -> None:
    counter.press()

    qr = counter.panel.qr
    assert qr.chip.words == "核验通过"
    assert len(qr.rows.sentences) == 4
    assert any("6,488.24" in each for each in qr.rows.sentences)


def test_a_picture_of_another_voucher_fails_in_words(counter: Counter, desk: Desk, tmp_path: Path) -> None:
    counter.press()
    other_case = desk.open_case(new_case())
    for shade, material in enumerate(CLINIC_PAPERS):
        desk.add_document(other_case, material, f"{material.value}.jpg", photo(90 + shade))
    decide_and_sign(desk, other_case, clinic_facts("0000731900", bill_total=300_000, self_expense=0))
    (other,) = desk.promise(other_case, CLINIC, (payee(),))
    picture = next(iter(grey_pages(desk.draw(other.number).pdf)))
    (own,) = desk.papers(counter.case_no)

    counter.panel.qr.check_picture(own.number, picture)
    counter.on.settle()

    assert counter.panel.qr.chip.words == "核验不过"
    told = "\n".join(counter.panel.qr.rows.sentences)
    assert other.number in told
    assert own.number in told


def test_a_page_without_a_code_fails_in_words(counter: Counter, desk: Desk) -> None:
    counter.press()
    slip = desk.give_slip(counter.case_no)
    picture = next(iter(grey_pages(desk.draw(slip.number).pdf)))
    (own,) = [each for each in desk.papers(counter.case_no) if each.kind is PaperKind.VOUCHER]

    counter.panel.qr.check_picture(own.number, picture)
    counter.on.settle()

    assert counter.panel.qr.chip.words == "核验不过"
    assert "没有读到二维码" in "".join(counter.panel.qr.rows.sentences)


# Reprints, saving, voiding


def test_a_reprint_says_so_and_has_its_own_number_of_copy(counter: Counter, desk: Desk) -> None:
    counter.press_until("确认已交付")
    (paper,) = desk.papers(counter.case_no)

    QTest.keyClick(counter.panel, Qt.Key.Key_P)
    counter.rest()

    assert desk.paper(paper.number).copies == 2
    assert len(counter.printed) == 2
    assert "第 2 次" in counter.life[2]
    assert "第 2 次打印" in screen_page(desk.drawing(paper.number), 0, 400).words
    assert counter.panel.qr.chip.words == "核验通过"
    assert desk.paper(paper.number).cose == paper.cose


def test_a_saved_file_counts_as_printed_and_the_next_one_is_a_copy(
    counter: Counter, desk: Desk, tmp_path: Path
) -> None:
    counter.press()
    (paper,) = desk.papers(counter.case_no)
    first = desk.drawing(paper.number)

    QTest.mouseClick(counter.panel.paper_actions.save, Qt.MouseButton.LeftButton)
    counter.rest()
    assert (tmp_path / f"{paper.number}.pdf").read_bytes() == first
    assert desk.paper(paper.number).state is PaperState.PRINTED
    QTest.mouseClick(counter.panel.paper_actions.save, Qt.MouseButton.LeftButton)
    counter.rest()

    assert desk.paper(paper.number).copies == 2
    assert (tmp_path / f"{paper.number}.pdf").read_bytes() != first


def test_saving_to_a_folder_that_is_read_only_marks_nothing(on: Stage, desk: Desk, tmp_path: Path) -> None:
    printing = PrintingDesk(
        on.ui, on.tasks, choose_file=lambda _parent, _ui, path, chosen: chosen(READ_ONLY / path.name)
    )
    counter = Counter(on, desk, signed_case(desk), tmp_path, printing=printing)
    counter.press()

    QTest.mouseClick(counter.panel.paper_actions.save, Qt.MouseButton.LeftButton)
    counter.rest()

    assert on.problems.codes == ("save_refused",)
    assert "写保护" in on.problems.sentences[0]
    assert counter.papers == (PaperState.RENDERED,)
    assert counter.next_words == "打印"


def test_without_a_printer_the_file_is_the_way_on(
    on: Stage, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(list))
    printing = PrintingDesk(
        on.ui, on.tasks, choose_file=lambda _parent, _ui, path, chosen: chosen(tmp_path / path.name)
    )
    counter = Counter(on, desk, signed_case(desk), tmp_path, printing=printing)
    counter.press()
    on.show(on.problems, 870, 120)

    counter.press()
    assert on.problems.codes == ("no_printer",)
    assert counter.papers == (PaperState.RENDERED,)
    save = next(
        each
        for each in on.problems.findChildren(QWidget)
        if each.accessibleName() == "存 PDF" and each.focusPolicy() & Qt.FocusPolicy.TabFocus
    )
    QTest.mouseClick(save, Qt.MouseButton.LeftButton)
    counter.rest()

    assert counter.papers == (PaperState.PRINTED,)
    assert on.problems.codes == ()


def test_a_cancelled_print_is_said_and_marks_nothing(on: Stage, desk: Desk, tmp_path: Path) -> None:
    answers: list[QPrinter | None] = [None]
    printing = PrintingDesk(
        on.ui, on.tasks, choose_printer=lambda _parent, _ui, _title, _offered, chosen: chosen(answers[0])
    )
    counter = Counter(on, desk, signed_case(desk), tmp_path, printing=printing)
    counter.press()

    counter.press()

    assert "没有打印" in counter.notices()
    assert "状态没有变" in counter.notices()
    assert counter.papers == (PaperState.RENDERED,)
    printer = a4_printer()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "at-last.pdf"))
    answers[0] = printer
    counter.press()
    assert counter.papers == (PaperState.PRINTED,)
    assert desk.papers(counter.case_no)[0].copies == 1
    assert counter.notices() == ""


def test_a_printer_that_stops_marks_nothing_and_offers_to_try_again(on: Stage, desk: Desk, tmp_path: Path) -> None:
    class OutOfPaper(QPrinter):
        def printerState(self) -> QPrinter.PrinterState:  # noqa: N802 - Qt's name
            return QPrinter.PrinterState.Error

    def choose(_parent: QWidget, _ui: Presentation, _title: str, _offered: str, chosen: Callable[..., None]) -> None:
        printer = OutOfPaper()
        printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        printer.setOutputFileName(str(tmp_path / "out.pdf"))
        chosen(printer)

    counter = Counter(
        on, desk, signed_case(desk), tmp_path, printing=PrintingDesk(on.ui, on.tasks, choose_printer=choose)
    )
    counter.press()

    counter.press()

    assert on.problems.codes == ("printer_stopped",)
    assert "缺纸" in on.problems.sentences[0]
    assert counter.papers == (PaperState.RENDERED,)
    assert counter.next_words == "打印"


def test_voiding_asks_for_a_reason_on_the_spot(counter: Counter, desk: Desk) -> None:
    counter.press_until("确认已交付")
    actions = counter.panel.paper_actions

    QTest.mouseClick(actions.void, Qt.MouseButton.LeftButton)
    assert actions.reason.hasFocus()
    QTest.keyClick(actions.reason, Qt.Key.Key_Return)
    counter.rest()
    assert "请填写原因" in counter.words()
    assert counter.papers == (PaperState.PRINTED,)
    QTest.keyClick(actions.reason, Qt.Key.Key_Escape)
    assert actions.void.isVisible()

    QTest.mouseClick(actions.void, Qt.MouseButton.LeftButton)
    type_text(actions.reason, "打印模糊")
    QTest.keyClick(actions.reason, Qt.Key.Key_Return)
    counter.rest()

    assert counter.papers == (PaperState.VOIDED,)
    assert desk.papers(counter.case_no)[0].void_reason == "打印模糊"
    assert counter.life[-1].startswith("已作废")
    assert "打印模糊" in counter.life[-1]
    assert not actions.reprint.isVisible()
    assert not actions.save.isVisible()
    assert "作废" in counter.panel.view.accessibleName()
    # The code is as genuine as before; the voucher is not good any more.
    assert counter.panel.qr.chip.words == "核验不过"
    assert "打印模糊" in counter.panel.qr.rows.sentences[-1]


def test_after_a_voiding_the_same_loss_gets_a_slip_with_the_desks_own_words(counter: Counter, desk: Desk) -> None:
    counter.press_until("打印")
    (voided,) = desk.papers(counter.case_no)
    desk.void(voided.number, "打印模糊")
    counter.reload()
    counter.rest()
    assert counter.next_words == "出具凭证"
    assert "作废" in counter.next_note

    counter.press()

    slip = desk.papers(counter.case_no)[-1]
    assert slip.kind is PaperKind.SLIP
    assert any("已经出过凭证" in reason.zh for reason in slip.reasons)
    assert "已改出资料签收单" in counter.notices()
    assert "已经出过凭证" in counter.notices()
    counter.press_until("下一位")
    assert desk.paper(slip.number).state is PaperState.HANDED_OVER


def test_after_a_voiding_another_payee_may_get_a_voucher(counter: Counter, desk: Desk, station: Station) -> None:
    counter.press_until("打印")
    (voided,) = desk.papers(counter.case_no)
    desk.void(voided.number, "领款人填错")
    name_payee(desk, counter.case_no, names=("林若兰",))
    counter.reload()
    counter.rest()

    counter.press()

    newest = desk.papers(counter.case_no)[-1]
    assert newest.kind is PaperKind.VOUCHER
    assert newest.payee is not None
    assert newest.payee.name == "林若兰"
    assert counter.panel.tabs.isVisible()
    assert "（作废）" in counter.words()


def test_another_size_before_the_first_print_is_no_reprint(counter: Counter, desk: Desk, tmp_path: Path) -> None:
    counter.press()
    sizes = counter.panel.sizes
    assert sizes.isVisible()
    sizes.segments.choose(PaperSize.ROLL_80.value)
    counter.rest()
    assert counter.panel.qr.chip.words == "核验通过", "the code is read from the roll as well"
    assert counter.papers == (PaperState.RENDERED,), "looking records nothing"

    counter.press()

    (paper,) = desk.papers(counter.case_no)
    assert (paper.state, paper.copies) == (PaperState.PRINTED, 1)
    assert round(sheet_width_mm(counter.printed[0].read_bytes())) == 80
    assert "第 2 次" not in screen_page(desk.drawing(paper.number), 0, 400).words
    assert counter.on.preferences.load().paper == "roll_80", "the next paper is for the same printer"


# Cuts and crashes


class Cut(BaseException):
    """The process ends here."""


def test_a_kill_between_number_and_page_is_offered_to_be_drawn(on: Stage, station: Station, tmp_path: Path) -> None:
    first = station.open()
    number = signed_case(first)
    first.close()

    def cut(step: str, /) -> None:
        if step == "after_t1":
            raise Cut

    killed = station.open(probe=cut)
    with contextlib.suppress(Cut):
        killed.promise(number, CLINIC, (payee(),))
    killed.close()

    again = station.open()
    counter = Counter(on, again, number, tmp_path)
    assert counter.papers == (PaperState.ASKED,)
    assert counter.next_words == "生成票面"
    assert "没来得及" in counter.next_note
    assert "还没有生成" in counter.panel.view.accessibleName()
    (asked,) = again.papers(number)
    counter.press()

    assert counter.papers == (PaperState.RENDERED,)
    assert [each.number for each in again.papers(number)] == [asked.number]
    counter.press_until("下一位")
    assert again.papers(number)[0].copies == 1
    again.close()


def test_a_page_that_can_not_be_drawn_keeps_its_number_for_later(
    on: Stage, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    counter = Counter(on, desk, signed_case(desk), tmp_path)
    real = Desk.draw

    def refuse(_desk: Desk, _number: str, _size: PaperSize) -> object:
        words = Bilingual("磁盘已满。", "The disk is full.")
        raise EnvironmentProblem("store_full", words, words)

    monkeypatch.setattr(Desk, "draw", refuse)
    counter.press()
    assert on.problems.codes == ("store_full",)
    assert counter.papers == (PaperState.ASKED,)
    assert counter.next_words == "生成票面"

    monkeypatch.setattr(Desk, "draw", real)
    counter.press()
    assert counter.papers == (PaperState.RENDERED,)


def test_without_numbers_nothing_is_issued_and_it_says_why(on: Stage, tmp_path: Path) -> None:
    small = Station(tmp_path / "small")
    small.create(numbers=1)
    opened = small.open()
    number = signed_case(opened)
    used = Counter(on, opened, number, tmp_path)
    used.press_until("打印")
    opened.void(opened.papers(number)[0].number, "打印模糊")
    used.reload()
    used.rest()

    action = used.panel.next_action()

    assert action is not None
    assert not action.allowed
    assert action.why_not is not None
    assert "号码已用完" in action.why_not.zh
    assert used.panel.numbers.words == "号段余 0 张"
    opened.close()


# What leads here, and slips


def test_missing_payees_lead_back_to_the_signatures(on: Stage, desk: Desk, tmp_path: Path) -> None:
    counter = Counter(on, desk, ready_case(desk), tmp_path)

    assert counter.next_words == "补填领款人"
    counter.press()
    assert counter.went == [CaseStep.SIGN]
    assert desk.papers(counter.case_no) == []


def test_an_unsigned_result_leads_to_the_signatures(on: Stage, desk: Desk, tmp_path: Path) -> None:
    number = desk.open_case(new_case())
    take_papers(desk, number)
    desk.adjudicate(number, CLINIC, clinic_facts())
    counter = Counter(on, desk, number, tmp_path)

    assert "签字" in counter.panel.view.accessibleName()
    counter.press()
    assert counter.went == [CaseStep.SIGN]


def test_a_referred_case_gets_its_slip_which_lives_the_same_life(on: Stage, desk: Desk, tmp_path: Path) -> None:
    number = desk.open_case(new_case())
    take_papers(desk, number)
    desk.adjudicate(number, CLINIC, clinic_facts(possible_exclusion=True))
    counter = Counter(on, desk, number, tmp_path)
    assert counter.next_words == "出具签收单"
    assert "资料签收单" in counter.words()

    counter.press()
    (slip,) = desk.papers(number)
    assert (slip.kind, slip.outcome, slip.state) == (PaperKind.SLIP, Outcome.REFERRED, PaperState.RENDERED)
    assert not counter.panel.qr.isVisible()
    assert counter.panel.paper_actions.void.isVisible(), "a spoiled sheet is voided, whatever is on it"
    assert len(counter.life) == 4
    counter.press_until("下一位")

    assert counter.papers == (PaperState.HANDED_OVER,)


def test_a_refusal_to_sign_gets_a_slip(on: Stage, desk: Desk, tmp_path: Path) -> None:
    number = desk.open_case(new_case())
    take_papers(desk, number)
    desk.adjudicate(number, CLINIC, clinic_facts())
    desk.sign(number, CLINIC, role=Role.CLAIMANT, name="甲", refused=True, note="嫌少")
    counter = Counter(on, desk, number, tmp_path)

    assert counter.next_words == "出具签收单"
    assert "拒签" in counter.next_note
    counter.press_until("下一位")
    assert [each.kind for each in desk.papers(number)] == [PaperKind.SLIP]


def test_who_signs_after_all_gets_the_voucher(on: Stage, desk: Desk, station: Station, tmp_path: Path) -> None:
    number = desk.open_case(new_case())
    take_papers(desk, number)
    desk.adjudicate(number, CLINIC, clinic_facts())
    desk.sign(number, CLINIC, role=Role.CLAIMANT, name="甲", refused=True)
    slip = desk.give_slip(number)
    station.clock.wall = NOON.replace(minute=30)
    for role, name in ((Role.ADJUSTER, "林晓禾"), (Role.CLAIMANT, claimant().name)):
        desk.sign(number, CLINIC, role=role, name=name)
    desk.draw(slip.number)
    name_payee(desk, number)

    assert next_paper(desk.case_standing(number)).doing is Doing.ISSUE


def test_a_promise_that_is_refused_at_the_last_moment_says_why(on: Stage, desk: Desk, tmp_path: Path) -> None:
    first = signed_case(desk)
    desk.promise(first, CLINIC, (payee(),))
    second = desk.open_case(new_case())
    for shade, material in enumerate(CLINIC_PAPERS):
        desk.add_document(second, material, f"{material.value}.jpg", photo(90 + shade))
    decide_and_sign(desk, second)
    name_payee(desk, second)
    assert desk.determinations(second)[0].outcome is Outcome.PRE_APPROVED
    counter = Counter(on, desk, second, tmp_path)

    counter.press()

    assert "已改出资料签收单" in counter.notices()
    assert [each.kind for each in desk.papers(second)] == [PaperKind.SLIP]


# Several papers


def test_two_heirs_get_a_voucher_each(on: Stage, tmp_path: Path) -> None:
    laptop = station_with_heirs(tmp_path / "home")
    opened = laptop.open()
    number = decided_death(opened)
    first, second, _ = heirs()
    for name in (first, second):
        opened.sign(number, POLICY_NO, role=Role.CLAIMANT, name=name, ink=(((0, 0), (50, len(name) * 10)),))
    opened.sign(number, POLICY_NO, role=Role.ADJUSTER, name="林晓禾")
    name_payee(opened, number, POLICY_NO, names=(first, second))
    counter = Counter(on, opened, number, tmp_path)
    assert first in counter.panel.view.accessibleName()
    assert "75,000.00" in counter.panel.view.accessibleName()

    counter.press()
    papers = opened.papers(number)
    assert [(each.payee.name, each.amount_fen) for each in papers if each.payee is not None] == [
        (first, FIRST_FEN),
        (second, SECOND_FEN),
    ]
    assert counter.panel.tabs.isVisible()
    counter.press_until("下一位")

    assert counter.papers == (PaperState.HANDED_OVER, PaperState.HANDED_OVER)
    assert len(counter.printed) == 2
    tab = next(each for each in counter.panel.tabs.findChildren(QWidget) if first in each.accessibleName())
    QTest.mouseClick(tab, Qt.MouseButton.LeftButton)
    counter.rest()
    assert papers[0].number in counter.panel.view.accessibleDescription()
    opened.close()


# The paper on the screen


def test_the_paper_is_enlarged_by_a_click_and_by_keys(counter: Counter) -> None:
    counter.press()
    view = counter.panel.view
    view.setFocus()

    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(120, 500))
    QTest.qWait(120)
    counter.rest()
    assert view.enlarged
    assert view.is_sharp
    assert view.verticalScrollBar().value() > 0
    QTest.keyClick(view, Qt.Key.Key_0)
    assert not view.enlarged
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.keyClick(view, Qt.Key.Key_Plus)
    QTest.qWait(120)
    counter.rest()
    assert view.is_sharp
    QTest.mouseClick(view.viewport(), Qt.MouseButton.LeftButton, pos=QPoint(120, 300))
    assert not view.enlarged


@pytest.mark.parametrize("theme", list(Theme))
def test_language_theme_and_size_change_on_the_spot(counter: Counter, theme: Theme) -> None:
    counter.press_until("确认已交付")
    counter.on.ui.words.switch("en")
    counter.on.look.use(theme=theme, scale_percent=150)
    QTest.qWait(120)
    counter.rest()

    words = counter.words()
    assert "Life of this paper" in words
    assert "49 numbers left" in words
    assert "Genuine" in words
    action = counter.panel.next_action()
    assert action is not None
    assert action.text.en == "Handed over"
    assert counter.panel.view.is_sharp


def test_every_control_has_a_name(counter: Counter) -> None:
    counter.press_until("确认已交付")
    for each in counter.panel.findChildren(QWidget):
        if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert each.accessibleName(), each


def test_the_receiver_can_be_somebody_else(counter: Counter, desk: Desk) -> None:
    counter.press_until("确认已交付")
    receiver = counter.panel.paper_actions.receiver
    receiver.setFocus()
    receiver.selectAll()
    type_text(receiver, "邻居王某（代领）")
    counter.press()

    assert "邻居王某（代领）" in counter.life[3]
