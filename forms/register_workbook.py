"""A register as an Excel workbook: typed cells under a frozen head on the first sheet, what it is on the second.

Promise: a text is a string cell whatever it begins with and stays one when it is edited; money is a number with two decimals, a day and an instant
are dates. What a workbook can't hold is named in its place, never dropped.

Source: ECMA-376 part 1 §18.3.1.4, §18.8.45 (quotePrefix), §22.9.2.19 (ST_Xstring); docs/adr/0141.
"""

from __future__ import annotations

import io
import re
import unicodedata

from openpyxl import Workbook
from openpyxl.cell.cell import Cell as SheetCell
from openpyxl.styles import Alignment, Font
from openpyxl.utils import get_column_letter
from openpyxl.worksheet.worksheet import Worksheet

from claims.errors import Bilingual
from claims.form_fields import FieldKind, FieldSpec
from claims.papers import Language
from claims.registers import Cell, Register
from claims.trusted_time import beijing_text
from forms.register_files import cell_words, column_title, plain_value, said_in, typed_value

FORMATS = {
    FieldKind.AMOUNT: "#,##0.00",
    FieldKind.NUMBER: "0",
    FieldKind.DATE: "yyyy-mm-dd",
    FieldKind.INSTANT: "yyyy-mm-dd hh:mm",
}
MOST_CHARACTERS = 32_767
"""An Excel cell holds no more."""
_NO_XML = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_LEAST_WIDTH, _MOST_WIDTH = 8, 48
_ABOUT = Bilingual("说明", "About")
_A4 = 9


def register_workbook(register: Register, language: Language) -> bytes:
    """Return a register as an Excel workbook: the rows on the first sheet, what it is on the second."""
    book = Workbook()
    sheet = book.active
    if not isinstance(sheet, Worksheet):
        raise TypeError("a new workbook begins with a sheet")
    sheet.title = _sheet_name(said_in(register.name, language))
    _fill_rows(sheet, register, language)
    _fill_about(book.create_sheet(said_in(_ABOUT, language)), register, language)
    book.properties.title = f"{said_in(register.name, language)} {register.first} – {register.last}"
    book.properties.creator = f"{register.station} {register.device}"
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def _fill_rows(sheet: Worksheet, register: Register, language: Language) -> None:
    widths = []
    for place, column in enumerate(register.columns, 1):
        title = column_title(column, language)
        head = _put_text(sheet, 1, place, title)
        head.font = Font(bold=True)
        head.alignment = Alignment(wrap_text=True, vertical="center")
        widths.append(_width(title))
    for number, row in enumerate(register.rows, 2):
        for place, (column, cell) in enumerate(zip(register.columns, row, strict=True), 1):
            shown = _put(sheet, (number, place), column, cell, language)
            widths[place - 1] = max(widths[place - 1], shown)
    for place, width in enumerate(widths, 1):
        sheet.column_dimensions[get_column_letter(place)].width = min(_MOST_WIDTH, max(_LEAST_WIDTH, width + 2))
    sheet.freeze_panes = "A2"
    sheet.auto_filter.ref = f"A1:{get_column_letter(len(register.columns))}{len(register.rows) + 1}"
    sheet.print_title_rows = "1:1"
    sheet.page_setup.orientation = "landscape"
    sheet.page_setup.paperSize = _A4
    sheet.page_setup.fitToWidth, sheet.page_setup.fitToHeight = 1, 0
    if sheet.sheet_properties.pageSetUpPr is not None:
        sheet.sheet_properties.pageSetUpPr.fitToPage = True


def _fill_about(sheet: Worksheet, register: Register, language: Language) -> None:
    lines: tuple[tuple[Bilingual, str | int], ...] = (
        (Bilingual("登记簿", "Register"), said_in(register.name, language)),
        (Bilingual("服务站", "Station"), register.station),
        (Bilingual("设备", "Device"), register.device),
        (Bilingual("起日", "First day"), register.first.isoformat()),
        (Bilingual("止日", "Last day"), register.last.isoformat()),
        (Bilingual("导出时间（北京）", "Saved at (Beijing)"), beijing_text(register.made_at)),
        (Bilingual("行数", "Rows"), len(register.rows)),
    )
    for number, (name, value) in enumerate(lines, 1):
        _put_text(sheet, number, 1, said_in(name, language))
        if isinstance(value, str):
            _put_text(sheet, number, 2, value)
        else:
            cell = sheet.cell(number, 2, value)
            cell.number_format = FORMATS[FieldKind.NUMBER]
    for letter, wide in (("A", 24), ("B", 40)):
        sheet.column_dimensions[letter].width = wide


def _put(sheet: Worksheet, where: tuple[int, int], column: FieldSpec, value: Cell, language: Language) -> int:
    """Write a cell; return how wide its words are."""
    typed = typed_value(column, value)
    if typed is None:
        text = cell_words(column, value, language)
        if text:
            _put_text(sheet, *where, text)
        return _width(text)
    cell = sheet.cell(*where, typed)
    cell.number_format = FORMATS[column.kind]
    # Separators of thousands are drawn, not held.
    return _width(plain_value(typed)) + (3 if column.kind is FieldKind.AMOUNT else 0)


def _put_text(sheet: Worksheet, row: int, place: int, text: str) -> SheetCell:
    cell = sheet.cell(row, place)
    if not isinstance(cell, SheetCell):
        raise TypeError("a sheet that was just made has no merged cells")
    cell.value = _for_sheet(text)
    # Set first, a value that looks like a formula or an error code would be one.
    cell.data_type = "s"
    # Without it a text that begins with an equals sign becomes a formula as soon as somebody edits it.
    cell.quotePrefix = True
    cell.number_format = "@"
    cell.alignment = Alignment(wrap_text="\n" in text, vertical="top")
    return cell


def _for_sheet(text: str) -> str:
    """Return a text as a workbook can hold it: what XML forbids is named, a look-alike of its escapes is escaped, the rest is untouched."""
    shown = _NO_XML.sub(lambda found: f"U+{ord(found[0]):04X}", text)
    shown = _ESCAPED.sub("_x005F_", shown)
    if len(shown) > MOST_CHARACTERS:
        tail = f"……（共 {len(text)} 字，超出表格上限 / {len(text)} characters, cut here）"
        return shown[: MOST_CHARACTERS - len(tail)] + tail
    return shown


def _sheet_name(text: str) -> str:
    return re.sub(r"[\[\]:*?/\\]", " ", text)[:31]


def _width(text: str) -> int:
    """Return how many narrow characters the longest line is wide."""
    return max(
        (sum(2 if unicodedata.east_asian_width(each) in "WF" else 1 for each in line) for line in text.split("\n")),
        default=0,
    )
