"""The Paper screen on a real desk: blocks, what waits for the printer, the day-end count, blank forms, registers and the leaflet."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Callable, Iterator
from datetime import date
from itertools import pairwise
from pathlib import Path

import pytest
from openpyxl import load_workbook
from PySide6.QtCore import Qt
from PySide6.QtPrintSupport import QPrinter
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QWidget

from claims.desk import Desk
from claims.events import PaperKind
from claims.paper_definitions import PaperId, PaperSize
from claims.records import PaperRecord, PaperState
from claims.register_columns import RegisterKind
from claims.registers import RegisterFormat
from resources.sample_numbers import CLINIC
from tests.desk.conftest import station  # noqa: F401 - a fixture
from tests.desk.station import Station, payee, ready_case
from tests.forms.reading import page_texts, squeezed
from tests.views.line import until
from tests.views.stage import Stage, type_text
from views import printing
from views.controls.panel import Panel
from views.file_saving import FileKind, FileSaving
from views.look.tokens import Theme
from views.paper_out import size_of
from views.preferences import WindowPreferences
from views.presentation import Presentation
from views.printing import PrintingDesk, a4_printer
from views.screens.paper import PaperScreen
from views.screens.paper_blocks import counts, lasts
from views.screens.paper_jobs import LEAFLET_DRAFT

TODAY = date(2026, 11, 22)


@pytest.fixture
def open_desk(station: Station) -> Iterator[Desk]:  # noqa: F811 - the fixture's name
    opened = station.open()
    yield opened
    opened.close()


class Outputs:
    """A printer that writes PDFs and a dialog that is answered with a folder. ``changed_mind``: both are cancelled."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.changed_mind = False
        folder.mkdir()

    def printer(
        self, _parent: QWidget, _ui: Presentation, _title: str, _offered: str, chosen: Callable[[QPrinter | None], None]
    ) -> None:
        made = a4_printer()
        made.setOutputFormat(QPrinter.OutputFormat.PdfFormat)
        made.setOutputFileName(str(self.folder / "printed.pdf"))
        chosen(None if self.changed_mind else made)

    def file(
        self,
        _parent: QWidget,
        _ui: Presentation,
        suggested: Path,
        kind: FileKind,
        chosen: Callable[[Path | None], None],
    ) -> None:
        assert suggested.suffix == f".{kind.ending}"
        chosen(None if self.changed_mind else self.folder / suggested.name)

    @property
    def names(self) -> list[str]:
        return sorted(each.name for each in self.folder.iterdir())


@pytest.fixture
def outputs(tmp_path: Path) -> Outputs:
    return Outputs(tmp_path / "out")


@pytest.fixture
def screen(on_stage: Stage, open_desk: Desk, outputs: Outputs) -> PaperScreen:
    on_stage.ui.words.switch("zh")
    work = on_stage.workplace(open_desk)
    made = PaperScreen(work, printing=PrintingDesk(on_stage.ui, on_stage.tasks, choose_printer=outputs.printer))
    made.registers._saving = FileSaving(on_stage.ui, on_stage.tasks, choose_file=outputs.file, parent=made)
    on_stage.show(made)
    return made


def voucher_out(desk: Desk) -> PaperRecord:
    (paper,) = desk.conclude(ready_case(desk), CLINIC, (payee(),))
    desk.draw(paper.number)
    desk.mark_printed(paper.number, "printer")
    desk.hand_over(paper.number, "覃建国")
    return paper


def rest(stage: Stage, screen: PaperScreen) -> None:
    """Wait for the jobs, and for the strips of a page that go to the printer between them."""
    stage.settle()
    until(lambda: not screen.batch.running and not screen.outlet.busy, "the printer")
    stage.settle()


def look_again(stage: Stage, screen: PaperScreen) -> None:
    screen.opened()
    rest(stage, screen)


def count(stage: Stage, screen: PaperScreen, **figures: str) -> None:
    for kind, text in figures.items():
        field = screen.day_end.fields[PaperKind(kind)]
        field.setFocus()
        field.clear()
        type_text(field, text)
    screen.day_end.count.click()
    rest(stage, screen)


# Blocks


def test_every_block_says_what_became_of_its_numbers(on_stage: Stage, screen: PaperScreen, open_desk: Desk) -> None:
    paper = voucher_out(open_desk)
    open_desk.void(paper.number, "打印机卡纸")
    look_again(on_stage, screen)
    said = {line.block.kind: line.words for line in screen.blocks.lines}
    assert set(said) >= {"voucher", "slip", "document", "case"}
    assert "已用 0 ＋ 作废 1 ＋ 空白 0 ＋ 未用 49 ＝ 50" in said["voucher"]
    assert "已用 0 ＋ 作废 0 ＋ 空白 0 ＋ 未用 50 ＝ 50" in said["slip"]
    assert "近日没有用" in said["slip"]
    on_stage.ui.words.switch("en")
    assert "voided 1" in screen.blocks.lines[0].words


def test_a_block_that_runs_out_warns_in_words(on_stage: Stage, screen: PaperScreen, open_desk: Desk) -> None:
    open_desk.prepare_blanks(PaperId.SLIP, 45)
    look_again(on_stage, screen)
    (line,) = [each for each in screen.blocks.lines if each.block.kind == "slip"]
    assert line.block.warning is not None
    assert on_stage.ui.say(line.block.warning) in line.words
    assert on_stage.ui.say(lasts(line.block)) == "不够一天"


def test_a_block_that_does_not_add_up_says_so(open_desk: Desk) -> None:
    block = open_desk.number_blocks()[0]
    broken = type(block)(
        kind=block.kind,
        prefix=block.prefix,
        first=1,
        last=50,
        used=1,
        voided=0,
        blank=0,
        unused=48,
        days_left=48,
        warning=None,
    )
    assert "＝ 49，应为 50" in counts(broken).zh
    assert "= 49 instead of 50" in counts(broken).en


# Waiting for the printer


def test_what_waits_is_listed_and_printed_in_one_go(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, outputs: Outputs
) -> None:
    case_no = ready_case(open_desk)
    (voucher,) = open_desk.conclude(case_no, CLINIC, (payee(),))
    slip = open_desk.give_slip(case_no)
    look_again(on_stage, screen)
    assert [each.number for each in screen.waiting.papers] == [voucher.number, slip.number]
    assert not screen.waiting.empty.isVisible()
    screen.waiting.print_all.click()
    rest(on_stage, screen)
    assert [open_desk.paper(each.number).state for each in (voucher, slip)] == [PaperState.PRINTED] * 2
    assert screen.waiting.papers == ()
    assert screen.waiting.empty.isVisible()
    assert not screen.waiting.print_all.isEnabled()
    assert outputs.names == [f"printed-{each.number}.pdf" for each in (voucher, slip)]


def test_a_row_leads_to_its_case(on_stage: Stage, screen: PaperScreen, open_desk: Desk) -> None:
    case_no = ready_case(open_desk)
    open_desk.give_slip(case_no)
    look_again(on_stage, screen)
    screen.waiting.list.setFocus()
    QTest.keyClick(screen.waiting.list, Qt.Key.Key_Return)
    assert on_stage.way.taken == [("case", case_no, None)]


# Day-end


def test_a_day_that_agrees_is_counted_recorded_and_its_sheet_is_printed(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, outputs: Outputs
) -> None:
    voucher_out(open_desk)
    look_again(on_stage, screen)
    assert not screen.day_end.sheet.isEnabled()
    assert "还没有清点" in screen.day_end.verdict.full_text
    count(on_stage, screen, voucher="1", slip="0", document="0")
    assert "全部相符" in screen.day_end.verdict.full_text
    assert screen.day_end.chip.words == "相符"
    assert not screen.day_end.differences.isVisible()
    assert open_desk.day_end(TODAY).counted_at is not None
    screen.day_end.sheet.click()
    rest(on_stage, screen)
    (sheet,) = open_desk.papers("")
    assert (sheet.paper, sheet.state) == (PaperId.DAY_END_COUNT.value, PaperState.PRINTED)
    text = squeezed("".join(page_texts(open_desk.drawing(sheet.number))))
    assert "单证日结单" in text
    assert "全部相符" in text
    assert outputs.names == ["printed.pdf"]


def test_what_differs_stands_there_in_sentences(on_stage: Stage, screen: PaperScreen, open_desk: Desk) -> None:
    voucher_out(open_desk)
    slip = open_desk.give_slip(ready_case(open_desk))
    look_again(on_stage, screen)
    count(on_stage, screen, voucher="2", slip="0", document="0")
    said = " ".join(screen.day_end.differences.sentences)
    assert slip.number in said
    assert "打印记录 1 张，清点 2 张" in said
    assert screen.day_end.chip.words == "不符"
    on_stage.ui.words.switch("en")
    assert "1 printed by the records, 2 counted" in " ".join(screen.day_end.differences.sentences)


@pytest.mark.parametrize("text", ["一", "-1", "1.5", "１２", "9999999"])
def test_a_count_that_is_none_is_refused_and_nothing_is_recorded(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, text: str
) -> None:
    before = open_desk.safety().disk
    count(on_stage, screen, voucher=text)
    assert "不是张数" in on_stage.problems.sentences[0]
    assert screen.focusWidget() is screen.day_end.fields[PaperKind.VOUCHER]
    assert open_desk.safety().disk == before


def test_a_kind_that_was_printed_must_be_counted(on_stage: Stage, screen: PaperScreen, open_desk: Desk) -> None:
    voucher_out(open_desk)
    look_again(on_stage, screen)
    count(on_stage, screen, slip="0")
    assert "没有填写" in on_stage.problems.sentences[0]
    assert open_desk.day_end(TODAY).counted_at is None
    count(on_stage, screen, voucher="1")
    assert open_desk.day_end(TODAY).counted_at is not None
    assert on_stage.problems.sentences == ()


def test_an_earlier_day_is_counted_by_itself(on_stage: Stage, screen: PaperScreen, open_desk: Desk) -> None:
    voucher_out(open_desk)
    look_again(on_stage, screen)
    type_text(screen.day_end.fields[PaperKind.VOUCHER], "1")
    screen.day_end.day.setFocus()
    screen.day_end.day.clear()
    type_text(screen.day_end.day, "昨天")
    QTest.keyClick(screen.day_end.day, Qt.Key.Key_Return)
    rest(on_stage, screen)
    assert screen.day_end.shown is not None
    assert screen.day_end.shown.day == date(2026, 11, 21)
    assert screen.day_end.fields[PaperKind.VOUCHER].text() == ""
    count(on_stage, screen, voucher="0", slip="0", document="0")
    assert open_desk.day_end(date(2026, 11, 21)).counted_at is not None
    assert open_desk.day_end(TODAY).counted_at is None


def test_enter_walks_through_the_counts_to_the_button(on_stage: Stage, screen: PaperScreen) -> None:
    screen.activateWindow()
    screen.first_focus().setFocus()
    for _ in PaperKind:
        QTest.keyClick(QApplication.focusWidget(), Qt.Key.Key_Return)
    assert QApplication.focusWidget() is screen.day_end.count


# Blank forms


def test_blank_forms_are_numbered_printed_entered_and_spoiled(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, outputs: Outputs
) -> None:
    panel = screen.blanks
    panel.paper.fill(PaperId.SLIP.value)
    type_text(panel.count, "2")
    panel.buttons["prepare"].click()
    rest(on_stage, screen)
    first, second = [each for each in open_desk.open_papers() if each.blank]
    assert [each.state for each in (first, second)] == [PaperState.PRINTED] * 2
    assert outputs.names == [f"printed-{each.number}.pdf" for each in (first, second)]
    assert first.number in panel.out.full_text
    assert "在外 2 张" in panel.out.full_text
    assert "已取号 2 个" in panel.said.full_text

    case_no = ready_case(open_desk)
    panel.doing.choose("enter")
    for field, text in (
        (panel.number, first.number.lower()),
        (panel.case_no, case_no),
        (panel.filled_on, "今天"),
        (panel.receiver, "覃建国"),
    ):
        field.setFocus()
        type_text(field, text)
    panel.buttons["enter"].click()
    rest(on_stage, screen)
    entered = open_desk.paper(first.number)
    assert (entered.case_no, entered.filled_on, entered.state) == (case_no, TODAY, PaperState.HANDED_OVER)
    assert case_no in panel.said.full_text
    assert panel.number.text() == ""

    panel.doing.choose("spoil")
    panel.spoiled.setText(second.number)
    panel.buttons["spoil"].click()
    rest(on_stage, screen)
    assert "原因" in on_stage.problems.sentences[0]
    assert panel.spoiled.text() == second.number
    panel.reason.setText("被雨淋湿")
    panel.buttons["spoil"].click()
    rest(on_stage, screen)
    assert on_stage.problems.codes == (), "what was refused before no longer stands"
    assert open_desk.paper(second.number).void_reason == "被雨淋湿"
    assert "没有在外的空白单证" in panel.out.full_text


@pytest.mark.parametrize("text", ["", "几张", "0", "101"])
def test_a_number_of_forms_that_cannot_be_takes_no_number(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, text: str
) -> None:
    screen.blanks.count.setText(text)
    screen.blanks.buttons["prepare"].click()
    rest(on_stage, screen)
    assert on_stage.problems.codes == ("blank_count",)
    assert open_desk.open_papers() == []


def test_forms_that_were_not_printed_wait_with_the_others(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, outputs: Outputs
) -> None:
    outputs.changed_mind = True
    screen.blanks.paper.fill(PaperId.SLIP.value)
    screen.blanks.count.setText("3")
    screen.blanks.buttons["prepare"].click()
    rest(on_stage, screen)
    assert len(screen.waiting.papers) == 3
    assert outputs.names == []
    outputs.changed_mind = False
    screen.waiting.print_all.click()
    rest(on_stage, screen)
    assert len(outputs.names) == 3
    assert screen.waiting.papers == ()


# Registers


def save(stage: Stage, screen: PaperScreen, kind: RegisterKind, form: RegisterFormat) -> None:
    screen.registers.kind.fill(kind.value)
    (screen.registers.excel if form is RegisterFormat.EXCEL else screen.registers.csv).click()
    rest(stage, screen)


@pytest.mark.parametrize("form", RegisterFormat)
def test_a_register_is_saved_and_holds_the_voucher(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, outputs: Outputs, form: RegisterFormat
) -> None:
    paper = voucher_out(open_desk)
    look_again(on_stage, screen)
    save(on_stage, screen, RegisterKind.VOUCHERS, form)
    (name,) = outputs.names
    assert name == f"给付凭证登记簿-QX07-D3-2026-11-22.{form.value}"
    raw = (outputs.folder / name).read_bytes()
    if form is RegisterFormat.EXCEL:
        rows = [[cell.value for cell in row] for row in load_workbook(io.BytesIO(raw)).worksheets[0].iter_rows()]
        assert 6488.24 in rows[1]
    else:
        rows = list(csv.reader(io.StringIO(raw.decode("utf-8-sig"))))
        assert "6488.24" in rows[1]
    assert len(rows) == 2
    assert rows[1][0] == paper.number
    assert "共 1 行" in screen.registers.said.full_text
    assert "没有加密" in screen.registers.said.full_text


def test_days_are_read_as_people_type_them_and_a_wrong_span_is_told(
    on_stage: Stage, screen: PaperScreen, outputs: Outputs
) -> None:
    panel = screen.registers
    panel.first.setText("20261120")
    panel.last.setText("11-19")
    save(on_stage, screen, RegisterKind.CASES, RegisterFormat.CSV)
    assert on_stage.problems.codes == ("register_days",)
    panel.last.setText("哪天")
    save(on_stage, screen, RegisterKind.CASES, RegisterFormat.CSV)
    assert "date_pattern" in on_stage.problems.codes
    panel.last.setText("今天")
    save(on_stage, screen, RegisterKind.CASES, RegisterFormat.CSV)
    assert outputs.names == ["案件登记簿-QX07-D3-2026-11-20_2026-11-22.csv"]
    assert on_stage.problems.codes == ()


def test_a_register_that_is_none_and_a_change_of_mind_save_nothing(
    on_stage: Stage, screen: PaperScreen, outputs: Outputs
) -> None:
    screen.registers.kind.fill("什么登记")
    screen.registers.csv.click()
    rest(on_stage, screen)
    assert on_stage.problems.codes == ("register_kind",)
    outputs.changed_mind = True
    save(on_stage, screen, RegisterKind.CASES, RegisterFormat.CSV)
    assert outputs.names == []
    assert "没有存" in screen.registers.said.full_text


@pytest.mark.skipif(os.name == "nt" or os.geteuid() == 0, reason="needs a folder that can't be written to")
def test_a_stick_that_is_write_protected_is_told(on_stage: Stage, screen: PaperScreen, outputs: Outputs) -> None:
    outputs.folder.chmod(0o500)
    save(on_stage, screen, RegisterKind.CASES, RegisterFormat.CSV)
    assert on_stage.problems.codes == ("save_refused",)


def test_a_folder_that_is_gone_is_told_and_can_be_tried_again(
    on_stage: Stage, screen: PaperScreen, outputs: Outputs
) -> None:
    outputs.folder.rmdir()
    save(on_stage, screen, RegisterKind.CASES, RegisterFormat.CSV)
    assert on_stage.problems.codes == ("save_gone",)
    outputs.folder.mkdir()
    save(on_stage, screen, RegisterKind.CASES, RegisterFormat.CSV)
    assert len(outputs.names) == 1
    assert on_stage.problems.codes == ()


# The leaflet


def test_the_leaflet_is_edited_printed_and_proposed_again(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, outputs: Outputs
) -> None:
    editor = screen.leaflet.texts["leaflet.text"]
    assert "一小时联系" in editor.raw()
    screen.leaflet.print.setFocus()
    editor.setPlainText("1. 二十四小时有人值班。\n2. 上门服务。")
    look_again(on_stage, screen)
    assert editor.raw().startswith("1. 二十四小时")
    screen.leaflet.print.click()
    rest(on_stage, screen)
    (leaflet,) = open_desk.papers("")
    assert (leaflet.paper, leaflet.state) == (PaperId.SERVICE_LEAFLET.value, PaperState.PRINTED)
    assert "二十四小时有人值班" in squeezed("".join(page_texts(open_desk.drawing(leaflet.number))))
    assert outputs.names == ["printed.pdf"]
    assert screen.leaflet.print.hasFocus(), "the keyboard comes back to what was pressed"
    again = PaperScreen(on_stage.workplace(open_desk))
    on_stage.show(again)
    assert again.leaflet.texts["leaflet.text"].raw().startswith("1. 二十四小时")
    screen.leaflet.print.click()
    rest(on_stage, screen)
    assert open_desk.paper(leaflet.number).copies == 2


def test_a_leaflet_that_is_half_typed_is_there_after_the_lock(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk
) -> None:
    editor = screen.leaflet.texts["leaflet.text"]
    editor.setFocus()
    type_text(editor, "半")
    assert screen.leave()
    rest(on_stage, screen)
    again = PaperScreen(on_stage.workplace(open_desk))
    on_stage.show(again)
    assert again.leaflet.texts["leaflet.text"].raw() == editor.raw()
    assert "半" in editor.raw()
    screen.leaflet.print.click()
    rest(on_stage, screen)
    assert open_desk.draft(LEAFLET_DRAFT) is None


def test_a_leaflet_is_printed_on_the_roll_where_one_is_in_the_printer(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk
) -> None:
    on_stage.preferences.save(WindowPreferences(paper="roll_80"))
    look_again(on_stage, screen)
    screen.leaflet.print.click()
    rest(on_stage, screen)
    (leaflet,) = open_desk.papers("")
    assert size_of(open_desk.drawing(leaflet.number)) is PaperSize.ROLL_80


def test_an_empty_leaflet_is_refused_in_words(on_stage: Stage, screen: PaperScreen, open_desk: Desk) -> None:
    screen.leaflet.texts["leaflet.text"].setPlainText("")
    screen.leaflet.print.click()
    rest(on_stage, screen)
    assert on_stage.problems.codes == ("entries_refused",)
    assert list(open_desk.papers("")) == []


# The screen


def test_a_laptop_without_a_printer_says_so_and_keeps_the_paper(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(screen._printing, "_choose_printer", _no_printer)
    voucher_out(open_desk)
    look_again(on_stage, screen)
    count(on_stage, screen, voucher="1", slip="0", document="0")
    screen.day_end.sheet.click()
    rest(on_stage, screen)
    assert on_stage.problems.codes == ("no_printer",)
    assert [each.paper for each in screen.waiting.papers] == [PaperId.DAY_END_COUNT.value]


def _no_printer(*_asked: object) -> None:
    raise printing.no_printer()


def test_words_sizes_and_themes_change_live_and_everything_has_a_name(on_stage: Stage, screen: PaperScreen) -> None:
    for theme in Theme:
        on_stage.look.use(theme=theme, scale_percent=150)
        for code in ("en", "zh"):
            on_stage.ui.words.switch(code)
            rest(on_stage, screen)
    on_stage.ui.words.switch("en")
    rest(on_stage, screen)
    for doing in ("prepare", "enter", "spoil"):
        screen.blanks.doing.choose(doing)
        rest(on_stage, screen)
        stops = [
            each
            for each in screen.findChildren(QWidget)
            if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.focusProxy() is None
        ]
        names = [each.accessibleName() for each in stops]
        assert all(name and name.isascii() for name in names), names


@pytest.mark.parametrize("scale", [100, 125, 150])
def test_no_panel_is_squeezed_whatever_is_said_in_it(
    on_stage: Stage, screen: PaperScreen, open_desk: Desk, scale: int
) -> None:
    case_no = ready_case(open_desk)
    for _ in range(3):
        open_desk.give_slip(case_no)
    open_desk.conclude(case_no, CLINIC, (payee(),))
    look_again(on_stage, screen)
    for theme in (Theme.SUNLIGHT, Theme.LIGHT):
        on_stage.look.use(theme=theme, scale_percent=scale)
        for code in ("en", "zh", "en"):
            on_stage.ui.words.switch(code)
            rest(on_stage, screen)
            for panel in screen.findChildren(Panel):
                if panel.isVisible() and panel.hasHeightForWidth():
                    assert panel.height() >= panel.heightForWidth(panel.width()), panel.accessibleName()
            fields = [field.geometry() for field in screen.day_end.fields.values()]
            assert not any(one.intersects(other) for one, other in pairwise(fields))


def test_no_two_things_on_the_screen_have_the_same_name(on_stage: Stage, screen: PaperScreen) -> None:
    stops = [
        each
        for each in screen.findChildren(QWidget)
        if each.isVisible() and each.focusPolicy() & Qt.FocusPolicy.TabFocus and each.focusProxy() is None
    ]
    names = [each.accessibleName() for each in stops if type(each).__name__ != "_Typing"]
    assert len(names) == len(set(names)), names
