"""Opens the database and gives out transactions.

Promise: every writing transaction starts with ``BEGIN IMMEDIATE``, so what it read can't change before it commits; SQLite runs
in WAL with ``synchronous=FULL``, so a commit that returned survives a power cut. Other engines come by URL and run SERIALIZABLE.

Source: design.md "HQ" and its traps (four threads over-settled 17 of 100 keys on SQLAlchemy's default transactions).
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import sqlcipher3.dbapi2
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, create_engine, event, make_url
from sqlalchemy.engine.interfaces import DBAPIConnection
from sqlalchemy.orm import Session
from sqlalchemy.pool import ConnectionPoolEntry

_READ_ONLY = "outpost_read_only"
_BUSY_TIMEOUT_MS = 30_000


def sqlite_url(path: Path) -> str:
    """Return the URL of a database file."""
    return f"sqlite:///{path}"


def open_engine(url: str) -> Engine:
    """Return an engine. SQLite goes through sqlcipher3's module without a key, for its current SQLite."""
    if make_url(url).get_backend_name() != "sqlite":
        return create_engine(url, isolation_level="SERIALIZABLE")
    engine = create_engine(url, module=sqlcipher3.dbapi2, pool_size=8, max_overflow=24)

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


def migrate(engine: Engine) -> None:
    """Bring the schema to the newest revision, in one transaction."""
    config = Config()
    config.set_main_option("script_location", str(Path(__file__).parent / "migrations").replace("%", "%%"))
    with engine.begin() as connection:
        config.attributes["connection"] = connection
        command.upgrade(config, "head")


class Database:
    """The transactions of one engine."""

    def __init__(self, engine: Engine) -> None:
        self.engine = engine

    @contextmanager
    def write(self) -> Iterator[Session]:
        """One transaction that may write; commits on a clean exit, rolls back on any error."""
        with Session(self.engine, expire_on_commit=False) as session, session.begin():
            yield session

    @contextmanager
    def read(self) -> Iterator[Session]:
        """One consistent view that never waits for a writer."""
        with (
            self.engine.connect().execution_options(**{_READ_ONLY: True}) as connection,
            Session(connection) as session,
        ):
            yield session

    def close(self) -> None:
        """Give back every connection."""
        self.engine.dispose()
