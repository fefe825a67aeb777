"""Batches that left before a restore, laptops written off unheard, overpayments; a reference and the days of a prepayment."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from headquarters.columns import UtcInstant

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of ``headquarters.models_money_risks``."""
    op.create_table(
        "sent_batches_questions",
        sa.Column("incarnation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("backup_at", UtcInstant(), nullable=False),
        sa.Column("known_batches", sa.Integer(), nullable=False),
        sa.Column("known_made_at", UtcInstant(), nullable=True),
        sa.Column("asked_at", UtcInstant(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("learnt", sa.Integer(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("incarnation", name=op.f("pk_sent_batches_questions")),
    )
    op.create_table(
        "unheard_write_offs",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incarnation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("choice", sa.Text(), nullable=False),
        sa.Column("risk_fen", sa.BigInteger(), nullable=False),
        sa.Column("pools", sa.Integer(), nullable=False),
        sa.Column("until", UtcInstant(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcInstant(), nullable=False),
        sa.Column("released_by", sa.Text(), nullable=True),
        sa.Column("released_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("device", "epoch", "incarnation", name=op.f("pk_unheard_write_offs")),
    )
    op.create_table(
        "overpayments",
        sa.Column("overpayment_id", sa.Text(), nullable=False),
        sa.Column("cause", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("policy_no", sa.Text(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("due_fen", sa.BigInteger(), nullable=False),
        sa.Column("over_fen", sa.BigInteger(), nullable=False),
        sa.Column("opened_at", UtcInstant(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("overpayment_id", name=op.f("pk_overpayments")),
    )
    op.create_index(op.f("ix_overpayments_subject"), "overpayments", ["subject"], unique=False)
    op.add_column("prepayments", sa.Column("reference", sa.Text(), nullable=True))
    op.add_column("prepayments", sa.Column("days", sa.Text(), server_default="{}", nullable=False))
    op.add_column("prepayments", sa.Column("confirmed_by", sa.Text(), nullable=True))
    op.create_index("ix_prepayments_reference", "prepayments", ["reference"], unique=True)
