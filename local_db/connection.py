"""Opening the encrypted engine: the only place that knows how SQLCipher wants to be started.

Promise: a connection from here encrypts with explicit key and salt, runs SQLite >= 3.51.3, has foreign keys on, WAL,
``synchronous=FULL`` and exclusive locking, or it was refused with a sentence. Order matters: key, locking mode, journal.

Source: design.md "Store" and "Traps"; notes/sync.md §0 (1, 2) and §2(c)(f); docs/adr/0040.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Protocol

import sqlcipher3
from sqlcipher3 import dbapi2

from local_db import problems
from local_db.store_keys import EngineKey

# sqlite-utils takes "pysqlite3" for its engine when there is one; without the alias it would import the unencrypted sqlite3
# and miss this engine's exceptions (notes/sync.md §2(f)).
sys.modules["pysqlite3"] = sqlcipher3
sys.modules["pysqlite3.dbapi2"] = dbapi2

from sqlite_utils import Database, Migrations  # noqa: E402 - the alias above has to come first

__all__ = ["Cursor", "Database", "Engine", "EngineError", "Migrations", "open_engine", "read_pragma"]

LEAST_SQLITE = (3, 51, 3)
"""3.7.0 to 3.51.2 have the WAL-reset bug (notes/sync.md §1, SQLite)."""

_BUSY_TIMEOUT_S = 1.0
_CACHE_KIB = 32 * 1024
"""Pages kept decrypted: enough for the lists of a laptop that is never synced; decrypting is what a reading costs."""

EngineError: type[Exception] = dbapi2.Error


class Cursor(Protocol):
    """Rows of one statement."""

    def fetchone(self) -> Any: ...
    def fetchall(self) -> list[Any]: ...
    def __iter__(self) -> Iterator[Any]: ...


class Engine(Protocol):
    """What the store needs of a connection: statements run as they are written, transactions are begun and ended by hand."""

    @property
    def in_transaction(self) -> bool: ...
    def execute(self, sql: str, parameters: Sequence[Any] = (), /) -> Cursor: ...
    def close(self) -> None: ...


def open_engine(
    path: Path, key: EngineKey, *, create: bool = False, read_only: bool = False, max_pages: int | None = None
) -> Engine:
    """Open an encrypted database file and prove that the key fits.

    Args:
        create: make the file when it is missing.
        read_only: no lock against other readers and no write; for reference data.
        max_pages: page limit of the file, the cheap way to a full disk (``PRAGMA max_page_count``).

    Raises:
        EnvironmentProblem: missing, damaged, in use by another process, or the library is too old or does not encrypt.
    """
    if not create:
        _check_file(path)
    mode = "ro" if read_only else "rwc" if create else "rw"
    try:
        connection: Engine = dbapi2.connect(
            f"{path.resolve().as_uri()}?mode={mode}",
            uri=True,
            timeout=_BUSY_TIMEOUT_S,
            isolation_level=None,  # transactions are begun by hand: BEGIN IMMEDIATE
            check_same_thread=False,  # the store serialises its callers itself
        )
    except EngineError as error:
        raise problems.from_engine(error, path) from error
    try:
        _configure(connection, key, read_only=read_only, max_pages=max_pages)
        connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    except EngineError as error:
        connection.close()
        raise problems.from_engine(error, path) from error
    except BaseException:
        connection.close()
        raise
    return connection


def read_pragma(engine: Engine, name: str) -> Any:
    """Return the single value of a PRAGMA, or None."""
    row = engine.execute(f"PRAGMA {name}").fetchone()
    return None if row is None else row[0]


def lock_exclusively(engine: Engine) -> None:
    """Refuse a second process instead of interleaving with it, and keep the WAL index in memory (docs/adr/0040).

    Before anything reads the file, even ``SELECT sqlite_version()``: set later, the lock is not held from the first access.
    """
    engine.execute("PRAGMA locking_mode = EXCLUSIVE")


def make_durable(engine: Engine) -> None:
    """Switch to the one journal and sync mode in which an acknowledged commit survives a power cut (notes/sync.md §2(c))."""
    engine.execute("PRAGMA journal_mode = WAL")
    engine.execute("PRAGMA synchronous = FULL")
    # macOS only, harmless elsewhere: fsync alone stops at the drive's cache.
    engine.execute("PRAGMA fullfsync = ON")
    engine.execute("PRAGMA checkpoint_fullfsync = ON")


def _check_file(path: Path) -> None:
    # An empty file would open as a fresh, empty database.
    try:
        size = path.stat().st_size
    except FileNotFoundError as error:
        raise problems.store_missing(path) from error
    except OSError as error:
        raise problems.from_os(error, path) from error
    if size == 0:
        raise problems.store_damaged(path, "0 bytes")


def _configure(engine: Engine, key: EngineKey, *, read_only: bool, max_pages: int | None) -> None:
    # SQLCipher writes its own error log to stderr, where page numbers of a damaged file would drown the sentence.
    engine.execute("PRAGMA cipher_log_level = NONE")
    engine.execute(f'PRAGMA key = "{key.literal()}"')
    if not read_only:
        lock_exclusively(engine)
    if not read_pragma(engine, "cipher_version"):
        raise problems.engine_not_encrypting()
    version = str(engine.execute("SELECT sqlite_version()").fetchone()[0])
    if tuple(int(part) for part in version.split(".")) < LEAST_SQLITE:
        raise problems.engine_too_old(version, ".".join(map(str, LEAST_SQLITE)))
    engine.execute("PRAGMA foreign_keys = ON")
    engine.execute("PRAGMA trusted_schema = OFF")
    if read_only:
        engine.execute("PRAGMA query_only = ON")
        return
    engine.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
    make_durable(engine)
    if max_pages is not None:
        engine.execute(f"PRAGMA max_page_count = {int(max_pages)}")
