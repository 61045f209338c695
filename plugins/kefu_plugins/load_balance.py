"""负载均衡 · Load balance: how evenly services are spread over agents and days.

1 less the Gini coefficient of the numbers of services of all agent-days: 1 is perfectly even.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from kefu.plugin import Computed, Metric, Rows, Sum, Title, col, hookimpl
from kefu_plugins._sources import EFFICIENCY


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``load_balance``."""
    return [
        Metric(
            name="load_balance",
            title=Title(zh="负载均衡", en="Load balance"),
            on="agent_output",
            measures={"services": Sum(col("services"))},
            each=("agent_id", "date"),
            over={"agent_days": Rows("services"), "services": Sum(col("services"))},
            value=Computed("agent_days", evenness, beside=("services",)),
            unit="ratio",
            better="higher",
            group="efficiency",
            source=EFFICIENCY,
            reads=Title(
                zh="1 − 每位客服每日服务数的基尼系数",
                en="1 − Gini coefficient of the numbers of services of agents and days",
            ),
        ),
    ]


def evenness(rows: Sequence[Mapping[str, Any]]) -> float | None:
    """Return 1 less the Gini coefficient; ``None`` without any services.

    >>> evenness([{"services": 5}, {"services": 5}]), evenness([{"services": 0}, {"services": 4}])
    (1.0, 0.5)
    """
    sizes = sorted(int(row["services"]) for row in rows)
    whole = len(sizes) * sum(sizes)
    uneven = sum((2 * place - len(sizes) - 1) * size for place, size in enumerate(sizes, start=1))
    return (whole - uneven) / whole if whole else None
