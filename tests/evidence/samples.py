"""Files for the evidence tests, made on the spot by the libraries that make them in life."""

from __future__ import annotations

import io
import zipfile
from functools import cache

from PIL import Image
from reportlab.pdfgen.canvas import Canvas

EBILL = (
    '<?xml version="1.0" encoding="UTF-8"?>\n<EInvoice><Header><EInvoiceTag>CZ-EI-32</EInvoiceTag></Header>'
    "<EInvoiceData><Main><EInvoiceName>医疗门诊收费票据（电子）</EInvoiceName><EInvoiceCode>99060126</EInvoiceCode>"
    "<TotalAmount>8210.30</TotalAmount></Main></EInvoiceData></EInvoice>"
).encode()


def bill(width: int = 120, height: int = 80, mode: str = "RGB") -> Image.Image:
    """A picture with structure in it, so that a wrong turn or a broken decode shows."""
    image = Image.new("RGB", (width, height), (250, 248, 240))
    for x in range(width):
        for y in range(height // 4):
            image.putpixel((x, y), (200, x * 255 // width, 30))
    return image.convert(mode)


def saved(image: Image.Image, form: str, **options: object) -> bytes:
    buffer = io.BytesIO()
    image.save(buffer, form, **options)
    return buffer.getvalue()


@cache
def jpeg(width: int = 120, height: int = 80) -> bytes:
    return saved(bill(width, height), "JPEG", quality=85)


@cache
def progressive_jpeg() -> bytes:
    return saved(bill(), "JPEG", quality=85, progressive=True)


@cache
def png() -> bytes:
    return saved(bill(), "PNG")


@cache
def webp() -> bytes:
    return saved(bill(), "WEBP", quality=80)


@cache
def pdf(pages: int = 3) -> bytes:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, invariant=1)
    for number in range(pages):
        canvas.drawString(100, 700, f"page {number}")
        canvas.showPage()
    canvas.save()
    return buffer.getvalue()


@cache
def ofd(pages: int = 2, compression: int = zipfile.ZIP_DEFLATED) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", compression) as archive:
        archive.writestr("OFD.xml", '<ofd:OFD xmlns:ofd="http://www.ofdspec.org/2016"><ofd:DocBody/></ofd:OFD>')
        listed = "".join(
            f'<ofd:Page ID="{number}" BaseLoc="Pages/Page_{number}/Content.xml"/>' for number in range(pages)
        )
        archive.writestr("Doc_0/Document.xml", f"<ofd:Document><ofd:Pages>{listed}</ofd:Pages></ofd:Document>")
    return buffer.getvalue()


def zipped(*names: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name in names:
            archive.writestr(name, "x")
    return buffer.getvalue()


GOOD = {
    "photo.jpg": jpeg(),
    "scan.jpeg": progressive_jpeg(),
    "scan.png": png(),
    "share.webp": webp(),
    "record.pdf": pdf(),
    "99060126.ofd": ofd(),
    "99060126.xml": EBILL,
}
