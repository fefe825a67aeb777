"""Many papers on one printer, on a real desk: what comes out is on record, what is on record came out, whatever fails in between."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter, QPrinterInfo
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QVBoxLayout, QWidget

from claims.desk import Desk
from claims.errors import Bilingual, EnvironmentProblem
from claims.paper_definitions import PaperSize
from claims.records import PaperState
from tests.desk.station import Station, new_case, take_papers
from tests.views.stage import Stage
from views.batch_printing import BatchPrinting, print_batch
from views.page_render import screen_page, sheet_width_mm
from views.presentation import Presentation
from views.printing import PrintingDesk, a4_printer
from views.progress import StripState


@pytest.fixture
def desk(tmp_path: Path) -> Iterator[Desk]:
    station = Station(tmp_path / "home")
    station.create()
    opened = station.open()
    yield opened
    opened.close()


def slips(desk: Desk, count: int) -> tuple[str, ...]:
    """Return the numbers of so many slips, asked for and not drawn."""
    case_no = desk.open_case(new_case())
    take_papers(desk, case_no)
    return tuple(desk.give_slip(case_no).number for _ in range(count))


class OnItsTray(QPrinter):
    """The machine's printer, writing files; it may be out of paper from some page on."""

    def __init__(self, path: Path, pages: int | None = None) -> None:
        super().__init__()
        # Coarse: what is looked at here is what becomes of a paper, not its dots.
        self.setResolution(96)
        self.setPageSize(a4_printer().pageLayout().pageSize())
        self.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        self.setOutputFileName(str(path))
        self.left = pages

    def printerState(self) -> QPrinter.PrinterState:  # noqa: N802 - Qt's name
        return QPrinter.PrinterState.Error if self.left is not None and self.left <= 0 else QPrinter.PrinterState.Idle

    def setDocName(self, name: str) -> None:  # noqa: N802 - Qt's name
        super().setDocName(name)
        self.jobs = [*getattr(self, "jobs", []), name]


class Batch:
    """A batch on its stage."""

    def __init__(self, on: Stage, desk: Desk, folder: Path, pages: int | None = None) -> None:
        self.on, self.desk, self.folder = on, desk, folder
        self.printer: OnItsTray | None = OnItsTray(folder / "tray.pdf", pages)
        self.asked: list[str] = []
        self.moved: list[str] = []
        self.when_printing: Callable[[], None] = lambda: None

        def choose(_parent: QWidget, _ui: Presentation, title: str, _offered: str, chosen: Callable[..., None]) -> None:
            self.asked.append(title)
            chosen(self.printer)

        self.printing = PrintingDesk(on.ui, on.tasks, choose_printer=choose)
        self.page = QWidget()
        column = QVBoxLayout(self.page)
        self.batch = BatchPrinting(on.workplace(desk), printing=self.printing)
        self.batch.moved.connect(self._on_moved)
        column.addWidget(self.batch)
        column.addStretch(1)
        on.show(self.page, 700, 320)

    def _on_moved(self) -> None:
        if self.batch.running:
            self.moved.append(self.batch.strip.words)
            self.when_printing()

    def run(self, numbers: tuple[str, ...], size: PaperSize = PaperSize.A4) -> None:
        self.batch.print_batch(numbers, size)
        self.rest()

    def rest(self) -> None:
        deadline = time.monotonic() + 60
        self.on.settle()
        while self.batch.running:
            self.on.settle()
            assert time.monotonic() < deadline
        self.on.settle()

    def states(self, numbers: tuple[str, ...]) -> list[PaperState]:
        return [self.desk.paper(each).state for each in numbers]

    def out(self, number: str) -> bytes:
        return (self.folder / f"tray-{number}.pdf").read_bytes()

    @property
    def told(self) -> str:
        return self.batch.notice.words if self.batch.notice.isVisible() else ""


def test_papers_are_drawn_printed_and_recorded_one_after_another(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    numbers = slips(desk, 3)
    desk.draw(numbers[1])
    batch = Batch(on_stage, desk, tmp_path)

    batch.run(numbers)

    assert batch.states(numbers) == [PaperState.PRINTED] * 3
    assert [desk.paper(each).copies for each in numbers] == [1, 1, 1]
    assert batch.asked == ["3 份文书"], "the printer is chosen once"
    assert batch.batch.printed == numbers
    for each in numbers:
        assert screen_page(batch.out(each), 0, 200).pages == screen_page(desk.drawing(each), 0, 200).pages
    assert batch.batch.strip.state is StripState.DONE
    assert batch.batch.strip.words == "已打印 3 份"
    assert not batch.batch.go_on.isVisible()
    assert batch.told == ""


def test_progress_names_the_paper_and_moves(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    numbers = slips(desk, 2)
    batch = Batch(on_stage, desk, tmp_path)
    shares: list[float] = []
    batch.when_printing = lambda: shares.append(batch.batch.strip.share)

    batch.run(numbers)

    assert any(f"第 1/2 份  {numbers[0]}" in each for each in batch.moved)
    assert any(f"第 2/2 份  {numbers[1]}" in each for each in batch.moved)
    seen = [each for each in shares if each > 0]
    assert len(set(seen)) > 6, "it moves within a paper too"
    assert seen == sorted(seen)
    assert batch.batch.strip.share == 1.0


def test_stopping_lets_the_paper_on_its_way_come_out_and_the_rest_can_follow(
    on_stage: Stage, desk: Desk, tmp_path: Path
) -> None:
    numbers = slips(desk, 3)
    batch = Batch(on_stage, desk, tmp_path)

    def press_stop() -> None:
        button = batch.batch.strip.cancel_button
        if batch.printing.printing and button is not None and button.isVisible():
            button.setFocus()
            QTest.keyClick(button, Qt.Key.Key_Return)

    batch.when_printing = press_stop
    batch.run(numbers)

    assert batch.states(numbers) == [PaperState.PRINTED, PaperState.ASKED, PaperState.ASKED]
    assert batch.batch.strip.state is StripState.STOPPED
    assert "打印了 1/3 份" in batch.batch.strip.words
    assert numbers[0] in batch.told
    assert batch.batch.left == numbers[1:]

    batch.when_printing = lambda: None
    assert batch.batch.go_on.text() == "接着打剩下的 2 份"
    QTest.mouseClick(batch.batch.go_on, Qt.MouseButton.LeftButton)
    batch.rest()
    assert batch.states(numbers) == [PaperState.PRINTED] * 3
    assert [desk.paper(each).copies for each in numbers] == [1, 1, 1]
    assert batch.batch.printed == numbers


def test_a_printer_that_fails_stops_the_batch_and_says_what_is_out(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    numbers = slips(desk, 3)
    batch = Batch(on_stage, desk, tmp_path)
    printer = batch.printer
    assert printer is not None

    def run_out(number: str) -> None:
        if number == numbers[0]:
            printer.left = 0

    batch.batch.recorded.connect(run_out)
    batch.run(numbers)

    assert batch.states(numbers)[0] is PaperState.PRINTED
    assert PaperState.PRINTED not in batch.states(numbers)[1:]
    assert batch.batch.strip.state is StripState.FAILED
    assert "打印了 1/3 份" in batch.batch.strip.words
    assert "缺纸" in batch.told
    assert f"已打印：{numbers[0]}" in batch.told
    assert f"没有打印：{numbers[1]}、{numbers[2]}" in batch.told

    printer.left = None
    batch.batch.go_on.click()
    batch.rest()
    assert batch.states(numbers) == [PaperState.PRINTED] * 3
    assert batch.told == ""


def test_a_record_that_fails_after_the_printing_says_which_sheet_not_to_hand_over(
    on_stage: Stage, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = slips(desk, 2)
    batch = Batch(on_stage, desk, tmp_path)

    def full(_desk: Desk, _number: str, _where: str) -> None:
        words = Bilingual("磁盘已满。", "The disk is full.")
        raise EnvironmentProblem("store_full", words, words)

    monkeypatch.setattr(Desk, "mark_printed", full)
    batch.run(numbers)

    assert f"{numbers[0]} 已从打印机出来，但没能记下" in batch.told
    assert "磁盘已满" in batch.told
    assert PaperState.PRINTED not in batch.states(numbers)
    assert batch.batch.left == numbers


def test_a_drawing_that_can_not_be_stored_is_not_printed(
    on_stage: Stage, desk: Desk, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    numbers = slips(desk, 2)
    batch = Batch(on_stage, desk, tmp_path)

    def full(*_args: object, **_more: object) -> None:
        words = Bilingual("磁盘已满。", "The disk is full.")
        raise EnvironmentProblem("store_full", words, words)

    monkeypatch.setattr(Desk, "draw", full)
    batch.run(numbers)

    assert batch.states(numbers) == [PaperState.ASKED] * 2
    assert list(tmp_path.glob("tray*.pdf")) == []
    assert "磁盘已满" in batch.told


def test_one_that_was_voided_or_printed_meanwhile_is_left_out_and_the_others_come_out(
    on_stage: Stage, desk: Desk, tmp_path: Path
) -> None:
    numbers = slips(desk, 3)
    desk.draw(numbers[0])
    desk.void(numbers[0], "写错了")
    desk.draw(numbers[1])
    desk.mark_printed(numbers[1], "另一台打印机")
    batch = Batch(on_stage, desk, tmp_path)

    batch.run(numbers)

    assert batch.states(numbers) == [PaperState.VOIDED, PaperState.PRINTED, PaperState.PRINTED]
    assert desk.paper(numbers[1]).copies == 1, "nothing is printed twice by a stale list"
    assert batch.batch.printed == (numbers[2],)
    assert f"跳过 {numbers[0]}" in batch.told
    assert f"跳过 {numbers[1]}：已经打印过" in batch.told


def test_a_cancelled_dialog_prints_and_records_nothing(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    numbers = slips(desk, 2)
    batch = Batch(on_stage, desk, tmp_path)
    batch.printer = None

    batch.run(numbers)

    assert batch.states(numbers) == [PaperState.ASKED] * 2
    assert batch.batch.strip.state is StripState.STOPPED
    assert batch.batch.go_on.isVisible()


def test_without_a_printer_it_says_so(on_stage: Stage, desk: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(QPrinterInfo, "availablePrinterNames", staticmethod(list))
    numbers = slips(desk, 2)
    page = QWidget()
    column = QVBoxLayout(page)
    on_stage.show(page, 700, 200)
    made = print_batch(on_stage.workplace(desk), numbers, page)
    column.addWidget(made)
    on_stage.settle()

    assert not made.running
    assert "没有装打印机" in made.notice.words
    assert [desk.paper(each).state for each in numbers] == [PaperState.ASKED] * 2


def test_nothing_to_print_is_said_and_asks_for_no_printer(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    batch = Batch(on_stage, desk, tmp_path)
    batch.run(())
    assert batch.asked == []
    assert batch.batch.strip.words == "没有要打印的"


def test_a_roll_is_printed_as_a_roll(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    numbers = slips(desk, 1)
    batch = Batch(on_stage, desk, tmp_path)

    batch.run(numbers, PaperSize.ROLL_80)

    assert round(sheet_width_mm(desk.drawing(numbers[0]))) == 80
    assert round(sheet_width_mm(batch.out(numbers[0]))) == 80


def test_every_control_has_a_name_and_words_follow_the_language(on_stage: Stage, desk: Desk, tmp_path: Path) -> None:
    numbers = slips(desk, 2)
    batch = Batch(on_stage, desk, tmp_path, pages=0)
    batch.run(numbers)
    on_stage.ui.words.switch("en")
    on_stage.settle()

    assert "Not finished: 0 of 2 printed" in batch.batch.strip.words
    assert "out of paper" in batch.told
    assert batch.batch.go_on.text() == "Go on with the other 2"
    for each in batch.page.findChildren(QWidget):
        if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus:
            assert each.accessibleName(), each
    assert QApplication.focusWidget() is not batch.batch.strip.cancel_button
