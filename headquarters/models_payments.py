"""The tables of what a person decides and of what leaves for the bank and the core system.

Promise: a decision, a result of the bank and a fact for the core system are written once and never changed; only how far a thing has come
is. Money is integer fen.
"""

from __future__ import annotations

from datetime import date, datetime
from enum import StrEnum

from sqlalchemy import ForeignKeyConstraint, Index, Integer, UniqueConstraint
from sqlalchemy.orm import Mapped, mapped_column

from headquarters.models import Base


class InstructionKind(StrEnum):
    """What the bank is asked for: money to a payee, or an earlier instruction back."""

    PAY = "pay"
    RECALL = "recall"


class InstructionState(StrEnum):
    """How far an instruction came. ``waiting``: in no batch yet."""

    WAITING = "waiting"
    EXPORTED = "exported"
    PAID = "paid"
    RETURNED = "returned"
    REFUSED = "refused"


class HoldDecision(Base):
    """Who decided what of a hold, when and why: the audit row. A voucher that is held again is decided again (``number`` from 1)."""

    __tablename__ = "hold_decisions"
    __table_args__ = (ForeignKeyConstraint(["device", "epoch"], ["devices.device", "devices.epoch"]),)

    device: Mapped[str] = mapped_column(primary_key=True)
    epoch: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    seq: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    voucher_no: Mapped[str] = mapped_column(index=True)
    decision: Mapped[str]
    amount_fen: Mapped[int]
    beyond_fen: Mapped[int]
    decided_by: Mapped[str]
    second: Mapped[str | None]
    reason: Mapped[str]
    decided_at: Mapped[datetime]


class RealisedExposure(Base):
    """What a person let be paid beyond a limit: the float's risk come true. It is part of no settlement and of no pool.

    ``hold_id`` is the voucher's place in the log: a number may have been used twice.
    """

    __tablename__ = "realised_exposures"

    hold_id: Mapped[str] = mapped_column(primary_key=True)
    settlement_key: Mapped[str] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    passes_zh: Mapped[str]
    passes_en: Mapped[str]
    decided_by: Mapped[str]
    second: Mapped[str]
    at: Mapped[datetime]


class Prepayment(Base):
    """Money paid on a loss before its final settlement; ``instalment`` counts from 1 for one loss, and the final one comes after them.

    ``reference`` names the order: the same order twice is one prepayment. ``days``: what it took from pools that count days, by pool id.
    ``confirmed_by``: the second person, where headquarters' own replay did not bear it out.
    """

    __tablename__ = "prepayments"
    __table_args__ = (
        Index("ix_prepayments_loss", "policy_no", "liability", "loss_key"),
        Index("ix_prepayments_reference", "reference", unique=True),
    )

    prepayment_no: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str] = mapped_column(index=True)
    policy_no: Mapped[str]
    liability: Mapped[str]
    loss_key: Mapped[str]
    instalment: Mapped[int] = mapped_column(Integer)
    settlement_key: Mapped[str] = mapped_column(unique=True)
    amount_fen: Mapped[int]
    payee: Mapped[bytes]
    pools: Mapped[str]
    decided_by: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]
    reference: Mapped[str | None]
    days: Mapped[str] = mapped_column(default="{}", server_default="{}")
    confirmed_by: Mapped[str | None]


class PaymentBatch(Base):
    """One file of instructions. Writing it again gives the same bytes."""

    __tablename__ = "payment_batches"

    batch_no: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    made_at: Mapped[datetime]
    count: Mapped[int]
    paid_fen: Mapped[int]
    recalled_fen: Mapped[int]


class PaymentInstruction(Base):
    """One line for the bank, fixed when it is made; ``state`` is what became of it.

    ``subject`` is the voucher or prepayment; (device, epoch, seq) the voucher's place, NULL for a prepayment. ``recalls`` names the instruction
    that a recall wants back, ``attempt`` counts the payments of one subject, ``accounts`` how many accounts a person had given by then.
    """

    __tablename__ = "payment_instructions"
    __table_args__ = (
        Index("ix_payment_instructions_batch", "batch_no", "place"),
        Index("ix_payment_instructions_voucher", "device", "epoch", "seq"),
    )

    instruction_id: Mapped[str] = mapped_column(primary_key=True)
    kind: Mapped[str]
    subject: Mapped[str] = mapped_column(index=True)
    attempt: Mapped[int] = mapped_column(Integer)
    device: Mapped[str | None]
    epoch: Mapped[int | None]
    seq: Mapped[int | None]
    case_no: Mapped[str]
    policy_no: Mapped[str]
    payee_name: Mapped[str]
    payee_id_number: Mapped[str | None]
    bank: Mapped[str]
    account: Mapped[str]
    accounts: Mapped[int] = mapped_column(Integer)
    amount_fen: Mapped[int]
    recalls: Mapped[str | None] = mapped_column(unique=True)
    reason: Mapped[str]
    made_at: Mapped[datetime]
    batch_no: Mapped[int | None] = mapped_column(Integer)
    place: Mapped[int | None] = mapped_column(Integer)
    state: Mapped[str]


class PaymentResult(Base):
    """What the bank said of an instruction, each word once."""

    __tablename__ = "payment_results"

    instruction_id: Mapped[str] = mapped_column(primary_key=True)
    status: Mapped[str] = mapped_column(primary_key=True)
    amount_fen: Mapped[int]
    on: Mapped[date]
    reason: Mapped[str]
    taken_at: Mapped[datetime]


class PayeeAccount(Base):
    """The account that a person gave for a voucher whose own is missing or wrong; the newest counts."""

    __tablename__ = "payee_accounts"

    subject: Mapped[str] = mapped_column(primary_key=True)
    number: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=False)
    bank: Mapped[str]
    account: Mapped[str]
    given_by: Mapped[str]
    reason: Mapped[str]
    at: Mapped[datetime]


class WebhookFact(Base):
    """A fact for the core system. It is due from ``due_at`` on until ``delivered_at`` is set; ``fact_id`` is the idempotency key."""

    __tablename__ = "webhook_facts"
    __table_args__ = (
        Index("ix_webhook_facts_due", "delivered_at", "due_at", "position"),
        {"sqlite_autoincrement": True},
    )

    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    fact_id: Mapped[str] = mapped_column(unique=True)
    kind: Mapped[str]
    body: Mapped[bytes]
    noted_at: Mapped[datetime]
    due_at: Mapped[datetime]
    attempts: Mapped[int] = mapped_column(Integer)
    delivered_at: Mapped[datetime | None]
    trouble: Mapped[str]


class CaseEntry(Base):
    """A case as it was opened, for links: whose loss, when, where. ``person`` is the pseudonym of the insured."""

    __tablename__ = "case_entries"
    __table_args__ = (Index("ix_case_entries_loss", "person", "loss_date", "device", "case_no"),)

    case_no: Mapped[str] = mapped_column(primary_key=True)
    device: Mapped[str]
    epoch: Mapped[int]
    station: Mapped[str]
    person: Mapped[str]
    loss_date: Mapped[date]
    catastrophe_id: Mapped[str | None]


class CaseLoss(Base):
    """A loss that a case was decided on: the settlement key without instalment and payee."""

    __tablename__ = "case_losses"

    loss: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str] = mapped_column(primary_key=True)


class CaseLink(Base):
    """Two cases are about one loss; there is a row each way."""

    __tablename__ = "case_links"

    case_no: Mapped[str] = mapped_column(primary_key=True)
    other_case_no: Mapped[str] = mapped_column(primary_key=True)
    reason_zh: Mapped[str]
    reason_en: Mapped[str]
    at: Mapped[datetime]


class CaseField(Base):
    """The value of a field that was changed since the case was opened, and who changed it (a device or a name at headquarters)."""

    __tablename__ = "case_fields"

    case_no: Mapped[str] = mapped_column(primary_key=True)
    field: Mapped[str] = mapped_column(primary_key=True)
    value: Mapped[str]
    set_by: Mapped[str]
    at: Mapped[datetime]


class FieldChange(Base):
    """Every change of a field, in order: what it was before for whoever changed it, and why."""

    __tablename__ = "field_changes"
    __table_args__ = (UniqueConstraint("device", "epoch", "seq"), {"sqlite_autoincrement": True})

    position: Mapped[int] = mapped_column(Integer, primary_key=True, autoincrement=True)
    case_no: Mapped[str] = mapped_column(index=True)
    field: Mapped[str]
    base: Mapped[str]
    value: Mapped[str]
    reason: Mapped[str]
    changed_by: Mapped[str]
    device: Mapped[str | None]
    epoch: Mapped[int | None]
    seq: Mapped[int | None]
    at: Mapped[datetime]


class FieldReview(Base):
    """A field that was changed in two places; ``contents`` are the values as a JSON array. Decided once."""

    __tablename__ = "field_reviews"
    __table_args__ = (Index("ix_field_reviews_case", "case_no", "field"),)

    review_id: Mapped[str] = mapped_column(primary_key=True)
    case_no: Mapped[str]
    field: Mapped[str]
    contents: Mapped[bytes]
    opened_at: Mapped[datetime]
    value: Mapped[str | None]
    decided_by: Mapped[str | None]
    reason: Mapped[str | None]
    decided_at: Mapped[datetime | None]


class CaseWithdrawal(Base):
    """Headquarters closed a case for good."""

    __tablename__ = "case_withdrawals"

    case_no: Mapped[str] = mapped_column(primary_key=True)
    reason: Mapped[str]
    withdrawn_by: Mapped[str]
    at: Mapped[datetime]
