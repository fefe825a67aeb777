"""The code on the page, read back from its pixels and checked on the spot.

Promise: what is checked are the pixels of the page that lies (or will lie) on the table, never the record that made it; whatever doesn't
hold is a line with its words, and the panel never says *genuine* before every line holds.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QVBoxLayout, QWidget

from claims.desk import Desk
from claims.errors import OutpostError
from claims.overviews import CheckItem, GreyPicture, PageCheck
from claims.records import PaperRecord, PaperState
from rules.bilingual import Bilingual
from views.controls.buttons import ActionButton
from views.controls.chips import Chip, Tone
from views.controls.panel import Panel
from views.controls.state_rows import StateRow, StateRows
from views.lanes import Lane
from views.page_render import grey_pages
from views.presentation import Presentation
from views.sentences import capital
from views.tasks import Task, Tasks

_TITLE = Bilingual("当场核验二维码", "Check of its QR code")
_NOT_YET = Bilingual("待核验", "Not checked")
_CHECKING = Bilingual("核验中", "Checking")
_GENUINE = Bilingual("核验通过", "Genuine")
_FAILED = Bilingual("核验不过", "Failed")
_AFTER = Bilingual("票面生成后自动核验", "Checked once the page is drawn")
_AGAIN = Bilingual("再核一次", "Check again")
_EMPTY = Bilingual("", "")


class QrCheck(Panel):
    """The panel. ``checked`` carries the ``PageCheck``."""

    checked = Signal(object)

    def __init__(self, ui: Presentation, tasks: Tasks, desk: Desk, parent: QWidget | None = None) -> None:
        super().__init__(ui, _TITLE, padded=False, dense=True, parent=parent)
        self._tasks, self._desk = tasks, desk
        self._task: Task | None = None
        self._subject: tuple[str, bool, bytes] | None = None
        self.chip = Chip(ui, _NOT_YET, icon="qr")
        self.rows = StateRows(ui, _TITLE, height="reading_row", ruled=False)
        self.again = ActionButton(ui, _AGAIN, icon="qr")
        self.again.clicked.connect(lambda _checked: self._start())
        if self.head is not None:
            self.head.addWidget(self.chip)
        self._foot = QWidget(self)
        self._foot_box = QVBoxLayout(self._foot)
        self._foot_box.addWidget(self.again)
        self.body.addWidget(self.rows)
        self.body.addWidget(self._foot)
        self.show_nothing()

    def show_nothing(self) -> None:
        """There is no page to check yet."""
        self._stop()
        self._subject = None
        self.chip.say(_NOT_YET, tone=Tone.PLAIN, icon="qr")
        self.rows.show_rows((StateRow("clock", _AFTER, _EMPTY, colour="text3"),))
        self._foot.hide()

    def check(self, paper: PaperRecord, pdf: bytes) -> None:
        """Check the pages of a drawing as those of this paper; what was checked in this state already is not read again."""
        subject = (paper.number, paper.state is PaperState.VOIDED, pdf)
        if self._subject != subject:
            self._subject = subject
            self._start()

    def check_picture(self, number: str, picture: GreyPicture) -> None:
        """Check what a camera saw as the page of this number."""
        self._subject = None
        self._run(lambda: (picture,), number)

    def _start(self) -> None:
        if self._subject is not None:
            number, _voided, pdf = self._subject
            self._run(lambda: tuple(grey_pages(pdf)), number)

    def _run(self, pages: Callable[[], tuple[GreyPicture, ...]], number: str) -> None:
        self._stop()
        self.chip.say(_CHECKING, tone=Tone.PLAIN, icon="clock")
        self._foot.hide()
        self._task = self._tasks.run(
            pages, lambda found: self._look(number, found), owner=self, failed=self._failed, lane=Lane.PAGE
        )

    def _look(self, number: str, pages: tuple[GreyPicture, ...]) -> None:
        desk = self._desk
        self._task = self._tasks.run(
            lambda: best_check(desk, number, pages), self._show, owner=self, failed=self._failed
        )

    def _show(self, found: PageCheck) -> None:
        self._task = None
        if found.genuine:
            self.chip.say(_GENUINE, tone=Tone.GOOD, icon="pass")
        else:
            self.chip.say(_FAILED, tone=Tone.RED, icon="refused")
        self.rows.show_rows(tuple(_row(item) for item in found.items))
        self.checked.emit(found)

    def tell(self) -> None:
        """Measure again."""
        super().tell()
        if hasattr(self, "_foot_box"):
            pad = self._ui.look.space("panel")
            self._foot_box.setContentsMargins(pad, 0, pad, pad)

    def _failed(self, error: OutpostError) -> None:
        # The page may be readable the next time; what a readable page says stays as it is.
        self._foot.setVisible(self._subject is not None)
        self._show(PageCheck(genuine=False, items=(CheckItem(name=error.cause, passed=False, found=error.next_step),)))

    def _stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            self._task = None


def best_check(desk: Desk, number: str, pages: tuple[GreyPicture, ...]) -> PageCheck:
    """Return the check of the page that carries the code: a paper of two pages has it on one of them."""
    checks = [desk.check_page(number, page) for page in pages]
    return max(checks, key=lambda each: (each.genuine, len(each.items)))


def _row(item: CheckItem) -> StateRow:
    icon, colour = ("check", "accent") if item.passed else ("refused", "red")
    return StateRow(icon, capital(item.name), item.found, colour=colour, found_colour="text2" if item.passed else "red")
