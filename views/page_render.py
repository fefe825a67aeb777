"""Pages of a PDF as pixels: for the paper on the screen, for the printer, and for reading a code back.

Promise: runs in a job of the page lane and touches no widget; a large page is drawn in bands, because Qt's renderer holds Python's
lock while it draws and a whole page at 300 dpi would stop the window for as long. White where the page is empty.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QRect, QSize
from PySide6.QtGui import QImage, QPainter
from PySide6.QtPdf import QPdfDocument, QPdfDocumentRenderOptions

from claims.errors import Bilingual, EnvironmentProblem
from claims.overviews import GreyPicture

BAND_ROWS = 64
OVERLAP_ROWS = 1
"""Neighbouring bands share a row, so that a printer that scales them leaves no hairline between two."""


@dataclass(frozen=True)
class Band:
    """Rows of a page from ``top`` on."""

    top: int
    image: QImage


@dataclass(frozen=True)
class PageBands:
    """One page for the printer: its size in pixels of ``dpi``, its bands from top to bottom, and how many pages there are."""

    dpi: int
    width: int
    height: int
    bands: tuple[Band, ...]
    pages: int


@dataclass(frozen=True)
class PageImage:
    """One page for the screen, with its words for who can't see it."""

    image: QImage
    page: int
    pages: int
    words: str


def print_bands(pdf: bytes, page: int, dpi: int) -> PageBands:
    """Draw a page for the printer. Grey where nothing on it is coloured. Raises ``EnvironmentProblem`` (``page_unreadable``)."""
    with _opened(pdf) as document:
        points = document.pagePointSize(page)
        size = QSize(round(points.width() * dpi / 72), round(points.height() * dpi / 72))
        bands = tuple(Band(top, _sparing(image)) for top, image in _bands(document, page, size, OVERLAP_ROWS))
        return PageBands(dpi, size.width(), size.height(), bands, document.pageCount())


def screen_page(pdf: bytes, page: int, width_px: int) -> PageImage:
    """Draw a page this many device pixels wide. Raises ``EnvironmentProblem`` (``page_unreadable``)."""
    with _opened(pdf) as document:
        words = " ".join(document.getAllText(page).text().split())
        return PageImage(_whole(document, page, width_px), page, document.pageCount(), words)


def sheet_width_mm(pdf: bytes) -> float:
    """Return how wide the first page is. Raises ``EnvironmentProblem`` (``page_unreadable``)."""
    with _opened(pdf) as document:
        return document.pagePointSize(0).width() * 25.4 / 72


def grey_pages(pdf: bytes, dpi: int = 200) -> Iterator[GreyPicture]:
    """Yield the pages as a camera would see them. Raises ``EnvironmentProblem`` (``page_unreadable``)."""
    with _opened(pdf) as document:
        for page in range(document.pageCount()):
            width = round(document.pagePointSize(page).width() * dpi / 72)
            grey = _whole(document, page, width).convertToFormat(QImage.Format.Format_Grayscale8)
            yield GreyPicture(grey.width(), grey.height(), _rows(grey))


@contextmanager
def _opened(pdf: bytes) -> Iterator[QPdfDocument]:
    buffer = QBuffer()
    buffer.setData(QByteArray(pdf))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    document = QPdfDocument()
    document.load(buffer)
    if document.status() is not QPdfDocument.Status.Ready or document.pageCount() == 0:
        raise EnvironmentProblem(
            "page_unreadable",
            Bilingual(
                f"票面文件（{len(pdf)} 字节）打不开，没有打印。",
                f"The drawing ({len(pdf)} bytes) cannot be opened; nothing was printed.",
            ),
            Bilingual(
                "请重印一次：票面会重新生成，号码不变。", "Reprint it: the page is drawn anew, its number stays."
            ),
        )
    try:
        yield document
    finally:
        document.close()
        buffer.close()


def _whole(document: QPdfDocument, page: int, width_px: int) -> QImage:
    points = document.pagePointSize(page)
    size = QSize(width_px, max(1, round(points.height() * width_px / points.width())))
    whole = QImage(size, QImage.Format.Format_RGB32)
    painter = QPainter(whole)
    for top, image in _bands(document, page, size, 0):
        painter.drawImage(0, top, image)
    painter.end()
    return whole


def _bands(document: QPdfDocument, page: int, size: QSize, overlap: int) -> Iterator[tuple[int, QImage]]:
    options = QPdfDocumentRenderOptions()
    options.setScaledSize(size)
    for top in range(0, size.height(), BAND_ROWS):
        rows = min(BAND_ROWS + overlap, size.height() - top)
        # Qt takes the last pixel's place for the length, so a band of its true size would come out a pixel too small.
        options.setScaledClipRect(QRect(0, top, size.width() + 1, rows + 1))
        drawn = document.render(page, QSize(size.width(), rows), options)
        opaque = QImage(drawn.size(), QImage.Format.Format_RGB32)
        opaque.fill(0xFFFFFFFF)
        painter = QPainter(opaque)
        painter.drawImage(0, 0, drawn)
        painter.end()
        yield top, opaque


def _sparing(image: QImage) -> QImage:
    return image.convertToFormat(QImage.Format.Format_Grayscale8) if image.allGray() else image


def _rows(grey: QImage) -> bytes:
    # A row in memory is padded to four bytes; a picture is not.
    line, width = grey.bytesPerLine(), grey.width()
    raw = bytes(grey.constBits())
    if line == width:
        return raw
    return b"".join(raw[row * line : row * line + width] for row in range(grey.height()))
