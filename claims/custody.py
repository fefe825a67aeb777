"""Custody: somebody else holds a sealed copy of this laptop's log, and says so.

Promise: custody is told only for what a custodian signed (a hub, a colleague's laptop) or for what this laptop itself read back from a stick
and compared. It makes a loss less likely; it never lets anything be deleted: only headquarters' word does.

Source: design.md "Sync"; notes/sync.md §3 "Three acknowledgements".
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

import msgspec

CUSTODY_KIND = "custody_receipted@1"
LABEL_KIND = "bundle_label@1"


class Custodian(StrEnum):
    """Who holds the copy."""

    HUB = "hub"
    PEER = "peer"
    STICK = "stick"


class CustodyReceipt(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=CUSTODY_KIND):
    """The body that a custodian's device signs (``trust.device_statements``) after the sealed bundle is durable on its disk.

    ``through_seq`` and ``digest`` are what the bundle's writer said is inside (a custodian can't read it); ``sha256`` is the bundle's own.
    """

    bundle_id: str
    sha256: str
    size_bytes: int
    device: str
    epoch: int
    through_seq: int
    digest: str
    taken_at: datetime


class BundleLabel(msgspec.Struct, frozen=True, kw_only=True, tag_field="type", tag=LABEL_KIND):
    """What the writer's device signs about its sealed bundle (``trust.device_statements``): the file's hash, and how far its log is inside.

    It lies beside the bundle, so that a custodian can say for whom and how far it holds what it can't read.
    """

    bundle_id: str
    sha256: str
    size_bytes: int
    device: str
    epoch: int
    through_seq: int
    digest: str


class CustodyNote(msgspec.Struct, frozen=True, kw_only=True):
    """What this laptop's store remembers of one copy. ``receipt`` is the signed ``CustodyReceipt``; empty for a stick that was read back.

    ``files`` are the hashes of the attachments that went along, whole.
    """

    bundle_id: str
    custodian: Custodian
    name: str
    """Device of the custodian, or the label of the stick."""
    through_seq: int
    digest: str
    at: datetime
    receipt: bytes = b""
    files: tuple[str, ...] = ()
