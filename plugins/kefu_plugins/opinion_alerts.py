"""舆情监测及时率 · Opinion-alert timeliness: how soon public-opinion risks are noticed.

A session is an opinion session from the first customer message with a feature (exposure, regulators, media, group
action, safety). An alert before that is in time; the delay is then 0.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import (
    Addition,
    Context,
    Count,
    Earliest,
    Evidence,
    Metric,
    Quantile,
    Ratio,
    Spread,
    TextColumn,
    Title,
    col,
    hookimpl,
    lit,
)
from kefu_plugins._sources import TEN_METRICS

FEATURE = col("opinion_features") > 0


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Look for features in customer messages; note the first, and the first alert."""
    return [
        TextColumn(
            "opinion_features",
            where=col("role") == "customer",
            compute=context.words("opinion").counts,
            dtype=pl.UInt32(),
            default=0,
        ),
        Earliest("opinion_at", of="sent_at", where=FEATURE),
        Earliest("alerted_at", of="raised_at", on="alerts"),
    ]


@hookimpl
def kefu_metrics(context: Context) -> list[Metric]:
    """Offer ``opinion_alert_timeliness``, ``opinion_alert_missed_rate``, ``alert_delay_p50``, ``false_alert_share``."""
    minutes = context.thresholds.opinion_alert_minutes
    limit = pl.duration(minutes=minutes)
    delay = (col("alerted_at") - col("opinion_at")).dt.total_milliseconds()
    opinion = col("opinion_at").is_not_null()
    in_time = Count(col("alerted_at") <= col("opinion_at") + limit)
    timeliness = Metric(
        name="opinion_alert_timeliness",
        title=Title(zh="舆情监测及时率", en="Opinion-alert timeliness"),
        on="sessions",
        measures={"alerted_in_time": in_time, "opinion_sessions": Count(opinion)},
        value=Ratio("alerted_in_time", "opinion_sessions"),
        unit="ratio",
        better="higher",
        source=TEN_METRICS,
        reads=Title(
            zh=f"最迟在首次出现舆情特征后 {minutes} 分钟有预警的舆情会话 ÷ 舆情会话",
            en=f"opinion sessions with an alert no later than the first feature + {minutes} min ÷ opinion sessions",
        ),
        needs=("alerts",),
        evidence=(
            Evidence(FEATURE, Title(zh="舆情特征", en="a public-opinion feature"), marks="opinion", keep=opinion),
            Evidence(lit(value=True), Title(zh="预警", en="alert"), on="alerts", keep=col("alerted_at").is_not_null()),
        ),
    )
    return [
        timeliness,
        timeliness.companion(
            "opinion_alert_missed_rate",
            Title(zh="舆情漏报率", en="Opinion alerts missed"),
            measures={
                "never_alerted": Count(opinion & col("alerted_at").is_null()),
                "opinion_sessions": Count(opinion),
            },
            value=Ratio("never_alerted", "opinion_sessions"),
            reads=Title(
                zh="没有任何预警的舆情会话 ÷ 舆情会话",
                en="opinion sessions without any alert ÷ opinion sessions",
            ),
            better="lower",
        ),
        timeliness.companion(
            "alert_delay_p50",
            Title(zh="预警延迟中位数", en="Alert delay, median"),
            measures={"alerted": Spread(delay, where=opinion), "opinion_sessions": Count(opinion)},
            value=Quantile("alerted", 50, per=1000),
            coverage=Ratio("alerted", "opinion_sessions"),
            reads=Title(
                zh="有预警的舆情会话中，首次预警时间 − 首次出现舆情特征的时间（不低于 0）的中位数",
                en="median of first alert − first feature, not below 0, over opinion sessions with an alert",
            ),
            unit="seconds",
            better="lower",
        ),
        timeliness.companion(
            "false_alert_share",
            Title(zh="误报占比", en="False-alert share"),
            measures={
                "false_alerts": Count(col("opinion_at").is_null(), on="alerts"),
                "alerts": Count(on="alerts"),
            },
            value=Ratio("false_alerts", "alerts"),
            reads=Title(
                zh="没有舆情特征的会话的预警 ÷ 全部预警",
                en="alerts of sessions without a feature ÷ alerts",
            ),
            better="lower",
        ),
    ]
