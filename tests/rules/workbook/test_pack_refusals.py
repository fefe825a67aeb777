"""What the engine refuses about a workbook's pack is told at the cell that it came from, and not only the first of it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from rules.checking.pack_messages import said
from rules.engine.model import PackError
from rules.workbook.sheet import Sheet
from tests.rules.workbook.books import places, problems_of, told_of, with_cells

RULES = Path(__file__).parents[3] / "rules"

REFUSALS: list[tuple[str, dict[str, object], tuple[str, str]]] = [
    ("a name in a formula", {"规则!G3": "bill_totl > 100.00 yuan"}, ("规则!G3", "bad_expression")),
    ("money against a number", {"规则!G3": "bill_total > 100"}, ("规则!G3", "bad_expression")),
    ("a formula that stops", {"规则!G3": "bill_total >"}, ("规则!G3", "bad_expression")),
    ("a version's formula", {"规则!G6": "bill_total >"}, ("规则!G6", "bad_expression")),
    ("a condition of a table", {"表!B10": '"急诊"'}, ("表!B10", "bad_expression")),
    ("a condition that cannot be read", {"表!C10": "<> 5"}, ("表!C10", "bad_expression")),
    ("an input of a table", {"表!B7": "kidn"}, ("表!B7", "bad_expression")),
    ("a version's table", {"表!D22": "aa"}, ("表!D22", "bad_expression")),
    ("rows that overlap", {"表!C10": "<= 0.5"}, ("表!B10", "bad_expression")),
    ("a sentence's name", {"规则!L3": "扣除 {deductibel}"}, ("规则!L3", "unknown_name")),
    ("a sentence's brace", {"规则!L3": "扣除 {"}, ("规则!L3", "bad_sentence")),
    ("a kind that does not fit the type", {"规则!D7": "条件"}, ("规则!H7", "wrong_type")),
    ("shows nothing", {"规则!P9": "deductibel"}, ("规则!P9", "unknown_name")),
    ("a pool's limit", {"限额池!G3": "limitt"}, ("限额池!G3", "bad_expression")),
    ("a pool's limit of another type", {"限额池!G3": "3"}, ("限额池!G3", "bad_expression")),
    ("a draw's amount", {"责任限额!C3": "pad"}, ("责任限额!C3", "bad_expression")),
    ("a carry's value", {"责任联动!E3": "pad"}, ("责任联动!E3", "bad_expression")),
    ("a loss key without evidence", {"责任!G3": "bill"}, ("责任!G3", "bad_structure")),
    ("nobody claims it", {"责任!E3": "无"}, ("责任!E3", "bad_structure")),
    ("at most", {"责任!K3": "bil_total"}, ("责任!K3", "bad_expression")),
    ("a date element that is no date", {"责任!F3": "bill_total"}, ("责任!F3", "unknown_name")),
    ("an exclusion that neither stops nor refers", {"责任步骤!B4": "责任免除"}, ("责任步骤!C4", "bad_structure")),
    ("two roundings", {"责任步骤!C5": "to_fen"}, ("责任!A3", "bad_rounding")),
    ("a parameter without a value", {"方案参数!E6": None}, ("方案!A3", "missing_parameter")),
    ("a negative parameter", {"方案参数!E6": -1}, ("方案参数!E6", "wrong_type")),
    ("an output's formula", {"附加金额!E3": "bill_total -"}, ("附加金额!E3", "bad_expression")),
    ("bounds the wrong way round", {"要素!G8": 2_000_000}, ("要素!G8", "unbounded")),
    ("a number without a scale", {"要素!I9": None}, ("要素!I9", "unbounded")),
    ("an id with a capital", {"要素!A14": "Used_days", "限额池!F4": "Used_days", "用例!V2": "Used_days"}, ("要素!A14", "bad_name")),
    ("an id of two layers", {"参数!A6": "kind", "方案参数!A7": "kind"}, ("参数!A6", "twice")),
    ("an engine to come", {"产品包!C3": 99}, ("产品包!C3", "engine_too_old")),
    ("a validity that ends before it begins", {"产品包!C7": "2019-01-01"}, ("产品包!C7", "bad_dates")),
    ("versions out of order", {"规则!F6": "2019-01-01"}, ("规则!F5", "bad_dates")),
    ("a basis without an element", {"规则!K5": "报案日"}, ("规则!K5", "no_date_basis")),
    ("a character nobody sees in a name", {"要素!B8": "账单\u200b总额"}, ("要素!B8", "unseen_character")),
    ("a name of nothing that is seen", {"规则!B3": "\u200b"}, ("规则!B3", "unseen_character")),
    ("a turned reading direction", {"规则!L3": "不\u202e符合"}, ("规则!L3", "unseen_character")),
    ("a line end in a clause", {"规则!E3": "第一行\n第二行"}, ("规则!E3", "unseen_character")),
    ("a line end in a waiver's reason", {"规则!T3": "豁\n免"}, ("规则!T3", "unseen_character")),
    ("a character nobody sees in an output's name", {"附加金额!C3": "自\u2060付"}, ("附加金额!C3", "unseen_character")),
    ("a character nobody sees in a benefit's clause", {"责任!D3": "\ufeff医疗"}, ("责任!D3", "unseen_character")),
    ("an override that is no gate's", {"规则!V9": "emergency", "规则!W9": "急", "规则!X9": "e"}, ("规则!V9", "bad_structure")),
]  # fmt: skip


@pytest.mark.parametrize(("cells", "expected"), [each[1:] for each in REFUSALS], ids=[each[0] for each in REFUSALS])
def test_a_refusal_is_told_at_its_cell(
    sheets: list[Sheet], cells: dict[str, object], expected: tuple[str, str]
) -> None:
    assert expected in places(told_of(sheets, cells, load=True))


def test_several_refusals_are_told_at_once(sheets: list[Sheet]) -> None:
    cells: dict[str, object] = {
        "规则!G3": "bill_totl > 100.00 yuan",
        "规则!G6": "5 +",
        "规则!G9": "amount *",
        "表!C10": "<> 5",
        "限额池!G3": "limitt",
        "附加金额!E3": "bill_total -",
        "方案参数!E6": -1,
    }
    assert {place for place, _ in places(told_of(sheets, cells, load=True))} == set(cells)


def test_all_texts_with_something_unseen_are_told_with_what_else_is_wrong(sheets: list[Sheet]) -> None:
    cells: dict[str, object] = {
        "要素!C8": "bill\u200btotal",
        "规则!L3": "不\u202e符合",
        "方案!B3": "方\xad案",
        "附加金额!D3": "patient\u200bpays",
        "规则!G9": "amount *",
    }
    problems = told_of(sheets, cells, load=True)
    assert {place for place, _ in places(problems)} == set(cells)
    assert "U+202E" in next(problem.text.zh for problem in problems if problem.place.cell == "L3")


def test_rules_are_judged_although_plans_and_cases_have_to_be_mended_first(sheets: list[Sheet]) -> None:
    slips: dict[str, object] = {
        "方案参数!E5": "九折",
        "用例!C3": "若干",
        "责任步骤!C4": "benefitt",
        "附加金额!A3": "P-2",
    }
    refusals: dict[str, object] = {"规则!G3": "bill_totl > 100.00 yuan", "表!C10": "<> 5", "限额池!G3": "limitt"}
    found = {place for place, _ in places(told_of(sheets, {**slips, **refusals}, load=True))}
    assert found == {*slips, *refusals}


def test_a_refusal_is_said_in_chinese_and_english(book: bytes) -> None:
    (problem,) = problems_of(with_cells(book, {"规则!G3": "bill_total > 100"}), load=True)
    assert str(problem) == (
        "规则!G3：“bill_total > 100”的类型不对：金额 > 数，应为 金额，才能与金额比较（写作 100.00 yuan）（第 1 行第 1 字） / "
        'Rules!G3: "bill_total > 100" has the wrong type: money > number; '
        "expected money to compare with money (a literal is written `100.00 yuan`) (line 1, character 1)"
    )


RANGES = {
    "a ratio": ({"方案参数!E5": "-90%"}, "参数“ratio”是比例，不能是 -90%", "cannot be -90%"),
    "a sum": ({"方案参数!E6": -1}, "金额最多 10,000,000,000.00 元", "money at most 10,000,000,000.00 yuan"),
}


@pytest.mark.parametrize(("cells", "zh", "en"), RANGES.values(), ids=RANGES)
def test_a_value_out_of_range_is_told_as_what_it_is(
    sheets: list[Sheet], cells: dict[str, object], zh: str, en: str
) -> None:
    (problem,) = told_of(sheets, cells, load=True)
    assert zh in problem.text.zh
    assert en in problem.text.en


WHOLE: dict[str, tuple[dict[str, object], str]] = {
    "money on both sides": ({"规则!G9": "bill_total * bill_total"}, ""),
    "a validity that ends before it begins": (
        {"产品包!C7": "2019-01-01"},
        "日期的先后不对：从 2020-01-01 到 2019-01-01，终止日早于起始日",
    ),
    "dates the wrong way round": ({"要素!G5": "2300-01-01"}, "最小值 2300-01-01 大于最大值 2200-12-31"),
    "sums the wrong way round": ({"要素!G8": 2_000_000}, "最小值 2,000,000.00 元大于最大值 1,000,000.00 元"),
    "a name in a cell of a complete table": ({"表!C10": "< factor_of"}, ""),
    "a sign that is none": ({"规则!G3": "bill_total > 100.00 yuan ~ 3"}, "字母、数字或本语言的运算符"),
}


@pytest.mark.parametrize(("cells", "zh"), WHOLE.values(), ids=WHOLE)
def test_the_chinese_of_a_refusal_is_whole(sheets: list[Sheet], cells: dict[str, object], zh: str) -> None:
    problems = told_of(sheets, cells, load=True)
    assert problems
    for problem in problems:
        assert zh in problem.text.zh
        # No two English words in a row; a literal such as 100.00 yuan is the language's.
        assert not re.search(r"[a-z]{2,} [a-z]{2,}", problem.text.zh), problem.text.zh


def _codes(error: str) -> set[str]:
    """Return the codes that are raised with an error, as the source spells them."""
    found = set()
    for file in sorted(RULES.rglob("*.py")):
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == error:
                first = node.args[0] if node.args else None
                if isinstance(first, ast.Constant) and isinstance(first.value, str):
                    found.add(first.value)
    return found


def test_every_code_of_a_refusal_has_its_sentences() -> None:
    values = dict.fromkeys(
        (
            "part",
            "found",
            "expected",
            "most",
            "needed",
            "engine",
            "detail",
            "name",
            "path",
            "plan",
            "text",
            "example",
            "function",
        ),
        "x",
    )
    codes = _codes("PackError") - {"bad_expression"}
    assert len(codes) > 15
    for code in codes:
        assert "the pack is refused" not in said(PackError(code, **values)).en, code
    for why in _codes("LanguageError") | {"gap", "overlap", "wrong_arguments", "unrounded_division", "unknown_name"}:
        error = PackError("bad_expression", why=why, expression="x", line="1", column="1", **values)
        assert "the pack is refused" not in said(error).en, why
