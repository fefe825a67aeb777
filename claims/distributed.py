"""What headquarters distributes beside packs and catastrophes: manifests of extracts, stopped devices, the duplicate index.

Promise: pure data. A manifest is verified before anybody reads it; a shard is named in it by its hash, so that whoever carries the shards
(HTTP, a hub, a stick) can change nothing.

Source: docs/adr/0150, docs/adr/0151.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

PACK, CATASTROPHE, EXTRACT = "pack", "catastrophe", "extract"
DUPLICATES, REVOCATIONS = "duplicates", "revocations"
WHOLE = "all"
"""The name of the extract that is not selected by region, catastrophe or visit."""
MANIFEST_SCHEMA = 1


class Shard(msgspec.Struct, frozen=True, array_like=True):
    """One sealed piece: its hash and length as it travels, and which key opens it."""

    sha256: str
    size_bytes: int
    key_id: str


class ExtractManifest(msgspec.Struct, frozen=True, kw_only=True):
    """One version of one extract: the ``base`` as it was at ``base_version``, and everything that changed since in ``delta``.

    A record of the delta takes the place of the base's, a later one that of an earlier. Shards hold JSON lines: persons and policies of
    ``claims.reference`` and ``Gone``; each shard its persons first. ``persons`` and ``policies`` count what is there with the delta applied.
    """

    schema: int
    scope: str
    version: int
    made_at: datetime
    base_version: int
    base_made_at: datetime
    base: tuple[Shard, ...]
    delta: tuple[Shard, ...] = ()
    persons: int
    policies: int


class Gone(msgspec.Struct, frozen=True, kw_only=True, tag_field="t", tag="d", omit_defaults=True):
    """A person or a policy is no longer part of this extract (another extract may still hold it)."""

    person_id: str = ""
    policy_no: str = ""


class StoppedDevice(msgspec.Struct, frozen=True, kw_only=True):
    """A device that headquarters stopped, and why in both languages (zh, en)."""

    device: str
    epoch: int
    reason: tuple[str, str]


class DuplicateIndex(msgspec.Struct, frozen=True, kw_only=True):
    """What headquarters knows from all cases, as salted hashes: ``entries`` are the first ``width`` bytes of each, sorted, one after another.

    The salt keeps prepared tables out; it does not hide a bill's number from somebody who holds the index and tries every number.
    """

    salt: bytes
    width: int
    entries: bytes
