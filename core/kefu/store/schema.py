"""The tables of the store, the same for SQLite and PostgreSQL; how they came about stands in ``migrations``."""

from __future__ import annotations

import datetime as dt
from typing import Any

import sqlalchemy as sa
from sqlalchemy.types import TypeDecorator

REVISIONS = ("0001", "0002", "0003", "0004")
"""Every revision of the schema, oldest first; the last one is what this kefu reads and writes."""

REVISION_TABLE = "kefu_revision"
"""Where the revision stands; a database with this table is a store of kefu."""

NO_NUL = "\u2400"
"""What stands for U+0000, which PostgreSQL's text cannot hold."""


class Text(TypeDecorator[str]):
    """Text, the same in both databases."""

    impl = sa.Text
    cache_ok = True

    def process_bind_param(self, value: str | None, dialect: sa.Dialect) -> str | None:  # noqa: ARG002
        """Replace what PostgreSQL cannot hold."""
        return None if value is None else value.replace("\0", NO_NUL)


class Utc(TypeDecorator[dt.datetime]):
    """A moment: aware in Python, UTC in the database."""

    impl = sa.DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Turn any zone into UTC, which is all that SQLite's text tells."""
        return None if value is None else value.astimezone(dt.UTC)

    def process_result_value(self, value: dt.datetime | None, dialect: sa.Dialect) -> dt.datetime | None:  # noqa: ARG002
        """Say that it is UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=dt.UTC) if value.tzinfo is None else value.astimezone(dt.UTC)


metadata = sa.MetaData()
BIG_KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")


def _json(name: str) -> sa.Column[Any]:
    return sa.Column(name, sa.JSON(none_as_null=True), nullable=False)


def _run(*, nullable: bool = False, ondelete: str | None = None) -> sa.Column[Any]:
    key = sa.ForeignKey("runs.id", ondelete=ondelete)
    return sa.Column("run_id", sa.Integer, key, nullable=nullable, index=True)


runs = sa.Table(
    "runs",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("started_at", Utc, nullable=False),
    sa.Column("ended_at", Utc),
    sa.Column("outcome", Text, nullable=False),
    sa.Column("first_date", sa.Date),
    sa.Column("last_date", sa.Date),
    sa.Column("host_version", Text, nullable=False),
    _json("config"),
    sa.Column("config_digest", Text, nullable=False),
    _json("plugins"),
    _json("input"),
    _json("timings"),
    _json("failures"),
    _json("small_tables"),
)

small_tables = sa.Table(
    "small_tables",
    metadata,
    sa.Column("digest", Text, primary_key=True),
    sa.Column("name", Text, nullable=False),
    sa.Column("rows", sa.LargeBinary, nullable=False),
)

input_files = sa.Table(
    "input_files",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("path", Text, nullable=False),
    sa.Column("table_name", Text, nullable=False),
    sa.Column("bytes", sa.BigInteger, nullable=False),
    sa.Column("digest", Text, nullable=False),
    sa.Column("rows", sa.BigInteger, nullable=False),
    sa.Column("loaded", sa.BigInteger, nullable=False),
    sa.Column("duplicates", sa.BigInteger, nullable=False),
    sa.Column("rejected", sa.BigInteger, nullable=False),
    sa.Column("failed", Text),
    sa.Column("first_date", sa.Date),
    sa.Column("last_date", sa.Date),
    # A purge may drop the run; the file stays known, or its old dates would be computed again.
    _run(nullable=True, ondelete="SET NULL"),
    sa.UniqueConstraint("path", "digest"),
)

days = sa.Table(
    "days",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    sa.Column("date", sa.Date, nullable=False),
    sa.Column("revision", sa.Integer, nullable=False),
    _run(),
    sa.Column("current", sa.Boolean, nullable=False),
    sa.Column("digest", Text, nullable=False),
    _json("reasons"),
    _json("layout"),
    _json("present"),
    sa.Column("sessions", sa.Integer, nullable=False),
    sa.Column("written_at", Utc, nullable=False),
    sa.UniqueConstraint("date", "revision"),
)
_is_current = days.c.current.is_(True)
sa.Index("days_current", days.c.date, unique=True, sqlite_where=_is_current, postgresql_where=_is_current)

frames = sa.Table(
    "frames",
    metadata,
    sa.Column("day_id", sa.Integer, sa.ForeignKey("days.id"), primary_key=True),
    sa.Column("name", Text, primary_key=True),
    sa.Column("rows", sa.Integer, nullable=False),
    sa.Column("content", sa.LargeBinary, nullable=False),
)

quarantine = sa.Table(
    "quarantine",
    metadata,
    sa.Column("id", BIG_KEY, primary_key=True),
    _run(),
    sa.Column("table_name", Text, nullable=False),
    sa.Column("file", Text, nullable=False),
    sa.Column("row", sa.BigInteger),
    sa.Column("column", Text),
    sa.Column("reason", Text, nullable=False),
    sa.Column("what_to_do", Text),
    sa.Column("raw", Text),
)

evidence = sa.Table(
    "evidence",
    metadata,
    sa.Column("id", BIG_KEY, primary_key=True),
    sa.Column("day_id", sa.Integer, sa.ForeignKey("days.id"), nullable=False),
    sa.Column("metric", Text, nullable=False),
    sa.Column("session_id", Text),
    sa.Column("message_id", Text),
    sa.Column("sent_at", Utc),
    sa.Column("role", Text),
    sa.Column("text", Text),
    sa.Column("why_zh", Text),
    sa.Column("why_en", Text),
    sa.Column("hits", sa.JSON(none_as_null=True)),
    sa.Index("evidence_of_a_metric", "day_id", "metric"),
)

checks = sa.Table(
    "checks",
    metadata,
    sa.Column("id", sa.Integer, primary_key=True),
    _run(),
    sa.Column("name", Text, nullable=False),
    sa.Column("level", Text, nullable=False),
    sa.Column("message", Text, nullable=False),
)

forgotten = sa.Table(
    "forgotten",
    metadata,
    sa.Column("digest", Text, primary_key=True),
    sa.Column("key", sa.LargeBinary, nullable=False),
)

queue_items = sa.Table(
    "queue_items",
    metadata,
    sa.Column("id", BIG_KEY, primary_key=True),
    sa.Column("subject", Text, nullable=False),
    sa.Column("subject_id", Text, nullable=False),
    sa.Column("title", Text, nullable=False),
    sa.Column("state", Text, nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("opened_at", Utc, nullable=False),
    sa.Column("since", Utc, nullable=False),
    sa.Column("seen_on", sa.Date, nullable=False),
    sa.Column("due_on", sa.Date),
    sa.Column("priority", sa.BigInteger, nullable=False),
    sa.Column("reason_names", Text, nullable=False),
    _json("reasons"),
    sa.Column("assignee", Text),
    sa.Column("repaired_at", Utc),
    sa.Column("change", Text),
    sa.Column("dismissed_reason", Text),
    sa.Column("dismissed_until", sa.Date),
    sa.Column("verification", sa.JSON(none_as_null=True)),
    sa.Index("queue_items_in_order", "state", "priority"),
    sa.Index("queue_items_by_due", "state", "due_on"),
)
_is_live = queue_items.c.state.in_(["open", "in_repair", "repaired"])
sa.Index(
    "queue_items_live",
    queue_items.c.subject,
    queue_items.c.subject_id,
    unique=True,
    sqlite_where=_is_live,
    postgresql_where=_is_live,
)

queue_steps = sa.Table(
    "queue_steps",
    metadata,
    sa.Column("id", BIG_KEY, primary_key=True),
    sa.Column("item_id", BIG_KEY, sa.ForeignKey("queue_items.id"), nullable=False),
    sa.Column("version", sa.Integer, nullable=False),
    sa.Column("at", Utc, nullable=False),
    sa.Column("who", Text, nullable=False),
    sa.Column("step", Text, nullable=False),
    sa.Column("note", Text),
    sa.Column("data", sa.JSON(none_as_null=True)),
    sa.UniqueConstraint("item_id", "version"),
)

queue_memory = sa.Table(
    "queue_memory",
    metadata,
    sa.Column("name", Text, primary_key=True),
    sa.Column("run_id", sa.Integer),
    sa.Column("content", sa.LargeBinary),
)


def _place() -> list[sa.Column[Any]]:
    """Return what says where a published value belongs; ``by_name`` and ``by_value`` are empty for the whole."""
    return [
        sa.Column("date", sa.Date, primary_key=True),
        *(sa.Column(name, Text, primary_key=True) for name in ("by_name", "by_value", "metric")),
    ]


bi_dates = sa.Table(
    "bi_dates",
    metadata,
    sa.Column("date", sa.Date, primary_key=True),
    # No key of ``days``: what was published outlives a revision until it is published anew.
    sa.Column("day_id", sa.Integer, nullable=False),
    sa.Column("made_with", Text, nullable=False),
)

bi_values = sa.Table(
    "bi_values",
    metadata,
    *_place(),
    sa.Column("value", sa.Double),
    sa.Column("unit", Text, nullable=False),
    sa.Column("coverage", sa.Double),
    sa.Column("top", sa.BigInteger),
    sa.Column("bottom", sa.BigInteger),
    sa.Column("times", sa.Integer),
    sa.Column("per", sa.Integer),
)

bi_measures = sa.Table(
    "bi_measures",
    metadata,
    *_place(),
    sa.Column("measure", Text, primary_key=True),
    sa.Column("amount", sa.BigInteger, nullable=False),
)
