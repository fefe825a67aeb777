"""Reading codes from files: rasters, turned, blurred, photographed; and files that are no good."""

from __future__ import annotations

import contextlib
import io
import random
import sys
import zlib
from collections import Counter
from collections.abc import Iterator
from functools import cache

import pikepdf
import pytest
import segno
from PIL import Image

from claims.errors import InputError
from forms.code_reading import MAX_PDF_PAGES, codes_in_file
from forms.drawing import PdfDrawing
from tests.forms import samples
from tests.forms.camera import PAPER, Shot, scan
from tests.forms.reading import raster
from trust.vouchers import voucher_qr_text

TEXT = voucher_qr_text(samples.signed())


@cache
def pdf() -> bytes:
    return PdfDrawing().paper(samples.voucher())


@cache
def page(dpi: int) -> Image.Image:
    with pikepdf.open(io.BytesIO(pdf())) as document:
        return raster(pdf(), dpi, len(document.pages) - 1)


def code_picture(text: str, module: int = 5) -> Image.Image:
    """A picture of a code alone."""
    rows = [bytes(row) for row in segno.make_qr(text, error="m").matrix]
    side = len(rows) + 8
    small = Image.new("L", (side, side), PAPER)
    dark = Image.frombytes("L", (len(rows),) * 2, b"".join(rows)).point(lambda value: 20 if value else PAPER)
    small.paste(dark, (4, 4))
    return small.resize((side * module,) * 2, Image.Resampling.NEAREST)


def file_of(picture: Image.Image, form: str = "PNG", **more: object) -> bytes:
    out = io.BytesIO()
    picture.save(out, form, **more)
    return out.getvalue()


def refusal(content: bytes, filename: str = "照片.jpg") -> InputError:
    with pytest.raises(InputError) as caught:
        codes_in_file(filename, content)
    error = caught.value
    assert all((error.cause.zh, error.cause.en, error.next_step.zh, error.next_step.en))
    assert filename in error.cause.zh
    return error


def test_from_the_pdf_itself() -> None:
    assert codes_in_file("v.pdf", pdf()).texts == (TEXT,)


@pytest.mark.parametrize("form", ["PNG", "JPEG", "WEBP", "BMP", "TIFF", "GIF"])
def test_every_picture_format(form: str) -> None:
    picture = code_picture(TEXT)
    assert codes_in_file("x", file_of(picture.convert("P") if form == "GIF" else picture, form)).texts == (TEXT,)


@pytest.mark.parametrize("mode", ["1", "L", "LA", "RGB", "RGBA", "P", "CMYK", "I;16"])
def test_every_kind_of_pixel(mode: str) -> None:
    picture = code_picture(TEXT)
    if mode == "I;16":
        wide = Image.new("I", picture.size)
        wide.putdata([value * 256 for value in picture.tobytes()])
        picture = wide.convert("I;16")
    else:
        picture = picture.convert(mode)
    assert codes_in_file("x", file_of(picture, "TIFF")).texts == (TEXT,)


def test_a_see_through_picture_is_read_on_white() -> None:
    code = code_picture(TEXT)
    clear = Image.new("RGBA", code.size, (0, 0, 0, 0))
    clear.paste((0, 0, 0, 255), mask=code.point(lambda value: 255 - value if value < 128 else 0))
    assert codes_in_file("x", file_of(clear)).texts == (TEXT,)


def test_a_phones_upright_mark_and_light_on_dark() -> None:
    exif = Image.Exif()
    exif[0x0112] = 6
    assert codes_in_file("x", file_of(code_picture(TEXT), "JPEG", exif=exif)).texts == (TEXT,)
    assert codes_in_file("x", file_of(code_picture(TEXT).point(lambda value: 255 - value))).texts == (TEXT,)


def test_several_codes_on_a_page_come_from_top_to_bottom() -> None:
    first, second = code_picture("HC1:FIRST"), code_picture("OP1:SECOND")
    both = Image.new("L", (600, 900), PAPER)
    both.paste(second, (60, 480))
    both.paste(first, (200, 40))
    assert codes_in_file("x", file_of(both)).texts == ("HC1:FIRST", "OP1:SECOND")


def test_a_code_that_cannot_be_read_is_seen() -> None:
    picture = code_picture(TEXT)
    side = picture.width
    # The corners stay, a third of the code in its middle is gone: more than the error correction mends.
    picture.paste(128, (side // 4, side // 4, 3 * side // 4, 3 * side // 4))
    found = codes_in_file("x", file_of(picture))
    assert found.texts == ()
    assert found.seen


def test_a_page_without_a_code() -> None:
    blank = Image.new("L", (800, 1100), PAPER)
    assert codes_in_file("x", file_of(blank)) == codes_in_file("x", file_of(blank, "PDF"))
    assert not codes_in_file("x", file_of(blank)).texts


def test_a_scanned_page_in_a_pdf() -> None:
    photo = Image.open(io.BytesIO(scan(page(200), Shot(dpi=200, tilt=0.04, shadow=0.5, noise=6, jpeg=60, seed=3))))
    assert codes_in_file("scan.pdf", file_of(photo, "PDF", resolution=150)).texts == (TEXT,)


# What people do to papers


@pytest.mark.parametrize("turned", [0, 7, 45, 90, 133, 180, 271])
def test_150_dpi_turned(turned: float) -> None:
    assert codes_in_file("x", scan(page(150), Shot(turned=turned))).texts == (TEXT,)


@pytest.mark.parametrize("blur", [0.6, 1.2])
def test_150_dpi_blurred(blur: float) -> None:
    assert codes_in_file("x", scan(page(150), Shot(blur=blur))).texts == (TEXT,)


def variants(count: int) -> Iterator[tuple[str, Shot]]:
    """Seeded ways to look at a page: as many of each kind."""
    rng = random.Random(5)
    for seed in range(count):
        kind = ("turned", "blurred", "photo", "poor photo", "crumpled")[seed % 5]
        shot = {
            "turned": Shot(seed=seed, turned=rng.uniform(0, 360)),
            "blurred": Shot(seed=seed, blur=rng.uniform(0.3, 1.3), turned=rng.uniform(-10, 10)),
            "photo": Shot(
                dpi=200,
                seed=seed,
                tilt=rng.uniform(0.02, 0.12),
                shadow=rng.uniform(0.2, 0.8),
                noise=rng.uniform(2, 10),
                jpeg=60,
                turned=rng.uniform(-180, 180),
            ),
            "poor photo": Shot(
                dpi=250,
                seed=seed,
                tilt=rng.uniform(0.02, 0.15),
                shadow=rng.uniform(0.2, 0.9),
                noise=rng.uniform(2, 14),
                blur=rng.uniform(0.3, 1.6),
                jpeg=60,
                turned=rng.uniform(-25, 25),
            ),
            "crumpled": Shot(
                dpi=200,
                seed=seed,
                crumple=rng.uniform(1, 5),
                tilt=rng.uniform(0.01, 0.08),
                shadow=rng.uniform(0.1, 0.6),
                noise=rng.uniform(1, 6),
                blur=rng.uniform(0.2, 1.0),
                jpeg=60,
            ),
        }[kind]
        yield kind, shot


def read_back(count: int) -> Counter[tuple[str, str]]:
    table: Counter[tuple[str, str]] = Counter()
    for kind, shot in variants(count):
        found = codes_in_file("x", scan(page(shot.dpi), shot))
        if found.texts:
            table[kind, "read" if found.texts == (TEXT,) else "false"] += 1
        else:
            table[kind, "hold still" if found.seen else "no code found"] += 1
    return table


def judge(table: Counter[tuple[str, str]], count: int) -> None:
    answers = Counter[str]()
    for (_, answer), number in table.items():
        answers[answer] += number
    assert answers["false"] == 0
    assert answers["read"] + answers["hold still"] >= 0.99 * count, table
    assert answers["read"] >= 0.9 * count, table


def test_a_few_variants_are_read_or_ask_to_hold_still() -> None:
    judge(read_back(10), 10)


@pytest.mark.slow
@pytest.mark.timeout(1200)
def test_three_hundred_variants_are_read_or_ask_to_hold_still(capsys: pytest.CaptureFixture[str]) -> None:
    table = read_back(300)
    answers = ("read", "hold still", "no code found", "false")
    kinds = dict.fromkeys(kind for kind, _ in variants(5))
    lines = [f"{kind:14}" + "".join(f"{table[kind, answer]:>15}" for answer in answers) for kind in kinds]
    with capsys.disabled():
        sys.stdout.write("\n".join(("", "300 variants  " + "".join(f"{answer:>15}" for answer in answers), *lines, "")))
    judge(table, 300)


# Files that are no good


def test_empty_and_oversized_files() -> None:
    assert refusal(b"").code == "file_empty"
    assert refusal(b"\0" * 100).code == "file_empty"
    assert refusal(b"%PDF-" + b"x" * 25_000_000).code == "file_too_large"


@pytest.mark.parametrize("content", [b"hello", b"PK\3\4", b"<html>", b"\0\0\0\x18ftypheic" + b"x" * 50])
def test_other_kinds_of_file(content: bytes) -> None:
    assert refusal(content).code == "file_kind"


def test_broken_pictures_and_pdfs() -> None:
    jpeg = scan(page(150), Shot(jpeg=60))
    assert refusal(jpeg[: len(jpeg) // 2]).code == "file_damaged"
    assert refusal(b"%PDF-1.7\nnothing").code == "file_damaged"
    rng = random.Random(1)
    for number in range(60):
        source = bytearray(pdf() if number % 2 else jpeg)
        for _ in range(30):
            source[rng.randrange(len(source))] = rng.randrange(256)
        # Whatever is left of the file: what was written, nothing, or a refusal in words; never another error, never another text.
        with contextlib.suppress(InputError):
            assert codes_in_file("x", bytes(source[: rng.randrange(200, len(source))])).texts in {(), (TEXT,)}


def test_a_locked_pdf() -> None:
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(pdf())) as document:
        document.save(out, encryption=pikepdf.Encryption(owner="o", user="secret"))
    assert refusal(out.getvalue()).code == "file_locked"


def test_bombs() -> None:
    packed = zlib.compress(b"\0" * 40_000_000)
    head = (60_000).to_bytes(4, "big") * 2 + b"\x08\x00\x00\x00\x00"

    def chunk(kind: bytes, body: bytes) -> bytes:
        return len(body).to_bytes(4, "big") + kind + body + zlib.crc32(kind + body).to_bytes(4, "big")

    png = b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", head) + chunk(b"IDAT", packed) + chunk(b"IEND", b"")
    assert refusal(png).code == "picture_too_large"
    out = io.BytesIO()
    with pikepdf.new() as document:
        for _ in range(MAX_PDF_PAGES + 1):
            document.add_blank_page()
        document.save(out)
    assert refusal(out.getvalue()).code == "too_many_pages"


def test_a_page_as_large_as_a_field_takes_bounded_memory() -> None:
    out = io.BytesIO()
    with pikepdf.new() as document:
        document.add_blank_page(page_size=(14_400, 14_400))
        document.save(out)
    assert codes_in_file("x.pdf", out.getvalue()).texts == ()
