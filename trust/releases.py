"""Release records: which pack, extract or program is current, how old it may get, and never back to an older one.

Promise: ``open_release`` returns only what headquarters signed and what is not below the floor the reader has recorded. Whether
a release is fresh is judged by the caller's trusted time, not by a clock here.

A record travels as a statement of kind ``release``, its body JSON.
"""

from __future__ import annotations

import re
from datetime import datetime
from enum import StrEnum

import msgspec

from trust.certificates import TrustStore
from trust.errors import ForgedError, RollbackError, StructureError, TrustError
from trust.keys import Signer
from trust.statements import open_statement, sign_statement

RELEASE_KIND = "release"
_SHA256_HEX = re.compile(r"[0-9a-f]{64}")


class ReleaseRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One release. ``kind`` is what it is (``pack``, ``extract``), ``name`` which one; ``version`` rises by kind and never falls.

    ``sha256`` (hex) and ``size_bytes`` are of the blob. Past ``warn_after`` it is used with a warning, past ``expires_at`` not for
    promises. Times are aware UTC.
    """

    kind: str
    name: str
    version: int
    sha256: str
    size_bytes: int
    issued_at: datetime
    warn_after: datetime
    expires_at: datetime


class Freshness(StrEnum):
    """How old a release is by its own dates."""

    FRESH = "fresh"
    STALE = "stale"
    EXPIRED = "expired"


_decoder: msgspec.json.Decoder[ReleaseRecord] = msgspec.json.Decoder(ReleaseRecord)


def sign_release(signer: Signer, service_certificate_der: bytes, record: ReleaseRecord) -> bytes:
    """Sign a record. Raises ``TrustError`` (``release_record``) for one that contradicts itself."""
    problem = _contradiction(record)
    if problem is not None:
        raise TrustError("release_record", problem=problem, kind=record.kind, name=record.name)
    return sign_statement(signer, service_certificate_der, RELEASE_KIND, msgspec.json.encode(record))


def open_release(raw: bytes, roots: TrustStore, *, floor_version: int) -> ReleaseRecord:
    """Verify a record.

    Args:
        raw: the signed record.
        roots: who may sign.
        floor_version: the highest version of this kind accepted so far; the same one again is fine.

    Raises:
        ForgedError, StructureError: not a release record that headquarters signed.
        RollbackError: ``release_rollback``, genuine but below the floor.
    """
    kind, body = open_statement(raw, roots)
    if kind != RELEASE_KIND:
        raise ForgedError("release_kind", kind=kind)
    try:
        record = _decoder.decode(body)
    except (msgspec.DecodeError, ValueError) as problem:
        raise StructureError("release_body", length=len(body)) from problem
    problem_found = _contradiction(record)
    if problem_found is not None:
        raise StructureError("release_record", problem=problem_found)
    if record.version < floor_version:
        raise RollbackError("release_rollback", kind=record.kind, version=record.version, floor=floor_version)
    return record


def freshness(record: ReleaseRecord, at: datetime) -> Freshness:
    """Judge a record's age at an aware time: stale from ``warn_after`` on, expired from ``expires_at`` on."""
    if at >= record.expires_at:
        return Freshness.EXPIRED
    return Freshness.STALE if at >= record.warn_after else Freshness.FRESH


def _contradiction(record: ReleaseRecord) -> str | None:
    if any(time.tzinfo is None for time in (record.issued_at, record.warn_after, record.expires_at)):
        return "time_without_zone"
    if not record.issued_at <= record.warn_after <= record.expires_at:
        return "times_out_of_order"
    if record.version < 1 or record.size_bytes < 0:
        return "number_out_of_range"
    if not _SHA256_HEX.fullmatch(record.sha256):
        return "sha256_shape"
    if not record.kind or not record.name:
        return "name_missing"
    return None
