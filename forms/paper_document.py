"""The layout engine: any paper, from its definition and what was filled in, as PDF (reportlab platypus).

Promise: the same content gives the same bytes on any machine and day; every font is embedded, as a subset; nothing that was filled in is left
out. Rows move closer only where that saves a sheet. Every copy (第一联, ...) is the same paper and counts its own pages.

Source: notes/domain.md §7; docs/adr/0131 and 0132.
"""

from __future__ import annotations

import hashlib
import io
from collections.abc import Callable, Iterable
from datetime import UTC
from typing import Any

import msgspec
from reportlab.pdfgen.canvas import Canvas
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, NextPageTemplate, PageBreak, PageTemplate
from reportlab.platypus.doctemplate import LayoutError

from claims.errors import Bilingual, BugError
from claims.paper_definitions import PaperDefinition, PaperSize, paper_definition
from claims.papers import FilledPaper, Language, Mark
from forms.fonts import FontSet, Weight, bundled_fonts
from forms.page_furniture import draw_running_head, draw_watermark, foot, foot_height, opening, running_head
from forms.qr import symbol
from forms.setting import Setting
from forms.story import story_of
from forms.text_block import on_sheet
from forms.typesetting import Typesetter
from forms.typography import sheets_of
from forms.written import said

_FIRST, _LATER = "first", "later"
_LONGEST_ROLL = 14_000.0
"""PDF pages are at most 14,400 points long; a longer roll goes on on another page."""


def draw_paper(
    content: FilledPaper,
    *,
    language: Language = Language.ZH,
    size: PaperSize = PaperSize.A4,
    definition: PaperDefinition | None = None,
    fonts: FontSet | None = None,
) -> bytes:
    """Return a paper as PDF, not compressed yet (``forms.archive`` does that once, for the finished file).

    Args:
        definition: drawn by this one instead of the release's.
        fonts: drawn with these instead of the bundled ones.

    Raises:
        InputError: an amount that can't be written in capitals (negative, absurd).
        BugError: a time without zone, a code that fits no QR, or a part that fits no page.
    """
    chosen = definition or paper_definition(content.paper)
    has_code = content.code is not None and Mark.VOIDED not in content.marks and language is Language.ZH
    code = symbol(content.code) if has_code and content.code is not None else None
    fonts = fonts or bundled_fonts()
    # Closer lines are for reading; a form is written on.
    sheets = sheets_of(size)[: 1 if Mark.BLANK in content.marks else None]
    with fonts.lock:
        try:
            return _on_fewest_sheets(
                Setting(content, chosen, language, sheet, Typesetter(fonts), code) for sheet in sheets
            )
        except LayoutError as error:
            raise _too_tall(chosen) from error


def _on_fewest_sheets(settings: Iterable[Setting]) -> bytes:
    """Return the first drawing, unless closer lines save a sheet."""
    best, fewest = b"", 0
    for setting in settings:
        pdf, pages = _drawn(setting)
        if not fewest or pages < fewest:
            best, fewest = pdf, pages
        if fewest == 1:
            break
    return best


def _drawn(setting: Setting) -> tuple[bytes, int]:
    """Return the PDF and how many pages a copy has."""
    if setting.sheet.height is not None:
        return _Document(setting, setting.sheet.height).drawn()
    measure = _Document(setting, _LONGEST_ROLL)
    measure.drawn()
    if measure.pages_of_a_copy > 1:
        return _Document(setting, _LONGEST_ROLL).drawn()
    return _Document(setting, measure.used + foot_height(setting) + setting.sheet.bottom + 4).drawn()


class _Document(BaseDocTemplate):  # type: ignore[misc]  # reportlab ships no types
    """A paper's pages: the first of a copy begins with head and title, the later ones have the short head above their frame."""

    def __init__(self, setting: Setting, height: float) -> None:
        self._setting = setting
        self._height = height
        self._buffer = io.BytesIO()
        self._first_pages: list[int] = []
        self.used = 0.0
        self.pages_of_a_copy = 0
        sheet, head = setting.sheet, setting.content.head
        title = setting.words(setting.definition.title)
        subject = setting.definition.subject
        super().__init__(
            self._buffer,
            pagesize=(sheet.width, height),
            title=_title(setting.definition, setting.content, setting.language),
            author=head.company,
            subject=title if subject is None else setting.words(subject),
            creator="Outpost",
            producer="Outpost",
            invariant=1,
            pageCompression=0,
            lang="zh-CN" if setting.language is Language.ZH else "en",
            displayDocTitle=True,
            initialFontName=setting.setter.fonts.name(Weight.REGULAR),
        )
        below = sheet.bottom + foot_height(setting)
        above_later = sheet.top if sheet.narrow else sheet.top + self._running_head_height()
        self.addPageTemplates(
            [
                self._template(_FIRST, sheet.top, below, self._open_first),
                self._template(_LATER, above_later, below, self._open_later),
            ]
        )

    def drawn(self) -> tuple[bytes, int]:
        """Return the PDF and how many pages a copy has."""
        setting = self._setting
        copies: tuple[Bilingual | None, ...] = setting.definition.copies or (None,)
        if setting.language is Language.EN:
            copies = (None,)
        story: list[Flowable] = []
        for number, copy in enumerate(copies):
            if number:
                story += [NextPageTemplate(_FIRST), PageBreak()]
            story += [NextPageTemplate(_LATER), *opening(setting, copy), *story_of(setting)]
        self.build(story, canvasmaker=self._canvas)
        return self._buffer.getvalue(), self.pages_of_a_copy

    def afterFlowable(self, _flowable: Flowable) -> None:  # noqa: N802 - reportlab's name
        """Note how far down the page is used."""
        if self.frame is not None:
            self.used = max(self.used, self._height - float(self.frame._y))

    def _template(self, name: str, above: float, below: float, opened: Callable[[Any, Any], None]) -> PageTemplate:
        sheet = self._setting.sheet
        frame = Frame(
            sheet.side,
            below,
            sheet.content_width,
            self._height - above - below,
            leftPadding=0,
            rightPadding=0,
            topPadding=0,
            bottomPadding=0,
        )
        return PageTemplate(id=name, frames=[frame], onPage=opened)

    def _running_head_height(self) -> float:
        return float(running_head(self._setting).wrap(self._setting.sheet.content_width, 10_000)[1]) + 9

    def _open_first(self, canvas: Any, _document: Any) -> None:
        self._first_pages.append(canvas.getPageNumber())
        draw_watermark(canvas, self._setting)

    def _open_later(self, canvas: Any, _document: Any) -> None:
        draw_watermark(canvas, self._setting)
        if not self._setting.sheet.narrow:
            draw_running_head(canvas, self._setting)

    def _canvas(self, *args: Any, **options: Any) -> Canvas:
        canvas = _CountingCanvas(*args, **options)
        canvas.foot = self._draw_foot
        head = self._setting.content.head
        stamp = f"D:{head.printed_at.astimezone(UTC):%Y%m%d%H%M%S}+00'00'"
        canvas.setDateFormatter(lambda *_moment: stamp)
        canvas._doc._ID = f"[<{self._identity()}><{self._identity()}>]".encode("ascii")
        return canvas

    def _identity(self) -> str:
        """Return the file's id: a hash of what is drawn. reportlab would take it from the environment."""
        drawn = (
            self._setting.content,
            self._setting.definition,
            self._setting.language.value,
            self._setting.sheet.width,
        )
        return hashlib.sha256(msgspec.json.encode(drawn)).hexdigest()[:32]

    def _draw_foot(self, canvas: Any, page: int, pages: int) -> None:
        """Draw the foot of a page when all pages are known, counted within its copy."""
        starts = [*self._first_pages, pages + 1]
        copy = max(index for index, start in enumerate(starts) if start <= page)
        count = starts[copy + 1] - starts[copy]
        self.pages_of_a_copy = count
        setting = self._setting
        flowable = foot(setting, page - starts[copy] + 1, count)
        top = setting.sheet.bottom + foot_height(setting) - 6
        on_sheet(canvas, flowable, setting.sheet.side, top, setting.sheet.content_width)


class _CountingCanvas(Canvas):  # type: ignore[misc]  # reportlab ships no types
    """Keeps every page open until their number is known, and draws their feet then."""

    def __init__(self, *args: Any, **options: Any) -> None:
        self.foot: Callable[[Any, int, int], None] | None = None
        self._kept: list[dict[str, Any]] = []
        super().__init__(*args, **options)

    def showPage(self) -> None:  # noqa: N802 - reportlab's name
        """Keep the page."""
        self._kept.append(dict(self.__dict__))
        self._startPage()

    def save(self) -> None:
        """Finish every page with its foot."""
        kept = list(self._kept)
        for page in kept:
            self.__dict__.update(page)
            if self.foot is not None:
                self.foot(self, self._pageNumber, len(kept))
            super().showPage()
        super().save()


def paper_title(content: FilledPaper, language: Language) -> str:
    """Return what the file of a paper is called: its title and number."""
    return _title(paper_definition(content.paper), content, language)


def _title(definition: PaperDefinition, content: FilledPaper, language: Language) -> str:
    return f"{said(definition.title, language)} {content.head.number}".strip()


def _too_tall(definition: PaperDefinition) -> BugError:
    return BugError(
        "paper_block_too_tall",
        Bilingual(
            f"“{definition.title.zh}”有一段内容太高，一页纸放不下。",
            f'One part of the paper "{definition.title.en}" is too tall for a page.',
        ),
        Bilingual(
            "请检查姓名、单位、授权号是否误贴了大段文字；案件数据未受影响。",
            "Check whether a long text was pasted into a name, company or authority number. The case data are safe.",
        ),
    )
