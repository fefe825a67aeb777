"""The one window: the door first, then the frame around the desk, and the door again when it is locked.

Promise: closing or locking lets the running job end, keeps what is unsaved, and closes the store; errors that reach nobody else
are shown here.
"""

from __future__ import annotations

import gc
import importlib
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, QTimer
from PySide6.QtGui import QCloseEvent, QShowEvent
from PySide6.QtWidgets import QListView, QMainWindow, QStackedWidget

from claims.errors import Bilingual, OutpostError
from views.about import About
from views.door.door import AFTER_UNLOCKING, Door
from views.entrance import Entrance
from views.lanes import Lane, Workers
from views.preferences import Preferences
from views.presentation import Presentation
from views.tasks import Tasks, told

if TYPE_CHECKING:
    from concurrent.futures import Future

    from claims.desk import Desk
    from views.frame.window import Frame
    from views.practice import Practice

_NEXT_SCREENS = (
    "views.screens.people",
    "views.screens.case.page",
    "views.screens.case.report_step",
    "views.screens.case.papers_step",
    "views.screens.case.benefit_step",
    "views.screens.case.sign_step",
    "views.screens.case.voucher_step",
    "views.screens.cases",
    "views.screens.paper",
    "views.screens.verify",
    "views.screens.sync",
    "views.screens.setup",
)
"""Loaded in the background while the desk is looked at, so that no screen stalls when it is opened first."""

TITLE = Bilingual("Outpost 现场理赔", "Outpost field claims")
WIDTH, HEIGHT = 1366, 768


class MainWindow(QMainWindow):
    """Door and frame.

    ``keep`` is called with the desk after every sync and before it is closed, in the background: what the door may show next time.
    ``sync_every_s``: the desk also tries the line by itself this often; None: only when asked.
    """

    def __init__(
        self,
        ui: Presentation,
        workers: Workers,
        entrance: Entrance,
        preferences: Preferences,
        *,
        practice: Practice | None = None,
        keep: Callable[[Desk], None] = lambda _desk: None,
        about: About | None = None,
        sync_every_s: int | None = None,
    ) -> None:
        super().__init__()
        self.ui = ui
        self.tasks = Tasks(workers, self.present)
        self._workers, self._entrance, self._preferences = workers, entrance, preferences
        self._practice, self._keep = practice, keep
        self._about, self._sync_every_s = about, sync_every_s
        self._stack = QStackedWidget()
        self._stack.setObjectName("work")
        self.setCentralWidget(self._stack)
        self.frame: Frame | None = None
        self.opening = False
        """The desk is unlocked and not shown yet."""
        self.door = self._make_door()
        ui.words.changed.connect(self._name)
        self._name()
        self.resize(WIDTH, HEIGHT)
        self.setMinimumSize(1024, 640)

    def begin(self) -> None:
        """Draw the icons, and start what the door does in the background. Called after the first picture."""
        self.ui.look.show_icons()
        self.door.start()

    def showEvent(self, event: QShowEvent) -> None:  # noqa: N802 - Qt's name
        """What is typed first has the keyboard from the first picture on."""
        super().showEvent(event)
        if self.frame is None:
            self.door.take_focus()

    def closeEvent(self, event: QCloseEvent) -> None:  # noqa: N802 - Qt's name
        """Keep what is unsaved, then close the store."""
        if self.frame is not None and not self.frame.leave():
            event.ignore()
            return
        self._close_desk()
        # The interpreter is about to end and wants to see everything go.
        gc.unfreeze()
        super().closeEvent(event)

    def lock(self) -> None:
        """Close the desk and stand at the door again."""
        if self.frame is None or not self.frame.leave():
            return
        self._close_desk()
        self.door = self._make_door()
        self.door.start()

    def _make_door(self) -> Door:
        door = Door(self.ui, self.tasks, self._entrance, self._preferences, self._practice)
        door.opened.connect(self._open)
        self._stack.addWidget(door)
        self._stack.setCurrentWidget(door)
        door.take_focus()
        return door

    def _open(self, desk: Desk) -> None:
        from views.frame.window import Frame  # noqa: PLC0415 - loaded by the unlocking job, not at start
        from views.workplace import Place  # noqa: PLC0415 - as above

        frame = self.frame = Frame(
            self.ui,
            desk,
            self.tasks,
            self._preferences,
            practice=self._practice,
            lock=self.lock,
            about=self._about,
            sync_every_s=self._sync_every_s,
        )
        frame.syncing.ended.connect(lambda _problem: self.tasks.run(lambda: self._keep(desk), owner=frame))
        self.opening = True
        # Each of these is a turn of its own: together they would be felt.
        steps = (_meet_lists, lambda: frame.screen_of(Place.DESK), lambda: self._show_frame(frame))
        _in_turn(self, steps)

    def _show_frame(self, frame: Frame) -> None:
        self.opening = False
        if frame is not self.frame:
            return
        self._stack.addWidget(frame)
        self._stack.setCurrentWidget(frame)
        self._stack.removeWidget(self.door)
        self.door.deleteLater()
        frame.begin()
        self.tasks.run(load_screens, lambda _count: frame.warm_up(), owner=frame, lane=Lane.PAGE)

    def _close_desk(self) -> None:
        frame, self.frame = self.frame, None
        if frame is None:
            return
        desk = frame.desk
        self._stack.removeWidget(frame)
        frame.hide()
        frame.deleteLater()

        def close() -> None:
            try:
                self._keep(desk)
            finally:
                desk.close()

        self._workers.submit(Lane.STORE, close).add_done_callback(_noted)

    def present(self, error: OutpostError) -> None:
        """Show an error that nobody else handles."""
        if self.frame is not None:
            self.frame.problems.show_error(error)

    def _name(self) -> None:
        self.setWindowTitle(self.ui.say(TITLE))


def load_screens() -> int:
    """Load every screen; return how many there are. In the background, or by a check that a frozen program has them all."""
    for name in (*AFTER_UNLOCKING, *_NEXT_SCREENS):
        importlib.import_module(name)
    # What is loaded by now stays: the collector need not walk through it again and again, each time holding everybody up.
    gc.freeze()
    return len(AFTER_UNLOCKING) + len(_NEXT_SCREENS)


def _noted(done: Future[None]) -> None:
    """No screen is left to say it on, but a store that does not close must not go unnoticed: ``told`` logs it."""
    error = done.exception()
    if error is not None:
        told(error)


def _meet_lists() -> None:
    """Let the binding make what it makes when the first list is touched: some fifteen milliseconds, once in a process."""
    QListView().viewport()


def _in_turn(owner: QObject, steps: Sequence[Callable[[], object]]) -> None:
    """Do things one after another, each in a turn of the event loop of its own."""
    first, *others = steps

    def turn() -> None:
        first()
        if others:
            _in_turn(owner, others)

    QTimer.singleShot(0, owner, turn)
