"""服务对话互动次数 · Interactions per session: how much back and forth a human session takes.

An interaction is an answered turn with at least one customer message. Many may mean a hard question, or answers
that do not help; few may mean short service. Read it beside the reply interval and the resolution.
"""

from __future__ import annotations

from kefu.plugin import Count, Evidence, Metric, Ratio, Sum, Title, col, hookimpl
from kefu_plugins._sources import TEN_METRICS


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``interactions_per_session`` and ``messages_per_session``."""
    human = Count(col("human"))
    interactions = Metric(
        name="interactions_per_session",
        title=Title(zh="服务对话互动次数", en="Interactions per session"),
        on="sessions",
        measures={"interactions": Sum(col("interactions"), where=col("human")), "human_sessions": human},
        value=Ratio("interactions", "human_sessions"),
        unit="count",
        better="middle",
        group="efficiency",
        source=TEN_METRICS,
        reads=Title(
            zh="含有客户消息且已获回复的轮次 ÷ 人工会话",
            en="answered turns that hold a customer message ÷ human sessions",
        ),
        evidence=(
            Evidence(col("reply_ms").is_not_null() & col("asked"), Title(zh="回复客户", en="answers the customer")),
        ),
    )
    return [
        interactions,
        interactions.companion(
            "messages_per_session",
            Title(zh="次均消息数", en="Messages per session"),
            measures={"messages": Sum(col("messages"), where=col("human")), "human_sessions": human},
            value=Ratio("messages", "human_sessions"),
            reads=Title(
                zh="人工会话中客户、机器人与客服的消息 ÷ 人工会话",
                en="customer, bot and agent messages of human sessions ÷ human sessions",
            ),
            evidence=(),
        ),
    ]
