"""What a document looks like, as pixels for the screen: a picture as its camera held it, or a page of a PDF.

Promise: everything here runs in a job and touches no widget. A picture comes in several sizes, each half of the one before, so that
painting it at any size is quick and sharp. Decoding gives Python's lock away; PDF pages are drawn in bands.
"""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QBuffer, QByteArray, QIODevice, QSize, Qt
from PySide6.QtGui import QImage, QImageReader, QPainter

from claims.errors import Bilingual, EnvironmentProblem
from views.page_render import screen_page

LONGEST_PX = 2400
"""Enough to read the small print of a bill at the nearest zoom."""
_PDF = "application/pdf"
_PDF_WIDTH_PX = 1400
_SMALLEST_PX = 320
_FORMAT = QImage.Format.Format_RGB32
_CANT = Bilingual("原件已完整保存，不影响理算。", "The original is kept whole; the claim goes on.")


@dataclass(frozen=True)
class Picture:
    """One page in several sizes, the largest first."""

    sizes: tuple[QImage, ...]
    page: int = 0
    pages: int = 1

    @property
    def size(self) -> QSize:
        """The largest size."""
        return self.sizes[0].size()

    def for_width(self, width_px: float) -> QImage:
        """Return the smallest image that is at least this wide, else the largest."""
        fitting = [each for each in self.sizes if each.width() >= width_px]
        return fitting[-1] if fitting else self.sizes[0]


def has_picture(media_type: str) -> bool:
    """Say whether a file of this type can be looked at here."""
    return media_type == _PDF or media_type.startswith("image/")


def picture_of(content: bytes, media_type: str, page: int = 0, longest_px: int = LONGEST_PX) -> Picture:
    """Return what a document looks like. Raises ``EnvironmentProblem`` (``picture_unreadable``)."""
    if media_type == _PDF:
        return _page_of(content, page, longest_px)
    return Picture(_halves(_decoded(content, longest_px)))


def type_to_look_at(content: bytes) -> str:
    """Return the media type of a file that nobody examined yet, good enough to look at it."""
    return _PDF if b"%PDF-" in content[:1024] else "image/*"


def _page_of(content: bytes, page: int, longest_px: int) -> Picture:
    try:
        drawn = screen_page(content, page, min(_PDF_WIDTH_PX, longest_px))
    except EnvironmentProblem as error:
        raise EnvironmentProblem(
            "picture_unreadable",
            Bilingual("这份 PDF 打不开，可能加了密码。", "This PDF can't be opened; it may need a password."),
            Bilingual(
                "请在别的程序里打开核对；要密码的，请提供者去掉密码再交一份。",
                "Check it in another program. If it asks for a password have it removed and hand it in again.",
            ),
        ) from error
    return Picture(_halves(drawn.image.convertToFormat(_FORMAT)), drawn.page, drawn.pages)


def _decoded(content: bytes, longest_px: int) -> QImage:
    buffer = QBuffer()
    buffer.setData(QByteArray(content))
    buffer.open(QIODevice.OpenModeFlag.ReadOnly)
    reader = QImageReader(buffer)
    reader.setAutoTransform(True)
    # What it is was told from its content; a name plays no part.
    reader.setDecideFormatFromContent(True)
    size = reader.size()
    if size.isValid() and max(size.width(), size.height()) > longest_px:
        # A JPEG is then decoded small: a photograph of 16 megapixels costs a fraction.
        reader.setScaledSize(size.scaled(QSize(longest_px, longest_px), Qt.AspectRatioMode.KeepAspectRatio))
    image = reader.read()
    if image.isNull():
        raise EnvironmentProblem(
            "picture_unreadable",
            Bilingual("这张图片在这里打不开。", "This picture can't be opened here."),
            _CANT,
        )
    if image.hasAlphaChannel():
        # What is see-through lies on white paper.
        paper = QImage(image.size(), _FORMAT)
        paper.fill(0xFFFFFFFF)
        _lay_on(paper, image)
        return paper
    return image.convertToFormat(_FORMAT)


def _lay_on(paper: QImage, image: QImage) -> None:
    painter = QPainter(paper)
    painter.drawImage(0, 0, image)
    painter.end()


def _halves(image: QImage) -> tuple[QImage, ...]:
    sizes = [image]
    while sizes[-1].width() >= 2 * _SMALLEST_PX:
        last = sizes[-1]
        sizes.append(
            last.scaled(
                last.width() // 2,
                max(1, last.height() // 2),
                Qt.AspectRatioMode.IgnoreAspectRatio,
                Qt.TransformationMode.SmoothTransformation,
            )
        )
    return tuple(sizes)
