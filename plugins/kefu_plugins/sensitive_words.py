"""敏感词出现率 · Sensitive words: what agents should never write.

Counts occurrences in agent messages of the words in the lexicon ``sensitive``; word boundaries are checked, so
操作 is no hit. Customers' words do not count.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import (
    Addition,
    Context,
    Count,
    Evidence,
    Metric,
    Ratio,
    Sum,
    Tally,
    TextColumn,
    Title,
    col,
    hookimpl,
)
from kefu_plugins._sources import TEN_METRICS

BY_AGENT = col("role") == "agent"


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Count the sensitive words of each agent message."""
    return [
        TextColumn(
            "sensitive_words",
            where=BY_AGENT,
            compute=context.words("sensitive").counts,
            dtype=pl.UInt32(),
            default=0,
        ),
        Tally("sensitive_hits", of=col("sensitive_words")),
    ]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``sensitive_word_rate`` and ``sensitive_session_share``."""
    human = Count(col("human"))
    rate = Metric(
        name="sensitive_word_rate",
        title=Title(zh="敏感词出现率", en="Sensitive-word rate"),
        on="sessions",
        measures={"sensitive_hits": Sum(col("sensitive_hits")), "human_sessions": human},
        value=Ratio("sensitive_hits", "human_sessions"),
        unit="ratio",
        better="lower",
        source=TEN_METRICS,
        reads=Title(
            zh="客服消息中敏感词出现的次数 ÷ 人工会话",
            en="occurrences of sensitive words in agent messages ÷ human sessions",
        ),
        evidence=(
            Evidence(
                BY_AGENT & (col("sensitive_words") > 0),
                Title(zh="敏感词 {sensitive_words} 个", en="{sensitive_words} sensitive word(s)"),
            ),
        ),
    )
    return [
        rate,
        rate.companion(
            "sensitive_session_share",
            Title(zh="敏感词会话占比", en="Sensitive share of sessions"),
            measures={"sensitive_sessions": Count(col("human") & (col("sensitive_hits") > 0)), "human_sessions": human},
            value=Ratio("sensitive_sessions", "human_sessions"),
            reads=Title(
                zh="客服用过敏感词的人工会话 ÷ 人工会话",
                en="human sessions with a sensitive word in an agent message ÷ human sessions",
            ),
        ),
    ]
