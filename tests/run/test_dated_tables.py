"""Tables of dated rows: cut to the period, divided into groups, merged over days, and measured in two steps."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from statistics import median
from tempfile import TemporaryDirectory
from types import ModuleType
from typing import Any

import polars as pl
import pytest

from helpers import write_tables
from kefu.columns import Addition, DatedTable, DayCounts, Period
from kefu.config import load_settings
from kefu.host import Host
from kefu.metric import Computed, Count, Estimate, Metric, Peak, Quantile, Ratio, Rows, Spread, Sum, Title
from kefu.plugin import hookimpl
from kefu.run.collect import Request
from kefu.run.engine import open_engine
from kefu.run.outcome import Outcome
from kefu.testing import Case, check, transcript

GUIDE = Path(__file__).parents[2] / "docs" / "plugins.md"
EPOCH = dt.date(1970, 1, 1).toordinal()
TILLS = [
    ("2025-06-01", "t1", "north", 1000),
    ("2025-06-02", "t1", "north", 5),
    ("2025-06-02", "t2", None, 7),
    ("2025-06-03", "t1", "north", 11),
    ("2025-06-04", "t3", "south", 13),
    ("2025-06-08", "t1", "north", 17),
    ("2025-06-09", "t2", None, 1000),
]
"""Date, till, shop, takings. Sessions run from 2 to 8 June, so the first and the last lie outside."""
SESSIONS = transcript(
    "s1 06-02 10:00:00 agent:a1 您好\ns2 06-08 10:00:00 agent:a2 您好\ns3 06-08 11:00:00 agent:a2 您好"
)
AGENTS = [{"agent_id": "a1", "team": "早班"}]


def metric(name: str, measures: Mapping[str, Any], value: Any, **changes: Any) -> Metric:  # noqa: ANN401 - any formula
    about: dict[str, Any] = {
        "title": Title("指标", "Metric"),
        "on": "tills",
        "unit": "amount",
        "better": "higher",
        "source": "our own",
        "reads": Title("口径", "what it is"),
    }
    return Metric(name=name, measures=measures, value=value, **{**about, **changes})


@dataclass
class Shop:
    """A plugin with a dated table; it notes the period that its table was asked for."""

    metrics: Sequence[Metric]
    groups: tuple[str, ...] = ("shop",)
    asked: list[Period] = field(default_factory=list)

    @hookimpl
    def kefu_columns(self) -> list[Addition]:
        return [DatedTable("tills", "till", (), self.tills, groups=self.groups)]

    @hookimpl
    def kefu_metrics(self) -> list[Metric]:
        return [*self.metrics]

    def tills(self, _tables: object, _counts: object, period: Period) -> pl.DataFrame:
        self.asked.append(period)
        rows = pl.DataFrame(TILLS, schema=["date", "till", "shop", "takings"], orient="row")
        return rows.with_columns(pl.col("date").str.to_date())


TAKINGS = metric("takings", {"taken": Sum(pl.col("takings")), "rows": Count()}, Ratio("taken", "rows"))
"""The mean of a row, so that no mean of means is right."""


def outcome(plugin: object, request: Request, messages: Sequence[Mapping[str, Any]] = SESSIONS) -> Outcome:
    with TemporaryDirectory() as folder:
        data, scratch = Path(folder, "data"), Path(folder, "scratch")
        data.mkdir()
        scratch.mkdir()
        write_tables(data, {"messages": messages, "agents": AGENTS}, {"messages": [*SESSIONS[0]]})
        host = Host(builtins=False, outsiders=False, modules={"shop": plugin})
        return open_engine(data, scratch, load_settings(), host).run(request)


def groups(found: Outcome, name: str = "takings") -> dict[str, float | None]:
    assert not found.failures
    return {"/".join(group.key): group.values[name].value for group in found.groups}


def day(text: str) -> int:
    return dt.date.fromisoformat(text).toordinal() - EPOCH


def test_rows_outside_the_dates_of_the_sessions_are_left_out() -> None:
    whole = outcome(Shop([TAKINGS]), Request()).whole.values["takings"]
    assert whole.measures == {"taken": 5 + 7 + 11 + 13 + 17, "rows": 5}
    assert whole.value == 53 / 5


@pytest.mark.parametrize(
    ("first", "last", "taken"),
    [
        ("2025-06-01", None, 1053),
        (None, "2025-06-03", 23),
        ("2025-06-03", "2025-06-04", 24),
        ("2025-06-05", "2025-06-07", 0),
        ("2025-06-08", "2025-06-30", 17),
    ],
)
def test_the_period_that_is_asked_for_counts_up_to_the_last_date_with_sessions(
    first: str | None, last: str | None, taken: int
) -> None:
    shop = Shop([TAKINGS])
    found = outcome(shop, Request(first=first and day(first), last=last and day(last)))  # type: ignore[arg-type]
    assert found.whole.values["takings"].measures["taken"] == taken
    asked = shop.asked[-1]
    assert (asked.first, asked.last) == (day(first or "2025-06-02"), min(day(last or "2025-06-08"), day("2025-06-08")))
    assert asked.end - asked.start == (asked.last - asked.first + 1) * 86_400_000_000


def test_a_period_after_all_sessions_has_no_row() -> None:
    whole = outcome(Shop([TAKINGS]), Request(first=day("2025-06-09"), last=day("2025-06-30"))).whole.values["takings"]
    assert (whole.value, whole.measures) == (None, {"taken": 0, "rows": 0})


def test_without_a_session_there_is_no_period_and_no_row() -> None:
    whole = outcome(Shop([TAKINGS]), Request(), messages=[]).whole.values["takings"]
    assert (whole.value, whole.measures) == (None, {"taken": 0, "rows": 0})


def test_days_merge_into_weeks_and_months() -> None:
    shop = Shop([TAKINGS])
    assert groups(outcome(shop, Request(("date",)))) == {
        "2025-06-02": 6.0,
        "2025-06-03": 11.0,
        "2025-06-04": 13.0,
        "2025-06-08": 17.0,
    }
    assert groups(outcome(shop, Request(("week",)))) == {"2025-W23": 53 / 5}
    assert groups(outcome(shop, Request(("week",), first=day("2025-06-01")))) == {
        "2025-W22": 1000.0,
        "2025-W23": 53 / 5,
    }
    assert groups(outcome(shop, Request(("month",)))) == {"2025-06": 53 / 5}


def test_its_own_groups_divide_it_and_what_has_no_name_is_unknown() -> None:
    assert groups(outcome(Shop([TAKINGS]), Request(("shop",)))) == {"north": 11.0, "south": 13.0, "unknown": 7.0}
    both = groups(outcome(Shop([TAKINGS]), Request(("shop", "date"))))
    assert both == {
        "north/2025-06-02": 5.0,
        "north/2025-06-03": 11.0,
        "north/2025-06-08": 17.0,
        "south/2025-06-04": 13.0,
        "unknown/2025-06-02": 7.0,
    }


@pytest.mark.parametrize("by", ["queue", "agent_id", "team", "till"])
def test_no_other_group_divides_it(by: str) -> None:
    sessions = metric(
        "sessions", {"sessions": Count(), "human": Count(pl.col("human"))}, Ratio("human", "sessions"), on="sessions"
    )
    found = outcome(Shop([TAKINGS, sessions]), Request((by,)))
    assert not found.failures
    values = [group.values["takings"] for group in found.groups]
    assert all((value.value, {*value.measures.values()}) == (None, {None}) for value in values)
    assert found.whole.values["takings"].value == 53 / 5


def test_a_column_with_agents_brings_their_teams() -> None:
    class Agents(Shop):
        def tills(self, _tables: object, _counts: object, period: Period) -> pl.DataFrame:
            rows = super().tills(None, None, period)
            return rows.with_columns(agent_id=pl.col("till").replace({"t1": "a1", "t3": None}))

    found = groups(outcome(Agents([TAKINGS], groups=("agent_id",)), Request(("team", "agent_id"))))
    assert found == {"早班/a1": 11.0, "unknown/t2": 7.0, "unknown/unknown": 13.0}


def test_peaks_and_spreads_merge_too() -> None:
    most = metric("most", {"most": Peak(pl.col("takings")), "rows": Count()}, Ratio("most", "rows"))
    p50 = metric("p50", {"sizes": Spread(pl.col("takings"))}, Quantile("sizes", 50))
    found = outcome(Shop([most, p50]), Request(("shop",)))
    assert found.whole.values["most"].measures["most"] == 17
    assert found.whole.values["p50"].value == 11.0
    assert groups(found, "p50") == {"north": 11.0, "south": 13.0, "unknown": 7.0}


def test_day_counts_of_sessions_are_merged_before_the_table_is_built() -> None:
    seen: list[pl.DataFrame] = []

    class Counting(Shop):
        @hookimpl
        def kefu_columns(self) -> list[Addition]:
            counts = {"came": DayCounts("services", "date", ("agent_id",), {"n": Count()})}
            return [DatedTable("tills", "agent_id", (), self.counted, counts, groups=("agent_id",))]

        def counted(self, _: object, counts: Mapping[str, pl.DataFrame], __: Period) -> pl.DataFrame:
            seen.append(counts["came"])
            return counts["came"].with_columns(takings="n")

    found = groups(outcome(Counting([TAKINGS]), Request(("agent_id",))))
    assert found == {"a1": 1.0, "a2": 2.0}
    assert seen[-1].rows() == [("a1", dt.date(2025, 6, 2), 1), ("a2", dt.date(2025, 6, 8), 2)]


OVER_TILLS = metric(
    "middle_till",
    {"taken": Sum(pl.col("takings"))},
    Computed("tills", lambda rows: median(row["taken"] for row in rows) if rows else None, beside=("busy",)),
    each=("till",),
    over={"tills": Rows("till", "taken"), "busy": Count(pl.col("taken") > 10)},
)
"""The median over tills of what each took."""


def test_measures_are_merged_for_each_till_before_the_second_step() -> None:
    # t1: 5 + 11 + 17 = 33, t2: 7, t3: 13
    value = outcome(Shop([OVER_TILLS]), Request()).whole.values["middle_till"]
    assert (value.value, value.measures) == (13, {"tills": 3, "busy": 2})


def test_each_group_has_a_second_step_of_its_own() -> None:
    shop = Shop([OVER_TILLS])
    assert groups(outcome(shop, Request(("date",))), "middle_till") == {
        "2025-06-02": 6.0,
        "2025-06-03": 11,
        "2025-06-04": 13,
        "2025-06-08": 17,
    }
    assert groups(outcome(shop, Request(("shop",))), "middle_till") == {"north": 33, "south": 13, "unknown": 7}


def test_rows_come_in_order_of_their_columns_with_nulls_last() -> None:
    seen: list[list[tuple[Any, ...]]] = []

    def note(rows: Sequence[Mapping[str, Any]]) -> None:
        seen.append([tuple(row.values()) for row in rows])

    rows = Rows("shop", "taken")
    of_shops = metric(
        "noted", {"taken": Sum(pl.col("takings"))}, Computed("rows", note), each=("shop", "till"), over={"rows": rows}
    )
    assert outcome(Shop([of_shops], groups=()), Request()).whole.values["noted"].value is None
    assert seen[-1] == [("north", 33), ("south", 13), (None, 7)]


@pytest.mark.parametrize(
    ("answer", "value", "interval"),
    [
        (2.5, 2.5, None),
        (None, None, None),
        (Estimate(2.5, 2.0, 3.0), 2.5, (2.0, 3.0)),
        (Estimate(2.5), 2.5, None),
        (Estimate(None), None, None),
    ],
)
def test_a_computed_value_can_have_an_interval(
    answer: float | Estimate | None, value: float | None, interval: tuple[float, float] | None
) -> None:
    computed = metric(
        "answer", {"n": Count()}, Computed("rows", lambda _: answer), each=("till",), over={"rows": Rows("till", "n")}
    )
    found = outcome(Shop([computed]), Request()).whole.values["answer"]
    assert (found.value, found.interval, found.coverage, found.measures) == (value, interval, 1.0, {"rows": 3})


def test_the_example_of_the_guide_says_what_it_promises() -> None:
    (code,) = (
        block
        for block in re.findall(r"```python\n(.*?)```", GUIDE.read_text("utf-8"), re.DOTALL)
        if "DatedTable" in block
    )

    def of(over_ms: int, days: int, overtime: float, usual: float) -> dict[str, float]:
        return {"over_ms": over_ms, "present_days": days, "overtime": overtime, "present": days, "presence_p50": usual}

    module = ModuleType("overtime")
    exec(code, vars(module))  # noqa: S102 - our own guide
    # a1: 9 hours on 2 June, of 10 told; 8 and 9 hours on 3 June, over midnight. a2: one hour.
    states = [
        ("a1", "2025-06-02 08:00:00", "2025-06-02 17:00:00", "handling"),
        ("a1", "2025-06-02 17:00:00", "2025-06-02 18:00:00", "offline"),
        ("a1", "2025-06-03 00:00:00", "2025-06-03 08:00:00", "available"),
        ("a2", "2025-06-02 23:00:00", "2025-06-03 01:00:00", "available"),
    ]
    names = ("agent_id", "started_at", "ended_at", "state")
    case = Case(
        "overtime",
        "an hour over eight, of four days of agents",
        {
            "messages": transcript("s1 06-02 10:00:00 customer 在吗\ns2 06-03 10:00:00 customer 在吗"),
            "agent_states": [dict(zip(names, row, strict=True)) for row in states],
        },
        of(3_600_000, 4, 900.0, 4.5 * 3600),
        by=("agent_id",),
        want_groups={"a1": of(3_600_000, 2, 1800.0, 8.5 * 3600), "a2": of(0, 2, 0.0, 3600.0)},
    )
    check(case, module)
