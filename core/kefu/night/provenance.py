"""Where a number comes from: its definition, the runs that wrote its dates, and the files that these read."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass

from kefu.metric import Metric
from kefu.night.view import StoreView
from kefu.store.days import DayRow
from kefu.store.runs import InputFile, RunRow, known_files, read_run


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a number comes from.

    :param plugin: the plugin that defines the metric, with its version in each run.
    :param days: the dates behind it, with revision and reasons.
    :param files: the files of messages that gave rows to these dates.
    """

    plugin: str
    versions: Sequence[str]
    source: str
    days: Sequence[DayRow]
    runs: Sequence[RunRow]
    files: Sequence[InputFile]


def provenance(view: StoreView, days: Sequence[DayRow], metric: Metric) -> Provenance:
    """Return where the values of a metric on some dates come from."""
    plugin = view.engine.host.owner(metric.name).name
    with view.store.reading() as connection:
        found = [read_run(connection, number) for number in sorted({day.run_id for day in days})]
        files = known_files(connection)
    runs = [run for run in found if run is not None]
    versions = {one["version"] for run in runs for one in run.plugins if one["name"] == plugin}
    dates = [day.date for day in days]
    return Provenance(plugin, sorted(versions), metric.source, days, runs, [f for f in files if _gave(f, dates)])


def _gave(file: InputFile, dates: Sequence[dt.date]) -> bool:
    first, last = file.first_date, file.last_date
    return first is not None and last is not None and any(first <= date <= last for date in dates)
