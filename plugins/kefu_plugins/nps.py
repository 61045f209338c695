"""净推荐值 · NPS: would customers recommend the service?

The share of ratings of 9 and 10 less the share of 0 to 6, × 100: from −100 to 100.
"""

from __future__ import annotations

from kefu.plugin import Count, Metric, Ratio, Title, Total, col, hookimpl
from kefu_plugins._sources import FIRST_METRICS

PROMOTER, DETRACTOR = 9, 6


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``nps``."""
    return [
        Metric(
            name="nps",
            title=Title(zh="净推荐值", en="Net promoter score"),
            on="sessions",
            measures={
                "promoters": Count(col("nps") >= PROMOTER),
                "detractors": Count(col("nps") <= DETRACTOR),
                "nps_ratings": Count(col("nps").is_not_null()),
                "all_sessions": Count(),
            },
            value=Ratio(Total("promoters", minus=("detractors",)), "nps_ratings", times=100),
            coverage=Ratio("nps_ratings", "all_sessions"),
            unit="points",
            better="higher",
            source=FIRST_METRICS,
            reads=Title(
                zh="（9–10 分的评分 − 0–6 分的评分）÷ 评分 × 100",
                en="(ratings of 9–10 − ratings of 0–6) ÷ ratings × 100",
            ),
        ),
    ]
