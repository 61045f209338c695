"""The public API: everything that a metric plugin imports.

>>> from kefu.plugin import Count, Metric, Ratio, Title, col, hookimpl
"""

from __future__ import annotations

from polars import col, lit, when

from kefu.columns import Addition, DayCounts, Earliest, Period, PeriodTable, SessionColumns, Tally, TextColumn, Window
from kefu.context import Checked, Context, Report, Thresholds, Tokens, Words
from kefu.hookspecs import hookimpl
from kefu.listings import Listed, Listing, Tables
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
from kefu.reasons import Reason, Seen
from kefu.text import ScriptLibrary, TopicSettings, group_topics, repeated_utterances, script_edits
from kefu.text.outcome import OutcomeReader

__all__ = [
    "Addition",
    "Better",
    "Checked",
    "Context",
    "Count",
    "DayCounts",
    "Earliest",
    "Evidence",
    "Group",
    "Listed",
    "Listing",
    "Metric",
    "OutcomeReader",
    "Pairs",
    "Peak",
    "Period",
    "PeriodTable",
    "Quantile",
    "RankCorrelation",
    "Ratio",
    "Reason",
    "Report",
    "ScriptLibrary",
    "Seen",
    "SessionColumns",
    "Spread",
    "Sum",
    "Tables",
    "Tally",
    "TextColumn",
    "Thresholds",
    "Title",
    "Tokens",
    "TopicSettings",
    "Total",
    "Unit",
    "Window",
    "Words",
    "col",
    "group_topics",
    "hookimpl",
    "lit",
    "repeated_utterances",
    "script_edits",
    "when",
]
