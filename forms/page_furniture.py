"""What stands on every page around a paper's parts: head and title, the short head of later pages, the foot, the watermark.

Promise: company, number, which print and which page can be read off any page by itself; a reprint, a voided paper and a reading copy say so.
"""

from __future__ import annotations

from typing import Any

from reportlab.platypus import Flowable, Spacer

from claims.errors import Bilingual
from claims.papers import Language, Mark
from forms.figures import beijing_minute
from forms.fonts import Weight
from forms.grid import TIGHT, Grid
from forms.pen import Pen
from forms.setting import Setting
from forms.shapes import RuleLine
from forms.text_block import Align, Paragraph, TextBlock, on_sheet
from forms.typography import Ink, Style

READING_COPY = Bilingual("英文参阅件，以中文原件为准", "READING COPY - the Chinese paper is the valid one")
ALWAYS = "always"
_WATERMARKS = {
    Mark.VOIDED.value: Bilingual("作废 VOID 作废", "VOID 作废 VOID"),
    Mark.BLANK.value: Bilingual("", ""),
    Mark.PRE_APPROVED.value: Bilingual("预核 待总部结算", "Pre-approved, not settled"),
}
_REPRINT = Bilingual("补打", "REPRINT")
_VOID = Bilingual("作废", "VOID")
_INITIALS = Bilingual("本页签字（按指印）", "Initials on this page")
_TILT_DEGREES = 30.0
_STAMP_WIDTH = 78.0


def opening(setting: Setting, copy: Bilingual | None) -> list[Flowable]:
    """Return the head and the title of a copy."""
    return [*_head(setting), *_title(setting, copy), *_banner(setting)]


def _head(setting: Setting) -> list[Flowable]:
    scale, setter, head = setting.sheet.scale, setting.setter, setting.content.head
    hotline = setting.words(Bilingual("咨询", "Hotline"))
    where = "　".join(filter(None, (head.station, f"{hotline} {head.hotline}" if head.hotline else "")))
    company = TextBlock(setter, (Paragraph(head.company, scale.company, smallest=9.75), Paragraph(where, scale.second)))
    align = Align.LEFT if setting.sheet.narrow else Align.RIGHT
    number = TextBlock(
        setter,
        (
            setting.label(setting.definition.number_label, scale.second),
            Paragraph(head.number, scale.number, smallest=9.75),
        ),
        align,
    )
    if setting.sheet.narrow:
        return [company, RuleLine(0.5, above=3, below=3), number]
    width = setting.sheet.content_width
    number_width = min(max(number.natural_width() + 1, 90.0), 225.0)
    return [
        Grid(
            [[company, "", number]],
            colWidths=[width - number_width - 18, 18, number_width],
            style=TIGHT,
        )
    ]


def _title(setting: Setting, copy: Bilingual | None) -> list[Flowable]:
    scale, setter, title = setting.sheet.scale, setting.setter, setting.definition.title
    zh_first = setting.language is Language.ZH
    main, second = (title.zh, title.en.upper()) if zh_first else (title.en or title.zh, title.zh)
    width = setting.sheet.content_width
    copies = TextBlock(setter, (Paragraph(_copy_line(setting, copy), scale.second),), Align.CENTRE)
    if setting.sheet.narrow:
        words = TextBlock(
            setter, (Paragraph(main, scale.title, smallest=10), Paragraph(second, scale.small)), Align.CENTRE
        )
        stamps = [_stamp(setting, words, ink) for words, ink in _stamps(setting)]
        marks = [_framed_mark(setting, text) for text in (_watermark_text(setting),) if text]
        return [Spacer(1, 6), words, *stamps, copies, Spacer(1, 3), *marks, RuleLine(1, above=3, below=4)]
    words = TextBlock(
        setter,
        (
            Paragraph(main, scale.title, spacing=5.25 if zh_first else 0.0, smallest=13),
            Paragraph(second, scale.small, spacing=0.75 if zh_first else 0.0),
        ),
        Align.CENTRE,
    )
    left: list[object] = [""]
    right: list[object] = [""]
    for label, ink in _stamps(setting):
        (left if ink is Ink.RED else right)[0] = _stamp(setting, label, ink)
    title_row = Grid(
        [[left[0], words, right[0]]],
        colWidths=[_STAMP_WIDTH, width - 2 * _STAMP_WIDTH, _STAMP_WIDTH],
        style=TIGHT,
    )
    return [Spacer(1, 9), title_row, Spacer(1, 4), copies, RuleLine(1.5, above=6, below=7)]


def _copy_line(setting: Setting, copy: Bilingual | None) -> str:
    head = setting.content.head
    if setting.language is Language.EN:
        return f"drawn {beijing_minute(head.printed_at, english=True)} (Beijing time)"
    parts = [] if copy is None else [copy.zh]
    parts.append(f"第 {head.copy_no} 次打印" + (" 补打" if head.copy_no > 1 else ""))
    parts.append(f"{beijing_minute(head.printed_at)}（北京时间）")
    return ("　" if setting.sheet.narrow else "　　").join(parts)


def _stamps(setting: Setting) -> list[tuple[Bilingual, Ink]]:
    stamps: list[tuple[Bilingual, Ink]] = []
    copy_no = setting.content.head.copy_no
    if copy_no > 1:
        stamps.append((Bilingual(_REPRINT.zh, f"{_REPRINT.en} {copy_no}"), Ink.TEXT))
    if Mark.VOIDED in setting.content.marks:
        stamps.append((_VOID, Ink.RED))
    return stamps


def _stamp(setting: Setting, label: Bilingual, ink: Ink) -> Flowable:
    """Return a framed mark beside the title."""
    words = TextBlock(
        setting.setter,
        (
            Paragraph(label.zh, Style(14.25, 18, Weight.BOLD, ink), spacing=3),
            Paragraph(label.en, Style(7.5, 10.5, Weight.BOLD, ink)),
        ),
        Align.CENTRE,
    )
    return Grid(
        [[words]],
        colWidths=[_STAMP_WIDTH],
        style=[*TIGHT, ("BOX", (0, 0), (-1, -1), 1.5, ink.value), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)],
    )


def _framed_mark(setting: Setting, text: str) -> Flowable:
    """Return the watermark's words in a frame, for a printer that has no grey."""
    words = TextBlock(setting.setter, (Paragraph(text, setting.sheet.scale.bold),), Align.CENTRE)
    return Grid(
        [[words]],
        colWidths=[setting.sheet.content_width],
        style=[*TIGHT, ("BOX", (0, 0), (-1, -1), 1, Ink.TEXT.value), ("BOTTOMPADDING", (0, 0), (-1, -1), 2)],
    )


def _banner(setting: Setting) -> list[Flowable]:
    """Return the line that a reading copy must carry."""
    if setting.language is Language.ZH:
        return []
    words = TextBlock(
        setting.setter,
        (Paragraph(READING_COPY.en, setting.sheet.scale.bold), Paragraph(READING_COPY.zh, setting.sheet.scale.small)),
        Align.CENTRE,
    )
    grid = Grid(
        [[words]],
        colWidths=[setting.sheet.content_width],
        style=[*TIGHT, ("BOX", (0, 0), (-1, -1), 1, Ink.TEXT.value), ("BOTTOMPADDING", (0, 0), (-1, -1), 3)],
    )
    return [grid, Spacer(1, 6)]


def running_head(setting: Setting) -> Flowable:
    """Return the short head of the second and later pages: company, title, number."""
    scale, setter, width = setting.sheet.scale, setting.setter, setting.sheet.content_width
    bold = Style(scale.print.size, scale.print.line, Weight.BOLD)
    title = setting.words(setting.definition.title)
    goes_on = setting.words(Bilingual("（续）　", " (continued)  "))
    company = TextBlock(setter, (Paragraph(setting.content.head.company, bold),))
    number = TextBlock(setter, (Paragraph(f"{title}{goes_on}{setting.content.head.number}", scale.print),), Align.RIGHT)
    return Grid(
        [[company, "", number]],
        colWidths=[width * 0.45, 18, width * 0.55 - 18],
        style=[*TIGHT, ("LINEBELOW", (0, 0), (-1, -1), 1.5, Ink.TEXT.value), ("BOTTOMPADDING", (0, 0), (-1, -1), 6)],
    )


def foot(setting: Setting, page: int, pages: int) -> Flowable:
    """Return the foot of a page: the product's mark, the remark, which page of how many this is; initials above it where they are asked for."""
    scale, setter, width = setting.sheet.scale, setting.setter, setting.sheet.content_width
    remark = " ".join(setting.filled(setting.definition.foot))
    if setting.language is Language.EN:
        remark = f"{READING_COPY.en}. {remark}"
    zh, en = f"第 {page} 页，共 {pages} 页", f"Page {page} of {pages}"
    count = (
        Paragraph(zh, scale.second, small=en, small_style=scale.small)
        if setting.language is Language.ZH
        else Paragraph(en, scale.second)
    )
    counted = TextBlock(setter, (count,), Align.RIGHT)
    said_small = TextBlock(setter, (Paragraph(remark, scale.second),))
    if setting.sheet.narrow:
        rows: list[list[object]] = [[[said_small, counted]]]
        return Grid(rows, colWidths=[width], style=[*TIGHT, ("LINEABOVE", (0, 0), (-1, 0), 0.5, Ink.TEXT.value)])
    count_width = counted.natural_width() + 6
    rows = [[_Tent(setter), said_small, counted]]
    styles: list[tuple[object, ...]] = [*TIGHT, ("TOPPADDING", (0, 0), (-1, -1), 6)]
    if setting.definition.initials and setting.language is Language.ZH:
        rows.insert(0, [TextBlock(setter, (setting.label(_INITIALS, scale.second),)), "", ""])
        styles += [
            ("SPAN", (0, 0), (-1, 0)),
            ("BOTTOMPADDING", (0, 0), (-1, 0), 14),
            ("TOPPADDING", (0, 0), (-1, 0), 0),
        ]
    last = len(rows) - 1
    styles.append(("LINEABOVE", (0, last), (-1, last), 0.56, Ink.LINE.value))
    return Grid(rows, colWidths=[18, width - 18 - count_width, count_width], style=styles)


class _Tent(Flowable):  # type: ignore[misc]  # reportlab ships no types
    """The product's mark: a tent."""

    def __init__(self, setter: Any) -> None:
        super().__init__()
        self._setter = setter

    def wrap(self, _available_width: float, _available_height: float) -> tuple[float, float]:
        """Take a line's height."""
        self.width, self.height = 12.0, 12.0
        return self.width, self.height

    def draw(self) -> None:
        """Draw tent and door."""
        pen = Pen(self.canv, self._setter.fonts)
        tent = ((0, 20), (12, 0), (24, 20))
        door = ((8.5, 20), (12, 13.5), (15.5, 20))
        scale = 10.5 / 24
        pen.strokes([[(x * scale, 9.5 - y * scale) for x, y in tent]], 0.9, Ink.SECOND, closed=True)
        pen.strokes([[(x * scale, 9.5 - y * scale) for x, y in door]], 0.9, Ink.SECOND)


def _watermark_text(setting: Setting) -> str:
    """Return the watermark's words: a voided paper before a blank one before a pre-approved one before what always stands there."""
    own = setting.definition.watermarks
    for mark in (Mark.VOIDED, Mark.BLANK, Mark.PRE_APPROVED):
        if mark in setting.content.marks:
            words = own.get(mark.value, _WATERMARKS[mark.value])
            if words.zh or words.en:
                return setting.words(words)
    return setting.words(own[ALWAYS]) if ALWAYS in own else ""


def draw_watermark(canvas: Any, setting: Setting) -> None:
    """Draw the watermark three times over a page, behind everything; on a roll it stands framed under the title instead."""
    text = _watermark_text(setting)
    if not text or setting.sheet.narrow or setting.sheet.height is None:
        return
    ink = Ink.RED_WATERMARK if Mark.VOIDED in setting.content.marks else Ink.WATERMARK
    wanted = setting.sheet.scale.watermark
    width = setting.setter.width(text, wanted)
    size = wanted.size * min(1.0, 300 / width)
    style = Style(size, wanted.line, wanted.weight, ink)
    pen = Pen(canvas, setting.setter.fonts)
    for x, from_top in ((97.5, 342.0), (252.0, 552.0), (97.5, 762.0)):
        pen.tilted(x, setting.sheet.height - from_top, _TILT_DEGREES, text, style)


def draw_running_head(canvas: Any, setting: Setting) -> float:
    """Draw the short head at the top of a page; return its height with the space below."""
    height = setting.sheet.height or 0.0
    return (
        on_sheet(
            canvas, running_head(setting), setting.sheet.side, height - setting.sheet.top, setting.sheet.content_width
        )
        + 9
    )


def foot_height(setting: Setting) -> float:
    """Return the room of the foot, with its distance from what stands above it."""
    _, height = foot(setting, 88, 88).wrap(setting.sheet.content_width, 10_000)
    return float(height) + 6
