"""转接率 · Transfers: human sessions that more than one agent served."""

from __future__ import annotations

from kefu.plugin import Count, Evidence, Metric, Ratio, Title, col, hookimpl
from kefu_plugins._sources import FIRST_METRICS


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``transfer_rate``."""
    return [
        Metric(
            name="transfer_rate",
            title=Title(zh="转接率", en="Transfer rate"),
            on="sessions",
            measures={
                "transferred_sessions": Count(col("human") & (col("services") > 1)),
                "human_sessions": Count(col("human")),
            },
            value=Ratio("transferred_sessions", "human_sessions"),
            unit="ratio",
            better="lower",
            group="efficiency",
            source=FIRST_METRICS,
            reads=Title(
                zh="由两名或以上客服服务的人工会话 ÷ 人工会话",
                en="human sessions with two or more services ÷ human sessions",
            ),
            evidence=(
                Evidence(
                    (col("role") == "agent") & col("service_edge") & (col("services") > 1),
                    Title(zh="{sender_id} 开始服务", en="{sender_id} begins to serve"),
                ),
            ),
        ),
    ]
