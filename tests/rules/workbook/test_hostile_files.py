"""Files that are no workbook, or are made to harm: each a clear refusal, quickly, before anything large is made of it."""

from __future__ import annotations

import io
import random
import zipfile
from collections.abc import Callable

import pytest
from openpyxl.workbook import Workbook

from rules.workbook import guarding, import_pack
from rules.workbook.guarding import MAX_COLUMNS, MAX_FILE_BYTES, MAX_ROWS
from tests.rules.workbook.books import edited, problems_of, saved, told, with_new_part, with_part

SHEET = "xl/worksheets/sheet3.xml"


def _code(raw: bytes) -> str:
    (problem,) = problems_of(raw)
    assert problem.place.named(english=False) == "文件"
    assert problem.place.named(english=True) == "the file"
    assert problem.text.zh
    assert problem.text.en
    return problem.code


def _archive(parts: dict[str, bytes]) -> bytes:
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as archive:
        for name, content in parts.items():
            archive.writestr(name, content)
    return out.getvalue()


OLE = bytes.fromhex("d0cf11e0a1b11ae1")
FILES: list[tuple[str, bytes, str]] = [
    ("nothing", b"", "empty_file"),
    ("a CSV renamed", "编号,中文名\nplan,方案\n".encode(), "not_a_workbook"),
    ("a page", b"<html><table>", "not_a_workbook"),
    ("random bytes", random.Random(1).randbytes(5000), "not_a_workbook"),
    ("an old workbook", OLE + b"\0" * 600, "old_excel"),
    ("a workbook with a password", OLE + b"\0" * 600 + "EncryptedPackage".encode("utf-16-le"), "encrypted"),
    ("an archive of something else", _archive({"a.txt": b"a"}), "damaged"),
    ("an OpenDocument sheet", _archive({"mimetype": b"application/vnd.oasis.opendocument.spreadsheet"}), "open_document"),
    ("a binary workbook", _archive({"xl/workbook.bin": b"x"}), "binary_workbook"),
    ("too many parts", _archive({f"x{number}": b"" for number in range(600)}), "too_many_parts"),
    ("too large", b"PK\x03\x04" + b"\0" * MAX_FILE_BYTES, "too_large_file"),
]  # fmt: skip


@pytest.mark.parametrize(("raw", "code"), [each[1:] for each in FILES], ids=[each[0] for each in FILES])
def test_what_is_no_workbook_is_refused(raw: bytes, code: str) -> None:
    assert _code(raw) == code


def test_an_empty_workbook_is_refused() -> None:
    assert _code(saved(Workbook())) == "empty_workbook"


def test_a_workbook_of_something_else_lacks_its_sheets() -> None:
    book = Workbook()
    book.active.title = "要素"  # type: ignore[union-attr]  # a new workbook has one sheet
    book["要素"].append(["编号"])
    assert ("文件", "missing_sheet") in told(saved(book))


def test_macros_are_refused(book: bytes) -> None:
    assert _code(with_new_part(book, "xl/vbaProject.bin", b"x")) == "macros"


def test_the_strict_format_is_refused(book: bytes) -> None:
    raw = with_part(
        book, "xl/workbook.xml", lambda xml: xml.replace(b"schemas.openxmlformats.org", b"purl.oclc.org/ooxml")
    )
    assert _code(raw) == "strict_workbook"


def test_a_zip_bomb_is_refused_before_it_is_unpacked(book: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    raw = with_new_part(book, "xl/media/image1.xml", b"<a>" + b" " * 110_000_000 + b"</a>")
    assert len(raw) < MAX_FILE_BYTES
    monkeypatch.setattr(zipfile.ZipFile, "open", lambda *_: pytest.fail("unpacked"))
    assert _code(raw) == "bomb"


def test_a_part_that_lies_about_its_size_is_damaged(book: bytes) -> None:
    raw = bytearray(with_new_part(book, "xl/worksheets/sheet99.xml", b"<a>" + b" " * 1000 + b"</a>"))
    # The sizes in the central directory, the last entry's: 24 bytes behind its signature.
    at = raw.rindex(b"PK\x01\x02")
    raw[at + 24 : at + 28] = (10).to_bytes(4, "little")
    assert _code(bytes(raw)) == "damaged"


def test_xml_that_defines_entities_is_refused(book: bytes) -> None:
    laughs = b'<!DOCTYPE lolz [<!ENTITY lol "lol"><!ENTITY lol1 "&lol;&lol;&lol;&lol;&lol;&lol;&lol;">]>'
    raw = with_part(book, SHEET, lambda xml: laughs + xml)
    assert _code(raw) == "entities"


def _in_sheet(xml: bytes) -> Callable[[bytes], bytes]:
    return lambda sheet: sheet.replace(b"</sheetData>", xml + b"</sheetData>")


@pytest.mark.parametrize(
    ("xml", "code"),
    [
        (f'<row r="{MAX_ROWS + 1}"><c r="A{MAX_ROWS + 1}"/></row>'.encode(), "too_many_rows"),
        (b'<row r="100000"></row>', "too_many_rows"),
        (b'<row r="200"><c r="XFD200"/></row>', "too_many_columns"),
        (b'<row r="-5"></row>', "too_many_rows"),
        (b'<row r="200"><c r="A200" t="s"><v>99999999</v></c></row>', "damaged"),
        (b'<row r="200"><c r="A200" s="99999"><v>1</v></c></row>', "damaged"),
        (b'<row r="200"><c r="A200"', "damaged"),
    ],
)
def test_a_sheet_that_is_odd_inside_is_refused(book: bytes, xml: bytes, code: str) -> None:
    assert _code(with_part(book, SHEET, _in_sheet(xml))) == code


def test_a_range_that_would_be_spelled_out_is_refused(book: bytes) -> None:
    for xml in (
        b'<mergeCells count="1"><mergeCell ref="A1:XFD1048576"/></mergeCells>',
        b'<hyperlinks><hyperlink ref="A1:XFD1048576" location="x"/></hyperlinks>',
    ):
        raw = with_part(book, SHEET, lambda sheet, xml=xml: sheet.replace(b"</sheetData>", b"</sheetData>" + xml))  # type: ignore[misc]  # a default argument
        assert _code(raw) == "large_range"


def test_more_cells_than_a_pack_can_have_are_refused(book: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "MAX_CELLS", 100)
    assert _code(book) == "too_many_cells"


def test_more_marks_than_a_workbook_needs_are_refused(book: bytes, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(guarding, "MAX_MARKS", 100)
    assert _code(book) == "too_many_marks"


def test_rows_without_numbers_are_counted(book: bytes) -> None:
    assert _code(with_part(book, SHEET, _in_sheet(b"<row/>" * (MAX_ROWS + 1)))) == "too_many_rows"


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16"])
def test_a_sheet_is_looked_at_wherever_it_stands_and_however_it_is_written(book: bytes, encoding: str) -> None:
    xml = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><!DOCTYPE x [<!ENTITY a "a">]><x>&a;</x>'
    assert _code(with_new_part(book, "xl/elsewhere.dat", xml.encode(encoding))) == "entities"
    rows = f'<?xml version="1.0" encoding="{encoding.removesuffix("-sig")}"?><x><row r="100000"/></x>'
    assert _code(with_new_part(book, "xl/elsewhere.dat", rows.encode(encoding))) == "too_many_rows"


def test_a_picture_in_the_file_does_no_harm(book: bytes) -> None:
    assert problems_of(with_new_part(book, "xl/media/image1.png", b"\x89PNG\r\n<not xml")) == []


def test_empty_formatted_rows_do_no_harm(book: bytes) -> None:
    def change(opened: Workbook) -> None:
        for row in range(20, 3000):
            opened["要素"].cell(row, 1).number_format = "@"
            opened["要素"].row_dimensions[row].hidden = True

    assert problems_of(edited(book, change)) == []
    assert MAX_COLUMNS > 64 + 2 * 100


def test_a_result_that_excel_stored_counts(book: bytes) -> None:
    def with_result(sheet: bytes) -> bytes:
        before = b'<c r="H8"'
        start = sheet.index(before)
        end = sheet.index(b"</c>", start)
        cell = sheet[start:end]
        return sheet[:start] + cell.replace(b"<v>", b"<f>500000*2</f><v>") + sheet[end:]

    raw = with_part(book, SHEET, with_result)
    assert b"<f>" in zipfile.ZipFile(io.BytesIO(raw)).read(SHEET)
    assert import_pack(raw) == import_pack(book)


def test_an_array_formula_is_refused(book: bytes) -> None:
    def with_array(sheet: bytes) -> bytes:
        start = sheet.index(b'<c r="H8"')
        return sheet[:start] + sheet[start:].replace(b"<v>", b'<f t="array" ref="H8">A1:A2</f><v>', 1)

    assert told(with_part(book, SHEET, with_array)) == {("要素!H8", "array_formula")}


@pytest.mark.parametrize("seed", range(40))
def test_a_damaged_file_is_refused_or_read_never_a_crash(book: bytes, seed: int) -> None:
    draw = random.Random(seed)
    raw = bytearray(book)
    for _ in range(draw.randint(1, 20)):
        raw[draw.randrange(len(raw))] = draw.randrange(256)
    if draw.random() < 0.3:
        del raw[draw.randrange(len(raw)) :]
    for problem in problems_of(bytes(raw)):
        assert problem.text.zh


@pytest.mark.parametrize("seed", range(25))
def test_damaged_xml_is_refused_or_read_never_a_crash(book: bytes, seed: int) -> None:
    draw = random.Random(seed)
    with zipfile.ZipFile(io.BytesIO(book)) as archive:
        names = [name for name in archive.namelist() if name.endswith((".xml", ".rels"))]

    def change(xml: bytes) -> bytes:
        hurt = bytearray(xml)
        for _ in range(draw.randint(1, 4)):
            at = draw.randrange(len(hurt))
            hurt[at : at + draw.randint(0, 3)] = bytes(
                draw.choice(b'0123456789<>"ABc/= ') for _ in range(draw.randint(0, 3))
            )
        return bytes(hurt)

    for problem in problems_of(with_part(book, draw.choice(names), change)):
        assert problem.text.zh
