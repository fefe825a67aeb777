"""What a step of the case page is, and what it tells the summary: the one next action.

Promise: a panel shows a ``CaseStanding`` and nothing older; after it wrote something it says so and is shown the new one.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual
from claims.overviews import CaseStanding
from views.presentation import Told
from views.workplace import PagePart, Workplace


@dataclass(frozen=True)
class NextAction:
    """The filled button at the foot of the summary, always also ``Ctrl+Return``.

    ``note`` is the line above it. ``key`` is another key that does the same (``H``, ``P``), drawn on the button instead.
    Not ``allowed``: the button is off and ``why_not`` stands above it.
    """

    text: Bilingual
    run: Callable[[], None]
    note: Bilingual | None = None
    allowed: bool = True
    why_not: Bilingual | None = None
    key: str | None = None


class StepPanel(QWidget, Told):
    """The panel of one step. It fills the work region and keeps the page's margins itself (24 at the sides, 16 above), so that its
    scroll bar may stand in them; a panel whose layout has none is given them by the page.

    Signals:
        wrote: the store changed; the page loads the standing again and shows it.
        next_changed: ``next_action`` is another one now.
        go_to: another part of the page is wanted (a ``PagePart``).
    """

    step: PagePart
    wrote = Signal()
    next_changed = Signal()
    go_to = Signal(object)

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self.work = work

    def show_standing(self, standing: CaseStanding) -> None:
        """Show a case as it stands. Only the visible panel is called, when it is opened and after every load."""
        raise NotImplementedError

    def next_action(self) -> NextAction | None:
        """Return the next action of this step, None while it is not known yet."""
        return None

    def first_focus(self) -> QWidget:
        """Return what has the keyboard when the step is opened."""
        return self

    def leave(self) -> None:
        """Another step or screen comes: keep what is unsaved."""
