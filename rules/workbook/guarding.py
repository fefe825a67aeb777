"""Looks at a file before anything parses it: is it a plain .xlsx, and not too large in any way that costs memory or time?

Promise: everything is refused by its size or shape before it is unpacked whole; XML with definitions of its own is never expanded.
"""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Mapping
from xml.parsers import expat

from openpyxl.utils import column_index_from_string, get_column_letter, range_boundaries

from rules.workbook.problems import Wrong

MAX_FILE_BYTES = 16_000_000
MAX_UNPACKED_BYTES = 96_000_000
MAX_PARTS = 500
MAX_CELLS = 400_000
MAX_ROWS = 20_000
MAX_COLUMNS = 1_000
# A merged or linked range is spelled out cell by cell by whoever reads the file.
MAX_RANGE_CELLS = 10_000
# Elements other than cells and what is in them: styles, comments, runs of formatted text, rules for validation.
MAX_MARKS = 500_000
_CELL_MARKS = frozenset({"v", "f", "is", "t", "si"})
_CHUNK = 1 << 16
# Byte order marks, blanks, and the zeros of two-byte characters.
_BEFORE_XML = b"\xef\xbb\xbf\xff\xfe \t\r\n\x00"

_ZIP, _OLE = b"PK\x03\x04", bytes.fromhex("d0cf11e0a1b11ae1")
_SHEET = re.compile(r"xl/worksheets/[^/]+\.xml", re.IGNORECASE)
_ADDRESS = re.compile(r"\$?([A-Z]{1,3})\$?([0-9]{1,7})")

# What unpacking and parsing raise for bytes that are not what they say.
UNREADABLE = (
    zipfile.BadZipFile,
    zlib.error,
    EOFError,
    OSError,
    ValueError,
    KeyError,
    NotImplementedError,
    RuntimeError,
)


def guard(raw: bytes) -> None:
    """Refuse a file that is no plain workbook of usual size. Raises Wrong."""
    if not raw:
        raise Wrong("empty_file")
    if len(raw) > MAX_FILE_BYTES:
        raise Wrong("too_large_file", found=str(len(raw)), most=str(MAX_FILE_BYTES))
    if raw.startswith(_OLE):
        # A password turns the workbook into an OLE file with the packed workbook inside.
        raise Wrong("encrypted" if "EncryptedPackage".encode("utf-16-le") in raw else "old_excel")
    if not raw.startswith(_ZIP):
        raise Wrong("not_a_workbook", found=_beginning(raw))
    try:
        with zipfile.ZipFile(io.BytesIO(raw)) as archive:
            _guard_archive(archive)
    except UNREADABLE as problem:
        raise Wrong("damaged", detail=type(problem).__name__) from problem


def _beginning(raw: bytes) -> str:
    text = raw[:40].decode("utf-8", "replace")
    return "".join(sign if sign.isprintable() else "·" for sign in text)[:20]


def _guard_archive(archive: zipfile.ZipFile) -> None:
    parts = archive.infolist()
    names = {part.filename for part in parts}
    if len(parts) > MAX_PARTS or len(names) != len(parts):
        raise Wrong("too_many_parts", found=str(len(parts)), most=str(MAX_PARTS))
    unpacked = sum(part.file_size for part in parts)
    if unpacked > MAX_UNPACKED_BYTES:
        raise Wrong("bomb", found=str(unpacked), most=str(MAX_UNPACKED_BYTES))
    if any(part.flag_bits & 1 for part in parts):
        raise Wrong("encrypted")
    if "mimetype" in names or "content.xml" in names:
        raise Wrong("open_document")
    if "xl/workbook.bin" in names:
        raise Wrong("binary_workbook")
    macros = [name for name in names if name.lower().endswith("vbaproject.bin") or "/macrosheets/" in name.lower()]
    if macros:
        raise Wrong("macros", found=macros[0])
    if "[Content_Types].xml" not in names or not any(_SHEET.fullmatch(name) for name in names):
        raise Wrong("damaged", detail="no worksheet")
    if b"purl.oclc.org/ooxml" in archive.read("[Content_Types].xml") or (
        "xl/workbook.xml" in names and b"purl.oclc.org/ooxml" in archive.read("xl/workbook.xml")
    ):
        raise Wrong("strict_workbook")
    look = _Look()
    for part in parts:
        look.through(archive, part)


class _Look:
    """Streams through one XML part, counting. Never builds anything."""

    def __init__(self) -> None:
        self._cells = self._marks = self._rows = 0

    def through(self, archive: zipfile.ZipFile, part: zipfile.ZipInfo) -> None:
        """Look at a part if it is XML, whatever it calls itself: a sheet can stand anywhere in the file."""
        parser = expat.ParserCreate()
        parser.StartDoctypeDeclHandler = self._doctype
        parser.StartElementHandler = self._element
        self._rows = 0
        with archive.open(part) as stream:
            chunk = stream.read(_CHUNK)
            if not chunk.lstrip(_BEFORE_XML).startswith(b"<"):
                return
            try:
                while chunk:
                    parser.Parse(chunk, False)
                    chunk = stream.read(_CHUNK)
                parser.Parse(b"", True)
            except expat.ExpatError as problem:
                raise Wrong("damaged", detail=f"{part.filename}: {problem}") from problem

    def _doctype(self, name: str, *_: object) -> None:
        raise Wrong("entities", found=name)

    def _element(self, name: str, attributes: Mapping[str, str]) -> None:
        local = name.rpartition(":")[2]
        if local == "c":
            self._cells += 1
            if self._cells > MAX_CELLS:
                raise Wrong("too_many_cells", found=f"> {MAX_CELLS}", most=str(MAX_CELLS))
            self._address(attributes.get("r", ""))
        elif local == "row":
            self._rows += 1
            self._row(attributes.get("r") or str(self._rows))
        elif local not in _CELL_MARKS:
            self._marks += 1
            if self._marks > MAX_MARKS:
                raise Wrong("too_many_marks", found=f"> {MAX_MARKS}", most=str(MAX_MARKS))
        if local in ("mergeCell", "hyperlink"):
            self._range(attributes.get("ref", ""))

    def _address(self, reference: str) -> None:
        match = _ADDRESS.fullmatch(reference)
        if match is None:
            return
        self._row(match[2])
        if column_index_from_string(match[1]) > MAX_COLUMNS:
            raise Wrong("too_many_columns", found=match[1], most=get_column_letter(MAX_COLUMNS))

    def _row(self, number: str) -> None:
        if not number.isascii() or not number.isdigit() or int(number) > MAX_ROWS:
            raise Wrong("too_many_rows", found=number, most=str(MAX_ROWS))

    def _range(self, reference: str) -> None:
        try:
            left, top, right, bottom = range_boundaries(reference)
        except ValueError:
            return  # openpyxl refuses it as damaged
        if None in (left, top, right, bottom) or (right - left + 1) * (bottom - top + 1) > MAX_RANGE_CELLS:  # type: ignore[operator]  # none is None
            raise Wrong("large_range", found=reference)
