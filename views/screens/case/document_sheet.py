"""One issued paper: its page as it prints, its English reading copy, who signs, what may be done with it, and its life.

Promise: the page on the screen is the one that would be printed now, with the ink that is on record; looking at it leaves no trace. The reading copy
says that it is one, has no record and no signatures. Source: docs/adr/0104, 0140; mock-up 05.
"""

from __future__ import annotations

from PySide6.QtCore import Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QHBoxLayout, QSizePolicy, QVBoxLayout, QWidget

from claims.paper_definitions import PaperSize
from claims.records import PaperState
from rules.bilingual import Bilingual
from views.case_words import paper_name
from views.controls.buttons import ActionButton
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.reading_order import read_in_order
from views.controls.scroll_area import bare_scroll
from views.controls.segments import Segment, Segments
from views.presentation import Told
from views.screens.case.document_jobs import LoadedSheet
from views.screens.case.document_signers import DocumentSigners
from views.screens.case.paper_actions import PaperActions
from views.screens.case.paper_life_list import PaperLifeList
from views.screens.case.paper_pager import PaperPager
from views.screens.case.paper_view import Paper, PaperView
from views.screens.case.size_choice import SizeChoice
from views.workplace import Workplace

PAGE, READING = "page", "reading"
_WHICH = Bilingual("看哪一份", "Which to show")
_PAGE = Segment(PAGE, Bilingual("正式文书", "The paper"))
_READING = Segment(READING, Bilingual("英文阅读件", "English reading copy"))
_COPY_OF = Bilingual("{name} {number} 英文阅读件", "{name} {number}, English reading copy")
_COPY_WORDS = Bilingual(
    "给看不懂中文的人看的译本：没有签字和效力，不编号，不登记。以中文文书为准。",
    "A translation to read: no signatures, no effect, no number and no record. The Chinese paper counts.",
)
_COPY_TITLE = Bilingual("英文阅读件", "English reading copy")
_PRINT_COPY = Bilingual("打印阅读件", "Print reading copy")
_SAVE_COPY = Bilingual("阅读件存 PDF", "Save reading copy")
_WAITING = Bilingual("正在生成英文阅读件…", "Drawing the reading copy…")
_SIDE_WIDTH = 350
_CLOSED = (PaperState.VOIDED, PaperState.REDEEMED)


class ReadingCopy(Panel):
    """What may be done with the reading copy."""

    print_wanted = Signal()
    save_wanted = Signal()

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(work.ui, _COPY_TITLE, dense=True, parent=parent)
        ui = work.ui
        self.body.addWidget(Text(ui, _COPY_WORDS, wrap=True, colour="text2"))
        self._buttons = QVBoxLayout()
        self.print = ActionButton(ui, _PRINT_COPY, icon="print")
        self.save = ActionButton(ui, _SAVE_COPY, icon="save")
        self.print.clicked.connect(lambda _checked: self.print_wanted.emit())
        self.save.clicked.connect(lambda _checked: self.save_wanted.emit())
        for button in (self.print, self.save):
            button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Fixed)
            self._buttons.addWidget(button)
        self.body.addLayout(self._buttons)
        self.tell()

    def tell(self) -> None:
        """Measure again."""
        super().tell()
        self.body.setSpacing(self._ui.look.space("s"))
        if hasattr(self, "_buttons"):
            self._buttons.setSpacing(self._ui.look.space("s"))


class DocumentSheet(QWidget, Told):
    """The view.

    Signals:
        reading_wanted: the reading copy is to be shown and is not there yet.
        turned: the paper is shown instead of its reading copy, or the other way round.
        size_chosen: the page is to be shown in another size.
    """

    reading_wanted = Signal()
    turned = Signal()
    size_chosen = Signal()

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        ui = work.ui
        self._work = work
        self._loaded: LoadedSheet | None = None
        self._copy: bytes | None = None
        self.which = Segments(ui, (_PAGE, _READING))
        self.which.call(_WHICH)
        self.which.fill(PAGE)
        self.which.typed.connect(self._on_which)
        self.view = PaperView(ui, work.tasks)
        self.pager = PaperPager(ui, self.view)
        self.sizes = SizeChoice(work)
        self.sizes.chosen.connect(self.size_chosen)
        self.paper_actions = PaperActions(ui, undrawn=True)
        self.reading = ReadingCopy(work)
        self.signers = DocumentSigners(ui, work.desk.identity.adjuster_name)
        self.life = PaperLifeList(ui)
        self._build()
        self.tell()

    def _build(self) -> None:
        self._sides = QBoxLayout(QBoxLayout.Direction.LeftToRight, self)
        self._left = QVBoxLayout()
        top = QHBoxLayout()
        top.addWidget(self.which)
        top.addStretch(1)
        self._left.addLayout(top)
        self._left.addWidget(self.view, 1)
        self._left.addWidget(self.pager)
        inside = QWidget()
        self._scroll = bare_scroll(inside, self)
        self._column = QVBoxLayout(inside)
        for widget in (self.sizes, self.paper_actions, self.reading, self.signers, self.life):
            self._column.addWidget(widget)
        self._column.addStretch(1)
        self._sides.addLayout(self._left, 1)
        self._sides.addWidget(self._scroll)
        read_in_order(self)

    @property
    def loaded(self) -> LoadedSheet | None:
        """What is shown, None while nothing is."""
        return self._loaded

    @property
    def shows_reading_copy(self) -> bool:
        """Whether the reading copy was chosen."""
        return self.which.raw() == READING

    @property
    def copy(self) -> bytes | None:
        """The reading copy, once it is there."""
        return self._copy

    def show_sheet(self, loaded: LoadedSheet, receiver: str, wanted: PaperSize) -> None:
        """Show a paper as it stands; another paper is shown from its page."""
        before = self._loaded
        other = before is None or before.paper.number != loaded.paper.number
        if other:
            self.which.fill(PAGE)
            self._copy = None
            self._scroll.verticalScrollBar().setValue(0)
        self._loaded = loaded
        self.sizes.begin(wanted)
        self.sizes.offer(loaded.sizes)
        self.paper_actions.show_paper(loaded.paper, receiver)
        self.signers.show_signers(loaded.paper.number, loaded.signers, closed=loaded.paper.state in _CLOSED)
        self.life.show_life(loaded.paper, loaded.moments, loaded.now)
        self._show()

    def show_copy(self, number: str, pdf: bytes) -> None:
        """Show the reading copy of the paper that is shown."""
        if self._loaded is not None and self._loaded.paper.number == number:
            self._copy = pdf
            self._show()

    def show_page(self) -> None:
        """Show the paper, not its reading copy."""
        self.which.choose(PAGE)

    def clear(self) -> None:
        """Show no paper."""
        self._loaded = self._copy = None
        self.which.fill(PAGE)
        self.view.show_words(Bilingual("", ""))

    def first_focus(self) -> QWidget:
        """The paper: its keys turn and enlarge it."""
        return self.view

    def tell(self) -> None:
        """Measure again."""
        look = self._work.ui.look
        self._sides.setContentsMargins(0, 0, 0, 0)
        self._sides.setSpacing(look.space("gap_panels"))
        self._left.setSpacing(look.space("s"))
        self._column.setContentsMargins(0, 0, 0, 0)
        self._column.setSpacing(look.space("gap_case_panels"))
        self._lay_out()

    def resizeEvent(self, event: QResizeEvent) -> None:  # noqa: N802 - Qt's name
        """The paper beside its panels."""
        super().resizeEvent(event)
        self._lay_out()

    def _on_which(self) -> None:
        if self.shows_reading_copy and self._copy is None:
            self.reading_wanted.emit()
        self._show()
        self.turned.emit()

    def _show(self) -> None:
        loaded = self._loaded
        if loaded is None:
            return
        reading, paper = self.shows_reading_copy, loaded.paper
        name = paper_name(paper)
        if not reading:
            called = Bilingual(f"{name.zh} {paper.number}", f"{name.en} {paper.number}")
            self.view.show_paper(Paper(called, loaded.pdf, paper.state is PaperState.VOIDED))
        elif self._copy is None:
            self.view.show_words(_WAITING)
        else:
            said = [
                words.format(name=each, number=paper.number)
                for words, each in ((_COPY_OF.zh, name.zh), (_COPY_OF.en, name.en))
            ]
            self.view.show_paper(Paper(Bilingual(*said), self._copy))
        self.reading.setVisible(reading)
        self.reading.setEnabled(self._copy is not None)
        for widget in (self.paper_actions, self.life):
            widget.setVisible(not reading)
        self.sizes.setVisible(not reading and len(loaded.sizes) > 1)
        self.signers.setVisible(not reading and any(not each.isHidden() for each in self.signers.places))

    def _lay_out(self) -> None:
        look = self._work.ui.look
        room = self.width() - look.space("gap_panels")
        self._scroll.setFixedWidth(min(look.px(_SIDE_WIDTH), max(look.px(240), room - look.px(260))))
