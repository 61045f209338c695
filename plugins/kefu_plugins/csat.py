"""客户满意度 · CSAT: what customers say of the service.

The mean of ``csat`` as a share of its scale, and the share of ratings at or above 80 % of it. A rating outside its
scale is none: the session is left out, and says why.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import Context, Count, Metric, Ratio, Sum, Title, col, hookimpl
from kefu_plugins._sources import FIRST_METRICS

SCALE = 5
"""The top of the scale where a session does not tell it."""
BILLION = 10**9


@hookimpl
def kefu_metrics(context: Context) -> list[Metric]:
    """Offer ``csat`` and ``csat_satisfied_share``."""
    top = col("csat_max").fill_null(SCALE)
    rated = ((top > 0) & (col("csat") <= top)).fill_null(value=False)
    # a rating that is none is divided by nothing: where the scale is 0, that would be infinite
    share = (col("csat") / pl.when(rated).then(top) * BILLION).round().cast(pl.Int64)
    percent = f"{context.thresholds.satisfied_share:.0%}"
    counts = {"rated_sessions": Count(rated), "all_sessions": Count()}
    csat = Metric(
        name="csat",
        title=Title(zh="客户满意度", en="Customer satisfaction"),
        on="sessions",
        measures={"csat_billionths": Sum(share, where=rated), **counts},
        value=Ratio("csat_billionths", "rated_sessions", per=BILLION),
        coverage=Ratio("rated_sessions", "all_sessions"),
        unit="ratio",
        better="higher",
        source=FIRST_METRICS,
        reads=Title(
            zh=f"评分 ÷ 满分（未注明时为 {SCALE}）的平均值，仅计有评分的会话",
            en=f"mean of csat ÷ csat_max ({SCALE} where it is not told) over rated sessions",
        ),
        left_out={Title(zh="评分超出量表", en="rating outside its scale"): col("csat").is_not_null() & ~rated},
    )
    satisfied = rated & (share >= round(context.thresholds.satisfied_share * BILLION))
    return [
        csat,
        csat.companion(
            "csat_satisfied_share",
            Title(zh="满意率", en="Satisfied share"),
            measures={"satisfied_sessions": Count(satisfied), **counts},
            value=Ratio("satisfied_sessions", "rated_sessions"),
            coverage=Ratio("rated_sessions", "all_sessions"),
            reads=Title(
                zh=f"评分不低于满分 {percent} 的会话 ÷ 有评分的会话",
                en=f"sessions rated at or above {percent} of the scale ÷ rated sessions",
            ),
        ),
    ]
