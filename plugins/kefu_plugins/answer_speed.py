"""服务水平 · Service level: how soon a person answers those who wait for one.

Only where the hand-off is told (an explicit ``H``): else nobody knows since when the customer waited.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import Context, Count, Evidence, Metric, Ratio, Sum, Title, col, hookimpl
from kefu_plugins._sources import FIRST_METRICS


@hookimpl
def kefu_metrics(context: Context) -> list[Metric]:
    """Offer ``service_level`` and ``speed_of_answer``."""
    seconds = context.thresholds.service_level_seconds
    answered = col("explicit") & col("human")
    wait = col("first_agent_at") - col("phase_at")
    level = Metric(
        name="service_level",
        title=Title(zh="服务水平", en="Service level"),
        on="sessions",
        measures={
            "answered_in_time": Count(answered & (wait <= pl.duration(seconds=seconds))),
            "explicit_handoffs": Count(col("explicit")),
            "handed_off_sessions": Count(col("handed_off")),
        },
        value=Ratio("answered_in_time", "explicit_handoffs"),
        coverage=Ratio("explicit_handoffs", "handed_off_sessions"),
        unit="ratio",
        better="higher",
        group="efficiency",
        source=FIRST_METRICS,
        reads=Title(
            zh=f"转人工后 {seconds} 秒内有客服首条消息的会话 ÷ 转人工时刻已知的转人工会话",
            en=f"sessions with the first agent message within {seconds} s of the hand-off ÷ sessions whose hand-off is "
            "told",
        ),
        left_out={Title(zh="转人工时刻未知", en="hand-off not told"): col("handed_off") & ~col("explicit")},
        evidence=(
            Evidence(col("event") == "handoff", Title(zh="转人工", en="handed off")),
            Evidence(
                (col("role") == "agent") & (col("nth_of_role") == 1), Title(zh="首条人工消息", en="first agent message")
            ),
        ),
    )
    waited = wait.dt.total_milliseconds().clip(lower_bound=0)
    return [
        level,
        level.companion(
            "speed_of_answer",
            Title(zh="平均应答速度", en="Speed of answer"),
            measures={
                "answer_ms": Sum(waited, where=answered),
                "answered_handoffs": Count(answered),
                "human_sessions": Count(col("human")),
            },
            value=Ratio("answer_ms", "answered_handoffs", per=1000),
            coverage=Ratio("answered_handoffs", "human_sessions"),
            unit="seconds",
            better="lower",
            reads=Title(
                zh="转人工到客服首条消息的平均时长，仅计转人工时刻已知的人工会话",
                en="mean from the hand-off to the first agent message, over human sessions whose hand-off is told",
            ),
            left_out={Title(zh="转人工时刻未知", en="hand-off not told"): col("human") & ~col("explicit")},
        ),
    ]
