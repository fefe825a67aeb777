"""Fields with their labels, in rows and columns; and the choices of a field as boxes to tick.

Promise: an empty field is a line to write on, a long one several; every choice stands on the paper, chosen or not.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from reportlab.platypus import Flowable, Spacer

from claims.errors import Bilingual
from claims.form_fields import FieldKind, FieldSpec
from claims.paper_definitions import Facts, Ticks
from forms.grid import TIGHT, Grid
from forms.setting import Setting
from forms.shapes import RuleLine, TickBox, TickRow, WriteLine
from forms.text_block import Paragraph, TextBlock

_COLUMN_GAP = 12.0
_LINES_OF_A_LONG_TEXT = 3
_HANDWRITING = 18.0
"""Nobody writes in less than 6 mm."""


def fact_flowables(setting: Setting, part: Facts) -> list[Flowable]:
    """Return the fields in rows, with a line beneath."""
    columns = 1 if setting.sheet.narrow else max(1, part.columns)
    gap = _COLUMN_GAP if columns > 1 else 0.0
    width = (setting.sheet.content_width - gap * (columns - 1)) / columns
    fields = [setting.field(key) for key in part.fields]
    places = list(_places(fields, columns))
    labels = {
        field.key: TextBlock(setting.setter, (setting.label(field.title, setting.sheet.scale.label),))
        for field in fields
    }
    label_width = min(max(label.natural_width() for label in labels.values()) + 8, width * 0.46)
    label_width = max(label_width, min(89.0, width * 0.38))
    rows: list[list[object]] = []
    styles: list[tuple[object, ...]] = [*TIGHT, ("VALIGN", (0, 0), (-1, -1), "TOP")]
    for row, line in enumerate(places):
        cells: list[object] = []
        for column in range(columns):
            field = line[column] if column < len(line) else None
            if column:
                cells.append("")
            cells += ["", ""] if field is None else [labels[field.key], _value(setting, field)]
        rows.append(cells)
        if len(line) == 1 and columns > 1 and line[0].kind is FieldKind.LONG_TEXT:
            styles.append(("SPAN", (1, row), (-1, row)))
    padding = setting.sheet.fact_padding
    styles += [("TOPPADDING", (0, 0), (-1, -1), padding), ("BOTTOMPADDING", (0, 0), (-1, -1), padding)]
    styles += [("RIGHTPADDING", (3 * column, 0), (3 * column, -1), 6) for column in range(columns)]
    widths = [label_width, width - label_width]
    for _ in range(columns - 1):
        widths += [gap, label_width, width - label_width]
    grid = Grid(rows, colWidths=widths, style=styles)
    return [grid, RuleLine(0.75, above=3, below=6)]


def _places(fields: Sequence[FieldSpec], columns: int) -> Iterable[list[FieldSpec]]:
    """Return the fields row by row; a long text has a row of its own."""
    line: list[FieldSpec] = []
    for field in fields:
        if field.kind is FieldKind.LONG_TEXT and columns > 1:
            if line:
                yield line
            yield [field]
            line = []
            continue
        line.append(field)
        if len(line) == columns:
            yield line
            line = []
    if line:
        yield line


def _value(setting: Setting, field: FieldSpec) -> Flowable:
    text = setting.value(field.key)
    style = setting.sheet.scale.body
    if not text.strip():
        return WriteLine(
            max(style.line, _HANDWRITING), _LINES_OF_A_LONG_TEXT if field.kind is FieldKind.LONG_TEXT else 1
        )
    return TextBlock(setting.setter, [Paragraph(line, style) for line in text.splitlines()])


def tick_flowables(setting: Setting, part: Ticks) -> list[Flowable]:
    """Return every choice of a field as a box to tick."""
    field = setting.field(part.field)
    value = setting.values.get(part.field)
    chosen = {str(one) for one in value} if isinstance(value, list) else {str(value)}
    if field.kind is FieldKind.YES_NO:
        choices = [(Bilingual("是", "yes"), value is True), (Bilingual("否", "no"), value is False)]
    else:
        choices = [(choice.label, choice.value in chosen) for choice in field.choices]
        known = {choice.value for choice in field.choices}
        others = [] if value is None or isinstance(value, Bilingual) else [one for one in chosen if one not in known]
        choices += [(Bilingual(one, one), True) for one in sorted(others) if one]
    boxes = [
        TickBox(setting.setter, setting.label(label, setting.sheet.scale.body), ticked=ticked)
        for label, ticked in choices
    ]
    label = TextBlock(setting.setter, (setting.label(field.title, setting.sheet.scale.label),))
    width = setting.sheet.content_width
    label_width = min(label.natural_width() + 10, width * 0.4)
    if setting.sheet.narrow:
        return [label, TickRow(boxes), Spacer(1, 4)]
    grid = Grid(
        [[label, TickRow(boxes)]],
        colWidths=[label_width, width - label_width],
        style=[
            *TIGHT,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 1.5),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1.5),
        ],
    )
    return [grid, Spacer(1, 3)]
