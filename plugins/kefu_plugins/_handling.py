"""Handle time in words that several metrics share."""

from __future__ import annotations

import polars as pl

from kefu.plugin import col

HANDLE_MS: pl.Expr = col("service_ms") + col("wrap_up_ms").fill_null(0)
"""Service and wrap-up of a human session, or an agent's part of it, in milliseconds."""
