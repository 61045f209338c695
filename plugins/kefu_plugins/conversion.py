"""转化率 · Conversion: contacts that ended in a purchase, of those where that is known."""

from __future__ import annotations

from kefu.plugin import Count, Metric, Ratio, Title, col, hookimpl
from kefu_plugins._sources import FIRST_METRICS


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``conversion_rate``."""
    known = col("contact") & col("converted").is_not_null()
    return [
        Metric(
            name="conversion_rate",
            title=Title(zh="转化率", en="Conversion rate"),
            on="sessions",
            measures={
                "converted_contacts": Count(col("contact") & col("converted")),
                "conversion_known": Count(known),
                "contacts": Count(col("contact")),
            },
            value=Ratio("converted_contacts", "conversion_known"),
            coverage=Ratio("conversion_known", "contacts"),
            unit="ratio",
            better="higher",
            group="organisation",
            source=FIRST_METRICS,
            reads=Title(
                zh="成交的客户会话 ÷ 是否成交已知的客户会话", en="contacts that converted ÷ contacts where it is known"
            ),
            left_out={Title(zh="是否成交未知", en="conversion unknown"): col("contact") & col("converted").is_null()},
        ),
    ]
