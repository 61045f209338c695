"""The public API: everything that a metric plugin imports.

>>> from kefu.plugin import Count, Metric, Ratio, Title, col, hookimpl
"""

from __future__ import annotations

from polars import col, lit, when

from kefu.columns import Addition, DayCounts, Earliest, Period, PeriodTable, Tally, TextColumn, Window
from kefu.context import Context, Thresholds, Words
from kefu.hookspecs import hookimpl
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
    "Metric",
    "Pairs",
    "Peak",
    "Period",
    "PeriodTable",
    "Quantile",
    "RankCorrelation",
    "Ratio",
    "ScriptLibrary",
    "Spread",
    "Sum",
    "Tally",
    "TextColumn",
    "Thresholds",
    "Title",
    "Total",
    "Unit",
    "Window",
    "Words",
    "col",
    "hookimpl",
    "lit",
    "when",
]
