"""The tables of money that may be gone already: what left before a restore, what a lost laptop may hold, what was paid above what is due.

Promise: each row is a question to a person, or a person's decision with name, reason and instant; a decision is written once. Money is
integer fen.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from sqlalchemy import Integer
from sqlalchemy.orm import Mapped, mapped_column

from headquarters.models import Base


class SentBatchesDecision(StrEnum):
    """What a person says of the batches that left between a backup and its restore."""

    FOLDER = "folder"
    NOTHING_LEFT = "nothing_left"


class SentBatchesQuestion(Base):
    """A restore found no whole ``payments-sent/``: until ``decision`` is there no batch leaves.

    ``known_batches`` is the highest number that the backup knows, ``known_made_at`` its instant. ``learnt`` counts the batches that the
    decision brought back.
    """

    __tablename__ = "sent_batches_questions"

    incarnation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    backup_at: Mapped[datetime]
    known_batches: Mapped[int] = mapped_column(Integer)
    known_made_at: Mapped[datetime | None]
    asked_at: Mapped[datetime]
    decision: Mapped[str | None]
    learnt: Mapped[int | None] = mapped_column(Integer)
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class ForgottenGrants(StrEnum):
    """What becomes of grants that a lost laptop may hold and a restored headquarters forgot."""

    KEEP_ASIDE = "keep_aside"
    ACCEPT_RISK = "accept_risk"


class UnheardWriteOff(Base):
    """A laptop was written off before a restored headquarters had heard it. ``risk_fen``: what it may have promised that nobody knows of.

    ``pools``: how many pools are meant; ``until``: when the longest grant of that time has ended; ``released_at``: what was kept aside for it is free again.
    """

    __tablename__ = "unheard_write_offs"

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    incarnation: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    choice: Mapped[str]
    risk_fen: Mapped[int]
    pools: Mapped[int] = mapped_column(Integer)
    until: Mapped[datetime]
    decided_by: Mapped[str]
    reason: Mapped[str]
    decided_at: Mapped[datetime]
    released_by: Mapped[str | None]
    released_at: Mapped[datetime | None]


class OverpaymentCause(StrEnum):
    """Why more was paid than is due."""

    PREPAID_ABOVE_BENEFIT = "prepaid_above_benefit"
    PAID_ABOVE_DECISION = "paid_above_decision"


class OverpaymentDecision(StrEnum):
    """What a person decides of money that was paid above what is due."""

    RECOVERED = "recovered"
    WAIVED = "waived"
    NOT_OVERPAID = "not_overpaid"


class Overpayment(Base):
    """More was paid, or is on its way, than is due: it waits for a person. Nothing is ever taken off another payment by itself.

    ``subject`` is the loss (policy/liability/loss) or the voucher's place in the log; ``over_fen`` is what the newest word makes of it.
    """

    __tablename__ = "overpayments"

    overpayment_id: Mapped[str] = mapped_column(primary_key=True)
    cause: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    case_no: Mapped[str]
    policy_no: Mapped[str]
    paid_fen: Mapped[int]
    due_fen: Mapped[int]
    over_fen: Mapped[int]
    opened_at: Mapped[datetime]
    decision: Mapped[str | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]
