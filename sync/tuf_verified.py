"""What a verified repository lists, for those who fetch and install it; without python-tuf, which only the asking needs.

Promise: values of these types come from ``sync.tuf_client.refresh`` and nowhere else.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sync.tuf_targets import TargetNote, file_path
from trust.releases import ReleaseRecord


@dataclass(frozen=True, slots=True)
class ListedTarget:
    """A target as the verified metadata lists it."""

    note: TargetNote
    sha256: str
    size_bytes: int

    @property
    def path(self) -> str:
        """Where its bytes lie in the repository."""
        return file_path(self.note.kind, self.note.name, self.sha256)


@dataclass(frozen=True, slots=True)
class VerifiedTargets:
    """What a refresh proved. ``versions`` by role; ``issued_at`` is when headquarters signed the timestamp."""

    versions: Mapping[str, int]
    issued_at: datetime
    timestamp_expires: datetime
    targets_expires: datetime
    targets: tuple[ListedTarget, ...]

    def of(self, kind: str) -> tuple[ListedTarget, ...]:
        """Return the targets of one kind."""
        return tuple(each for each in self.targets if each.note.kind == kind)

    def record(self, target: ListedTarget) -> ReleaseRecord:
        """Return the record that this laptop keeps: warned about once the timestamp is stale, not promised by once the targets are."""
        note = target.note
        expires_at = max(note.issued_at, min(note.expires_at, self.targets_expires))
        return ReleaseRecord(
            kind=note.kind,
            name=note.name,
            version=note.version,
            sha256=target.sha256,
            size_bytes=target.size_bytes,
            issued_at=note.issued_at,
            warn_after=max(note.issued_at, min(note.warn_after, self.timestamp_expires, expires_at)),
            expires_at=expires_at,
        )
