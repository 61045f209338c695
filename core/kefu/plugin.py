"""The public API: everything that a metric plugin imports.

>>> from kefu.plugin import Count, Metric, Ratio, Title, col, hookimpl
"""

from __future__ import annotations

from polars import col, lit, when

from kefu.columns import Addition, DayCounts, Earliest, Period, PeriodTable, SessionColumns, Tally, TextColumn, Window
from kefu.context import Context, Thresholds, Tokens, Words
from kefu.hookspecs import hookimpl
from kefu.listings import Listed, Listing
from kefu.metric import (
    Better,
    Count,
    Evidence,
    Group,
    Metric,
    Pairs,
    Peak,
    Quantile,
    RankCorrelation,
    Ratio,
    Spread,
    Sum,
    Title,
    Total,
    Unit,
)
from kefu.text import ScriptLibrary

__all__ = [
    "Addition",
    "Better",
    "Context",
    "Count",
    "DayCounts",
    "Earliest",
    "Evidence",
    "Group",
    "Listed",
    "Listing",
    "Metric",
    "Pairs",
    "Peak",
    "Period",
    "PeriodTable",
    "Quantile",
    "RankCorrelation",
    "Ratio",
    "ScriptLibrary",
    "SessionColumns",
    "Spread",
    "Sum",
    "Tally",
    "TextColumn",
    "Thresholds",
    "Title",
    "Tokens",
    "Total",
    "Unit",
    "Window",
    "Words",
    "col",
    "hookimpl",
    "lit",
    "when",
]
