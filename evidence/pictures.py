"""Pictures: whether they are whole, how large, and a small clean copy.

Promise: a picture passes only when its structure reaches its end mark *and* every pixel decodes, so that what is stored can be looked
at years later. The thumbnail carries no metadata (no place, no phone, no owner) and is the same bytes for the same picture.

Laplacian sharpness and other quality gates come with OCR; this is only about being a picture at all.
"""

from __future__ import annotations

import io
import struct
import warnings
import zlib
from dataclasses import dataclass

from PIL import Image, UnidentifiedImageError

from evidence.kinds import Kind

THUMBNAIL_SIDE = 320
_THUMBNAIL_QUALITY = 80
# 50-megapixel phones pass (8160 x 6144); decoded this is 192 MB for a moment. Pillow's own limit only warns, at 89 million.
MAX_PIXELS = 64_000_000

# What Pillow's decoders raise on broken files. Anything else is a bug and shall be seen.
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
_WHITE = (255, 255, 255)
_STANDALONE_MARKERS = frozenset({0x01, *range(0xD0, 0xD8)})
_EOI = 0xD9
_ORIENTATION_TAG = 0x0112
_ON_ITS_SIDE = frozenset({5, 6, 7, 8})  # Exif 2.32, table 6: rows are columns


class PictureTruncatedError(Exception):
    """The end is missing."""


class PictureDamagedError(Exception):
    """The decoder can't read it."""


class PictureTooLargeError(Exception):
    """More than ``MAX_PIXELS``."""


@dataclass(frozen=True, slots=True)
class Picture:
    """Size as looked at (EXIF orientation applied) and the thumbnail, JPEG."""

    width: int
    height: int
    thumbnail: bytes


def read_picture(content: bytes, kind: Kind) -> Picture:
    """Decode a picture whole and return its size and thumbnail.

    Raises:
        PictureTruncatedError, PictureDamagedError, PictureTooLargeError.
    """
    if not _END_CHECKS[kind](content):
        raise PictureTruncatedError
    with warnings.catch_warnings():
        # Pillow warns of metadata that it can't read and goes on with the pixels; so do we.
        warnings.filterwarnings("ignore", category=UserWarning, module="PIL")
        return _decoded(content, kind)


def _decoded(content: bytes, kind: Kind) -> Picture:
    try:
        with Image.open(io.BytesIO(content), formats=[kind.name]) as image:
            if image.width * image.height > MAX_PIXELS:
                raise PictureTooLargeError
            width, height = image.size
            # JPEG alone can be decoded at a fraction of its size; all its data are read all the same.
            image.draft("RGB", (THUMBNAIL_SIDE * 2, THUMBNAIL_SIDE * 2))
            image.load()
            if _orientation(image) in _ON_ITS_SIDE:
                width, height = height, width
            return Picture(width, height, _thumbnail(image))
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise PictureTooLargeError from error
    except UnidentifiedImageError as error:
        raise PictureDamagedError from error
    except _DECODER_ERRORS as error:
        if "truncated" in str(error):
            raise PictureTruncatedError from error
        raise PictureDamagedError from error


def _orientation(image: Image.Image) -> int:
    """Return the EXIF orientation; 1 (upright) where the EXIF is missing or broken: a picture isn't refused for that."""
    try:
        found = image.getexif().get(_ORIENTATION_TAG, 1)
    except _DECODER_ERRORS:
        return 1
    return found if isinstance(found, int) else 1


def _thumbnail(image: Image.Image) -> bytes:
    """Return a small upright JPEG made of pixels only: a new image, so that no comment, EXIF or profile comes along."""
    small = _eight_bit(image)
    small.thumbnail((THUMBNAIL_SIDE, THUMBNAIL_SIDE), Image.Resampling.LANCZOS, reducing_gap=3.0)
    turn = _TURNS.get(_orientation(image))
    if turn is not None:
        small = small.transpose(turn)
    clean = Image.new("RGB", small.size, _WHITE)
    clean.paste(small, mask=small.getchannel("A") if small.mode == "RGBA" else None)
    buffer = io.BytesIO()
    clean.save(buffer, "JPEG", quality=_THUMBNAIL_QUALITY, subsampling="4:2:0")
    return buffer.getvalue()


# Exif 2.32, table 6: what brings each orientation upright.
_TURNS = {
    2: Image.Transpose.FLIP_LEFT_RIGHT,
    3: Image.Transpose.ROTATE_180,
    4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE,
    6: Image.Transpose.ROTATE_270,
    7: Image.Transpose.TRANSVERSE,
    8: Image.Transpose.ROTATE_90,
}


def _eight_bit(image: Image.Image) -> Image.Image:
    """Return the picture as RGB or, where it is see-through, as RGBA."""
    if image.mode.startswith("I"):
        # 16-bit grey (X-ray scans): Pillow would clip, not scale.
        return image.convert("I").point(lambda value: value / 256).convert("L").convert("RGB")
    see_through = image.mode in {"LA", "PA", "RGBA", "RGBa"} or "transparency" in image.info
    return image.convert("RGBA" if see_through else "RGB")


def _jpeg_ends(content: bytes) -> bool:
    """Walk the segments to the end mark (ITU-T T.81, annex B). What follows it, such as a phone's short video, is ignored."""
    position = 2
    while (position := content.find(b"\xff", position)) >= 0 and position + 1 < len(content):
        marker = content[position + 1]
        if marker == _EOI:
            return True
        if marker == 0xFF:
            position += 1
        elif marker == 0 or marker in _STANDALONE_MARKERS:
            position += 2
        else:
            position += 2 + int.from_bytes(content[position + 2 : position + 4], "big")
    return False


def _png_ends(content: bytes) -> bool:
    """Walk the chunks to IEND (ISO/IEC 15948, 5.3)."""
    position = 8
    while position + 12 <= len(content):
        length = int.from_bytes(content[position : position + 4], "big")
        if content[position + 4 : position + 8] == b"IEND":
            return True
        position += 12 + length
    return False


def _webp_ends(content: bytes) -> bool:
    """Compare the RIFF size with what is there (RFC 9649, 2.4)."""
    return len(content) >= 8 + int.from_bytes(content[4:8], "little")


_END_CHECKS = {Kind.JPEG: _jpeg_ends, Kind.PNG: _png_ends, Kind.WEBP: _webp_ends}
