"""Hashes of those who were forgotten."""  # noqa: INP001 - Alembic loads it as a file

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0002"
down_revision = "0001"


def upgrade() -> None:
    """Make the table."""
    op.create_table(
        "forgotten",
        sa.Column("digest", sa.Text, primary_key=True),
        sa.Column("key", sa.LargeBinary, nullable=False),
    )
