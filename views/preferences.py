"""What a person chose about the window: language, theme, size, printer and its paper. No claimant's data, nothing that must not be lost."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, Protocol

Language = Literal["zh", "en"]
Theme = Literal["light", "sunlight", "night"]
ScalePercent = Literal[100, 125, 150]
PaperChoice = Literal["a4", "roll_80"]
"""``claims.paper_definitions.PaperSize``, by value."""


@dataclass(frozen=True)
class WindowPreferences:
    """The defaults are what a new laptop shows. ``printer``: the one to offer first, empty: the system's own choice. ``paper``: what is in it."""

    language: Language = "zh"
    theme: Theme = "light"
    scale_percent: ScalePercent = 100
    printer: str = ""
    paper: PaperChoice = "a4"


class Preferences(Protocol):
    """Where they are kept."""

    def load(self) -> WindowPreferences:
        """Return what was kept; whatever can't be read counts as never chosen."""

    def save(self, preferences: WindowPreferences) -> None:
        """Keep them. A disk that refuses is no reason to disturb anybody: the choice then holds until the program ends."""
