"""Draws the papers that claimants hand in during the demo: real PNG and PDF files with the invented case on them."""

from __future__ import annotations

import io
from collections.abc import Sequence

from PIL import Image, ImageDraw, ImageFont

import resources


def photographed(title: str, lines: Sequence[str]) -> bytes:
    """Return a JPEG of a paper with this title and these lines."""
    picture = Image.new("RGB", (1240, 880), "#fdfcf8")
    pen = ImageDraw.Draw(picture)
    bold = ImageFont.truetype(str(resources.path("fonts", "NotoSansSC_700Bold.ttf")), 44)
    plain = ImageFont.truetype(str(resources.path("fonts", "NotoSansSC_400Regular.ttf")), 30)
    pen.rectangle((24, 24, 1215, 855), outline="#1b2320", width=3)
    pen.text((620, 70), title, font=bold, fill="#1b2320", anchor="ma")
    for row, line in enumerate(lines):
        pen.text((80, 180 + 56 * row), line, font=plain, fill="#1b2320")
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=82)
    return out.getvalue()
