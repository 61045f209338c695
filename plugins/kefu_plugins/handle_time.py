"""平均处理时长 · Handle time (AHT): what a human session takes, with the work after it.

From the first agent message to the end, plus wrap-up. Hold is part of that, and stands on its own as well. Wrap-up and
hold of a session belong to the agent of its last agent message.
"""

from __future__ import annotations

from kefu.plugin import Count, Evidence, Metric, Ratio, Sum, Title, Total, col, hookimpl
from kefu_plugins._sources import FIRST_METRICS


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``handle_time`` and ``hold_time``."""
    human = Count(col("human"))
    held = col("human") & col("hold_ms").is_not_null()
    handle = Metric(
        name="handle_time",
        title=Title(zh="平均处理时长", en="Handle time"),
        on="sessions",
        measures={
            "service_ms": Sum(col("service_ms"), where=col("human")),
            "wrap_up_ms": Sum(col("wrap_up_ms"), where=col("human")),
            "human_sessions": human,
            "wrap_up_known": Count(col("human") & col("wrap_up_ms").is_not_null()),
        },
        value=Ratio(Total("service_ms", "wrap_up_ms"), "human_sessions", per=1000),
        coverage=Ratio("wrap_up_known", "human_sessions"),
        unit="seconds",
        better="lower",
        group="efficiency",
        source=FIRST_METRICS,
        reads=Title(
            zh="（服务时长 + 话后处理时长）之和 ÷ 人工会话", en="(service time + wrap-up) ÷ human sessions, in seconds"
        ),
        evidence=(Evidence(col("service_edge"), Title(zh="服务的开始或结束", en="begin or end of the service")),),
    )
    return [
        handle,
        handle.companion(
            "hold_time",
            Title(zh="平均保持时长", en="Hold time"),
            measures={
                "hold_ms": Sum(col("hold_ms"), where=col("human")),
                "hold_known": Count(held),
                "human_sessions": human,
            },
            value=Ratio("hold_ms", "hold_known", per=1000),
            coverage=Ratio("hold_known", "human_sessions"),
            evidence=(),
            reads=Title(
                zh="保持时长之和 ÷ 保持时长已知的人工会话；它是处理时长的一部分",
                en="time on hold ÷ human sessions where it is known, in seconds; it is part of the handle time",
            ),
        ),
    ]
