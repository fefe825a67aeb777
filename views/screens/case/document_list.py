"""All papers of a case: which can be issued, which not yet and why, and those that were, each with its number, state and copies.

Promise: a paper that can't be issued says in words what comes first; what was issued never leaves the list, voided or not.
Source: docs/adr/0140.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QAbstractButton, QBoxLayout, QVBoxLayout, QWidget

from claims.document_types import PossiblePaper
from claims.paper_definitions import PaperId
from claims.records import PaperRecord, PaperState
from rules.bilingual import Bilingual
from views.case_words import paper_name
from views.controls.buttons import ActionButton
from views.controls.panel import Panel
from views.controls.reading_order import read_in_order
from views.controls.scroll_area import bare_scroll
from views.controls.side_rows import SideRow, SideRows
from views.controls.turning_box import turn_box
from views.presentation import Presentation, Told

_POSSIBLE = Bilingual("可以出的文书", "Can be issued")
_ISSUED = Bilingual("已出的文书", "Issued")
_NONE_POSSIBLE = Bilingual("本案没有可以出的文书。", "No paper can be issued for this case.")
_NONE_ISSUED = Bilingual(
    "还没有出过。左边选一份，填好就有号码。", "None yet. Choose one: once it is filled in it has a number."
)
_FILL = Bilingual("填写", "Fill in")
_NOT_YET = Bilingual("还不能出", "not yet")
_COUNT = Bilingual("已出 {count} 份", "{count} issued")
_COPIES = Bilingual("·打印 {count} 次", ", printed {count} times")
_PRINT_ALL = Bilingual("打印待打印的 {count} 份…", "Print all {count} that wait…")
STATES = {
    PaperState.ASKED: Bilingual("待打印", "to print"),
    PaperState.RENDERED: Bilingual("待打印", "to print"),
    PaperState.PRINTED: Bilingual("待交付", "to hand over"),
    PaperState.HANDED_OVER: Bilingual("已交付", "handed over"),
    PaperState.VOIDED: Bilingual("已作废", "voided"),
    PaperState.REDEEMED: Bilingual("已兑付", "paid"),
}
_ICONS = {
    PaperState.ASKED: "print",
    PaperState.RENDERED: "print",
    PaperState.PRINTED: "hand-over",
    PaperState.HANDED_OVER: "pass",
    PaperState.VOIDED: "void",
    PaperState.REDEEMED: "pass",
}
TO_PRINT = (PaperState.ASKED, PaperState.RENDERED)
_NARROW = 680


class DocumentList(QWidget, Told):
    """The list.

    Signals:
        wanted: somebody wants to issue a paper (its ``PaperId``).
        opened: somebody wants to see an issued one (its number).
        batch_wanted: print all that wait.
    """

    wanted = Signal(object)
    opened = Signal(str)
    batch_wanted = Signal()

    def __init__(self, ui: Presentation, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._ui = ui
        self._issued: tuple[PaperRecord, ...] = ()
        possible = Panel(ui, _POSSIBLE, padded=False, dense=True)
        self.possible = SideRows(ui, _NONE_POSSIBLE)
        possible.body.addWidget(self.possible)
        possible.body.addStretch(1)
        issued = Panel(ui, _ISSUED, padded=False, dense=True)
        self.issued = SideRows(ui, _NONE_ISSUED)
        issued.body.addWidget(self.issued)
        issued.body.addStretch(1)
        self.print_all = ActionButton(ui, _PRINT_ALL, icon="print")
        self.print_all.clicked.connect(lambda _checked: self.batch_wanted.emit())
        inside = QWidget()
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, inside)
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._left, self._right = QVBoxLayout(), QVBoxLayout()
        self._left.addWidget(possible)
        self._left.addStretch(1)
        self._right.addWidget(issued)
        self._right.addWidget(self.print_all)
        self._right.addStretch(1)
        self._sides.addLayout(self._left, 1)
        self._sides.addLayout(self._right, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.addWidget(bare_scroll(inside, self))
        self.tell()

    def show_papers(self, papers: Sequence[PossiblePaper]) -> None:
        """Show what can be issued and what was."""
        ready = [each for each in papers if each.ready]
        later = [each for each in papers if not each.ready]
        self.possible.show_rows([*map(self._ready_row, ready), *map(self._later_row, later)])
        numbers = {one.number: one for each in papers for one in each.issued}
        self._issued = tuple(sorted(numbers.values(), key=lambda each: -each.seq))
        self.issued.show_rows([self._issued_row(each) for each in self._issued])
        waiting = len(self.to_print)
        self.print_all.say(Bilingual(_PRINT_ALL.zh.format(count=waiting), _PRINT_ALL.en.format(count=waiting)))
        self.print_all.setVisible(waiting > 1)
        read_in_order(self)

    @property
    def issued_papers(self) -> tuple[PaperRecord, ...]:
        """What was issued, newest first."""
        return self._issued

    @property
    def to_print(self) -> tuple[str, ...]:
        """The numbers that wait for the printer, oldest first."""
        return tuple(each.number for each in reversed(self._issued) if each.state in TO_PRINT)

    def row_of(self, paper: PaperId, papers: Sequence[PossiblePaper]) -> QAbstractButton:
        """Return the control of a paper that can be issued, in the order in which they are shown."""
        shown = [*(each for each in papers if each.ready), *(each for each in papers if not each.ready)]
        return self.possible.button(next(place for place, each in enumerate(shown) if each.paper is paper))

    def first_row(self) -> QAbstractButton | None:
        """Return the first row that leads somewhere, None where none does."""
        for rows in (self.possible, self.issued):
            for place, row in enumerate(rows.rows):
                if row.open is not None:
                    return rows.button(place)
        return None

    def tell(self) -> None:
        """Measure again."""
        gap = self._ui.look.space("gap_case_panels")
        for layout in (self._sides, self._left, self._right):
            layout.setSpacing(gap)
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """Side by side where there is room."""
        super().resizeEvent(event)
        self._lay_out()

    def _ready_row(self, paper: PossiblePaper) -> SideRow:
        live = [each for each in paper.issued if each.state is not PaperState.VOIDED]
        said = Bilingual(_COUNT.zh.format(count=len(live)), _COUNT.en.format(count=len(live)))
        return SideRow(
            "paper",
            paper.name,
            Bilingual("", ""),
            _FILL,
            (said,) if live else (),
            open=lambda: self.wanted.emit(paper.paper),
        )

    def _later_row(self, paper: PossiblePaper) -> SideRow:
        why = () if paper.why_not is None else (paper.why_not,)
        return SideRow("lock", paper.name, Bilingual("", ""), _NOT_YET, why, bold_right=False)

    def _issued_row(self, paper: PaperRecord) -> SideRow:
        # The name keeps the first line: how often it was printed stands below with the number.
        count = paper.copies
        copies = Bilingual(_COPIES.zh.format(count=count), _COPIES.en.format(count=count))
        below = paper.number
        return SideRow(
            _ICONS[paper.state],
            paper_name(paper),
            Bilingual("", ""),
            STATES[paper.state],
            (Bilingual(below + copies.zh, below + copies.en) if count > 1 else Bilingual(below, below),),
            bold_right=False,
            open=lambda: self.opened.emit(paper.number),
        )

    def _lay_out(self) -> None:
        turn_box(self._sides, narrow=self.width() < self._ui.look.px(_NARROW))
