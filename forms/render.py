"""From a laid-out paper to PDF bytes, with reportlab.

Promise: the same paper gives the same bytes on any machine and day; every font is embedded; a character without a glyph is drawn
as its named box and stays in the text of the file.
"""

from __future__ import annotations

import hashlib
import io
from datetime import UTC
from typing import Any

from reportlab.pdfgen.canvas import Canvas

from forms.fonts import FontSet, Weight, bundled_fonts
from forms.named_box import LINE_EM, box_strokes_em
from forms.page import PAGE_HEIGHT, PAGE_WIDTH, Frame, Ink, Item, Paper, PlacedSymbol, Polyline, Rule, Text
from forms.qr import QUIET_MODULES

_PT_PER_PX = 0.75
_ROUND = 1
_INVISIBLE = 3


def render(paper: Paper, fonts: FontSet | None = None) -> bytes:
    """Return the PDF of ``paper``."""
    chosen = fonts or bundled_fonts()
    with chosen.lock:
        buffer = io.BytesIO()
        canvas = Canvas(
            buffer,
            pagesize=(PAGE_WIDTH * _PT_PER_PX, PAGE_HEIGHT * _PT_PER_PX),
            pageCompression=1,
            invariant=1,
            pdfVersion=(1, 5),
            initialFontName=chosen.name(Weight.REGULAR),
            lang="zh-CN",
        )
        _describe(canvas, paper)
        for page in paper.pages:
            canvas.scale(_PT_PER_PX, _PT_PER_PX)
            for item in page.items:
                _draw(canvas, item, chosen)
            canvas.showPage()
        canvas.save()
    return buffer.getvalue()


def _describe(canvas: Any, paper: Paper) -> None:
    """Say what the file is. reportlab would take its id from the environment's build time; ours comes from the paper alone."""
    canvas.setTitle(paper.title)
    canvas.setAuthor(paper.author)
    canvas.setSubject(paper.subject)
    canvas.setCreator("Outpost")
    canvas.setProducer("Outpost")
    stamp = f"D:{paper.made_at.astimezone(UTC):%Y%m%d%H%M%S}+00'00'"
    canvas.setDateFormatter(lambda *_moment: stamp)
    canvas.setViewerPreference("DisplayDocTitle", "true")
    identity = hashlib.sha256(repr(paper).encode("utf-8", "surrogatepass")).hexdigest()[:32]
    canvas._doc._ID = f"[<{identity}><{identity}>]".encode("ascii")


def _draw(canvas: Any, item: Item, fonts: FontSet) -> None:
    if isinstance(item, Text):
        _draw_text(canvas, item, fonts)
    elif isinstance(item, Rule):
        canvas.setStrokeColor(item.ink.value)
        canvas.setLineWidth(item.thickness)
        canvas.line(item.x1, _up(item.y1), item.x2, _up(item.y2))
    elif isinstance(item, Frame):
        _draw_frame(canvas, item)
    elif isinstance(item, Polyline):
        _draw_strokes(canvas, (item.points,), item.thickness, item.ink, closed=item.closed)
    else:
        _draw_symbol(canvas, item)


def _up(y: float) -> float:
    """PDF's y grows upwards."""
    return PAGE_HEIGHT - y


def _draw_text(canvas: Any, item: Text, fonts: FontSet) -> None:
    canvas.setFillColor(item.ink.value)
    if item.tilt_deg:
        canvas.saveState()
        canvas.translate(item.x, _up(item.baseline))
        canvas.rotate(item.tilt_deg)
        _draw_runs(canvas, item, fonts, 0.0, 0.0)
        canvas.restoreState()
    else:
        _draw_runs(canvas, item, fonts, item.x, _up(item.baseline))


def _draw_runs(canvas: Any, item: Text, fonts: FontSet, x: float, y: float) -> None:
    for run in fonts.runs(item.text, item.weight):
        canvas.setFont(run.font, item.size)
        canvas.drawString(x, y, run.text, mode=_INVISIBLE if run.boxed else None, charSpace=item.spacing or None)
        if run.boxed:
            strokes = tuple(
                tuple((x + em_x * item.size, _up(y + em_y * item.size)) for em_x, em_y in stroke)
                for stroke in box_strokes_em(run.text)
            )
            _draw_strokes(canvas, strokes, LINE_EM * item.size, item.ink)
        x += fonts.width(run.text, item.size, item.weight) + item.spacing * len(run.text)


def _draw_frame(canvas: Any, item: Frame) -> None:
    if item.ground is not None:
        canvas.setFillColor(item.ground.value)
    if item.ink is not None:
        canvas.setStrokeColor(item.ink.value)
        canvas.setLineWidth(item.thickness)
    canvas.rect(
        item.x,
        _up(item.y + item.height),
        item.width,
        item.height,
        stroke=int(item.ink is not None),
        fill=int(item.ground is not None),
    )


def _draw_strokes(
    canvas: Any,
    strokes: tuple[tuple[tuple[float, float], ...], ...],
    thickness: float,
    ink: Ink,
    *,
    closed: bool = False,
) -> None:
    canvas.saveState()
    canvas.setStrokeColor(ink.value)
    canvas.setLineWidth(thickness)
    canvas.setLineCap(_ROUND)
    canvas.setLineJoin(_ROUND)
    path = canvas.beginPath()
    for first, *rest in strokes:
        path.moveTo(first[0], _up(first[1]))
        for x, y in rest or [first]:
            path.lineTo(x, _up(y))
        if closed:
            path.close()
    canvas.drawPath(path, stroke=1, fill=0)
    canvas.restoreState()


def _draw_symbol(canvas: Any, item: PlacedSymbol) -> None:
    """Draw all dark modules as one filled path in module units: no hairlines between rows, and short numbers in the file."""
    symbol = item.symbol
    module = item.side / symbol.side_modules
    canvas.saveState()
    canvas.setFillColor(Ink.QR.value)
    canvas.translate(item.x + QUIET_MODULES * module, _up(item.y + QUIET_MODULES * module))
    canvas.scale(module, -module)
    # Written out by hand: reportlab formats each of some ten thousand small numbers as if it were a measure.
    canvas.addLiteral("\n".join(f"{column} {row} {length} 1 re" for column, row, length in symbol.bars))
    canvas.addLiteral("f")
    canvas.restoreState()
