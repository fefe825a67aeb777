"""A laptop's real window over its real home: opened, used by a ``Person``, closed; everything behind it is the program's own."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from PySide6.QtWidgets import QApplication

from app.entrance import LocalEntrance
from app.preferences import FilePreferences
from app.settings import load_settings
from app.station_card import keep_card
from app.system_clock import SystemClock
from app.workers import LaneWorkers
from claims.ports import Clock
from tests.stories.person import Person
from views.about import About
from views.entrance import Entrance
from views.focus_ring import FocusRing
from views.language import Code, Words
from views.look.fonts import load_fonts
from views.look.look import Look
from views.look.tokens import Theme, load_tokens
from views.main_window import MainWindow
from views.practice import Practice
from views.presentation import Presentation


@contextmanager
def window_at(
    home: Path,
    *,
    clock: Clock | None = None,
    language: Code = "zh",
    theme: Theme = Theme.LIGHT,
    scale: int = 100,
    practice: Practice | None = None,
    entrance: Entrance | None = None,
    about: About | None = None,
) -> Iterator[Person]:
    """Open the window on a home and stand somebody in front of it. ``entrance`` None: the laptop's own door."""
    app = QApplication.instance() or QApplication([])
    assert isinstance(app, QApplication)
    load_fonts()
    look = Look(load_tokens(), theme, scale)
    look.apply()
    ui = Presentation(Words(language), look)
    ring = FocusRing(app, look)
    workers = LaneWorkers()
    door = entrance or LocalEntrance(home, clock or SystemClock())
    window = MainWindow(
        ui,
        workers,
        door,
        FilePreferences(home),
        practice=practice,
        about=about,
        keep=lambda desk: keep_card(load_settings(home), desk),
    )
    person = Person(window)
    window.show()
    window.activateWindow()
    window.begin()
    person.wait()
    try:
        yield person
    finally:
        window.close()
        person.wait()
        workers.close()
        window.deleteLater()
        person.wait()
        del ring
        ui.words.switch("en")
