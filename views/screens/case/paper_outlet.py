"""The way of one paper out of the program: its drawing is fetched or made, it is printed or saved, and then it is recorded as printed.

Promise: every copy that leaves has a number of its own; a drawing that never left is printed as it is, one that left is drawn anew as a
reprint. What did not leave is not recorded, and the person is told why and what to do.
"""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QWidget

from claims.errors import Bilingual, OutpostError
from claims.paper_definitions import PaperSize
from views.paper_out import drawing_to_give
from views.printing import PrintingDesk
from views.screens.case.paper_actions import SAVE
from views.workplace import Workplace

NOT_PRINTED = Bilingual("没有打印", "Nothing was printed")
NOT_SAVED = Bilingual("没有另存", "Nothing was saved")
_CODES = ("no_printer", "printer_refused", "printer_stopped", "save_full", "save_refused", "save_gone", "save_failed")


class PaperOutlet(QObject):
    """One a panel.

    Signals:
        moved: something began or ended; look at ``busy`` and ``printing`` again.
        drawn: a reprint was drawn just now.
        recorded: a paper left and that is on disk.
        stayed: the person changed their mind: number and title of a message.
        copied: a reading copy left, of which nothing is recorded.
    """

    moved = Signal()
    drawn = Signal()
    recorded = Signal()
    stayed = Signal(str, object)
    copied = Signal()

    def __init__(self, work: Workplace, printing: PrintingDesk, page: QWidget) -> None:
        """``page`` is the widget over which dialogs open."""
        super().__init__(page)
        self._work, self._printing, self._page = work, printing, page
        self._busy = False
        self.offered = ""
        self.size = PaperSize.A4
        printing.moved.connect(self.moved)

    @property
    def busy(self) -> bool:
        """Whether a paper is on its way, or a dialog is open."""
        return self._busy or self._printing.busy

    @property
    def printing(self) -> bool:
        """Whether a page is on its way to the printer: it can be stopped."""
        return self._printing.printing

    def print_paper(self, number: str) -> None:
        """Print a paper on the printer that the person chooses; ``offered`` is shown first."""

        def send(pdf: bytes) -> None:
            self._printing.print_pdf(
                pdf,
                number,
                self._page,
                offered=self.offered,
                then=lambda where: self._left(number, where),
                not_done=lambda error: self._stayed(number, error, lambda: self.print_paper(number), NOT_PRINTED),
            )

        self._with_drawing(number, send)

    def save_paper(self, number: str) -> None:
        """Save a paper where the person says."""

        def save(pdf: bytes) -> None:
            self._printing.save_pdf(
                pdf,
                number,
                self._page,
                then=lambda where: self._left(number, where),
                not_done=lambda error: self._stayed(number, error, lambda: self.save_paper(number), NOT_SAVED),
            )

        self._with_drawing(number, save)

    def print_copy(self, pdf: bytes, title: str) -> None:
        """Print what is no numbered paper: a reading copy. It leaves no record."""
        if not self.busy:
            self._printing.print_pdf(
                pdf,
                title,
                self._page,
                offered=self.offered,
                then=lambda _where: self._copied(),
                not_done=lambda error: self._stayed_here(error, lambda: self.print_copy(pdf, title)),
            )

    def save_copy(self, pdf: bytes, title: str) -> None:
        """Save what is no numbered paper."""
        if not self.busy:
            self._printing.save_pdf(
                pdf,
                title,
                self._page,
                then=lambda _where: self._copied(),
                not_done=lambda error: self._stayed_here(error, lambda: self.save_copy(pdf, title)),
            )

    def stop(self) -> None:
        """Stop what is on its way to the printer."""
        self._printing.cancel()

    def _with_drawing(self, number: str, use: Callable[[bytes], None]) -> None:
        if self.busy:
            return
        self._begin()
        desk, size = self._work.desk, self.size

        def got(found: tuple[bytes, bool]) -> None:
            self._end()
            pdf, new = found
            if new:
                self.drawn.emit()
            use(pdf)

        self._work.tasks.run(
            lambda: drawing_to_give(desk, number, size), got, owner=self, failed=self._failed, writes=True
        )

    def _left(self, number: str, where: str) -> None:
        self._all_well()
        self._begin()

        def done(_none: None) -> None:
            self._end()
            self.recorded.emit()

        self._work.tasks.run(
            lambda: self._work.desk.mark_printed(number, where), done, owner=self, failed=self._failed, writes=True
        )

    def _copied(self) -> None:
        self._all_well()
        self.copied.emit()

    def _stayed_here(self, error: OutpostError | None, again: Callable[[], None]) -> None:
        if error is not None:
            self._work.problems.show_error(error, retry=again)

    def _all_well(self) -> None:
        for code in _CODES:
            self._work.problems.dismiss(code)

    def _stayed(self, number: str, error: OutpostError | None, again: Callable[[], None], title: Bilingual) -> None:
        if error is None:
            self.stayed.emit(number, title)
        elif error.code in ("no_printer", "printer_refused"):
            self._work.problems.show_error(error, retry=lambda: self.save_paper(number), action=SAVE)
        else:
            self._work.problems.show_error(error, retry=again)

    def _failed(self, error: OutpostError) -> None:
        self._end()
        self._work.problems.show_error(error)

    def _begin(self) -> None:
        self._busy = True
        self.moved.emit()

    def _end(self) -> None:
        self._busy = False
        self.moved.emit()
