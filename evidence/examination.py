"""Looking at a file before it is taken in: what it really is, whether it is whole, how large, what it looks like.

Promise: either an ``ExaminedFile`` whose every field was found in the content, or an ``InputError`` that names cause and next step. No
other exception for any bytes. Nothing is stored, nothing is sent, nothing in the file is executed.

Order of the questions: empty, too large, kind, name against content, whole, readable. See docs/adr/0053.
"""

from __future__ import annotations

import hashlib
from dataclasses import dataclass

from claims.errors import Bilingual
from evidence import refusals
from evidence.ebill_structure import NotAnEbillError, XmlDamagedError, XmlTruncatedError, check_ebill
from evidence.kinds import PICTURES, TAKEN_IN, Kind, said_by_name, sniff
from evidence.ofd_structure import OfdDamagedError, OfdTruncatedError, count_ofd_pages
from evidence.pdf_structure import PdfDamagedError, PdfTruncatedError, read_pdf
from evidence.pictures import (
    MAX_PIXELS,
    PictureDamagedError,
    PictureTooLargeError,
    PictureTruncatedError,
    read_picture,
)

MAX_FILE_BYTES = 25_000_000

_TRUNCATED = (PictureTruncatedError, PdfTruncatedError, OfdTruncatedError, XmlTruncatedError)
_DAMAGED = (PictureDamagedError, PdfDamagedError, OfdDamagedError, XmlDamagedError)


@dataclass(frozen=True, slots=True)
class ExaminedFile:
    """What a file turned out to be; implements ``claims.ports.Examined``.

    ``width`` and ``height`` are pixels as looked at, of pictures only; so is ``thumbnail`` (JPEG, at most 320 on its longer side,
    without metadata). ``pages`` is at least 1. ``note`` is something the adjuster should know though the file is taken in.
    """

    sha256: str
    media_type: str
    size_bytes: int
    pages: int
    width: int | None = None
    height: int | None = None
    thumbnail: bytes | None = None
    note: Bilingual | None = None


class FileExaminer:
    """Implements ``claims.ports.Examiner``."""

    def examine(self, filename: str, content: bytes) -> ExaminedFile:
        """See ``examine``."""
        return examine(filename, content)


def examine(filename: str, content: bytes) -> ExaminedFile:
    """Return what ``content`` is. ``filename`` is only compared with it and named in sentences.

    Raises:
        InputError: ``file_empty``, ``file_too_large``, ``picture_too_large``, ``file_kind_not_accepted``, ``file_mislabelled``,
            ``file_truncated``, ``file_damaged``, ``xml_not_an_ebill``.
    """
    if not content.strip(b"\0"):
        raise refusals.empty(filename)
    if len(content) > MAX_FILE_BYTES:
        raise refusals.too_large(filename, len(content), MAX_FILE_BYTES)
    kind = sniff(content)
    note = _checked_name(filename, kind)
    try:
        return _look_inside(content, kind, note)
    except _TRUNCATED as error:
        raise refusals.truncated(filename, kind) from error
    except _DAMAGED as error:
        raise refusals.damaged(filename, kind) from error
    except PictureTooLargeError as error:
        raise refusals.too_many_pixels(filename, MAX_PIXELS) from error
    except NotAnEbillError as error:
        raise refusals.not_an_ebill(filename) from error


def _checked_name(filename: str, kind: Kind) -> Bilingual | None:
    """Compare name and content. One picture format named as another is common (chat programs do it) and only noted."""
    said = said_by_name(filename)
    if said in TAKEN_IN and kind is Kind.UNKNOWN:
        raise refusals.unrecognised(filename, said)
    if said is not None and said is not kind and kind is not Kind.UNKNOWN:
        if {said, kind} <= PICTURES:
            return Bilingual(
                f"名称说是{said.value.zh}，内容是{kind.value.zh}，已按内容收入。",
                f"Named as a {said.value.en}; the content is a {kind.value.en} and was taken in as such.",
            )
        raise refusals.mislabelled(filename, said, kind)
    if kind not in TAKEN_IN:
        raise refusals.not_accepted(filename, kind)
    return None


def _look_inside(content: bytes, kind: Kind, note: Bilingual | None) -> ExaminedFile:
    sha256, media_type, size = hashlib.sha256(content).hexdigest(), kind.value.media_type, len(content)
    if kind in PICTURES:
        picture = read_picture(content, kind)
        return ExaminedFile(sha256, media_type, size, 1, picture.width, picture.height, picture.thumbnail, note)
    if kind is Kind.PDF:
        shape = read_pdf(content)
        locked = Bilingual(
            "该 PDF 带加密设置；请打开确认不输密码就能看，否则请提供者去掉密码。",
            "This PDF is encrypted. Open it and make sure that no password is asked for; otherwise have the password removed.",
        )
        return ExaminedFile(sha256, media_type, size, shape.pages, note=locked if shape.locked else None)
    if kind is Kind.OFD:
        return ExaminedFile(sha256, media_type, size, count_ofd_pages(content))
    check_ebill(content)
    return ExaminedFile(sha256, media_type, size, 1)
