"""PDF: whether the file is whole, how many pages it has, and whether it is locked. Nothing is rendered or executed.

Promise: answers for any bytes, in time and memory bounded by the file's size and ``_MAX_INFLATED``; the page count is what the page
tree says, or the number of page objects found, at least 1. A viewer's judgement may differ for files that are broken on purpose.

Source: ISO 32000-1, 7.5 (file structure), 7.5.7 (object streams), 7.7.3 (page tree).
"""

from __future__ import annotations

import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice, zip_longest

_TAIL = 2048  # Readers look for the end mark in the last 1024 bytes; some writers add blanks or a mail footer.
_MAX_INFLATED = 32 * 1024 * 1024
_MAX_PAGES = 5000
_MAX_OBJECTS = 400_000  # A 25 MB file of real pages has some ten thousand.

_HEADER = re.compile(rb"(?<![0-9])([0-9]{1,10})[ \t\r\n]{1,4}[0-9]{1,5}[ \t\r\n]{1,4}obj\b")
_STREAM = re.compile(rb"stream\r?\n")
_FIRST = re.compile(rb"/First\s+([0-9]{1,9})")
_NUMBER = re.compile(rb"[0-9]{1,10}")
_PAGE = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
_TREE = re.compile(rb"/Type\s*/Pages(?![A-Za-z])")
_COUNT = re.compile(rb"/Count\s+([0-9]{1,9})")
_PARENT = re.compile(rb"/Parent\b")


class PdfTruncatedError(Exception):
    """No end mark, or nothing that says where the objects are."""


class PdfDamagedError(Exception):
    """Whole to look at, but no page in it."""


@dataclass(frozen=True, slots=True)
class PdfShape:
    """``locked``: encrypted; many e-bills are, with an empty password that opens for reading."""

    pages: int
    locked: bool


def read_pdf(content: bytes) -> PdfShape:
    """Return the shape of a PDF.

    Raises:
        PdfTruncatedError, PdfDamagedError.
    """
    tail = content[-_TAIL:]
    if b"%%EOF" not in tail or b"startxref" not in tail:
        raise PdfTruncatedError
    locked = b"/Encrypt" in content
    objects: dict[int, bytes] = {}
    for number, dictionary in _objects(content, unpack=not locked):
        objects[number] = dictionary  # A later object of the same number replaces the earlier (7.5.6).
    roots = [body for body in objects.values() if _TREE.search(body) and not _PARENT.search(body)]
    counts = [int(found[1]) for body in roots if (found := _COUNT.search(body))]
    leaves = sum(1 for body in objects.values() if _PAGE.search(body))
    pages = counts[-1] if counts and 0 < counts[-1] <= _MAX_PAGES else leaves
    if not pages and not locked:
        raise PdfDamagedError
    return PdfShape(pages=max(1, min(pages, _MAX_PAGES)), locked=locked)


def _objects(content: bytes, *, unpack: bool) -> Iterator[tuple[int, bytes]]:
    """Yield number and dictionary of every object in file order, those packed into object streams included.

    Every byte belongs to one object only (up to the next header), so that a hostile file costs no more than its size.
    """
    budget = _MAX_INFLATED
    headers = list(islice(_HEADER.finditer(content), _MAX_OBJECTS))
    for header, following in zip_longest(headers, headers[1:]):
        end = following.start() if following else len(content)
        stream = _STREAM.search(content, header.end(), end)
        dictionary = content[header.end() : stream.start() if stream else end]
        yield int(header[1]), dictionary
        if unpack and stream and budget > 0 and b"/ObjStm" in dictionary:
            body = _inflated(memoryview(content)[stream.end() : end], budget)
            budget -= len(body)
            yield from _packed(body, dictionary)


def _inflated(packed: memoryview, budget: int) -> bytes:
    """Return what a deflated stream unpacks to within the budget, nothing where it is broken; what follows it is ignored."""
    try:
        return zlib.decompressobj().decompress(packed, budget)
    except zlib.error:
        return b""


def _packed(body: bytes, dictionary: bytes) -> Iterator[tuple[int, bytes]]:
    """Yield the objects of an object stream: pairs of number and offset up to /First, then the objects."""
    first = _FIRST.search(dictionary)
    start = int(first[1]) if first else 0
    pairs = [int(number) for number in _NUMBER.findall(body[:start])]
    offsets = pairs[1::2]
    for number, offset, end in zip(pairs[::2], offsets, [*offsets[1:], len(body) - start], strict=False):
        yield number, body[start + offset : start + max(offset, end)]
