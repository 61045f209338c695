"""What groups are called, and the order of metrics."""

from __future__ import annotations

from kefu.plugin import Metric, Reading, Title
from kefu_plugins._sources import TEN_METRICS

KINDS = {
    "intelligence": Title(zh="智能", en="Intelligence"),
    "quality": Title(zh="质量", en="Quality"),
    "efficiency": Title(zh="效率", en="Efficiency"),
    "organisation": Title(zh="组织", en="Organisation"),
}
"""The groups of metrics, in order."""

GROUPS = {
    "channel": Title(zh="渠道", en="Channel"),
    "queue": Title(zh="队列", en="Queue"),
    "scene": Title(zh="场景", en="Scene"),
    "team": Title(zh="团队", en="Team"),
    "agent_id": Title(zh="客服", en="Agent"),
}


def ten_metrics(reading: Reading) -> list[Metric]:
    """Return the ten metrics, group by group."""
    ten = [metric for metric in reading.metrics if metric.source == TEN_METRICS and metric.companion_of is None]
    return sorted(ten, key=lambda metric: [*KINDS].index(metric.group))
