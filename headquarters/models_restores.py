"""The tables of restores, and the one that writers stand in line at.

Promise: what is in here goes back with the database when an older backup is restored; what must not (which backups are kept, how often
headquarters was restored) lies in files beside it (``headquarters.backups``).
"""

from __future__ import annotations

from datetime import datetime

from sqlalchemy.orm import Mapped, mapped_column

from headquarters.models import Base


class WriteOrder(Base):
    """Holds no rows: writers on PostgreSQL lock it (``headquarters.database``)."""

    __tablename__ = "write_order"

    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)


class Restore(Base):
    """One restore from a backup: the beginning of an incarnation. Until ``ended_at`` headquarters is recovering."""

    __tablename__ = "restores"

    incarnation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    incarnation_id: Mapped[str]
    backup_id: Mapped[str]
    backup_at: Mapped[datetime]
    restored_at: Mapped[datetime]
    ended_at: Mapped[datetime | None]
    ended_by: Mapped[str | None]


class RestoredDevice(Base):
    """A device whose feed may be longer than headquarters remembers. ``active``: it could have been granted something since the backup.

    ``heard_at``: it has told everything it holds of headquarters' own word; from then on its feed goes on.
    """

    __tablename__ = "restored_devices"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    active: Mapped[bool]
    heard_at: Mapped[datetime | None]


class WaitingStatement(Base):
    """What headquarters wants to tell a device that it has not heard yet: it gets its place in the feed afterwards. ``body`` is unsigned."""

    __tablename__ = "waiting_statements"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    place: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    body: Mapped[bytes]


class RememberedVerdict(Base):
    """What headquarters had told a device about a voucher before it forgot: its word stands when the log comes again."""

    __tablename__ = "remembered_verdicts"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    voucher_no: Mapped[str] = mapped_column(primary_key=True)
    settlement: Mapped[str]
    amount_fen: Mapped[int]


class StatementFork(Base):
    """Evidence: two statements of headquarters' own under one id, or one that contradicts what is held. A person looks."""

    __tablename__ = "statement_forks"

    statement_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str]
    epoch: Mapped[int]
    raw: Mapped[bytes]
    received_at: Mapped[datetime]


class ToldSafe(Base):
    """A device knows that this attachment lies in every backup that is kept."""

    __tablename__ = "told_safe"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    sha256: Mapped[str] = mapped_column(primary_key=True)
