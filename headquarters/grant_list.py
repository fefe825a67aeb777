"""The allowances that are out, with what became of them and what moved on: for people at headquarters.

Promise: read-only; a child stands below its parent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select

from claims.errors import Bilingual
from headquarters.installation import Headquarters
from headquarters.models import Grant
from headquarters.transfers import concern_of


@dataclass(frozen=True)
class GrantRow:
    """One grant; ``hands`` counts the transfers by which it came to its device."""

    grant_id: str
    device: str
    epoch: int
    pool: str
    limit_fen: int
    spent_fen: int
    transferred_fen: int
    settled_fen: int
    returned_fen: int
    expires_at: datetime
    state: str
    hands: int
    catastrophe_id: str | None
    concern: Bilingual | None


def list_grants(
    hq: Headquarters, *, device: str | None = None, pool: str | None = None, catastrophe_id: str | None = None
) -> tuple[GrantRow, ...]:
    """Return grants in order of their ids, those of a device, a pool or a catastrophe where one is named."""
    query = select(Grant)
    if device is not None:
        query = query.where(Grant.device == device)
    if pool is not None:
        query = query.where(Grant.pool == pool)
    if catastrophe_id is not None:
        query = query.where(Grant.catastrophe_id == catastrophe_id)
    with hq.database.read() as session:
        return _rows(session.scalars(query).all())


def _rows(grants: Sequence[Grant]) -> tuple[GrantRow, ...]:
    rows = [
        GrantRow(
            grant_id=each.grant_id,
            device=each.device,
            epoch=each.epoch,
            pool=each.pool,
            limit_fen=each.limit_fen,
            spent_fen=each.spent_fen,
            transferred_fen=each.transferred_fen,
            settled_fen=each.settled_fen,
            returned_fen=each.returned_fen,
            expires_at=each.expires_at,
            state=each.state,
            # A transfer's id is its grant's with the counter behind it (claims.allowance_transfers).
            hands=0 if each.parent_id is None else each.grant_id.count("/"),
            catastrophe_id=each.catastrophe_id,
            concern=concern_of(each),
        )
        for each in grants
    ]
    return tuple(sorted(rows, key=lambda row: tuple(row.grant_id.split("/"))))
