"""放弃率 · Abandonment: who was handed to a human queue and met nobody; the complement is the connection rate."""

from __future__ import annotations

from kefu.plugin import Count, Evidence, Metric, Ratio, Title, col, hookimpl
from kefu_plugins._sources import FIRST_METRICS


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``abandonment_rate`` and ``connection_rate``."""
    handed_off = Count(col("handed_off"))
    abandonment = Metric(
        name="abandonment_rate",
        title=Title(zh="放弃率", en="Abandonment rate"),
        on="sessions",
        measures={"abandoned_sessions": Count(col("abandoned")), "handed_off_sessions": handed_off},
        value=Ratio("abandoned_sessions", "handed_off_sessions"),
        unit="ratio",
        better="lower",
        group="efficiency",
        source=FIRST_METRICS,
        reads=Title(
            zh="转人工后没有客服消息的会话 ÷ 转人工会话",
            en="handed-off sessions without an agent ÷ handed-off sessions",
        ),
        evidence=(
            Evidence(col("abandoned") & (col("event") == "handoff"), Title(zh="转人工", en="handed off")),
            Evidence(
                col("abandoned") & col("last_spoken"), Title(zh="放弃前的最后一句", en="the last word before giving up")
            ),
        ),
    )
    return [
        abandonment,
        abandonment.companion(
            "connection_rate",
            Title(zh="接通率", en="Connection rate"),
            measures={"connected_sessions": Count(col("human")), "handed_off_sessions": handed_off},
            value=Ratio("connected_sessions", "handed_off_sessions"),
            better="higher",
            reads=Title(zh="人工会话 ÷ 转人工会话", en="human sessions ÷ handed-off sessions"),
            evidence=(),
        ),
    ]
