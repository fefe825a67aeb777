"""Tables: on a sheet a head that is repeated on every page, on a roll one label and value under another.

Promise: every row and column is there on either; money and numbers stand right, one under another; a row taller than a page goes on on the next.
"""

from __future__ import annotations

from collections.abc import Mapping

from reportlab.platypus import Flowable, Spacer

from claims.errors import Bilingual
from claims.paper_definitions import PrintedColumn, Side, Table
from claims.papers import Language, Mark, Printed
from forms.grid import TIGHT, Grid
from forms.setting import Setting
from forms.shapes import RuleLine
from forms.text_block import Align, Paragraph, TextBlock, smallest_of
from forms.typography import Ink
from forms.written import written

NUMBER = Bilingual("序", "No.")
_NUMBER_WIDTH = {Language.ZH: 29.0, Language.EN: 36.0}
_BLANK_ROW = 24.0
_BY_HAND_ROWS = 8
"""On a form that is filled in by hand an empty table is one to write in, not one with nothing in it."""
_ROOMY_COLUMNS = 4
_PAIR = [*TIGHT, ("TOPPADDING", (0, 0), (-1, -1), 0.5), ("BOTTOMPADDING", (0, 0), (-1, -1), 0.5)]


def table_flowables(setting: Setting, part: Table) -> list[Flowable]:
    """Return a table with the space around it; nothing for one without rows that has nothing to say then."""
    rows = setting.content.tables.get(part.rows, ())
    by_hand = Mark.BLANK in setting.content.marks and part.when_empty is not None
    blank = max(0, (part.blank_rows or (_BY_HAND_ROWS if by_hand else 0)) - len(rows))
    if not rows and not blank:
        if part.when_empty is None:
            return []
        words = Paragraph(setting.words(part.when_empty), setting.sheet.scale.words)
        return [Spacer(1, 4), TextBlock(setting.setter, (words,)), Spacer(1, 4)]
    if setting.sheet.narrow:
        return _stacked(setting, part, rows, blank)
    return [Spacer(1, 5), _grid(setting, part, rows, blank), Spacer(1, 4)]


def _cell(setting: Setting, column: PrintedColumn, row: Mapping[str, Printed]) -> str:
    return written(setting.field(column.key), row.get(column.key), setting.language)


def _grid(setting: Setting, part: Table, rows: tuple[dict[str, Printed], ...], blank: int) -> Flowable:
    scale, setter, padding = setting.sheet.scale, setting.setter, setting.sheet.row_padding
    body, bold = (scale.body, scale.bold) if len(part.columns) <= _ROOMY_COLUMNS else (scale.print, scale.print_bold)
    number_width = _NUMBER_WIDTH[setting.language] if part.numbered else 0.0
    room = setting.sheet.content_width - number_width
    whole = sum(column.share for column in part.columns)
    widths = [room * column.share / whole for column in part.columns]
    aligns = [Align.RIGHT if column.side is Side.RIGHT else Align.LEFT for column in part.columns]
    head: list[object] = [
        TextBlock(setter, (setting.label(setting.field(column.key).title, bold),), align)
        for column, align in zip(part.columns, aligns, strict=True)
    ]
    cells: list[list[object]] = [
        [
            TextBlock(
                setter,
                [
                    Paragraph(line, body, smallest=smallest_of(line, body))
                    for line in _cell(setting, column, row).splitlines() or [""]
                ],
                align,
            )
            for column, align in zip(part.columns, aligns, strict=True)
        ]
        for row in rows
    ]
    cells += [["" for _ in part.columns] for _ in range(blank)]
    heights: list[float | None] = [None] * (1 + len(rows)) + [_BLANK_ROW] * blank
    if part.numbered:
        widths.insert(0, number_width)
        head.insert(0, TextBlock(setter, (Paragraph(setting.words(NUMBER), bold),)))
        for number, line in enumerate(cells, 1):
            line.insert(0, TextBlock(setter, (Paragraph(str(number), body),)))
    styles: list[tuple[object, ...]] = [
        ("VALIGN", (0, 0), (-1, -1), "TOP"),
        ("VALIGN", (0, 0), (-1, 0), "BOTTOM"),
        ("LEFTPADDING", (0, 0), (-1, -1), 6),
        ("RIGHTPADDING", (0, 0), (-1, -1), 6),
        ("TOPPADDING", (0, 0), (-1, -1), padding),
        ("BOTTOMPADDING", (0, 0), (-1, -1), padding),
        ("TOPPADDING", (0, 0), (-1, 0), 3),
        ("BOTTOMPADDING", (0, 0), (-1, 0), 4),
        ("LINEBELOW", (0, 0), (-1, 0), 0.75, Ink.TEXT.value),
        ("LINEBELOW", (0, 1), (-1, -1), 0.56, Ink.LINE.value),
    ]
    if blank:
        styles.append(("INNERGRID", (0, 1 + len(rows)), (-1, -1), 0.56, Ink.LINE.value))
    if part.total is not None:
        cells.append(_total_row(setting, part, part.total))
        heights.append(None)
        last = len(cells)
        styles += [
            ("SPAN", (0, last), (-1, last)),
            ("LINEABOVE", (0, last), (-1, last), 0.75, Ink.TEXT.value),
            ("LINEBELOW", (0, last), (-1, last), 0.75, Ink.TEXT.value),
            ("NOSPLIT", (0, max(1, last - 1)), (0, last)),
        ]
    return Grid([head, *cells], colWidths=widths, rowHeights=heights, style=styles, repeatRows=1)


def _total_row(setting: Setting, part: Table, key: str) -> list[object]:
    """Return the row of the sum: its label left, its figure right, over the whole width."""
    scale, setter = setting.sheet.scale, setting.setter
    figure = setting.value(key)
    room = setting.sheet.content_width - 12
    width = max(setter.width(figure, scale.bold) + 4, 110.0)
    both = Grid(
        [
            [
                TextBlock(setter, (setting.label(setting.field(key).label, scale.bold),)),
                TextBlock(setter, (Paragraph(figure, scale.bold),), Align.RIGHT),
            ]
        ],
        colWidths=[room - width, width],
        style=[
            ("LEFTPADDING", (0, 0), (-1, -1), 0),
            ("RIGHTPADDING", (0, 0), (-1, -1), 0),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ],
    )
    columns = len(part.columns) + int(part.numbered)
    return [both, *("" for _ in range(columns - 1))]


def _stacked(setting: Setting, part: Table, rows: tuple[dict[str, Printed], ...], blank: int) -> list[Flowable]:
    """Return the rows for a roll: the first column as a headline, the others as label and value."""
    scale, setter = setting.sheet.scale, setting.setter
    flowables: list[Flowable] = [RuleLine(0.75, above=4, below=2)]
    first, *others = part.columns
    for number, row in enumerate((*rows, *({} for _ in range(blank))), 1):
        lead = f"{number}. " if part.numbered else ""
        top = lead + (_cell(setting, first, row) or setting.words(setting.field(first.key).title))
        money = [column for column in others if column.side is Side.RIGHT]
        sides = [column for column in others if column.side is Side.LEFT]
        flowables.append(TextBlock(setter, (Paragraph(top, scale.bold),)))
        for column in (*sides, *money):
            flowables.append(_pair(setting, column, _cell(setting, column, row)))
        flowables.append(RuleLine(0.4, Ink.SECOND, above=2, below=2))
    if part.total is not None:
        width = setting.sheet.content_width
        flowables.append(
            Grid(
                [
                    [
                        TextBlock(setter, (setting.label(setting.field(part.total).label, scale.bold),)),
                        TextBlock(setter, (Paragraph(setting.value(part.total), scale.bold),), Align.RIGHT),
                    ]
                ],
                colWidths=[width * 0.5, width * 0.5],
                style=_PAIR,
            )
        )
    return [*flowables, Spacer(1, 3)]


def _pair(setting: Setting, column: PrintedColumn, text: str) -> Flowable:
    """Return a label and its value on one line; numbers and money at the right edge."""
    scale, setter, width = setting.sheet.scale, setting.setter, setting.sheet.content_width
    label = TextBlock(setter, (setting.label(setting.field(column.key).title, scale.second),))
    align = Align.RIGHT if column.side is Side.RIGHT else Align.LEFT
    label_width = min(label.natural_width() + 6, width * 0.42)
    value = TextBlock(setter, [Paragraph(line, scale.second) for line in text.splitlines() or [""]], align)
    return Grid([[label, value]], colWidths=[label_width, width - label_width], style=_PAIR)
