"""Reads QR codes from what people have: a PDF, a scan, a phone photo taken in a hurry.

Promise: only texts that a decoder read with its error correction intact are returned; where a code is there and cannot be read that is said, so
that a person can be told to hold still. Files that are broken, locked, too large or of another kind are refused in words. Nothing in a file is
executed, and the memory that a file may take is bounded before it is decoded.

Photos are tried plainly first, then with the preparations that help most: smaller, without shadows, sharpened, larger. Source: docs/adr/0137.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from collections.abc import Callable, Iterator, Sequence
from typing import TYPE_CHECKING

import zxingcpp
from PIL import Image, ImageChops, ImageFilter, ImageOps, UnidentifiedImageError

from claims.overviews import CodesFound
from forms import code_refusals

if TYPE_CHECKING:
    from pypdfium2 import PdfPage

MAX_FILE_BYTES = 25_000_000
MAX_PIXELS = 64_000_000
MAX_PDF_PAGES = 40
_PICTURES = ("JPEG", "PNG", "WEBP", "BMP", "GIF", "TIFF")
_PDF_MARK = b"%PDF-"
_PDF_HEAD = 1024
_PDF_DPI = (150, 300, 450)
_PHOTO_DPI = 300
_TRIED_PAGES = 4
_MAX_PAGE_PIXELS = 25_000_000
_SIDE = 1600
"""A code that fills a third of the picture still has six pixels a module at this side; larger pictures mostly add noise."""
_LARGE_SIDE = 3200
_DECODER_ERRORS = (
    OSError,
    SyntaxError,
    ValueError,
    EOFError,
    IndexError,
    KeyError,
    TypeError,
    OverflowError,
    struct.error,
    zlib.error,
)
_QR = zxingcpp.BarcodeFormats(zxingcpp.BarcodeFormat.QRCode)
_PLAIN = zxingcpp.TextMode.Plain
_LOCAL, _GLOBAL = zxingcpp.Binarizer.LocalAverage, zxingcpp.Binarizer.GlobalHistogram


def codes_in_file(filename: str, content: bytes) -> CodesFound:
    """Return the codes in a PDF or a picture. ``filename`` is only named in sentences.

    Raises:
        InputError: ``file_empty``, ``file_too_large``, ``file_kind``, ``file_damaged``, ``file_locked``, ``picture_too_large``, ``too_many_pages``.
    """
    if not content.strip(b"\0"):
        raise code_refusals.empty(filename)
    if len(content) > MAX_FILE_BYTES:
        raise code_refusals.too_large(filename, len(content), MAX_FILE_BYTES)
    if _PDF_MARK in content[:_PDF_HEAD]:
        return _in_pdf(filename, content)
    return codes_in_picture(_opened(filename, content))


def codes_in_picture(picture: Image.Image) -> CodesFound:
    """Return the codes in a grey picture, from top to bottom, trying one preparation after the other until one reads."""
    seen = False
    for prepared, binarizer in _preparations(picture):
        texts, here = _read(prepared, binarizer)
        if texts:
            return CodesFound(texts=texts, seen=here)
        seen = seen or here
    return CodesFound(texts=(), seen=seen)


def _in_pdf(filename: str, content: bytes) -> CodesFound:
    import pypdfium2  # noqa: PLC0415 - the window starts without it; only a PDF that is looked through needs it

    try:
        document = pypdfium2.PdfDocument(content)
    except pypdfium2.PdfiumError as error:
        if "password" in str(error).lower():
            raise code_refusals.locked(filename) from error
        raise code_refusals.damaged(filename) from error
    with document:
        count = len(document)
        if not count:
            raise code_refusals.damaged(filename)
        if count > MAX_PDF_PAGES:
            raise code_refusals.too_many_pages(filename, count, MAX_PDF_PAGES)
        try:
            found = [_on_page(document[number]) for number in range(count)]
            if not any(each.texts for each in found):
                # It may be a scan or a photo that somebody made a PDF of.
                found = [
                    codes_in_picture(_rendered(document[number], _PHOTO_DPI))
                    for number in range(min(count, _TRIED_PAGES))
                ]
        except (pypdfium2.PdfiumError, ZeroDivisionError, OverflowError, ValueError, MemoryError) as error:
            raise code_refusals.damaged(filename) from error
    texts = tuple(dict.fromkeys(text for each in found for text in each.texts))
    return CodesFound(texts=texts, seen=any(each.seen for each in found))


def _on_page(page: PdfPage) -> CodesFound:
    """Render a page finer and finer until a code is read."""
    seen = False
    for dpi in _PDF_DPI:
        texts, here = _read(_rendered(page, dpi), _LOCAL)
        if texts:
            return CodesFound(texts=texts, seen=here)
        seen = seen or here
    return CodesFound(texts=(), seen=seen)


def _rendered(page: PdfPage, dpi: int) -> Image.Image:
    width, height = page.get_size()
    scale = min(dpi / 72, (_MAX_PAGE_PIXELS / (width * height)) ** 0.5)
    picture: Image.Image = page.render(scale=scale, grayscale=True).to_pil().convert("L")
    return picture


def _opened(filename: str, content: bytes) -> Image.Image:
    with warnings.catch_warnings():
        # Pillow warns of metadata that it can't read and goes on with the pixels; so do we.
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        warnings.simplefilter("error", Image.DecompressionBombWarning)
        try:
            with Image.open(io.BytesIO(content), formats=_PICTURES) as image:
                if image.width * image.height > MAX_PIXELS:
                    raise code_refusals.too_many_pixels(filename, MAX_PIXELS)
                image.load()
                return _grey(ImageOps.exif_transpose(image))
        except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
            raise code_refusals.too_many_pixels(filename, MAX_PIXELS) from error
        except UnidentifiedImageError as error:
            raise code_refusals.other_kind(filename) from error
        except _DECODER_ERRORS as error:
            raise code_refusals.damaged(filename) from error


def _grey(image: Image.Image) -> Image.Image:
    if image.mode.startswith("I"):
        # 16-bit grey scans: Pillow would clip, not scale.
        return image.convert("I").point(lambda value: value / 256).convert("L")
    if image.mode in {"LA", "PA", "RGBA", "RGBa"} or "transparency" in image.info:
        white = Image.new("RGBA", image.size, (255, 255, 255, 255))
        return Image.alpha_composite(white, image.convert("RGBA")).convert("L")
    return image.convert("L")


def _preparations(picture: Image.Image) -> Iterator[tuple[Image.Image, zxingcpp.Binarizer]]:
    """Yield the picture as it may be read best: cheap and likely first."""
    usual = _at_most(picture, _SIDE)
    yield usual, _LOCAL
    yield usual, _GLOBAL
    large = _at_most(picture, _LARGE_SIDE)
    if large.size != usual.size:
        yield large, _LOCAL
    even = _without_shadow(usual)
    for step in _STEPS:
        yield step(even), _LOCAL
        yield step(even), _GLOBAL
    if large.size != usual.size:
        even = _without_shadow(large)
        yield even, _LOCAL
        yield _sharpened(even), _LOCAL


def _at_most(picture: Image.Image, side: int) -> Image.Image:
    if max(picture.size) <= side:
        return picture
    factor = side / max(picture.size)
    size = (max(1, round(picture.width * factor)), max(1, round(picture.height * factor)))
    return picture.resize(size, Image.Resampling.BOX)


def _without_shadow(picture: Image.Image) -> Image.Image:
    """Even out the light: what remains of each pixel against its wide surroundings."""
    around = picture.filter(ImageFilter.BoxBlur(max(4, min(picture.size) // 12)))
    return ImageOps.autocontrast(ImageChops.subtract(picture, around, scale=1, offset=128), cutoff=1)


def _plain(picture: Image.Image) -> Image.Image:
    return picture


def _sharpened(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.UnsharpMask(radius=3, percent=220, threshold=0))


def _smoothed(picture: Image.Image) -> Image.Image:
    return picture.filter(ImageFilter.GaussianBlur(1.0))


def _larger(picture: Image.Image) -> Image.Image:
    if max(picture.size) > _SIDE:
        return picture
    return picture.resize((picture.width * 2, picture.height * 2), Image.Resampling.BICUBIC)


def _larger_sharpened(picture: Image.Image) -> Image.Image:
    return _sharpened(_larger(picture))


_STEPS: Sequence[Callable[[Image.Image], Image.Image]] = (_plain, _sharpened, _larger, _larger_sharpened, _smoothed)


def _read(picture: Image.Image, binarizer: zxingcpp.Binarizer) -> tuple[tuple[str, ...], bool]:
    """Return the texts, from top to bottom, and whether a code was seen that could not be read."""
    found = zxingcpp.read_barcodes(picture, formats=_QR, text_mode=_PLAIN, binarizer=binarizer, return_errors=True)
    whole = sorted((each for each in found if each.valid), key=lambda each: each.position.top_left.y)
    return tuple(dict.fromkeys(each.text for each in whole)), any(not each.valid for each in found)
