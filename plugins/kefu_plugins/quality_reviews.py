"""质检 · Quality reviews: their mean score, and how many found a fatal or another error.

A review counts with its session, and for the agent that it names; one that names none is for the only agent of its
session. A review that does not tell its errors has none, and lowers the coverage.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import Count, Evidence, Metric, Ratio, Sum, Title, col, hookimpl
from kefu_plugins._sources import BASIC_TARGETS

MILLION = 10**6


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``qa_score``, ``fatal_error_rate`` and ``nonfatal_error_rate``."""
    reviews, scored = Count(), Count(col("score").is_not_null())
    score = Metric(
        name="qa_score",
        title=Title(zh="质检分数", en="Quality score"),
        on="reviews",
        measures={
            "score_millionths": Sum((col("score") * MILLION).round().cast(pl.Int64)),
            "scored_reviews": scored,
            "reviews": reviews,
        },
        value=Ratio("score_millionths", "scored_reviews", per=MILLION),
        coverage=Ratio("scored_reviews", "reviews"),
        unit="points",
        better="higher",
        source=BASIC_TARGETS,
        reads=Title(zh="质检分数的平均值", en="mean score of the reviews that have one"),
        needs=("reviews",),
        left_out={Title(zh="没有分数", en="no score"): col("score").is_null()},
        evidence=(
            Evidence(
                col("session_id").is_not_null(),
                Title(
                    zh="{agent_id}：{score} 分，致命错误 {fatal_errors}，非致命错误 {nonfatal_errors}",
                    en="{agent_id}: score {score}, fatal errors {fatal_errors}, others {nonfatal_errors}",
                ),
                on="reviews",
            ),
        ),
    )

    def errors(column: str, name: str, title: Title, what: Title) -> Metric:
        return score.companion(
            name,
            title,
            measures={
                f"reviews_with_{column}": Count(col(column) >= 1),
                "reviews": reviews,
                f"{column}_known": Count(col(column).is_not_null()),
            },
            value=Ratio(f"reviews_with_{column}", "reviews"),
            coverage=Ratio(f"{column}_known", "reviews"),
            unit="ratio",
            better="lower",
            reads=Title(zh=f"至少有一处{what.zh}的质检 ÷ 质检", en=f"reviews with at least one {what.en} ÷ reviews"),
            left_out={},
            only_covered=True,
        )

    fatal, other = Title(zh="致命错误", en="fatal error"), Title(zh="非致命错误", en="non-fatal error")
    return [
        score,
        errors("fatal_errors", "fatal_error_rate", Title(zh="致命错误率", en="Fatal error rate"), fatal),
        errors("nonfatal_errors", "nonfatal_error_rate", Title(zh="非致命错误率", en="Non-fatal error rate"), other),
    ]
