"""The log as it lies on disk: signed commits, verbatim and in order. The log is the outbox.

Promise: rows are only added; each was sealed on the hash of the one before, so the last row is the head of the chain.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from claims.records import StoredCommit
from local_db.connection import Engine
from trust.certificates import TrustStore
from trust.commits import SignedCommit, open_commit

_COLUMNS = "first_seq, last_seq, raw, hash"


def append_commit(engine: Engine, commit: SignedCommit) -> None:
    """Add a freshly sealed commit; the caller holds the transaction."""
    engine.execute(
        f"INSERT INTO log_commit ({_COLUMNS}) VALUES (?, ?, ?, ?)",  # noqa: S608 - a constant of this module
        (commit.first_seq, commit.last_seq, commit.raw, commit.hash),
    )


def read_head(engine: Engine, genesis: bytes) -> tuple[int, bytes]:
    """Return the next seq and the chain hash it builds on; ``genesis`` while the log is empty."""
    row = engine.execute("SELECT last_seq, hash FROM log_commit ORDER BY first_seq DESC LIMIT 1").fetchone()
    return (1, genesis) if row is None else (row[0] + 1, bytes(row[1]))


def digest_at(engine: Engine, seq: int, genesis: bytes) -> bytes | None:
    """Return the chain hash after ``seq``, or None when no commit ends there."""
    if seq == 0:
        return genesis
    row = engine.execute("SELECT hash FROM log_commit WHERE last_seq = ?", (seq,)).fetchone()
    return None if row is None else bytes(row[0])


def commits_after(engine: Engine, seq: int, max_bytes: int) -> Sequence[StoredCommit]:
    """Return whole commits in order after ``seq``: at least one if there is any, then up to ``max_bytes`` together."""
    found: list[StoredCommit] = []
    total = 0
    for row in engine.execute(
        f"SELECT {_COLUMNS} FROM log_commit WHERE last_seq > ? ORDER BY first_seq",  # noqa: S608 - a constant of this module
        (seq,),
    ):
        commit = StoredCommit(first_seq=row[0], last_seq=row[1], raw=bytes(row[2]), hash=bytes(row[3]))
        total += len(commit.raw)
        if found and total > max_bytes:
            break
        found.append(commit)
    return found


def verified_commits(engine: Engine, roots: TrustStore) -> Iterator[SignedCommit]:
    """Yield every commit of the log, signature and chain checked from the start.

    Raises:
        trust.errors.TrustError: a commit is not what this device signed there.
    """
    for (raw,) in engine.execute("SELECT raw FROM log_commit ORDER BY first_seq").fetchall():
        commit = open_commit(bytes(raw), roots)
        roots.add_head(commit.device, commit.epoch, commit.last_seq + 1, commit.hash)
        yield commit
