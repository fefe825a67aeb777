"""The tables of sealed bundles: which were taken in, and for whom answers wait for the way back."""

from __future__ import annotations

from datetime import datetime

from sqlalchemy import ForeignKeyConstraint
from sqlalchemy.orm import Mapped, mapped_column

from headquarters.models import Base


class BundleTaken(Base):
    """A bundle that was read to its end, or as far as it could be. ``carrier`` is the device that brought it, empty for a file on the spot.

    ``sealed_by_writer``: the writer's signature over the whole fitted; otherwise it was cut or changed, and the requests before that were carried out.
    ``times``: how often it came.
    """

    __tablename__ = "bundles_taken"

    bundle_id: Mapped[str] = mapped_column(primary_key=True)
    sha256: Mapped[str] = mapped_column(index=True)
    device: Mapped[str]
    epoch: Mapped[int]
    through_seq: Mapped[int]
    requests: Mapped[int]
    refused: Mapped[int]
    sealed_by_writer: Mapped[bool]
    carrier: Mapped[str]
    taken_at: Mapped[datetime]
    times: Mapped[int]


class AnswerWaiting(Base):
    """A device that asked by bundle: its answers are written from ``feed_position`` on. ``to_bundle`` is the newest bundle of its."""

    __tablename__ = "answers_waiting"
    __table_args__ = (ForeignKeyConstraint(["device", "epoch"], ["devices.device", "devices.epoch"]),)

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    feed_position: Mapped[int]
    to_bundle: Mapped[str]
    asked_at: Mapped[datetime]
    written_at: Mapped[datetime | None]
