"""Paper leaves the program here: through the printer, or as a file.

Promise: Qt's printer and dialogs live on the main thread, which is never held up: pages are drawn in jobs and handed to the printer a
strip at a time, with the event loop running in between. ``then`` is called only after the printer took the last page, or the file is on its
disk for good; whatever else happens ends in ``not_done``, so that nothing counts as printed that was not. A page is printed in the size it was
drawn for, A4 or receipt roll; nothing is ever enlarged.

Source: design.md "Threads", "One claim, one direction" (5); docs/adr/0104, 0140.
"""

from __future__ import annotations

from collections import deque
from collections.abc import Callable
from pathlib import Path

from PySide6.QtCore import QObject, QRectF, QSizeF, QStandardPaths, QTimer, Signal
from PySide6.QtGui import QPageLayout, QPageSize, QPainter
from PySide6.QtPrintSupport import QAbstractPrintDialog, QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QDialog, QWidget

from claims.errors import Bilingual, EnvironmentProblem, OutpostError
from views.durable_file import save_problem, write_durably
from views.lanes import Lane
from views.page_render import Band, PageBands, print_bands
from views.presentation import Presentation
from views.save_dialog import ask_where_to_save
from views.tasks import Tasks

MOST_DPI = 300
_SAME_MM = 3.0
"""Sheets that differ by less are the same."""
PRINT_TITLE = Bilingual("打印", "Print")
SAVE_TITLE = Bilingual("另存为 PDF", "Save as PDF")

Then = Callable[[str], None]
"""Called with where the paper went: the printer's name, or the file's."""
NotDone = Callable[[OutpostError | None], None]
"""Called with why nothing was printed or saved; None when the person changed their mind."""

ChoosePrinter = Callable[[QWidget, Presentation, str, str, Callable[[QPrinter | None], None]], None]
"""Asks for a printer without blocking: ``(parent, ui, title, offered, chosen)``; ``offered`` is the name of the one to offer first, empty
where nobody chose one; ``chosen(None)`` is a cancelled dialog."""
ChooseFile = Callable[[QWidget, Presentation, Path, Callable[[Path | None], None]], None]
"""Asks where to save, without blocking: ``(parent, ui, suggested path, chosen)``."""


class PrintingDesk(QObject):
    """Prints and saves one paper at a time.

    ``moved`` is emitted when it starts, after each strip and when it ends; ``busy`` and ``share`` tell where it is.
    """

    moved = Signal()

    def __init__(
        self,
        ui: Presentation,
        tasks: Tasks,
        *,
        choose_printer: ChoosePrinter | None = None,
        choose_file: ChooseFile | None = None,
        parent: QObject | None = None,
    ) -> None:
        """``choose_printer`` and ``choose_file`` stand in for Qt's dialogs; what comes after them is the same."""
        super().__init__(parent)
        self._ui, self._tasks = ui, tasks
        self._choose_printer = choose_printer or open_print_dialog
        self._choose_file = choose_file or open_save_dialog
        self._asking = False
        self._run: _PrintRun | None = None
        self._folder: Path | None = None

    @property
    def busy(self) -> bool:
        """Whether a dialog is open or a paper is on its way; a second one waits until it is over."""
        return self._asking or self._run is not None

    @property
    def printing(self) -> bool:
        """Whether a page is on its way to the printer."""
        return self._run is not None

    @property
    def share(self) -> float:
        """How much of the paper the printer has, from 0 to 1."""
        return 0.0 if self._run is None else self._run.share

    def print_pdf(
        self, pdf: bytes, title: str, parent: QWidget, *, then: Then, not_done: NotDone, offered: str = ""
    ) -> None:
        """Ask for a printer, ``offered`` first, and print every page.

        ``not_done`` gets ``EnvironmentProblem``: ``no_printer``, ``printer_refused``, ``printer_stopped``, ``page_unreadable``,
        ``printing_busy``.
        """
        self.choose(
            title,
            parent,
            offered=offered,
            then=lambda printer: self.print_on(printer, pdf, title, then=then, not_done=not_done),
            not_done=not_done,
        )

    def choose(
        self, title: str, parent: QWidget, *, then: Callable[[QPrinter], None], not_done: NotDone, offered: str = ""
    ) -> None:
        """Ask for a printer, ``offered`` first; for many papers one after another. ``not_done`` as ``print_pdf``."""
        if self.busy:
            not_done(_busy())
            return

        def chosen(printer: QPrinter | None) -> None:
            self._asking = False
            self.moved.emit()
            if printer is None:
                not_done(None)
            else:
                then(printer)

        self._asking = True
        self.moved.emit()
        try:
            self._choose_printer(parent, self._ui, title, offered, chosen)
        except OutpostError as error:
            self._asking = False
            self.moved.emit()
            not_done(error)

    def print_on(self, printer: QPrinter, pdf: bytes, title: str, *, then: Then, not_done: NotDone) -> None:
        """Print every page on a printer that was chosen. ``not_done`` as ``print_pdf``."""
        if self.busy:
            not_done(_busy())
            return

        def ended(run: _PrintRun) -> None:
            self._run = None
            self.moved.emit()
            if run.problem is not None or run.cancelled:
                not_done(run.problem)
            else:
                then(run.destination)

        self._run = _PrintRun(self._tasks, printer, pdf, title, moved=self.moved.emit, ended=ended, owner=self)
        self._run.start()

    def save_pdf(self, pdf: bytes, title: str, parent: QWidget, *, then: Then, not_done: NotDone) -> None:
        """Ask where, and write the file there for good.

        ``not_done`` gets ``EnvironmentProblem``: ``save_full``, ``save_refused``, ``save_gone``, ``save_failed``, ``printing_busy``.
        """
        if self.busy:
            not_done(_busy())
            return

        def chosen(path: Path | None) -> None:
            if path is None:
                over()
                not_done(None)
                return

            def saved(_none: None) -> None:
                # Somebody who saves to a stick saves the next one there too.
                self._folder = path.parent
                over()
                then(path.name)

            def failed(error: OutpostError) -> None:
                over()
                not_done(error)

            self._tasks.run(lambda: write_durably(path, pdf), saved, owner=self, failed=failed, lane=Lane.PAGE)

        def over() -> None:
            self._asking = False
            self.moved.emit()

        self._asking = True
        self.moved.emit()
        self._choose_file(parent, self._ui, (self._folder or documents_folder()) / f"{title}.pdf", chosen)

    def cancel(self) -> None:
        """Stop a paper that is on its way; harmless when there is none. The printer may still finish the strip it has."""
        if self._run is not None:
            self._run.cancel()


class _PrintRun:
    """One paper on its way to one printer."""

    def __init__(
        self,
        tasks: Tasks,
        printer: QPrinter,
        pdf: bytes,
        title: str,
        *,
        moved: Callable[[], None],
        ended: Callable[[_PrintRun], None],
        owner: QObject,
    ) -> None:
        self._owner = owner
        # Before the printer: what is dropped halfway lets go in this order, and a printer must outlive its painter.
        self._painter = QPainter()
        self._tasks, self._printer, self._pdf, self._title = tasks, printer, pdf, title
        self._moved, self._ended = moved, ended
        self._strips: deque[Band] = deque()
        self._page: PageBands | None = None
        self._place, self._pages = 0, 1
        self.problem: OutpostError | None = None
        self.cancelled = False

    @property
    def destination(self) -> str:
        """The printer's name; for a printer that writes a file, the file's."""
        return self._printer.printerName() or Path(self._printer.outputFileName()).name

    @property
    def share(self) -> float:
        """How much of it is out, from 0 to 1."""
        page = self._page
        here = 0.0 if page is None else 1 - len(self._strips) / max(1, len(page.bands))
        return min(1.0, (self._place + here) / self._pages)

    def start(self) -> None:
        """Begin with the first page."""
        printer = self._printer
        printer.setDocName(self._title)
        printer.setFullPage(True)
        # One number, one sheet: a second copy is a reprint that says so.
        printer.setCopyCount(1)
        problem = _file_problem(printer) or _state_problem(printer)
        if problem is not None:
            self._finish(problem)
            return
        self._ask()

    def cancel(self) -> None:
        self.cancelled = True

    def _ask(self) -> None:
        dpi = min(MOST_DPI, self._printer.resolution())
        pdf, place = self._pdf, self._place
        self._tasks.run(
            lambda: print_bands(pdf, place, dpi), self._came, owner=self._owner, failed=self._finish, lane=Lane.PAGE
        )

    def _came(self, page: PageBands) -> None:
        if self.cancelled:
            self._finish(None)
            return
        self._printer.setPageSize(_sheet_of(page))
        if not self._painter.isActive():
            if not self._painter.begin(self._printer):
                self._finish(_refused(self.destination))
                return
            self._painter.setRenderHint(QPainter.RenderHint.LosslessImageRendering)
        elif not self._printer.newPage():
            self._finish(_refused(self.destination))
            return
        self._page, self._pages = page, page.pages
        self._strips.extend(page.bands)
        QTimer.singleShot(0, self._owner, self._strip)

    def _strip(self) -> None:
        page = self._page
        if self.cancelled or page is None:
            self._finish(None)
            return
        band = self._strips.popleft()
        paper = self._printer.paperRect(QPrinter.Unit.DevicePixel)
        # A roll on a sheet keeps its size; a sheet on a smaller one shrinks.
        natural = self._printer.resolution() / page.dpi
        scale = min(natural, paper.width() / page.width, paper.height() / page.height)
        left = (paper.width() - page.width * scale) / 2
        image = band.image
        self._painter.drawImage(QRectF(left, band.top * scale, image.width() * scale, image.height() * scale), image)
        self._moved()
        if self._strips:
            QTimer.singleShot(0, self._owner, self._strip)
            return
        self._page = None
        self._place += 1
        if self._place < self._pages:
            self._ask()
        else:
            self._finish(None)

    def _finish(self, problem: OutpostError | None) -> None:
        self.problem = problem
        if self._painter.isActive():
            if self.cancelled or problem is not None:
                self._printer.abort()
            self._painter.end()
            if not self.cancelled and self.problem is None:
                self.problem = _state_problem(self._printer)
        self._ended(self)


def _sheet_of(page: PageBands) -> QPageSize:
    """Return the sheet a page was drawn for: A4, or the roll as long as the page."""
    millimetres = QSizeF(page.width, page.height) * 25.4 / page.dpi
    a4 = QPageSize(QPageSize.PageSizeId.A4)
    near = millimetres - a4.size(QPageSize.Unit.Millimeter)
    if abs(near.width()) < _SAME_MM and abs(near.height()) < _SAME_MM:
        return a4
    return QPageSize(millimetres, QPageSize.Unit.Millimeter, "", QPageSize.SizeMatchPolicy.ExactMatch)


def open_print_dialog(
    parent: QWidget, ui: Presentation, title: str, offered: str, chosen: Callable[[QPrinter | None], None]
) -> None:
    """Open Qt's dialog over ``parent``. Raises ``EnvironmentProblem`` (``no_printer``) where there is nothing to choose from."""
    names = QPrinterInfo.availablePrinterNames()
    if not names:
        raise no_printer()
    printer = a4_printer()
    if offered in names:
        printer.setPrinterName(offered)
    dialog = QPrintDialog(printer, parent)
    dialog.setWindowTitle(f"{ui.say(PRINT_TITLE)} {title}")
    for option in (
        QAbstractPrintDialog.PrintDialogOption.PrintPageRange,
        QAbstractPrintDialog.PrintDialogOption.PrintSelection,
        QAbstractPrintDialog.PrintDialogOption.PrintCurrentPage,
        QAbstractPrintDialog.PrintDialogOption.PrintCollateCopies,
    ):
        dialog.setOption(option, False)

    def over(result: int) -> None:
        dialog.deleteLater()
        chosen(printer if result == QPrintDialog.DialogCode.Accepted else None)

    dialog.finished.connect(over)
    # QPrintDialog has an ``open`` of its own that wants a receiver.
    QDialog.open(dialog)


def a4_printer() -> QPrinter:
    """Return the machine's printer, set to A4 upright, one copy."""
    printer = QPrinter(QPrinter.PrinterMode.HighResolution)
    printer.setPageSize(QPageSize(QPageSize.PageSizeId.A4))
    printer.setPageOrientation(QPageLayout.Orientation.Portrait)
    return printer


def open_save_dialog(parent: QWidget, ui: Presentation, suggested: Path, chosen: Callable[[Path | None], None]) -> None:
    """Open Qt's dialog over ``parent``, with this name and folder filled in."""
    ask_where_to_save(parent, ui.say(SAVE_TITLE), suggested, kind_name="PDF", ending="pdf", chosen=chosen)


def documents_folder() -> Path:
    """Return where files are saved by default: the documents folder, or home where there is none."""
    folder = QStandardPaths.writableLocation(QStandardPaths.StandardLocation.DocumentsLocation)
    return Path(folder) if folder and Path(folder).is_dir() else Path.home()


def no_printer() -> EnvironmentProblem:
    """Return the error of a laptop without a printer."""
    return EnvironmentProblem(
        "no_printer",
        Bilingual("未打印：这台电脑没有装打印机。", "Not printed: this laptop has no printer."),
        Bilingual(
            "请接好打印机再打，或先存成 PDF，到有打印机的电脑上打印。",
            "Connect a printer and print again, or save a PDF and print it where there is one.",
        ),
        retryable=True,
    )


def _refused(printer: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "printer_refused",
        Bilingual(
            f"未打印：打印机“{printer}”没有接受这张纸。", f'Not printed: the printer "{printer}" did not take the page.'
        ),
        Bilingual(
            "请检查电源、连线和纸张后再打；仍不行时存成 PDF。",
            "Check power, cable and paper and print again; if it still fails save a PDF.",
        ),
        retryable=True,
    )


def _stopped(printer: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "printer_stopped",
        Bilingual(
            f"未打印：打印机“{printer}”停了，可能缺纸、卡纸或离线。",
            f'Not printed: the printer "{printer}" has stopped; it may be out of paper, jammed or offline.',
        ),
        Bilingual(
            "请加纸或排除故障后再打。凭证已签发并存盘，不会重复出号。",
            "Add paper or clear the fault, then print again. The paper is on record; its number stays.",
        ),
        retryable=True,
    )


def _busy() -> EnvironmentProblem:
    return EnvironmentProblem(
        "printing_busy",
        Bilingual("上一张还在打印。", "The last page is still printing."),
        Bilingual("请等它打完，或先取消。", "Wait until it is out, or cancel it first."),
        retryable=True,
    )


def _file_problem(printer: QPrinter) -> EnvironmentProblem | None:
    # Qt says only "refused" of a file it can't open; the reason is worth a sentence.
    if not printer.outputFileName():
        return None
    path = Path(printer.outputFileName())
    try:
        with path.open("ab"):
            return None
    except OSError as error:
        return save_problem(error, path)


def _state_problem(printer: QPrinter) -> EnvironmentProblem | None:
    if printer.printerState() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted):
        return _stopped(printer.printerName() or Path(printer.outputFileName()).name)
    name = printer.printerName()
    if name and QPrinterInfo.printerInfo(name).state() in (QPrinter.PrinterState.Error, QPrinter.PrinterState.Aborted):
        return _stopped(name)
    return None
