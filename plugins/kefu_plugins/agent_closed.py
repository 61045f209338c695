"""客服主动对话关闭率 · Agent-closed rate: how often the agent ends the session.

Counts human sessions whose closer is known; the others lower the coverage, not the rate. *Abrupt* is the risky
kind: the customer spoke last, and the agent closed.
"""

from __future__ import annotations

from kefu.plugin import Count, Evidence, Metric, Ratio, Title, col, hookimpl
from kefu_plugins._sources import TEN_METRICS


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``agent_closed_rate`` and ``abrupt_close_rate``."""
    known, human = Count(col("human") & col("closed_by").is_not_null()), Count(col("human"))
    closed = Metric(
        name="agent_closed_rate",
        title=Title(zh="客服主动对话关闭率", en="Agent-closed rate"),
        on="sessions",
        measures={"agent_closed": Count(col("agent_closed")), "closer_known": known, "human_sessions": human},
        value=Ratio("agent_closed", "closer_known"),
        coverage=Ratio("closer_known", "human_sessions"),
        unit="ratio",
        better="lower",
        source=TEN_METRICS,
        reads=Title(
            zh="由客服结束的人工会话 ÷ 结束方已知的人工会话",
            en="human sessions that the agent ended ÷ human sessions whose closer is known",
        ),
        left_out={Title(zh="结束方未知", en="closer unknown"): col("human") & col("closed_by").is_null()},
        evidence=(
            Evidence(
                col("agent_closed") & col("last_spoken"),
                Title(zh="客服关闭前的最后一句", en="the last word before the agent closed"),
            ),
        ),
    )
    return [
        closed,
        closed.companion(
            "abrupt_close_rate",
            Title(zh="突兀关闭率", en="Abrupt-close rate"),
            measures={"abrupt": Count(col("abrupt")), "closer_known": known, "human_sessions": human},
            value=Ratio("abrupt", "closer_known"),
            coverage=Ratio("closer_known", "human_sessions"),
            reads=Title(
                zh="客户说了最后一句、却由客服结束的人工会话 ÷ 结束方已知的人工会话",
                en="human sessions that the agent ended although the customer spoke last ÷ those whose closer is known",
            ),
            evidence=(
                Evidence(
                    col("abrupt") & col("last_spoken"),
                    Title(zh="未获回复即被关闭", en="left without an answer"),
                    keep=col("abrupt"),
                ),
            ),
        ),
    ]
