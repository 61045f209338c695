"""The first schema."""  # noqa: INP001 - Alembic loads it as a file

from __future__ import annotations

from typing import Any

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None

KEY = sa.BigInteger().with_variant(sa.Integer(), "sqlite")
TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    """Make all tables."""
    _runs()
    _files()
    _days()
    _of_days()
    _of_runs()


def _must(name: str, kind: Any) -> sa.Column[Any]:  # noqa: ANN401 - any type of SQLAlchemy
    return sa.Column(name, kind, nullable=False)


def _may(name: str, kind: Any) -> sa.Column[Any]:  # noqa: ANN401
    return sa.Column(name, kind, nullable=True)


def _key(kind: Any = sa.Integer) -> sa.Column[Any]:  # noqa: ANN401
    return sa.Column("id", kind, primary_key=True)


def _run(*, nullable: bool = False, ondelete: str | None = None) -> sa.Column[Any]:
    return sa.Column("run_id", sa.Integer, sa.ForeignKey("runs.id", ondelete=ondelete), nullable=nullable, index=True)


def _runs() -> None:
    op.create_table(
        "runs",
        _key(),
        _must("started_at", TIME),
        _may("ended_at", TIME),
        _must("outcome", sa.Text),
        _may("first_date", sa.Date),
        _may("last_date", sa.Date),
        _must("host_version", sa.Text),
        _must("config", sa.JSON),
        _must("config_digest", sa.Text),
        *(_must(name, sa.JSON) for name in ("plugins", "input", "timings", "failures", "small_tables")),
    )
    op.create_table(
        "small_tables",
        sa.Column("digest", sa.Text, primary_key=True),
        _must("name", sa.Text),
        _must("rows", sa.LargeBinary),
    )


def _files() -> None:
    op.create_table(
        "input_files",
        _key(),
        _must("path", sa.Text),
        _must("table_name", sa.Text),
        _must("bytes", sa.BigInteger),
        _must("digest", sa.Text),
        *(_must(name, sa.BigInteger) for name in ("rows", "loaded", "duplicates", "rejected")),
        _may("failed", sa.Text),
        _may("first_date", sa.Date),
        _may("last_date", sa.Date),
        _run(nullable=True, ondelete="SET NULL"),
        sa.UniqueConstraint("path", "digest"),
    )


def _days() -> None:
    op.create_table(
        "days",
        _key(),
        _must("date", sa.Date),
        _must("revision", sa.Integer),
        _run(),
        _must("current", sa.Boolean),
        _must("digest", sa.Text),
        *(_must(name, sa.JSON) for name in ("reasons", "layout", "present")),
        _must("sessions", sa.Integer),
        _must("written_at", TIME),
        sa.UniqueConstraint("date", "revision"),
    )
    is_current = sa.column("current", sa.Boolean).is_(True)
    op.create_index("days_current", "days", ["date"], unique=True, sqlite_where=is_current, postgresql_where=is_current)


def _of_days() -> None:
    op.create_table(
        "frames",
        sa.Column("day_id", sa.Integer, sa.ForeignKey("days.id"), primary_key=True),
        sa.Column("name", sa.Text, primary_key=True),
        _must("rows", sa.Integer),
        _must("content", sa.LargeBinary),
    )
    op.create_table(
        "evidence",
        _key(KEY),
        sa.Column("day_id", sa.Integer, sa.ForeignKey("days.id"), nullable=False),
        _must("metric", sa.Text),
        _may("session_id", sa.Text),
        _may("message_id", sa.Text),
        _may("sent_at", TIME),
        *(_may(name, sa.Text) for name in ("role", "text", "why_zh", "why_en")),
        _may("hits", sa.JSON),
        sa.Index("evidence_of_a_metric", "day_id", "metric"),
    )


def _of_runs() -> None:
    op.create_table(
        "quarantine",
        _key(KEY),
        _run(),
        _must("table_name", sa.Text),
        _must("file", sa.Text),
        _may("row", sa.BigInteger),
        _may("column", sa.Text),
        _must("reason", sa.Text),
        _may("what_to_do", sa.Text),
        _may("raw", sa.Text),
    )
    op.create_table(
        "checks",
        _key(),
        _run(),
        *(_must(name, sa.Text) for name in ("name", "level", "message")),
    )
