"""Opens the database and gives out transactions.

Promise: what a writing transaction read can't change before it commits, on either engine; a transaction that must start again
starts from nothing. SQLite: ``BEGIN IMMEDIATE``, WAL, ``synchronous=FULL``. PostgreSQL (or an engine that speaks its protocol), by
URL: SERIALIZABLE, and writers stand in one line where money may move (``LOCK TABLE write_order`` comes before the first look at the
data, so that a transaction that waited sees what the one before it left). Work that touches one device only goes side by side.

Source: design.md "HQ" and its traps (four threads over-settled 17 of 100 keys on SQLAlchemy's default transactions); docs/adr/0153.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

import sqlcipher3.dbapi2
from alembic import command
from alembic.config import Config
from sqlalchemy import URL, Connection, Engine, create_engine, event, make_url, text
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

POSTGRESQL: Final = "postgresql"
SQLITE: Final = "sqlite"
_READ_ONLY = "outpost_read_only"
_BUSY_TIMEOUT_MS = 30_000
_ATTEMPTS = 8
_PAUSE_S = 0.01
_MIGRATION_LOCK = 0x4F505354  # any number that only our migrations use
_START_AGAIN = frozenset({"40001", "40P01"})
"""serialization_failure, deadlock_detected"""
_MADE_BY_ANOTHER = "23505"
"""unique_violation: of two transactions side by side that made the same row, the later one looks again."""
_Done = TypeVar("_Done")


def sqlite_url(path: Path) -> str:
    """Return the URL of a database file."""
    return f"sqlite:///{path}"


def open_engine(url: str) -> Engine:
    """Return an engine. SQLite goes through sqlcipher3's module without a key, for its current SQLite."""
    parsed = _with_driver(make_url(url))
    if parsed.get_backend_name() != SQLITE:
        return create_engine(
            parsed,
            hide_parameters=True,  # an error's text may reach a log
            isolation_level="SERIALIZABLE",
            pool_size=8,
            max_overflow=24,
            pool_pre_ping=True,  # a server that was restarted costs one new connection, not one request
            connect_args={"options": f"-c lock_timeout={_BUSY_TIMEOUT_MS}"}
            if parsed.get_backend_name() == POSTGRESQL
            else {},
        )
    engine = create_engine(parsed, hide_parameters=True, module=sqlcipher3.dbapi2, pool_size=8, max_overflow=24)

    @event.listens_for(engine, "connect")
    def configure(connection: DBAPIConnection, _entry: ConnectionPoolEntry) -> None:
        connection.isolation_level = None  # the driver must not open transactions of its own
        cursor = connection.cursor()
        for pragma in (
            "journal_mode=WAL",
            "synchronous=FULL",
            "foreign_keys=ON",
            f"busy_timeout={_BUSY_TIMEOUT_MS}",
        ):
            cursor.execute(f"PRAGMA {pragma}")
        cursor.close()

    @event.listens_for(engine, "begin")
    def begin(connection: Connection) -> None:
        read_only = connection.get_execution_options().get(_READ_ONLY, False)
        connection.exec_driver_sql("BEGIN" if read_only else "BEGIN IMMEDIATE")

    return engine


def migrate(engine: Engine, revision: str = "head") -> None:
    """Bring the schema to a revision (the newest one), in one transaction; of several processes that start at once one does it."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    shared = engine.dialect.name == POSTGRESQL
    # Only here: who waited for the lock must see what the other process did.
    options = {"isolation_level": "READ COMMITTED"} if shared else {}
    with engine.connect().execution_options(**options) as connection, connection.begin():
        if shared:
            connection.execute(text("SELECT pg_advisory_xact_lock(:lock)"), {"lock": _MIGRATION_LOCK})
        config.attributes["connection"] = connection
        command.upgrade(config, revision)


class Database:
    """The transactions of one engine."""

    def __init__(self, engine: Engine, *, pause: Callable[[float], None] = time.sleep) -> None:
        """Work on an engine; ``pause`` waits some seconds before a transaction starts again."""
        self.engine = engine
        self._pause = pause
        self._line = threading.Lock()
        self._reading: dict[str, Any] = (
            {"isolation_level": "REPEATABLE READ", "postgresql_readonly": True}
            if self.engine_name == POSTGRESQL
            else {_READ_ONLY: True}
        )

    @property
    def engine_name(self) -> str:
        """``sqlite`` or ``postgresql``."""
        return self.engine.dialect.name

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that may write, with no other writer beside it; commits on a clean exit, rolls back on any error."""
        with self._attempt(alone=True) as session:
            yield session

    def run(self, work: Callable[[Session], _Done], *, alone: bool = True) -> _Done:
        """Carry out ``work`` in one transaction and return what it returned; start again from nothing when the engine asks for it.

        Args:
            work: must keep nothing from one call to the next: it may be called several times, and only the last call counts.
            alone: False lets it run beside others that say the same. For work on one device's own rows; never where money moves.

        Raises:
            DBAPIError: what the engine says after the last attempt.
        """
        for attempt in range(1, _ATTEMPTS + 1):
            try:
                with self._attempt(alone=alone) as session:
                    return work(session)
            except DBAPIError as problem:
                if attempt == _ATTEMPTS or not _start_again(problem, alone=alone):
                    raise
            # Two that met once would meet again: from now on this one waits for its turn.
            alone = True
            self._pause(_PAUSE_S * attempt)
        raise AssertionError("unreachable")

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view that never waits for a writer."""
        with self.engine.connect().execution_options(**self._reading) as connection, Session(connection) as session:
            yield session

    @contextmanager
    def look(self) -> Iterator[Connection]:
        """As ``read``, for columns instead of entities: what every request asks costs a third of a session's way."""
        with self.engine.connect().execution_options(**self._reading) as connection:
            yield connection

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()

    @contextmanager
    def _attempt(self, *, alone: bool) -> Iterator[Session]:
        with self._in_line(), Session(self.engine, expire_on_commit=False) as session, session.begin():
            if self.engine_name == POSTGRESQL:
                # LOCK takes no snapshot: what this transaction sees begins after its turn has come.
                session.execute(_ALONE if alone else _BESIDE_OTHERS)
            yield session

    @contextmanager
    def _in_line(self) -> Iterator[None]:
        """Let this process' own writers on SQLite wait for one another: SQLite itself lets them poll, and some starve."""
        if self.engine_name != SQLITE:
            yield
            return
        if not self._line.acquire(timeout=_BUSY_TIMEOUT_MS / 1000):
            raise TimeoutError("the database is busy with another writer")
        try:
            yield
        finally:
            self._line.release()


_ALONE = text("LOCK TABLE write_order IN EXCLUSIVE MODE")
_BESIDE_OTHERS = text("LOCK TABLE write_order IN ROW EXCLUSIVE MODE")


def _start_again(problem: DBAPIError, *, alone: bool) -> bool:
    """Tell whether the engine rolled a transaction back because of another one, so that the same work may well succeed now."""
    state = getattr(problem.orig, "sqlstate", None)
    return state in _START_AGAIN or (state == _MADE_BY_ANOTHER and not alone)


def _with_driver(url: URL) -> URL:
    # "postgres://" is what hosting services print; without a driver's name SQLAlchemy's choice has changed between versions.
    return url.set(drivername="postgresql+psycopg") if url.drivername in ("postgres", "postgresql") else url
