"""Paragraphs of a paper: plain, small, in a frame, or as a warning that can't be overlooked.

Promise: what is framed is on the Chinese paper in English too, since nobody may miss it; all else is there in the paper's language only.
"""

from __future__ import annotations

from collections.abc import Sequence

from reportlab.platypus import Flowable, Spacer

from claims.errors import Bilingual
from claims.paper_definitions import Words
from claims.papers import Language
from forms.fonts import Weight
from forms.grid import Grid
from forms.setting import Setting
from forms.shapes import WarningSign
from forms.text_block import Align, Paragraph, TextBlock
from forms.typography import Ink, Style


def word_flowables(setting: Setting, part: Words) -> list[Flowable]:
    """Return paragraphs, framed or not."""
    scale = setting.sheet.scale
    style = scale.small if part.small else scale.words
    if part.small:
        style = Style(style.size + 0.75, style.line + 1.5, style.weight, style.ink)
    texts = [line for words in part.paragraphs for line in setting.filled(words)]
    if part.warning:
        return _warning(setting, part, texts)
    if part.boxed:
        return _boxed(setting, part, texts)
    paragraphs = [Paragraph(text, style, above=1.5) for text in texts]
    if part.headline is not None:
        paragraphs.insert(0, setting.label(part.headline, scale.bold))
    return [TextBlock(setting.setter, paragraphs), Spacer(1, 4)] if paragraphs else []


def _boxed(setting: Setting, part: Words, texts: Sequence[str]) -> list[Flowable]:
    """Return framed words; short ones under a headline stand in the middle, as a notice does."""
    scale = setting.sheet.scale
    inside = setting.sheet.content_width - 24
    centred = part.headline is not None and all(setting.setter.width(text, scale.print) <= inside for text in texts)
    align = Align.CENTRE if centred else Align.LEFT
    paragraphs = [] if part.headline is None else [_headline(setting, part.headline, scale.headline)]
    paragraphs += [Paragraph(text, scale.print, above=2, align=align) for text in texts]
    paragraphs += [
        Paragraph(text, scale.small, above=2, align=align) for text in other_language(setting, part.paragraphs)
    ]
    return [Spacer(1, 6), framed(setting, [TextBlock(setting.setter, paragraphs)], 1.5, Ink.TEXT), Spacer(1, 7)]


def _headline(setting: Setting, words: Bilingual, style: Style) -> Paragraph:
    spacing = 1.5 if setting.language is Language.ZH else 0.0
    return Paragraph(setting.words(words), style, align=Align.CENTRE, spacing=spacing, smallest=style.size * 0.7)


def _warning(setting: Setting, part: Words, texts: Sequence[str]) -> list[Flowable]:
    scale = setting.sheet.scale
    bold = Style(scale.print.size, scale.print.line, Weight.BOLD, Ink.AMBER)
    small = Style(scale.small.size, scale.small.line, Weight.REGULAR, Ink.AMBER)
    paragraphs = [] if part.headline is None else [Paragraph(setting.words(part.headline), bold)]
    paragraphs += [Paragraph(text, bold) for text in texts]
    paragraphs += [Paragraph(text, small) for text in other_language(setting, part.paragraphs)]
    sign_width = 27.0
    grid = Grid(
        [[WarningSign(setting.setter), TextBlock(setting.setter, paragraphs)]],
        colWidths=[sign_width, setting.sheet.content_width - sign_width],
        style=[
            ("BOX", (0, 0), (-1, -1), 0.75, Ink.AMBER_LINE.value),
            ("BACKGROUND", (0, 0), (-1, -1), Ink.AMBER_GROUND.value),
            ("VALIGN", (0, 0), (-1, -1), "MIDDLE"),
            ("LEFTPADDING", (0, 0), (-1, -1), 8),
            ("RIGHTPADDING", (0, 0), (-1, -1), 4),
            ("TOPPADDING", (0, 0), (-1, -1), 4),
            ("BOTTOMPADDING", (0, 0), (-1, -1), 4),
        ],
    )
    return [Spacer(1, 6), grid, Spacer(1, 2)]


def other_language(setting: Setting, paragraphs: Sequence[Bilingual]) -> list[str]:
    """Return the English of what nobody may miss, for a Chinese paper; nothing on a reading copy and on a roll."""
    if setting.language is not Language.ZH or setting.sheet.narrow:
        return []
    return [" ".join(line for words in paragraphs if words.en for line in setting.filled(words, Language.EN))]


def framed(setting: Setting, flowables: list[Flowable], thickness: float, ink: Ink) -> Flowable:
    """Return flowables in a frame over the whole width."""
    padding = 12.0 if not setting.sheet.narrow else 6.0
    return Grid(
        [[flowables]],
        colWidths=[setting.sheet.content_width],
        style=[
            ("BOX", (0, 0), (-1, -1), thickness, ink.value),
            ("LEFTPADDING", (0, 0), (-1, -1), padding),
            ("RIGHTPADDING", (0, 0), (-1, -1), padding),
            ("TOPPADDING", (0, 0), (-1, -1), padding * 0.55),
            ("BOTTOMPADDING", (0, 0), (-1, -1), padding * 0.65),
        ],
    )
