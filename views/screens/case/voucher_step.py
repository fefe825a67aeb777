"""The Voucher step: the paper as it will print, its life, and its way into the claimant's hands.

Promise: a number is on disk before anything is drawn, the drawing before anything is printed, and *printed* and *handed over* are recorded only
when they happened; what a crash left half done is offered first. One next action at a time: issue, print, hand over, next person.

Source: design.md "One claim, one direction" (5), "Vouchers"; mock-up 05; docs/adr/0104.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import replace

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.events import PaperKind
from claims.overviews import CaseStanding, CaseStep, StepState
from claims.paper_definitions import PaperId, PaperSize
from claims.records import PaperState
from views.controls.chips import Chip, Tone
from views.controls.labels import Text
from views.controls.message import Message
from views.controls.reading_order import read_in_order
from views.controls.scroll_area import bare_scroll
from views.controls.turning_box import turn_box
from views.paper_out import sizes_of
from views.printing import PrintingDesk
from views.screens.case.ask_neighbours import AskNeighbours
from views.screens.case.paper_actions import PaperActions
from views.screens.case.paper_flow import (
    Doing,
    NextPaper,
    next_paper,
    papers_in_order,
    policies_to_issue,
    receiver_of,
    voided_for,
)
from views.screens.case.paper_jobs import Around, LoadedPaper, draw, hand_over, issue, read_around, read_paper
from views.screens.case.paper_life_list import PaperLifeList
from views.screens.case.paper_outlet import PaperOutlet
from views.screens.case.paper_pager import PaperPager
from views.screens.case.paper_tabs import PaperTabs
from views.screens.case.paper_view import Paper, PaperView
from views.screens.case.qr_check import QrCheck
from views.screens.case.signing_state import refused
from views.screens.case.size_choice import SizeChoice
from views.screens.case.step_panel import NextAction, StepPanel
from views.sentences import together
from views.workplace import Place, Workplace

VOUCHER = Bilingual("凭证", "Voucher")
SLIP = Bilingual("资料签收单", "Acceptance slip")
_NUMBERS = Bilingual("号段余 {count} 张", "{count} numbers left")
_ISSUE = Bilingual("出具凭证", "Issue the voucher")
_ISSUE_SLIP = Bilingual("出具签收单", "Give the slip")
_DRAW = Bilingual("生成票面", "Draw the page")
_PRINT = Bilingual("打印", "Print")
_HAND_OVER = Bilingual("确认已交付", "Handed over")
_NEXT_PERSON = Bilingual("下一位", "Next person")
_PAYEES_FIRST = Bilingual("补填领款人", "Enter the payee")
_TO_SIGN = Bilingual("去签字", "To the signatures")
_TO_BENEFIT = Bilingual("去理算", "To the benefit")
_TO_PAPERS = Bilingual("去收材料", "To the papers")
_WAIT = Bilingual("正在存盘…", "Saving…")
_PRINTING = Bilingual("正在打印…", "Printing…")
_ASKING = Bilingual("请在打开的窗口里选择", "Choose in the window that is open")
_NO_PAYEE = Bilingual("领款人或账户还没填好", "The payee or the account is missing")
_NO_NUMBERS = Bilingual("号码已用完，请先同步领号", "No numbers left: sync to get more")
_NOTE_DRAW = Bilingual("号码已登记，上次没来得及生成票面", "The number is on record; its page was not drawn")
_NOTE_PRINT = Bilingual("票面已存盘，可以打印", "The page is on disk and can be printed")
_NOTE_HAND = Bilingual("交到客户手里再按；随后叫下一位", "Press when the claimant holds it")
_NOTE_DONE = Bilingual("单证已交到客户手里", "The claimant has the paper")
_NOTE_AGAIN = Bilingual("原凭证已作废；换领款人请回“签字”", "The voucher is void; another payee: see Sign")
_NOTE_REFUSED = Bilingual("申请人拒签，不出凭证", "Signing was refused: no voucher")
_NOTE_SLIP = Bilingual("不承诺给付，写明材料和后续", "Promises nothing; says what happens now")
_AS_BEFORE = Bilingual(
    "号码和票面都在，状态没有变，随时可以再来。", "Number and page are kept and nothing changed; do it again any time."
)
_INSTEAD = Bilingual("没有出凭证，已改出资料签收单", "No voucher was issued; an acceptance slip was given instead")
_HERE_VOUCHER = Bilingual("凭证会显示在这里，和打印出来的一样。", "The voucher will stand here, just as it prints.")
_HERE_SLIP = Bilingual(
    "资料签收单会显示在这里：收到了哪些材料、为什么还不给付、接下来怎么办。",
    "The acceptance slip will stand here: what was handed in, why nothing is paid yet, and what happens now.",
)
_HERE_DRAW = Bilingual("号码 {number} 已登记，票面还没有生成。", "{number} is on record, its page was not drawn yet.")
_SIDE_WIDTH = 325


class VoucherPanel(StepPanel):
    """The panel of the Voucher step. ``printing`` may be given to print without Qt's dialogs."""

    step = CaseStep.VOUCHER

    def __init__(self, work: Workplace, parent: QWidget | None = None, *, printing: PrintingDesk | None = None) -> None:
        super().__init__(work, parent)
        ui = work.ui
        self._standing: CaseStanding | None = None
        self._around: Around | None = None
        self._shown: LoadedPaper | None = None
        self._number: str | None = None
        self._next: NextPaper | None = None
        self._size: PaperSize | None = None
        self._busy = False
        self.outlet = PaperOutlet(work, printing or PrintingDesk(ui, work.tasks, parent=self), self)
        self.outlet.moved.connect(self._on_moved)
        self.outlet.drawn.connect(self._load)
        self.outlet.recorded.connect(self.wrote)
        self.outlet.stayed.connect(self._not_out)

        self.view = PaperView(ui, work.tasks)
        self.pager = PaperPager(ui, self.view)
        self.tabs = PaperTabs(ui)
        self.tabs.chosen.connect(self._choose)
        self.tabs.grew.connect(lambda: read_in_order(self))

        self._title = Text(ui, VOUCHER, size="title")
        self.numbers = Chip(ui, "", icon="paper")
        self._notice = Message(ui, "", "", tone=Tone.AMBER)
        self._notice.closed.connect(self._notice.hide)
        self.neighbours = AskNeighbours(work)
        self.neighbours.came.connect(self._load)
        self.sizes = SizeChoice(work)
        self.sizes.chosen.connect(self._on_size)
        self.paper_actions = PaperActions(ui)
        self.life = PaperLifeList(ui)
        self.qr = QrCheck(ui, work.tasks, work.desk)
        self._build()
        self.paper_actions.reprint_wanted.connect(self._print)
        self.paper_actions.save_wanted.connect(self._save)
        self.paper_actions.stop_wanted.connect(self.outlet.stop)
        self.paper_actions.void_wanted.connect(self._void)
        self.tell()

    def _build(self) -> None:
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._left = QVBoxLayout()
        self._left.addWidget(self.neighbours)
        self._left.addWidget(self.tabs)
        self._left.addWidget(self.view, 1)
        self._left.addWidget(self.pager)
        inside = QWidget()
        self._scroll = bare_scroll(inside, self)
        self._column = QVBoxLayout(inside)
        self._head = QBoxLayout(QBoxLayout.Direction.LeftToRight)
        self._strut = QWidget()
        self._head.addWidget(self._title)
        self._head.addStretch(1)
        self._head.addWidget(self._strut)
        self._head.addWidget(self.numbers, 0, Qt.AlignmentFlag.AlignVCenter)
        self._column.addLayout(self._head)
        for widget in (self._notice, self.sizes, self.paper_actions, self.life, self.qr):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self._sides.addLayout(self._left, 1)
        self._sides.addWidget(self._scroll)
        read_in_order(self)
        for part in (self._notice, self.life, self.qr, self.numbers):
            part.hide()

    # The contract of a step

    def show_standing(self, standing: CaseStanding) -> None:
        """Show a case; the paper that the next action is about comes to the front."""
        if self._standing is not None and self._standing.case.case_no != standing.case.case_no:
            self._number = self._shown = self._next = None
            self._notice.hide()
        self._standing = standing
        before, self._next = self._next, next_paper(standing)
        about = None if self._next.paper is None else self._next.paper.number
        if about is not None and (before is None or before.paper is None or before.paper.number != about):
            self._number = about
        numbers = [each.number for each in papers_in_order(standing)]
        if self._number not in numbers:
            self._number = numbers[-1] if numbers else None
        self._load()

    def next_action(self) -> NextAction | None:
        """Return the one thing to do now."""
        standing, around, following = self._standing, self._around, self._next
        if standing is None or around is None or following is None:
            return None
        action = self._action(standing, around, following)
        if self.outlet.printing:
            return replace(action, allowed=False, why_not=_PRINTING)
        if self.outlet.busy:
            return replace(action, allowed=False, why_not=_ASKING)
        return replace(action, allowed=False, why_not=_WAIT) if self._busy else action

    def first_focus(self) -> QWidget:
        """The paper: its keys turn and enlarge it."""
        return self.view

    def _action(self, standing: CaseStanding, around: Around, following: NextPaper) -> NextAction:
        match following.doing:
            case Doing.LOCKED:
                action = self._locked_action(standing)
            case Doing.ISSUE:
                action = self._issue_action(standing, around, following)
            case Doing.SLIP:
                note = _NOTE_REFUSED if any(refused(standing, each) for each in standing.determinations) else _NOTE_SLIP
                action = _numbered(NextAction(_ISSUE_SLIP, self._give_slip, note=note), around.slips_left)
            case Doing.DRAW:
                action = NextAction(_DRAW, self._draw, note=_NOTE_DRAW)
            case Doing.PRINT:
                action = NextAction(_PRINT, self._print_next, note=_NOTE_PRINT, key="P")
            case Doing.HAND_OVER:
                action = NextAction(_HAND_OVER, self._hand_over, note=_NOTE_HAND, key="H")
            case Doing.DONE:
                action = NextAction(_NEXT_PERSON, self._next_person, note=_NOTE_DONE)
        return action

    def _issue_action(self, standing: CaseStanding, around: Around, following: NextPaper) -> NextAction:
        if any(around.payees.get(each) is None for each in following.policy_nos):
            return NextAction(_PAYEES_FIRST, lambda: self.go_to.emit(CaseStep.SIGN), note=_NO_PAYEE)
        note = None if voided_for(standing) is None else _NOTE_AGAIN
        return _numbered(NextAction(_ISSUE, self._issue, note=note), around.vouchers_left)

    def _locked_action(self, standing: CaseStanding) -> NextAction:
        if standing.step(CaseStep.SIGN).state is StepState.OPEN:
            return NextAction(_TO_SIGN, lambda: self.go_to.emit(CaseStep.SIGN))
        if standing.step(CaseStep.BENEFIT).state is StepState.OPEN and standing.documents:
            return NextAction(_TO_BENEFIT, lambda: self.go_to.emit(CaseStep.BENEFIT))
        return NextAction(_TO_PAPERS, lambda: self.go_to.emit(CaseStep.PAPERS))

    # Loading

    def _load(self) -> None:
        standing, number = self._standing, self._number
        if standing is None:
            return
        desk, preferences, chosen = self.work.desk, self.work.preferences, self._size

        def job() -> tuple[Around, LoadedPaper | None]:
            around = read_around(desk, standing, preferences.load(), chosen)
            return around, None if number is None else read_paper(desk, number, around.size)

        def loaded(found: tuple[Around, LoadedPaper | None]) -> None:
            if standing is self._standing and number == self._number:
                self._around, self._shown = found
                self.outlet.offered = found[0].printer
                self._size = self._size or found[0].size
                self.sizes.begin(self._size)
                self._show()

        self.work.tasks.run(job, loaded, owner=self)

    # What is shown

    def _show(self) -> None:
        standing, around, shown = self._standing, self._around, self._shown
        if standing is None or around is None:
            return
        self.tabs.show_papers(papers_in_order(standing), self._number)
        slip = shown.paper.kind is PaperKind.SLIP if shown is not None else self._slip_comes()
        self._title.say(SLIP if slip else VOUCHER)
        left = around.slips_left if slip else around.vouchers_left
        self.numbers.say(
            Bilingual(_NUMBERS.zh.format(count=left), _NUMBERS.en.format(count=left)),
            tone=Tone.PLAIN if left else Tone.RED,
            icon="paper" if left else "refused",
        )
        self.numbers.show()
        self.sizes.offer(sizes_of(PaperId.SLIP if slip else PaperId.VOUCHER))
        self.outlet.size = self.sizes.current
        self._lay_out()
        # What only the slip is left for is decided again in the Benefit step, which asks as well.
        wanted = () if self._next is None else self._next.policy_nos
        lacks = [each for each in around.lacks if each.policy_no in wanted]
        self.neighbours.show_lacks(standing.case.case_no, lacks, sharing=around.sharing and bool(wanted))
        if shown is None:
            self._show_nothing()
        else:
            self._show_paper(standing, shown)
        self._on_moved()

    def _show_nothing(self) -> None:
        following = self._next
        if following is not None and following.why is not None:
            self.view.show_words(following.why)
        else:
            self.view.show_words(_HERE_SLIP if self._slip_comes() else self._to_issue_words())
        self.paper_actions.show_paper(None)
        self.life.hide()
        self.qr.hide()

    def _show_paper(self, standing: CaseStanding, shown: LoadedPaper) -> None:
        paper = shown.paper
        name = SLIP if paper.kind is PaperKind.SLIP else VOUCHER
        called = Bilingual(f"{name.zh} {paper.number}", f"{name.en} {paper.number}")
        if shown.pdf is None:
            here = Bilingual(_HERE_DRAW.zh.format(number=paper.number), _HERE_DRAW.en.format(number=paper.number))
            self.view.show_words(here)
            self.qr.show_nothing()
        else:
            self.view.show_paper(Paper(called, shown.pdf, paper.state is PaperState.VOIDED))
        self.paper_actions.show_paper(paper, receiver_of(standing, paper))
        self.life.show_life(paper, shown.moments, standing.at.at)
        self.life.show()
        # A slip promises nothing and carries no code.
        self.qr.setVisible(paper.kind is PaperKind.VOUCHER)
        if paper.kind is PaperKind.VOUCHER and shown.pdf is not None:
            self.qr.check(paper, shown.pdf)

    def _choose(self, number: str) -> None:
        self._number = number
        self._load()

    def _on_moved(self) -> None:
        self.paper_actions.show_printing(self.outlet.printing, busy=self._busy or self.outlet.busy)
        self.next_changed.emit()

    def _slip_comes(self) -> bool:
        return self._next is not None and self._next.doing is Doing.SLIP

    def _to_issue_words(self) -> Bilingual:
        planned = () if self._around is None else self._around.planned
        return Bilingual(
            "\n".join([_HERE_VOUCHER.zh, "", *(each.zh for each in planned)]),
            "\n".join([_HERE_VOUCHER.en, "", *(each.en for each in planned)]),
        )

    # Doing

    def _run(self, job: Callable[[], object], done: Callable[[], None] | None = None) -> None:
        """Run a job that writes; whatever was written is shown, also when it ended with an error."""
        self._busy = True
        self._notice.hide()
        self._on_moved()

        def over() -> None:
            self._busy = False
            self._on_moved()

        def finished(_result: object) -> None:
            over()
            if done is not None:
                done()
            self.wrote.emit()

        def failed(error: OutpostError) -> None:
            over()
            self.work.problems.show_error(error)
            # A job of several steps may have kept some of them.
            self.wrote.emit()

        self.work.tasks.run(job, finished, owner=self, failed=failed, writes=True)

    def _issue(self) -> None:
        standing, around = self._standing, self._around
        if standing is None or around is None:
            return
        desk, case_no = self.work.desk, standing.case.case_no
        plan = [(each, around.payees.get(each) or ()) for each in policies_to_issue(standing)]
        told: list[Bilingual] = []
        size = self.sizes.wanted
        self._run(lambda: told.extend(issue(desk, case_no, plan, size)), lambda: self._say_instead(told))

    def _give_slip(self) -> None:
        if self._standing is not None:
            desk, case_no, size = self.work.desk, self._standing.case.case_no, self.sizes.wanted
            self._run(lambda: draw(desk, desk.give_slip(case_no), size))

    def _draw(self) -> None:
        paper = None if self._next is None else self._next.paper
        if paper is not None:
            self._number = paper.number
            size = self.sizes.wanted
            self._run(lambda: draw(self.work.desk, paper, size))

    def _hand_over(self) -> None:
        standing, paper = self._standing, None if self._next is None else self._next.paper
        if standing is None or paper is None:
            return
        typed = self.paper_actions.receiver.text().strip() if self._number == paper.number else ""
        receiver = typed or receiver_of(standing, paper)
        desk, case_no = self.work.desk, standing.case.case_no

        self._run(lambda: hand_over(desk, case_no, paper.number, receiver))

    def _void(self, reason: str) -> None:
        number = self._number
        if number is not None:
            self._run(lambda: self.work.desk.void(number, reason))

    def _on_size(self) -> None:
        self._size = self.sizes.wanted
        self._load()

    def _next_person(self) -> None:
        self.work.navigator.show_place(Place.DESK)

    def _say_instead(self, reasons: Sequence[Bilingual]) -> None:
        if reasons:
            self._notice.say(_INSTEAD, together(*reasons))
            self._notice.show()

    # Printing and saving

    def _print_next(self) -> None:
        if self._next is not None and self._next.paper is not None:
            self._number = self._next.paper.number
            self._print()

    def _print(self) -> None:
        self._give_out(self.outlet.print_paper)

    def _save(self) -> None:
        self._give_out(self.outlet.save_paper)

    def _give_out(self, way: Callable[[str], None]) -> None:
        if self._number is not None and not self._busy:
            self._notice.hide()
            way(self._number)

    def _not_out(self, number: str, title: Bilingual) -> None:
        self._notice.say(title, Bilingual(f"{number}：{_AS_BEFORE.zh}", f"{number}: {_AS_BEFORE.en}"))
        self._notice.show()

    # Qt

    def tell(self) -> None:
        """Measure again."""
        look = self.work.ui.look
        gap, page, top = look.space("gap_panels"), look.space("page"), look.space("page_top_case")
        self._sides.setContentsMargins(page, top, page, top)
        self._sides.setSpacing(gap)
        self._left.setSpacing(look.space("xs"))
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.space("gap_case_panels"))
        self._strut.setFixedSize(0, look.height("control"))
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The paper beside its panels where there is room, else above them."""
        super().resizeEvent(event)
        self._lay_out()

    def _lay_out(self) -> None:
        look = self.work.ui.look
        room = self.width() - 2 * look.space("page") - look.space("gap_panels")
        side = min(look.px(_SIDE_WIDTH), max(look.px(240), room - look.px(260)))
        self._scroll.setFixedWidth(side)
        # At large type the chip stands below the title: neither is ever cut.
        beside = self._title.sizeHint().width() + self.numbers.sizeHint().width() + look.space("xxl") <= side
        turn_box(self._head, narrow=not beside)
        self._strut.setVisible(beside)


def _numbered(action: NextAction, left: int) -> NextAction:
    """Return an action that uses up a number; off, with why, where there is none."""
    return action if left else replace(action, allowed=False, why_not=_NO_NUMBERS)
