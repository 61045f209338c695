"""人均同时对话数 · Peak concurrency: how many services an agent has open at once.

Rebuilt from the past: a service occupies the time from the agent's first message to its end. An agent's peak is
the highest of the days; the value is the mean over agents. An agent's attention is not divided by channel or queue,
so those groups have no value.
"""

from __future__ import annotations

from kefu.plugin import Context, Count, Metric, Pairs, Peak, RankCorrelation, Ratio, Sum, Title, col, hookimpl
from kefu_plugins._sources import TEN_METRICS


@hookimpl
def kefu_metrics(context: Context) -> list[Metric]:
    """Offer ``peak_concurrency``, ``mean_concurrency``, ``outside_band_share``, ``concurrency_reply_correlation``."""
    limits = context.thresholds
    low, high = limits.band_senior_least, limits.band_senior_most
    peak = {"peak": Peak(col("peak"))}
    concurrency = Metric(
        name="peak_concurrency",
        title=Title(zh="人均同时对话数", en="Peak concurrency"),
        on="agent_days",
        measures=peak,
        each=("agent_id",),
        over={"peak_total": Sum(col("peak")), "agents": Count()},
        value=Ratio("peak_total", "agents"),
        unit="count",
        better="middle",
        group="efficiency",
        source=TEN_METRICS,
        reads=Title(
            zh="每位客服同一时刻最多进行中的服务数，取各日最高，再对客服求平均",
            en="mean over agents of the most services open at one instant, on the highest of the days",
        ),
    )
    outside = (col("level") == "new") & (col("peak") > limits.band_new_most)
    outside |= (col("level") == "senior") & ~col("peak").is_between(low, high)
    return [
        concurrency,
        concurrency.companion(
            "mean_concurrency",
            Title(zh="平均同时对话数", en="Mean concurrency"),
            measures={"in_service_ms": Sum(col("in_service_ms")), "open_ms": Sum(col("open_ms"))},
            value=Ratio("in_service_ms", "open_ms"),
            reads=Title(
                zh="各客服服务时长之和 ÷ 各客服至少有一个服务进行中的时长之和",
                en="time in services ÷ time with at least one open, over agents",
            ),
        ),
        concurrency.companion(
            "outside_band_share",
            Title(zh="并发超区间占比", en="Outside the band"),
            measures=peak,
            each=("agent_id", "level"),
            over={
                "agents_outside": Count(outside),
                "agents_with_level": Count(col("level").is_not_null()),
                "agents": Count(),
            },
            value=Ratio("agents_outside", "agents_with_level"),
            coverage=Ratio("agents_with_level", "agents"),
            unit="ratio",
            better="lower",
            reads=Title(
                zh=f"并发峰值高于 {limits.band_new_most} 的新客服与不在 {low}–{high} 之间的资深客服 ÷ 级别已知的客服",
                en=f"agents whose peak is above {limits.band_new_most} (new) or outside {low}–{high} (senior) "
                "÷ agents with a known level",
            ),
        ),
        concurrency.companion(
            "concurrency_reply_correlation",
            Title(zh="并发与回复间隔相关性", en="Concurrency and reply interval"),
            measures={**peak, "reply_ms": Sum(col("reply_ms")), "replies": Sum(col("replies"))},
            each=("agent_id", "date"),
            over={"agent_days": Pairs("peak", "reply_ms", "replies")},
            value=RankCorrelation("agent_days"),
            unit="correlation",
            reads=Title(
                zh="以每位客服的每一天为一点，并发峰值与平均回复间隔的斯皮尔曼等级相关系数",
                en="Spearman's rank correlation, over agents and days, of peak and mean reply interval",
            ),
        ),
    ]
