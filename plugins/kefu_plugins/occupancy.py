"""坐席占有率 · Occupancy: how much of the working time is spent on customers.

Above 90 % people burn out, below 75 % they wait: both are warned of. Utilisation is the same work as a share of all
scheduled time.
"""

from __future__ import annotations

from kefu.plugin import Context, Metric, Ratio, Title, col, hookimpl
from kefu_plugins._agent_states import HANDLING, SCHEDULED, WORKING, in_state, time
from kefu_plugins._sources import EFFICIENCY


@hookimpl
def kefu_metrics(context: Context) -> list[Metric]:
    """Offer ``occupancy`` and ``utilisation``."""
    limits = context.thresholds
    occupancy = Metric(
        name="occupancy",
        title=Title(zh="坐席占有率", en="Occupancy"),
        on="agent_time",
        measures={"handling_ms": time(in_state(HANDLING)), "working_ms": time(in_state(WORKING))},
        value=Ratio("handling_ms", "working_ms"),
        unit="ratio",
        better="middle",
        group="organisation",
        source=EFFICIENCY,
        reads=Title(
            zh="（处理 + 话后）时长 ÷（空闲 + 处理 + 话后）时长",
            en="(handling + wrap-up) ÷ (available + handling + wrap-up)",
        ),
        needs=("agent_states",),
        band=(limits.occupancy_low, limits.occupancy_high),
    )
    return [
        occupancy,
        occupancy.companion(
            "utilisation",
            Title(zh="员工利用率", en="Utilisation"),
            measures={
                "handling_on_schedule_ms": time(SCHEDULED & in_state(HANDLING)),
                "scheduled_ms": time(SCHEDULED),
                "known_ms": time(SCHEDULED & col("state").is_not_null()),
            },
            value=Ratio("handling_on_schedule_ms", "scheduled_ms"),
            coverage=Ratio("known_ms", "scheduled_ms"),
            better="higher",
            reads=Title(
                zh="排班时段中（处理 + 话后）时长 ÷ 排班时长",
                en="scheduled time in handling or wrap-up ÷ scheduled time",
            ),
            needs=("shifts", "agent_states"),
            band=None,
        ),
    ]
