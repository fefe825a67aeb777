"""Signed things read once: the events of a commit, the id of a statement, the certificate of a disk. Pure functions of bytes."""

from __future__ import annotations

from typing import Any

import cbor2
import msgspec

from claims.events import decode_event
from tests.fleet.disk import Disk
from trust import certificates
from trust.certificates import DeviceCertificate
from trust.sign1 import take_apart
from trust.statements import MAX_STATEMENT_BYTES

_MOST_KEPT = 20_000
_decoded: dict[bytes, tuple[Any, ...]] = {}
_ids: dict[bytes, str] = {}


class _Named(msgspec.Struct, frozen=True):
    statement_id: str


def statement_id(raw: bytes) -> str:
    """Return the id of a signed statement that was verified before."""
    found = _ids.get(raw)
    if found is None:
        if len(_ids) > _MOST_KEPT:
            _ids.clear()
        body = take_apart(raw, max_bytes=MAX_STATEMENT_BYTES).payload
        found = _ids[raw] = msgspec.json.decode(body, type=_Named).statement_id
    return found


def events_of(raw: bytes) -> tuple[Any, ...]:
    """Return the events of a commit, read once."""
    found = _decoded.get(raw)
    if found is None:
        if len(_decoded) > _MOST_KEPT:
            _decoded.clear()
        found = _decoded[raw] = tuple(decode_event(body) for body in cbor2.loads(raw)[4])
    return found


def certificate_of(disk: Disk) -> DeviceCertificate:
    """Return what the certificate of a disk's device says."""
    return certificates.read_device_certificate(disk.identity.device_certificate)
