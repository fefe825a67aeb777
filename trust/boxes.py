"""Sealed boxes: bytes that only the holder of one private key can open (HPKE base mode, RFC 9180).

Promise: a box opens only with the right key, unchanged and for the same ``aad``. It says nothing about who sealed it.

Suite: DHKEM(X25519, HKDF-SHA256), HKDF-SHA256, ChaCha20Poly1305. ``aad`` is bound through HPKE's ``info`` behind our domain name:
one box per encapsulation, so both bind alike, and the library's stable interface offers only ``info``.
"""

from __future__ import annotations

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from trust.errors import ForgedError, StructureError, TrustError

BOX_KEY_BYTES = 32
BOX_OVERHEAD_BYTES = 32 + 16
_DOMAIN = b"outpost-box-1\0"


def generate_box_key() -> tuple[bytes, bytes]:
    """Make a key pair from the operating system's random source; return private and public key, 32 bytes each."""
    private = X25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def seal_box(recipient_public: bytes, plaintext: bytes, aad: bytes) -> bytes:
    """Seal ``plaintext`` for one recipient and one purpose; 48 bytes longer than the plaintext.

    Raises:
        TrustError: ``box_key_length``, or ``box_key`` for a point no secret can come from.
    """
    _check_key(recipient_public)
    try:
        return _suite().encrypt(plaintext, X25519PublicKey.from_public_bytes(recipient_public), info=_DOMAIN + aad)
    except ValueError as problem:
        raise TrustError("box_key") from problem


def open_box(private: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Return the plaintext.

    Raises:
        StructureError: too short to be a box.
        ForgedError: ``box_closed``: another key, another ``aad`` or changed bytes.
    """
    _check_key(private)
    if len(sealed) < BOX_OVERHEAD_BYTES:
        raise StructureError("box_too_short", length=len(sealed))
    try:
        return _suite().decrypt(sealed, X25519PrivateKey.from_private_bytes(private), info=_DOMAIN + aad)
    except (InvalidTag, ValueError) as problem:
        raise ForgedError("box_closed", length=len(sealed)) from problem


def _suite() -> Suite:
    return Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)


def _check_key(key: bytes) -> None:
    if len(key) != BOX_KEY_BYTES:
        raise TrustError("box_key_length", length=len(key))
