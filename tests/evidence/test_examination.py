"""Taking in a file: what it is comes from the content; what is wrong with it comes as a sentence."""

from __future__ import annotations

import hashlib
import io
import zipfile
import zlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from PIL import Image
from reportlab.lib.pdfencrypt import StandardEncryption
from reportlab.pdfgen.canvas import Canvas

from claims.errors import InputError
from claims.ports import Examiner
from evidence import FileExaminer, examine
from evidence.examination import MAX_FILE_BYTES
from evidence.kinds import Kind, sniff
from evidence.pictures import MAX_PIXELS, THUMBNAIL_SIDE
from evidence.refusals import shown
from tests.evidence import samples


def refusal(filename: str, content: bytes) -> InputError:
    with pytest.raises(InputError) as caught:
        examine(filename, content)
    error = caught.value
    for sentence in (error.cause, error.next_step):
        assert sentence.zh.endswith("。")
        assert sentence.en.endswith(".")
    assert shown(filename) in error.cause.zh
    assert shown(filename) in error.cause.en
    return error


def outcome(filename: str, content: bytes) -> str:
    """Return the media type of what is taken in, or the code of the refusal; anything else is an error of the test."""
    try:
        found = examine(filename, content)
    except InputError as error:
        return error.code
    assert found.pages >= 1
    return found.media_type


REFUSALS_OF_A_CUT = {"file_empty", "file_truncated", "file_damaged", "file_kind_not_accepted", "file_mislabelled"}


@pytest.mark.parametrize("filename", samples.GOOD)
def test_good_files_are_taken_in_with_their_hash_and_type(filename: str) -> None:
    examiner: Examiner = FileExaminer()
    content = samples.GOOD[filename]
    found = examiner.examine(filename, content)
    assert found == examine(filename, content)
    assert found.sha256 == hashlib.sha256(content).hexdigest()
    assert found.media_type == sniff(content).value.media_type
    assert examine(filename, content).size_bytes == len(content)
    assert found.pages == {"record.pdf": 3, "99060126.ofd": 2}.get(filename, 1)
    assert examine(filename, content).note is None


@pytest.mark.parametrize("filename", ["IMG_0001", "微信图片", "photo.jpg.tmp", "扫描件.JPG", "a.b.c.jpeg", ".jpg"])
def test_names_without_a_telling_end_do_not_matter(filename: str) -> None:
    assert examine(filename, samples.jpeg()).media_type == "image/jpeg"


# --- names against contents -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filename", "content", "said", "found"),
    [
        ("票据.jpg", samples.pdf(), "JPEG 图片", "PDF 文件"),
        ("病历.pdf", samples.jpeg(), "PDF 文件", "JPEG 图片"),
        ("票据.xml", samples.ofd(), "XML 电子票据", "OFD 文件"),
        ("票据.pdf", b"MZ" + bytes(200), "PDF 文件", "可执行程序"),
        ("photo.jpg", b"\x00\x00\x00\x18ftypheic" + bytes(300), "JPEG 图片", "HEIC 图片（苹果手机格式）"),
        ("票据.pdf", b"<!DOCTYPE html><html>login</html>", "PDF 文件", "网页"),
        ("清单.docx", samples.pdf(), "Office 文件", "PDF 文件"),
    ],
)
def test_a_mislabelled_file_is_refused_naming_both(filename: str, content: bytes, said: str, found: str) -> None:
    error = refusal(filename, content)
    assert error.code == "file_mislabelled"
    assert said in error.cause.zh
    assert found in error.cause.zh


def test_a_mislabelled_good_file_says_how_to_name_it() -> None:
    assert "改为 .pdf" in refusal("票据.jpg", samples.pdf()).next_step.zh


def test_one_picture_format_named_as_another_is_taken_in_and_noted() -> None:
    found = examine("微信图片.jpg", samples.png())
    assert found.media_type == "image/png"
    assert found.note is not None
    assert "JPEG 图片" in found.note.zh
    assert "PNG 图片" in found.note.zh


@pytest.mark.parametrize(
    ("filename", "content", "hint"),
    [
        ("IMG_1.HEIC", b"\x00\x00\x00\x18ftypheic" + bytes(300), "兼容性最佳"),
        ("清单.docx", samples.zipped("[Content_Types].xml", "word/document.xml"), "另存为 PDF"),
        ("清单.xls", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(600), "另存为 PDF"),
        ("资料.zip", samples.zipped("a.jpg", "b.jpg"), "解压"),
        ("资料.rar", b"Rar!\x1a\x07\x00" + bytes(30), "解压"),
        ("现场.mp4", b"\x00\x00\x00\x18ftypisom" + bytes(300), "照片"),
        ("setup.exe", b"MZ" + bytes(300), "请勿打开"),
        ("run.sh", b"#!/bin/sh\nrm -r x\n", "请勿打开"),
        ("app.apk", samples.zipped("AndroidManifest.xml"), "请勿打开"),
        ("x.tif", b"II*\x00" + bytes(40), "图片或 PDF"),
        ("x.gif", b"GIF89a" + bytes(40), "图片或 PDF"),
        ("x.html", b"<html><body>", "重新下载"),
        ("notes", b"plain words", "图片或 PDF"),
    ],
)
def test_other_kinds_are_refused_with_a_way_out(filename: str, content: bytes, hint: str) -> None:
    error = refusal(filename, content)
    assert error.code == "file_kind_not_accepted"
    assert hint in error.next_step.zh
    assert "JPEG" in error.cause.zh


# --- empty, large ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("content", [b"", b"\0", bytes(4096)])
def test_nothing_and_nothing_but_zeros_is_empty(content: bytes) -> None:
    assert refusal("photo.jpg", content).code == "file_empty"


def test_an_oversized_file_is_refused_with_its_size() -> None:
    error = refusal("scan.pdf", samples.pdf() + b" " * MAX_FILE_BYTES)
    assert error.code == "file_too_large"
    assert "25.0 MB" in error.cause.zh
    assert "25 MB" in error.cause.zh


def png_claiming(width: int, height: int) -> bytes:
    """A whole PNG of a few kilobytes that says it is huge."""
    header = width.to_bytes(4, "big") + height.to_bytes(4, "big") + bytes([1, 0, 0, 0, 0])

    def chunk(kind: bytes, data: bytes) -> bytes:
        return len(data).to_bytes(4, "big") + kind + data + zlib.crc32(kind + data).to_bytes(4, "big")

    return (
        b"\x89PNG\r\n\x1a\n" + chunk(b"IHDR", header) + chunk(b"IDAT", zlib.compress(bytes(4096))) + chunk(b"IEND", b"")
    )


@pytest.mark.parametrize(("width", "height"), [(8001, 8000), (9000, 10_000), (30_000, 30_000), (2**31 - 1, 2**31 - 1)])
def test_a_decompression_bomb_is_refused_before_it_is_opened(width: int, height: int) -> None:
    assert width * height > MAX_PIXELS
    assert refusal("scan.png", png_claiming(width, height)).code == "picture_too_large"


def test_a_zip_bomb_named_ofd_costs_nothing() -> None:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("OFD.xml", bytes(50_000_000))
    assert examine("x.ofd", buffer.getvalue()).pages == 1


# --- truncated, damaged ----------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("filename", "content"),
    [
        ("photo.jpg", samples.jpeg()[:-2]),
        ("photo.jpg", samples.jpeg()[: len(samples.jpeg()) // 2]),
        ("scan.jpeg", samples.progressive_jpeg()[: len(samples.progressive_jpeg()) * 3 // 4]),
        ("scan.png", samples.png()[:-12]),
        ("scan.png", samples.png()[: len(samples.png()) // 2]),
        ("share.webp", samples.webp()[:-20]),
        ("record.pdf", samples.pdf()[:-10]),
        ("record.pdf", samples.pdf()[: len(samples.pdf()) // 2]),
        ("bill.ofd", samples.ofd()[:-30]),
        ("bill.xml", samples.EBILL[:-20]),
        ("bill.xml", samples.EBILL[:150]),
    ],
)
def test_a_file_cut_off_is_called_incomplete(filename: str, content: bytes) -> None:
    error = refusal(filename, content)
    assert error.code == "file_truncated"
    assert "不完整" in error.cause.zh


@pytest.mark.parametrize("filename", samples.GOOD)
@given(cut=st.floats(0, 1, exclude_max=True))
@settings(max_examples=60, deadline=None)
def test_no_truncation_point_gives_anything_but_a_sentence(filename: str, cut: float) -> None:
    content = samples.GOOD[filename]
    head, rest = content[: int(len(content) * cut)], content[int(len(content) * cut) :]
    said = outcome(filename, head)
    assert said in REFUSALS_OF_A_CUT or not rest.strip(), (
        "only trailing blanks may be missing of what is still taken in"
    )


@pytest.mark.parametrize("filename", samples.GOOD)
@given(data=st.data())
@settings(max_examples=60, deadline=None)
def test_no_damage_gives_anything_but_a_result_or_a_sentence(filename: str, data: st.DataObject) -> None:
    content = bytearray(samples.GOOD[filename])
    for _ in range(data.draw(st.integers(1, 6))):
        content[data.draw(st.integers(0, len(content) - 1))] = data.draw(st.integers(0, 255))
    assert outcome(filename, bytes(content))


@given(
    st.sampled_from(
        [
            b"",
            b"%PDF-1.4\n",
            b"\xff\xd8\xff\xe0",
            b"\x89PNG\r\n\x1a\n",
            b"RIFF\x10\0\0\0WEBP",
            b"PK\x03\x04OFD.xml",
            b"<?xml ",
        ]
    ),
    st.binary(max_size=300),
)
@settings(max_examples=150, deadline=None)
def test_foreign_bytes_after_any_start_give_a_result_or_a_sentence(start: bytes, rest: bytes) -> None:
    assert outcome("file.bin", start + rest)


def test_a_named_picture_with_unknown_content_is_called_damaged() -> None:
    error = refusal("photo.jpg", b"\x12\x34 garbage from a failing card")
    assert error.code == "file_damaged"
    assert "无法识别" in error.cause.zh


# --- pictures --------------------------------------------------------------------------------------------------------


def thumbnail_of(content: bytes) -> Image.Image:
    thumbnail = examine("x", content).thumbnail
    assert thumbnail is not None
    return Image.open(io.BytesIO(thumbnail))


@pytest.mark.parametrize(("width", "height"), [(1600, 900), (900, 1600), (320, 320), (100, 60), (4000, 3)])
def test_thumbnails_are_small_keep_their_shape_and_say_the_true_size(width: int, height: int) -> None:
    content = samples.jpeg(width, height)
    found, small = examine("x.jpg", content), thumbnail_of(content)
    assert (found.width, found.height) == (width, height)
    assert small.format == "JPEG"
    assert max(small.size) <= THUMBNAIL_SIDE
    assert min(small.size) >= 1
    assert max(small.size) == min(THUMBNAIL_SIDE, max(width, height))


@pytest.mark.parametrize("orientation", range(1, 9))
def test_orientation_is_applied_and_metadata_left_behind(orientation: int) -> None:
    upright = samples.bill(640, 400)
    # Storing the inverse turn with the tag must bring the upright picture back.
    undo = {
        1: None,
        2: Image.Transpose.FLIP_LEFT_RIGHT,
        3: Image.Transpose.ROTATE_180,
        4: Image.Transpose.FLIP_TOP_BOTTOM,
        5: Image.Transpose.TRANSPOSE,
        6: Image.Transpose.ROTATE_90,
        7: Image.Transpose.TRANSVERSE,
        8: Image.Transpose.ROTATE_270,
    }[orientation]
    exif = Image.Exif()
    exif[0x0112] = orientation
    exif[0x010F] = "Phone of Zhou"
    content = samples.saved(
        upright if undo is None else upright.transpose(undo), "JPEG", exif=exif, comment=b"secret place", quality=92
    )
    found, small = examine("x.jpg", content), thumbnail_of(content)
    assert (found.width, found.height) == (640, 400)
    assert small.size == (320, 200)
    red, green, _ = small.convert("RGB").crop((300, 20, 301, 21)).tobytes()
    assert red > 170
    assert green > 190
    assert not small.getexif()
    assert found.thumbnail is not None
    assert b"secret" not in found.thumbnail
    assert b"Zhou" not in found.thumbnail


@pytest.mark.parametrize("mode", ["1", "L", "P", "LA", "RGBA", "CMYK", "I;16"])
def test_every_colour_mode_gives_a_thumbnail(mode: str) -> None:
    image = (
        samples.bill().convert("L").convert("I").point(lambda value: value * 256).convert("I;16")
        if mode == "I;16"
        else samples.bill(mode=mode)
    )
    content = samples.saved(image, "JPEG" if mode == "CMYK" else "PNG")
    small = thumbnail_of(content)
    assert small.mode == "RGB"
    grey = small.convert("L").tobytes()
    assert min(grey) < 200
    assert max(grey) > 230


def test_what_is_see_through_becomes_white() -> None:
    content = samples.saved(Image.new("RGBA", (50, 50), (0, 0, 0, 0)), "PNG")
    assert min(thumbnail_of(content).convert("L").tobytes()) > 250


def test_the_same_picture_gives_the_same_thumbnail() -> None:
    assert examine("a.jpg", samples.jpeg(900, 700)).thumbnail == examine("b.jpg", samples.jpeg(900, 700)).thumbnail


def test_a_broken_exif_does_not_refuse_the_picture() -> None:
    content = samples.saved(samples.bill(), "JPEG", exif=b"Exif\0\0II*\0\xff\xff\xff\x7fbroken")
    assert (examine("x.jpg", content).width, examine("x.jpg", content).height) == (120, 80)


def test_what_follows_the_end_of_a_picture_does_no_harm() -> None:
    """Phones append a short video."""
    assert examine("x.jpg", samples.jpeg() + b"\x00\x00\x00\x18ftypmp42" + bytes(range(256)) * 20).width == 120


# --- documents -------------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("pages", [1, 2, 37])
def test_pages_of_a_pdf_are_counted(pages: int) -> None:
    assert examine("x.pdf", samples.pdf(pages)).pages == pages


def test_pages_in_object_streams_are_counted() -> None:
    """As PDF 1.5 writers pack them."""
    objects = [
        b"<< /Type /Pages /Kids [2 0 R 3 0 R] /Count 2 >>",
        b"<< /Type /Page /Parent 1 0 R >>",
        b"<< /Type /Page /Parent 1 0 R >>",
    ]
    offsets, body = [], b""
    for each in objects:
        offsets.append(len(body))
        body += each + b" "
    header = b" ".join(b"%d %d" % (number, offset) for number, offset in enumerate(offsets, 1)) + b" "
    packed = zlib.compress(header + body)
    stream = (
        b"9 0 obj\n<< /Type /ObjStm /N 3 /First %d /Filter /FlateDecode /Length %d >>\nstream\n%b\nendstream\nendobj\n"
        % (len(header), len(packed), packed)
    )
    assert examine("x.pdf", b"%PDF-1.5\n" + stream + b"startxref\n9\n%%EOF\n").pages == 2


def test_an_updated_pdf_counts_by_its_newest_page_tree() -> None:
    first = b"%PDF-1.4\n1 0 obj\n<< /Type /Pages /Kids [] /Count 1 >>\nendobj\n2 0 obj\n<< /Type /Page /Parent 1 0 R >>\nendobj\nstartxref\n9\n%%EOF\n"
    update = b"3 0 obj\n<< /Type /Page /Parent 1 0 R >>\nendobj\n1 0 obj\n<< /Type /Pages /Kids [] /Count 2 >>\nendobj\nstartxref\n9\n%%EOF\n"
    assert examine("x.pdf", first + update).pages == 2


def test_an_encrypted_pdf_is_taken_in_with_a_note() -> None:
    buffer = io.BytesIO()
    canvas = Canvas(buffer, encrypt=StandardEncryption("", ownerPassword="owner", canPrint=1))
    canvas.drawString(100, 700, "locked")
    canvas.showPage()
    canvas.save()
    found = examine("x.pdf", buffer.getvalue())
    assert found.pages == 1
    assert found.note is not None
    assert "加密" in found.note.zh


def test_a_pdf_without_a_page_is_damaged() -> None:
    assert refusal("x.pdf", b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\nstartxref\n9\n%%EOF\n").code == "file_damaged"


@pytest.mark.parametrize(
    "filler",
    [
        b"1 0 obj ",
        b"<< /Type /ObjStm >> stream\n",
        b"1 0 obj << /Type /ObjStm /First 9 >> stream\nx",
        b"endobj ",
        b"/Type /Pages ",
    ],
)
def test_a_hostile_pdf_costs_no_more_than_its_size(filler: bytes) -> None:
    """Quadratic scanning would run into the suite's time limit."""
    content = b"%PDF-1.5\n" + filler * (4_000_000 // len(filler)) + b"startxref\n9\n%%EOF\n"
    assert outcome("x.pdf", content) in {"application/pdf", "file_damaged"}


@pytest.mark.parametrize("encoding", ["UTF-8", "GBK", "GB18030", "gb2312", "utf-16"])
def test_ebills_are_read_in_the_encodings_they_come_in(encoding: str) -> None:
    text = samples.EBILL.decode().replace('encoding="UTF-8"', f'encoding="{encoding}"')
    assert (
        examine("x.xml", text.encode("gb18030" if encoding == "gb2312" else encoding)).media_type == "application/xml"
    )


@pytest.mark.parametrize(
    ("content", "code"),
    [
        (b'<?xml version="1.0"?><Invoice/>', "xml_not_an_ebill"),
        (b'<?xml version="1.0"?><!DOCTYPE EInvoice [<!ENTITY a "b">]><EInvoice>&a;</EInvoice>', "xml_not_an_ebill"),
        (b'<?xml version="1.0"?><EInvoice><a></b></EInvoice>', "file_damaged"),
        (b'<?xml version="1.0" encoding="no-such"?><EInvoice/>', "file_damaged"),
        (b'<?xml version="1.0" encoding="UTF-8"?><EInvoice>\xff\xfe</EInvoice>', "file_damaged"),
    ],
)
def test_other_and_broken_xml_is_refused(content: bytes, code: str) -> None:
    assert refusal("x.xml", content).code == code


def test_an_ofd_with_a_broken_member_is_damaged() -> None:
    content = samples.ofd(compression=zipfile.ZIP_STORED).replace(b"<ofd:OFD ", b"<ofd:OFX ")
    assert refusal("x.ofd", content).code == "file_damaged"


def test_long_and_odd_names_stay_one_sentence() -> None:
    assert shown("C:\\照片\\" + "长" * 100 + ".jpg") == f"「{'长' * 26}…{'长' * 9}.jpg」"
    assert shown("a\nb\u202e.jpg") == "「ab.jpg」"
    assert shown("") == "「文件」"


def test_every_kind_has_words_and_no_ending_belongs_to_two() -> None:
    endings = [ending for kind in Kind for ending in kind.value.endings]
    assert len(endings) == len(set(endings))
    assert all(kind.value.zh and kind.value.en for kind in Kind)
