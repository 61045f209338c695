"""智能预存应用率 · Script usage: how often agents send prepared utterances.

A use is an agent message whose script the platform logged, or whose text is one of the scripts: word for word, slots
filled, with words around it, or edited (docs/scripts.md).
High is good: prepared answers are quick and right. It can be above 1, since a session can hold several uses.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import (
    Addition,
    Context,
    Count,
    Evidence,
    Listing,
    Metric,
    Ratio,
    ScriptLibrary,
    Sum,
    Tally,
    TextColumn,
    Title,
    col,
    hookimpl,
    lit,
)
from kefu_plugins._script_lists import listings
from kefu_plugins._sources import TEN_METRICS

BY_AGENT = col("role") == "agent"
USED = BY_AGENT & (col("script_id").is_not_null() | col("matched_script").is_not_null())


MATCH = pl.Struct({"matched_script": pl.String(), "match_kind": pl.String(), "match_confidence": pl.UInt16()})


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Match agent messages with the scripts where the platform logged no use; count the uses."""
    scripts = context.table("scripts")
    if scripts is None:
        nothing = lit(value=False)
        matched = TextColumn("script_match", where=nothing, compute=lambda texts: texts, dtype=MATCH)
    else:
        library = ScriptLibrary(scripts, context.thresholds.script_confidence)
        unlogged = BY_AGENT & col("script_id").is_null()
        matched = TextColumn("script_match", where=unlogged, compute=library.matches, dtype=MATCH)
    return [
        matched,
        Tally("script_uses", of=USED),
    ]


@hookimpl
def kefu_listings() -> list[Listing]:
    """List uses and edits of scripts, and what should become one."""
    return listings(USED, BY_AGENT)


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``script_usage_rate``, ``scripted_message_share`` and ``scripted_session_share``."""
    uses, human = Sum(col("script_uses")), Count(col("human"))
    usage = Metric(
        name="script_usage_rate",
        title=Title(zh="智能预存应用率", en="Script usage rate"),
        on="sessions",
        measures={"script_uses": uses, "human_sessions": human},
        value=Ratio("script_uses", "human_sessions"),
        unit="ratio",
        better="higher",
        group="intelligence",
        source=TEN_METRICS,
        reads=Title(
            zh="使用预存脚本的客服消息 ÷ 人工会话",
            en="agent messages that are uses of a script ÷ human sessions",
        ),
        needs=(("messages.script_id", "scripts"),),
        evidence=(
            Evidence(
                BY_AGENT & col("script_id").is_not_null(),
                Title(zh="平台记录：使用脚本 {script_id}", en="logged: a use of script {script_id}"),
            ),
            Evidence(
                BY_AGENT & col("script_id").is_null() & col("matched_script").is_not_null(),
                Title(
                    zh="匹配脚本 {matched_script}（{match_kind}，可信度 {match_confidence}‰）",
                    en="matches script {matched_script} ({match_kind}, confidence {match_confidence} ‰)",
                ),
            ),
        ),
    )
    return [
        usage,
        usage.companion(
            "scripted_message_share",
            Title(zh="预存话术消息占比", en="Scripted share of messages"),
            measures={"script_uses": uses, "agent_messages": Sum(col("agent_messages"))},
            value=Ratio("script_uses", "agent_messages"),
            reads=Title(
                zh="使用预存脚本的客服消息 ÷ 客服消息",
                en="agent messages that are uses of a script ÷ agent messages",
            ),
        ),
        usage.companion(
            "scripted_session_share",
            Title(zh="预存话术会话占比", en="Scripted share of sessions"),
            measures={"scripted_sessions": Count(col("human") & (col("script_uses") > 0)), "human_sessions": human},
            value=Ratio("scripted_sessions", "human_sessions"),
            reads=Title(
                zh="用过预存脚本的人工会话 ÷ 人工会话",
                en="human sessions with a use of a script ÷ human sessions",
            ),
        ),
    ]
