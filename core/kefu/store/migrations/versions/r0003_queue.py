"""The repair queue: its items, their steps, and what it remembers from night to night."""  # noqa: INP001 - Alembic loads it as a file

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"

BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make the tables."""
    op.create_table(
        "queue_items",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("subject", sa.Text, nullable=False),
        sa.Column("subject_id", sa.Text, nullable=False),
        sa.Column("title", sa.Text, nullable=False),
        sa.Column("state", sa.Text, nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("opened_at", TIME, nullable=False),
        sa.Column("since", TIME, nullable=False),
        sa.Column("seen_on", sa.Date, nullable=False),
        sa.Column("due_on", sa.Date),
        sa.Column("priority", sa.BigInteger, nullable=False),
        sa.Column("reason_names", sa.Text, nullable=False),
        sa.Column("reasons", sa.JSON, nullable=False),
        sa.Column("assignee", sa.Text),
        sa.Column("repaired_at", TIME),
        sa.Column("change", sa.Text),
        sa.Column("dismissed_reason", sa.Text),
        sa.Column("dismissed_until", sa.Date),
        sa.Column("verification", sa.JSON),
    )
    op.create_index("queue_items_in_order", "queue_items", ["state", "priority"])
    op.create_index("queue_items_by_due", "queue_items", ["state", "due_on"])
    live = sa.column("state", sa.Text).in_(["open", "in_repair", "repaired"])
    op.create_index(
        "queue_items_live",
        "queue_items",
        ["subject", "subject_id"],
        unique=True,
        sqlite_where=live,
        postgresql_where=live,
    )
    op.create_table(
        "queue_steps",
        sa.Column("id", BIG_KEY, primary_key=True),
        sa.Column("item_id", BIG_KEY, sa.ForeignKey("queue_items.id"), nullable=False),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("at", TIME, nullable=False),
        sa.Column("who", sa.Text, nullable=False),
        sa.Column("step", sa.Text, nullable=False),
        sa.Column("note", sa.Text),
        sa.Column("data", sa.JSON),
        sa.UniqueConstraint("item_id", "version"),
    )
    op.create_table(
        "queue_memory",
        sa.Column("name", sa.Text, primary_key=True),
        sa.Column("run_id", sa.Integer),
        sa.Column("content", sa.LargeBinary),
    )
