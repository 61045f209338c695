"""敏感词出现率 · Sensitive words: what agents should never write.

Counts occurrences in agent messages of the words in the lexicon ``sensitive``; word boundaries are checked, so
操作 is no hit. What customers write is no part of it: see ``customer_abuse``.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import polars as pl

from kefu.plugin import (
    Addition,
    Context,
    Count,
    Evidence,
    Listed,
    Listing,
    Metric,
    Ratio,
    Sum,
    Tally,
    TextColumn,
    Title,
    Words,
    col,
    hookimpl,
)
from kefu_plugins._sources import TEN_METRICS

BY_AGENT = col("role") == "agent"
SAID = BY_AGENT & (col("sensitive_words") > 0)


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
                SAID,
                Title(zh="敏感词 {sensitive_words} 个", en="{sensitive_words} sensitive word(s)"),
                marks="sensitive",
                keep=col("sensitive_hits") > 0,
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


@hookimpl
def kefu_listings(context: Context) -> list[Listing]:
    """List the words that were said."""
    return [
        Listing(
            name="sensitive_words",
            title=Title(zh="敏感词", en="Sensitive words"),
            reads=Title(zh="客服说过的敏感词，严重的在前", en="the sensitive words that agents used, the worst first"),
            where=SAID,
            needs=("session_id", "sender_id", "text"),
            gather=partial(words_said, words=context.words),
            keys={**dict.fromkeys(("word", "category", "sender_id"), pl.String()), "severity": pl.UInt8()},
            sums=("hits", "sessions"),
            least={"text": pl.String(), "session_id": pl.String()},
            build=by_word,
            columns={
                "word": Title(zh="敏感词", en="Word"),
                "category": Title(zh="类别", en="Category"),
                "severity": Title(zh="严重度", en="Severity"),
                "hits": Title(zh="次数", en="Hits"),
                "sessions": Title(zh="会话", en="Sessions"),
                "agents": Title(zh="客服人数", en="Agents"),
                "text": Title(zh="例句", en="Example"),
                "session_id": Title(zh="例句会话", en="Its session"),
            },
        )
    ]


def words_said(messages: pl.DataFrame, words: Callable[[str], Words]) -> pl.DataFrame:
    """Count each word by who said it."""
    hits = words("sensitive").find(messages["text"]).rename({"text": "row"})
    said = messages.with_row_index("row").join(hits, on="row")
    return said.group_by("word", "category", "severity", pl.col("sender_id").fill_null("unknown")).agg(
        _example(), hits=pl.len(), sessions=pl.col("session").n_unique()
    )


def by_word(rows: pl.DataFrame, _: object, __: object) -> Listed:
    """Put the agents of each word together."""
    sums = pl.col("hits", "sessions").sum()
    whole = rows.group_by("word", "category", "severity").agg(sums, _example(), agents=pl.col("sender_id").n_unique())
    return Listed(whole.sort("severity", "hits", "word", descending=[True, True, False]))


def _example() -> pl.Expr:
    return pl.col("text", "session_id").sort_by("text", "session_id").first()
