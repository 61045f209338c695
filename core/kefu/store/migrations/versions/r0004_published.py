"""Values as plain rows, and views of them, for BI tools."""  # noqa: INP001 - Alembic loads it as a file

from __future__ import annotations

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"

BY = {"channel": "channel", "queue": "queue", "scene": "scene", "team": "team", "agent": "agent_id"}
"""The views of groups, and what each groups by."""
VALUE = "value, unit, coverage, top, bottom, times, per"
MONTH = "substr(CAST(date AS VARCHAR(10)), 1, 7)"


def upgrade() -> None:
    """Make the tables and the views."""
    op.create_table(
        "bi_dates",
        sa.Column("date", sa.Date, primary_key=True),
        sa.Column("day_id", sa.Integer, nullable=False),
        sa.Column("made_with", sa.Text, nullable=False),
    )
    op.create_table(
        "bi_values",
        *_place(),
        sa.Column("value", sa.Double),
        sa.Column("unit", sa.Text, nullable=False),
        sa.Column("coverage", sa.Double),
        sa.Column("top", sa.BigInteger),
        sa.Column("bottom", sa.BigInteger),
        sa.Column("times", sa.Integer),
        sa.Column("per", sa.Integer),
    )
    op.create_table(
        "bi_measures",
        *_place(),
        sa.Column("measure", sa.Text, primary_key=True),
        sa.Column("amount", sa.BigInteger, nullable=False),
    )
    _views()


def _place() -> list[sa.Column[object]]:
    return [
        sa.Column("date", sa.Date, primary_key=True),
        sa.Column("by_name", sa.Text, primary_key=True),
        sa.Column("by_value", sa.Text, primary_key=True),
        sa.Column("metric", sa.Text, primary_key=True),
    ]


def _views() -> None:
    _view("kefu_daily", "date, metric", "by_name = ''")
    for name, by in BY.items():
        _view(f"kefu_daily_by_{name}", f"date, by_value AS {by}, metric", f"by_name = '{by}'")
    op.execute("CREATE VIEW kefu_measures AS SELECT date, by_name, by_value, metric, measure, amount FROM bi_measures")
    value = "CAST(SUM(top) * times AS DOUBLE PRECISION) / NULLIF(SUM(bottom) * per, 0)"
    columns = (
        f"{MONTH} AS month, by_name, by_value, metric, {value} AS value, unit, SUM(top) AS top, SUM(bottom) AS bottom"
    )
    groups = f"{MONTH}, by_name, by_value, metric, unit, times, per"
    where = f"bottom IS NOT NULL GROUP BY {groups}"
    op.execute(f"CREATE VIEW kefu_monthly AS SELECT {columns}, times, per FROM bi_values WHERE {where}")  # noqa: S608


def _view(name: str, columns: str, where: str) -> None:
    op.execute(f"CREATE VIEW {name} AS SELECT {columns}, {VALUE} FROM bi_values WHERE {where}")  # noqa: S608 - our names
