"""The packs headquarters has published, by hash: what a replay needs to decide as the laptop did.

Promise: a pack is loaded from bytes whose hash was checked again; published packs are never thrown away.
"""

from __future__ import annotations

import hashlib

from headquarters.blobs import BlobStore
from rules.engine import Pack, load_pack

_KEEP = 8


class PackShelf:
    """Loaded packs, a handful at a time. A miss under two threads loads twice, which is harmless."""

    def __init__(self, blobs: BlobStore) -> None:
        self._blobs = blobs
        self._loaded: dict[str, Pack] = {}

    def find(self, pack_hash: str) -> Pack | None:
        """Return the pack with this hash, or None when it is not here whole. Raises ``PackError`` when it can't be run."""
        loaded = self._loaded.get(pack_hash)
        if loaded is not None:
            return loaded
        if pack_hash not in self._blobs:
            return None
        raw = self._blobs.read(pack_hash)
        if hashlib.sha256(raw).hexdigest() != pack_hash:
            return None
        pack = load_pack(raw)
        if len(self._loaded) >= _KEEP:
            self._loaded.clear()
        self._loaded[pack_hash] = pack
        return pack
