"""Starts the window: look and words from the kept preferences, the door, and behind it everything heavy.

Promise: the door accepts typing before the store, the engine, printing or the network are loaded; ending the program ends its
threads and its practice headquarters, and closes the store.

Source: design.md "Threads", "Traps" (start); docs/adr/0105.
"""

from __future__ import annotations

import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from app.entrance import LocalEntrance
from app.preferences import FilePreferences
from app.system_clock import SystemClock
from app.version import VERSION
from app.workers import LaneWorkers
from views.about import About
from views.focus_ring import FocusRing
from views.language import Words
from views.look.fonts import load_fonts
from views.look.look import Look
from views.look.tokens import Theme, load_tokens
from views.main_window import MainWindow
from views.presentation import Presentation

if TYPE_CHECKING:
    from app.practice import LocalPractice
    from claims.desk import Desk

# What the background loads would take the processor from the first picture.
_AFTER_FIRST_PICTURE_MS = 200
_SYNC_EVERY_S = 300


class Program:
    """One running window over one home."""

    def __init__(self, app: QApplication, home: Path, *, practice: bool = False) -> None:
        self.app = app
        self.home = home
        self._preferences = FilePreferences(home)
        kept = self._preferences.load()
        load_fonts()
        look = Look(load_tokens(), Theme(kept.theme), kept.scale_percent, icons_later=True)
        look.apply()
        self.ui = Presentation(Words(kept.language), look)
        self._ring = FocusRing(app, look)
        self.workers = LaneWorkers()
        clock = SystemClock()
        self._practice: LocalPractice | None = self._make_practice(clock) if practice else None
        entrance = (
            LocalEntrance(home, clock)
            if self._practice is None
            else LocalEntrance(home, clock, self._practice.laptop_enrolled)
        )
        self.window = MainWindow(
            self.ui,
            self.workers,
            entrance,
            self._preferences,
            practice=self._practice,
            keep=self._keep_card,
            about=About(version=VERSION, data_folder=home),
            sync_every_s=_SYNC_EVERY_S,
        )

    def begin(self) -> None:
        """Show the window; the background starts after the first picture."""
        self.window.show()
        QTimer.singleShot(_AFTER_FIRST_PICTURE_MS, self.window.begin)

    def close(self) -> None:
        """End what runs. The window must be closed already."""
        self.workers.close()
        if self._practice is not None:
            self._practice.stop()

    def _make_practice(self, clock: SystemClock) -> LocalPractice:
        from app.practice import LocalPractice  # noqa: PLC0415 - only for practice

        return LocalPractice(self.home, clock)

    def _keep_card(self, desk: Desk) -> None:
        from app.settings import load_settings  # noqa: PLC0415 - at the end, not at the start
        from app.station_card import keep_card  # noqa: PLC0415 - as above

        keep_card(load_settings(self.home), desk)


def run_window(home: Path, *, practice: bool = False, arguments: Sequence[str] = ()) -> int:
    """Open the window on this home and stay until it is closed; return the exit code."""
    app = QApplication([sys.argv[0], *arguments])
    app.setApplicationName("outpost")
    app.setDesktopFileName("outpost")
    program = Program(app, home, practice=practice)
    sys.excepthook = _told_on_screen(program)
    program.begin()
    try:
        return int(app.exec())
    finally:
        program.window.close()
        program.close()


def picture_of_door(path: Path) -> None:
    """Save a picture of the door of an empty home: what ``self-check`` shows of the window. Raises ``OSError``."""
    import tempfile  # noqa: PLC0415 - only here

    app = QApplication.instance() or QApplication([])
    if not isinstance(app, QApplication):
        raise TypeError("another kind of Qt application is running")
    with tempfile.TemporaryDirectory() as home:
        program = Program(app, Path(home))
        program.window.show()
        program.ui.look.show_icons()
        app.processEvents()
        saved = program.window.grab().save(str(path))
        program.window.close()
        program.close()
    if not saved:
        raise OSError(f"the picture could not be written: {path}")


def _told_on_screen(program: Program):  # type: ignore[no-untyped-def]  # noqa: ANN202 - sys.excepthook's own type
    """Return a hook that shows what went wrong in a slot instead of losing it on a terminal nobody sees."""

    def hook(kind: type[BaseException], error: BaseException, traceback: TracebackType | None) -> None:
        if issubclass(kind, KeyboardInterrupt):
            program.app.quit()
            return
        from views.tasks import told  # noqa: PLC0415 - only when something went wrong

        program.window.present(told(error.with_traceback(traceback)))

    return hook
