"""Payment instructions and results, decisions on holds, webhooks, linked cases, reviews of fields."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from headquarters.columns import UtcInstant

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create the tables of ``headquarters.models_payments``."""
    op.create_table(
        "case_entries",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("person", sa.Text(), nullable=False),
        sa.Column("loss_date", sa.Date(), nullable=False),
        sa.Column("catastrophe_id", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("case_no", name=op.f("pk_case_entries")),
    )
    op.create_index("ix_case_entries_person", "case_entries", ["person", "loss_date"], unique=False)
    op.create_table(
        "case_fields",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("set_by", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "field", name=op.f("pk_case_fields")),
    )
    op.create_table(
        "case_links",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("other_case_no", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("case_no", "other_case_no", name=op.f("pk_case_links")),
    )
    op.create_table(
        "case_losses",
        sa.Column("loss", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("loss", "case_no", name=op.f("pk_case_losses")),
    )
    op.create_table(
        "case_withdrawals",
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("withdrawn_by", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("case_no", name=op.f("pk_case_withdrawals")),
    )
    op.create_table(
        "field_changes",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("base", sa.Text(), nullable=False),
        sa.Column("value", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("changed_by", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_field_changes")),
        sa.UniqueConstraint("device", "epoch", "seq", name=op.f("uq_field_changes_device_epoch_seq")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_field_changes_case_no"), "field_changes", ["case_no"], unique=False)
    op.create_table(
        "field_reviews",
        sa.Column("review_id", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("field", sa.Text(), nullable=False),
        sa.Column("contents", sa.LargeBinary(), nullable=False),
        sa.Column("opened_at", UtcInstant(), nullable=False),
        sa.Column("value", sa.Text(), nullable=True),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=True),
        sa.Column("decided_at", UtcInstant(), nullable=True),
        sa.PrimaryKeyConstraint("review_id", name=op.f("pk_field_reviews")),
    )
    op.create_index("ix_field_reviews_case", "field_reviews", ["case_no", "field"], unique=False)
    op.create_table(
        "payee_accounts",
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("given_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("subject", "number", name=op.f("pk_payee_accounts")),
    )
    op.create_table(
        "payment_batches",
        sa.Column("batch_no", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("made_at", UtcInstant(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        sa.Column("paid_fen", sa.BigInteger(), nullable=False),
        sa.Column("recalled_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("batch_no", name=op.f("pk_payment_batches")),
    )
    op.create_table(
        "payment_instructions",
        sa.Column("instruction_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=False),
        sa.Column("attempt", sa.Integer(), nullable=False),
        sa.Column("device", sa.Text(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.Column("seq", sa.BigInteger(), nullable=True),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("policy_no", sa.Text(), nullable=False),
        sa.Column("payee_name", sa.Text(), nullable=False),
        sa.Column("payee_id_number", sa.Text(), nullable=True),
        sa.Column("bank", sa.Text(), nullable=False),
        sa.Column("account", sa.Text(), nullable=False),
        sa.Column("accounts", sa.Integer(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("recalls", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("made_at", UtcInstant(), nullable=False),
        sa.Column("batch_no", sa.Integer(), nullable=True),
        sa.Column("place", sa.Integer(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("instruction_id", name=op.f("pk_payment_instructions")),
        sa.UniqueConstraint("recalls", name=op.f("uq_payment_instructions_recalls")),
    )
    op.create_index("ix_payment_instructions_batch", "payment_instructions", ["batch_no", "place"], unique=False)
    op.create_index(op.f("ix_payment_instructions_subject"), "payment_instructions", ["subject"], unique=False)
    op.create_index("ix_payment_instructions_voucher", "payment_instructions", ["device", "epoch", "seq"], unique=False)
    op.create_table(
        "payment_results",
        sa.Column("instruction_id", sa.Text(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("on", sa.Date(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("taken_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("instruction_id", "status", name=op.f("pk_payment_results")),
    )
    op.create_table(
        "prepayments",
        sa.Column("prepayment_no", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("policy_no", sa.Text(), nullable=False),
        sa.Column("liability", sa.Text(), nullable=False),
        sa.Column("loss_key", sa.Text(), nullable=False),
        sa.Column("instalment", sa.Integer(), nullable=False),
        sa.Column("settlement_key", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("payee", sa.LargeBinary(), nullable=False),
        sa.Column("pools", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("prepayment_no", name=op.f("pk_prepayments")),
        sa.UniqueConstraint("settlement_key", name=op.f("uq_prepayments_settlement_key")),
    )
    op.create_index(op.f("ix_prepayments_case_no"), "prepayments", ["case_no"], unique=False)
    op.create_index("ix_prepayments_loss", "prepayments", ["policy_no", "liability", "loss_key"], unique=False)
    op.create_table(
        "realised_exposures",
        sa.Column("hold_id", sa.Text(), nullable=False),
        sa.Column("settlement_key", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("passes_zh", sa.Text(), nullable=False),
        sa.Column("passes_en", sa.Text(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=False),
        sa.Column("at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("hold_id", "settlement_key", name=op.f("pk_realised_exposures")),
    )
    op.create_table(
        "webhook_facts",
        sa.Column("position", sa.Integer(), autoincrement=True, nullable=False),
        sa.Column("fact_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("noted_at", UtcInstant(), nullable=False),
        sa.Column("due_at", UtcInstant(), nullable=False),
        sa.Column("attempts", sa.Integer(), nullable=False),
        sa.Column("delivered_at", UtcInstant(), nullable=True),
        sa.Column("trouble", sa.Text(), nullable=False),
        sa.PrimaryKeyConstraint("position", name=op.f("pk_webhook_facts")),
        sa.UniqueConstraint("fact_id", name=op.f("uq_webhook_facts_fact_id")),
        sqlite_autoincrement=True,
    )
    op.create_index("ix_webhook_facts_due", "webhook_facts", ["delivered_at", "due_at", "position"], unique=False)
    op.create_table(
        "hold_decisions",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("number", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("voucher_no", sa.Text(), nullable=False),
        sa.Column("decision", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("beyond_fen", sa.BigInteger(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=False),
        sa.Column("second", sa.Text(), nullable=True),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device", "epoch"], ["devices.device", "devices.epoch"], name=op.f("fk_hold_decisions_devices")
        ),
        sa.PrimaryKeyConstraint("device", "epoch", "seq", "number", name=op.f("pk_hold_decisions")),
    )
    op.create_index(op.f("ix_hold_decisions_voucher_no"), "hold_decisions", ["voucher_no"], unique=False)
