"""The public API: everything that a metric plugin imports.

>>> from kefu.plugin import Count, Metric, Ratio, Title, col, hookimpl
"""

from __future__ import annotations

from polars import col, lit, when

from kefu.blocks import Block, Changed, Chart, Column, Figure, Figures, Marked, Note, Quantity, Table
from kefu.columns import (
    Addition,
    DatedTable,
    DayCounts,
    Earliest,
    Period,
    PeriodTable,
    SessionColumns,
    Tally,
    TextColumn,
    Window,
)
from kefu.context import Checked, Context, Report, Thresholds, Tokens, Words
from kefu.drawing import bar_chart, column_chart, line_chart
from kefu.facts.agent_time import agent_time
from kefu.hookspecs import hookimpl
from kefu.listings import Listed, Listing, Tables
from kefu.metric import (
    Better,
    Computed,
    Count,
    Estimate,
    Evidence,
    Group,
    Metric,
    Pairs,
    Peak,
    Quantile,
    RankCorrelation,
    Ratio,
    Rows,
    Spread,
    Sum,
    Title,
    Total,
    Unit,
)
from kefu.reasons import Reason, Seen
from kefu.sections import Balanced, Goal, Reading, Scorecard, Scored, Section
from kefu.text import ScriptLibrary, TopicSettings, group_topics, repeated_utterances, script_edits
from kefu.text.outcome import OutcomeReader

__all__ = [
    "Addition",
    "Balanced",
    "Better",
    "Block",
    "Changed",
    "Chart",
    "Checked",
    "Column",
    "Computed",
    "Context",
    "Count",
    "DatedTable",
    "DayCounts",
    "Earliest",
    "Estimate",
    "Evidence",
    "Figure",
    "Figures",
    "Goal",
    "Group",
    "Listed",
    "Listing",
    "Marked",
    "Metric",
    "Note",
    "OutcomeReader",
    "Pairs",
    "Peak",
    "Period",
    "PeriodTable",
    "Quantile",
    "Quantity",
    "RankCorrelation",
    "Ratio",
    "Reading",
    "Reason",
    "Report",
    "Rows",
    "Scorecard",
    "Scored",
    "ScriptLibrary",
    "Section",
    "Seen",
    "SessionColumns",
    "Spread",
    "Sum",
    "Table",
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
    "agent_time",
    "bar_chart",
    "col",
    "column_chart",
    "group_topics",
    "hookimpl",
    "line_chart",
    "lit",
    "repeated_utterances",
    "script_edits",
    "when",
]
