"""What a file is, told from its first bytes and never from its name.

Promise: ``sniff`` is total and reads at most the head of the file; what it can't name is ``UNKNOWN``.

Sources: ITU-T T.81 (JPEG), ISO/IEC 15948 (PNG), RFC 9649 (WebP), ISO 32000-1 7.5.2 (PDF), GB/T 33190 (OFD: a ZIP with OFD.xml at its
root), ISO/IEC 14496-12 (the ``ftyp`` box of HEIC, MP4).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

# A PDF header may stand anywhere in the first 1024 bytes (ISO 32000-1, annex H.3.4.1): fax software puts its own line before it.
_PDF_HEADER_WITHIN = 1024
_OFD_ENTRY = b"OFD.xml"


@dataclass(frozen=True, slots=True)
class KindFacts:
    """Name of a kind for people, its media type, and the name endings that say it (lower case, first one usual)."""

    zh: str
    en: str
    media_type: str
    endings: tuple[str, ...]


class Kind(Enum):
    """Kinds of file that people hand in. The first six are taken in."""

    JPEG = KindFacts("JPEG 图片", "JPEG picture", "image/jpeg", ("jpg", "jpeg", "jpe", "jfif"))
    PNG = KindFacts("PNG 图片", "PNG picture", "image/png", ("png",))
    WEBP = KindFacts("WebP 图片", "WebP picture", "image/webp", ("webp",))
    PDF = KindFacts("PDF 文件", "PDF document", "application/pdf", ("pdf",))
    OFD = KindFacts("OFD 文件", "OFD document", "application/ofd", ("ofd",))
    XML = KindFacts("XML 电子票据", "XML e-bill", "application/xml", ("xml",))
    HEIC = KindFacts("HEIC 图片（苹果手机格式）", "HEIC picture (iPhone format)", "image/heic", ("heic", "heif", "hif"))
    TIFF = KindFacts("TIFF 图片", "TIFF picture", "image/tiff", ("tif", "tiff"))
    GIF = KindFacts("GIF 图片", "GIF picture", "image/gif", ("gif",))
    BMP = KindFacts("BMP 图片", "BMP picture", "image/bmp", ("bmp", "dib"))
    OFFICE = KindFacts(
        "Office 文件",
        "Office document",
        "application/x-office",
        ("doc", "docx", "xls", "xlsx", "ppt", "pptx", "wps", "et"),
    )
    ARCHIVE = KindFacts("压缩包", "archive", "application/zip", ("zip", "rar", "7z", "gz", "tar"))
    VIDEO = KindFacts("视频", "video", "video/mp4", ("mp4", "mov", "avi", "3gp", "mkv"))
    PROGRAM = KindFacts(
        "可执行程序",
        "program",
        "application/x-executable",
        ("exe", "dll", "msi", "bat", "cmd", "sh", "js", "apk", "com", "scr"),
    )
    HTML = KindFacts("网页", "web page", "text/html", ("html", "htm", "mht"))
    UNKNOWN = KindFacts("无法识别的文件", "file of unknown kind", "application/octet-stream", ())


PICTURES = frozenset({Kind.JPEG, Kind.PNG, Kind.WEBP})
TAKEN_IN = PICTURES | {Kind.PDF, Kind.OFD, Kind.XML}

_HEIC_BRANDS = frozenset({b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1", b"avif", b"avis"})

# Fixed starts, most telling first.
_STARTS: tuple[tuple[bytes, Kind], ...] = (
    (b"\xff\xd8\xff", Kind.JPEG),
    (b"\x89PNG\r\n\x1a\n", Kind.PNG),
    (b"GIF87a", Kind.GIF),
    (b"GIF89a", Kind.GIF),
    (b"II*\x00", Kind.TIFF),
    (b"MM\x00*", Kind.TIFF),
    (b"\x7fELF", Kind.PROGRAM),
    (b"MZ", Kind.PROGRAM),
    (b"#!", Kind.PROGRAM),
    (b"\xfe\xed\xfa\xce", Kind.PROGRAM),
    (b"\xfe\xed\xfa\xcf", Kind.PROGRAM),
    (b"\xcf\xfa\xed\xfe", Kind.PROGRAM),
    (b"\xca\xfe\xba\xbe", Kind.PROGRAM),
    (b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1", Kind.OFFICE),
    (b"Rar!\x1a\x07", Kind.ARCHIVE),
    (b"7z\xbc\xaf\x27\x1c", Kind.ARCHIVE),
    (b"\x1f\x8b", Kind.ARCHIVE),
    (b"\x1aE\xdf\xa3", Kind.VIDEO),
)


def sniff(content: bytes) -> Kind:
    """Return what the bytes are, also when the file is cut off further on."""
    for start, kind in _STARTS:
        if content.startswith(start):
            return kind
    return _of_container(content) or _of_text(content)


def _of_container(content: bytes) -> Kind | None:
    """Tell the formats that share a container, and those whose mark stands further in."""
    if content.startswith(b"RIFF"):
        return {b"WEBP": Kind.WEBP, b"AVI ": Kind.VIDEO}.get(content[8:12], Kind.UNKNOWN)
    if content[4:8] == b"ftyp":
        return Kind.HEIC if content[8:12] in _HEIC_BRANDS else Kind.VIDEO
    if content.startswith(b"PK\x03\x04"):
        return _of_zip(content)
    if content.startswith(b"BM") and content[6:10] == bytes(4):
        return Kind.BMP
    return Kind.PDF if b"%PDF-" in content[:_PDF_HEADER_WITHIN] else None


def said_by_name(filename: str) -> Kind | None:
    """Return the kind that the name's ending says, None for no ending or one that says nothing to us."""
    ending = filename.rpartition(".")[2].lower() if "." in filename else ""
    return next((kind for kind in Kind if ending in kind.value.endings), None)


def _of_zip(content: bytes) -> Kind:
    """Tell OFD from office files and other archives by the entry names, which ZIP keeps in clear, first and last."""
    if _OFD_ENTRY in content[:4096] or _OFD_ENTRY in content[-65_536:]:
        return Kind.OFD
    if b"[Content_Types].xml" in content[:4096] or b"word/" in content[:4096] or b"xl/" in content[:4096]:
        return Kind.OFFICE
    if b"AndroidManifest.xml" in content[:4096] or b"META-INF/" in content[:4096]:
        return Kind.PROGRAM
    return Kind.ARCHIVE


def _of_text(content: bytes) -> Kind:
    head = content[:512].removeprefix(b"\xef\xbb\xbf")
    if head.startswith((b"\xff\xfe", b"\xfe\xff")):
        head = head.decode("utf-16", "ignore").encode("utf-8", "ignore")
    head = head.lstrip().lower()
    if head.startswith((b"<!doctype html", b"<html")):
        return Kind.HTML
    if head.startswith((b"<?xml", b"<einvoice")):
        return Kind.XML
    return Kind.UNKNOWN
