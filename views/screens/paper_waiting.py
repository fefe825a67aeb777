"""What waits for a printer: papers whose number is used and that nobody has on paper yet; one button prints them all.

Promise: whatever a crash or an empty tray left behind is in this list until it is printed or voided.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

from PySide6.QtCore import QRect
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QHBoxLayout, QSizePolicy, QWidget

from claims.errors import Bilingual
from claims.records import PaperRecord, PaperState
from claims.register_columns import PAPER_STATES
from views.batch_printing import BatchPrinting
from views.case_words import paper_name
from views.controls.buttons import ActionButton
from views.controls.empty_note import EmptyNote
from views.controls.labels import money_text
from views.controls.panel import Panel
from views.controls.row_list import RowList, RowPainter
from views.paged_rows import PagedRows
from views.presentation import Presentation
from views.workplace import Workplace

TITLE = Bilingual("等待打印", "Waiting for the printer")
PRINT_ALL = Bilingual("全部打印", "Print all")
_COUNT = Bilingual("{count} 份", "{count}")
_NONE = Bilingual("没有等着打印的", "Nothing waits for the printer")
_NONE_TEXT = Bilingual(
    "出了号还没打出来的单证会列在这里。", "Papers with a number that are not out yet are listed here."
)
_BLANK = Bilingual("空白单证", "blank form")
_STATION = Bilingual("本站", "of the station")
_BUSY = Bilingual("正在打印", "printing is under way")
_ROWS = 4


class WaitingPanel(Panel):
    """The list, its button, and the progress of the batch."""

    def __init__(self, work: Workplace, batch: BatchPrinting, parent: QWidget | None = None) -> None:
        super().__init__(work.ui, TITLE, padded=False, parent=parent)
        self._batch = batch
        self.papers: tuple[PaperRecord, ...] = ()
        self.print_all = ActionButton(work.ui, PRINT_ALL, icon="print")
        self.print_all.clicked.connect(lambda _checked: self._print())
        self.rows: PagedRows[object] = PagedRows(
            work.tasks, lambda row: "，".join(paper_lines(work.ui, cast(PaperRecord, row))), parent=self
        )
        self.list = RowList(work.ui, self.rows, _PaperPainter(work.ui, self), TITLE)
        self.list.opened.connect(lambda row: self._open(work, cast(PaperRecord, row)))
        self.list.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
        self.body.addWidget(self.list)
        self.empty = EmptyNote(work.ui, self.rows, self.list, _NONE, _NONE_TEXT)
        self._foot = QHBoxLayout()
        self._foot.addWidget(self.print_all)
        self._foot.addStretch(1)
        self.body.addLayout(self._foot)
        batch.moved.connect(self._allow)
        self.show_papers(())
        self.tell()

    def show_papers(self, papers: Sequence[PaperRecord]) -> None:
        """Show these, in order of issue."""
        self.papers = shown = tuple(papers)
        count = len(shown)
        self.note(Bilingual(_COUNT.zh.format(count=count), _COUNT.en.format(count=count)) if count else "")
        self.rows.restart(lambda offset, limit, _cancelled: shown[offset : offset + limit])
        self._allow()
        self.tell()

    def tell(self) -> None:
        """Take measures again."""
        super().tell()
        if hasattr(self, "_foot"):
            look = self._ui.look
            pad = look.space("panel")
            self._foot.setContentsMargins(pad, look.space("s"), pad, look.space("m"))
            rows = max(2, min(_ROWS, len(self.papers)))
            self.list.setFixedHeight(rows * look.height("person_row"))

    def _print(self) -> None:
        self._batch.print_batch([each.number for each in self.papers])

    def _allow(self) -> None:
        if self._batch.running:
            self.print_all.allow(False, _BUSY)
        else:
            self.print_all.allow(bool(self.papers), _NONE)

    @staticmethod
    def _open(work: Workplace, paper: PaperRecord) -> None:
        if paper.case_no:
            work.navigator.open_case(paper.case_no)


def waits_for_printer(paper: PaperRecord) -> bool:
    """Say whether a paper has a number and is on no paper yet."""
    return paper.state in (PaperState.ASKED, PaperState.RENDERED)


def paper_lines(ui: Presentation, paper: PaperRecord) -> tuple[str, str, str]:
    """Return what a row says: what it is and its number, whose it is, how it stands."""
    name = ui.say(paper_name(paper))
    if paper.blank and not paper.case_no:
        whose = ui.say(_BLANK)
    elif paper.payee is not None and paper.amount_fen is not None:
        whose = f"{paper.payee.name}  {money_text(paper.amount_fen)}"
    else:
        whose = paper.case_no or ui.say(_STATION)
    return f"{name}  {paper.number}", whose, ui.say(PAPER_STATES[paper.state])


class _PaperPainter(RowPainter):
    def __init__(self, ui: Presentation, parent: QWidget) -> None:
        super().__init__(ui, "person_row", parent)

    def paint_row(self, painter: QPainter, rect: QRect, row: object, *, selected: bool) -> None:  # noqa: ARG002 - every row looks alike
        look = self.ui.look
        first, second, state = paper_lines(self.ui, cast(PaperRecord, row))
        edge = look.space("panel")
        line, small = look.line_height("body"), look.line_height("caption")
        top, width = rect.y() + (rect.height() - line - small) // 2, rect.width() - 2 * edge
        self.words(painter, QRect(rect.x() + edge, top, width, line), first, bold=True)
        half = width * 3 // 5
        self.words(painter, QRect(rect.x() + edge, top + line, half, small), second, size="caption", colour="text2")
        right = QRect(rect.x() + edge + half, top + line, width - half, small)
        self.words(painter, right, state, size="caption", colour="text2", right=True)
