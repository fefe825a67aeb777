"""A stage for screens: the real application object, look and words, real lanes, a real desk where one is asked for; and pictures.

Tests drive what stands here offscreen. ``Stage.settle`` runs the event loop until every background job has come back.
"""

from __future__ import annotations

import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

from PySide6.QtCore import QCoreApplication, QEvent, QEventLoop, Qt
from PySide6.QtGui import QInputMethodEvent
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from app.preferences import FilePreferences
from app.workers import LaneWorkers
from claims.desk import Desk
from claims.reference import PersonHit
from views.focus_ring import FocusRing
from views.language import Code, Words
from views.look.fonts import load_fonts
from views.look.look import Look
from views.look.tokens import Theme, load_tokens
from views.presentation import Presentation
from views.problems import Problems
from views.tasks import Tasks
from views.workplace import PagePart, Place, Screen, Workplace

SETTLE_S = 90.0
"""A job that takes longer hangs; a shared machine was seen to stand still for twenty seconds."""


@dataclass
class WayTaken:
    """A navigator that remembers where a screen wanted to go."""

    taken: list[tuple[object, ...]] = field(default_factory=list)

    def show_place(self, place: Place) -> None:
        self.taken.append(("place", place))

    def open_case(self, case_no: str, step: PagePart | None = None) -> None:
        self.taken.append(("case", case_no, step))

    def new_claim(self, person: PersonHit | None = None, draft_id: str | None = None) -> None:
        self.taken.append(("new", None if person is None else person.person.name, draft_id))

    def search(self, text: str) -> None:
        self.taken.append(("search", text))

    def lock(self) -> None:
        self.taken.append(("lock",))


class Stage:
    """One presentation on the one application."""

    def __init__(self, folder: Path, language: Code = "zh", theme: Theme = Theme.LIGHT, scale: int = 100) -> None:
        self.app = QApplication.instance() or QApplication([])
        assert isinstance(self.app, QApplication)
        load_fonts()
        self.look = Look(load_tokens(), theme, scale)
        self.look.apply()
        self.ui = Presentation(Words(language), self.look)
        self.ring = FocusRing(self.app, self.look)
        self.workers = LaneWorkers()
        self.problems = Problems(self.ui)
        self.tasks = Tasks(self.workers, self.problems.show_error)
        self.way = WayTaken()
        self.preferences = FilePreferences(folder)
        self.shown: list[QWidget] = []

    def workplace(self, desk: Desk) -> Workplace:
        return Workplace(
            desk=desk,
            tasks=self.tasks,
            ui=self.ui,
            problems=self.problems,
            navigator=self.way,
            preferences=self.preferences,
        )

    def show(self, widget: QWidget, width: int = 1286, height: int = 712) -> None:
        """Show a widget alone in the work area's size (1366 × 768 for what fills the window)."""
        self.shown.append(widget)
        widget.setAutoFillBackground(True)
        widget.resize(width, height)
        widget.show()
        widget.activateWindow()
        if isinstance(widget, Screen):
            widget.opened()
            widget.first_focus().setFocus(Qt.FocusReason.OtherFocusReason)
        self.settle()

    def settle(self) -> None:
        """Run the event loop until no job is under way and nothing is queued."""
        deadline = time.monotonic() + SETTLE_S
        quiet = 0
        while quiet < 3:
            QCoreApplication.processEvents(QEventLoop.ProcessEventsFlag.AllEvents, 20)
            QCoreApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete.value)
            quiet = quiet + 1 if self.tasks.under_way == 0 else 0
            assert time.monotonic() < deadline, "the screen did not come to rest"

    def picture(self, widget: QWidget, path: Path) -> Path:
        """Save what the widget looks like now."""
        self.settle()
        path.parent.mkdir(parents=True, exist_ok=True)
        assert widget.grab().save(str(path))
        return path

    def close(self) -> None:
        for widget in self.shown:
            widget.close()
            widget.deleteLater()
        self.settle()
        self.workers.close()
        # Takes Qt's own translation out of the one application again.
        self.ui.words.switch("en")


def type_text(widget: QWidget, text: str) -> None:
    """Type into the focused widget: ASCII by keys, anything else as an input method commits it."""
    for piece in text:
        if piece.isascii():
            QTest.keyClick(widget, piece)
        else:
            event = QInputMethodEvent()
            event.setCommitString(piece)
            QApplication.sendEvent(widget, event)


@contextmanager
def stage(folder: Path, language: Code = "zh", theme: Theme = Theme.LIGHT, scale: int = 100) -> Iterator[Stage]:
    """Set the stage and clear it again."""
    made = Stage(folder, language, theme, scale)
    try:
        yield made
    finally:
        made.close()
