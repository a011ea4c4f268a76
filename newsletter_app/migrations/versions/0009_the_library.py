"""The library: search, topics, answers, corrections, review dates, locked disclaimers.

Revision ID: 0009
Revises: 0008
"""

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0009"
down_revision = "0008"
branch_labels = None
depends_on = None

# The full text is each database's own; newsletter_app/tips/search_ddl.py says the same for new databases.
SQLITE_UP = (
    "CREATE VIRTUAL TABLE tip_index USING fts5(title, words,"
    " content='tip_searches', content_rowid='side_id', tokenize='unicode61')",
    "CREATE TRIGGER tip_searches_put AFTER INSERT ON tip_searches BEGIN"
    " INSERT INTO tip_index (rowid, title, words) VALUES (new.side_id, new.title, new.words); END",
    "CREATE TRIGGER tip_searches_gone AFTER DELETE ON tip_searches BEGIN"
    " INSERT INTO tip_index (tip_index, rowid, title, words)"
    " VALUES ('delete', old.side_id, old.title, old.words); END",
    "CREATE TRIGGER tip_searches_changed AFTER UPDATE ON tip_searches BEGIN"
    " INSERT INTO tip_index (tip_index, rowid, title, words)"
    " VALUES ('delete', old.side_id, old.title, old.words);"
    " INSERT INTO tip_index (rowid, title, words) VALUES (new.side_id, new.title, new.words); END",
)
POSTGRESQL_UP = (
    # What is searched has no places, and so lies in its row; what ranks has them, and mostly lies elsewhere.
    "ALTER TABLE tip_searches ADD COLUMN tip_index tsvector GENERATED ALWAYS AS"
    " (strip(to_tsvector('simple'::regconfig, title || ' ' || words))) STORED",
    "ALTER TABLE tip_searches ADD COLUMN tip_index_rank tsvector GENERATED ALWAYS AS"
    " (setweight(to_tsvector('simple'::regconfig, title), 'A')"
    " || setweight(to_tsvector('simple'::regconfig, words), 'D')) STORED",
    "CREATE INDEX ix_tip_searches_tip_index ON tip_searches USING gin (tip_index)",
)


def upgrade() -> None:
    op.add_column("tips", sa.Column("review_due", sa.Date(), nullable=True))
    op.add_column("notice_sides", sa.Column("disclaimer", sa.Text(), server_default="", nullable=False))
    op.create_table(
        "topics",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("key", sa.String(length=40), nullable=False),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_topics")),
        sa.UniqueConstraint("key", name=op.f("uq_topics_key")),
    )
    op.create_table(
        "topic_sides",
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("name", sa.String(length=60), nullable=False),
        sa.Column("slug", sa.String(length=80), nullable=False),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_topic_sides_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("topic_id", "language", name=op.f("pk_topic_sides")),
        sa.UniqueConstraint("language", "slug", name=op.f("uq_topic_sides_language_slug")),
    )
    op.create_table(
        "tip_topics",
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("topic_id", sa.Integer(), nullable=False),
        sa.Column("position", sa.Integer(), nullable=False),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_tip_topics_tip_id"), ondelete="CASCADE"
        ),
        sa.ForeignKeyConstraint(
            ["topic_id"], ["topics.id"], name=op.f("fk_tip_topics_topic_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tip_id", "topic_id", name=op.f("pk_tip_topics")),
    )
    op.create_index(op.f("ix_tip_topics_topic_id"), "tip_topics", ["topic_id"])
    op.create_table(
        "tip_answers",
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("answer", sa.String(length=8), nullable=False),
        sa.Column("count", sa.Integer(), nullable=False),
        sa.CheckConstraint("answer IN ('yes', 'a-little', 'no')", name=op.f("ck_tip_answers_answer_known")),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_tip_answers_tip_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("tip_id", "answer", name=op.f("pk_tip_answers")),
    )
    op.create_table(
        "tip_corrections",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("tip_id", sa.Integer(), nullable=False),
        sa.Column("corrected_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("note_en", sa.String(length=500), nullable=False),
        sa.Column("note_fr", sa.String(length=500), nullable=False),
        sa.ForeignKeyConstraint(
            ["tip_id"], ["tips.id"], name=op.f("fk_tip_corrections_tip_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_corrections")),
    )
    op.create_index(op.f("ix_tip_corrections_tip_id"), "tip_corrections", ["tip_id"])
    op.create_table(
        "tip_standing",
        sa.Column("id", sa.Integer(), autoincrement=False, nullable=False),
        sa.Column("version", sa.Integer(), nullable=False),
        sa.Column("changed_at", sa.DateTime(timezone=True), nullable=False),
        sa.CheckConstraint("id = 1", name=op.f("ck_tip_standing_one_row")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_tip_standing")),
    )
    op.create_table(
        "tip_searches",
        sa.Column("side_id", sa.Integer(), nullable=False),
        sa.Column("language", sa.String(length=2), nullable=False),
        sa.Column("number", sa.Integer(), nullable=True),
        sa.Column("title", sa.Text(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.ForeignKeyConstraint(
            ["side_id"], ["tip_sides.id"], name=op.f("fk_tip_searches_side_id"), ondelete="CASCADE"
        ),
        sa.PrimaryKeyConstraint("side_id", name=op.f("pk_tip_searches")),
    )
    is_sqlite = op.get_bind().dialect.name == "sqlite"
    for statement in SQLITE_UP if is_sqlite else POSTGRESQL_UP:
        op.execute(statement)


def downgrade() -> None:
    if op.get_bind().dialect.name == "sqlite":
        op.execute("DROP TABLE tip_index")
    op.drop_table("tip_searches")
    op.drop_table("tip_standing")
    op.drop_table("tip_corrections")
    op.drop_table("tip_answers")
    op.drop_table("tip_topics")
    op.drop_table("topic_sides")
    op.drop_table("topics")
    op.drop_column("notice_sides", "disclaimer")
    op.drop_column("tips", "review_due")
