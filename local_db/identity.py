"""Who this laptop is: what headquarters answered at enrolment, kept in the encrypted store beside the device's signing key.

Promise: written once when the store is made; a new enrolment is a new epoch and a new store.
"""

from __future__ import annotations

import msgspec

from local_db.connection import Engine
from trust.keys import SoftwareKey


class Identity(msgspec.Struct, frozen=True, kw_only=True):
    """Device, epoch, station and adjuster; certificates as DER; HQ's public key for the recovery slot (32 bytes)."""

    device: str
    epoch: int
    station: str
    station_name: str
    adjuster: str
    adjuster_name: str
    company: str
    hotline: str
    root_certificate: bytes
    service_certificate: bytes
    device_certificate: bytes
    recovery_public_key: bytes


def write_identity(
    engine: Engine, identity: Identity, device_key: SoftwareKey, box_private: bytes | None = None
) -> None:
    """Store identity and keys; the caller holds the transaction."""
    engine.execute(
        "INSERT INTO identity (id, record, device_key, box_key) VALUES (1, ?, ?, ?)",
        (msgspec.json.encode(identity).decode(), device_key.to_bytes(), box_private),
    )


def read_box_key(engine: Engine) -> bytes | None:
    """Return the private box key of this (device, epoch), None in a store that was made before there were any."""
    row = engine.execute("SELECT box_key FROM identity").fetchone()
    return None if row is None or row[0] is None else bytes(row[0])


def write_box_key(engine: Engine, box_private: bytes) -> None:
    """Give a store its box key, once; the caller holds the transaction."""
    engine.execute("UPDATE identity SET box_key = ? WHERE box_key IS NULL", (box_private,))


def read_identity(engine: Engine) -> tuple[Identity, SoftwareKey] | None:
    """Return who this store belongs to, or None when its making was cut short."""
    row = engine.execute("SELECT record, device_key FROM identity").fetchone()
    if row is None:
        return None
    return msgspec.json.decode(row[0], type=Identity), SoftwareKey.from_bytes(bytes(row[1]))
