"""One tab a paper, where a case has several: who gets how much, or which slip.

Promise: tabs stand in order of issue, and a voided voucher says so; where there is one paper only there is no tab.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QButtonGroup, QWidget

from claims.errors import Bilingual
from claims.records import PaperRecord, PaperState
from views.case_words import short_number
from views.controls.buttons import ActionButton, ButtonRole
from views.controls.labels import money_text
from views.controls.wrap_row import WrapRow
from views.presentation import Presentation


class PaperTabs(WrapRow):
    """The tabs. ``chosen`` carries the number of the paper whose tab was pressed; ``grew`` says that there are new tabs to reach."""

    chosen = Signal(str)
    grew = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(ui, parent)
        self._papers: tuple[PaperRecord, ...] = ()
        self._buttons: list[ActionButton] = []
        self._group = QButtonGroup(self)
        self.hide()

    def show_papers(self, papers: Sequence[PaperRecord], current: str | None) -> None:
        """Show a tab for each paper, in this order, the one of the ``current`` number pressed."""
        self._papers = tuple(papers)
        self.setVisible(len(papers) > 1)
        fresh = [self._made(place) for place in range(len(self._buttons), len(papers))]
        self._buttons += fresh
        self.hold(fresh)
        if fresh:
            self.grew.emit()
        for place, button in enumerate(self._buttons):
            button.setVisible(place < len(papers))
            if place < len(papers):
                button.say(_words(papers[place]))
                button.setChecked(papers[place].number == current)

    def _made(self, place: int) -> ActionButton:
        button = ActionButton(self._ui, Bilingual("", ""), role=ButtonRole.FILTER)
        button.clicked.connect(lambda _checked: self.chosen.emit(self._papers[place].number))
        self._group.addButton(button)
        return button


def _words(paper: PaperRecord) -> Bilingual:
    short = short_number(paper.number)
    if paper.payee is None:
        return Bilingual(f"签收单 {short}", f"Slip {short}")
    shown = f"{paper.payee.name} {money_text(paper.amount_fen or 0)}"
    if paper.state is PaperState.VOIDED:
        return Bilingual(f"{shown}（作废）", f"{shown} (void)")
    return Bilingual(shown, shown)
