"""Each slip of an expert, and the cell that import names for it."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from openpyxl.utils.datetime import CALENDAR_MAC_1904
from openpyxl.workbook import Workbook

from rules.workbook import import_pack
from rules.workbook.sheet import Sheet
from tests.rules.workbook.books import edited, places, problems_of, told, told_of, with_cells

# The small pack's sheets: one entry a row from row 3 on.
SLIPS: list[tuple[str, dict[str, object], tuple[str, str]]] = [
    ("a minimum that is no number", {"要素!G8": "abc"}, ("要素!G8", "not_a_number")),
    ("half a fen", {"要素!H8": 0.005}, ("要素!H8", "too_fine_money")),
    ("a type that does not exist", {"要素!D5": "钱"}, ("要素!D5", "not_listed")),
    ("an id typed as a number", {"要素!A7": 7}, ("要素!A7", "not_text")),
    ("an id twice", {"要素!A8": "bill_number"}, ("要素!A8", "id_twice")),
    ("a name left out", {"要素!B7": None}, ("要素!B7", "empty")),
    ("a list flag that is neither", {"要素!J7": "也许"}, ("要素!J7", "not_yes_no")),
    ("a scale with a fraction", {"要素!I9": 1.5}, ("要素!I9", "not_whole")),
    ("a heading mistyped", {"要素!F1": "来原", "要素!F2": "Sorce"}, ("要素!F1", "unknown_column")),
    ("a heading gone", {"要素!F1": None, "要素!F2": None}, ("要素!F1", "no_heading")),
    ("a heading twice", {"要素!L1": "来源"}, ("要素!L1", "column_twice")),
    ("a date that is none", {"产品包!C6": "2020-02-30"}, ("产品包!C6", "not_a_date")),
    ("a line of the header gone", {"产品包!A5": None, "产品包!B5": None}, ("产品包!A5", "unknown_line")),
    ("a line of the header twice", {"产品包!A7": "生效日"}, ("产品包!A7", "line_twice")),
    ("a date basis without an element", {"产品包!C9": "effectif"}, ("产品包!C9", "unknown_element")),
    ("a rule without a formula", {"规则!G3": None}, ("规则!G3", "no_formula")),
    ("a table that is nowhere", {"规则!G3": "见表"}, ("规则!G3", "no_table")),
    ("a formula and a table", {"规则!G4": "1"}, ("表!B1", "table_and_formula")),
    ("a version without a day", {"规则!F6": None}, ("规则!F6", "version_without_day")),
    ("a version that says too much", {"规则!E6": "条款"}, ("规则!E6", "only_in_first_row")),
    ("a table's day without a version", {"规则!F8": "2024-02-01"}, ("规则!G8", "no_table")),
    ("half a waiver", {"规则!T3": None}, ("规则!T3", "half_filled")),
    ("a waiver by nobody", {"规则!R3": "waive_hospitl"}, ("规则!R3", "unknown_element")),
    ("a table of no rule", {"表!B1": "factr"}, ("表!B1", "unknown_rule")),
    ("a hit policy left out", {"表!B3": None}, ("表!B3", "empty")),
    ("a condition left empty", {"表!B9": None}, ("表!B9", "empty_test")),
    ("an interval with a dash", {"表!C10": "0.4-0.5"}, ("表!C10", "dashed_interval")),
    ("an interval with a dash and a unit", {"表!C10": "1,000 至 2,000 元"}, ("表!C10", "dashed_interval")),
    ("an outcome left empty", {"表!D10": None}, ("表!D10", "empty_cell")),
    ("something beside the table", {"表!F10": "见批注"}, ("表!F10", "beside_table")),
    ("neither input nor output", {"表!C6": "条件"}, ("表!C6", "input_or_output")),
    ("an input after an output", {"表!D6": "输入", "表!C6": "输出"}, ("表!D6", "input_after_output")),
    ("a line of the table unknown", {"表!A4": "汇总呢"}, ("表!A4", "unknown_line")),
    ("a line of the table gone", {"表!A7": "命中策略"}, ("表!A7", "line_twice")),
    ("a line alone", {"表!A60": "备忘"}, ("表!A60", "outside_table")),
    ("the same table twice", {"表!B26": "2020-01-01"}, ("表!B25", "table_twice")),
    ("a step of no rule", {"责任步骤!C4": "benefitt"}, ("责任步骤!C4", "unknown_rule")),
    ("a step of no liability", {"责任步骤!A4": "医疗"}, ("责任步骤!A4", "unknown_liability")),
    ("a role that does not exist", {"责任步骤!B4": "除外"}, ("责任步骤!B4", "not_listed")),
    ("a draw on no pool", {"责任限额!B3": "yera"}, ("责任限额!B3", "unknown_pool")),
    ("a carry without a value", {"责任联动!E3": None}, ("责任联动!E3", "empty")),
    ("a pool's element unknown", {"限额池!F3": "used_yaer"}, ("限额池!F3", "unknown_element")),
    ("a plan's liability unknown", {"方案!E3": "medical; dental"}, ("方案!E3", "unknown_liability")),
    ("a value of the wrong type", {"方案参数!E5": "九折"}, ("方案参数!E5", "not_a_number")),
    ("a value in percent that is money", {"方案参数!E6": "90%"}, ("方案参数!E6", "not_a_number")),
    ("a value of a parameter unknown", {"方案参数!A6": "limitt"}, ("方案参数!A6", "unknown_parameter")),
    ("a value of a plan unknown", {"方案参数!E2": "P-9"}, ("方案参数!E2", "unknown_plan")),
    ("a value for a liability elsewhere", {"方案!E3": "无"}, ("方案参数!E5", "liability_not_in_plan")),
    ("a value twice", {"方案参数!D4": "2020-01-01"}, ("方案参数!E4", "value_twice")),
    ("a value with and without a day", {"方案参数!D4": None}, ("方案参数!E4", "dated_and_not")),
    ("a list with a comma", {"方案参数!E7": "A1, B2"}, ("方案参数!E7", "comma_in_list")),
    ("an output of no plan", {"附加金额!A3": "P-2"}, ("附加金额!A3", "unknown_plan")),
    ("a case twice", {"用例!A4": "一 plain"}, ("用例!A4", "id_twice")),
    ("a bill number typed as a number", {"用例!O3": 123}, ("用例!O3", "not_text")),
    ("a fact of no element", {"用例!O2": "bill_numbr"}, ("用例!O2", "unknown_element")),
    ("a total that is no sum", {"用例!C3": "若干"}, ("用例!C3", "not_a_number")),
    ("sums without their ids", {"用例!D3": "810.45"}, ("用例!D3", "not_a_pair")),
]


@pytest.mark.parametrize(("cells", "expected"), [slip[1:] for slip in SLIPS], ids=[slip[0] for slip in SLIPS])
def test_a_slip_is_told_at_its_cell(sheets: list[Sheet], cells: dict[str, object], expected: tuple[str, str]) -> None:
    assert expected in places(told_of(sheets, cells))


def test_all_slips_are_told_at_once(sheets: list[Sheet]) -> None:
    cells: dict[str, object] = {
        "要素!G8": "abc",
        "规则!G3": None,
        "用例!C3": "若干",
        "方案参数!E5": "九折",
        "产品包!C6": "x",
    }
    assert {place for place, _ in places(told_of(sheets, cells))} == set(cells)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        ({"要素!D1": None, "要素!D2": None}, {("要素!D1", "no_heading"), ("要素", "missing_column")}),
        ({"规则!A1": "号", "规则!A2": "No."}, {("规则!A1", "unknown_column"), ("规则", "missing_column")}),
        ({"表!A3": "1"}, {("表!B1", "missing_line")}),
    ],
)
def test_a_heading_that_is_gone_is_told_once_not_in_every_row(
    sheets: list[Sheet], cells: dict[str, object], expected: set[tuple[str, str]]
) -> None:
    assert places(told_of(sheets, cells)) - {("表!B3", "empty_cell")} == expected


def test_a_slip_is_said_in_both_languages_with_what_was_found(book: bytes) -> None:
    (problem,) = problems_of(with_cells(book, {"要素!G8": "abc"}))
    assert str(problem) == (
        '要素!G8：“abc”不是数。请填数字，如 100,000.00 / Elements!G8: "abc" is no number; write one, such as 100,000.00'
    )


def test_an_interval_with_a_dash_is_told_with_the_interval_that_was_meant(sheets: list[Sheet]) -> None:
    for written in ("41-60", "41 – 60", "４１～６０", "41至60"):
        (problem,) = told_of(sheets, {"表!C10": written})
        assert "[41..60]" in problem.text.zh
        assert "write the interval as [41..60]" in problem.text.en


def test_signs_and_percentages_of_a_grid_are_taken_as_they_are_meant(sheets: list[Sheet]) -> None:
    meant = {"表!C10": "< 0.5", "表!C11": ">= 0.5", "表!D10": "0.5"}
    assert told_of(sheets, meant, load=True) == []
    for cells in (
        {"表!C10": "＜ 0.5", "表!C11": "≥0.5", "表!D10": "50%"},
        {"表!C10": "< 50%", "表!C11": "＞＝５０％", "表!D10": " 50.0 % "},
        {"表!C11": "≥ 0.5", "规则!G3": "kind = “住院” or bill_total ≥ 100.00 yuan"},
    ):
        assert told_of(sheets, cells, load=True) == []
    # And not just anything: without 0.5 itself the table has a gap.
    assert told_of(sheets, {"表!C11": "＞ 50%"}, load=True) != []


def test_a_percentage_is_the_same_pack_as_its_number(book: bytes) -> None:
    number = import_pack(with_cells(book, {"表!D10": 1.4}))
    assert import_pack(with_cells(book, {"表!D10": "140%"})) == number
    assert import_pack(with_cells(book, {"表!D10": "１４０％"})) == number


def test_a_near_miss_is_offered(sheets: list[Sheet]) -> None:
    (problem,) = told_of(sheets, {"责任步骤!C4": "benefitt"})
    assert "（是否指“benefit”？）" in problem.text.zh
    assert 'did you mean "benefit"?' in problem.text.en


SHEET_SLIPS: list[tuple[str, Callable[[Workbook], object], tuple[str, str]]] = [
    ("a sheet gone", lambda book: book.remove(book["限额池"]), ("文件", "missing_sheet")),
    ("a sheet too many", lambda book: book.create_sheet("草稿").append(["x"]), ("草稿", "unknown_sheet")),
    ("a sheet twice", lambda book: book.create_sheet("Elements").append(["编号"]), ("Elements", "sheet_twice")),
    ("a hidden sheet", lambda book: setattr(book["规则"], "sheet_state", "hidden"), ("规则", "hidden_sheet")),
    ("a hidden row", lambda book: setattr(book["规则"].row_dimensions[4], "hidden", True), ("规则!A4", "hidden_row")),
    ("a hidden column", lambda book: setattr(book["规则"].column_dimensions["E"], "hidden", True), ("规则!E1", "hidden_column")),
    ("merged cells", lambda book: book["要素"].merge_cells("B5:C5"), ("要素!B5", "merged")),
    ("a formula without a result", lambda book: book["要素"].__setitem__("H8", "=G8*2"), ("要素!H8", "formula_without_value")),
    ("an Excel error", lambda book: book["要素"].__setitem__("H8", "#REF!"), ("要素!H8", "error_value")),
]  # fmt: skip


@pytest.mark.parametrize(
    ("change", "expected"), [slip[1:] for slip in SHEET_SLIPS], ids=[slip[0] for slip in SHEET_SLIPS]
)
def test_a_slip_with_a_sheet_is_told(
    book: bytes, change: Callable[[Workbook], object], expected: tuple[str, str]
) -> None:
    found = told(edited(book, change))
    assert expected in found
    # A cell that was refused when the file was opened is not called empty too.
    assert len(found) == 1


def test_what_is_only_put_differently_is_taken(book: bytes) -> None:
    def change(opened: Workbook) -> None:
        opened.create_sheet("备注·待办").append(["随便写什么"])
        opened.create_sheet("空白")
        opened["规则"].move_range("H1:H11", cols=40)
        opened["要素"].move_range("D1:E14", cols=40)
        opened["参数"].insert_rows(4, amount=3)
        opened["要素"]["AR8"] = "money"
        opened["要素"]["H8"] = "１，０００，０００．００ 元"
        opened["方案参数"]["E5"] = "90%"
        opened["要素"].title = "Elements"

    assert problems_of(edited(book, change)) == []


def test_a_workbook_that_counts_its_days_from_1904_means_the_same_days(book: bytes) -> None:
    assert import_pack(edited(book, lambda opened: setattr(opened, "epoch", CALENDAR_MAC_1904))) == import_pack(book)
