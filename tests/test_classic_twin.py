"""The metrics of docs/classic.md against a slow twin that was written from the definitions alone, on random data."""

from __future__ import annotations

from datetime import date
from importlib import import_module
from pathlib import Path
from tempfile import TemporaryDirectory

import pytest

from classic_data import COLUMNS, DataSet, random_data_set
from helpers import write_tables
from kefu.config import load_settings
from kefu.host import Host
from kefu.run.collect import Request
from kefu.run.engine import open_engine
from kefu.run.outcome import Outcome
from kefu.run.values import Value
from twin_classic import ClassicTwin
from twin_ground import Told, Values

PLUGINS = (
    *("abandonment", "adherence", "agent_time", "ai_assist", "answer_speed", "attrition", "conversion", "cost", "csat"),
    *("daily_output", "first_contact", "forecast_accuracy", "handle_time", "load_balance", "nps", "occupancy"),
    *("quality_reviews", "shrinkage", "staffing", "transfers"),
)
MODULES = {name: import_module(f"kefu_plugins.{name}") for name in PLUGINS}
GROUPINGS: tuple[tuple[str, ...], ...] = (
    ("date",),
    ("queue",),
    ("agent_id",),
    ("team",),
    ("date", "queue"),
    ("month",),
    ("date", "team"),
    ("queue", "agent_id"),
    ("half_hour", "team"),
    ("week", "agent_id"),
)
SETS = 300
IN_A_TEST = 30
EPOCH = date(1970, 1, 1)


def run_classic(data: DataSet, by: tuple[str, ...]) -> Outcome:
    """Run the metrics of the pack over a data set."""
    first, last = ((day - EPOCH).days if day else None for day in (data.first, data.last))
    with TemporaryDirectory() as folder:
        files, scratch = Path(folder, "data"), Path(folder, "scratch")
        files.mkdir()
        scratch.mkdir()
        write_tables(files, data.tables, COLUMNS)
        host = Host(builtins=False, outsiders=False, modules=MODULES)
        engine = open_engine(files, scratch, load_settings(timezone=data.timezone), host)
        return engine.run(Request(by=by, first=first, last=last))


def near(ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    return ours == pytest.approx(theirs, rel=1e-9, abs=1e-9)


def agree(ours: Value, theirs: Told) -> bool:
    ends = ours.interval or (None, None), theirs.interval or (None, None)
    return (
        near(ours.value, theirs.value)
        and near(ours.coverage, theirs.coverage)
        and all(near(mine, yours) for mine, yours in zip(*ends, strict=True))
    )


def differences(ours: dict[str, Value], theirs: Values, where: object) -> list[str]:
    return [
        f"{where} {name}: {ours[name].value}, {ours[name].coverage}, {ours[name].interval} instead of {told}"
        for name, told in theirs.items()
        if not agree(ours.get(name, Value(None, {}, None)), told)
    ]


def compare(data: DataSet, by: tuple[str, ...]) -> list[str]:
    """Give every difference in the whole and in the groups."""
    outcome, twin = run_classic(data, by), ClassicTwin(data.tables, data.timezone, data.first, data.last)
    assert outcome.failures == [], outcome.failures
    found = differences(dict(outcome.whole.values), twin.values({}), "in total")
    ours = {group.key: dict(group.values) for group in outcome.groups}
    for key in sorted({*ours, *twin.groups(by)} if by else ()):
        found += differences(ours.get(key, {}), twin.values(dict(zip(by, key, strict=True))), (by, key))
    return found


@pytest.mark.parametrize("begin", range(0, SETS, IN_A_TEST))
def test_every_value_coverage_and_interval_is_the_twins(begin: int) -> None:
    for seed in range(begin, begin + IN_A_TEST):
        found = compare(random_data_set(seed), GROUPINGS[seed % len(GROUPINGS)])
        assert found == [], f"seed {seed}:\n" + "\n".join(found)
