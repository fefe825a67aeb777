"""What TUF metadata proved, kept in one file under a key of this laptop's store.

Promise: the file is replaced whole and durably; what is read was written by a program that held the store's key. That it is not an older one is
the caller's to check against the floors in the encrypted store. TUF's own files prove what is current to whoever asks now; this one tells later,
without them and when their keys were changed, what was proved then.

    verified.json = 32 bytes HMAC-SHA-256 of the rest, then JSON

Source: docs/adr/0150.
"""

from __future__ import annotations

import hashlib
import hmac
from datetime import datetime
from pathlib import Path

import msgspec

from claims.errors import Bilingual, EnvironmentProblem
from local_db.durable_files import write_durably
from trust.releases import ReleaseRecord

_FILE = "verified.json"
_MAC_BYTES = 32


class VerifiedReleases(msgspec.Struct, frozen=True, kw_only=True):
    """The releases in use, the packs that were in use before, and when headquarters signed the newest word of it."""

    records: tuple[ReleaseRecord, ...]
    past: tuple[ReleaseRecord, ...] = ()
    signed_at: datetime

    def of(self, kind: str) -> tuple[ReleaseRecord, ...]:
        """Return the records in use of one kind."""
        return tuple(each for each in self.records if each.kind == kind)


class VerifiedStore:
    """The file under one folder."""

    def __init__(self, folder: Path, key: bytes | None) -> None:
        """Use a folder and the key that vouches; without one there is nothing to read and nothing can be written."""
        self._path = folder / _FILE
        self._key = key
        self._read: tuple[bytes, VerifiedReleases] | None = None

    def read(self) -> VerifiedReleases | None:
        """Return what was proved, None before the first. Raises ``EnvironmentProblem`` (``release_damaged``)."""
        if self._key is None:
            return None
        try:
            raw = self._path.read_bytes()
        except FileNotFoundError:
            return None
        if self._read is not None and self._read[0] == raw:
            return self._read[1]
        mac, body = raw[:_MAC_BYTES], raw[_MAC_BYTES:]
        if not hmac.compare_digest(mac, self._mac(body)):
            raise _damaged()
        try:
            found = msgspec.json.decode(body, type=VerifiedReleases)
        except msgspec.DecodeError as problem:
            raise _damaged() from problem
        self._read = raw, found
        return found

    def write(self, releases: VerifiedReleases) -> None:
        """Replace what was proved."""
        body = msgspec.json.encode(releases)
        write_durably(self._path, self._mac(body) + body)

    def _mac(self, body: bytes) -> bytes:
        if self._key is None:
            raise ValueError("a shelf without a key takes nothing that TUF proved")
        return hmac.digest(self._key, body, hashlib.sha256)


def _damaged() -> EnvironmentProblem:
    return EnvironmentProblem(
        "release_damaged",
        Bilingual(
            "已安装规则和资料的登记被改动或损坏。", "The record of installed rules and data was changed or is damaged."
        ),
        Bilingual(
            "案件资料都在。请联网或用总部的优盘重新获取后再预核，在此之前可以照常收件。",
            "All case data are safe. Fetch it again from headquarters by link or stick before pre-approving; papers can be taken in meanwhile.",
        ),
        retryable=True,
    )
