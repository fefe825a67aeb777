"""Which life of headquarters this is: how often it was restored from a backup, and the name of this time.

Promise: the number only grows, also when the same old backup is restored twice: it is kept in the database and in a file beside it, and the
higher one counts. Epochs and numbers of papers that are given out after a restore begin where no forgotten one can lie.
"""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

import msgspec
from sqlalchemy import select
from sqlalchemy.orm import Session

from headquarters.models_restores import Restore

EPOCHS_APART = 1_000
"""No laptop is enrolled a thousand times between two restores."""
NUMBERS_APART = 1_000_000
"""Serial numbers have six to nine digits; a laptop writes far fewer than a million papers."""
_FILE = "incarnation.json"


@dataclass(frozen=True)
class Incarnation:
    """Number and name of this life; 0 and empty before the first restore."""

    number: int = 0
    name: str = ""

    @property
    def last_old_epoch(self) -> int:
        """Epochs up to this one may have been given out by a life that is forgotten."""
        return self.number * EPOCHS_APART

    @property
    def last_old_number(self) -> int:
        """Serial numbers up to this one may have been given out by a life that is forgotten."""
        return self.number * NUMBERS_APART


def read_incarnation(session: Session) -> Incarnation:
    """Return the incarnation that the database tells of."""
    newest = session.scalars(select(Restore).order_by(Restore.incarnation.desc()).limit(1)).first()
    return Incarnation() if newest is None else Incarnation(newest.incarnation, newest.incarnation_id)


def highest_known(home: Path) -> int:
    """Return the highest number that was ever begun in this folder."""
    try:
        return msgspec.json.decode((home / _FILE).read_bytes(), type=int)
    except FileNotFoundError:
        return 0


def note_begun(home: Path, number: int) -> None:
    """Remember a number beside the database, before anything bears it."""
    draft = home / (_FILE + ".new")
    draft.write_bytes(msgspec.json.encode(number))
    draft.replace(home / _FILE)
