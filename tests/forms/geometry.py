"""What must hold of any page, asked of the finished PDF by pdfium: nothing leaves the page, no text runs into another."""

from __future__ import annotations

import ctypes
import math
from dataclasses import dataclass

import pypdfium2
import pypdfium2.raw as pdfium

_SLACK = 0.6
_PEN = 1.0


@dataclass(frozen=True)
class Drawn:
    """A text or a path on a page: its box in points from the lower left corner. ``tilted``: part of a watermark."""

    left: float
    bottom: float
    right: float
    top: float
    text: str | None
    tilted: bool

    def overlaps(self, other: Drawn) -> bool:
        """Tell whether two boxes have more than an edge in common."""
        return (
            min(self.right, other.right) - max(self.left, other.left) > _SLACK
            and min(self.top, other.top) - max(self.bottom, other.bottom) > _SLACK
        )


def drawn_on(page: pypdfium2.PdfPage) -> list[Drawn]:
    """Return what is drawn on a page."""
    text_page = page.get_textpage()
    found = []
    for item in page.get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT, pdfium.FPDF_PAGEOBJ_PATH]):
        left, bottom, right, top = item.get_bounds()
        matrix = pdfium.FS_MATRIX()
        pdfium.FPDFPageObj_GetMatrix(item.raw, matrix)
        text = _text(item, text_page) if item.type == pdfium.FPDF_PAGEOBJ_TEXT else None
        found.append(Drawn(left, bottom, right, top, text, abs(math.atan2(matrix.b, matrix.a)) > 0.01))
    return found


def _text(item: pypdfium2.PdfObject, text_page: pypdfium2.PdfTextPage) -> str:
    length = pdfium.FPDFTextObj_GetText(item.raw, text_page.raw, None, 0)
    buffer = ctypes.create_string_buffer(length)
    pdfium.FPDFTextObj_GetText(item.raw, text_page.raw, ctypes.cast(buffer, ctypes.POINTER(pdfium.FPDF_WCHAR)), length)
    return buffer.raw.decode("utf-16-le", "surrogatepass").rstrip("\0")


def assert_nothing_clipped(pdf: bytes, margin: float = 45.0) -> None:
    """Fail when an upright text leaves the margins, anything leaves the page, or two texts overlap."""
    with pypdfium2.PdfDocument(pdf) as document:
        for page in document:
            width, height = page.get_size()
            drawn = drawn_on(page)
            for item in drawn:
                assert item.left >= -_PEN, item
                assert item.right <= width + _PEN, item
                assert item.bottom >= 8, item
                assert item.top <= height - 8, item
            texts = [item for item in drawn if item.text and item.text.strip() and not item.tilted]
            assert texts
            for item in texts:
                assert item.left >= margin - 1.5, item
                assert item.right <= width - margin + 1.5, item
            _assert_no_overlap(texts)


def _assert_no_overlap(texts: list[Drawn]) -> None:
    ordered = sorted(texts, key=lambda item: -item.top)
    for index, one in enumerate(ordered):
        for other in ordered[index + 1 :]:
            if other.top <= one.bottom + _SLACK:
                break
            assert not one.overlaps(other), (one, other)
