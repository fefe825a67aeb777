"""The first tables."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from headquarters.columns import UtcInstant

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None


def upgrade() -> None:
    """Create every table."""
    op.create_table(
        "attachment_offers",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("told", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("device", "epoch", "sha256", name=op.f("pk_attachment_offers")),
    )
    op.create_table(
        "attachments",
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("size_bytes", sa.BigInteger(), nullable=False),
        sa.Column("held_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("sha256", name=op.f("pk_attachments")),
    )
    op.create_table(
        "authorities",
        sa.Column("authority_id", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("adjuster", sa.Text(), nullable=False),
        sa.Column("claim_type", sa.Text(), nullable=False),
        sa.Column("ceiling_fen", sa.BigInteger(), nullable=False),
        sa.Column("catastrophe_id", sa.Text(), nullable=True),
        sa.Column("valid_from", UtcInstant(), nullable=False),
        sa.Column("valid_to", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("authority_id", name=op.f("pk_authorities")),
    )
    op.create_table(
        "debits",
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("counter", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("voucher_no", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("grant_id", "counter", name=op.f("pk_debits")),
    )
    op.create_index(op.f("ix_debits_voucher_no"), "debits", ["voucher_no"], unique=False)
    op.create_table(
        "devices",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("station_name", sa.Text(), nullable=False),
        sa.Column("adjuster", sa.Text(), nullable=False),
        sa.Column("adjuster_name", sa.Text(), nullable=False),
        sa.Column("certificate", sa.LargeBinary(), nullable=False),
        sa.Column("enrolled_at", UtcInstant(), nullable=False),
        sa.Column("seen_at", UtcInstant(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("state_reason_zh", sa.Text(), nullable=True),
        sa.Column("state_reason_en", sa.Text(), nullable=True),
        sa.Column("watermark_seq", sa.BigInteger(), nullable=False),
        sa.Column("digest", sa.LargeBinary(), nullable=False),
        sa.Column("feed_length", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("device", "epoch", name=op.f("pk_devices")),
    )
    op.create_table(
        "enrolment_codes",
        sa.Column("code_hash", sa.Text(), nullable=False),
        sa.Column("station", sa.Text(), nullable=False),
        sa.Column("station_name", sa.Text(), nullable=False),
        sa.Column("adjuster", sa.Text(), nullable=False),
        sa.Column("adjuster_name", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("first_grants", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcInstant(), nullable=False),
        sa.Column("expires_at", UtcInstant(), nullable=False),
        sa.Column("used_at", UtcInstant(), nullable=True),
        sa.Column("used_by_key", sa.LargeBinary(), nullable=True),
        sa.Column("epoch", sa.BigInteger(), nullable=True),
        sa.PrimaryKeyConstraint("code_hash", name=op.f("pk_enrolment_codes")),
    )
    op.create_table(
        "log_forks",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("device", "epoch", "first_seq", "sha256", name=op.f("pk_log_forks")),
    )
    op.create_table(
        "number_grants",
        sa.Column("prefix", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("first", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last", sa.BigInteger(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("prefix", "kind", "first", name=op.f("pk_number_grants")),
    )
    op.create_table(
        "policies",
        sa.Column("policy_no", sa.Text(), nullable=False),
        sa.Column("plan", sa.Text(), nullable=False),
        sa.Column("effective", sa.Date(), nullable=False),
        sa.Column("extract_version", sa.Integer(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.PrimaryKeyConstraint("policy_no", name=op.f("pk_policies")),
    )
    op.create_table(
        "pool_uses",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("loss", sa.Text(), nullable=False),
        sa.Column("amount", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pool_id", "loss", name=op.f("pk_pool_uses")),
    )
    op.create_table(
        "pools",
        sa.Column("pool_id", sa.Text(), nullable=False),
        sa.Column("unit", sa.Text(), nullable=False),
        sa.Column("limit", sa.BigInteger(), nullable=True),
        sa.Column("used", sa.BigInteger(), nullable=False),
        sa.Column("settled", sa.BigInteger(), nullable=False),
        sa.PrimaryKeyConstraint("pool_id", name=op.f("pk_pools")),
    )
    op.create_table(
        "releases",
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("version", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("record", sa.LargeBinary(), nullable=False),
        sa.Column("published_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("kind", "version", name=op.f("pk_releases")),
    )
    op.create_index(op.f("ix_releases_sha256"), "releases", ["sha256"], unique=False)
    op.create_table(
        "replays",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("policy_no", sa.Text(), nullable=False),
        sa.Column("decision_sha256", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("difference", sa.Text(), nullable=True),
        sa.Column("replayed_at", UtcInstant(), nullable=False),
        sa.Column("answered", sa.Boolean(), nullable=False),
        sa.PrimaryKeyConstraint("device", "epoch", "seq", name=op.f("pk_replays")),
    )
    op.create_index(op.f("ix_replays_case_no"), "replays", ["case_no"], unique=False)
    op.create_index(op.f("ix_replays_decision_sha256"), "replays", ["decision_sha256"], unique=False)
    op.create_table(
        "settlements",
        sa.Column("settlement_key", sa.Text(), nullable=False),
        sa.Column("loss", sa.Text(), nullable=False),
        sa.Column("voucher_no", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled_at", UtcInstant(), nullable=False),
        sa.PrimaryKeyConstraint("settlement_key", name=op.f("pk_settlements")),
    )
    op.create_index(op.f("ix_settlements_loss"), "settlements", ["loss"], unique=False)
    op.create_table(
        "vouchers",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("voucher_no", sa.Text(), nullable=False),
        sa.Column("case_no", sa.Text(), nullable=False),
        sa.Column("policy_no", sa.Text(), nullable=False),
        sa.Column("amount_fen", sa.BigInteger(), nullable=False),
        sa.Column("replay", sa.Text(), nullable=False),
        sa.Column("verdict", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=False),
        sa.Column("reason_en", sa.Text(), nullable=False),
        sa.Column("decided_at", UtcInstant(), nullable=False),
        sa.Column("decided_by", sa.Text(), nullable=True),
        sa.PrimaryKeyConstraint("device", "epoch", "seq", name=op.f("pk_vouchers")),
    )
    op.create_index(op.f("ix_vouchers_voucher_no"), "vouchers", ["voucher_no"], unique=False)
    op.create_table(
        "feed_items",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("position", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("statement_id", sa.Text(), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device", "epoch"], ["devices.device", "devices.epoch"], name=op.f("fk_feed_items_devices")
        ),
        sa.PrimaryKeyConstraint("device", "epoch", "position", name=op.f("pk_feed_items")),
        sa.UniqueConstraint("statement_id", name=op.f("uq_feed_items_statement_id")),
    )
    op.create_table(
        "grants",
        sa.Column("grant_id", sa.Text(), nullable=False),
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), nullable=False),
        sa.Column("pool", sa.Text(), nullable=False),
        sa.Column("limit_fen", sa.BigInteger(), nullable=False),
        sa.Column("spent_fen", sa.BigInteger(), nullable=False),
        sa.Column("settled_fen", sa.BigInteger(), nullable=False),
        sa.Column("returned_fen", sa.BigInteger(), nullable=False),
        sa.Column("debits", sa.BigInteger(), nullable=False),
        sa.Column("granted_at", UtcInstant(), nullable=False),
        sa.Column("expires_at", UtcInstant(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device", "epoch"], ["devices.device", "devices.epoch"], name=op.f("fk_grants_devices")
        ),
        sa.PrimaryKeyConstraint("grant_id", name=op.f("pk_grants")),
    )
    op.create_index(op.f("ix_grants_pool"), "grants", ["pool"], unique=False)
    op.create_table(
        "log_commits",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("first_seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("last_seq", sa.BigInteger(), nullable=False),
        sa.Column("hash", sa.LargeBinary(), nullable=False),
        sa.Column("raw", sa.LargeBinary(), nullable=False),
        sa.Column("received_at", UtcInstant(), nullable=False),
        sa.ForeignKeyConstraint(
            ["device", "epoch"], ["devices.device", "devices.epoch"], name=op.f("fk_log_commits_devices")
        ),
        sa.PrimaryKeyConstraint("device", "epoch", "first_seq", name=op.f("pk_log_commits")),
    )
    op.create_table(
        "log_events",
        sa.Column("device", sa.Text(), nullable=False),
        sa.Column("epoch", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("seq", sa.BigInteger(), autoincrement=False, nullable=False),
        sa.Column("sha256", sa.Text(), nullable=False),
        sa.Column("type", sa.Text(), nullable=False),
        sa.Column("subject", sa.Text(), nullable=True),
        sa.Column("body", sa.LargeBinary(), nullable=False),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("reason_zh", sa.Text(), nullable=True),
        sa.Column("reason_en", sa.Text(), nullable=True),
        sa.Column("processed_at", UtcInstant(), nullable=True),
        sa.ForeignKeyConstraint(
            ["device", "epoch"], ["devices.device", "devices.epoch"], name=op.f("fk_log_events_devices")
        ),
        sa.PrimaryKeyConstraint("device", "epoch", "seq", name=op.f("pk_log_events")),
    )
    op.create_index("ix_log_events_state", "log_events", ["state", "device", "epoch", "seq"], unique=False)
    op.create_index("ix_log_events_type_subject", "log_events", ["type", "subject"], unique=False)


def downgrade() -> None:
    """Drop every table."""

    op.drop_index("ix_log_events_type_subject", table_name="log_events")
    op.drop_index("ix_log_events_state", table_name="log_events")
    op.drop_table("log_events")
    op.drop_table("log_commits")
    op.drop_index(op.f("ix_grants_pool"), table_name="grants")
    op.drop_table("grants")
    op.drop_table("feed_items")
    op.drop_index(op.f("ix_vouchers_voucher_no"), table_name="vouchers")
    op.drop_table("vouchers")
    op.drop_index(op.f("ix_settlements_loss"), table_name="settlements")
    op.drop_table("settlements")
    op.drop_index(op.f("ix_replays_decision_sha256"), table_name="replays")
    op.drop_index(op.f("ix_replays_case_no"), table_name="replays")
    op.drop_table("replays")
    op.drop_index(op.f("ix_releases_sha256"), table_name="releases")
    op.drop_table("releases")
    op.drop_table("pools")
    op.drop_table("pool_uses")
    op.drop_table("policies")
    op.drop_table("number_grants")
    op.drop_table("log_forks")
    op.drop_table("enrolment_codes")
    op.drop_table("devices")
    op.drop_index(op.f("ix_debits_voucher_no"), table_name="debits")
    op.drop_table("debits")
    op.drop_table("authorities")
    op.drop_table("attachments")
    op.drop_table("attachment_offers")
