"""Release records: signed by headquarters, never going back, and old by their own dates only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.conftest import Authority, flipped, make_authority
from trust.certificates import TrustStore
from trust.errors import ForgedError, RollbackError, StructureError, TrustError
from trust.releases import Freshness, ReleaseRecord, freshness, open_release, sign_release
from trust.statements import sign_statement

ISSUED = datetime(2026, 11, 22, 8, tzinfo=UTC)
RECORD = ReleaseRecord(
    kind="pack",
    name="sample",
    version=7,
    sha256="ab" * 32,
    size_bytes=12_345,
    issued_at=ISSUED,
    warn_after=ISSUED + timedelta(days=10),
    expires_at=ISSUED + timedelta(days=45),
)


def signed(authority: Authority, body: bytes, kind: str = "release") -> bytes:
    return sign_statement(authority.service_key, authority.service, kind, body)


@pytest.fixture
def raw(authority: Authority) -> bytes:
    return sign_release(authority.service_key, authority.service, RECORD)


@pytest.mark.parametrize("floor", [0, 6, 7])
def test_a_record_at_or_above_the_floor_opens(raw: bytes, roots: TrustStore, floor: int) -> None:
    assert open_release(raw, roots, floor_version=floor) == RECORD


def test_a_genuine_record_below_the_floor_is_a_rollback(raw: bytes, roots: TrustStore) -> None:
    with pytest.raises(RollbackError, match="release_rollback") as caught:
        open_release(raw, roots, floor_version=8)
    assert caught.value.values == {"kind": "pack", "version": 7, "floor": 8}
    assert not isinstance(caught.value, ForgedError)


@given(
    version=st.integers(1, 2**53),
    size=st.integers(0, 2**40),
    gaps=st.tuples(st.integers(0, 10**6), st.integers(0, 10**6)),
)
def test_round_trip(version: int, size: int, gaps: tuple[int, int]) -> None:
    authority = make_authority(1)
    warn = ISSUED + timedelta(seconds=gaps[0])
    record = msgspec.structs.replace(
        RECORD, version=version, size_bytes=size, warn_after=warn, expires_at=warn + timedelta(seconds=gaps[1])
    )
    raw = sign_release(authority.service_key, authority.service, record)
    assert open_release(raw, TrustStore(authority.root), floor_version=version) == record


def test_every_flipped_bit_is_found(raw: bytes, roots: TrustStore) -> None:
    for bit in range(8 * len(raw)):
        with pytest.raises(ForgedError):
            open_release(flipped(raw, bit), roots, floor_version=0)


def test_a_device_and_another_headquarters_publish_nothing(
    authority: Authority, foreign: Authority, roots: TrustStore
) -> None:
    for signer, certificate in ((authority.device_key, authority.device), (foreign.service_key, foreign.service)):
        with pytest.raises(ForgedError):
            open_release(sign_release(signer, certificate, RECORD), roots, floor_version=0)


def test_a_statement_of_another_kind_is_no_release(authority: Authority, roots: TrustStore) -> None:
    with pytest.raises(ForgedError, match="release_kind"):
        open_release(signed(authority, msgspec.json.encode(RECORD), "task_assigned@1"), roots, floor_version=0)


@pytest.mark.parametrize(
    "change",
    [
        {"version": 0},
        {"version": -1},
        {"size_bytes": -1},
        {"sha256": "AB" * 32},
        {"sha256": "ab"},
        {"kind": ""},
        {"name": ""},
        {"warn_after": ISSUED - timedelta(seconds=1)},
        {"expires_at": ISSUED + timedelta(days=9)},
        {"issued_at": datetime(2026, 11, 22)},  # noqa: DTZ001 - the naive time is the point
    ],
)
def test_records_that_contradict_themselves_are_neither_signed_nor_read(
    authority: Authority, roots: TrustStore, change: dict[str, object]
) -> None:
    wrong = msgspec.structs.replace(RECORD, **change)
    with pytest.raises(TrustError, match="release_record"):
        sign_release(authority.service_key, authority.service, wrong)
    with pytest.raises(StructureError):
        open_release(signed(authority, msgspec.json.encode(wrong)), roots, floor_version=0)


@pytest.mark.parametrize(
    "body", [b"", b"{}", b"[]", b"null", b"\xff", b'{"kind":1}', b"[" * 5000, b'{"version":1e400}']
)
def test_bodies_that_are_no_record(authority: Authority, roots: TrustStore, body: bytes) -> None:
    with pytest.raises(StructureError):
        open_release(signed(authority, body), roots, floor_version=0)


def test_unknown_fields_of_a_newer_headquarters_do_no_harm(authority: Authority, roots: TrustStore) -> None:
    body = msgspec.json.encode(msgspec.to_builtins(RECORD) | {"note": "later"})
    assert open_release(signed(authority, body), roots, floor_version=7) == RECORD


@pytest.mark.parametrize(
    ("after", "expected"),
    [
        (timedelta(days=-400), Freshness.FRESH),
        (timedelta(0), Freshness.FRESH),
        (timedelta(days=10, microseconds=-1), Freshness.FRESH),
        (timedelta(days=10), Freshness.STALE),
        (timedelta(days=45, microseconds=-1), Freshness.STALE),
        (timedelta(days=45), Freshness.EXPIRED),
        (timedelta(days=4000), Freshness.EXPIRED),
    ],
)
def test_freshness_turns_exactly_at_its_dates(after: timedelta, expected: Freshness) -> None:
    assert freshness(RECORD, ISSUED + after) is expected
    assert freshness(RECORD, (ISSUED + after).astimezone(timezone(timedelta(hours=8)))) is expected


@given(raw=st.binary(max_size=200))
def test_random_bytes_are_forged_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(ForgedError):
        open_release(raw, TrustStore(make_authority(1).root), floor_version=0)
