"""缩水率 · Shrinkage: scheduled time that is not in service, planned and unplanned apart.

Sick and late are unplanned, break, training and meeting are planned, whatever was scheduled. Who is offline, or of whom
no state is told, is away as planned outside scheduled work, and absent inside it.
"""

from __future__ import annotations

from kefu.plugin import Metric, Ratio, Title, col, hookimpl
from kefu_plugins._agent_states import AWAY_AS_PLANNED, SCHEDULED, WORK, WORKING, in_state, time
from kefu_plugins._sources import SCHEDULING


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``shrinkage``, ``planned_shrinkage`` and ``unplanned_shrinkage``."""
    away = SCHEDULED & ~in_state(WORKING)
    unplanned = away & (in_state(("sick", "late")) | (WORK & ~in_state(AWAY_AS_PLANNED)))
    base = {"scheduled_ms": time(SCHEDULED), "known_ms": time(SCHEDULED & col("state").is_not_null())}
    coverage = Ratio("known_ms", "scheduled_ms")
    shrinkage = Metric(
        name="shrinkage",
        title=Title(zh="缩水率", en="Shrinkage"),
        on="agent_time",
        measures={"away_ms": time(away), **base},
        value=Ratio("away_ms", "scheduled_ms"),
        coverage=coverage,
        unit="ratio",
        better="lower",
        group="organisation",
        source=SCHEDULING,
        reads=Title(zh="排班时段中未在服务的时长 ÷ 排班时长", en="scheduled time not in service ÷ scheduled time"),
        needs=("shifts", "agent_states"),
    )
    return [
        shrinkage,
        shrinkage.companion(
            "planned_shrinkage",
            Title(zh="计划内缩水率", en="Planned shrinkage"),
            measures={"planned_away_ms": time(away & ~unplanned), **base},
            value=Ratio("planned_away_ms", "scheduled_ms"),
            coverage=coverage,
            better="middle",
            reads=Title(
                zh="其中休息、培训、会议、休假的时长 ÷ 排班时长", en="… of it on break, training, meeting or leave"
            ),
        ),
        shrinkage.companion(
            "unplanned_shrinkage",
            Title(zh="计划外缩水率", en="Unplanned shrinkage"),
            measures={"unplanned_away_ms": time(unplanned), **base},
            value=Ratio("unplanned_away_ms", "scheduled_ms"),
            coverage=coverage,
            reads=Title(zh="其中病假、迟到、缺勤的时长 ÷ 排班时长", en="… of it sick, late or absent"),
        ),
    ]
