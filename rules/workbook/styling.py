"""From pages to the bytes of an .xlsx: looks, notes, drop-down lists, links; made by openpyxl.

Promise: the same pages give the same bytes: no clock gets into the file.
"""

from __future__ import annotations

import io
import re
import zipfile
from collections.abc import Sequence

import openpyxl
from openpyxl.comments import Comment
from openpyxl.styles import Alignment, Border, Font, NamedStyle, PatternFill, Side
from openpyxl.utils import get_column_letter, quote_sheetname
from openpyxl.workbook import Workbook
from openpyxl.worksheet.datavalidation import DataValidation
from openpyxl.worksheet.hyperlink import Hyperlink
from openpyxl.worksheet.worksheet import Worksheet

from rules.workbook.columns import Layer
from rules.workbook.layout import ELEMENTS, LIABILITIES, PARAMETERS, PLANS, POOLS, RULES
from rules.workbook.records import FIRST_ROW
from rules.workbook.writing import Look, Page

_FONT = "Microsoft YaHei"
_LINE = Side(style="thin", color="D5DAE1")
_BORDER = Border(left=_LINE, right=_LINE, top=_LINE, bottom=_LINE)
_FONTS = {
    Look.HEADING: Font(name=_FONT, size=10, bold=True, color="FFFFFF"),
    Look.OWN: Font(name=_FONT, size=10, bold=True, color="FFFFFF"),
    Look.SUBHEADING: Font(name=_FONT, size=9, color="44546A"),
    Look.LABEL: Font(name=_FONT, size=10, bold=True, color="1F3A5F"),
    Look.TITLE: Font(name=_FONT, size=11, bold=True, color="1F3A5F"),
    Look.READING: Font(name=_FONT, size=9, italic=True, color="7F8896"),
    Look.DATA: Font(name=_FONT, size=10),
}
_FILLS = {
    Look.HEADING: PatternFill("solid", start_color="1F3A5F"),
    Look.OWN: PatternFill("solid", start_color="2F6B57"),
    Look.SUBHEADING: PatternFill("solid", start_color="E4EAF2"),
    Look.LABEL: PatternFill("solid", start_color="F2F5F9"),
    Look.TITLE: PatternFill("solid", start_color="D9E4F2"),
}
_WRAP = Alignment(vertical="top", wrap_text=True)
_MAX_LIST = 255
_ID_SHEETS = {
    Layer.ELEMENT: ELEMENTS,
    Layer.PARAMETER: PARAMETERS,
    Layer.RULE: RULES,
    Layer.POOL: POOLS,
    Layer.LIABILITY: LIABILITIES,
    Layer.PLAN: PLANS,
}
_LAST_ID_ROW = 2_000
# The first moment that both Excel and zip can tell.
_NO_TIME = (1980, 1, 1, 0, 0, 0)
_NO_TIME_ISO = b"1980-01-01T00:00:00Z"


def workbook_bytes(pages: Sequence[Page], guide: Sequence[tuple[Look, str]], guide_title: str) -> bytes:
    """Return the workbook's bytes, the guide first."""
    book = openpyxl.Workbook()
    first = book.active
    assert isinstance(first, Worksheet)  # noqa: S101 - a new workbook has one sheet
    _write_guide(first, guide, guide_title)
    _add_styles(book, pages)
    for page in pages:
        _write(book.create_sheet(page.title), page)
    packed = io.BytesIO()
    book.save(packed)
    return _without_time(packed.getvalue())


def _write_guide(sheet: Worksheet, guide: Sequence[tuple[Look, str]], title: str) -> None:
    sheet.title = title
    sheet.column_dimensions["A"].width = 120
    sheet.sheet_view.showGridLines = False
    for row, (look, words) in enumerate(guide, start=1):
        cell = sheet.cell(row, 1)
        cell.value, cell.data_type = words, "s"
        cell.font, cell.alignment = _FONTS[look], _WRAP


def _add_styles(book: Workbook, pages: Sequence[Page]) -> None:
    """Name the looks once: a cell then only points at its own."""
    used = {(look, page.cell(*at).format): None for page in pages for at, look in page.looks.items()}
    for look, number_format in used:
        style = NamedStyle(
            name=_style(look, number_format),
            font=_FONTS[look],
            alignment=_WRAP,
            border=_BORDER,
            number_format=number_format,
        )
        if look in _FILLS:
            style.fill = _FILLS[look]
        book.add_named_style(style)


def _style(look: Look, number_format: str) -> str:
    return f"Outpost {look.value} {number_format}"


def _write(sheet: Worksheet, page: Page) -> None:
    for (row, column), look in page.looks.items():
        sheet.cell(row, column).style = _style(look, page.cell(row, column).format)
    for row, cells in page.rows.items():
        for column, content in cells.items():
            cell = sheet.cell(row, column)
            cell.value = content.value
            if isinstance(content.value, str):
                # A text that begins with "=" is spelled out before it comes here; nothing else becomes a formula.
                cell.data_type = "s"
    for (row, column), note in page.notes.items():
        comment = Comment(note, "Outpost", height=120, width=340)
        sheet.cell(row, column).comment = comment
    for column, width in page.widths.items():
        sheet.column_dimensions[get_column_letter(column)].width = width
    for (row, column), (title, target) in page.links.items():
        address = f"{get_column_letter(column)}{row}"
        sheet.cell(row, column).hyperlink = Hyperlink(ref=address, location=f"{quote_sheetname(title)}!A{target}")
    sheet.freeze_panes = page.frozen or None
    if page.filtered:
        sheet.auto_filter.ref = f"A{FIRST_ROW - 1}:{get_column_letter(page.last_column)}{max(page.last_row, FIRST_ROW)}"
    _offer(sheet, page)


def _offer(sheet: Worksheet, page: Page) -> None:
    """Add the drop-down lists; stretches that offer the same share one."""
    rules: dict[str, DataValidation] = {}
    for each in page.lists:
        if each.layer is not None:
            formula = f"{quote_sheetname(_ID_SHEETS[each.layer].zh)}!$A${FIRST_ROW}:$A${_LAST_ID_ROW}"
        else:
            formula = '"' + ",".join(each.words) + '"'
        if len(formula) > _MAX_LIST:
            continue
        if formula not in rules:
            # Free text stays possible: import checks it and says more than Excel does.
            rules[formula] = DataValidation("list", formula1=formula, allow_blank=True, showErrorMessage=False)
            sheet.add_data_validation(rules[formula])
        letter = get_column_letter(each.column)
        rules[formula].add(f"{letter}{each.first}:{letter}{each.last}")


def _without_time(raw: bytes) -> bytes:
    """Pack the same parts again, with no time in them."""
    packed = io.BytesIO()
    with zipfile.ZipFile(io.BytesIO(raw)) as source, zipfile.ZipFile(packed, "w", zipfile.ZIP_DEFLATED) as target:
        for part in source.infolist():
            content = source.read(part)
            if part.filename == "docProps/core.xml":
                content = re.sub(rb"(<dcterms:\w+[^>]*>)[^<]*", rb"\g<1>" + _NO_TIME_ISO, content)
            target.writestr(zipfile.ZipInfo(part.filename, _NO_TIME), content, zipfile.ZIP_DEFLATED, 9)
    return packed.getvalue()
