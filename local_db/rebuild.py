"""Making the present again from the log and the inbox, and telling whether it is the same.

Promise: after a replay the projection tables are exactly what the signed log and the signed inbox say, whatever was in them
before. Every signature and the whole chain are checked on the way. One transaction: a power cut leaves the old tables.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from claims.errors import Bilingual, EnvironmentProblem
from local_db import inbox, log
from local_db.apply_events import apply_event
from local_db.apply_statements import apply_statement
from local_db.connection import Engine
from local_db.projection_schema import PROJECTION_FINGERPRINT, PROJECTION_SQL, PROJECTION_TABLES
from local_db.unit_of_work import Author
from trust.certificates import TrustStore
from trust.errors import TrustError
from trust.statements import open_statement

Dump = dict[str, tuple[tuple[object, ...], ...]]


@dataclass(frozen=True)
class Rebuilt:
    """What a rebuild found: how much was replayed, and the tables that had not been what log and inbox say."""

    events: int
    statements: int
    differing: tuple[str, ...]

    @property
    def identical(self) -> bool:
        """Whether the present was already exactly right."""
        return not self.differing


def projection_dump(engine: Engine) -> Dump:
    """Return every row of every projection table, in a fixed order."""
    return {
        table: tuple(tuple(row) for row in engine.execute(f"SELECT * FROM {table} ORDER BY {order}"))  # noqa: S608 - constants of projection_schema
        for table, order in PROJECTION_TABLES
    }


def rebuild_projections(engine: Engine, author: Author, path: Path) -> Rebuilt:
    """Drop the projection tables, make them afresh and replay; the caller holds the transaction.

    Raises:
        EnvironmentProblem: ``log_not_genuine``: a stored commit or statement fails its signature or does not fit the chain.
    """
    before = projection_dump(engine) if has_projections(engine) else {}
    for table, _ in PROJECTION_TABLES:
        engine.execute(f"DROP TABLE IF EXISTS {table}")
    create_projections(engine)
    try:
        events, statements = _replay(engine, author)
    except TrustError as error:
        raise _not_genuine(path, str(error)) from error
    after = projection_dump(engine)
    return Rebuilt(events, statements, tuple(table for table in after if before.get(table) != after[table]))


def create_projections(engine: Engine) -> None:
    """Make the empty tables of the present; the caller holds the transaction."""
    for statement in PROJECTION_SQL:
        engine.execute(statement)
    engine.execute("UPDATE projection_state SET fingerprint = ? WHERE id = 1", (PROJECTION_FINGERPRINT,))


def has_projections(engine: Engine) -> bool:
    """Say whether the tables of the present are those of this program."""
    row = engine.execute("SELECT fingerprint FROM projection_state WHERE id = 1").fetchone()
    return row is not None and row[0] == PROJECTION_FINGERPRINT


def _replay(engine: Engine, author: Author) -> tuple[int, int]:
    roots = TrustStore(author.identity.root_certificate)
    roots.add_device(author.identity.device_certificate)
    waiting = inbox.items(engine)
    statement = next(waiting, None)
    statements = seq = 0
    commits = log.verified_commits(engine, roots)
    while True:
        commit = next(commits, None)
        # Statements stand where they stood: after the events that were in the log when they arrived.
        for raw in commit.events if commit is not None else (None,):
            while statement is not None and (raw is None or statement.applied_after_seq <= seq):
                kind, body = open_statement(statement.raw, roots)
                apply_statement(engine, statement.position, kind, body)
                statements += 1
                statement = next(waiting, None)
            if raw is None:
                return seq, statements
            seq += 1
            apply_event(engine, seq, raw)


def _not_genuine(path: Path, detail: str) -> EnvironmentProblem:
    return EnvironmentProblem(
        "log_not_genuine",
        Bilingual(
            f"资料库 {path.name} 里的记录与签名不符（{detail}）。",
            f"Entries in the claims store {path.name} don't match their signatures ({detail}).",
        ),
        Bilingual(
            "请停止使用这台电脑，把整个资料目录复制到 U 盘并联系总部。",
            "Stop using this laptop, copy the whole data folder to a stick and call headquarters.",
        ),
    )
