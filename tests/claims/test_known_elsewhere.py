"""The duplicate index: built from events, asked about a case's own bills, never about itself."""

from __future__ import annotations

import hashlib
from datetime import UTC, datetime

import msgspec
from hypothesis import given, settings
from hypothesis import strategies as st

from claims.case_flags import known_elsewhere
from claims.distributed import DuplicateIndex
from claims.errors import Bilingual, EnvironmentProblem
from claims.events import DocumentAdded, encode_event
from claims.known_elsewhere import build_index, file_keys, keys_of_event, stands_elsewhere
from claims.materials import Material
from claims.records import DocumentRecord
from claims.red_flags import FlagWeight
from rules.engine.model import ElementId

AT = datetime(2026, 12, 1, tzinfo=UTC)
SALT = b"s" * 16


def added(case_no: str, content: bytes, material: Material = Material.OUTPATIENT_BILL) -> bytes:
    event = DocumentAdded(
        at=AT,
        case_no=case_no,
        document_id="1",
        material=material,
        sha256=hashlib.sha256(content).hexdigest(),
        size_bytes=len(content),
        media_type="image/jpeg",
        filename="bill.jpg",
        thumbnail_sha256=None,
        pages=1,
    )
    return encode_event(event)


def test_a_bills_file_is_known_by_its_hash_and_a_notice_is_not():
    (known,) = keys_of_event(added("C1", b"bill"))
    assert known == (file_keys(Material.OUTPATIENT_BILL, hashlib.sha256(b"bill").hexdigest())[0], "C1")
    assert list(keys_of_event(added("C1", b"notice", Material.ACCIDENT_PROOF))) == []


def test_a_case_is_no_duplicate_of_itself():
    index = build_index([("bill:a:1", "C1")], SALT)
    assert not stands_elsewhere(index, "bill:a:1", "C1")
    assert stands_elsewhere(index, "bill:a:1", "C2")
    assert not stands_elsewhere(index, "bill:a:2", "C2")
    both = build_index([("bill:a:1", "C1"), ("bill:a:1", "C2")], SALT)
    assert stands_elsewhere(both, "bill:a:1", "C1")


def test_without_an_index_or_with_one_of_another_kind_nothing_is_said():
    assert not stands_elsewhere(None, "bill:a:1", "C1")
    assert not stands_elsewhere(DuplicateIndex(salt=SALT, width=7, entries=b"x" * 70), "bill:a:1", "C1")
    assert not stands_elsewhere(build_index([], SALT), "bill:a:1", "C1")


def test_the_index_holds_nothing_that_can_be_read():
    raw = msgspec.msgpack.encode(build_index([("bill:99060123:0000000001", "QX07-D3-C00001")], SALT))
    assert b"99060123" not in raw
    assert b"QX07" not in raw


@settings(max_examples=60, deadline=None)
@given(
    st.sets(st.tuples(st.sampled_from("abcdef"), st.sampled_from(["C1", "C2", "C3"]))),
    st.sampled_from("abcdefg"),
    st.sampled_from(["C1", "C2", "C4"]),
)
def test_a_hit_is_exactly_another_case_with_the_same_key(known, key, case_no):
    index = build_index(known, SALT)
    assert stands_elsewhere(index, key, case_no) == any(k == key and c != case_no for k, c in known)


class Book:
    """A rulebook that knows the index and nothing else."""

    def __init__(self, index: DuplicateIndex | EnvironmentProblem | None) -> None:
        self._index = index

    def duplicate_index(self) -> DuplicateIndex | None:
        if isinstance(self._index, EnvironmentProblem):
            raise self._index
        return self._index


FACTS = {ElementId("bill_code"): "99060123", ElementId("bill_number"): "0000000001"}
PAPER = DocumentRecord(
    case_no="C1",
    document_id="1",
    material=Material.OUTPATIENT_BILL,
    sha256="ab" * 32,
    size_bytes=1,
    media_type="image/jpeg",
    filename="bill.jpg",
    thumbnail_sha256=None,
    pages=1,
    at=AT,
    held_by_hq=False,
)


def test_a_hit_sends_the_case_to_a_person():
    index = build_index([("bill:99060123:0000000001", "C9"), (f"file:{'ab' * 32}", "C9")], SALT)
    flags = known_elsewhere(Book(index), FACTS, "C1", [PAPER])
    assert [(each.id, each.weight) for each in flags] == [("R5", FlagWeight.REVIEW), ("R14", FlagWeight.REVIEW)]
    assert known_elsewhere(Book(index), FACTS, "C9", [PAPER]) == ()


def test_an_index_that_cannot_be_read_stops_nobody():
    damaged = EnvironmentProblem("release_damaged", Bilingual("坏", "bad"), Bilingual("", ""), retryable=True)
    assert known_elsewhere(Book(damaged), FACTS, "C1", [PAPER]) == ()
    assert known_elsewhere(Book(None), FACTS, "C1", [PAPER]) == ()
