"""Rows about colleagues' sealed bundles that this laptop keeps for them; the bytes lie beside the store (``local_db.bundle_shelf``)."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import AbstractContextManager
from datetime import datetime
from typing import Any

from claims.bundles import HeldBundle
from local_db.connection import Engine
from local_db.row_text import instant_of, instant_text

_COLUMNS = "bundle_id, device, epoch, through_seq, digest, sha256, size_bytes, taken_at, forwarded_at"


class HeldReads:
    """The part of ``claims.ports.Reads`` that tells of held bundles."""

    _engine: Engine

    def _reading(self) -> AbstractContextManager[None]:
        raise NotImplementedError

    def held_bundles(self) -> Sequence[HeldBundle]:
        """Return every bundle kept for a colleague, the oldest first."""
        with self._reading():
            rows = self._engine.execute(
                f"SELECT {_COLUMNS} FROM held_bundle ORDER BY taken_at, bundle_id"  # noqa: S608 - a constant of this module
            ).fetchall()
            return [_held(row) for row in rows]


def hold(engine: Engine, held: HeldBundle) -> None:
    """Note a bundle whose bytes are durable; the caller holds the transaction."""
    engine.execute(
        f"INSERT OR REPLACE INTO held_bundle ({_COLUMNS}) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",  # noqa: S608 - a constant of this module
        (
            held.bundle_id,
            held.device,
            held.epoch,
            held.through_seq,
            held.digest,
            held.sha256,
            held.size_bytes,
            instant_text(held.taken_at),
            None if held.forwarded_at is None else instant_text(held.forwarded_at),
        ),
    )


def forwarded(engine: Engine, bundle_id: str, at: datetime) -> None:
    """Note that headquarters took a bundle; the caller holds the transaction."""
    engine.execute(
        "UPDATE held_bundle SET forwarded_at = ? WHERE bundle_id = ? AND forwarded_at IS NULL",
        (instant_text(at), bundle_id),
    )


def let_go(engine: Engine, bundle_id: str) -> None:
    """Forget a bundle; the caller holds the transaction and removes the bytes afterwards."""
    engine.execute("DELETE FROM held_bundle WHERE bundle_id = ?", (bundle_id,))


def _held(row: Any) -> HeldBundle:
    return HeldBundle(
        bundle_id=row[0],
        device=row[1],
        epoch=row[2],
        through_seq=row[3],
        digest=row[4],
        sha256=row[5],
        size_bytes=row[6],
        taken_at=instant_of(row[7]),
        forwarded_at=None if row[8] is None else instant_of(row[8]),
    )
