"""The product against a slow twin in plain Python that shares no code with it, on random data."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from helpers import groups, run, values, write_tables
from strategies import COLUMNS, data_sets
from twin import Twin

GROUPINGS = [
    (),
    ("date",),
    ("agent_id",),
    ("team",),
    ("queue", "date"),
    ("channel", "agent_id"),
    ("week",),
    ("month", "scene"),
    ("date", "team"),
]
PERCENTILES = ("_p50", "_p90")


def agree(name: str, ours: float | None, theirs: float | None) -> bool:
    if ours is None or theirs is None:
        return ours is theirs
    within = 0.01 if name.endswith(PERCENTILES) else 1e-9
    return ours == pytest.approx(theirs, rel=within, abs=1e-12)


def differences(ours: dict, theirs: dict, where: object) -> list[str]:
    return [
        f"{where} {name}: {ours.get(name)} instead of {theirs[name]}"
        for name in theirs
        if not agree(name, ours.get(name), theirs[name])
    ]


@settings(max_examples=40, deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large])
@given(tables=data_sets(), by=st.sampled_from(GROUPINGS))
def test_every_value_equals_the_twins(tables: dict, by: tuple[str, ...]) -> None:
    compare(tables, by)


@pytest.mark.long
@settings(max_examples=2000, deadline=None, suppress_health_check=[*HealthCheck])
@given(tables=data_sets(), by=st.sampled_from(GROUPINGS))
def test_every_value_equals_the_twins_at_length(tables: dict, by: tuple[str, ...]) -> None:
    compare(tables, by)


def compare(tables: dict, by: tuple[str, ...]) -> None:
    twin = Twin(tables)
    with TemporaryDirectory() as folder:
        write_tables(Path(folder), tables, COLUMNS)
        outcome = run(Path(folder), by)
    assert outcome.failures == []
    found = differences(values(outcome), twin.metrics(), "in total")
    ours = groups(outcome)
    for key, theirs in (twin.groups(*by) if by else {}).items():
        found += differences(ours.get(key, {}), theirs, key)
    assert not found, "\n".join(found)
    counted = {
        name: (sum(f.rejected for f in table.report), sum(f.duplicates for f in table.report))
        for name, table in outcome.tables.items()
        if name in twin.input
    }
    assert counted == {name: (twin.input[name].rejected, twin.input[name].duplicates) for name in counted}
