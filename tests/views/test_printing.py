"""Paper leaves through the printer or as a file: the real path with a printer that writes files, and everything that can be in the way."""

from __future__ import annotations

import gc
import io
import os
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest
from PIL import Image, ImageChops, ImageStat
from PySide6.QtCore import QSize, QTimer
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPrintSupport import QPrintDialog, QPrinter, QPrinterInfo
from PySide6.QtWidgets import QApplication, QFileDialog, QWidget
from reportlab.lib.pagesizes import A4
from reportlab.pdfgen.canvas import Canvas

from claims.errors import EnvironmentProblem, OutpostError
from tests.views.stage import Stage, stage
from views.durable_file import write_durably
from views.page_render import _opened, print_bands, screen_page
from views.presentation import Presentation
from views.printing import PrintingDesk, a4_printer

READ_ONLY = Path("/sys")
"""A real folder in which not even root may write."""


def two_pages() -> bytes:
    """Return a PDF of two pages, with lines across the whole first one so that a seam would show."""
    out = io.BytesIO()
    canvas = Canvas(out, pagesize=A4, invariant=1)
    width, height = A4
    for place in range(40):
        canvas.line(30 + place * 13, 30, 60 + place * 12, height - 30)
    canvas.setFont("Helvetica-Bold", 40)
    canvas.drawString(120, height / 2, "PAGE ONE")
    canvas.showPage()
    canvas.setFillColorRGB(0.8, 0.1, 0.1)
    canvas.rect(100, 100, width - 200, 300, fill=1)
    canvas.showPage()
    canvas.save()
    return out.getvalue()


@dataclass
class Ended:
    """How a paper's way out ended."""

    where: list[str] = field(default_factory=list)
    errors: list[OutpostError | None] = field(default_factory=list)

    @property
    def over(self) -> bool:
        return bool(self.where or self.errors)

    def wait(self, on: Stage) -> None:
        deadline = time.monotonic() + 20
        while not self.over:
            on.settle()
            assert time.monotonic() < deadline


@pytest.fixture
def on(tmp_path: Path) -> Iterator[Stage]:
    with stage(tmp_path) as made:
        yield made


def file_printer(path: Path) -> QPrinter:
    """Return the printer of the machine, told to write a file."""
    printer = a4_printer()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(path))
    return printer


def choosing(printer: QPrinter | None) -> Callable[..., None]:
    """Return what stands in for the dialog: this printer is chosen at once."""

    def choose(_parent: QWidget, _ui: Presentation, _title: str, _offered: str, chosen: Callable[..., None]) -> None:
        chosen(printer)

    return choose


def print_on(on: Stage, printer: QPrinter | None, pdf: bytes) -> Ended:
    desk = PrintingDesk(on.ui, on.tasks, choose_printer=choosing(printer))
    page = QWidget()
    on.show(page, 200, 100)
    ended = Ended()
    desk.print_pdf(pdf, "QX07-D3-000142-40", page, then=ended.where.append, not_done=ended.errors.append)
    ended.wait(on)
    assert not desk.busy
    return ended


def difference(pdf: bytes, other: bytes, page: int) -> float:
    """Return how different two pages look, in grey levels, at the size of a screen."""
    return ImageStat.Stat(ImageChops.difference(picture(pdf, page), picture(other, page))).mean[0]


def picture(pdf: bytes, page: int) -> Image.Image:
    return grey(screen_page(pdf, page, 600).image)


def grey(image: QImage) -> Image.Image:
    image = image.convertToFormat(QImage.Format.Format_Grayscale8)
    size = (image.width(), image.height())
    return Image.frombytes("L", size, bytes(image.constBits()), "raw", "L", image.bytesPerLine())


def test_every_page_comes_out_of_the_printer_as_it_was_drawn(on: Stage, tmp_path: Path) -> None:
    pdf, out = two_pages(), tmp_path / "printed.pdf"

    ended = print_on(on, file_printer(out), pdf)

    assert ended.where == ["printed.pdf"]
    assert not ended.errors
    printed = out.read_bytes()
    assert screen_page(printed, 0, 100).pages == 2
    for page in (0, 1):
        assert difference(pdf, printed, page) < 2.0


def test_the_event_loop_runs_between_the_strips(on: Stage, tmp_path: Path) -> None:
    ticks: list[int] = []
    desk = PrintingDesk(on.ui, on.tasks, choose_printer=choosing(file_printer(tmp_path / "printed.pdf")))
    strips: list[int] = []
    desk.moved.connect(lambda: strips.append(len(ticks)))
    timer = QTimer(desk)
    timer.timeout.connect(lambda: ticks.append(1))
    timer.start(0)
    ended = Ended()
    page = QWidget()
    on.show(page, 200, 100)

    desk.print_pdf(two_pages(), "paper", page, then=ended.where.append, not_done=ended.errors.append)
    ended.wait(on)

    # A page at 300 dpi is 3508 rows high: some nineteen strips each, and other events got their turn between them.
    assert len(strips) > 30
    assert len(set(strips)) > 20


def test_bands_together_are_the_page() -> None:
    pdf = two_pages()
    bands = print_bands(pdf, 0, 150)
    joined = QImage(QSize(bands.width, bands.height), QImage.Format.Format_RGB32)
    painter = QPainter(joined)
    for band in bands.bands:
        painter.drawImage(0, band.top, band.image)
    painter.end()
    with _opened(pdf) as document:
        drawn = document.render(0, joined.size())
    whole = QImage(joined.size(), QImage.Format.Format_RGB32)
    whole.fill(0xFFFFFFFF)
    painter = QPainter(whole)
    painter.drawImage(0, 0, drawn)
    painter.end()

    assert len(bands.bands) > 5
    assert bands.pages == 2
    # Rounding moves a grey level here and there; a band of the wrong scale would differ by several on the whole page.
    assert ImageStat.Stat(ImageChops.difference(grey(joined), grey(whole))).mean[0] < 0.1


def test_what_has_no_colour_is_sent_as_grey() -> None:
    pdf = two_pages()

    assert all(band.image.format() == QImage.Format.Format_Grayscale8 for band in print_bands(pdf, 0, 72).bands)
    assert any(band.image.format() == QImage.Format.Format_RGB32 for band in print_bands(pdf, 1, 72).bands)


def test_one_number_is_one_sheet_whatever_the_dialog_says(on: Stage, tmp_path: Path) -> None:
    printer = file_printer(tmp_path / "printed.pdf")
    printer.setCopyCount(3)

    print_on(on, printer, two_pages())

    assert printer.copyCount() == 1


def test_a_laptop_without_a_printer_says_so_and_offers_another_way(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(list))
    desk = PrintingDesk(on.ui, on.tasks)
    page, ended = QWidget(), Ended()
    on.show(page, 200, 100)

    desk.print_pdf(two_pages(), "paper", page, then=ended.where.append, not_done=ended.errors.append)

    (error,) = ended.errors
    assert isinstance(error, EnvironmentProblem)
    assert error.code == "no_printer"
    assert error.retryable
    assert "PDF" in error.next_step.zh
    assert not desk.busy


def test_the_dialog_opens_over_the_window_without_stopping_it(on: Stage, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(lambda: ["HP"]))
    desk = PrintingDesk(on.ui, on.tasks)
    page, ended = QWidget(), Ended()
    on.show(page, 400, 300)

    desk.print_pdf(two_pages(), "QX07-D3-000142-40", page, then=ended.where.append, not_done=ended.errors.append)

    (dialog,) = [each for each in QApplication.topLevelWidgets() if isinstance(each, QPrintDialog)]
    assert dialog.isVisible()
    assert "QX07-D3-000142-40" in dialog.windowTitle()
    assert desk.busy
    assert not desk.printing
    dialog.reject()
    on.settle()
    assert ended.errors == [None]
    assert not desk.busy


def test_a_cancelled_dialog_prints_nothing(on: Stage) -> None:
    ended = print_on(on, None, two_pages())

    assert ended.errors == [None]
    assert not ended.where


def test_a_paper_on_its_way_can_be_stopped(on: Stage, tmp_path: Path) -> None:
    desk = PrintingDesk(on.ui, on.tasks, choose_printer=choosing(file_printer(tmp_path / "printed.pdf")))
    page, ended = QWidget(), Ended()
    on.show(page, 200, 100)
    seen: list[bool] = []

    def stop() -> None:
        seen.append(desk.printing)
        if len(seen) == 5:
            desk.cancel()

    desk.moved.connect(stop)
    desk.print_pdf(two_pages(), "paper", page, then=ended.where.append, not_done=ended.errors.append)
    ended.wait(on)

    assert ended.errors == [None]
    assert not ended.where
    assert len(seen) < 12


def test_a_window_that_is_locked_halfway_leaves_no_painter_behind(on: Stage, tmp_path: Path) -> None:
    page, ended = QWidget(), Ended()
    on.show(page, 200, 100)

    def begin() -> None:
        desk = PrintingDesk(on.ui, on.tasks, choose_printer=choosing(file_printer(tmp_path / "printed.pdf")))
        strips: list[int] = []

        def close() -> None:
            strips.append(1)
            if len(strips) == 5:
                desk.deleteLater()

        desk.moved.connect(close)
        desk.print_pdf(two_pages(), "paper", page, then=ended.where.append, not_done=ended.errors.append)

    begin()
    for _ in range(40):
        on.settle()
    gc.collect()
    on.settle()

    assert not ended.over


def test_a_second_paper_waits_until_the_first_is_out(on: Stage, tmp_path: Path) -> None:
    desk = PrintingDesk(on.ui, on.tasks, choose_printer=choosing(file_printer(tmp_path / "printed.pdf")))
    page, first, second = QWidget(), Ended(), Ended()
    on.show(page, 200, 100)

    desk.print_pdf(two_pages(), "one", page, then=first.where.append, not_done=first.errors.append)
    desk.print_pdf(two_pages(), "two", page, then=second.where.append, not_done=second.errors.append)
    first.wait(on)

    assert first.where
    assert [error.code for error in second.errors if error is not None] == ["printing_busy"]


def test_a_printer_that_writes_into_a_folder_that_is_gone_is_told_in_words(on: Stage, tmp_path: Path) -> None:
    ended = print_on(on, file_printer(tmp_path / "pulled" / "out.pdf"), two_pages())

    (error,) = ended.errors
    assert error is not None
    assert error.code == "save_gone"
    assert "out.pdf" in error.cause.zh


class Stopped(QPrinter):
    """A printer that takes the first page and then has no paper."""

    def newPage(self) -> bool:  # noqa: N802 - Qt's name
        return False


class OutOfPaper(QPrinter):
    """A printer whose state is an error."""

    def printerState(self) -> QPrinter.PrinterState:  # noqa: N802 - Qt's name
        return QPrinter.PrinterState.Error


@pytest.mark.parametrize(("kind", "code"), [(Stopped, "printer_refused"), (OutOfPaper, "printer_stopped")])
def test_a_printer_that_stops_has_printed_nothing(on: Stage, tmp_path: Path, kind: type[QPrinter], code: str) -> None:
    printer = kind()
    printer.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
    printer.setOutputFileName(str(tmp_path / "printed.pdf"))

    ended = print_on(on, printer, two_pages())

    assert [error.code for error in ended.errors if error is not None] == [code]
    assert not ended.where


def test_what_is_no_pdf_is_told_and_not_printed(on: Stage, tmp_path: Path) -> None:
    ended = print_on(on, file_printer(tmp_path / "printed.pdf"), b"%PDF-1.5 cut short")

    assert [error.code for error in ended.errors if error is not None] == ["page_unreadable"]


# Saving


def saved(on: Stage, path: Path | None, pdf: bytes = b"%PDF the paper") -> Ended:
    desk = PrintingDesk(on.ui, on.tasks, choose_file=lambda _parent, _ui, _suggested, chosen: chosen(path))
    page, ended = QWidget(), Ended()
    on.show(page, 200, 100)
    desk.save_pdf(pdf, "QX07-D3-000142-40", page, then=ended.where.append, not_done=ended.errors.append)
    ended.wait(on)
    assert not desk.busy
    return ended


def test_a_paper_is_saved_whole_and_replaces_an_older_one(on: Stage, tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"older")

    ended = saved(on, path)

    assert ended.where == ["paper.pdf"]
    assert path.read_bytes() == b"%PDF the paper"
    assert [each.name for each in tmp_path.glob("*.pdf*")] == ["paper.pdf"]


def test_a_cancelled_save_writes_nothing(on: Stage) -> None:
    assert saved(on, None).errors == [None]


def test_a_folder_that_is_read_only_is_told_in_words(on: Stage) -> None:
    (error,) = saved(on, READ_ONLY / "paper.pdf").errors

    assert error is not None
    assert error.code == "save_refused"
    assert "paper.pdf" in error.cause.zh
    assert "写保护" in error.next_step.zh
    assert error.retryable


def test_a_stick_that_was_pulled_out_is_told_in_words(on: Stage, tmp_path: Path) -> None:
    (error,) = saved(on, tmp_path / "stick" / "paper.pdf").errors

    assert error is not None
    assert error.code == "save_gone"


@contextmanager
def room_for(size_bytes: int) -> Iterator[None]:
    """Let no file of this process grow beyond a size: what a full stick does."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size_bytes, before[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)


def test_a_full_stick_keeps_the_older_file_and_no_half_one(tmp_path: Path) -> None:
    path = tmp_path / "paper.pdf"
    path.write_bytes(b"older")

    with room_for(1000), pytest.raises(EnvironmentProblem) as refused:
        write_durably(path, b"x" * 5000)

    assert refused.value.code == "save_full"
    assert path.read_bytes() == b"older"
    assert [each.name for each in tmp_path.iterdir()] == ["paper.pdf"]


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no named pipes in folders")
def test_a_pipe_or_device_is_not_replaced_by_a_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)

    with pytest.raises(EnvironmentProblem) as refused:
        write_durably(path, b"paper")

    assert refused.value.code == "save_refused"
    assert path.is_fifo()
    assert [each.name for each in tmp_path.iterdir()] == ["pipe"]


def test_the_save_dialog_offers_the_number_as_name_and_then_the_folder_of_last_time(on: Stage, tmp_path: Path) -> None:
    suggested: list[Path] = []

    def choose(_parent: QWidget, _ui: Presentation, path: Path, chosen: Callable[[Path | None], None]) -> None:
        suggested.append(path)
        chosen(tmp_path / path.name)

    desk = PrintingDesk(on.ui, on.tasks, choose_file=choose)
    page, ended = QWidget(), Ended()
    on.show(page, 200, 100)
    for _ in range(2):
        desk.save_pdf(b"%PDF", "QX07-D3-000142-40", page, then=ended.where.append, not_done=ended.errors.append)
        on.settle()

    assert [each.name for each in suggested] == ["QX07-D3-000142-40.pdf"] * 2
    assert suggested[1].parent == tmp_path
    assert len(ended.where) == 2


def test_the_real_save_dialog_leads_to_the_file(on: Stage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("views.printing.documents_folder", lambda: tmp_path)
    desk = PrintingDesk(on.ui, on.tasks)
    page, ended = QWidget(), Ended()
    on.show(page, 400, 300)

    desk.save_pdf(b"%PDF", "QX07-D3-000142-40", page, then=ended.where.append, not_done=ended.errors.append)
    (dialog,) = [each for each in QApplication.topLevelWidgets() if isinstance(each, QFileDialog)]
    dialog.accept()
    ended.wait(on)

    assert (tmp_path / "QX07-D3-000142-40.pdf").read_bytes() == b"%PDF"
