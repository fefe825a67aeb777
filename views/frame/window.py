"""The frame: what stands in the window between unlocking and locking. Rail, top bar, messages, and the screens in a stack.

Promise: a screen is made at its first visit; going elsewhere first lets the screen keep what is unsaved; the top bar is never more
than a minute old. Keys of the window work wherever no field takes them.

Source: the brief of the screens ("Frame"); docs/adr/0100.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QHBoxLayout, QStackedWidget, QVBoxLayout, QWidget

from claims.desk import Desk
from claims.errors import OutpostError
from claims.overviews import CaseStep, Standing
from claims.reference import PersonHit
from views.about import About
from views.choices import Choices
from views.frame.at_risk import AtRiskPanel
from views.frame.notices import Notices
from views.frame.places import FACTORIES
from views.frame.rail import Rail
from views.frame.top_bar import TopBar
from views.frame.warming import Warming
from views.link import Link
from views.practice import Practice
from views.preferences import Preferences
from views.presentation import Presentation, Told
from views.problems import Problems
from views.syncing import NO_ADDRESS, Syncing
from views.tasks import Task, Tasks
from views.workplace import Beside, PagePart, Place, Screen, Workplace

if TYPE_CHECKING:
    from views.screens.case.page import CasePage

_SEARCH_KEYS = ("/", "／", "、")
"""The key in three states of a Chinese input method."""


class Frame(QWidget, Told):
    """The window's content. ``desk`` is open as long as it lives.

    Args:
        lock: closes the desk and shows the door; called once the screen has kept what is unsaved.
        sync_every_s: sync by itself this often while the line is there, less often while it is not; None: only when asked.
        problems: where errors are shown; None: a strip of its own.
    """

    def __init__(
        self,
        ui: Presentation,
        desk: Desk,
        tasks: Tasks,
        preferences: Preferences,
        *,
        practice: Practice | None = None,
        lock: Callable[[], None],
        about: About | None = None,
        sync_every_s: int | None = None,
        problems: Problems | None = None,
        parent: QWidget | None = None,
    ) -> None:
        super().__init__(parent)
        self._ui, self.desk, self._tasks, self._lock = ui, desk, tasks, lock
        self.problems = Problems(ui) if problems is None else problems
        link = Link(self)
        self.syncing = Syncing(desk, tasks, link, every_s=sync_every_s, parent=self)
        self._choices = Choices(ui, tasks, preferences)
        self.work = Workplace(
            desk=desk,
            tasks=tasks,
            ui=ui,
            problems=self.problems,
            navigator=self,
            preferences=preferences,
            practice=practice,
            link=link,
            about=About() if about is None else about,
        )
        self.standing: Standing | None = None
        self._screens: dict[Place, Screen] = {}
        self._case: CasePage | None = None
        self._here: Place | None = None
        self._asking: Task | None = None
        self._ask_again = False
        self._left = False
        self._at_risk: AtRiskPanel | None = None
        self.warming = Warming(self)
        self._build()
        self._wire()
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setAutoFillBackground(True)
        self.tell()

    def warm_up(self) -> None:
        """Make the other screens and the steps of the case page in idle turns."""
        page = self.case_page
        self.warming.begin(
            (
                lambda: self.screen_of(Place.PEOPLE),
                page,
                *(partial(lambda step: page().make_panel(step), step) for step in (*CaseStep, Beside.DOCUMENTS)),
                *(partial(self.screen_of, place) for place in Place),
            )
        )

    def begin(self) -> None:
        """Show the desk, load the top bar, and try the line where that is wanted."""
        self.show_place(Place.DESK)
        self.refresh()
        self._minute.start()
        self.syncing.begin()

    def leave(self) -> bool:
        """Keep what is unsaved and end what runs: the window closes or locks. False: the screen holds the person here.

        A sync that was under way is told to end; its job is over when the sync lane is.
        """
        now = self.current()
        if now is not None and not now.leave():
            return False
        self._left = True
        self.warming.stop()
        self._minute.stop()
        self.syncing.close()
        return True

    # The navigator

    def show_place(self, place: Place) -> None:
        """Go to a place of the rail."""
        if self._go(self.screen_of(place), place):
            self.screen_of(place).opened()
            self._focus(self.screen_of(place))

    def open_case(self, case_no: str, step: PagePart | None = None) -> None:
        """Open a case at a step or beside the steps; None: at its current step."""
        page = self.case_page()
        if self._go(page, Place.CASES):
            page.show_case(case_no, step)
            self._focus(page)

    def new_claim(self, person: PersonHit | None = None, draft_id: str | None = None) -> None:
        """Start a report."""
        page = self.case_page()
        if self._go(page, Place.CASES):
            page.show_new(person, draft_id)
            self._focus(page)

    def search(self, text: str) -> None:
        """Go to people with this search."""
        from views.screens.people import PeopleScreen  # noqa: PLC0415 - as the factories of ``places``

        self.show_place(Place.PEOPLE)
        people = self.screen_of(Place.PEOPLE)
        if self.current() is people and isinstance(people, PeopleScreen):
            people.search(text)

    def lock(self) -> None:
        """Lock: the door asks the frame to ``leave`` before it closes the desk."""
        self._lock()

    # What stands where

    def screen_of(self, place: Place) -> Screen:
        """Return the screen of a place, made at the first visit."""
        made = self._screens.get(place)
        if made is None:
            made = self._screens[place] = FACTORIES[place](self.work, self.syncing)
            self.stack.addWidget(made)
        return made

    def case_page(self) -> CasePage:
        """Return the page of a case, made at the first visit."""
        if self._case is None:
            from views.screens.case.page import CasePage  # noqa: PLC0415 - as the factories of ``places``

            self._case = CasePage(self.work)
            self.stack.addWidget(self._case)
        return self._case

    @property
    def at_risk(self) -> AtRiskPanel:
        """What would be lost if this laptop died now; made when it is first asked for."""
        if self._at_risk is None:
            panel = self._at_risk = AtRiskPanel(self._ui, self._tasks, self)
            panel.closed.connect(self._focus_again)
            panel.sync_wanted.connect(self._sync_now)
            panel.case_wanted.connect(self.open_case)
        return self._at_risk

    def current(self) -> Screen | None:
        """Return the screen that is shown."""
        now = self.stack.currentWidget()
        return now if isinstance(now, Screen) else None

    def refresh(self) -> None:
        """Ask the disk again how things stand. While an answer is awaited, one more is asked for afterwards."""
        if self._left:
            return
        if self._asking is not None:
            self._ask_again = True
            return
        self._asking = self._tasks.run(self.desk.standing, self._stand, owner=self, failed=self._not_told)

    def tell(self) -> None:
        """Take measures again; everything inside tells itself."""
        look = self._ui.look
        edge = look.space("page")
        self._messages.setContentsMargins(edge, look.space("m"), edge, 0)
        self._messages.setSpacing(look.space("s"))
        self._minute.setInterval(round(look.tokens.clock["refresh_seconds"] * 1000))

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Keep the panel inside the window."""
        super().resizeEvent(event)
        if self._at_risk is not None and self._at_risk.isVisible():
            self._at_risk.place()

    def keyPressEvent(self, event: QKeyEvent) -> None:  # noqa: N802 - Qt's name
        """``/`` searches, ``N`` starts a claim: what no field and no button of the screen took."""
        if event.modifiers() & ~(Qt.KeyboardModifier.KeypadModifier | Qt.KeyboardModifier.ShiftModifier):
            super().keyPressEvent(event)
        elif event.text() in _SEARCH_KEYS:
            self.show_place(Place.PEOPLE)
        elif event.key() == Qt.Key.Key_N and not event.isAutoRepeat():
            self.new_claim()
        else:
            super().keyPressEvent(event)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:  # noqa: N802 - Qt's name
        """Put new messages into the reading order, and hide their row when it is empty."""
        if watched in (self.problems, self.notices) and event.type() in (
            QEvent.Type.ShowToParent,
            QEvent.Type.HideToParent,
            QEvent.Type.LayoutRequest,
        ):
            self._order_later.start()
        return False

    def _build(self) -> None:
        ui = self._ui
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.setSpacing(0)
        self.rail = Rail(ui, self)
        row.addWidget(self.rail)
        column = QVBoxLayout()
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        row.addLayout(column, 1)
        self.top = TopBar(ui, self.desk.identity, self.work.link, practice=self.work.practice is not None)
        column.addWidget(self.top)
        self._message_row = QWidget()
        self._messages = QVBoxLayout(self._message_row)
        self.notices = Notices(ui)
        self._messages.addWidget(self.notices)
        self._messages.addWidget(self.problems)
        self._message_row.hide()
        column.addWidget(self._message_row)
        self.stack = QStackedWidget()
        self.stack.setObjectName("work")
        column.addWidget(self.stack, 1)
        self._minute = QTimer(self)
        self._order_later = QTimer(self)
        self._order_later.setSingleShot(True)
        self._order_later.timeout.connect(self._order)

    def _wire(self) -> None:
        self.rail.wanted.connect(self.show_place)
        self.rail.lock_wanted.connect(self.lock)
        self.top.died_wanted.connect(self._drop_at_risk)
        self.top.sync_wanted.connect(lambda: self.show_place(Place.SYNC))
        self.top.setup_wanted.connect(lambda: self.show_place(Place.SETUP))
        self.top.theme_wanted.connect(lambda theme: self._choices.theme(theme, self))
        self.top.language_wanted.connect(lambda code: self._choices.language(code, self))
        self._tasks.wrote.connect(self.refresh)
        self._minute.timeout.connect(self.refresh)
        self.syncing.ended.connect(self._synced)
        self.problems.left.connect(self._focus_work)
        self.problems.installEventFilter(self)
        self.notices.installEventFilter(self)

    def _go(self, screen: Screen, place: Place) -> bool:
        """Bring a screen to the front unless the present one holds the person; say whether it is there now."""
        now = self.current()
        if now is not None and now is not screen and now.isVisible() and not now.leave():
            return False
        if self._at_risk is not None:
            self._at_risk.hide()
        self._here = place
        self.rail.mark(place)
        self.stack.setCurrentWidget(screen)
        return True

    def _focus(self, screen: Screen) -> None:
        if self.current() is screen:
            screen.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)

    def _focus_work(self) -> None:
        now = self.current()
        if now is not None:
            self._focus(now)

    def _focus_again(self) -> None:
        self.top.safety.setFocus(Qt.FocusReason.PopupFocusReason)

    def _drop_at_risk(self) -> None:
        if self.at_risk.isVisible():
            self.at_risk.shut()
            return
        desk = self.desk
        self.at_risk.drop(lambda: (desk.at_risk(), desk.safety()))

    def _sync_now(self) -> None:
        self.show_place(Place.SYNC)
        if self._here is Place.SYNC:
            self.syncing.start()

    def _stand(self, standing: Standing) -> None:
        self._asking = None
        self.standing = standing
        self.work.link.heard(standing.last_contact_at)
        self.top.show_standing(standing)
        self.notices.show_standing(standing)
        self.rail.items[Place.SYNC].show_badge(standing.sent_back)
        if self._ask_again:
            self._ask_again = False
            self.refresh()

    def _not_told(self, error: OutpostError) -> None:
        self._asking = None
        self._ask_again = False
        self.problems.show_error(error, retry=self.refresh)

    def _synced(self, problem: OutpostError | None) -> None:
        self.refresh()
        # On the sync screen it stands where the sync is shown. A line that is down is no news when nobody asked.
        if problem is None or self._here is Place.SYNC or self.syncing.now.stopped:
            return
        if not self.syncing.now.by_itself or (not problem.retryable and problem.code != NO_ADDRESS):
            self.problems.show_error(problem, retry=self.syncing.start if problem.retryable else None)

    def _order(self) -> None:
        self._message_row.setVisible(not (self.notices.isHidden() and self.problems.isHidden()))
        before: QWidget = self.top.language
        for strip in (self.notices, self.problems):
            for button in strip.findChildren(QWidget):
                if button.focusPolicy() & Qt.FocusPolicy.TabFocus and not button.isHidden():
                    QWidget.setTabOrder(before, button)
                    before = button
