"""Draws the papers that claimants hand in during the demo: real JPEG files with the invented case on them."""

from __future__ import annotations

import io
from collections.abc import Sequence

import pypdfium2
from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont
from reportlab.pdfgen.canvas import Canvas

import resources

_WIDTH, _HEIGHT = 1240, 880
_PAPER, _INK = "#fdfcf8", "#1b2320"
_BOLD, _PLAIN = "PaperworkBold", "PaperworkPlain"


def photographed(title: str, lines: Sequence[str]) -> bytes:
    """Return a JPEG of a paper with this title and these lines."""
    for name, file in ((_BOLD, "NotoSansSC_700Bold.ttf"), (_PLAIN, "NotoSansSC_400Regular.ttf")):
        if name not in pdfmetrics.getRegisteredFontNames():
            pdfmetrics.registerFont(TTFont(name, str(resources.path("fonts", file))))
    sheet = io.BytesIO()
    canvas = Canvas(sheet, pagesize=(_WIDTH, _HEIGHT), invariant=1, initialFontName=_PLAIN)
    canvas.setFillColor(_PAPER)
    canvas.rect(0, 0, _WIDTH, _HEIGHT, stroke=0, fill=1)
    canvas.setStrokeColor(_INK)
    canvas.setFillColor(_INK)
    canvas.setLineWidth(3)
    canvas.rect(24, 24, _WIDTH - 48, _HEIGHT - 48)
    canvas.setFont(_BOLD, 44)
    canvas.drawCentredString(_WIDTH / 2, _HEIGHT - 110, title)
    canvas.setFont(_PLAIN, 30)
    for row, line in enumerate(lines):
        canvas.drawString(80, _HEIGHT - 206 - 56 * row, line)
    canvas.save()
    document = pypdfium2.PdfDocument(sheet.getvalue())
    try:
        picture = document[0].render().to_pil()
    finally:
        document.close()
    out = io.BytesIO()
    picture.convert("RGB").save(out, "JPEG", quality=82)
    return out.getvalue()
