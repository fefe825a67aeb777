"""Sealed boxes against another HPKE implementation, and every way in which one must stay shut."""

from __future__ import annotations

import pytest
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st
from pyhpke import AEADId, CipherSuite, KDFId, KEMId, KEMKey

from tests.trust.conftest import flipped
from trust.boxes import BOX_OVERHEAD_BYTES, generate_box_key, open_box, seal_box
from trust.errors import ForgedError, StructureError, TrustError

DOMAIN = b"outpost-box-1\0"
SUITE = CipherSuite.new(KEMId.DHKEM_X25519_HKDF_SHA256, KDFId.HKDF_SHA256, AEADId.CHACHA20_POLY1305)


@given(plaintext=st.binary(max_size=400), aad=st.binary(max_size=60))
def test_round_trip(plaintext: bytes, aad: bytes) -> None:
    private, public = generate_box_key()
    sealed = seal_box(public, plaintext, aad)
    assert open_box(private, sealed, aad) == plaintext
    assert len(sealed) == len(plaintext) + BOX_OVERHEAD_BYTES


def test_another_library_opens_ours_and_we_open_its() -> None:
    private, public = generate_box_key()
    sealed = seal_box(public, b"store key", b"slot 3")
    receiver = SUITE.create_recipient_context(
        sealed[:32], KEMKey.from_pyca_cryptography_key(_private(private)), info=DOMAIN + b"slot 3"
    )
    assert receiver.open(sealed[32:]) == b"store key"
    encapsulated, sender = SUITE.create_sender_context(
        KEMKey.from_pyca_cryptography_key(_private(private).public_key()), info=DOMAIN + b"slot 3"
    )
    assert open_box(private, encapsulated + sender.seal(b"theirs"), b"slot 3") == b"theirs"


def _private(raw: bytes) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(raw)


def test_every_flipped_bit_cut_and_added_byte_keeps_it_shut() -> None:
    private, public = generate_box_key()
    sealed = seal_box(public, b"store key", b"slot 3")
    # X25519 ignores the top bit of a point (RFC 7748 §5); HPKE's key schedule hashes the bytes as sent, so even that is found.
    for bit in range(8 * len(sealed)):
        with pytest.raises(ForgedError, match="box_closed"):
            open_box(private, flipped(sealed, bit), b"slot 3")
    for wrong in (sealed[:-1], sealed + b"\0", sealed[1:]):
        with pytest.raises(ForgedError):
            open_box(private, wrong, b"slot 3")


def test_another_key_and_another_purpose_keep_it_shut() -> None:
    (private, public), (other, _) = generate_box_key(), generate_box_key()
    sealed = seal_box(public, b"x", b"slot 3")
    for key, aad in ((other, b"slot 3"), (private, b"slot 4"), (private, b""), (private, b"slot 3\0")):
        with pytest.raises(ForgedError, match="box_closed"):
            open_box(key, sealed, aad)


def test_the_same_plaintext_never_gives_the_same_box() -> None:
    _, public = generate_box_key()
    assert len({seal_box(public, b"x", b"") for _ in range(8)}) == 8


def test_short_boxes_and_wrong_keys() -> None:
    private, public = generate_box_key()
    for length in range(BOX_OVERHEAD_BYTES):
        with pytest.raises(StructureError, match="box_too_short"):
            open_box(private, bytes(length), b"")
    with pytest.raises(TrustError, match="box_key_length"):
        open_box(private[:31], bytes(60), b"")
    with pytest.raises(TrustError, match="box_key_length"):
        seal_box(public + b"\0", b"x", b"")


def test_a_key_that_gives_no_secret_is_refused_on_both_sides() -> None:
    private, _ = generate_box_key()
    with pytest.raises(TrustError, match="box_key"):
        seal_box(bytes(32), b"x", b"")
    with pytest.raises(ForgedError, match="box_closed"):
        open_box(private, bytes(32) + bytes(40), b"")


@given(sealed=st.binary(max_size=120), aad=st.binary(max_size=10))
def test_random_bytes_are_forged_and_nothing_else(sealed: bytes, aad: bytes) -> None:
    private, _ = generate_box_key()
    with pytest.raises(ForgedError):
        open_box(private, sealed, aad)
