"""Reads a PDF with code that shares nothing with ours (pdfium), for the paper tests."""

from __future__ import annotations

import base64
import ctypes
import re
import zlib

import pypdfium2
import pypdfium2.raw as pdfium
from PIL import Image


def squeezed(text: str) -> str:
    """Return ``text`` without blanks: where words part on a page is layout, not content."""
    return re.sub(r"\s", "", text)


def page_texts(pdf: bytes) -> list[str]:
    """Return each page's text as a reader would copy it."""
    with pypdfium2.PdfDocument(pdf) as document:
        return [document[index].get_textpage().get_text_range() for index in range(len(document))]


def raster(pdf: bytes, dpi: int, page: int = 0) -> Image.Image:
    """Return a page as a grey picture."""
    return raster_in_colour(pdf, dpi, page).convert("L")


def raster_in_colour(pdf: bytes, dpi: int, page: int = 0) -> Image.Image:
    """Return a page as a picture."""
    with pypdfium2.PdfDocument(pdf) as document:
        picture: Image.Image = document[page].render(scale=dpi / 72).to_pil().convert("RGB")
    return picture


def fonts_used(pdf: bytes) -> dict[str, bool]:
    """Return the fonts of all text objects and whether each is embedded."""
    found: dict[str, bool] = {}
    with pypdfium2.PdfDocument(pdf) as document:
        for index in range(len(document)):
            for item in document[index].get_objects(filter=[pdfium.FPDF_PAGEOBJ_TEXT]):
                font = pdfium.FPDFTextObj_GetFont(item.raw)
                name = ctypes.create_string_buffer(200)
                pdfium.FPDFFont_GetBaseFontName(font, name, 200)
                found[name.value.decode()] = bool(pdfium.FPDFFont_GetIsEmbedded(font))
    return found


def inflated(pdf: bytes) -> bytes:
    """Return the file with its deflated streams opened up, for looking at operators and names."""
    parts = [pdf]
    for match in re.finditer(rb"stream\r?\n(.*?)endstream", pdf, re.DOTALL):
        body = match.group(1)
        if body.lstrip().startswith(b"Gb") or b"~>" in body[-6:]:
            body = _ascii85(body)
        try:
            parts.append(zlib.decompressobj().decompress(body))
        except zlib.error:
            continue
    return b"\n".join(parts)


def _ascii85(body: bytes) -> bytes:
    try:
        return base64.a85decode(body.strip().removesuffix(b"~>"))
    except ValueError:
        return body
