"""The panel in which a paper lies beside the form; while it is not known which paper a file is, the question stands in the form's place.

Promise: the form is never taken down, only covered: what was typed stands there when the question is answered.

Source: mock-up 03.
"""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QSize, Signal
from PySide6.QtWidgets import QHBoxLayout, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from claims.errors import Bilingual
from claims.materials import Material
from views.controls.icon_button import IconButton
from views.controls.labels import Text
from views.controls.panel import Panel
from views.controls.scroll_area import bare_scroll
from views.screens.case.document_reader import DocumentReader
from views.screens.case.facts_entry import FactsEntry
from views.screens.case.handed_in import Paper, PaperState, short_file
from views.screens.case.material_question import MaterialQuestion
from views.screens.case.material_words import short_name
from views.workplace import Workplace

_FACTS = Bilingual("照着材料填写", "Type in what the papers say")
_WHICH = Bilingual("这是哪一种材料？", "Which paper is this?")
_REFUSED = Bilingual("没有收的文件", "Not taken in")
_LEFT, _RIGHT = 304, 244
_LEAST, _LOW = 400, 220


class ReadingPanel(Panel):
    """The panel. ``said`` carries a file's key and ``Material``; ``again`` and ``away`` the key of a refused or unknown file."""

    said = Signal(str, object)
    again = Signal(str)
    away = Signal(str)

    def __init__(self, work: Workplace, facts: FactsEntry, parent: QWidget | None = None) -> None:
        self._ready = False
        super().__init__(work.ui, _FACTS, padded=False, parent=parent)
        ui = work.ui
        self._paper: Paper | None = None
        self._open: int | None = None
        self.reader = DocumentReader(work, self)
        self.facts = facts
        self._right = QStackedWidget(self)
        self._right.addWidget(facts)
        self._question: MaterialQuestion | None = None
        self._asked: QScrollArea | None = None
        self._note_line = Text(ui, "", size="caption", colour="text2", wrap=True, parent=self)
        self.before = IconButton(ui, Bilingual("上一页", "Page before"), "back", self)
        self.after = IconButton(ui, Bilingual("下一页", "Next page"), "arrow", self)
        self.farther = IconButton(ui, Bilingual("缩小", "Smaller"), "minus", self)
        self.nearer = IconButton(ui, Bilingual("放大", "Larger"), "plus", self)
        self._pages = Text(ui, "", size="caption", colour="text2", parent=self)
        self._lay_out()
        self.reader.turned.connect(self._say_buttons)
        self.reader.again.connect(self.again)
        self.reader.away.connect(self.away)
        self.before.clicked.connect(lambda _on: self.reader.turn(-1))
        self.after.clicked.connect(lambda _on: self.reader.turn(1))
        self.farther.clicked.connect(lambda _on: self.reader.view.zoom(-1))
        self.nearer.clicked.connect(lambda _on: self.reader.view.zoom(1))
        self._ready = True
        self.tell()

    @property
    def is_asking(self) -> bool:
        """Whether the question stands there."""
        return self._asked is not None and self._right.currentWidget() is self._asked

    @property
    def question(self) -> MaterialQuestion:
        """The question; made when it is first needed."""
        if self._question is None:
            holder = QWidget(self._right)
            self._asked = bare_scroll(holder, self._right)
            self._right.addWidget(self._asked)
            self._edge = QVBoxLayout(holder)
            self._question = MaterialQuestion(self._ui, holder)
            self._edge.addWidget(self._question)
            self._question.said.connect(self.said)
            self._question.away.connect(self.away)
            self.tell()
        return self._question

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What takes the keyboard here, in reading order."""
        buttons = (self.before, self.after, self.farther, self.nearer)
        return (
            *buttons,
            *self.reader.stops,
            *self.facts.stops,
            *(() if self._question is None else self._question.stops),
        )

    def forget_case(self) -> None:
        """Another case comes."""
        self._open = None
        self.reader.forget_case()
        self.show_paper(None, ())

    def show_paper(self, paper: Paper | None, likely: Sequence[Material]) -> None:
        """Lay a paper open; ``likely`` are the papers that are still missing."""
        self._paper = paper
        if paper is not None and paper.state is PaperState.ASKING:
            self.question.ask(paper, likely)
            if self._asked is not None:
                self._right.setCurrentWidget(self._asked)
        else:
            self._right.setCurrentWidget(self.facts)
        self.reader.show_paper(paper)
        self._say_head()
        self._say_buttons()

    def say_facts(self, problems: int | None) -> None:
        """Say how many entries are still missing or wrong; None: not known yet."""
        self._open = problems
        self._say_head()

    def tell(self) -> None:
        """Say and measure again."""
        super().tell()
        if not self._ready:
            return
        look = self._ui.look
        pad = look.space("m")
        self._row.setContentsMargins(pad, pad, 0, pad)
        self._row.setSpacing(pad)
        self._left.setSpacing(look.space("xs"))
        out = look.line("focus") + look.line("focus_gap")
        if self._question is not None:
            self._edge.setContentsMargins(out, out, look.space("l"), out)
        self.reader.setMinimumWidth(look.px(120))
        self.reader.setMinimumHeight(look.px(120))
        self._say_head()
        self._say_buttons()

    def _say_head(self) -> None:
        paper = self._paper
        title, note = _FACTS, _facts_words(self._open)
        if paper is not None:
            title = short_name(paper.material)
            if paper.state is PaperState.ASKING:
                called = short_file(paper.filename)
                title, note = _WHICH, Bilingual(called, called)
            elif paper.state is PaperState.REFUSED:
                title = _REFUSED
        self.say_title(title)
        self.note(note)
        said = None if paper is None else paper.note
        self._note_line.setVisible(said is not None)
        self._note_line.say("" if said is None else said)

    def _say_buttons(self) -> None:
        reader = self.reader
        several = reader.has_picture and reader.pages > 1
        farther, nearer = reader.view.can_zoom
        for button, on in (
            (self.before, several and reader.page > 0),
            (self.after, several and reader.page < reader.pages - 1),
            (self.farther, farther),
            (self.nearer, nearer),
        ):
            button.setEnabled(on and reader.has_picture)
        for widget in (self.before, self.after, self._pages):
            widget.setVisible(several)
        for widget in (self.farther, self.nearer):
            widget.setVisible(reader.has_picture)
        self._pages.say(f"{reader.page + 1}/{reader.pages}")

    def minimumSizeHint(self) -> QSize:  # noqa: N802 - Qt's name
        """A glimpse of the paper beside a column of fields."""
        look = self._ui.look
        return QSize(look.px(_LEAST), look.px(_LOW))

    def _lay_out(self) -> None:
        if self.head is not None:
            for widget in (self.before, self._pages, self.after, self.farther, self.nearer):
                self.head.addWidget(widget)
        self._left = QVBoxLayout()
        self._left.addWidget(self.reader, 1)
        self._left.addWidget(self._note_line)
        self._row = QHBoxLayout()
        self._row.addLayout(self._left, _LEFT)
        self._row.addWidget(self._right, _RIGHT)
        self.body.addLayout(self._row, 1)


def _facts_words(problems: int | None) -> Bilingual:
    if problems is None:
        return Bilingual("", "")
    if problems == 0:
        return Bilingual("必填已齐", "complete")
    return Bilingual(f"还要填 {problems} 项", f"{problems} to fill in")
