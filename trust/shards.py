"""Sealed pieces of reference data: the same piece under the same key is the same bytes, so that what did not change is not sent again.

Promise: a shard opens only unchanged and with its key. Equal pieces of one extract look equal, which is wanted; nothing else shows but the
length. AES-SIV (RFC 5297) needs no nonce, so none can come twice. Keys reach a device in one box (``trust.boxes``) sealed to its box key.
"""

from __future__ import annotations

import msgspec
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESSIV

from trust.boxes import open_box, seal_box
from trust.errors import ForgedError, StructureError

SHARD_KEY_BYTES = 64
_SHARD_AAD = [b"outpost-shard-1"]
_KEYS_AAD = b"outpost-extract-keys-1\0"


def seal_shard(key: bytes, plain: bytes) -> bytes:
    """Return the sealed piece, 16 bytes longer."""
    return AESSIV(key).encrypt(plain, _SHARD_AAD)


def open_shard(key: bytes, sealed: bytes) -> bytes:
    """Return the piece. Raises ``ForgedError`` (``shard_closed``) for another key or changed bytes."""
    try:
        return AESSIV(key).decrypt(sealed, _SHARD_AAD)
    except (InvalidTag, ValueError) as problem:
        raise ForgedError("shard_closed", length=len(sealed)) from problem


def seal_shard_keys(box_public: bytes, device: str, epoch: int, keys: dict[str, bytes]) -> bytes:
    """Seal keys (by id) for one device and one life of it."""
    return seal_box(box_public, msgspec.msgpack.encode(keys), _aad(device, epoch))


def open_shard_keys(box_private: bytes, device: str, epoch: int, sealed: bytes) -> dict[str, bytes]:
    """Return the keys by id. Raises ``ForgedError`` or ``StructureError``."""
    try:
        return msgspec.msgpack.decode(open_box(box_private, sealed, _aad(device, epoch)), type=dict[str, bytes])
    except msgspec.DecodeError as problem:
        raise StructureError("shard_keys", length=len(sealed)) from problem


def _aad(device: str, epoch: int) -> bytes:
    return _KEYS_AAD + f"{device}\0{epoch}".encode()
