"""States and activities in words that several metrics share, on the table ``agent_time``."""

from __future__ import annotations

from collections.abc import Iterable

import polars as pl

from kefu.plugin import Sum, col

WORKING = ("available", "handling", "wrap_up")
LOGGED_IN = (*WORKING, "break", "training", "meeting")
HANDLING = ("handling", "wrap_up")
AWAY_AS_PLANNED = ("break", "training", "meeting")
SCHEDULED = col("activity").is_not_null()
WORK = (col("activity") == "work").fill_null(value=False)


def in_state(states: Iterable[str]) -> pl.Expr:
    """Return whether the agent is in one of some states; false where no state is told."""
    return col("state").is_in([*states]).fill_null(value=False)


def time(where: pl.Expr) -> Sum:
    """Return the milliseconds for which something is so."""
    return Sum(col("ms"), where=where)
