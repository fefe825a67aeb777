"""The page of a case: the stepper, the panel of one step, the summary with the one next action.

Promise: a panel is made when it is first needed and shown nothing older than the last word of the disk; the keyboard goes where the
work is; ``Ctrl+Return`` leads through all five steps. Where there is little room the stepper folds to circles, then the summary to
a strip: the work keeps its width.

Source: docs/adr/0102; mock-ups 03 and 04.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping

from PySide6.QtCore import QRect, QSize, Qt, QTimer
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QApplication, QStackedWidget, QWidget

from claims.errors import Bilingual, OutpostError
from claims.overviews import CaseStanding, CaseStep, StepStanding, StepState
from claims.reference import PersonHit
from views.controls.labels import Text
from views.focus_ring import OWN_FOCUS
from views.screens.case.locked_step import LockedStep
from views.screens.case.paper_flow import documents_of
from views.screens.case.report_step import ReportPanel
from views.screens.case.step_panel import NextAction, StepPanel
from views.screens.case.stepper import GO_TO, Stepper
from views.screens.case.summary import Summary
from views.tasks import Task
from views.workplace import Beside, PagePart, Place, Screen, Workplace

_OPEN_FIRST = Bilingual("先开案", "open the case first")
_OPEN_WHY = Bilingual("还没有开案。请先完成“报案”。", "The case is not open yet. Finish the Report step first.")
_READING = Bilingual("正在读取案件…", "Reading the case…")
_WORK_WIDTH, _WORK_LEAST = 780, 600
"""Below the first the stepper folds, below the second the summary lies down (pixels at 100 %)."""


def _papers(work: Workplace) -> StepPanel:
    from views.screens.case.papers_step import PapersPanel  # noqa: PLC0415 - a panel is loaded when it is first shown

    return PapersPanel(work)


def _benefit(work: Workplace) -> StepPanel:
    from views.screens.case.benefit_step import BenefitPanel  # noqa: PLC0415 - as above

    return BenefitPanel(work)


def _sign(work: Workplace) -> StepPanel:
    from views.screens.case.sign_step import SignPanel  # noqa: PLC0415 - as above

    return SignPanel(work)


def _voucher(work: Workplace) -> StepPanel:
    from views.screens.case.voucher_step import VoucherPanel  # noqa: PLC0415 - as above

    return VoucherPanel(work)


def _documents(work: Workplace) -> StepPanel:
    from views.screens.case.documents_panel import DocumentsPanel  # noqa: PLC0415 - as above

    return DocumentsPanel(work)


PANELS: Mapping[PagePart, Callable[[Workplace], StepPanel]] = {
    CaseStep.REPORT: ReportPanel,
    CaseStep.PAPERS: _papers,
    CaseStep.BENEFIT: _benefit,
    CaseStep.SIGN: _sign,
    CaseStep.VOUCHER: _voucher,
    Beside.DOCUMENTS: _documents,
}


class CasePage(Screen):
    """One case, or a report that is to become one."""

    def __init__(
        self,
        work: Workplace,
        panels: Mapping[PagePart, Callable[[Workplace], StepPanel]] = PANELS,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(work, parent)
        self._factories = panels
        self._panels: dict[PagePart, StepPanel] = {}
        self._case_no: str | None = None
        self._standing: CaseStanding | None = None
        self._wanted: PagePart | None = None
        self._shown: PagePart = CaseStep.REPORT
        self._stale = self._keep = False
        self._task: Task | None = None
        self._stepper = Stepper(work.ui, self)
        self._stepper.chosen.connect(self.go)
        self._stepper.back.connect(lambda: work.navigator.show_place(Place.CASES))
        self._work = QStackedWidget(self)
        self._summary = Summary(work.ui, self)
        self._waiting = Text(work.ui, "", colour="text2")
        self._locked = LockedStep(work.ui, self)
        self._locked.go_on.connect(self.go)
        for widget in (self._waiting, self._locked):
            self._work.addWidget(widget)
        # Children stand in reading order: stepper, work, summary.
        self._minute = QTimer(self)
        self._minute.setInterval(round(work.ui.look.tokens.clock["refresh_seconds"] * 1000))
        self._minute.timeout.connect(self._say_clocks_anew)
        work.tasks.wrote.connect(self._grow_stale)
        self.tell()

    # Ways in

    def show_case(self, case_no: str, step: PagePart | None = None) -> None:
        """Show a case at a step or at what stands beside the steps; None: at its current step."""
        if case_no != self._case_no or self._standing is None:
            self._forget()
            self._case_no = case_no
            self._wait(_READING)
        self._load(step, keep=False)

    def show_new(self, person: PersonHit | None = None, draft_id: str | None = None) -> None:
        """Start a report: of a person, from a draft, or of somebody this laptop does not know."""
        self._forget()
        panel = self._report()
        panel.start(person, draft_id)
        self._shown = CaseStep.REPORT
        self._put(panel)
        self._show_report()
        self._take_keyboard(panel)

    # Screen

    def opened(self) -> None:
        """Load what is shown again."""
        if self._case_no is not None and self._task is None:
            self._load(self._shown if self._standing is not None else self._wanted, keep=True)

    def first_focus(self) -> QWidget:
        """Return what has the keyboard."""
        panel = self._panel_shown()
        if panel is not None:
            return panel.first_focus()
        return self._locked.button if self._work.currentWidget() is self._locked else self

    def leave(self) -> bool:
        """Keep what is unsaved."""
        self._leave_panel()
        return True

    @property
    def case_no(self) -> str | None:
        """The case that is shown, None for a report that is no case yet."""
        return self._case_no

    @property
    def step(self) -> PagePart:
        """The step, or what beside the steps, is shown."""
        return self._shown

    @property
    def stepper(self) -> Stepper:
        """The steps."""
        return self._stepper

    @property
    def summary(self) -> Summary:
        """The summary."""
        return self._summary

    def panel(self, step: PagePart) -> StepPanel | None:
        """Return the panel of a part if it was needed already."""
        return self._panels.get(step)

    # What happens

    def go(self, step: PagePart) -> None:
        """Go to a step, locked or not, or to what stands beside the steps."""
        if self._case_no is None:
            if step is not CaseStep.REPORT:
                self._report().remind()
            return
        if self._task is not None or self._standing is None:
            self._wanted = step
            return
        if self._stale:
            self._load(step, keep=False)
            return
        self._show_step(step)

    def _opened_case(self, case_no: str) -> None:
        """The report became a case: go on with its papers."""
        self._forget()
        self._case_no = case_no
        self._load(CaseStep.PAPERS, keep=False)

    def _wrote(self) -> None:
        """The disk holds something new; what was asked for meanwhile is still wanted."""
        if self._task is not None:
            self._load(self._wanted, keep=self._keep)
        elif self._standing is not None:
            self._load(self._shown, keep=True)

    def _grow_stale(self) -> None:
        self._stale = True

    def _load(self, step: PagePart | None, *, keep: bool) -> None:
        """Read the case and show it at a step; ``keep``: the panel shown stays, it only gets the new standing."""
        case_no = self._case_no
        if case_no is None:
            return
        if self._task is not None:
            self._task.cancel()
        self._wanted, self._keep = step, keep
        self._stale = False
        desk = self.work.desk
        self._task = self.work.tasks.run(
            lambda: desk.case_standing(case_no),
            lambda standing: self._came(standing, keep),
            owner=self,
            failed=self._failed,
        )

    def _came(self, standing: CaseStanding, keep: bool) -> None:
        self._task = None
        self._standing = standing
        step = self._wanted or standing.current
        if keep and step is self._shown and self._panel_shown() is not None:
            self._show_around()
            panel = self._panel_shown()
            if panel is not None and not _locked(standing, step):
                panel.show_standing(standing)
                self._show_action()
                return
        self._show_step(step)

    def _failed(self, error: OutpostError) -> None:
        self._task = None
        case_no, step = self._case_no, self._wanted
        if self._standing is None:
            self._wait(
                Bilingual(
                    f"没有读到案件 {case_no}，原因见上方。", f"Case {case_no} was not read; the reason stands above."
                )
            )
        self.work.problems.show_error(error, retry=None if case_no is None else lambda: self.show_case(case_no, step))

    def _show_step(self, step: PagePart) -> None:
        standing = self._standing
        if standing is None:
            return
        if step is not self._shown or self._panel_shown() is None:
            self._leave_panel()
        self._shown = step
        self._wanted = None
        if isinstance(step, CaseStep) and _locked(standing, step):
            self._locked.show_step(standing.step(step), self._way_on(standing, step))
            self._work.setCurrentWidget(self._locked)
            self._show_around()
            self._show_action()
            self._take_keyboard(self._locked.button)
            return
        panel = self._panel(step)
        panel.show_standing(standing)
        self._put(panel)
        self._show_around()
        self._show_action()
        self._take_keyboard(panel)

    def _way_on(self, standing: CaseStanding, step: CaseStep) -> CaseStep:
        """Return the step that helps where one is locked: the last open one before it, else one that is open after it."""
        order = list(CaseStep)
        open_ones = [each.step for each in standing.steps if each.state is StepState.OPEN]
        before = [each for each in open_ones if order.index(each) < order.index(step)]
        if before:
            return before[-1]
        return open_ones[0] if open_ones else CaseStep.PAPERS

    # Panels

    def make_panel(self, step: PagePart) -> None:
        """Make the panel of a part before it is asked for."""
        self._panel(step)

    def _report(self) -> ReportPanel:
        panel = self._panel(CaseStep.REPORT)
        if not isinstance(panel, ReportPanel):
            raise TypeError(f"the report step is shown by {type(panel).__name__}")
        return panel

    def _panel(self, step: PagePart) -> StepPanel:
        made = self._panels.get(step)
        if made is None:
            made = self._panels[step] = self._factories[step](self.work)
            # A panel that has the keyboard as a whole is no control: no ring around half the window.
            made.setProperty(OWN_FOCUS, True)
            made.wrote.connect(self._wrote)
            made.next_changed.connect(lambda: self._from(made, self._on_next_changed))
            made.go_to.connect(lambda wanted: self._from(made, lambda: self.go(wanted)))
            if isinstance(made, ReportPanel):
                made.opened.connect(self._opened_case)
            self._work.addWidget(made)
        return made

    def _from(self, panel: StepPanel, act: Callable[[], None]) -> None:
        """Do what a panel asks for while it is the one that is shown; a late word of another one moves nothing."""
        if panel is self._panel_shown():
            act()

    def _put(self, panel: StepPanel) -> None:
        self._pad(panel)
        self._work.setCurrentWidget(panel)
        # Panels are made later than the summary; the Tab key goes through them first all the same.
        self.setTabOrder(_last_stop(panel), self._summary.button)

    def _pad(self, panel: QWidget) -> None:
        """Give a panel the page's margins where its own layout keeps none."""
        look = self.work.ui.look
        layout = panel.layout()
        if layout is not None and layout.contentsMargins().left() == 0:
            side = look.space("page")
            panel.setContentsMargins(side, look.space("page_top_case"), side, side)

    def _panel_shown(self) -> StepPanel | None:
        now = self._work.currentWidget()
        return now if isinstance(now, StepPanel) else None

    def _leave_panel(self) -> None:
        panel = self._panel_shown()
        if panel is not None:
            panel.leave()

    def _forget(self) -> None:
        """Another case or another person comes: nothing of the last one stays on the screen."""
        self._leave_panel()
        if self._task is not None:
            self._task.cancel()
        self._task = self._standing = self._case_no = self._wanted = None
        self._summary.clear()
        self._summary.show_action(None)
        self._stepper.show_steps({}, CaseStep.REPORT)
        self._stepper.documents.show_count(())

    def _wait(self, words: Bilingual) -> None:
        self._waiting.say(words)
        self._work.setCurrentWidget(self._waiting)

    # Around the panel

    def _on_next_changed(self) -> None:
        if self._case_no is None:
            self._show_report()
        else:
            self._show_action()

    def _show_report(self) -> None:
        panel = self._report()
        steps: dict[CaseStep, StepStanding] = {
            step: StepStanding(step=step, state=StepState.LOCKED, line=_OPEN_FIRST, why=_OPEN_WHY) for step in CaseStep
        }
        steps[CaseStep.REPORT] = StepStanding(step=CaseStep.REPORT, state=StepState.OPEN, line=panel.line())
        self._stepper.show_steps(steps, CaseStep.REPORT)
        self._summary.show_report(panel.insured_now(), panel.today, panel.claim_type_now(), panel.event_now())
        self._summary.show_action(panel.next_action())

    def _show_around(self) -> None:
        standing = self._standing
        if standing is not None:
            self._stepper.show_steps({each.step: each for each in standing.steps}, self._shown)
            self._stepper.documents.show_count(documents_of(standing))
            self._summary.show_standing(standing)
            self._minute.start()

    def _show_action(self) -> None:
        panel, standing = self._panel_shown(), self._standing
        if panel is not None:
            self._summary.show_action(panel.next_action())
        elif standing is not None and self._work.currentWidget() is self._locked and isinstance(self._shown, CaseStep):
            to = self._way_on(standing, self._shown)
            self._summary.show_action(
                NextAction(
                    text=GO_TO[to],
                    run=lambda: self.go(to),
                    note=Bilingual("这一步现在还不能做", "This step is not possible yet"),
                )
            )

    def _say_clocks_anew(self) -> None:
        """A minute went by: read the case again for its clocks; the panel and what is typed in it stay as they are."""
        case_no = self._case_no
        if case_no is None or self._task is not None or not self.isVisible():
            return
        desk = self.work.desk

        def came(standing: CaseStanding) -> None:
            if self._standing is not None and self._task is None and standing.case.case_no == self._case_no:
                self._standing = standing
                self._show_around()

        self.work.tasks.run(lambda: desk.case_standing(case_no), came, owner=self, failed=lambda _error: None)

    def _take_keyboard(self, to: QWidget) -> None:
        """Give the work the keyboard, unless somebody types elsewhere in the window."""
        focused = QApplication.focusWidget()
        if self.isVisible() and (
            focused is None or focused is self or self.isAncestorOf(focused) or not focused.isVisible()
        ):
            target = to.first_focus() if isinstance(to, StepPanel) else to
            target.setFocus(Qt.FocusReason.OtherFocusReason)

    # Where everything stands

    def tell(self) -> None:
        """Measure anew; the parts tell themselves."""
        look = self.work.ui.look
        self._stepper.tell()
        self._summary.tell()
        self._waiting.setAlignment(Qt.AlignmentFlag.AlignCenter)
        for panel in (*self._panels.values(), self._locked):
            self._pad(panel)
        self.setMinimumSize(look.px(480), 0)
        if self._case_no is None and self._panel_shown() is not None:
            self._show_report()
        self._place()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Find out what has to fold."""
        super().resizeEvent(event)
        self._place()

    def sizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """The work area of the smallest screen at 100 %."""
        return QSize(1286, 633)

    def _place(self) -> None:
        look = self.work.ui.look
        width, height = self.width(), self.height()
        folded = width - self._stepper.width_wanted(folded=False) - look.width("summary") < look.px(_WORK_WIDTH)
        left = self._stepper.width_wanted(folded=folded)
        strip = folded and width - left - look.width("summary") < look.px(_WORK_LEAST)
        self._stepper.fold(folded)
        self._summary.lie_down(strip)
        right = 0 if strip else look.width("summary")
        below = self._summary.strip_height() if strip else 0
        self._stepper.setGeometry(0, 0, left, height - below)
        if strip:
            self._summary.setGeometry(0, height - below, width, below)
        else:
            self._summary.setGeometry(width - right, 0, right, height)
        self._work.setGeometry(QRect(left, 0, width - left - right, height - below))


def _locked(standing: CaseStanding, part: PagePart) -> bool:
    """Say whether a step can't be done yet; what stands beside the steps always can."""
    return isinstance(part, CaseStep) and standing.step(part).state is StepState.LOCKED


def _last_stop(panel: QWidget) -> QWidget:
    """Return the last part of a panel that takes the keyboard, in the order of the Tab key; the panel where none does."""
    last, now = panel, panel.nextInFocusChain()
    while now is not None and now is not panel:
        if panel.isAncestorOf(now) and now.focusPolicy() & Qt.FocusPolicy.TabFocus:
            last = now
        now = now.nextInFocusChain()
    return last
