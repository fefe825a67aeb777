"""Sealed bundles: what goes in comes out; whatever is changed, cut, moved or added on the way is noticed; carriers see nothing."""

from __future__ import annotations

import io
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from tests.trust.conftest import DEVICE, EPOCH, Authority
from trust import bundles
from trust.boxes import generate_box_key
from trust.bundles import (
    SEGMENT_BYTES,
    Purpose,
    SealedBy,
    by_device,
    by_service,
    key_id,
    of_device,
    of_service,
    open_segments,
    public_of,
    read_header,
    seal_segments,
)
from trust.errors import ForgedError, StructureError, TrustError

ID = "00112233445566778899aabbccddeeff"
PRIVATE, PUBLIC = generate_box_key()
OTHER_PRIVATE, OTHER_PUBLIC = generate_box_key()
SMALL = 4096
"""Segment length of most tests: borders are then cheap to try."""


@pytest.fixture
def small_segments(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "SEGMENT_BYTES", SMALL)


def sealed(authority: Authority, *records: bytes, recipients: tuple[bytes, ...] = (PUBLIC,), **other) -> bytes:
    out = io.BytesIO()
    options = {"purpose": Purpose.UP, "bundle_id": ID, "sign": by_device(authority.device_key, authority.device)}
    options |= other
    sealer = seal_segments(out, recipients, **options)
    for record in records:
        sealer.add(record)
    sealer.finish()
    assert sealer.size_bytes == len(out.getvalue())
    return out.getvalue()


def opened(authority: Authority, raw: bytes, private: bytes = PRIVATE, purpose: Purpose = Purpose.UP):
    bundle = open_segments(io.BytesIO(raw), private, of_device(authority.store()), purpose=purpose)
    return list(bundle), bundle.signed


def test_records_come_back_in_order_and_signed(authority: Authority) -> None:
    records = [b"", b"one", b"x" * (2 * SEGMENT_BYTES + 7), bytes(SEGMENT_BYTES)]
    assert opened(authority, sealed(authority, *records)) == (records, SealedBy(DEVICE, EPOCH))


def test_each_of_several_recipients_can_read_and_nobody_else(authority: Authority) -> None:
    raw = sealed(authority, b"for two", recipients=(PUBLIC, OTHER_PUBLIC))
    assert opened(authority, raw, PRIVATE)[0] == opened(authority, raw, OTHER_PRIVATE)[0] == [b"for two"]
    with pytest.raises(ForgedError, match="bundle_not_for_us"):
        opened(authority, raw, generate_box_key()[0])


def test_headquarters_own_bundles_are_told_from_a_devices(authority: Authority) -> None:
    raw = sealed(
        authority, b"answer", purpose=Purpose.ANSWERS, sign=by_service(authority.service_key, authority.service)
    )
    bundle = open_segments(io.BytesIO(raw), PRIVATE, of_service(authority.store()), purpose=Purpose.ANSWERS)
    assert list(bundle) == [b"answer"]
    assert bundle.signed == SealedBy()
    with pytest.raises(TrustError):
        opened(authority, raw, purpose=Purpose.ANSWERS)


def test_a_bundle_can_not_be_opened_as_another_kind(authority: Authority) -> None:
    with pytest.raises(ForgedError, match="box_closed"):
        opened(authority, sealed(authority, b"up"), purpose=Purpose.PEER)


def test_the_header_shows_whose_it_is_and_nothing_of_the_content(authority: Authority) -> None:
    secret = "欧阳㛃安 99010119800101001X".encode()
    raw = sealed(authority, secret * 50)
    header = read_header(io.BytesIO(raw))
    assert (header.bundle_id, header.key_ids) == (ID, (key_id(PUBLIC),))
    assert public_of(PRIVATE) == PUBLIC
    for shown in (secret, secret[:9], DEVICE.encode(), b"QX07", b"bundle_sealed", b"sha256"):
        assert shown not in raw


def test_every_flipped_byte_of_a_small_bundle_is_noticed(authority: Authority) -> None:
    raw = sealed(authority, b"first", b"second")
    for place in range(len(raw)):
        changed = bytearray(raw)
        changed[place] ^= 0x41
        with pytest.raises(TrustError):
            opened(authority, bytes(changed))


@pytest.mark.usefixtures("small_segments")
def test_a_cut_anywhere_is_noticed_and_what_came_before_is_right(authority: Authority) -> None:
    records = [bytes([number]) * 1500 for number in range(12)]
    raw = sealed(authority, *records)
    start = len(read_header(io.BytesIO(raw)).raw)
    borders = range(start, len(raw), SMALL + 16)
    for length in {0, 5, start - 1, *borders, *(border + 1 for border in borders), len(raw) - 1}:
        got: list[bytes] = []
        cut = io.BytesIO(raw[:length])
        with pytest.raises(TrustError):
            got.extend(open_segments(cut, PRIVATE, of_device(authority.store()), purpose=Purpose.UP))
        assert got == records[: len(got)]


@pytest.mark.usefixtures("small_segments")
def test_moved_repeated_dropped_appended_and_foreign_segments_are_noticed(authority: Authority) -> None:
    records = [bytes([number]) * 3000 for number in range(8)]
    raw, other = sealed(authority, *records), sealed(authority, *reversed(records))
    start, step = len(read_header(io.BytesIO(raw)).raw), SMALL + 16
    head, parts = raw[:start], [raw[at : at + step] for at in range(start, len(raw), step)]
    foreign = [other[at : at + step] for at in range(start, len(other), step)]
    assert len(parts) > 4
    wrong = {
        "swapped": [parts[1], parts[0], *parts[2:]],
        "repeated": [parts[0], parts[0], *parts[1:]],
        "dropped": [parts[0], *parts[2:]],
        "appended": [*parts, parts[-1]],
        "garbage behind": [*parts, b"\0"],
        "another bundle's": [foreign[0], *parts[1:]],
        "another bundle's end": [*parts[:-1], foreign[-1]],
        "only the last": [parts[-1]],
    }
    for how, segments in wrong.items():
        with pytest.raises(ForgedError):
            opened(authority, head + b"".join(segments))
        assert how


def test_a_bundle_somebody_else_signed_tells_its_records_but_is_not_signed(
    authority: Authority, foreign: Authority
) -> None:
    raw = sealed(foreign, b"forged")
    bundle = open_segments(io.BytesIO(raw), PRIVATE, of_device(authority.store()), purpose=Purpose.UP)
    records = iter(bundle)
    assert next(records) == b"forged"
    with pytest.raises(ForgedError):
        next(records)
    assert bundle.signed is None


def test_a_signature_of_another_bundle_does_not_fit(authority: Authority) -> None:
    kept: list[bytes] = []
    sign = by_device(authority.device_key, authority.device)

    def keep(body: bytes) -> bytes:
        kept.append(sign(body))
        return kept[-1]

    sealed(authority, b"honest", sign=keep)
    with pytest.raises(ForgedError, match="bundle_trailer_differs"):
        opened(authority, sealed(authority, b"changed", sign=lambda _: kept[0]))


def test_a_record_that_claims_to_be_huge_is_refused_before_it_is_read(
    authority: Authority, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bundles, "_record_head", lambda _, kind: b"\x7f\xff\xff\xff" + bytes([kind]))
    raw = sealed(authority, b"x")
    monkeypatch.undo()
    with pytest.raises(ForgedError, match="bundle_record"):
        opened(authority, raw)


@pytest.mark.parametrize("bundle_id", ["", "00", ID.upper(), "zz" * 16])
def test_ids_and_recipients_that_are_none_are_refused(authority: Authority, bundle_id: str) -> None:
    with pytest.raises(TrustError):
        sealed(authority, b"x", bundle_id=bundle_id)
    with pytest.raises(TrustError):
        sealed(authority, b"x", recipients=())
    with pytest.raises(TrustError):
        sealed(authority, b"x", recipients=(bytes(31),))


@pytest.mark.parametrize("raw", [b"", b"OUTPSEAL", b"PK\x03\x04 some archive that is no bundle at all", bytes(4096)])
def test_what_is_no_bundle_is_said_to_be_none(raw: bytes) -> None:
    with pytest.raises(StructureError):
        read_header(io.BytesIO(raw))


class _Dripping(io.RawIOBase):
    """A pipe that gives a few bytes at a time."""

    def __init__(self, raw: bytes) -> None:
        self._raw, self._dice = io.BytesIO(raw), random.Random(7)

    def read(self, size: int = -1) -> bytes:
        return self._raw.read(min(size, self._dice.randint(1, 5000)))


def test_a_stream_that_drips_is_read_whole(authority: Authority) -> None:
    raw = sealed(authority, b"a" * 30_000, b"b")
    bundle = open_segments(_Dripping(raw), PRIVATE, of_device(authority.store()), purpose=Purpose.UP)
    assert list(bundle) == [b"a" * 30_000, b"b"]


@settings(max_examples=30, deadline=None)
@given(st.lists(st.binary(max_size=3 * 512), max_size=12))
def test_any_records_come_back(records: list[bytes]) -> None:
    from tests.trust.conftest import make_authority

    authority = make_authority(1)
    with pytest.MonkeyPatch.context() as patched:
        patched.setattr(bundles, "SEGMENT_BYTES", 512)
        assert opened(authority, sealed(authority, *records)) == (records, SealedBy(DEVICE, EPOCH))
