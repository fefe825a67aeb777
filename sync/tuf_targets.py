"""What headquarters and laptops both know of distribution by TUF: where files lie, and what the metadata says of a target.

Promise: pure data, the same for every carrier.

    anchor                          the newest TUF root inside a statement of headquarters' service key
    metadata/<n>.root.json  metadata/timestamp.json  metadata/<n>.snapshot.json  metadata/<n>.targets.json
    targets/<kind>/<sha256>.<name>  a pack, a manifest, ...
    shards/<sha256>                 a sealed piece of an extract
    keys/<device>-<epoch>           the extracts' keys, sealed to that device's box key
    keys/@<station>                 those of all devices of a station, for who hands them on

Over HTTP and from a hub below ``/v1/tuf/``, on a stick below a folder.

Source: docs/adr/0150, docs/adr/0151.
"""

from __future__ import annotations

from datetime import datetime

import msgspec

TIMESTAMP_DAYS = 10
TARGETS_DAYS = 45
ANCHOR = "anchor"
TIMESTAMP = "metadata/timestamp.json"
ANCHOR_KIND = "tuf_root@1"
TUF = "tuf"
"""The kind under which ``HelloAnswered.releases`` announces a newer timestamp; programs before it leave it alone."""
CURRENT = "current"
"""The name of the one target of a kind that has only one."""
OF_STATION = "@"
"""Begins a name below ``keys/`` that stands for a station: the sealed keys of all its devices, by name, in one msgpack map."""
STICK_FOLDER = "outpost-releases"
WHOLE_AT_MOST = 2 * 1024 * 1024
"""A target up to this size is fetched in one go, packed on the way; a larger one as it is, resumed where a cut left it."""


class TargetNote(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """What the metadata says of a target beside length and hash. ``stations`` empty: for every laptop.

    The release is used with a warning past ``warn_after`` and not for promises past ``expires_at``; a laptop that hears nothing new from
    headquarters gets there earlier, when timestamp and targets expire (``sync.tuf_client``).
    """

    kind: str
    name: str
    version: int
    issued_at: datetime
    warn_after: datetime
    expires_at: datetime
    stations: tuple[str, ...] = ()


def target_path(kind: str, name: str = CURRENT) -> str:
    """Return the path under which the metadata lists a target."""
    return f"{kind}/{name}"


def file_path(kind: str, name: str, sha256: str) -> str:
    """Return where a target's bytes lie: its hash is in the name, so that old and new lie side by side."""
    return f"targets/{kind}/{sha256}.{name}"


def shard_path(sha256: str) -> str:
    """Return where a shard lies."""
    return f"shards/{sha256}"


def keys_path(device: str, epoch: int) -> str:
    """Return where a device's sealed keys lie."""
    return f"keys/{device}-{epoch}"
