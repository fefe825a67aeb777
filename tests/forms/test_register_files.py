"""Registers as files, read back with other programs' eyes: every cell has its kind, and no text ever becomes a formula."""

from __future__ import annotations

import csv
import io
import re
import zipfile
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook
from openpyxl.worksheet.worksheet import Worksheet

from claims.errors import Bilingual
from claims.form_fields import Choice, FieldKind, FieldSpec
from claims.papers import Language
from claims.register_columns import REGISTER_COLUMNS, REGISTER_NAMES, RegisterKind
from claims.registers import Cell, Register, RegisterFormat
from forms.register_files import RegisterWriter
from forms.register_workbook import MOST_CHARACTERS

COLUMNS = (
    FieldSpec(key="text", kind=FieldKind.TEXT, label=Bilingual("事由", "Reason")),
    FieldSpec(key="money", kind=FieldKind.AMOUNT, label=Bilingual("金额（元）", "Sum (yuan)")),
    FieldSpec(key="day", kind=FieldKind.DATE, label=Bilingual("日期", "Day")),
    FieldSpec(key="at", kind=FieldKind.INSTANT, label=Bilingual("时间", "Time")),
    FieldSpec(key="count", kind=FieldKind.NUMBER, label=Bilingual("张数", "Count")),
    FieldSpec(key="yes", kind=FieldKind.YES_NO, label=Bilingual("相符", "Agrees")),
    FieldSpec(
        key="state",
        kind=FieldKind.CHOICE,
        label=Bilingual("状态", "State"),
        choices=(Choice("voided", Bilingual("已作废", "voided")),),
    ),
)
FULL: tuple[Cell, ...] = (
    Bilingual("打印机卡纸，第一联撕破", "paper jam"),
    64_882_450,
    "2024-02-29",
    "2026-11-21T16:05:59+00:00",
    7,
    False,
    "voided",
)
NOTHING: tuple[Cell, ...] = (None,) * len(COLUMNS)
DANGEROUS = (
    "=1+1",
    '=HYPERLINK("https://example.invalid","x")',
    "+86 138",
    "-5",
    "@SUM(A1)",
    "\t=1+1",
    "\r=1+1",
    "\n=1+1",
    "  =1+1",
    "\u3000=1+1",
    "\ufeff=1+1",
    "＝1+1",
    "－1",
    "＋1",
    "＠x",
    "'=1",
    "#N/A",
    "#DIV/0!",
)
TEXTS = (
    "覃建国",
    "陈㛃",
    "𠅤𬭊",
    "a,b",
    '他说"好"',
    "第一行\n第二行",
    "00012345",
    "1e9",
    "2026-11-22",
    "_x0041_",
    "TRUE",
    " 空格 ",
    "",
)


def make(*rows: tuple[Cell, ...]) -> Register:
    return Register(
        kind=RegisterKind.VOIDED,
        name=REGISTER_NAMES[RegisterKind.VOIDED],
        first=date(2026, 11, 1),
        last=date(2026, 11, 22),
        station="QX07",
        device="D3",
        made_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
        columns=COLUMNS,
        rows=rows,
    )


def texts(*values: str) -> Register:
    return make(*((value, *NOTHING[1:]) for value in values))


def excel(register: Register, language: Language = Language.ZH) -> Workbook:
    return load_workbook(io.BytesIO(RegisterWriter().write(register, RegisterFormat.EXCEL, language)))


def read_as_excel(held: object) -> str:
    """A text as ECMA-376 part 1 §22.9.2.19 reads it; openpyxl leaves these escapes alone."""
    return re.sub(r"_x([0-9A-Fa-f]{4})_", lambda found: chr(int(found[1], 16)), str(held))


def first_sheet(book: Workbook) -> Worksheet:
    sheet = book.worksheets[0]
    assert isinstance(sheet, Worksheet)
    return sheet


def lines(register: Register, language: Language = Language.ZH) -> list[list[str]]:
    raw = RegisterWriter().write(register, RegisterFormat.CSV, language)
    return list(csv.reader(io.StringIO(raw.decode("utf-8-sig"), newline=""), strict=True))


# The workbook


def test_every_cell_of_a_workbook_has_its_kind() -> None:
    sheet = first_sheet(excel(make(FULL)))
    head, row = list(sheet.iter_rows())
    assert [cell.value for cell in head] == ["事由", "金额（元）", "日期", "时间（北京时间）", "张数", "相符", "状态"]
    assert [cell.value for cell in row] == [
        "打印机卡纸，第一联撕破",
        648_824.5,
        datetime(2024, 2, 29, 0, 0),  # noqa: DTZ001 - what a workbook holds has no zone
        datetime(2026, 11, 22, 0, 5),  # noqa: DTZ001 - as above
        7,
        "否",
        "已作废",
    ]
    assert [cell.data_type for cell in row] == ["s", "n", "d", "d", "n", "s", "s"]
    assert [cell.number_format for cell in row[1:5]] == ["#,##0.00", "yyyy-mm-dd", "yyyy-mm-dd hh:mm", "0"]


def test_the_head_stays_in_sight_and_columns_are_as_wide_as_their_words() -> None:
    sheet = first_sheet(excel(make(FULL)))
    assert sheet.freeze_panes == "A2"
    assert sheet.print_title_rows in ("1:1", "$1:$1")
    widths = [sheet.column_dimensions[letter].width for letter in "ABCDEFG"]
    assert widths[0] >= 2 * len("打印机卡纸，第一联撕破")
    assert widths[1] >= len("648,824.50")
    assert all(8 <= width <= 48 for width in widths)


def test_what_was_never_recorded_is_an_empty_cell_and_not_a_zero() -> None:
    sheet = first_sheet(excel(make(NOTHING, FULL)))
    assert [cell.value for cell in list(sheet.iter_rows())[1]] == [None] * len(COLUMNS)
    assert lines(make(NOTHING))[1] == [""] * len(COLUMNS)


def test_the_second_sheet_says_whose_register_it_is() -> None:
    about = excel(make(FULL, NOTHING)).worksheets[1]
    said = {row[0].value: row[1].value for row in about.iter_rows()}
    assert said["服务站"] == "QX07"
    assert said["起日"] == "2026-11-01"
    assert said["止日"] == "2026-11-22"
    assert said["导出时间（北京）"] == "2026-11-22 12:00"
    assert said["行数"] == 2


def test_sums_keep_every_fen() -> None:
    fens = (0, 1, 99, 100, 123_456_789_012_34, -1)
    raw = RegisterWriter().write(make(*((None, fen, *NOTHING[2:]) for fen in fens)), RegisterFormat.EXCEL, Language.ZH)
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        xml = parts.read("xl/worksheets/sheet1.xml").decode()
    held = [Decimal(text) for text in re.findall(r'<c r="B[2-9]"[^>]*><v>([^<]+)</v>', xml)]
    assert held == [Decimal(fen) / 100 for fen in fens]
    assert [row[1] for row in lines(make(*((None, fen, *NOTHING[2:]) for fen in fens)))[1:]] == [
        "0.00",
        "0.01",
        "0.99",
        "1.00",
        "123456789012.34",
        "-0.01",
    ]


@pytest.mark.parametrize("text", DANGEROUS + TEXTS)
def test_a_text_is_a_string_cell_whatever_it_begins_with(text: str) -> None:
    sheet = first_sheet(excel(texts(text)))
    cell = sheet["A2"]
    assert read_as_excel(cell.value or "") == text
    if text:
        assert cell.data_type == "s"
        assert cell.quotePrefix


def test_no_formula_is_anywhere_in_the_file() -> None:
    raw = RegisterWriter().write(texts(*DANGEROUS), RegisterFormat.EXCEL, Language.ZH)
    with zipfile.ZipFile(io.BytesIO(raw)) as parts:
        sheets = [parts.read(name).decode() for name in parts.namelist() if name.startswith("xl/worksheets/")]
    assert sheets
    assert not any("<f>" in each or "<f " in each for each in sheets)


def test_what_a_workbook_cannot_hold_is_named_in_its_place() -> None:
    sheet = first_sheet(excel(texts("铃\x07响", "x" * (MOST_CHARACTERS + 5))))
    assert sheet["A2"].value == "铃U+0007响"
    long = sheet["A3"].value
    assert isinstance(long, str)
    assert len(long) == MOST_CHARACTERS
    assert f"共 {MOST_CHARACTERS + 5} 字" in long


# The text file


def test_a_text_file_is_what_office_programs_and_rfc_4180_expect() -> None:
    raw = RegisterWriter().write(make(FULL, FULL), RegisterFormat.CSV, Language.ZH)
    assert raw.startswith(b"\xef\xbb\xbf")
    assert raw.count(b"\r\n") == 3
    assert raw.replace(b"\r\n", b"").count(b"\n") == 0
    assert lines(make(FULL))[1] == [
        "打印机卡纸，第一联撕破",
        "648824.50",
        "2024-02-29",
        "2026-11-22 00:05",
        "7",
        "否",
        "已作废",
    ]


@pytest.mark.parametrize("text", DANGEROUS)
def test_a_dangerous_text_is_guarded_and_one_apostrophe_away_from_itself(text: str) -> None:
    (written,) = [row[0] for row in lines(texts(text))[1:]]
    if text.startswith("#"):
        assert written == text
    else:
        assert written == f"'{text}"


@pytest.mark.parametrize("text", TEXTS)
def test_an_ordinary_text_comes_back_as_it_is(text: str) -> None:
    assert [row[0] for row in lines(texts(text))[1:]] == [text]


def test_a_debt_is_a_number_and_is_not_guarded() -> None:
    assert lines(make((None, -500, *NOTHING[2:])))[1][1] == "-5.00"


# Both


def test_titles_choices_and_yes_are_said_in_the_language_asked_for() -> None:
    assert lines(make(FULL), Language.EN) == [
        ["Reason", "Sum (yuan)", "Day", "Time (Beijing time)", "Count", "Agrees", "State"],
        ["paper jam", "648824.50", "2024-02-29", "2026-11-22 00:05", "7", "no", "voided"],
    ]
    book = excel(make(FULL), Language.EN)
    assert book.sheetnames == ["Register of voided papers", "About"]
    assert first_sheet(book)["G2"].value == "voided"


def test_a_value_that_no_choice_knows_is_shown_as_it_is() -> None:
    assert lines(make((*NOTHING[:-1], "lost")))[1][-1] == "lost"


@pytest.mark.parametrize("kind", RegisterKind)
@pytest.mark.parametrize("language", Language)
def test_every_register_can_be_written_and_its_columns_are_told_apart(kind: RegisterKind, language: Language) -> None:
    columns = REGISTER_COLUMNS[kind]
    empty = Register(
        kind=kind,
        name=REGISTER_NAMES[kind],
        first=date(2026, 11, 1),
        last=date(2026, 11, 1),
        station="QX07",
        device="D3",
        made_at=datetime(2026, 11, 22, 4, 0, tzinfo=UTC),
        columns=columns,
        rows=(),
    )
    (head,) = lines(empty, language)
    assert len(set(head)) == len({each.key for each in columns}) == len(columns)
    assert [cell.value for cell in next(iter(first_sheet(excel(empty, language)).iter_rows()))] == head


@given(st.lists(st.text(max_size=40), max_size=4))
@settings(max_examples=60, deadline=None)
def test_any_text_comes_back_and_never_as_a_formula(values: list[str]) -> None:
    register = texts(*values)
    sheet = first_sheet(excel(register))
    for number, value in enumerate(values, 2):
        cell = sheet[f"A{number}"]
        if value:
            assert cell.data_type == "s"
    for (written, *_), value in zip(lines(register)[1:], values, strict=True):
        assert written in (value, f"'{value}")
        assert not written.lstrip(" \u3000").startswith(("=", "+", "-", "@"))
