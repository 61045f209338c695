"""遵时率 · Adherence: is the agent at work when the schedule says so?

All three are shares of scheduled work time. Time without a told state counts as not there, and lowers the coverage.
"""

from __future__ import annotations

from kefu.plugin import Metric, Ratio, Title, col, hookimpl
from kefu_plugins._agent_states import LOGGED_IN, WORK, WORKING, in_state, time
from kefu_plugins._sources import SCHEDULING


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``adherence``, ``login_rate`` and ``absence_rate``."""
    base = {"scheduled_work_ms": time(WORK), "known_work_ms": time(WORK & col("state").is_not_null())}
    coverage = Ratio("known_work_ms", "scheduled_work_ms")
    adherence = Metric(
        name="adherence",
        title=Title(zh="遵时率", en="Adherence"),
        on="agent_time",
        measures={"adherent_ms": time(WORK & in_state(WORKING)), **base},
        value=Ratio("adherent_ms", "scheduled_work_ms"),
        coverage=coverage,
        unit="ratio",
        better="higher",
        group="organisation",
        source=SCHEDULING,
        reads=Title(
            zh="排班工作时段中处于工作状态（空闲、处理、话后）的时长 ÷ 排班工作时长",
            en="scheduled work time in a working state (available, handling, wrap-up) ÷ scheduled work time",
        ),
        needs=("shifts", "agent_states"),
    )
    absent = WORK & ~in_state((*LOGGED_IN, "late"))
    return [
        adherence,
        adherence.companion(
            "login_rate",
            Title(zh="登录率", en="Login rate"),
            measures={"logged_in_ms": time(WORK & in_state(LOGGED_IN)), **base},
            value=Ratio("logged_in_ms", "scheduled_work_ms"),
            coverage=coverage,
            reads=Title(
                zh="排班工作时段中的登录时长 ÷ 排班工作时长", en="scheduled work time logged in ÷ scheduled work time"
            ),
        ),
        adherence.companion(
            "absence_rate",
            Title(zh="缺勤率", en="Absence rate"),
            measures={"absent_ms": time(absent), **base},
            value=Ratio("absent_ms", "scheduled_work_ms"),
            coverage=coverage,
            better="lower",
            reads=Title(
                zh="排班工作时段中病假、离线或无状态的时长 ÷ 排班工作时长",
                en="scheduled work time sick, offline or without a state ÷ scheduled work time",
            ),
        ),
    ]
