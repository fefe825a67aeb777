"""Restores: incarnations, devices to be heard, what was told and forgotten; the line of writers."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from headquarters.columns import UtcInstant

revision = "0005"
down_revision = "0004"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables."""
    op.create_table(
        "write_order",
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.PrimaryKeyConstraint("place", name=op.f("pk_write_order")),
    )
    op.create_table(
        "restores",
        sa.Column("incarnation", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("incarnation_id", sa.Text(), nullable=False),
        sa.Column("backup_id", sa.Text(), nullable=False),
        sa.Column("backup_at", UtcInstant(), nullable=False),
        sa.Column("restored_at", UtcInstant(), nullable=False),
        sa.Column("ended_at", UtcInstant(), nullable=True),
        sa.Column("ended_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("incarnation", name=op.f("pk_restores")),
    )
    op.create_table(
        "restored_devices",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("active", sa.Boolean(), nullable=False),
        sa.Column("heard_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("device", "epoch", name=op.f("pk_restored_devices")),
    )
    op.create_table(
        "waiting_statements",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("place", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("device", "epoch", "place", name=op.f("pk_waiting_statements")),
    )
    op.create_table(
        "remembered_verdicts",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("voucher_no", sa.Text(), nullable=False),
        sa.Column("settlement", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "epoch", "voucher_no", name=op.f("pk_remembered_verdicts")),
    )
    op.create_table(
        "statement_forks",
        sa.Column("statement_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("statement_id", "sha256", name=op.f("pk_statement_forks")),
    )
    op.create_table(
        "told_safe",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("device", "epoch", "sha256", name=op.f("pk_told_safe")),
    )


def downgrade() -> None:
    """Drop them again."""
    for name in (
        "told_safe",
        "statement_forks",
        "remembered_verdicts",
        "waiting_statements",
        "restored_devices",
        "restores",
        "write_order",
    ):
        op.drop_table(name)
