"""Wrong passwords are counted by what was typed, whether there is such an account or not; cases of one loss are found by laptop."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from headquarters.columns import UtcInstant

revision = "0008"
down_revision = "0007"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Move the count of wrong passwords into a table of its own; let the index of cases know their laptops."""
    op.create_table(
        "sign_in_guesses",
        sa.Column("number_sha256", sa.Text(), nullable=False),
        sa.Column("failures", sa.Integer(), nullable=False),
        sa.Column("last_at", UtcInstant(), nullable=False),
        sa.Column("locked_until", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("number_sha256", name=op.f("pk_sign_in_guesses")),
    )
    op.create_index(op.f("ix_sign_in_guesses_last_at"), "sign_in_guesses", ["last_at"])
    op.drop_column("staff", "failures")
    op.drop_column("staff", "locked_until")
    op.drop_index("ix_case_entries_person", "case_entries")
    op.create_index("ix_case_entries_loss", "case_entries", ["person", "loss_date", "device", "case_no"])
