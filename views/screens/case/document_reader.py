"""One paper to read while typing: its picture, page by page, or in words why there is none.

Promise: the last paper asked for is the one shown; loading and decoding happen in the background; a file without a picture says what it
is instead of showing nothing.

Source: mock-up 03; docs/adr/0106.
"""

from __future__ import annotations

from collections import OrderedDict
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedLayout, QWidget

from claims.errors import Bilingual, OutpostError
from views.controls.scroll_area import bare_scroll
from views.lanes import Lane
from views.presentation import Told
from views.screens.case.document_picture import Picture, has_picture, picture_of, type_to_look_at
from views.screens.case.handed_in import Paper, PaperState
from views.screens.case.material_words import full_name
from views.screens.case.picture_view import PictureView
from views.screens.case.refused_card import RefusedCard
from views.screens.case.taking_in import read_file
from views.tasks import Task
from views.workplace import Workplace

T = TypeVar("T")
_KEPT = 3
"""Pages kept decoded: going to and fro between a bill and its list is instant."""
_EMPTY = Bilingual(
    "收到的材料显示在这里，右边照着填写。", "A paper that was taken in is shown here; type what it says at the right."
)
_OPENING = Bilingual("正在打开…", "Opening…")
_READING = Bilingual("正在读取…", "Reading…")
_NO_PICTURE = Bilingual("这是电子票据文件，没有图像。原件已完整保存。", "An electronic bill without a picture. The original is kept whole.")  # fmt: skip
_NO_PREVIEW = Bilingual("这个文件在这里看不到图像。", "No picture of this file can be shown here.")


class DocumentReader(QWidget, Told):
    """The paper chosen. ``turned`` when page, zoom or paper is another; ``again`` and ``away`` carry the key of a refused file."""

    turned = Signal()
    again = Signal(str)
    away = Signal(str)

    def __init__(self, work: Workplace, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._work = work
        self._paper: Paper | None = None
        self._page, self._pages = 0, 1
        self._task: Task | None = None
        self._kept: OrderedDict[tuple[str, int], Picture] = OrderedDict()
        self._content: tuple[str, bytes] | None = None
        self.view = PictureView(work.ui, self)
        self._card: RefusedCard | None = None
        self._stack = QStackedLayout(self)
        self._stack.addWidget(self.view)
        self.view.zoomed.connect(self.turned)
        self.view.turned.connect(self.turn)
        self.view.show_words(_EMPTY)

    @property
    def paper(self) -> Paper | None:
        """The paper shown."""
        return self._paper

    @property
    def page(self) -> int:
        """The page shown, from 0."""
        return self._page

    @property
    def pages(self) -> int:
        """How many pages it has."""
        return self._pages

    @property
    def card(self) -> RefusedCard:
        """Why a file was refused; made when it is first needed."""
        if self._card is None:
            self._area = bare_scroll(parent=self, sideways=True)
            self._stack.addWidget(self._area)
            self._card = RefusedCard(self._work.ui, self._area)
            self._area.setWidget(self._card)
            self._card.again.connect(self.again)
            self._card.away.connect(self.away)
        return self._card

    @property
    def stops(self) -> tuple[QWidget, ...]:
        """What takes the keyboard here, in reading order."""
        card = self._card
        return (self.view,) if card is None else (self.view, card.again_button, card.away_button)

    @property
    def has_picture(self) -> bool:
        """Whether a picture stands there."""
        return self._stack.currentWidget() is self.view and self.view.picture is not None

    def show_paper(self, paper: Paper | None) -> None:
        """Show a paper from its first page; the same one again changes nothing but its state."""
        before, self._paper = self._paper, paper
        same = before is not None and paper is not None and before.key == paper.key
        if same and paper is not None and before is not None and _alike(before, paper):
            return
        self._cancel()
        self._page, self._pages = 0, 1
        if not same:
            self._content = None
        if paper is None:
            self._say(_EMPTY)
        elif paper.state is PaperState.REFUSED:
            self.card.show_paper(paper)
            self._stack.setCurrentWidget(self._area)
            self._area.verticalScrollBar().setValue(0)
        elif paper.state is PaperState.READING:
            self._say(_READING)
        else:
            self._load()
        self.turned.emit()

    def turn(self, by: int) -> None:
        """Go some pages on; at the ends it stays."""
        page = max(0, min(self._pages - 1, self._page + by))
        if page != self._page:
            self._page = page
            self._load()
            self.turned.emit()

    def forget_case(self) -> None:
        """Another case comes: keep no picture of this one."""
        self._kept.clear()
        self.show_paper(None)

    def tell(self) -> None:
        """The parts tell themselves."""

    def _load(self) -> None:
        paper = self._paper
        if paper is None:
            return
        kept = self._kept.get((paper.key, self._page))
        if kept is not None:
            self._show(paper.key, kept)
            return
        self._cancel()
        document = paper.document
        if document is not None and not has_picture(document.media_type):
            self._say(_NO_PICTURE)
            return
        if not (self._content is not None and self._content[0] == paper.key and self.view.picture is not None):
            self._say(_OPENING)
        if self._content is not None and self._content[0] == paper.key:
            self._decode(paper, self._content[1])
        elif document is not None:
            desk, sha256 = self._work.desk, document.sha256
            self._run(lambda: desk.attachment(sha256), lambda content: self._decode(paper, content), Lane.STORE)
        elif paper.path is not None:
            path: Path = paper.path
            self._run(lambda: read_file(path), lambda content: self._decode(paper, content), Lane.PAGE)
        else:
            self._say(_NO_PREVIEW)

    def _decode(self, paper: Paper, content: bytes) -> None:
        self._content = (paper.key, content)
        media_type = type_to_look_at(content) if paper.document is None else paper.document.media_type
        page = self._page
        self._run(lambda: picture_of(content, media_type, page), lambda made: self._show(paper.key, made), Lane.PAGE)

    def _run(self, job: Callable[[], T], then: Callable[[T], None], lane: Lane) -> None:
        self._task = self._work.tasks.run(job, then, owner=self, failed=self._failed, lane=lane)

    def _show(self, key: str, picture: Picture) -> None:
        self._task = None
        paper = self._paper
        if paper is None or paper.key != key:
            return
        self._kept[(key, picture.page)] = picture
        self._kept.move_to_end((key, picture.page))
        while len(self._kept) > _KEPT:
            self._kept.popitem(last=False)
        self._pages = picture.pages
        name = full_name(paper.material)
        name = Bilingual(f"{name.zh} {paper.filename}", f"{name.en} {paper.filename}")
        self._stack.setCurrentWidget(self.view)
        self.view.show_picture(picture, name)
        self.turned.emit()

    def _failed(self, error: OutpostError) -> None:
        self._task = None
        if self._paper is not None and self._paper.document is None and error.code == "picture_unreadable":
            # Nobody has examined it yet: what is wrong with it is told when it is.
            self._say(_NO_PREVIEW)
            return
        self._say(Bilingual(error.sentence("zh"), error.sentence("en")))

    def _say(self, words: Bilingual) -> None:
        self._stack.setCurrentWidget(self.view)
        name = None if self._paper is None else Bilingual(self._paper.filename, self._paper.filename)
        self.view.show_words(words, name)

    def _cancel(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


def _alike(one: Paper, other: Paper) -> bool:
    """Say whether two states of a paper look the same here."""
    looks = {PaperState.ASKING, PaperState.TAKEN}
    return one.error is other.error and (one.state is other.state or (one.state in looks and other.state in looks))
