"""What a person chose about the window, applied at once and kept in the background: language, theme, type size, printer and its paper.

Promise: one choice never overwrites another: they are kept in the door lane, one after another, each into what was kept before.
"""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import QObject

from views.lanes import Lane
from views.look.tokens import Theme
from views.preferences import Language, PaperChoice, Preferences, ScalePercent
from views.presentation import Presentation
from views.tasks import Tasks


class Choices:
    """Applies to ``ui`` and keeps in ``preferences``."""

    def __init__(self, ui: Presentation, tasks: Tasks, preferences: Preferences) -> None:
        self._ui, self._tasks, self._preferences = ui, tasks, preferences

    def language(self, code: Language, owner: QObject) -> None:
        """Speak this language from now on."""
        self._ui.words.switch(code)
        self._keep(owner, language=code)

    def theme(self, theme: Theme, owner: QObject) -> None:
        """Wear these colours from now on."""
        if theme is not self._ui.look.theme:
            self._ui.look.use(theme=theme)
        self._keep(owner, theme=theme.value)

    def scale(self, scale_percent: ScalePercent, owner: QObject) -> None:
        """Write this large from now on."""
        if scale_percent != self._ui.look.scale_percent:
            self._ui.look.use(scale_percent=scale_percent)
        self._keep(owner, scale_percent=scale_percent)

    def printer(self, name: str, owner: QObject) -> None:
        """Print here; empty: ask every time."""
        self._keep(owner, printer=name)

    def paper(self, size: PaperChoice, owner: QObject) -> None:
        """This is what the printer holds."""
        self._keep(owner, paper=size)

    def _keep(self, owner: QObject, **changes: Any) -> None:
        def job() -> None:
            self._preferences.save(replace(self._preferences.load(), **changes))

        self._tasks.run(job, owner=owner, lane=Lane.DOOR)
