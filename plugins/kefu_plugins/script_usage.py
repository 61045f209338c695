"""智能预存应用率 · Script usage: how often agents send prepared utterances.

A use is an agent message whose script the platform logged, or whose text is one of the scripts, slots filled.
High is good: prepared answers are quick and right. It can be above 1, since a session can hold several uses.
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
    ScriptLibrary,
    Sum,
    Tally,
    TextColumn,
    Title,
    col,
    hookimpl,
    lit,
)
from kefu_plugins._sources import TEN_METRICS

BY_AGENT = col("role") == "agent"
USED = BY_AGENT & (col("script_id").is_not_null() | col("matched_script").is_not_null())


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Match agent messages with the scripts where the platform logged no use; count the uses."""
    scripts = context.table("scripts")
    if scripts is None:
        matched = TextColumn("matched_script", where=lit(value=False), compute=lambda texts: texts, dtype=pl.String())
    else:
        unlogged = BY_AGENT & col("script_id").is_null()
        matched = TextColumn("matched_script", where=unlogged, compute=ScriptLibrary(scripts).match, dtype=pl.String())
    return [
        matched,
        Tally("script_uses", of=USED),
    ]


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
                USED, Title(zh="使用脚本 {script_id}{matched_script}", en="a use of script {script_id}{matched_script}")
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
