"""平均回复间隔时长 · Reply interval: how long customers wait for an agent's answer.

A turn is a run of customer messages that waits for a human answer; the clock runs from its first message, or from
the hand-off for the first one. What an agent adds after the answer is no further reply. Turns without an answer
have no interval: they show in ``pending_turn_rate``.
"""

from __future__ import annotations

from kefu.plugin import Count, Evidence, Metric, Quantile, Ratio, Spread, Sum, Title, col, hookimpl
from kefu_plugins._sources import TEN_METRICS

SECOND = 1000
"""Milliseconds."""


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``reply_interval`` and its companions: percentiles, first responses, service time, pending turns."""
    reply, human = col("reply_ms"), Count(col("human"))
    interval = Metric(
        name="reply_interval",
        title=Title(zh="平均回复间隔时长", en="Reply interval"),
        on="turns",
        measures={"reply_ms": Sum(reply), "answered_turns": Count()},
        value=Ratio("reply_ms", "answered_turns", per=SECOND),
        unit="seconds",
        better="lower",
        group="efficiency",
        source=TEN_METRICS,
        reads=Title(
            zh="已获回复的轮次中，从开始等待（客户首条消息，或转人工）到客服回复的平均时长",
            en="mean time from the first waiting customer message, or the hand-off, to the agent's answer, "
            "over answered turns",
        ),
        evidence=(
            Evidence(
                col("reply_ms").is_not_null(), Title(zh="{reply_ms} 毫秒后回复", en="answered after {reply_ms} ms")
            ),
        ),
    )
    first = interval.companion(
        "first_response",
        Title(zh="平均首次响应时长", en="First response"),
        measures={"first_reply_ms": Sum(reply, where=col("first")), "first_responses": Count(col("first"))},
        value=Ratio("first_reply_ms", "first_responses", per=SECOND),
        reads=Title(
            zh="各会话首个已获回复的轮次的平均回复间隔",
            en="mean reply interval of each session's first answered turn",
        ),
        evidence=(
            Evidence(col("first"), Title(zh="{reply_ms} 毫秒后首次响应", en="first response after {reply_ms} ms")),
        ),
    )
    return [
        interval,
        *(_percentile(interval, percent) for percent in (50, 90)),
        first,
        first.companion(
            "first_response_p90",
            Title(zh="首次响应时长P90", en="First response, 90th percentile"),
            measures={"first_responses": Spread(reply, where=col("first"))},
            value=Quantile("first_responses", 90, per=SECOND),
            reads=Title(
                zh="各会话首个已获回复的轮次的回复间隔的第 90 百分位数",
                en="90th percentile of the reply interval of each session's first answered turn",
            ),
            companion_of=interval.name,
        ),
        interval.companion(
            "service_time_per_session",
            Title(zh="次均服务时长", en="Service time per session"),
            on="sessions",
            measures={"service_ms": Sum(col("service_ms"), where=col("human")), "human_sessions": human},
            value=Ratio("service_ms", "human_sessions", per=SECOND),
            reads=Title(
                zh="从客服首条消息到会话结束的时长 ÷ 人工会话",
                en="time from the first agent message to the end ÷ human sessions",
            ),
            better="middle",
            evidence=(Evidence(col("service_edge"), Title(zh="服务的开始或结束", en="begin or end of the service")),),
        ),
        interval.companion(
            "pending_turn_rate",
            Title(zh="末轮未回复率", en="Pending-turn rate"),
            on="sessions",
            unit="ratio",
            measures={"pending_turns": Count(col("human") & col("pending_turn")), "human_sessions": human},
            value=Ratio("pending_turns", "human_sessions"),
            reads=Title(
                zh="末轮未获回复的人工会话 ÷ 人工会话",
                en="human sessions that end on a turn without an answer ÷ human sessions",
            ),
            evidence=(Evidence(col("pending_turn") & col("last_spoken"), Title(zh="始终未回复", en="never answered")),),
        ),
    ]


def _percentile(interval: Metric, percent: int) -> Metric:
    return interval.companion(
        f"reply_interval_p{percent}",
        Title(zh=f"回复间隔P{percent}", en=f"Reply interval, {percent}th percentile"),
        measures={"answered_turns": Spread(col("reply_ms"))},
        value=Quantile("answered_turns", percent, per=SECOND),
        reads=Title(
            zh=f"已获回复的轮次的回复间隔的第 {percent} 百分位数",
            en=f"{percent}th percentile of the reply interval, over answered turns",
        ),
    )
