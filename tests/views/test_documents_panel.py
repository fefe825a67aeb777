"""The papers of a case on a real desk: chosen, filled in, signed, printed, handed over; and everything that can come between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QPlainTextEdit, QWidget

from claims.desk import Desk
from claims.document_types import Signer
from claims.errors import Bilingual, EnvironmentProblem
from claims.events import PaperKind
from claims.overviews import CaseStep
from claims.paper_definitions import PaperId
from claims.records import PaperRecord, PaperState
from claims.signing import Role
from resources.sample_numbers import CLINIC
from tests.desk.station import NOON, Station, claimant, new_case, payee, ready_case, take_papers
from tests.views.stage import Stage, stage, type_text
from views.controls.message import Message
from views.look.tokens import Theme
from views.page_render import screen_page
from views.presentation import Presentation
from views.printing import PrintingDesk, a4_printer
from views.screens.case.document_jobs import draft_id
from views.screens.case.document_signers import SignerPlace
from views.screens.case.documents_panel import DocumentsPanel
from views.screens.case.page import CasePage
from views.screens.desk_side import DeskSide
from views.workplace import Beside

TYPED = {
    PaperId.APPLICATION: {
        "case.description": "地震时瓦片坠落，左前臂骨折。",
        "social_insurance.kind": "employee",
        "other_cover.any": "no",
    }
}


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
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


class Papers:
    """The panel on its stage; it is shown the case again after every write, as its page does."""

    def __init__(self, on: Stage, desk: Desk, case_no: str, folder: Path) -> None:
        self.on, self.desk, self.case_no, self.folder = on, desk, case_no, folder
        self.printed: list[Path] = []
        self.panel = DocumentsPanel(on.workplace(desk), printing=self.to_files())
        self.went: list[object] = []
        self.panel.go_to.connect(self.went.append)
        self.panel.wrote.connect(self.reload)
        on.show(self.panel, 870, 712)
        self.panel.setFocus()
        self.reload()
        self.rest()

    def to_files(self) -> PrintingDesk:
        """Return a printer that writes files; everything but Qt's dialog is the real way."""

        def choose(_parent: QWidget, _ui: Presentation, title: str, _offered: str, chosen: Callable[..., None]) -> None:
            path = self.folder / f"{title}-{len(self.printed) + 1}.pdf"
            self.printed.append(path)
            printer = a4_printer()
            # Coarse: what is looked at here is what becomes of a paper, not its dots.
            printer.setResolution(96)
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
        deadline = time.monotonic() + 60
        self.on.settle()
        while self.panel.outlet.printing or self.panel.batch.running:
            self.on.settle()
            assert time.monotonic() < deadline
        self.on.settle()

    def press(self) -> None:
        action = self.panel.next_action()
        assert action is not None
        assert action.allowed, action.why_not
        action.run()
        self.rest()

    def click(self, widget: QWidget) -> None:
        QTest.mouseClick(widget, Qt.MouseButton.LeftButton)
        self.rest()

    def choose(self, paper: PaperId) -> None:
        possible = self.desk.papers_possible(self.case_no)
        self.click(self.panel.list.row_of(paper, possible))

    def fill_in(self, paper: PaperId) -> None:
        """Open a form and type what it asks for."""
        self.choose(paper)
        form = self.panel.form.form
        for key, text in TYPED.get(paper, {}).items():
            assert form is not None
            form.put(key, text)

    def issue(self, paper: PaperId) -> PaperRecord:
        """Fill a paper in and issue it; return it."""
        self.fill_in(paper)
        self.press()
        assert self.next_words == "打印", (self.notices(), self.wrong())
        return self.papers[-1]

    def wrong(self) -> list[str]:
        form = self.panel.form.form
        return [] if form is None else [each for each in map(form.shown_problem, form.raw()) if each]

    def place(self, role: Role) -> SignerPlace:
        return next(each for each in self.panel.sheet.signers.places if each.signer.role is role)

    def draw_on(self, role: Role) -> None:
        pad = self.place(role).field.pad
        QTest.mousePress(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(30, 40))
        for x, y in ((60, 60), (90, 30), (130, 55)):
            QTest.mouseMove(pad, QPoint(x, y))
        QTest.mouseRelease(pad, Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(150, 40))

    @property
    def papers(self) -> tuple[PaperRecord, ...]:
        found = (each for each in self.desk.papers(self.case_no) if each.kind is PaperKind.DOCUMENT)
        return tuple(sorted(found, key=lambda each: each.seq))

    def signer(self, role: Role) -> Signer:
        return next(each for each in self.desk.signers(self.papers[-1].number) if each.role is role)

    @property
    def next_words(self) -> str:
        action = self.panel.next_action()
        return "" if action is None else action.text.zh

    @property
    def next_note(self) -> str:
        action = self.panel.next_action()
        return "" if action is None or action.note is None else action.note.zh

    def words(self) -> str:
        shown = [each.accessibleName() for each in self.panel.findChildren(QWidget) if each.isVisible()]
        return "\n".join(shown)

    def notices(self) -> str:
        return "\n".join(each.words for each in self.panel.findChildren(Message) if each.isVisible())


@pytest.fixture
def papers(on: Stage, desk: Desk, tmp_path: Path) -> Papers:
    return Papers(on, desk, ready_case(desk), tmp_path)


@pytest.fixture
def promised(on: Stage, desk: Desk, tmp_path: Path) -> Papers:
    """The papers of a case whose voucher was issued."""
    case_no = ready_case(desk)
    desk.promise(case_no, CLINIC, (payee(),))
    return Papers(on, desk, case_no, tmp_path)


# The list


def test_every_paper_is_there_and_one_that_is_not_ready_says_why(on: Stage, desk: Desk, tmp_path: Path) -> None:
    papers = Papers(on, desk, desk.open_case(new_case()), tmp_path)
    possible = desk.papers_possible(papers.case_no)

    words = papers.words()

    assert len(papers.panel.list.possible.rows) == len(possible) >= 8
    for each in possible:
        assert each.name.zh in words
        if each.why_not is not None:
            assert each.why_not.zh in words
    assert any(each.why_not for each in possible), "no determination was made yet"
    assert "还没有出过" in papers.panel.list.issued.empty_words


def test_the_keyboard_begins_at_the_first_paper_and_enter_opens_its_form(papers: Papers) -> None:
    first = QApplication.focusWidget()
    assert first is papers.panel.list.first_row()
    QTest.keyClick(first, Qt.Key.Key_Return)
    papers.rest()

    assert papers.panel.form.isVisible()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert papers.panel.form.isAncestorOf(focused)
    QTest.keyClick(focused, Qt.Key.Key_Escape)
    papers.rest()
    assert papers.panel.list.isVisible()


def test_from_the_list_the_way_leads_on(papers: Papers) -> None:
    assert papers.next_words in {"去出单证", "去签字"}
    papers.press()
    assert papers.went == [CaseStep.VOUCHER]


# The whole way


def test_the_whole_life_of_an_application(papers: Papers, desk: Desk) -> None:
    papers.fill_in(PaperId.APPLICATION)
    assert papers.next_words == "出具"
    assert papers.papers == ()
    papers.press()
    (paper,) = papers.papers
    assert paper.state is PaperState.ASKED, "it has its number and nothing was drawn"
    assert paper.number in papers.words()
    assert paper.number in papers.panel.sheet.view.accessibleDescription(), "its page is seen before it is drawn"
    assert "还有 3 处没签" in papers.next_note

    for role in (Role.CLAIMANT, Role.CONSENT):
        papers.draw_on(role)
    assert papers.next_words == "记下签字"
    papers.press()
    for role in (Role.CLAIMANT, Role.CONSENT):
        signed = papers.signer(role).signed
        assert signed is not None
        assert signed.ink
        assert not signed.refused
    assert papers.signer(Role.ADJUSTER).signed is None
    assert "还有 1 处没签" in papers.next_note

    way = papers.place(Role.ADJUSTER).field.way
    assert way is not None
    way.setFocus()
    way.click()
    papers.press()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert papers.panel.isAncestorOf(focused), "the tick went away, the keyboard stays with the paper"
    signed = papers.signer(Role.ADJUSTER).signed
    assert signed is not None
    assert "林晓禾" in signed.name

    action = papers.panel.next_action()
    assert action is not None
    assert (action.text.zh, action.key) == ("打印", "P")
    papers.press()
    (paper,) = papers.papers
    assert (paper.state, paper.copies) == (PaperState.PRINTED, 1)
    assert papers.printed[0].read_bytes().startswith(b"%PDF")
    assert papers.next_words == "确认已交付"
    papers.press()
    assert papers.papers[0].state is PaperState.HANDED_OVER
    assert any(claimant().name in each for each in papers.panel.sheet.life.rows.sentences)
    papers.press()
    assert papers.panel.list.isVisible()
    assert "已交付" in papers.words()


def test_consent_can_be_refused_while_the_application_is_signed(papers: Papers) -> None:
    papers.issue(PaperId.APPLICATION)
    papers.draw_on(Role.CLAIMANT)
    consent = papers.place(Role.CONSENT)
    consent.refuses.click()
    assert papers.next_note == "还差：拒签原因"
    papers.press()
    assert consent.reason.line.hasFocus()
    type_text(consent.reason.line, "不同意提供给再保险公司")
    papers.press()

    signed = papers.signer(Role.CLAIMANT).signed
    refused = papers.signer(Role.CONSENT).signed
    assert signed is not None
    assert not signed.refused
    assert refused is not None
    assert refused.refused
    assert not refused.ink


def test_who_can_not_write_needs_a_witness(papers: Papers) -> None:
    papers.issue(PaperId.APPLICATION)
    place = papers.place(Role.CLAIMANT)
    assert place.field.way is not None
    place.field.way.click()
    assert papers.next_note == "还差：见证人姓名"
    type_text(place.witness.line, "王芳")
    papers.press()
    signed = papers.signer(Role.CLAIMANT).signed
    assert signed is not None
    assert not signed.refused


def test_ink_that_is_not_recorded_stays_when_the_case_is_read_again(papers: Papers) -> None:
    papers.issue(PaperId.APPLICATION)
    papers.draw_on(Role.CLAIMANT)
    papers.reload()
    papers.rest()
    assert not papers.place(Role.CLAIMANT).field.pad.is_empty
    assert papers.next_words == "记下签字"


def test_a_decision_notice_says_the_sum(promised: Papers) -> None:
    papers = promised
    papers.issue(PaperId.DECISION_NOTICE)
    assert "6,488.24" in papers.panel.sheet.view.accessibleDescription()
    papers.press()
    papers.press()
    assert papers.papers[0].state is PaperState.HANDED_OVER


# Forms


def test_what_is_wrong_is_said_beside_the_field_and_nothing_is_issued(papers: Papers) -> None:
    papers.choose(PaperId.APPLICATION)
    assert papers.wrong() == []
    papers.press()
    assert "还不能出具" in papers.notices()
    assert "请填写事故经过。" in papers.wrong()
    assert papers.papers == ()
    focused = QApplication.focusWidget()
    assert focused is not None
    assert papers.panel.form.isAncestorOf(focused)


def test_what_only_the_desk_can_know_is_said_beside_its_field_too(papers: Papers) -> None:
    papers.fill_in(PaperId.APPLICATION)
    form = papers.panel.form
    assert form.form is not None
    form.form.put("loss.cause", "illness")
    row = form.rows["applicants"].forms()[0]
    row.put("applicant.name", "王芳")
    papers.press()
    assert papers.papers == ()
    assert "出险原因与案件的申请项目不一致" in form.form.shown_problem("loss.cause")
    assert "不能是“本人”" in row.shown_problem("applicant.relation")
    assert papers.on.problems.codes == (), "said once, where it is"

    form.form.put("loss.cause", "accident")
    row.put("applicant.name", claimant().name)
    papers.press()
    assert len(papers.papers) == 1
    assert papers.next_words == "打印"


def test_what_was_typed_is_there_again(papers: Papers, desk: Desk) -> None:
    papers.choose(PaperId.INTERVIEW_RECORD)
    form = papers.panel.form
    editor = next(iter(form.rows.values())).forms()[0]
    key = next(iter(editor.raw()))
    field = editor.editor(key)
    field.setFocus()
    type_text(field, "当时您在哪里？")
    papers.panel.show_list()
    papers.rest()
    assert desk.draft(draft_id(papers.case_no, PaperId.INTERVIEW_RECORD)) is not None

    papers.choose(PaperId.INTERVIEW_RECORD)
    again = next(iter(papers.panel.form.rows.values())).forms()[0]
    assert again.raw()[key].startswith("当时您在哪里？")


def test_rows_are_added_and_taken_out_by_keys(papers: Papers) -> None:
    papers.choose(PaperId.INTERVIEW_RECORD)
    editor = next(iter(papers.panel.form.rows.values()))
    before = len(editor.forms())
    key = next(iter(editor.forms()[0].raw()))
    editor.add.setFocus()
    QTest.keyClick(editor.add, Qt.Key.Key_Return)
    papers.rest()
    assert len(editor.forms()) == before + 1
    last = editor.forms()[-1]
    field = last.editor(key)
    assert field.hasFocus()
    type_text(field, "第二问")
    assert editor.raw()[-1][key] == "第二问"
    editor.remover(before).click()
    papers.rest()
    assert len(editor.forms()) == before
    assert all(row[key] != "第二问" for row in editor.raw())


def test_a_full_disk_keeps_what_was_typed(papers: Papers, monkeypatch: pytest.MonkeyPatch) -> None:
    papers.fill_in(PaperId.APPLICATION)
    before = papers.panel.form.draft()

    def full(*_args: object, **_more: object) -> None:
        words = Bilingual("磁盘已满。", "The disk is full.")
        raise EnvironmentProblem("store_full", words, words)

    monkeypatch.setattr(Desk, "ask_paper", full)
    papers.press()
    assert papers.on.problems.codes == ("store_full",)
    assert papers.panel.form.isVisible()
    assert papers.panel.form.draft() == before
    monkeypatch.undo()
    papers.press()
    assert len(papers.papers) == 1


def test_the_same_contents_twice_are_the_same_paper(papers: Papers) -> None:
    first = papers.issue(PaperId.APPLICATION)
    papers.panel.show_list()
    papers.rest()
    again = papers.issue(PaperId.APPLICATION)
    assert again.number == first.number
    assert len(papers.papers) == 1
    assert "已经出过" in papers.notices()


# Leaving


def test_a_reprint_is_copy_two_with_the_same_contents(papers: Papers) -> None:
    paper = papers.issue(PaperId.APPLICATION)
    papers.press()
    QTest.keyClick(papers.panel, Qt.Key.Key_P)
    papers.rest()
    again = papers.papers[-1]
    assert (again.number, again.copies, again.content) == (paper.number, 2, paper.content)
    assert len(papers.printed) == 2
    assert "第 2 次" in "".join(papers.panel.sheet.life.rows.sentences)


def test_a_paper_signed_after_it_was_drawn_is_not_printed_without_its_ink(
    papers: Papers, desk: Desk, station: Station
) -> None:
    paper = papers.issue(PaperId.APPLICATION)
    desk.draw(paper.number)
    station.clock.wall = NOON.replace(minute=30)
    papers.draw_on(Role.CLAIMANT)
    papers.press()
    before = desk.drawing(paper.number)
    papers.press()
    assert desk.drawing(paper.number) != before
    assert (papers.papers[-1].state, papers.papers[-1].copies) == (PaperState.PRINTED, 1), (
        "nobody saw the other drawing"
    )


def test_saving_counts_as_printed(papers: Papers, tmp_path: Path, desk: Desk) -> None:
    paper = papers.issue(PaperId.APPLICATION)
    papers.click(papers.panel.sheet.paper_actions.save)
    assert papers.papers[-1].state is PaperState.PRINTED
    assert (tmp_path / f"{paper.number}.pdf").read_bytes() == desk.drawing(paper.number)


def test_the_reading_copy_is_english_and_leaves_no_trace(papers: Papers, desk: Desk, tmp_path: Path) -> None:
    paper = papers.issue(PaperId.APPLICATION)
    sheet = papers.panel.sheet
    sheet.which.choose("reading")
    papers.rest()
    assert "READING COPY" in sheet.view.accessibleDescription()
    assert "Claim application" in sheet.view.accessibleDescription()
    assert papers.next_words == "回到正式文书", "nobody prints the paper while reading its translation"
    assert not sheet.paper_actions.isVisible()
    papers.click(sheet.reading.save)
    saved = tmp_path / f"{paper.number}-EN.pdf"
    assert saved.read_bytes() == desk.reading_copy(paper.number)
    papers.click(sheet.reading.print)
    assert len(papers.printed) == 1
    assert papers.papers[-1].state is PaperState.ASKED
    assert papers.papers[-1].copies == 0
    assert "不登记" in papers.notices()
    papers.press()
    assert sheet.paper_actions.isVisible()


def test_voiding_asks_for_a_reason_and_ends_it(papers: Papers) -> None:
    papers.issue(PaperId.APPLICATION)
    actions = papers.panel.sheet.paper_actions
    papers.click(actions.void)
    assert actions.reason.hasFocus()
    type_text(actions.reason, "填错了领款账户")
    QTest.keyClick(actions.reason, Qt.Key.Key_Return)
    papers.rest()
    assert papers.papers[-1].state is PaperState.VOIDED
    assert papers.papers[-1].void_reason == "填错了领款账户"
    assert papers.next_words == "全部文书"
    assert not papers.panel.sheet.signers.isVisible()
    papers.press()
    assert "已作废" in papers.words()


def test_a_cancelled_dialog_records_nothing_and_says_so(on: Stage, desk: Desk, tmp_path: Path) -> None:
    papers = Papers(on, desk, ready_case(desk), tmp_path)
    papers.panel.outlet._printing._choose_printer = lambda _parent, _ui, _title, _offered, chosen: chosen(None)
    papers.issue(PaperId.APPLICATION)
    papers.press()
    assert "没有打印" in papers.notices()
    assert papers.papers[-1].state is not PaperState.PRINTED


def test_all_that_wait_are_printed_in_one_go(promised: Papers) -> None:
    papers = promised
    for paper in (PaperId.APPLICATION, PaperId.DECISION_NOTICE):
        papers.issue(paper)
        papers.panel.show_list()
        papers.rest()
    assert papers.panel.list.print_all.text() == "打印待打印的 2 份…"
    papers.click(papers.panel.list.print_all)
    assert [each.state for each in papers.papers] == [PaperState.PRINTED] * 2
    assert papers.panel.batch.strip.words == "已打印 2 份"
    assert "待交付" in papers.words()
    assert papers.next_words == "去完成"


# Beside the steps


def test_the_page_leads_here_by_key_and_by_mouse_and_the_steps_stay(on: Stage, desk: Desk) -> None:
    page = CasePage(on.workplace(desk))
    on.show(page)
    page.show_case(ready_case(desk), CaseStep.REPORT)
    on.settle()
    focused = QApplication.focusWidget()
    assert focused is not None
    QTest.keyClick(focused, Qt.Key.Key_6, Qt.KeyboardModifier.ControlModifier)
    on.settle()
    assert page.step is Beside.DOCUMENTS
    panel = page.panel(Beside.DOCUMENTS)
    assert isinstance(panel, DocumentsPanel)
    assert panel.list.isVisible()
    focused = QApplication.focusWidget()
    assert focused is panel.list.first_row()
    page.go(CaseStep.SIGN)
    on.settle()
    assert page.step is CaseStep.SIGN
    QTest.mouseClick(page.stepper.documents, Qt.MouseButton.LeftButton)
    on.settle()
    assert page.step is Beside.DOCUMENTS
    panel.fill_in(PaperId.APPLICATION)
    on.settle()
    assert panel.form.form is not None
    for key, text in TYPED[PaperId.APPLICATION].items():
        panel.form.form.put(key, text)
    page.summary.button.click()
    on.settle()
    assert "待交" in page.stepper.documents.accessibleName()
    assert "理赔申请书" in page.summary.words


def test_documents_are_no_business_of_the_voucher_step(on: Stage, desk: Desk) -> None:
    case_no = ready_case(desk)
    before = desk.case_standing(case_no)
    proposed = desk.paper_form(case_no, PaperId.APPLICATION)
    typed = dict(proposed.values) | TYPED[PaperId.APPLICATION]
    desk.ask_paper(case_no, PaperId.APPLICATION, typed, {each.key: each.rows for each in proposed.rows})
    after = desk.case_standing(case_no)
    assert [each.state for each in after.steps] == [each.state for each in before.steps]
    page = CasePage(on.workplace(desk))
    on.show(page)
    page.show_case(case_no, CaseStep.VOUCHER)
    on.settle()
    action = page.panel(CaseStep.VOUCHER).next_action()  # type: ignore[union-attr] # the step was shown
    assert action is not None
    assert action.text.zh in {"出具凭证", "补填领款人"}


def test_the_desk_leads_to_a_paper_that_was_not_printed(papers: Papers, desk: Desk) -> None:
    paper = papers.issue(PaperId.APPLICATION)
    side = DeskSide(papers.on.ui, papers.on.way)
    papers.on.show(side, 400, 500)
    side.show_unfinished(desk.unfinished_papers(), ())
    (row,) = side.finish.rows.rows
    assert (row.title, paper.number in row.detail.zh) == (Bilingual("理赔申请书", "Claim application"), True)
    side.finish.rows.button(0).click()
    assert papers.on.way.taken[-1] == ("case", papers.case_no, Beside.DOCUMENTS)


def test_another_case_shows_nothing_of_the_last_one(papers: Papers, desk: Desk) -> None:
    paper = papers.issue(PaperId.APPLICATION)
    papers.case_no = desk.open_case(new_case(loss_place="别处"))
    papers.reload()
    assert paper.number not in papers.words()
    papers.rest()
    assert papers.panel.list.isVisible()
    assert paper.number not in papers.words()


# For everybody


def test_every_control_has_a_name_in_every_view(tmp_path: Path, desk: Desk) -> None:
    with stage(tmp_path, "en", Theme.SUNLIGHT, 150) as on:
        papers = Papers(on, desk, ready_case(desk), tmp_path)

        def check() -> None:
            for each in papers.panel.findChildren(QWidget):
                if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus:
                    assert each.accessibleName() or isinstance(each.parent(), QPlainTextEdit), each

        check()
        papers.choose(PaperId.INTERVIEW_RECORD)
        check()
        papers.panel.show_list()
        papers.rest()
        papers.fill_in(PaperId.APPLICATION)
        check()
        papers.press()
        check()
        on.ui.words.switch("zh")
        papers.rest()
        assert "已申请" in "".join(papers.panel.sheet.life.rows.sentences)


def test_a_page_is_read_out(papers: Papers, desk: Desk) -> None:
    paper = papers.issue(PaperId.APPLICATION)
    shown = papers.panel.sheet.view.accessibleDescription()
    assert claimant().name in shown
    assert shown == screen_page(desk.preview(paper.number), 0, 100).words


def test_a_case_without_papers_takes_part_too(on: Stage, desk: Desk, tmp_path: Path) -> None:
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    papers = Papers(on, desk, case_no, tmp_path)
    papers.issue(PaperId.APPLICATION)
    assert papers.papers[-1].state is PaperState.ASKED
