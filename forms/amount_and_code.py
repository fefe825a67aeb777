"""The sum in its frame, in capitals and figures, and the signed code with what it means.

Promise: capitals and figures come from the same fen; a voided paper and a reading copy carry no code.
"""

from __future__ import annotations

from reportlab.platypus import Flowable, Spacer

from claims.capitals import CURRENCY_PREFIX, amount_in_capitals
from claims.errors import Bilingual
from claims.paper_definitions import Amount, Code
from claims.papers import Language, Mark
from forms.figures import amount_in_figures
from forms.grid import TIGHT, Grid
from forms.qr import SMALLEST_MODULE_MM, USUAL_SIDE_MM
from forms.setting import Setting
from forms.shapes import CodeSquare, RuleLine
from forms.text_block import Align, Paragraph, TextBlock
from forms.typography import MM, Ink
from forms.worded import framed, other_language

_DENSE_CODE = Bilingual(
    "二维码较密，扫不出时请改用 A4 重印。", "The code is dense: print it on A4 if it can't be scanned."
)
_VOID = Bilingual("已作废", "VOID")
_SMALLEST_CAPITALS = 12.0


def amount_flowables(setting: Setting, part: Amount) -> list[Flowable]:
    """Return the framed sum: capitals left, figures right, under each other on a roll; further sums beneath."""
    scale, setter = setting.sheet.scale, setting.setter
    field = setting.field(part.field)
    value = setting.values.get(part.field)
    is_amount = isinstance(value, int) and not isinstance(value, bool)
    blank = not is_amount and not setting.value(part.field)
    figures = f"¥{amount_in_figures(value)}" if isinstance(value, int) else setting.value(part.field)
    capitals = CURRENCY_PREFIX + amount_in_capitals(value) if isinstance(value, int) else CURRENCY_PREFIX
    in_words = Bilingual(f"{field.label.zh}（大写）", f"{field.label.en}, in words")
    in_figures = Bilingual("（小写）" if setting.sheet.narrow else f"{field.label.zh}（小写）", "in figures")
    align = Align.LEFT if setting.sheet.narrow else Align.RIGHT
    left: list[Flowable] = [
        TextBlock(
            setter,
            (
                setting.label(in_words, scale.second),
                Paragraph(capitals, scale.capitals, above=3, smallest=_SMALLEST_CAPITALS),
            ),
        )
    ]
    right = [
        TextBlock(
            setter,
            (setting.label(in_figures, scale.second, align=align), Paragraph("¥" if blank else figures, scale.figures)),
            Align.LEFT if blank else align,
        )
    ]
    inner_width = setting.sheet.content_width - (27 if not setting.sheet.narrow else 12)
    if setting.sheet.narrow:
        rows: list[list[object]] = [[[*left, *right]]]
        widths = [inner_width]
    else:
        width = min(max(150.0 if blank else 0.0, right[0].natural_width()) + 4, inner_width * 0.55)
        rows, widths = [[left, right]], [inner_width - width, width]
    inner = Grid(
        rows,
        colWidths=widths,
        style=[
            *TIGHT,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 1),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 1),
        ],
    )
    besides = [_beside_sum(setting, key, inner_width) for key in part.besides if setting.says(key)]
    frame = framed(setting, [inner, *(one for pair in besides for one in pair)], 1.5, Ink.TEXT)
    return [Spacer(1, 9), frame, Spacer(1, 4)]


def _beside_sum(setting: Setting, key: str, width: float) -> tuple[Flowable, Flowable]:
    scale = setting.sheet.scale
    text = f"¥{setting.value(key)}"
    figures_width = setting.setter.width(text, scale.key_value) + 4
    grid = Grid(
        [
            [
                TextBlock(setting.setter, (setting.label(setting.field(key).label, scale.print),)),
                TextBlock(setting.setter, (Paragraph(text, scale.key_value),), Align.RIGHT),
            ]
        ],
        colWidths=[width - figures_width, figures_width],
        style=[*TIGHT, ("VALIGN", (0, 0), (-1, -1), "MIDDLE"), ("BOTTOMPADDING", (0, 0), (-1, -1), 0)],
    )
    return RuleLine(0.56, Ink.LINE, above=5, below=2), grid


def code_flowables(setting: Setting, part: Code) -> list[Flowable]:
    """Return the code with what it means beside it, or below it on a roll."""
    scale, setter = setting.sheet.scale, setting.setter
    voided = Mark.VOIDED in setting.content.marks
    headline = part.headline_voided if voided else part.headline
    beside = part.voided if voided else part.beside
    paragraphs = [] if headline is None else [Paragraph(text, scale.heading) for text in setting.filled(headline)]
    paragraphs += [Paragraph(text, scale.print, above=1) for words in beside for text in setting.filled(words)]
    paragraphs += [Paragraph(text, scale.small, above=2) for text in other_language(setting, beside)]
    paragraphs += [Paragraph(text, scale.second, above=4) for words in part.small for text in setting.filled(words)]
    words = TextBlock(setter, paragraphs)
    if setting.language is Language.EN or (setting.symbol is None and not voided):
        return [Spacer(1, 9), words, Spacer(1, 4)]
    crossed = setting.words(_VOID) if voided else ""
    width = setting.sheet.content_width
    if setting.sheet.narrow:
        return [Spacer(1, 8), *_narrow_code(setting, width, crossed), Spacer(1, 4), words, Spacer(1, 4)]
    side = (setting.symbol.side_mm if setting.symbol else USUAL_SIDE_MM) * MM
    grid = Grid(
        [[CodeSquare(setter, setting.symbol, side, crossed), words]],
        colWidths=[side + 15, width - side - 15],
        style=[
            *TIGHT,
            ("VALIGN", (0, 0), (-1, -1), "TOP"),
            ("TOPPADDING", (0, 0), (-1, -1), 0),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 0),
        ],
    )
    return [Spacer(1, 9), grid, Spacer(1, 4)]


def _narrow_code(setting: Setting, width: float, crossed: str) -> list[Flowable]:
    """Return the code over the width of a roll, and a sentence where its modules are smaller than a phone reads for certain."""
    side = width - 1
    square = CodeSquare(setting.setter, setting.symbol, side, crossed)
    if setting.symbol is None or side / MM / setting.symbol.side_modules >= SMALLEST_MODULE_MM:
        return [square]
    return [square, TextBlock(setting.setter, (Paragraph(setting.words(_DENSE_CODE), setting.sheet.scale.second),))]
