"""Ed25519 keys (RFC 8032): who signs, and how a signature is checked.

Promise: a signature is 64 bytes, a public key 32, a private key 32; a check answers with nothing or with ``ForgedError``.
"""

from __future__ import annotations

from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from trust.errors import ForgedError, StructureError, TrustError

KEY_BYTES = 32
SIGNATURE_BYTES = 64
_FIELD_PRIME = 2**255 - 19
# The y coordinates of the eight points of small order; a signature under such a key can be made without a secret.
_SMALL_ORDER_Y = frozenset(
    {
        0,
        1,
        _FIELD_PRIME - 1,
        0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
        _FIELD_PRIME - 0x05FC536D880238B13933C6D305ACDFD5F098EFF289F4C345B027B2C28F95E826,
    }
)


class Signer(Protocol):
    """Whatever holds a private key: a key in memory, a token, a key service."""

    @property
    def public_key(self) -> bytes:
        """The 32 raw bytes of the Ed25519 public key."""

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over ``message``."""


class SoftwareKey:
    """A private key in this process's memory."""

    __slots__ = ("_private", "_public_bytes")

    def __init__(self, private: Ed25519PrivateKey) -> None:
        self._private = private
        self._public_bytes = private.public_key().public_bytes_raw()

    @classmethod
    def generate(cls) -> SoftwareKey:
        """Make a new key from the operating system's random source."""
        return cls(Ed25519PrivateKey.generate())

    @classmethod
    def from_bytes(cls, raw: bytes) -> SoftwareKey:
        """Read back what ``to_bytes`` gave. Raises ``TrustError`` unless it is 32 bytes long."""
        if len(raw) != KEY_BYTES:
            raise TrustError("private_key_length", length=len(raw))
        return cls(Ed25519PrivateKey.from_private_bytes(raw))

    def to_bytes(self) -> bytes:
        """Return the 32 secret bytes; the caller encrypts them before they touch a disk."""
        return self._private.private_bytes_raw()

    @property
    def public_key(self) -> bytes:
        """The 32 raw bytes of the public key."""
        return self._public_bytes

    def sign(self, message: bytes) -> bytes:
        """Return the 64-byte signature over ``message``."""
        return self._private.sign(message)

    def __repr__(self) -> str:
        """Name the key by its public half, so that a log never carries the private one."""
        return f"SoftwareKey({self._public_bytes.hex()})"


def check_public_key(public_key: bytes) -> None:
    """Refuse bytes under which signatures would prove nothing.

    Raises:
        StructureError: ``public_key_length``, or ``public_key_spelling`` (not the point's one encoding, RFC 8032 §5.1.3).
        ForgedError: ``public_key_weak``, a point of small order.
    """
    if len(public_key) != KEY_BYTES:
        raise StructureError("public_key_length", length=len(public_key))
    y = int.from_bytes(public_key, "little") & (2**255 - 1)
    if y >= _FIELD_PRIME:
        raise StructureError("public_key_spelling", key=public_key.hex())
    if y in _SMALL_ORDER_Y:
        raise ForgedError("public_key_weak", key=public_key.hex())


def verify_signature(public_key: bytes, signature: bytes, message: bytes) -> None:
    """Check one Ed25519 signature.

    Raises:
        ForgedError: ``signature_wrong``, also for keys and signatures of the wrong length or off the curve.
    """
    try:
        Ed25519PublicKey.from_public_bytes(public_key).verify(signature, message)
    except (InvalidSignature, ValueError) as problem:
        raise ForgedError("signature_wrong") from problem
