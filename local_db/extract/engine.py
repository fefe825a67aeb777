"""Opens an extract file: for loading (rebuildable, so without a journal) and for searching (read-only)."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import Any, Protocol

import zstandard
from sqlcipher3 import dbapi2

from local_db.connection import Engine, open_engine
from local_db.store_keys import EngineKey

_LOADING_CACHE_KIB = 64 * 1024
_SEARCHING_CACHE_KIB = 16 * 1024


class LoadingEngine(Engine, Protocol):
    """What loading needs beside single statements."""

    def executemany(self, sql: str, rows: Iterable[Sequence[Any]], /) -> object: ...


def open_loading(path: Path, key: EngineKey, *, max_pages: int | None = None) -> LoadingEngine:
    """Create a file to be filled in one go. A power cut leaves an unfinished file that no pointer names.

    Args:
        max_pages: page limit of the file, the cheap way to a full disk (``PRAGMA max_page_count``).
    """
    connection: LoadingEngine = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f'PRAGMA key = "{key.literal()}"')
    connection.execute("PRAGMA journal_mode = OFF")
    # Synced once, when the transaction ends: journal off with FULL still syncs the file before COMMIT returns.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA fullfsync = ON")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute(f"PRAGMA cache_size = -{_LOADING_CACHE_KIB}")
    # SQLCipher does not encrypt temporary files.
    connection.execute("PRAGMA temp_store = MEMORY")
    if max_pages is not None:
        connection.execute(f"PRAGMA max_page_count = {int(max_pages)}")
    return connection


class OpenExtract:
    """An extract file being read, one layer of what is searched. Not to be used by two threads at once."""

    def __init__(self, engine: Engine, hidden_persons: bytes = b"", hidden_policies: bytes = b"") -> None:
        """Read a file; the bits set in ``hidden_...`` are the numbers of what a newer layer replaced or took away."""
        self.execute = engine.execute
        self.close = engine.close
        # Making one takes longer than unpacking with it.
        self.unpack = zstandard.ZstdDecompressor().decompress
        self._hidden_persons, self._hidden_policies = hidden_persons, hidden_policies

    def shows_person(self, number: int) -> bool:
        """Tell whether no newer layer replaced this person."""
        return not _bit(self._hidden_persons, number)

    def shows_policy(self, number: int) -> bool:
        """Tell whether no newer layer replaced this policy."""
        return not _bit(self._hidden_policies, number)


def open_searching(
    path: Path, key: EngineKey, hidden_persons: bytes = b"", hidden_policies: bytes = b""
) -> OpenExtract:
    """Open read-only with a cache large enough for the upper levels of every index."""
    engine = open_engine(path, key, read_only=True)
    engine.execute(f"PRAGMA cache_size = -{_SEARCHING_CACHE_KIB}")
    return OpenExtract(engine, hidden_persons, hidden_policies)


def _bit(bits: bytes, number: int) -> bool:
    place = number >> 3
    return place < len(bits) and bool(bits[place] >> (number & 7) & 1)
