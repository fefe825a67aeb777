"""Allowances that move: what a transfer took, whose child a grant is, what it was granted ahead of."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from headquarters.columns import UtcInstant

revision = "0002"
down_revision = "0001"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Add the table of transfers and what a grant says of them. Grants of before moved nothing."""
    op.create_table(
        "transfers",
        sa.Column("transfer_id", sa.Text(), nullable=False),
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("counter", sa.BigInteger(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("expires_at", UtcInstant(), nullable=False),
        sa.Column("from_device", sa.Text(), nullable=False),
        sa.Column("from_epoch", sa.BigInteger(), nullable=False),
        sa.Column("to_device", sa.Text(), nullable=False),
        sa.Column("to_epoch", sa.BigInteger(), nullable=False),
        sa.Column("donor_seq", sa.BigInteger(), nullable=True),
        sa.Column("receiver_seq", sa.BigInteger(), nullable=True),
        sa.Column("booked", sa.Boolean(), nullable=False),
        sa.Column("granted", sa.Boolean(), nullable=False),
        sa.Column("noted_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("transfer_id", name=op.f("pk_transfers")),
    )
    op.create_index(op.f("ix_transfers_grant_id"), "transfers", ["grant_id"], unique=False)
    op.create_index(op.f("ix_transfers_pool"), "transfers", ["pool"], unique=False)
    op.add_column("grants", sa.Column("transferred_fen", sa.BigInteger(), nullable=False, server_default="0"))
    for name in ("parent_id", "catastrophe_id", "concern_zh", "concern_en"):
        op.add_column("grants", sa.Column(name, sa.Text(), nullable=True))
    op.create_index(op.f("ix_grants_parent_id"), "grants", ["parent_id"], unique=False)
    op.create_index(op.f("ix_grants_catastrophe_id"), "grants", ["catastrophe_id"], unique=False)


def downgrade() -> None:
    """Drop them again."""
    op.drop_index(op.f("ix_grants_catastrophe_id"), table_name="grants")
    op.drop_index(op.f("ix_grants_parent_id"), table_name="grants")
    for name in ("concern_en", "concern_zh", "catastrophe_id", "parent_id", "transferred_fen"):
        op.drop_column("grants", name)
    op.drop_index(op.f("ix_transfers_pool"), table_name="transfers")
    op.drop_index(op.f("ix_transfers_grant_id"), table_name="transfers")
    op.drop_table("transfers")
