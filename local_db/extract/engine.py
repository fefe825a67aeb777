"""Opens an extract file: for loading (rebuildable, so without a journal) and for searching (read-only, interruptible)."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

from sqlcipher3 import dbapi2

from local_db.connection import Engine, open_engine
from local_db.store_keys import EngineKey

_CACHE_KIB = 16 * 1024
_STEPS_BETWEEN_LOOKS = 2000


def open_loading(path: Path, key: EngineKey) -> Engine:
    """Create a file to be filled in one go. A power cut leaves an unfinished file that no pointer names."""
    connection: Any = dbapi2.connect(str(path), isolation_level=None)
    connection.execute("PRAGMA cipher_log_level = NONE")
    connection.execute(f'PRAGMA key = "{key.literal()}"')
    connection.execute("PRAGMA journal_mode = OFF")
    # Synced once, when the transaction ends: journal off with FULL still syncs the file before COMMIT returns.
    connection.execute("PRAGMA synchronous = FULL")
    connection.execute("PRAGMA locking_mode = EXCLUSIVE")
    connection.execute("PRAGMA cache_size = -131072")
    connection.execute("PRAGMA temp_store = MEMORY")
    scratch = scratch_of(path)
    scratch.unlink(missing_ok=True)
    connection.execute(f'ATTACH ? AS loading KEY "{key.literal()}"', (str(scratch),))
    connection.execute("PRAGMA loading.journal_mode = OFF")
    connection.execute("PRAGMA loading.synchronous = OFF")
    engine: Engine = connection
    return engine


def scratch_of(path: Path) -> Path:
    """Return the encrypted scratch file that stands beside a file while it is loaded."""
    return path.with_suffix(".loading")


def open_searching(path: Path, key: EngineKey) -> Engine:
    """Open read-only with a cache large enough for the upper levels of every index."""
    engine = open_engine(path, key, read_only=True)
    engine.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    return engine


def interrupt_when(engine: Engine, cancelled: Callable[[], bool]) -> None:
    """Let ``cancelled`` stop a running statement of this connection."""
    engine.set_progress_handler(lambda: 1 if cancelled() else 0, _STEPS_BETWEEN_LOOKS)  # type: ignore[attr-defined]  # searching alone needs it
