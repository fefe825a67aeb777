"""Bills and documents that are known from another case: what stands in headquarters' index, and whether a case's own are in it.

Promise: what a case itself handed in is no hit, however often it is decided; a check that can't be made is not made. A hit is a question to a
person and never refuses (``claims.red_flags`` R5, R14).

An entry is ``KEY_BYTES`` of a salted hash of what is recognised, then ``CASE_BYTES`` of one of that and the case it stands in.

Source: notes/domain.md §9; docs/adr/0152.
"""

from __future__ import annotations

import hashlib
from bisect import bisect_left
from collections.abc import Collection, Iterator

import msgspec

from claims.bill_checks import Bill, bill_keys
from claims.distributed import DuplicateIndex
from claims.materials import Material

KEY_BYTES, CASE_BYTES = 8, 4
_WIDTH = KEY_BYTES + CASE_BYTES
_FILES_OF = frozenset({Material.OUTPATIENT_BILL, Material.INPATIENT_BILL})
"""Only a bill's file says something when it comes again: one notice proves an accident to a hundred families, one ID card two claims."""

Known = tuple[str, str]
"""What is recognised, and the case it stands in."""


class _Facts(msgspec.Struct, frozen=True):
    bill_code: str | None = None
    bill_number: str | None = None


class _Document(msgspec.Struct, frozen=True, tag_field="type", tag="document_added@1"):
    case_no: str
    material: str
    sha256: str


class _Determination(msgspec.Struct, frozen=True, tag_field="type", tag="determination_made@1"):
    case_no: str
    facts: _Facts


_event = msgspec.json.Decoder(_Document | _Determination).decode


def keys_of_event(body: bytes) -> Iterator[Known]:
    """Yield what an event of the log makes known: a bill by code and number, a bill's file by its hash."""
    event = _event(body)
    if isinstance(event, _Document):
        for key in file_keys(event.material, event.sha256):
            yield key, event.case_no
    else:
        for key in bill_keys(Bill(code=event.facts.bill_code, number=event.facts.bill_number)):
            yield key, event.case_no


def file_keys(material: str, sha256: str) -> tuple[str, ...]:
    """Return what recognises a document's file, nothing where the same file may well serve several cases."""
    return (f"file:{sha256}",) if material in _FILES_OF else ()


def build_index(known: Collection[Known], salt: bytes) -> DuplicateIndex:
    """Build an index."""
    entries = sorted(_hash(salt, key)[:KEY_BYTES] + _hash(salt, key, case_no)[:CASE_BYTES] for key, case_no in known)
    return DuplicateIndex(salt=salt, width=_WIDTH, entries=b"".join(entries))


def stands_elsewhere(index: DuplicateIndex | None, key: str, case_no: str) -> bool:
    """Tell whether another case than this one is known to hold what ``key`` recognises."""
    if index is None or index.width != _WIDTH:
        return False
    wanted, own = _hash(index.salt, key)[:KEY_BYTES], _hash(index.salt, key, case_no)[:CASE_BYTES]
    entries = _Entries(index.entries)
    place = bisect_left(entries, wanted)
    while place < len(entries) and entries[place].startswith(wanted):
        if entries[place][KEY_BYTES:] != own:
            return True
        place += 1
    return False


class _Entries:
    """The entries as a sequence, without taking them apart."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    def __len__(self) -> int:
        return len(self._raw) // _WIDTH

    def __getitem__(self, place: int) -> bytes:
        return self._raw[place * _WIDTH : (place + 1) * _WIDTH]


def _hash(salt: bytes, *parts: str) -> bytes:
    return hashlib.sha256(salt + "\0".join(parts).encode()).digest()
