"""Signed commits: chained, in one place of one log, and never another byte than what the device signed."""

from __future__ import annotations

import cbor2
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.trust.conftest import DEVICE, EPOCH, Authority, flipped, make_authority
from trust.certificates import TrustStore
from trust.commits import MAX_COMMIT_BYTES, Head, SignedCommit, genesis_hash, open_commit, peek_commit, seal
from trust.errors import ForgedError, GapError, StructureError, TrustError
from trust.keys import SoftwareKey

EVENTS = (b'{"type":"case_opened@1"}', b"", b"\xff\x00")


def first_commit(authority: Authority, *events: bytes) -> SignedCommit:
    return seal(authority.device_key, Head(DEVICE, EPOCH, 1, genesis_hash(authority.device)), events or EVENTS)


def signed_by(key: SoftwareKey, prev_hash: bytes, raw: bytes) -> bytes:
    """Put a right signature under changed bytes: what the owner of ``key`` could do."""
    body = raw[:-66]
    return body + b"\x58\x40" + key.sign(b"outpost-commit-1\0" + prev_hash + body)


def test_a_sealed_commit_opens_to_itself(authority: Authority, roots: TrustStore) -> None:
    commit = first_commit(authority)
    assert open_commit(commit.raw, roots) == commit
    assert (commit.first_seq, commit.last_seq, commit.events) == (1, 3, EVENTS)
    assert peek_commit(commit.raw) == (DEVICE, EPOCH, 1, 3)
    assert cbor2.loads(commit.raw)[:5] == [1, DEVICE, EPOCH, 1, list(EVENTS)]


def test_sealing_is_repeatable(authority: Authority) -> None:
    assert first_commit(authority) == first_commit(authority)


@given(batches=st.lists(st.lists(st.binary(max_size=300), min_size=1, max_size=4), min_size=1, max_size=6))
def test_a_chain_of_any_commits_opens_in_order_and_only_in_order(batches: list[list[bytes]]) -> None:
    authority = make_authority(1)
    head = Head(DEVICE, EPOCH, 1, genesis_hash(authority.device))
    chain = []
    for events in batches:
        chain.append(seal(authority.device_key, head, events))
        head = Head(DEVICE, EPOCH, chain[-1].last_seq + 1, chain[-1].hash)
    roots = authority.store()
    for place, commit in enumerate(chain):
        for later in chain[place + 1 :]:
            with pytest.raises(GapError):
                open_commit(later.raw, roots)
        opened = open_commit(commit.raw, roots)
        assert opened == commit
        roots.add_head(DEVICE, EPOCH, opened.last_seq + 1, opened.hash)
    assert len({commit.hash for commit in chain}) == len(chain)


def test_opening_changes_nothing_in_the_store(authority: Authority, roots: TrustStore) -> None:
    commit = first_commit(authority)
    open_commit(commit.raw, roots)
    with pytest.raises(GapError, match="head_unknown"):
        roots.head_before(DEVICE, EPOCH, commit.last_seq + 1)


def test_every_flipped_bit_is_found(authority: Authority) -> None:
    commit = first_commit(authority)
    roots = authority.store()
    for seq in range(2, 300):
        # With every head known a changed number can't hide behind a gap.
        roots.add_head(DEVICE, EPOCH, seq, genesis_hash(authority.device))
    for bit in range(8 * len(commit.raw)):
        with pytest.raises(ForgedError):
            open_commit(flipped(commit.raw, bit), roots)


def test_another_history_before_the_commit_is_found(authority: Authority, roots: TrustStore) -> None:
    one, other = first_commit(authority, b"a"), first_commit(authority, b"b")
    second = seal(authority.device_key, Head(DEVICE, EPOCH, 2, one.hash), [b"c"])
    roots.add_head(DEVICE, EPOCH, 2, other.hash)
    with pytest.raises(ForgedError, match="signature_wrong"):
        open_commit(second.raw, roots)


def test_another_devices_key_or_epoch_or_root_is_forged(
    authority: Authority, foreign: Authority, roots: TrustStore
) -> None:
    head = Head(DEVICE, EPOCH, 1, genesis_hash(authority.device))
    for key in (foreign.device_key, authority.service_key, authority.root_key):
        with pytest.raises(ForgedError, match="signature_wrong"):
            open_commit(seal(key, head, EVENTS).raw, roots)
    stranger = seal(authority.device_key, Head(DEVICE, EPOCH + 1, 1, head.prev_hash), EVENTS)
    with pytest.raises(ForgedError, match="device_unknown"):
        open_commit(stranger.raw, roots)


def test_the_same_key_in_another_epoch_starts_another_chain(authority: Authority) -> None:
    commit = first_commit(authority)
    other = SoftwareKey.from_bytes(b"\x44" * 32)
    assert seal(other, Head(DEVICE, EPOCH, 1, commit.prev_hash), EVENTS).hash != commit.hash
    assert seal(authority.device_key, Head(DEVICE, EPOCH, 1, b"\0" * 32), EVENTS).hash != commit.hash


REFUSED_SHAPES = {
    "no event": [1, DEVICE, EPOCH, 1, [], bytes(64)],
    "event as text": [1, DEVICE, EPOCH, 1, ["a"], bytes(64)],
    "nested event": [1, DEVICE, EPOCH, 1, [[b"a"]], bytes(64)],
    "other version": [2, DEVICE, EPOCH, 1, [b"a"], bytes(64)],
    "version true": [True, DEVICE, EPOCH, 1, [b"a"], bytes(64)],
    "epoch true": [1, DEVICE, True, 1, [b"a"], bytes(64)],
    "epoch negative": [1, DEVICE, -1, 1, [b"a"], bytes(64)],
    "epoch too large": [1, DEVICE, 2**32, 1, [b"a"], bytes(64)],
    "sequence zero": [1, DEVICE, EPOCH, 0, [b"a"], bytes(64)],
    "sequence too large": [1, DEVICE, EPOCH, 2**53, [b"a"], bytes(64)],
    "device as bytes": [1, b"QX07", EPOCH, 1, [b"a"], bytes(64)],
    "device empty": [1, "", EPOCH, 1, [b"a"], bytes(64)],
    "device that no certificate names": [1, "a/b", EPOCH, 1, [b"a"], bytes(64)],
    "short signature": [1, DEVICE, EPOCH, 1, [b"a"], bytes(63)],
    "signature missing": [1, DEVICE, EPOCH, 1, [b"a"]],
    "one more item": [1, DEVICE, EPOCH, 1, [b"a"], bytes(64), 0],
    "a map": {1: DEVICE},
    "a number": 1,
    "null": None,
}


@pytest.mark.parametrize("name", REFUSED_SHAPES)
def test_shapes_that_are_no_commit(name: str, roots: TrustStore) -> None:
    raw = cbor2.dumps(REFUSED_SHAPES[name])
    for read in (lambda raw: open_commit(raw, roots), peek_commit):
        with pytest.raises(StructureError):
            read(raw)


def test_second_spellings_are_refused_even_when_the_device_signed_them(authority: Authority, roots: TrustStore) -> None:
    commit = first_commit(authority, b"a")
    long_epoch = commit.raw.replace(b"\x67QX07-D3\x01", b"\x67QX07-D3\x18\x01")
    assert len(long_epoch) == len(commit.raw) + 1
    indefinite = commit.raw.replace(b"\x81\x41a", b"\x9f\x41a\xff")
    assert len(indefinite) == len(commit.raw) + 1
    for changed in (long_epoch, indefinite):
        with pytest.raises(StructureError):
            open_commit(signed_by(authority.device_key, commit.prev_hash, changed), roots)
    assert signed_by(authority.device_key, commit.prev_hash, commit.raw) == commit.raw


def test_cut_lengthened_and_oversized_commits_are_refused(authority: Authority, roots: TrustStore) -> None:
    raw = first_commit(authority).raw
    for cut in range(len(raw)):
        with pytest.raises(StructureError):
            open_commit(raw[:cut], roots)
    for wrong in (raw + b"\0", b"\0" + raw, raw + raw):
        with pytest.raises(StructureError):
            open_commit(wrong, roots)
    with pytest.raises(StructureError, match="cbor_too_long"):
        open_commit(bytes(MAX_COMMIT_BYTES + 1), roots)


def test_what_no_reader_would_accept_is_not_sealed(authority: Authority) -> None:
    good = Head(DEVICE, EPOCH, 1, bytes(32))
    for head, events in (
        (good, []),
        (good, [bytes(MAX_COMMIT_BYTES)]),
        (Head(DEVICE, EPOCH, 0, bytes(32)), [b"a"]),
        (Head("", EPOCH, 1, bytes(32)), [b"a"]),
        (Head(DEVICE, EPOCH, 1, bytes(31)), [b"a"]),
    ):
        with pytest.raises(TrustError):
            seal(authority.device_key, head, events)


def test_a_signer_with_a_short_signature_is_caught() -> None:
    class Broken:
        public_key = bytes(32)

        def sign(self, message: bytes) -> bytes:
            return message[:10]

    with pytest.raises(TrustError, match="signature_length"):
        seal(Broken(), Head(DEVICE, EPOCH, 1, bytes(32)), [b"a"])


@given(raw=st.binary(max_size=200))
def test_random_bytes_are_refused_and_nothing_else(raw: bytes) -> None:
    with pytest.raises(TrustError):
        open_commit(raw, make_authority(1).store())


@given(noise=st.binary(min_size=1, max_size=4), at=st.integers(0, 140), drop=st.integers(0, 4))
def test_spliced_bytes_never_open(noise: bytes, at: int, drop: int) -> None:
    authority = make_authority(1)
    raw = first_commit(authority).raw
    spliced = raw[:at] + noise + raw[at + drop :]
    if spliced != raw:
        with pytest.raises(TrustError):
            open_commit(spliced, authority.store())
