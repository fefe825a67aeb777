"""Sealed bundles: which were taken, what answers wait for a carrier."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from headquarters.columns import UtcInstant

revision = "0003"
down_revision = "0002"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create both tables."""
    op.create_table(
        "bundles_taken",
        sa.Column("bundle_id", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("through_seq", sa.BigInteger(), nullable=False),
        sa.Column("requests", sa.BigInteger(), nullable=False),
        sa.Column("refused", sa.BigInteger(), nullable=False),
        sa.Column("sealed_by_writer", sa.Boolean(), nullable=False),
        sa.Column("carrier", sa.Text(), nullable=False),
        sa.Column("taken_at", UtcInstant(), nullable=False),
        sa.Column("times", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("bundle_id", name=op.f("pk_bundles_taken")),
    )
    op.create_index(op.f("ix_bundles_taken_sha256"), "bundles_taken", ["sha256"], unique=False)
    op.create_table(
        "answers_waiting",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("feed_position", sa.BigInteger(), nullable=False),
        sa.Column("to_bundle", sa.Text(), nullable=False),
        sa.Column("asked_at", UtcInstant(), nullable=False),
        sa.Column("written_at", UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device", "epoch"], ["devices.device", "devices.epoch"], name=op.f("fk_answers_waiting_devices")
        ),
        sa.PrimaryKeyConstraint("device", "epoch", name=op.f("pk_answers_waiting")),
    )
