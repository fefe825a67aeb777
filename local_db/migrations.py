"""The store's tables, one migration after another; the only place that creates tables of truth.

Promise: a released migration is never edited. ``user_version`` is the number of migrations applied; a store with a higher one
was written by a newer program and is refused. The present's tables (``projection_schema``) are not migrated but replayed.

Truth is nine tables: ``log_commit`` (what this device signed, verbatim), ``inbox`` (what headquarters signed, verbatim, with
the log position at which it was applied), ``identity`` (who this device is, with its signing key), ``draft``, and ``floor``
(the highest signed time and release versions seen outside the inbox; they only rise); with migration 0002
also ``custody``, ``custody_file``, ``held_bundle`` and ``link_memory``, which are facts about other machines and lines.
"""

from __future__ import annotations

from pathlib import Path

from local_db import problems
from local_db.connection import Database, Engine, EngineError, Migrations, read_pragma

MIGRATIONS: tuple[tuple[str, tuple[str, ...]], ...] = (
    (
        "0001_log_inbox_identity_drafts",
        (
            """CREATE TABLE identity (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                record TEXT NOT NULL,
                device_key BLOB NOT NULL
            ) STRICT""",
            """CREATE TABLE log_commit (
                first_seq INTEGER PRIMARY KEY CHECK (first_seq >= 1),
                last_seq INTEGER NOT NULL UNIQUE CHECK (last_seq >= first_seq),
                raw BLOB NOT NULL,
                hash BLOB NOT NULL
            ) STRICT""",
            """CREATE TABLE inbox (
                position INTEGER PRIMARY KEY,
                statement_id TEXT NOT NULL,
                kind TEXT NOT NULL,
                in_feed INTEGER NOT NULL,
                applied_after_seq INTEGER NOT NULL,
                sha256 TEXT NOT NULL UNIQUE,
                raw BLOB NOT NULL
            ) STRICT""",
            "CREATE INDEX inbox_statement ON inbox (statement_id)",
            """CREATE TABLE draft (
                draft_id TEXT PRIMARY KEY,
                content BLOB NOT NULL
            ) STRICT""",
            """CREATE TABLE floor (
                name TEXT PRIMARY KEY,
                value INTEGER NOT NULL
            ) STRICT""",
            """CREATE TABLE projection_state (
                id INTEGER PRIMARY KEY CHECK (id = 1),
                fingerprint TEXT NOT NULL
            ) STRICT""",
            "INSERT INTO projection_state (id, fingerprint) VALUES (1, '')",
            # The log and the inbox are only ever added to, whatever a later programmer believes.
            *(
                f"CREATE TRIGGER {table}_no_{verb.lower()} BEFORE {verb} ON {table} "
                f"BEGIN SELECT raise(ABORT, '{table} is append-only'); END"
                for table in ("log_commit", "inbox")
                for verb in ("UPDATE", "DELETE")
            ),
        ),
    ),
    (
        "0002_custody_box_key_links",
        (
            "ALTER TABLE identity ADD COLUMN box_key BLOB",
            # Who holds sealed copies of this log, and of which files (claims.custody).
            """CREATE TABLE custody (
                bundle_id TEXT PRIMARY KEY,
                custodian TEXT NOT NULL,
                name TEXT NOT NULL,
                through_seq INTEGER NOT NULL,
                digest TEXT NOT NULL,
                at TEXT NOT NULL,
                receipt BLOB NOT NULL
            ) STRICT""",
            """CREATE TABLE custody_file (
                sha256 TEXT NOT NULL,
                bundle_id TEXT NOT NULL REFERENCES custody (bundle_id),
                PRIMARY KEY (sha256, bundle_id)
            ) STRICT""",
            # What is worth remembering of each way to headquarters between two syncs (back-off, window): JSON by destination.
            """CREATE TABLE link_memory (
                destination TEXT PRIMARY KEY,
                record TEXT NOT NULL
            ) STRICT""",
            # Sealed bundles of colleagues that this laptop keeps and forwards; the bytes lie beside the store.
            """CREATE TABLE held_bundle (
                bundle_id TEXT PRIMARY KEY,
                device TEXT NOT NULL,
                epoch INTEGER NOT NULL,
                through_seq INTEGER NOT NULL,
                digest TEXT NOT NULL,
                sha256 TEXT NOT NULL,
                size_bytes INTEGER NOT NULL,
                taken_at TEXT NOT NULL,
                forwarded_at TEXT
            ) STRICT""",
        ),
    ),
)

SCHEMA_VERSION = len(MIGRATIONS)


def check_version(engine: Engine, path: Path) -> None:
    """Refuse a store whose tables this program doesn't know.

    Raises:
        EnvironmentProblem: ``store_newer``; ``store_damaged`` for one without any tables.
    """
    found = int(read_pragma(engine, "user_version"))
    if found > SCHEMA_VERSION:
        raise problems.store_newer(path, found, SCHEMA_VERSION)
    if found == 0:
        raise problems.store_damaged(path, "no tables")


def migrate(engine: Engine, path: Path) -> None:
    """Bring a store (or a new file) to this program's tables, each migration in a transaction of its own.

    Raises:
        EnvironmentProblem: the disk is full; what was migrated before stays.
    """
    try:
        if int(read_pragma(engine, "user_version")) < SCHEMA_VERSION:
            _migrations().apply(Database(engine))  # type: ignore[arg-type]  # typed for sqlite3, run on the aliased engine
    except EngineError as error:
        raise problems.from_engine(error, path) from error


def apply_migration(engine: Engine, number: int) -> None:
    """Run the statements of one migration (from 1) and record its number; the caller holds the transaction."""
    _, statements = MIGRATIONS[number - 1]
    for statement in statements:
        engine.execute(statement)
    engine.execute(f"PRAGMA user_version = {number}")


def _migrations() -> Migrations:
    migrations = Migrations("outpost")
    for number, (name, _) in enumerate(MIGRATIONS, start=1):

        def run(db: Database, number: int = number) -> None:
            apply_migration(db.conn, number)

        migrations(name=name)(run)
    return migrations
