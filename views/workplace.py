"""What every screen receives, and what a screen is.

Promise: a screen reads and writes through ``desk`` in jobs of ``tasks`` only; it goes elsewhere through ``navigator`` only.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Protocol

from PySide6.QtWidgets import QWidget

from claims.desk import Desk
from claims.overviews import CaseStep
from claims.reference import PersonHit
from views.about import About
from views.link import Link
from views.practice import Practice
from views.preferences import Preferences
from views.presentation import Presentation, Told
from views.problems import Problems
from views.tasks import Tasks


class Place(StrEnum):
    """The places of the rail that work today."""

    DESK = "desk"
    CASES = "cases"
    PEOPLE = "people"
    PAPER = "paper"
    VERIFY = "verify"
    SYNC = "sync"
    SETUP = "setup"


class Beside(StrEnum):
    """What the page of a case shows beside its five steps: it belongs to the whole case and is never locked."""

    DOCUMENTS = "documents"


PagePart = CaseStep | Beside
"""What the page of a case can show."""


class Navigator(Protocol):
    """Ways from one screen to another."""

    def show_place(self, place: Place) -> None:
        """Go to a place of the rail."""

    def open_case(self, case_no: str, step: PagePart | None = None) -> None:
        """Open a case at a step or beside the steps; None: at its current step."""

    def new_claim(self, person: PersonHit | None = None, draft_id: str | None = None) -> None:
        """Start a report: of a person, from a draft, or of somebody this laptop does not know."""

    def search(self, text: str) -> None:
        """Go to people with this search."""

    def lock(self) -> None:
        """Close the desk and show the unlock screen."""


@dataclass(frozen=True)
class Workplace:
    """The desk and everything around it."""

    desk: Desk
    tasks: Tasks
    ui: Presentation
    problems: Problems
    navigator: Navigator
    preferences: Preferences
    practice: Practice | None = None
    link: Link = field(default_factory=Link)
    about: About = field(default_factory=About)


class Screen(QWidget, Told):
    """One screen of the work area. ``opened`` is called every time it is shown: it loads afresh, in the background."""

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.work = work

    def opened(self) -> None:
        """Load what is shown now."""

    def first_focus(self) -> QWidget:
        """Return what has the keyboard when the screen comes up."""
        return self

    def leave(self) -> bool:
        """Be told that another screen comes; keep what is unsaved. False holds the person here (never without a message)."""
        return True
