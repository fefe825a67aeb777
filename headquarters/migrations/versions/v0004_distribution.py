"""Distribution by TUF: targets, shards of extracts and the keys that seal them."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from headquarters.columns import UtcInstant

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of distribution."""
    op.create_table(
        "tuf_metadata",
        sa.Column("role", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("signed_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("role", "version", name=op.f("pk_tuf_metadata")),
    )
    op.create_table(
        "tuf_targets",
        sa.Column("path", sa.Text(), nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("custom", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("path", name=op.f("pk_tuf_targets")),
    )
    op.create_table(
        "extract_scopes",
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), nullable=False),
        sa.Column("manifest", sa.Text(), nullable=False),
        sa.Column("published_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("scope", name=op.f("pk_extract_scopes")),
    )
    op.create_table(
        "extract_keys",
        sa.Column("key_id", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("key", sa.LargeBinary(), nullable=False),
        sa.Column("made_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("key_id", name=op.f("pk_extract_keys")),
    )
    op.create_index(op.f("ix_extract_keys_scope"), "extract_keys", ["scope"], unique=False)
    op.create_table(
        "shards",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("scope", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_shards")),
    )


def downgrade() -> None:
    """Drop them."""
    op.drop_table("shards")
    op.drop_index(op.f("ix_extract_keys_scope"), table_name="extract_keys")
    op.drop_table("extract_keys")
    op.drop_table("extract_scopes")
    op.drop_table("tuf_targets")
    op.drop_table("tuf_metadata")
