"""The secrets that open what lies on this disk: one random set a store, held only in memory and in the wrapped key file.

Promise: the database is opened with explicit key *and* salt (the salt in the file's first sector does not survive a torn
sector); a printed ``StoreKeys`` shows none of them.
"""

from __future__ import annotations

import secrets
from dataclasses import dataclass

import msgspec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

KEY_BYTES = 32
SALT_BYTES = 16


class _Payload(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag="outpost_store_keys@1"):
    database_key: bytes
    database_salt: bytes
    attachment_key: bytes


@dataclass(frozen=True, repr=False)
class EngineKey:
    """Key and salt of one encrypted database file."""

    key: bytes
    salt: bytes

    def literal(self) -> str:
        """Return SQLCipher's raw form ``x'<64 hex key><32 hex salt>'``, which skips its own key derivation."""
        return f"x'{self.key.hex()}{self.salt.hex()}'"


@dataclass(frozen=True, repr=False)
class StoreKeys:
    """Database key and salt, and the attachments' key."""

    database_key: bytes
    database_salt: bytes
    attachment_key: bytes

    @classmethod
    def generate(cls) -> StoreKeys:
        """Draw a new set from the operating system's random source."""
        return cls(secrets.token_bytes(KEY_BYTES), secrets.token_bytes(SALT_BYTES), secrets.token_bytes(KEY_BYTES))

    @property
    def database(self) -> EngineKey:
        """What opens the store."""
        return EngineKey(self.database_key, self.database_salt)

    def file_key(self, purpose: str) -> EngineKey:
        """Return key and salt for another encrypted file of this store, such as the policy extract (``extract``)."""
        material = HKDF(
            SHA256(), KEY_BYTES + SALT_BYTES, self.database_salt, f"outpost file {purpose} 1".encode()
        ).derive(self.database_key)
        return EngineKey(material[:KEY_BYTES], material[KEY_BYTES:])

    def encode(self) -> bytes:
        """Return the bytes that a slot wraps; what headquarters finds in the recovery slot."""
        return msgspec.json.encode(
            _Payload(
                database_key=self.database_key, database_salt=self.database_salt, attachment_key=self.attachment_key
            )
        )

    @classmethod
    def decode(cls, raw: bytes) -> StoreKeys:
        """Read ``encode`` back. Raises ``ValueError`` when the bytes are no set of keys."""
        # msgspec's error quotes no values, so the secrets stay out of tracebacks.
        found = msgspec.json.decode(raw, type=_Payload)
        if (len(found.database_key), len(found.database_salt), len(found.attachment_key)) != (
            KEY_BYTES,
            SALT_BYTES,
            KEY_BYTES,
        ):
            raise ValueError("a key has the wrong length")
        return cls(found.database_key, found.database_salt, found.attachment_key)
