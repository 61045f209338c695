"""The JSON of a run: schema ``kefu/1``."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from kefu.clock import date_of
from kefu.context import Checked
from kefu.metric import Metric
from kefu.night.checks import as_json
from kefu.run.outcome import Outcome
from kefu.run.values import GroupValues, Value


def run_document(
    outcome: Outcome, by: tuple[str, ...], timezone: str, checks: Iterable[Checked] | None = None
) -> dict[str, Any]:
    """Return what ``kefu run --format json`` prints.

    :param checks: what the checks said; ``None`` where nothing was checked.
    """
    document = {
        "schema": "kefu/1",
        "period": {"from": _date(outcome.first), "to": _date(outcome.last), "timezone": timezone},
        "input": input_counts(outcome),
        "metrics": [
            {
                "name": metric.name,
                "title": {"zh": metric.title.zh, "en": metric.title.en},
                **_value(metric, outcome.whole.values[metric.name]),
                "plugin": outcome.owners[metric.name],
            }
            for metric in outcome.metrics
        ],
        "failures": failures(outcome),
    }
    if checks is not None:
        document["checks"] = as_json(checks)
    if by:
        document["groups"] = [_group(outcome, by, group) for group in outcome.groups]
    return document


def input_counts(outcome: Outcome) -> dict[str, dict[str, int]]:
    """Return how many rows each table had, and what became of them."""
    if outcome.input is not None:
        return {name: dict(counts) for name, counts in outcome.input.items()}
    return {name: table.counts for name, table in outcome.tables.items()}


def failures(outcome: Outcome) -> list[dict[str, str]]:
    """Return what failed: plugins, and files that could not be used."""
    plugins = [{"plugin": f.plugin, "version": f.version, "error": f.error} for f in outcome.failures]
    files = [
        {"file": file.file, "error": file.failed}
        for table in outcome.tables.values()
        for file in table.report
        if file.failed is not None
    ]
    return plugins + files


def _group(outcome: Outcome, by: tuple[str, ...], group: GroupValues) -> dict[str, Any]:
    return {
        "by": dict(zip(by, group.key, strict=True)),
        "metrics": [{"name": m.name, **_value(m, group.values[m.name], brief=True)} for m in outcome.metrics],
    }


def _value(metric: Metric, value: Value, *, brief: bool = False) -> dict[str, Any]:
    measures = {name: value.measures[name] for name in metric.value.names}
    about = {} if brief else {"unit": metric.unit, "better": metric.better}
    told = {"value": value.value, **about, "coverage": value.coverage, "measures": measures}
    return told if value.interval is None else {**told, "interval": [*value.interval]}


def _date(day: int | None) -> str | None:
    return None if day is None else date_of(day).isoformat()
