"""The whole data model: people, notices, tips, campaigns, the ledger."""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

from newsletter_app.kernel.base import UtcDateTime

revision = "0001"
down_revision = None
branch_labels = None
depends_on = None

# A consent record is proof: only its personal columns may be emptied, at erasure.
FIXED = (
    "address_key",
    "notice_id",
    "act",
    "consent",
    "source",
    "wording",
    "language",
    "page_url",
    "recorded_by",
    "signup_id",
    "at",
)


def upgrade() -> None:
    op.create_table(
        "audit_entries",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.Column("actor", sa.String(length=320), nullable=False),
        sa.Column("action", sa.String(length=60), nullable=False),
        sa.Column("subject", sa.String(length=120), nullable=False),
        sa.Column("details", sa.JSON(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_audit_entries")),
    )
    op.create_table(
        "heartbeats",
        sa.Column("name", sa.String(length=40), nullable=False),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_heartbeats")),
    )
    op.create_table(
        "images",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("sha256", sa.String(length=64), nullable=False),
        sa.Column("mime", sa.String(length=20), nullable=False),
        sa.Column("width", sa.Integer(), nullable=False),
        sa.Column("height", sa.Integer(), nullable=False),
        sa.Column("octets", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_images")),
        sa.UniqueConstraint("name", name=op.f("uq_images_name")),
        sa.UniqueConstraint("sha256", name=op.f("uq_images_sha256")),
    )
    op.create_table(
        "key_fingerprints",
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("fingerprint", sa.String(length=64), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("name", name=op.f("pk_key_fingerprints")),
    )
    op.create_table(
        "notices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("numbered", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("needs_references", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("needs_disclaimer", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("offered", sa.Boolean(), server_default=sa.true(), nullable=False),
        sa.Column("last_seq", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("last_seq >= 0", name=op.f("ck_notices_last_seq_counts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notices")),
        sa.UniqueConstraint("key", name=op.f("uq_notices_key")),
    )
    op.create_table(
        "organisation",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("charity_number", sa.String(length=40), nullable=False),
        sa.Column("email", sa.String(length=320), nullable=False),
        sa.Column("phone", sa.String(length=40), nullable=False),
        sa.Column("website", sa.String(length=300), nullable=False),
        sa.Column("donation_url", sa.String(length=300), nullable=False),
        sa.Column("privacy_contact", sa.String(length=320), nullable=False),
        sa.Column("alert_address", sa.String(length=320), nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=False),
        sa.Column("default_language", sa.String(length=2), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_organisation_only_one")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_organisation")),
    )
    op.create_table(
        "outbox_messages",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=60), nullable=False),
        sa.Column("sender", sa.String(length=320), nullable=False),
        sa.Column("recipient", sa.String(length=320), nullable=False),
        sa.Column("message", sa.LargeBinary(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_outbox_messages")),
        sa.UniqueConstraint("key", name=op.f("uq_outbox_messages_key")),
    )
    op.create_index(op.f("ix_outbox_messages_recipient"), "outbox_messages", ["recipient"], unique=False)
    op.create_table(
        "references",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("authors", sa.String(length=500), nullable=True),
        sa.Column("title", sa.String(length=500), nullable=True),
        sa.Column("source", sa.String(length=300), nullable=True),
        sa.Column("year", sa.String(length=4), nullable=True),
        sa.Column("volume", sa.String(length=40), nullable=True),
        sa.Column("pages", sa.String(length=40), nullable=True),
        sa.Column("doi", sa.String(length=200), nullable=True),
        sa.Column("pmid", sa.String(length=12), nullable=True),
        sa.Column("url", sa.String(length=500), nullable=True),
        sa.Column("seen_on", sa.Date(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_references")),
    )
    op.create_table(
        "senders",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("host", sa.String(length=120), nullable=False),
        sa.Column("boot_id", sa.String(length=64), nullable=False),
        sa.Column("pid", sa.Integer(), nullable=False),
        sa.Column("claim_no", sa.Integer(), server_default="0", nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=False),
        sa.Column("seen_at", UtcDateTime(), nullable=False),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_senders")),
    )
    op.create_table(
        "sending_locks",
        sa.Column("reason", sa.String(length=40), nullable=False),
        sa.Column("details", sa.String(length=500), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("reason", name=op.f("pk_sending_locks")),
    )
    op.create_table(
        "service_mails",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=20), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.Column("once", sa.String(length=120), nullable=True),
        sa.Column("message", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("reply_enhanced", sa.String(length=12), nullable=True),
        sa.Column("reply_text", sa.String(length=500), nullable=True),
        sa.Column("server", sa.String(length=120), nullable=True),
        sa.Column("claim_sender", sa.Integer(), nullable=True),
        sa.Column("claim_no", sa.Integer(), nullable=True),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_service_mails")),
        sa.UniqueConstraint("once", name=op.f("uq_service_mails_once")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_service_mails_address_key"), "service_mails", ["address_key"], unique=False)
    op.create_index(
        "ix_service_mails_open",
        "service_mails",
        ["due_at"],
        unique=False,
        sqlite_where=sa.text("state IN ('queued', 'claimed', 'deferred')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed', 'deferred')"),
    )
    op.create_index(op.f("ix_service_mails_subscriber_id"), "service_mails", ["subscriber_id"], unique=False)
    op.create_table(
        "subscribers",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("name", sa.String(length=80), server_default="", nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("layout", sa.String(length=8), server_default="standard", nullable=False),
        sa.Column("time_zone", sa.String(length=64), nullable=True),
        sa.Column("hour", sa.Integer(), nullable=True),
        sa.Column("paused_until", UtcDateTime(), nullable=True),
        sa.Column("returned_at", UtcDateTime(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(length=8), nullable=False),
        sa.Column("former_nonce", sa.LargeBinary(length=8), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscribers")),
        sa.UniqueConstraint("address_key", name=op.f("uq_subscribers_address_key")),
        sqlite_autoincrement=True,
    )
    op.create_table(
        "suppressions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("scope", sa.String(length=4), nullable=False),
        sa.Column("reason", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=200), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("scope IN ('bulk', 'all')", name=op.f("ck_suppressions_scope_known")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_suppressions")),
        sa.UniqueConstraint("address_key", "scope", name=op.f("uq_suppressions_address_key_scope")),
    )
    op.create_table(
        "address_changes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("old_address", sa.String(length=320), nullable=False),
        sa.Column("new_address", sa.String(length=320), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("nonce", sa.LargeBinary(length=8), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_address_changes_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_address_changes")),
        sqlite_autoincrement=True,
    )
    op.create_index(
        op.f("ix_address_changes_subscriber_id"), "address_changes", ["subscriber_id"], unique=False
    )
    op.create_table(
        "cadence_slots",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("cadence", sa.String(length=8), nullable=False),
        sa.Column("weekday", sa.Integer(), nullable=True),
        sa.Column("day_of_month", sa.Integer(), nullable=True),
        sa.Column("hour", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_cadence_slots_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "cadence", name=op.f("pk_cadence_slots")),
    )
    op.create_table(
        "consent_records",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("address_key", sa.String(length=64), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("act", sa.String(length=12), nullable=False),
        sa.Column("consent", sa.String(length=20), nullable=False),
        sa.Column("source", sa.String(length=20), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("page_url", sa.String(length=500), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=True),
        sa.Column("user_agent", sa.String(length=300), nullable=True),
        sa.Column("recorded_by", sa.String(length=320), nullable=True),
        sa.Column("signup_id", sa.Integer(), nullable=True),
        sa.Column("at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_consent_records_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_consent_records")),
    )
    op.create_index(op.f("ix_consent_records_address_key"), "consent_records", ["address_key"], unique=False)
    op.create_index(
        op.f("ix_consent_records_subscriber_id"), "consent_records", ["subscriber_id"], unique=False
    )
    op.create_table(
        "notice_sides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=80), nullable=False),
        sa.Column("sentence", sa.String(length=300), nullable=False),
        sa.Column("how_often", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["notice_id"], ["notices.id"], name=op.f("fk_notice_sides_notice_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_notice_sides")),
        sa.UniqueConstraint("notice_id", "language", name=op.f("uq_notice_sides_notice_id_language")),
    )
    op.create_table(
        "organisation_sides",
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=120), nullable=False),
        sa.Column("appeal", sa.String(length=600), nullable=False),
        sa.Column("postal_address", sa.String(length=300), nullable=False),
        sa.ForeignKeyConstraint(
            ["organisation_id"], ["organisation.id"], name=op.f("fk_organisation_sides_organisation_id")
        ),
        sa.PrimaryKeyConstraint("organisation_id", "language", name=op.f("pk_organisation_sides")),
    )
    op.create_table(
        "signups",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("kind", sa.String(length=10), nullable=False),
        sa.Column("address", sa.String(length=320), nullable=False),
        sa.Column("notice_ids", sa.JSON(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("wording", sa.Text(), nullable=False),
        sa.Column("page_url", sa.String(length=500), nullable=False),
        sa.Column("ip", sa.String(length=45), nullable=False),
        sa.Column("user_agent", sa.String(length=300), nullable=False),
        sa.Column("again_of", sa.Integer(), nullable=True),
        sa.Column("nonce", sa.LargeBinary(length=8), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("decided_at", UtcDateTime(), nullable=True),
        sa.Column("outcome", sa.String(length=20), nullable=True),
        sa.Column("subscriber_id", sa.Integer(), nullable=True),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(
            ["subscriber_id"], ["subscribers.id"], name=op.f("fk_signups_subscriber_id"), ondelete="SET NULL"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_signups")),
        sqlite_autoincrement=True,
    )
    op.create_index(op.f("ix_signups_again_of"), "signups", ["again_of"], unique=False)
    op.create_index(op.f("ix_signups_subscriber_id"), "signups", ["subscriber_id"], unique=False)
    op.create_index(
        "ix_signups_undecided",
        "signups",
        ["id"],
        unique=False,
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.create_table(
        "subscriptions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("state", sa.String(length=8), nullable=False),
        sa.Column("cadence", sa.String(length=8), server_default="each", nullable=False),
        sa.Column("cursor", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("confirmed_at", UtcDateTime(), nullable=True),
        sa.Column("ended_at", UtcDateTime(), nullable=True),
        sa.Column("end_reason", sa.String(length=20), nullable=True),
        sa.CheckConstraint(
            "cadence IN ('each', 'weekly', 'monthly')", name=op.f("ck_subscriptions_cadence_known")
        ),
        sa.CheckConstraint(
            "state IN ('pending', 'active', 'ended')", name=op.f("ck_subscriptions_state_known")
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_subscriptions_notice_id")),
        sa.ForeignKeyConstraint(
            ["subscriber_id"],
            ["subscribers.id"],
            name=op.f("fk_subscriptions_subscriber_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_subscriptions")),
        sa.UniqueConstraint(
            "subscriber_id", "notice_id", name=op.f("uq_subscriptions_subscriber_id_notice_id")
        ),
    )
    op.create_index(
        "ix_subscriptions_audience",
        "subscriptions",
        ["notice_id", "state", "cadence", "subscriber_id"],
        unique=False,
    )
    op.create_table(
        "tips",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("published_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_at", UtcDateTime(), nullable=True),
        sa.Column("withdrawn_why", sa.String(length=300), nullable=False),
        sa.Column("image_id", sa.Integer(), nullable=True),
        sa.Column("image_decorative", sa.Boolean(), server_default=sa.false(), nullable=False),
        sa.Column("image_creator", sa.String(length=120), nullable=False),
        sa.Column("image_source", sa.String(length=120), nullable=False),
        sa.Column("image_source_url", sa.String(length=500), nullable=False),
        sa.Column("image_licence", sa.String(length=60), nullable=False),
        sa.Column("reviewed_by", sa.String(length=120), nullable=False),
        sa.Column("reviewed_on", sa.Date(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["image_id"], ["images.id"], name=op.f("fk_tips_image_id")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_tips_notice_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tips")),
        sa.UniqueConstraint("number", name=op.f("uq_tips_number")),
    )
    op.create_index(op.f("ix_tips_notice_id"), "tips", ["notice_id"], unique=False)
    op.create_table(
        "campaigns",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("occurrence", sa.String(length=60), nullable=False),
        sa.Column("cadence", sa.String(length=8), nullable=False),
        sa.Column("kind", sa.String(length=12), nullable=False),
        sa.Column("tip_id", sa.Integer(), nullable=True),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("paused_by", sa.String(length=8), nullable=True),
        sa.Column("pause_reason", sa.String(length=300), nullable=False),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("expires_at", UtcDateTime(), nullable=True),
        sa.Column("planned_to", sa.Integer(), server_default="0", nullable=False),
        sa.Column("created_by", sa.String(length=320), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.Column("started_at", UtcDateTime(), nullable=True),
        sa.Column("finished_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.id"], name=op.f("fk_campaigns_tip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_campaigns")),
        sa.UniqueConstraint("occurrence", name=op.f("uq_campaigns_occurrence")),
    )
    op.create_index("ix_campaigns_state", "campaigns", ["state", "due_at"], unique=False)
    op.create_index(op.f("ix_campaigns_tip_id"), "campaigns", ["tip_id"], unique=False)
    op.create_table(
        "publications",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.Column("seq", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.CheckConstraint("seq > 0", name=op.f("ck_publications_seq_counts")),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_publications_notice_id")),
        sa.ForeignKeyConstraint(["tip_id"], ["tips.id"], name=op.f("fk_publications_tip_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_publications")),
        sa.UniqueConstraint("notice_id", "seq", name=op.f("uq_publications_notice_id_seq")),
        sa.UniqueConstraint("tip_id", "notice_id", name=op.f("uq_publications_tip_id_notice_id")),
    )
    op.create_table(
        "tip_references",
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("reference_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["reference_id"], ["references.id"], name=op.f("fk_tip_references_reference_id")
        ),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_tip_references_tip_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tip_id", "position", name=op.f("pk_tip_references")),
    )
    op.create_index(op.f("ix_tip_references_reference_id"), "tip_references", ["reference_id"], unique=False)
    op.create_table(
        "tip_relations",
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.Column("related_tip_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["related_tip_id"], ["tips.id"], name=op.f("fk_tip_relations_related_tip_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_tip_relations_tip_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tip_id", "position", name=op.f("pk_tip_relations")),
    )
    op.create_index(
        op.f("ix_tip_relations_related_tip_id"), "tip_relations", ["related_tip_id"], unique=False
    )
    op.create_table(
        "tip_sides",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.Column("title", sa.String(length=200), nullable=False),
        sa.Column("lead", sa.Text(), nullable=False),
        sa.Column("body", sa.Text(), nullable=False),
        sa.Column("disclaimer", sa.Text(), nullable=False),
        sa.Column("alt", sa.String(length=500), nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("revision", sa.Integer(), server_default="1", nullable=False),
        sa.Column("updated_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_tip_sides_tip_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_sides")),
        sa.UniqueConstraint("language", "slug", name=op.f("uq_tip_sides_language_slug")),
        sa.UniqueConstraint("tip_id", "language", name=op.f("uq_tip_sides_tip_id_language")),
    )
    op.create_table(
        "campaign_notices",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("notice_id", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["campaign_id"],
            ["campaigns.id"],
            name=op.f("fk_campaign_notices_campaign_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(["notice_id"], ["notices.id"], name=op.f("fk_campaign_notices_notice_id")),
        sa.PrimaryKeyConstraint("campaign_id", "notice_id", name=op.f("pk_campaign_notices")),
    )
    op.create_index(op.f("ix_campaign_notices_notice_id"), "campaign_notices", ["notice_id"], unique=False)
    op.create_table(
        "deliveries",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("subscriber_id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("domain", sa.String(length=255), nullable=False),
        sa.Column("feedback", sa.String(length=10), server_default="none", nullable=False),
        sa.Column("state", sa.String(length=10), nullable=False),
        sa.Column("reason", sa.String(length=40), nullable=True),
        sa.Column("due_at", UtcDateTime(), nullable=False),
        sa.Column("attempts", sa.Integer(), server_default="0", nullable=False),
        sa.Column("first_attempt_at", UtcDateTime(), nullable=True),
        sa.Column("reply_code", sa.Integer(), nullable=True),
        sa.Column("reply_enhanced", sa.String(length=12), nullable=True),
        sa.Column("reply_text", sa.String(length=500), nullable=True),
        sa.Column("server", sa.String(length=120), nullable=True),
        sa.Column("claim_sender", sa.Integer(), nullable=True),
        sa.Column("claim_no", sa.Integer(), nullable=True),
        sa.Column("claimed_at", UtcDateTime(), nullable=True),
        sa.Column("settled_at", UtcDateTime(), nullable=True),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_deliveries_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "subscriber_id", name=op.f("pk_deliveries")),
        postgresql_partition_by="RANGE (campaign_id)",
    )
    op.create_index(
        "ix_deliveries_claimed",
        "deliveries",
        ["claim_sender"],
        unique=False,
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.create_index(
        "ix_deliveries_deferred",
        "deliveries",
        ["campaign_id", "due_at"],
        unique=False,
        sqlite_where=sa.text("state = 'deferred'"),
        postgresql_where=sa.text("state = 'deferred'"),
    )
    op.create_index("ix_deliveries_edition", "deliveries", ["edition_id"], unique=False)
    op.create_index(
        "ix_deliveries_queued",
        "deliveries",
        ["campaign_id", "shard", "subscriber_id"],
        unique=False,
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.create_index("ix_deliveries_subscriber", "deliveries", ["subscriber_id"], unique=False)
    op.create_table(
        "editions",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=200), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("layout", sa.String(length=8), nullable=False),
        sa.Column("compiled", sa.LargeBinary(), nullable=True),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_editions_campaign_id")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_editions")),
        sa.UniqueConstraint("campaign_id", "key", name=op.f("uq_editions_campaign_id_key")),
    )
    op.create_table(
        "owed",
        sa.Column("subscription_id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("created_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["publication_id"], ["publications.id"], name=op.f("fk_owed_publication_id")),
        sa.ForeignKeyConstraint(
            ["subscription_id"],
            ["subscriptions.id"],
            name=op.f("fk_owed_subscription_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("subscription_id", "publication_id", name=op.f("pk_owed")),
    )
    op.create_table(
        "shard_leases",
        sa.Column("campaign_id", sa.Integer(), nullable=False),
        sa.Column("shard", sa.Integer(), nullable=False),
        sa.Column("sender_id", sa.Integer(), nullable=False),
        sa.Column("until_at", UtcDateTime(), nullable=False),
        sa.ForeignKeyConstraint(["campaign_id"], ["campaigns.id"], name=op.f("fk_shard_leases_campaign_id")),
        sa.PrimaryKeyConstraint("campaign_id", "shard", name=op.f("pk_shard_leases")),
    )
    op.create_table(
        "edition_items",
        sa.Column("edition_id", sa.Integer(), nullable=False),
        sa.Column("publication_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["edition_id"], ["editions.id"], name=op.f("fk_edition_items_edition_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["publication_id"], ["publications.id"], name=op.f("fk_edition_items_publication_id")
        ),
        sa.PrimaryKeyConstraint("edition_id", "publication_id", name=op.f("pk_edition_items")),
    )
    op.create_index(
        op.f("ix_edition_items_publication_id"), "edition_items", ["publication_id"], unique=False
    )
    if op.get_bind().dialect.name == "postgresql":
        op.execute("CREATE TABLE deliveries_rest PARTITION OF deliveries DEFAULT")
        _guard_consent_postgresql()
    else:
        _guard_consent_sqlite()


def downgrade() -> None:
    if op.get_bind().dialect.name == "postgresql":
        op.execute("DROP TRIGGER consent_records_fixed ON consent_records")
        op.execute("DROP FUNCTION consent_records_fixed()")
    op.drop_index(op.f("ix_edition_items_publication_id"), table_name="edition_items")
    op.drop_table("edition_items")
    op.drop_table("shard_leases")
    op.drop_table("owed")
    op.drop_table("editions")
    op.drop_index("ix_deliveries_subscriber", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_queued",
        table_name="deliveries",
        sqlite_where=sa.text("state = 'queued'"),
        postgresql_where=sa.text("state = 'queued'"),
    )
    op.drop_index("ix_deliveries_edition", table_name="deliveries")
    op.drop_index(
        "ix_deliveries_deferred",
        table_name="deliveries",
        sqlite_where=sa.text("state = 'deferred'"),
        postgresql_where=sa.text("state = 'deferred'"),
    )
    op.drop_index(
        "ix_deliveries_claimed",
        table_name="deliveries",
        sqlite_where=sa.text("state = 'claimed'"),
        postgresql_where=sa.text("state = 'claimed'"),
    )
    op.drop_table("deliveries")
    op.drop_index(op.f("ix_campaign_notices_notice_id"), table_name="campaign_notices")
    op.drop_table("campaign_notices")
    op.drop_table("tip_sides")
    op.drop_index(op.f("ix_tip_relations_related_tip_id"), table_name="tip_relations")
    op.drop_table("tip_relations")
    op.drop_index(op.f("ix_tip_references_reference_id"), table_name="tip_references")
    op.drop_table("tip_references")
    op.drop_table("publications")
    op.drop_index(op.f("ix_campaigns_tip_id"), table_name="campaigns")
    op.drop_index("ix_campaigns_state", table_name="campaigns")
    op.drop_table("campaigns")
    op.drop_index(op.f("ix_tips_notice_id"), table_name="tips")
    op.drop_table("tips")
    op.drop_index("ix_subscriptions_audience", table_name="subscriptions")
    op.drop_table("subscriptions")
    op.drop_index(
        "ix_signups_undecided",
        table_name="signups",
        sqlite_where=sa.text("decided_at IS NULL"),
        postgresql_where=sa.text("decided_at IS NULL"),
    )
    op.drop_index(op.f("ix_signups_subscriber_id"), table_name="signups")
    op.drop_index(op.f("ix_signups_again_of"), table_name="signups")
    op.drop_table("signups")
    op.drop_table("organisation_sides")
    op.drop_table("notice_sides")
    op.drop_index(op.f("ix_consent_records_subscriber_id"), table_name="consent_records")
    op.drop_index(op.f("ix_consent_records_address_key"), table_name="consent_records")
    op.drop_table("consent_records")
    op.drop_table("cadence_slots")
    op.drop_index(op.f("ix_address_changes_subscriber_id"), table_name="address_changes")
    op.drop_table("address_changes")
    op.drop_table("suppressions")
    op.drop_table("subscribers")
    op.drop_index(op.f("ix_service_mails_subscriber_id"), table_name="service_mails")
    op.drop_index(
        "ix_service_mails_open",
        table_name="service_mails",
        sqlite_where=sa.text("state IN ('queued', 'claimed', 'deferred')"),
        postgresql_where=sa.text("state IN ('queued', 'claimed', 'deferred')"),
    )
    op.drop_index(op.f("ix_service_mails_address_key"), table_name="service_mails")
    op.drop_table("service_mails")
    op.drop_table("sending_locks")
    op.drop_table("senders")
    op.drop_table("references")
    op.drop_index(op.f("ix_outbox_messages_recipient"), table_name="outbox_messages")
    op.drop_table("outbox_messages")
    op.drop_table("organisation")
    op.drop_table("notices")
    op.drop_table("key_fingerprints")
    op.drop_table("images")
    op.drop_table("heartbeats")
    op.drop_table("audit_entries")


def _guard_consent_sqlite() -> None:
    op.execute(
        f"CREATE TRIGGER consent_records_fixed BEFORE UPDATE OF {', '.join(FIXED)} ON consent_records"
        " BEGIN SELECT RAISE(ABORT, 'consent records are append-only'); END"
    )
    op.execute(
        "CREATE TRIGGER consent_records_kept BEFORE DELETE ON consent_records"
        " BEGIN SELECT RAISE(ABORT, 'consent records are append-only'); END"
    )


def _guard_consent_postgresql() -> None:
    changed = " OR ".join(f"NEW.{name} IS DISTINCT FROM OLD.{name}" for name in FIXED)
    op.execute(
        "CREATE FUNCTION consent_records_fixed() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN"
        f" IF TG_OP = 'DELETE' OR {changed} THEN"
        " RAISE EXCEPTION 'consent records are append-only'; END IF;"
        " RETURN NEW; END $$"
    )
    op.execute(
        "CREATE TRIGGER consent_records_fixed BEFORE UPDATE OR DELETE ON consent_records"
        " FOR EACH ROW EXECUTE FUNCTION consent_records_fixed()"
    )
