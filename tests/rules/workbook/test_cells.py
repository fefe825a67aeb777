"""What a person types into a cell, and what it means to the pack."""

from __future__ import annotations

from datetime import date, datetime, time
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from rules.engine.document import ValueType
from rules.engine.model import Unit
from rules.engine.values import decimal_text
from rules.workbook.codecs import (
    Bound,
    Code,
    Codec,
    Content,
    Day,
    Many,
    Name,
    Scalar,
    Text,
    Whole,
    WholeText,
    YesNo,
    read,
    written,
)
from rules.workbook.list_codecs import Names, Sums
from rules.workbook.problems import Wrong
from rules.workbook.texts import tidy_code


def _moment(*parts: int) -> datetime:
    return datetime(*parts)  # type: ignore[arg-type]  # noqa: DTZ001 - a cell has no time zone


MONEY = Scalar(ValueType.MONEY)
RATIO = Scalar(ValueType.NUMBER, Unit.RATIO)
COUNT = Scalar(ValueType.NUMBER, Unit.COUNT, 2)
TEXT = Scalar(ValueType.TEXT)


@pytest.mark.parametrize(
    ("codec", "typed", "means"),
    [
        (MONEY, 100000, 10_000_000),
        (MONEY, 0.1, 10),
        # Excel stores a typed 0.29 as the shortest digits of its binary neighbour.
        (MONEY, float("0.28999999999999998"), 29),
        (MONEY, 1332.04, 133_204),
        (MONEY, "100,000.00", 10_000_000),
        (MONEY, "１００，０００．００", 10_000_000),
        (MONEY, " ¥ 1,234.5 元 ", 123_450),
        (MONEY, "-0.01", -1),
        (RATIO, "90%", "0.9"),
        (RATIO, "12.5 ％", "0.125"),
        (RATIO, 0.9, "0.9"),
        (COUNT, 1.50, "1.5"),
        (COUNT, "1.50", "1.5"),
        (COUNT, "-0", "0"),
        (Scalar(ValueType.DATE), "2024年1月31日", "2024-01-31"),
        (Scalar(ValueType.DATE), _moment(2024, 1, 31), "2024-01-31"),
        (Scalar(ValueType.BOOL), "是", True),
        (Scalar(ValueType.BOOL), False, False),
        (Day(), "2024/1/31", date(2024, 1, 31)),
        (Day(), _moment(2024, 2, 29), date(2024, 2, 29)),
        (Whole(), 12.0, 12),
        (WholeText(), 1, "1"),
        (WholeText(), "1", "1"),
        (YesNo(), "No", False),
        (Name(), "　ｄｅｄｕｃｔｉｂｌｅ＿１　", "deductible_1"),
        (Names(), "a; b\nc，d、e", ("a", "b", "c", "d", "e")),
        (Names(), "无", ()),
        (Many(RATIO), "1; 90%、0.8", ("1", "0.9", "0.8")),
        (Many(RATIO), 0.5, ("0.5",)),
        (Many(MONEY), "1,000.00; 5,000", (100_000, 500_000)),
        (Many(TEXT), '"a,b"; c', ("a,b", "c")),
        (Many(TEXT), '无', ()),
        (Many(TEXT), '"无"', ("无",)),
        (Sums(), "refund = 6,120.00\ncash=1", {"refund": 612_000, "cash": 100}),
        (Sums(frozenset({"day"})), "day = 3", {"day": 3}),
        (Code(), 40, "40"),
        (Code(), 0.9, "0.9"),
        (Code(), True, "true"),
        (Code(), _moment(2024, 1, 31), 'date("2024-01-31")'),
        (Code(), "（age ＞＝ １８）　and kind ＝ “住院，急诊”", '(age >= 18) and kind = "住院，急诊"'),
        (Bound(MONEY), 1000, "100000"),
        (Bound(TEXT), 40, "40"),
        (Bound(Scalar(ValueType.BOOL)), "否", "false"),
        (Text(), "  a\r\nb ", "a\nb"),
        (Text(), r'\" a"', " a"),
    ],
)  # fmt: skip
def test_what_is_typed_is_what_is_meant(codec: Codec, typed: object, means: object) -> None:
    found = read(codec, Content(typed))  # type: ignore[arg-type]  # as openpyxl gives it
    assert found == means
    assert type(found) is type(means)


@pytest.mark.parametrize(
    ("codec", "typed", "code"),
    [
        (MONEY, "abc", "not_a_number"),
        (MONEY, True, "not_a_number"),
        (MONEY, 0.001, "too_fine_money"),
        (MONEY, "1.005", "too_fine_money"),
        (MONEY, "1,00.00", "not_a_number"),
        (MONEY, "90%", "not_a_number"),
        (MONEY, "1e5", "not_a_number"),
        (MONEY, 0.1 + 0.2, "too_many_digits"),
        (MONEY, 12345678901234567.0, "too_many_digits"),
        (MONEY, float("inf"), "not_a_number"),
        (COUNT, 0.125, "too_fine"),
        (COUNT, "90%", "not_a_number"),
        (TEXT, 123, "not_text"),
        (TEXT, _moment(2024, 1, 31), "not_text"),
        (Name(), 7, "not_text"),
        (Day(), "2024-02-30", "not_a_date"),
        (Day(), _moment(2024, 1, 31, 8, 30), "not_a_date"),
        (Day(), time(8), "not_a_date"),
        (Day(), 45322, "not_a_date"),
        (Day(), "31.1.2024", "not_a_date"),
        (Whole(), 1.5, "not_whole"),
        (YesNo(), "maybe", "not_yes_no"),
        (YesNo(), 1, "not_yes_no"),
        (Names(), "a;;b", "empty_item"),
        (Names(), '"a" b', "bad_list"),
        (Many(TEXT), "a, b", "comma_in_list"),
        (Sums(), "refund 6,120.00", "not_a_pair"),
        (Sums(), "a = 1; a = 2", "twice_in_list"),
        (Sums(frozenset({"day"})), "day = 1.5", "not_whole"),
        (Text(), r"\nonsense", "bad_escape"),
        (Text(), r"\12", "bad_escape"),
        (Scalar(ValueType.MONEY), r"\1.5", "bad_escape"),
        (Day(), r'\"2024-01-31"', "no_escape_here"),
    ],
)
def test_what_cannot_be_meant_is_refused(codec: Codec, typed: object, code: str) -> None:
    with pytest.raises(Wrong) as refused:
        read(codec, Content(typed))  # type: ignore[arg-type]  # as openpyxl gives it
    assert refused.value.code == code


def test_a_percent_format_is_for_ratios_only() -> None:
    assert read(RATIO, Content(0.9, "0%")) == "0.9"
    for codec in (MONEY, COUNT):
        with pytest.raises(Wrong, match="no_percent_here"):
            read(codec, Content(0.9, "0.00%"))


@given(st.integers(-(10**13), 10**13))
def test_every_fen_survives_a_float_cell(fen: int) -> None:
    cell = written(MONEY, fen)
    assert isinstance(cell.value, int | float)
    assert cell.format == "#,##0.00"
    # As a file keeps it: 17 digits, then back to the nearest float.
    assert read(MONEY, Content(float(f"{cell.value:.17g}"))) == fen


@given(st.integers(-(10**15) + 1, 10**15 - 1), st.integers(0, 12))
def test_every_number_of_fifteen_digits_survives_a_float_cell(digits: int, scale: int) -> None:
    number = Decimal(digits).scaleb(-scale)
    assert read(RATIO, Content(float(number))) == decimal_text(number)


@given(st.text(max_size=30))
def test_tidying_a_formula_twice_changes_nothing_more(text: str) -> None:
    assert tidy_code(tidy_code(text)) == tidy_code(text)


def test_quoted_texts_of_a_formula_stay_as_they_are() -> None:
    assert tidy_code('kind = "（全角）“引”"') == 'kind = "（全角）“引”"'
    assert tidy_code('kind = "a\\"（" and x＞1') == 'kind = "a\\"（" and x>1'


def test_what_no_cell_can_hold_is_refused_not_cut() -> None:
    with pytest.raises(Wrong, match="too_long"):
        written(Text(), "字" * 40_000)
