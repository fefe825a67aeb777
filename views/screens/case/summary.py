"""The summary that never scrolls away: who, what is payable, what is missing, which clocks run; at its foot the one next action.

Promise: it shows what the disk held at one moment; where there is no room it counts what it leaves out. Where even that is too wide
it lies as a strip under the work.

Source: mock-ups 03, 04 and 07.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from PySide6.QtCore import QSize
from PySide6.QtGui import QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import QSizePolicy, QWidget

from claims.errors import Bilingual
from claims.events import Outcome, PersonFact
from claims.overviews import CaseStanding, CaseStep, StepState
from claims.reference import Catastrophe
from claims.trusted_time import beijing_date
from views.case_words import ACK_ICONS, ACK_NAMES
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import Text, money_text
from views.presentation import Presentation, Told
from views.screens.case.hq_words import FROM_HQ, said_by_headquarters
from views.screens.case.step_panel import NextAction
from views.screens.case.summary_block import SummaryBlock, SummaryLine, Words
from views.screens.case.summary_lines import (
    NOT_RUNNING,
    chips_of,
    clock_lines,
    hq_line,
    id_words,
    missing_line,
    paper_line,
    sex_and_age,
)
from views.sentences import capital

NO_ACTION = Bilingual("正在读取…", "Loading…")
_OUTCOMES = {
    Outcome.PRE_APPROVED: Bilingual("预核（元）", "Pre-approved (yuan)"),
    Outcome.REFERRED: Bilingual("转总部（元）", "Referred (yuan)"),
    Outcome.RECEIPT_ONLY: Bilingual("未预核（元）", "No promise (yuan)"),
}
_PAYABLE, _MISSING, _CLOCKS = (
    Bilingual("应付（元）", "Payable (yuan)"),
    Bilingual("还缺", "Missing"),
    Bilingual("时限", "Clocks"),
)
_DASH = SummaryLine(text="—", colour="text3", row=True)


class Summary(QWidget, Told):
    """The column of 272, or the strip."""

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._strip = False
        self._action: NextAction | None = None
        self._who = SummaryBlock(ui, None, self)
        self._payable = SummaryBlock(ui, _PAYABLE, self)
        self._missing = SummaryBlock(ui, _MISSING, self)
        self._clocks = SummaryBlock(ui, _CLOCKS, self)
        self._safe = SummaryBlock(ui, Bilingual("单证与存放", "Papers, where it is safe"), self)
        self._hq = SummaryBlock(ui, FROM_HQ, self)
        self._blocks = (self._who, self._payable, self._missing, self._clocks, self._safe, self._hq)
        self._note = Text(ui, "", size="caption", colour="text2", wrap=True, parent=self)
        self._button = ActionButton(
            ui, NO_ACTION, role=ButtonRole.PRIMARY, key="Ctrl+Return", tall=True, arrow=True, parent=self
        )
        self._button.clicked.connect(lambda _checked: self._run())
        # The button draws one key; Ctrl and either Enter always do the same.
        self._other_keys = [QShortcut(QKeySequence(keys), self) for keys in ("Ctrl+Return", "Ctrl+Enter")]
        for shortcut in self._other_keys:
            shortcut.activated.connect(self._run)
        self.setSizePolicy(QSizePolicy.Policy.Fixed, QSizePolicy.Policy.Preferred)
        self.clear()
        self.show_action(None)
        self.tell()

    @property
    def button(self) -> ActionButton:
        """The next action."""
        return self._button

    @property
    def words(self) -> str:
        """Everything that is said, line by line, also what is not shown for want of room."""
        return "\n".join(block.words for block in self._blocks if not block.isHidden()) + "\n" + self._note.full_text

    def clear(self) -> None:
        """Show nobody: a case is being read."""
        nobody = SummaryLine(text="—", size="heading", colour="text3")
        self._who.show_lines((nobody,))
        self._who.show_brief("", nobody)
        figure = SummaryLine(text="—", size="figure", colour="text3")
        self._payable.show_lines((figure,))
        self._payable.show_brief(_PAYABLE, figure)
        for block, title in ((self._missing, _MISSING), (self._clocks, _CLOCKS)):
            block.show_lines((_DASH,))
            block.show_brief(title, _DASH)
        self._safe.show_lines(())
        self._hq.show_lines(())
        self._place()

    def show_report(
        self, person: PersonFact | None, today: date, claim_type: str | None, event: Catastrophe | None
    ) -> None:
        """Show a report that is no case yet."""
        chips = chips_of(claim_type, event)
        self._show_person(person, today, (SummaryLine(chips=chips),) if chips else ())
        figure = SummaryLine(text="—", size="figure", colour="accent")
        later = Bilingual("开案、收件、理算后才有金额", "Known after the report, papers and calculation")
        self._payable.show_lines((figure, SummaryLine(text=later, size="caption", colour="text2", lines=2)))
        self._payable.show_brief(_PAYABLE, figure)
        listed = Bilingual("开案后列出所需材料", "Listed once the case is open")
        self._missing.show_lines((SummaryLine(text=listed, colour="text2", row=True),))
        self._missing.show_brief(
            _MISSING, SummaryLine(text=Bilingual("开案后列出", "Not yet"), colour="text2", row=True)
        )
        run = SummaryLine(text=Bilingual("开案时起算", "Run from opening"), icon="clock", colour="text2", row=True)
        self._clocks.show_lines((run,))
        self._clocks.show_brief(_CLOCKS, NOT_RUNNING)
        self._safe.show_lines(())
        self._hq.show_lines(())
        self._place()

    def show_standing(self, standing: CaseStanding) -> None:
        """Show a case as it stands."""
        case, today = standing.case, beijing_date(standing.at.at)
        chips = chips_of(case.claim_type, standing.catastrophe)
        number = SummaryLine(
            text=Bilingual(f"报案号 {case.case_no}", f"Case {case.case_no}"), size="caption", colour="text2"
        )
        self._show_person(case.insured, today, (SummaryLine(chips=chips), number))
        self._show_payable(standing)
        self._show_missing(standing)
        lines = clock_lines(standing, self._ui.look.tokens.clock["soon_fraction"])
        self._clocks.show_lines(lines)
        first = lines[0]
        self._clocks.show_brief(
            first.text, SummaryLine(text=first.right, icon=first.icon, colour=first.colour, bold=True, row=True)
        )
        safe = SummaryLine(text=ACK_NAMES[case.ack], icon=ACK_ICONS[case.ack], row=True)
        self._safe.show_lines((*(paper_line(each) for each in standing.papers), safe))
        self._hq.show_lines([hq_line(each) for each in said_by_headquarters(standing)])
        self._place()

    def show_action(self, action: NextAction | None) -> None:
        """Show the next action; None while it is not known."""
        self._action = action
        if action is None:
            self._note.say("")
            self._button.say(NO_ACTION, key="Ctrl+Return")
            self._button.allow(False)
        else:
            note = action.note if action.allowed else action.why_not or action.note
            self._note.say(note or "")
            self._button.say(action.text, key=action.key or "Ctrl+Return")
            self._button.allow(action.allowed, action.why_not)
        self._other_keys[0].setEnabled(action is not None and action.key is not None)
        self._place()

    def lie_down(self, strip: bool) -> None:
        """Be a strip under the work, or the column beside it."""
        if strip != self._strip:
            self._strip = strip
            self.tell()

    @property
    def is_strip(self) -> bool:
        """Whether it lies under the work."""
        return self._strip

    def tell(self) -> None:
        """Measure anew; the parts tell themselves, in any order, so they are asked first."""
        look = self._ui.look
        for block in self._blocks:
            block.tell()
        self._note.tell()
        self._button.tell()
        if self._strip:
            self.setMinimumSize(0, self.strip_height())
            self.setMaximumSize(16_777_215, self.strip_height())
        else:
            self.setMinimumSize(look.width("summary"), 0)
            self.setMaximumSize(look.width("summary"), 16_777_215)
        self.setAccessibleName(self._ui.say(Bilingual("案件摘要", "Summary of the case")))
        self._place()

    def strip_height(self) -> int:
        """Return how high the strip is."""
        look = self._ui.look
        return look.space("m") + look.line_height("caption") + look.px(2) + look.line_height("figure") + look.px(10)

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The column's width, or the strip's height."""
        look = self._ui.look
        return QSize(look.width("summary"), self.strip_height() if self._strip else look.px(400))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Find out how much there is room for."""
        super().resizeEvent(event)
        self._place()

    def paintEvent(self, _event: QPaintEvent) -> None:  # noqa: N802 - Qt's name
        """Paint the ground and the lines between the blocks."""
        look = self._ui.look
        painter = QPainter(self)
        painter.fillRect(self.rect(), look.qcolor("sunken"))
        line, colour = look.line(), look.qcolor("line")
        if self._strip:
            painter.fillRect(0, 0, self.width(), line, colour)
            for block in self._blocks[1:4]:
                painter.fillRect(block.x(), 0, line, self.height(), colour)
            return
        painter.fillRect(0, 0, line, self.height(), colour)
        for block in self._blocks:
            if not block.isHidden():
                painter.fillRect(0, block.geometry().bottom() + 1, self.width(), line, colour)

    # Content

    def _show_person(self, person: PersonFact | None, today: date, further: Sequence[SummaryLine]) -> None:
        if person is None:
            nobody = SummaryLine(text=Bilingual("新报案", "New report"), size="heading", colour="text2")
            self._who.show_lines((nobody, *further))
            self._who.show_brief("", nobody)
            return
        name = person.name.strip()
        shown: Words = name or Bilingual("未填写姓名", "Name not entered")
        head = SummaryLine(
            text=shown, after=sex_and_age(person, today), size="heading", colour="text" if name else "text3"
        )
        number = SummaryLine(text=id_words(person.id_number), size="caption", colour="text2")
        self._who.show_lines((head, number, *further))
        brief = SummaryLine(text=id_words(person.id_number, short=True), size="caption", colour="text2")
        self._who.show_brief("", head, brief)

    def _show_payable(self, standing: CaseStanding) -> None:
        case, benefit = standing.case, standing.step(CaseStep.BENEFIT)
        reasons = [each for one in standing.determinations for each in one.outcome_reasons]
        figure, colour, after = "—", "accent", Bilingual("", "")
        note = benefit.line
        if case.outcome is Outcome.PRE_APPROVED and case.payable_fen is not None:
            figure, after = money_text(case.payable_fen), Bilingual("预核", "pre-approved")
            note = Bilingual("总部结算后才最终确定", "Final once headquarters has settled it")
        elif case.outcome is Outcome.REFERRED:
            after = Bilingual("转总部核定", "referred")
            note = reasons[0] if reasons else benefit.line
        elif case.outcome is Outcome.RECEIPT_ONLY:
            colour = "text2"
            figure = "—" if case.payable_fen is None else money_text(case.payable_fen)
            after = Bilingual("只收件，未预核", "receipt only, no promise")
            note = reasons[0] if reasons else benefit.line
        if case.outcome is not None and benefit.state is not StepState.DONE:
            colour, note = "text2", benefit.line
        if any(each.settlement == "settled" for each in standing.papers):
            note = Bilingual("总部已结算", "Settled by headquarters")
        sum_line = SummaryLine(text=figure, size="figure", colour=colour)
        self._payable.show_lines(
            (sum_line, SummaryLine(text=capital(note), size="caption", colour="text2", lines=3)), title_after=after
        )
        self._payable.show_brief(_PAYABLE if case.outcome is None else _OUTCOMES[case.outcome], sum_line)

    def _show_missing(self, standing: CaseStanding) -> None:
        papers = standing.completeness
        if papers.missing:
            lines = [missing_line(each) for each in papers.missing]
            self._missing.show_lines(lines)
            count = len(lines)
            self._missing.show_brief(Bilingual(f"还缺 {count} 项", f"Missing {count}"), lines[0])
            return
        waived = len(papers.waived)
        text = Bilingual("材料齐全", "Papers complete")
        if waived:
            text = Bilingual(f"材料齐全，免 {waived} 项", f"Papers complete, {waived} waived")
        self._missing.show_lines((SummaryLine(text=text, icon="pass", colour="accent", row=True),))
        complete = SummaryLine(text=Bilingual("齐全", "Complete"), icon="pass", colour="accent", row=True)
        self._missing.show_brief(Bilingual("材料", "Papers"), complete)

    # Where everything stands

    def _place(self) -> None:
        if self._strip:
            self._place_strip()
        else:
            self._place_column()
        self.update()

    def _place_strip(self) -> None:
        look = self._ui.look
        self._safe.hide()
        self._hq.hide()
        self._note.hide()
        pad = look.space("m")
        wanted = self._button.sizeHint()
        room = self.width() - wanted.width() - 2 * pad
        blocks = self._blocks[:4]
        widths = [block.brief_width() for block in blocks]
        # Each gets what it needs; what is over or lacking is shared.
        total = max(1, sum(widths))
        x = 0
        for block, width in zip(blocks, widths, strict=True):
            block.be_brief(True)
            block.setVisible(True)
            share = width + (room - total) // len(blocks) if total <= room else width * room // total
            block.setGeometry(x, look.line(), share, self.height() - look.line())
            x += share
        self._button.setGeometry(
            self.width() - pad - wanted.width(), (self.height() - wanted.height()) // 2, wanted.width(), wanted.height()
        )

    def _place_column(self) -> None:
        look = self._ui.look
        pad, line = look.space("l"), look.line()
        room = self.width() - 2 * pad - line
        button = self._button.sizeHint().height()
        note = self._note.heightForWidth(room) if self._note.full_text else 0
        self._button.setGeometry(pad + line, self.height() - pad - button, room, button)
        self._note.setVisible(note > 0)
        self._note.setGeometry(pad + line, self.height() - pad - button - look.space("s") - note, room, note)
        free = self.height() - pad - button - look.space("s") - note - look.space("s")
        for block in self._blocks:
            block.be_brief(False)
        most = self._fitting(free)
        y = 0
        for block, limit in zip(self._blocks, most, strict=True):
            block.limit(limit)
            shown = limit != 0 and block.count > 0
            block.setVisible(shown)
            if shown:
                height = block.height_for(self.width() - line, limit)
                block.setGeometry(line, y, self.width() - line, height)
                y += height + line

    def _fitting(self, free: int) -> list[int | None]:
        """Return how many lines each block may show: the least needed first goes, who and payable stay."""
        most: list[int | None] = [None] * len(self._blocks)
        for place, least in ((4, 1), (5, 2), (2, 3), (3, 2), (4, 0), (5, 1), (2, 1), (3, 1)):
            while self._used(most) > free:
                now = most[place]
                shown = self._blocks[place].count if now is None else now
                if shown <= least:
                    break
                most[place] = shown - 1
        return most

    def _used(self, most: Sequence[int | None]) -> int:
        line = self._ui.look.line()
        return sum(
            block.height_for(self.width() - line, limit) + line
            for block, limit in zip(self._blocks, most, strict=True)
            if limit != 0 and block.count
        )

    def _run(self) -> None:
        action = self._action
        if action is not None and action.allowed and self._button.isEnabled():
            action.run()
