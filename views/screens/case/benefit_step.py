"""The step *Benefit*: decides every policy of the case as soon as its facts are there, and explains each decision.

Promise: no figure is shown before the disk holds it; what is wrong or missing is said in words, with the way to mend it; what was
signed or promised is never decided again by itself. The field never declines: whatever the outcome, there is a next step.

Source: mock-ups 04; design.md "One claim, one direction" (3); docs/adr/0103.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QFocusEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QVBoxLayout, QWidget

from claims.errors import Bilingual, OutpostError
from claims.events import Outcome
from claims.overviews import CaseStanding, CaseStep, StepState
from views.controls.buttons import ActionButton
from views.controls.labels import Text, money_text
from views.controls.panel import Panel
from views.controls.tab_strip import Tab, TabStrip
from views.focus_ring import OWN_FOCUS
from views.screens.case.ask_neighbours import AskNeighbours
from views.screens.case.benefit_job import Benefits, PolicyBenefit, decide_due, gather
from views.screens.case.benefit_notices import TO_PAPERS, benefit_notices
from views.screens.case.benefit_view import BenefitView
from views.screens.case.policy_comparison import OUTCOME_WORDS, TITLE, TOGETHER, PolicyComparison
from views.screens.case.step_panel import NextAction, StepPanel
from views.workplace import Workplace

BENEFIT = Bilingual("理算", "Benefit")
POLICIES = Bilingual("本案的保单", "Policies of the case")
COMPARE = Bilingual("对比", "Compare")
TO_SIGN = Bilingual("去签字", "To Sign")
TO_SLIP = Bilingual("去开签收单", "To the slip")
RESULT = Bilingual("理算结果", "Result")
READING = Bilingual("正在读取…", "Reading…")
NOT_READ = Bilingual("没有读到理算结果，原因见上方。", "The result could not be read; the reason is above.")
CALCULATING = Bilingual("正在理算并存盘…", "Calculating and storing…")
NOT_CALCULATED = Bilingual("未理算", "not calculated")
_COMPARE_KEY = "*"


class _Reading(QScrollArea):
    """What scrolls: whoever has no mouse reads on with the arrows and page keys.

    The frame of the focus is drawn when the Tab key comes here, not around a page that has just been opened.
    """

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)

    def focusInEvent(self, event: QFocusEvent) -> None:  # noqa: N802 - Qt's name
        """Say whether the frame is wanted."""
        by_tab = event.reason() in (Qt.FocusReason.TabFocusReason, Qt.FocusReason.BacktabFocusReason)
        self.setProperty(OWN_FOCUS, not by_tab)
        super().focusInEvent(event)


class BenefitPanel(StepPanel):
    """The panel of the step."""

    step = CaseStep.BENEFIT

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(work, parent)
        self._standing: CaseStanding | None = None
        self._benefits: Benefits | None = None
        self._failed: dict[str, OutpostError] = {}
        self._attempted: set[str] = set()
        self._working = False
        self._chosen = ""
        self._notices: list[QWidget] = []
        self._view: BenefitView | None = None
        self._comparison: Panel | None = None
        self._table: PolicyComparison | None = None
        ui = work.ui
        self._column = QVBoxLayout(self)
        self._head_row = QWidget(self)
        self._head = QHBoxLayout(self._head_row)
        self._tab_row = QHBoxLayout()
        self._title = Text(ui, BENEFIT, size="title")
        self._tabs = TabStrip(ui, POLICIES)
        self._tabs.chosen.connect(self._choose)
        self._tabs.hide()
        self._head.addWidget(self._title)
        self._head.addStretch(1)
        self._head.addWidget(self._tabs)
        self._column.addWidget(self._head_row)
        self._column.addLayout(self._tab_row)
        self.neighbours = AskNeighbours(work)
        self.neighbours.came.connect(self._allowance_came)
        self._asking_row = QHBoxLayout()
        self._asking_row.addWidget(self.neighbours)
        self._column.addLayout(self._asking_row)
        self._scroll = _Reading(self)
        self._scroll.setWidgetResizable(True)
        self._scroll.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._scroll.setFrameShape(QScrollArea.Shape.NoFrame)
        inside = QWidget()
        inside.setObjectName("scrolled")
        self._body = QVBoxLayout(inside)
        self._wait = Text(ui, READING, colour="text2")
        self._body.addWidget(self._wait)
        self._body.addStretch(1)
        self._scroll.setWidget(inside)
        self._scroll.verticalScrollBar().rangeChanged.connect(lambda *_: self._keep_right_edge())
        self._column.addWidget(self._scroll, 1)
        self.tell()

    # What the page asks

    def show_standing(self, standing: CaseStanding) -> None:
        """Show a case; decide what is due in the background."""
        if self._standing is None or self._standing.case.case_no != standing.case.case_no:
            self._forget()
        self._standing = standing
        self.work.tasks.run(
            lambda: gather(self.work.desk, standing),
            partial(self._gathered, standing),
            owner=self,
            failed=partial(self._not_gathered, standing),
        )

    def next_action(self) -> NextAction | None:
        """Return to Sign, to the slip, or to what must be filled in first."""
        benefits, standing = self._benefits, self._standing
        if benefits is None or standing is None:
            return None
        if self._working:
            return NextAction(TO_SIGN, lambda: None, allowed=False, why_not=CALCULATING)
        outcomes = [each.explained.outcome for each in benefits.policies if each.explained is not None]
        if Outcome.PRE_APPROVED in outcomes:
            return self._to_sign(standing)
        if outcomes:
            return self._to_slip(outcomes)
        if benefits.problems and any(each.policy is not None for each in benefits.policies) and self._has_rules():
            return NextAction(
                TO_PAPERS,
                lambda: self.go_to.emit(CaseStep.PAPERS),
                note=Bilingual("先把理算要用的内容填好", "First fill in what the calculation needs"),
            )
        return NextAction(
            TO_SLIP,
            lambda: self.go_to.emit(CaseStep.VOUCHER),
            note=Bilingual("现场算不了：收好材料，出签收单", "Can't be calculated here: take papers in, give a slip"),
        )

    def first_focus(self) -> QWidget:
        """Return the tabs where there are several policies, else what scrolls."""
        return self._tabs if self._tabs.isVisible() else self._scroll

    def tell(self) -> None:
        """Take the distances again."""
        look = self.work.ui.look
        page, top = look.space("page"), look.space("page_top_case")
        self._column.setContentsMargins(page, top, 0, 0)
        self._column.setSpacing(look.space("m"))
        self._head.setSpacing(look.space("l"))
        self._head_row.setFixedHeight(look.height("control"))
        self._tab_row.setContentsMargins(0, 0, page, 0)
        self._asking_row.setContentsMargins(0, 0, page, 0)
        self._head.setContentsMargins(0, 0, page, 0)
        self._keep_right_edge()
        self._body.setSpacing(look.space("gap_case_panels"))
        self.setAccessibleName(self.work.ui.say(BENEFIT))
        self._scroll.setAccessibleName(self.work.ui.say(RESULT))
        self._fit_tabs()

    # What comes back

    def _forget(self) -> None:
        self._benefits = None
        self._failed = {}
        self._attempted = set()
        self._working = False
        self._chosen = ""
        self._show_notices([])
        self.neighbours.hide()
        self._tabs.hide()
        if self._view is not None:
            self._view.hide()
        if self._comparison is not None:
            self._comparison.hide()
        self._wait.say(READING)
        self._wait.show()

    def _gathered(self, standing: CaseStanding, benefits: Benefits) -> None:
        if standing is not self._standing:
            return
        self._benefits = benefits
        if self._working:
            # The determination under way brings the next standing.
            return
        if benefits.due and benefits.attempt not in self._attempted:
            self._attempted.add(benefits.attempt)
            self._decide(standing, benefits.due)
            return
        self._show(standing, benefits)

    def _not_gathered(self, standing: CaseStanding, error: OutpostError) -> None:
        if standing is self._standing:
            self._show_wait(NOT_READ)
            self.work.problems.show_error(error, retry=lambda: self.show_standing(standing))

    def _decide(self, standing: CaseStanding, due: tuple[str, ...]) -> None:
        benefits = self._benefits
        if benefits is None or benefits.entered is None:
            return
        entered, case_no = benefits.entered, standing.case.case_no
        self._working = True
        # The old figures would be read as the new ones.
        self._show_wait(CALCULATING)
        self.next_changed.emit()
        self.work.tasks.run(
            lambda: decide_due(self.work.desk, case_no, due, entered),
            partial(self._decided, case_no, due),
            owner=self,
            failed=partial(self._not_decided, case_no),
            writes=True,
        )

    def _decided(self, case_no: str, due: tuple[str, ...], failed: Mapping[str, OutpostError]) -> None:
        if self._standing is None or self._standing.case.case_no != case_no:
            return
        self._working = False
        self._failed = dict(failed)
        if len(failed) == len(due):
            # Nothing was written: the page has nothing new to show.
            self._show_again()
        else:
            self.wrote.emit()

    def _not_decided(self, case_no: str, error: OutpostError) -> None:
        self.work.problems.show_error(error)
        if self._standing is not None and self._standing.case.case_no == case_no:
            self._working = False
            self._show_again()

    def _show_again(self) -> None:
        if self._standing is not None and self._benefits is not None:
            self._show(self._standing, self._benefits)

    def _calculate_again(self) -> None:
        benefits, standing = self._benefits, self._standing
        if benefits is None or standing is None or self._working:
            return
        wanted = tuple(
            each.policy_no
            for each in benefits.policies
            if each.policy is not None
            and each.policy_no not in benefits.promised
            and any(each.policy_no in wanted for wanted in (benefits.outdated, benefits.due, benefits.ready))
        )
        if wanted:
            self._decide(standing, wanted)

    def _allowance_came(self) -> None:
        """Decide again what only the allowance stood in the way of: its sum is the same, its outcome may be another."""
        benefits, standing = self._benefits, self._standing
        if benefits is None or standing is None or self._working:
            return
        lacking = tuple(dict.fromkeys(each.policy_no for each in benefits.lacks))
        unsigned = tuple(each for each in lacking if each not in benefits.outdated and not self._is_pre_approved(each))
        if unsigned and benefits.entered is not None:
            self._decide(standing, unsigned)
        else:
            self.show_standing(standing)

    def _is_pre_approved(self, policy_no: str) -> bool:
        records = () if self._standing is None else self._standing.determinations
        return any(each.policy_no == policy_no and each.outcome is Outcome.PRE_APPROVED for each in records)

    # What is shown

    def _show(self, standing: CaseStanding, benefits: Benefits) -> None:
        self._wait.hide()
        self._show_notices(
            benefit_notices(
                self.work.ui,
                standing,
                benefits,
                self._failed,
                to_papers=lambda: self.go_to.emit(CaseStep.PAPERS),
                again=self._calculate_again,
            )
        )
        open_still = bool(benefits.lacks) or not benefits.promised
        self.neighbours.show_lacks(standing.case.case_no, benefits.lacks, sharing=benefits.sharing and open_still)
        decided = [each for each in benefits.policies if each.explained is not None]
        several = len(benefits.policies) > 1
        self._show_tabs(benefits, several=several)
        shown = self._shown_policy(benefits)
        comparing = several and self._chosen == _COMPARE_KEY
        if comparing:
            self._show_comparison(benefits)
        elif self._comparison is not None:
            self._comparison.hide()
        if shown is not None and shown.explained is not None and not comparing:
            view = self._made_view()
            view.show_explained(shown.explained, [each.sentence for each in standing.completeness.missing])
            view.show()
        elif self._view is not None:
            self._view.hide()
        if not decided and not self._notices:
            self._show_wait(CALCULATING)
        self.next_changed.emit()

    def _shown_policy(self, benefits: Benefits) -> PolicyBenefit | None:
        chosen = next((each for each in benefits.policies if each.policy_no == self._chosen), None)
        if chosen is not None:
            return chosen
        # What pays is what one came to see.
        return next((each for each in benefits.policies if each.explained is not None), None) or next(
            iter(benefits.policies), None
        )

    def _show_tabs(self, benefits: Benefits, *, several: bool) -> None:
        self._tabs.setVisible(several)
        if not several:
            return
        shown = self._shown_policy(benefits)
        current = _COMPARE_KEY if self._chosen == _COMPARE_KEY or shown is None else shown.policy_no
        names = [each.name.zh for each in benefits.policies]
        tabs = [self._tab(each, doubled=names.count(each.name.zh) > 1) for each in benefits.policies]
        tabs.append(Tab(_COMPARE_KEY, COMPARE, Bilingual("", "")))
        self._tabs.show_tabs(tabs, current)
        self._fit_tabs()

    def _tab(self, policy: PolicyBenefit, *, doubled: bool) -> Tab:
        name = policy.name
        if doubled:
            # Two policies of one product are told apart by the end of their numbers.
            name = Bilingual(f"{name.zh} …{policy.policy_no[-4:]}", f"{name.en} …{policy.policy_no[-4:]}")
        explained = policy.explained
        if explained is None:
            return Tab(policy.policy_no, name, NOT_CALCULATED)
        if explained.payable_fen is None or explained.outcome is Outcome.REFERRED:
            return Tab(policy.policy_no, name, OUTCOME_WORDS[explained.outcome])
        shown = money_text(explained.payable_fen)
        return Tab(policy.policy_no, name, Bilingual(shown, shown), strong=explained.outcome is Outcome.PRE_APPROVED)

    def _fit_tabs(self) -> None:
        """Give the tabs a row of their own where they don't fit beside the title."""
        look = self.work.ui.look
        room = self.width() - 2 * look.space("page") - self._title.sizeHint().width() - 2 * look.space("l")
        beside = self._tabs.natural_width() <= room
        inside = self._head.indexOf(self._tabs) >= 0
        if beside and not inside:
            self._tab_row.removeWidget(self._tabs)
            self._head.addWidget(self._tabs)
        elif not beside and inside:
            self._head.removeWidget(self._tabs)
            self._tab_row.addWidget(self._tabs)
        self._tabs.stand(right=beside)

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """See again whether the tabs fit beside the title."""
        super().resizeEvent(event)
        self._fit_tabs()

    def _show_comparison(self, benefits: Benefits) -> None:
        if self._comparison is None or self._table is None:
            self._comparison = Panel(self.work.ui, TITLE, padded=False, dense=True)
            self._table = PolicyComparison(self.work.ui)
            self._comparison.body.addWidget(self._table)
            self._body.insertWidget(self._body.count() - 1, self._comparison)
        self._table.show_policies(benefits.policies)
        total = sum(
            each.explained.payable_fen or 0
            for each in benefits.policies
            if each.explained is not None and each.explained.outcome is Outcome.PRE_APPROVED
        )
        self._comparison.note(
            Bilingual(f"{TOGETHER.zh} {money_text(total)} 元", f"{TOGETHER.en} {money_text(total)} yuan")
        )
        self._comparison.show()

    def _made_view(self) -> BenefitView:
        if self._view is None:
            self._view = BenefitView(self.work.ui)
            self._body.insertWidget(self._body.count() - 1, self._view)
        return self._view

    def _keep_right_edge(self) -> None:
        """Let the scroll bar stand in the margin: what is shown keeps its width."""
        look = self.work.ui.look
        bar = self._scroll.verticalScrollBar()
        taken = bar.sizeHint().width() if bar.maximum() > 0 else 0
        self._body.setContentsMargins(0, 0, max(0, look.space("page") - taken), look.space("m"))

    def _show_wait(self, words: Bilingual) -> None:
        self._wait.say(words)
        self._wait.show()
        if self._view is not None:
            self._view.hide()
        if self._comparison is not None:
            self._comparison.hide()

    def _show_notices(self, notices: list[QWidget]) -> None:
        for old in self._notices:
            self._body.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._notices = notices
        for place, notice in enumerate(notices):
            self._body.insertWidget(1 + place, notice)
        # What stands above is reached first, whenever it was made.
        before: QWidget = self._scroll
        for button in (each for notice in notices for each in notice.findChildren(ActionButton)):
            QWidget.setTabOrder(before, button)
            before = button

    def _choose(self, key: str) -> None:
        self._chosen = key
        self._show_again()
        self._scroll.verticalScrollBar().setValue(0)

    def _has_rules(self) -> bool:
        standing = self._standing
        return standing is not None and standing.step(CaseStep.BENEFIT).state is not StepState.LOCKED

    def _to_sign(self, standing: CaseStanding) -> NextAction:
        benefits = self._benefits
        signable = benefits is not None and not (benefits.due and benefits.problems)
        locked = standing.step(CaseStep.SIGN)
        if locked.state is StepState.LOCKED or not signable:
            return NextAction(
                TO_SIGN,
                lambda: None,
                allowed=False,
                why_not=locked.why or Bilingual("请先重新理算。", "Calculate again first."),
            )
        return NextAction(
            TO_SIGN,
            lambda: self.go_to.emit(CaseStep.SIGN),
            note=Bilingual("金额锁定后请客户签字", "The sum stands; now the claimant signs"),
        )

    def _to_slip(self, outcomes: list[Outcome]) -> NextAction:
        note = (
            Bilingual("由总部核定，客户不用签金额", "Headquarters decides; there is no sum to sign")
            if Outcome.REFERRED in outcomes
            else Bilingual("今天不预核，先给签收单", "Not pre-approved today: give a slip")
        )
        return NextAction(TO_SLIP, lambda: self.go_to.emit(CaseStep.VOUCHER), note=note)
