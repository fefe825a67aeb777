"""The files of an enrolment that is under way: what must survive a crash between headquarters' answer and the finished laptop.

Promise: nothing in here is plain: the device key and a generated passphrase are wrapped by the one-time code (``app.enrolment``).
Light: the unlock screen asks ``passphrase_unseen`` before its first paint. Source: docs/adr/0096.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import msgspec

from local_db.durable_files import make_folder, write_durably

_PATTERN = "enrolling-*.json"
_MOST = 8
"""More unfinished codes than anybody has; each one tried costs a tenth of a second."""


class PendingRecord(msgspec.Struct, frozen=True, kw_only=True):
    """One code's record. ``generated``: it holds a passphrase; ``told``: that passphrase was handed to the screen."""

    generated: bool
    told: bool = False
    salt: bytes
    nonce: bytes
    wrapped: bytes


@dataclass(frozen=True)
class PendingFile:
    """A record where it lies."""

    path: Path
    record: PendingRecord

    def replace(self, record: PendingRecord) -> PendingFile:
        """Write another record in its place, durably."""
        write_durably(self.path, msgspec.json.encode(record))
        return PendingFile(self.path, record)

    def discard(self) -> None:
        """Remove the file."""
        self.path.unlink(missing_ok=True)


def keep_pending(home: Path, record: PendingRecord) -> PendingFile:
    """Write a new record durably, readable by its owner only. Raises ``OSError``."""
    make_folder(home)
    return PendingFile(home / f"enrolling-{os.urandom(4).hex()}.json", record).replace(record)


def pending_files(home: Path) -> Iterator[PendingFile]:
    """Return the records under home, the newest first. What can't be read is none."""
    found = sorted(home.glob(_PATTERN), key=lambda each: each.stat().st_mtime_ns, reverse=True)
    for path in found[:_MOST]:
        with contextlib.suppress(msgspec.MsgspecError, UnicodeDecodeError, FileNotFoundError):
            yield PendingFile(path, msgspec.json.decode(path.read_bytes(), type=PendingRecord))


def passphrase_unseen(home: Path) -> bool:
    """Say whether a passphrase was generated that nobody has seen yet: only the code brings it back."""
    return any(each.record.generated and not each.record.told for each in pending_files(home))


def discard_pending(home: Path) -> None:
    """Remove all records: the laptop was unlocked, nobody needs them any more."""
    for path in home.glob(_PATTERN):
        path.unlink(missing_ok=True)
