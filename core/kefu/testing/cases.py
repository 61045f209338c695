"""Cases as data: a transcript, and every measure and value that is wanted of it.

A case is run in every arrangement of ``kefu.testing.arrange``, and once more with its measures kept in the finest
groups and merged from there. All must agree: parts merged equal the whole, whatever the order.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, fields
from datetime import date
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kefu.config import Settings
from kefu.host import Host
from kefu.metric import Metric, Quantile
from kefu.offers import names_of
from kefu.read import ReadOptions, open_tables
from kefu.run.collect import Request
from kefu.run.engine import Engine
from kefu.run.outcome import Failure
from kefu.run.plan import Plan
from kefu.run.values import Value
from kefu.tables import TABLES
from kefu.testing.arrange import ARRANGEMENTS, Files, Rows, Tables, as_given
from kefu.testing.transcript import transcript

EVERY_GROUP = "messages_per_session"
"""A metric of sessions and of services: with it, every group that holds one is there."""


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    :param plugin: the plugin whose metrics are looked at: the name of the case file.
    :param want: every measure that a value names, and every value; one that is left out is null.
        Measures that only a coverage reads can be left out.
    :param want_groups: the same for each group of ``by``, its keys joined by ``/``.
    :param want_coverage: the coverage of every metric, one that is left out is null; ``None`` where it does not matter.
    :param want_interval: both ends of the interval of every metric that has one.
    :param period: the first and the last local date that count; ``None`` for all that there are.
    """

    plugin: str
    name: str
    tables: Mapping[str, Rows]
    want: Mapping[str, float]
    by: tuple[str, ...] = ()
    want_groups: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
    want_coverage: Mapping[str, float] | None = None
    want_interval: Mapping[str, tuple[float, float]] = field(default_factory=dict)
    period: tuple[date, date] | None = None
    settings: Mapping[str, Any] = field(default_factory=dict)

    def __str__(self) -> str:
        """Return the name under which a test runner shows it."""
        return f"{self.plugin}: {self.name}"


def load_cases(folder: Path) -> list[Case]:
    """Read every case of every TOML file in a folder.

    :raises ValueError: a file has no case, or a case an unknown key or an unreadable transcript.
    """
    found = []
    for path in sorted(folder.glob("*.toml")):
        cases = tomllib.loads(path.read_text(encoding="utf-8")).get("case", [])
        if not cases:
            raise ValueError(f"{path.name} holds no [[case]]")
        found += [_case(path.stem, case) for case in cases]
    return found


def _case(plugin: str, told: dict[str, Any]) -> Case:
    known = {"name", "transcript", "sessions", "tables", *(one.name for one in fields(Case))} - {"plugin"}
    unknown = sorted(told.keys() - known)
    if unknown:
        raise ValueError(f"{plugin}, case {told.get('name')!r}: unknown key {unknown[0]!r}")
    sessions = [{"session_id": name, **row} for name, row in told.get("sessions", {}).items()]
    tables = {"messages": transcript(told["transcript"]), **told.get("tables", {})}
    if sessions:
        tables["sessions"] = sessions
    return Case(
        plugin,
        told["name"],
        tables,
        told["want"],
        by=tuple(told.get("by", ())),
        want_groups=told.get("want_groups", {}),
        want_coverage=told.get("want_coverage"),
        want_interval=told.get("want_interval", {}),
        period=_period(told.get("period")),
        settings=told.get("settings", {}),
    )


def _period(told: list[date] | None) -> tuple[date, date] | None:
    if told is None:
        return None
    first, last = told
    return first, last


def check(case: Case, plugin: object | None = None) -> None:
    """Run a case in every arrangement and compare every measure and value.

    :param plugin: the module of a vendor's plugin; ours are always there, other vendors' never.
    :raises AssertionError: something differs; it says what, and in which arrangement.
    """
    for name, arrange in ARRANGEMENTS.items():
        _compare(f"{case}, {name}", case, _run(case, arrange, plugin))
    _compare(f"{case}, merged from the finest groups", case, _run(case, as_given, plugin, finest=True))


@dataclass(frozen=True, slots=True)
class _Found:
    """What the metrics of the plugin say, and what failed."""

    metrics: Sequence[Metric]
    whole: Mapping[str, Value]
    groups: Mapping[str, Mapping[str, Value]]
    failures: Sequence[Failure]


def _run(case: Case, arrange: Callable[[Tables], Files], plugin: object | None, *, finest: bool = False) -> _Found:
    settings = Settings(**case.settings)
    host = Host(outsiders=False, modules=None if plugin is None else {case.plugin: plugin})
    with TemporaryDirectory(prefix="kefu-case-") as folder:
        data, scratch = Path(folder, "data"), Path(folder, "scratch")
        scratch.mkdir()
        for name, files in arrange(case.tables).items():
            for number, rows in enumerate(files):
                _write(data / name / f"{number:04}.csv", rows, _header(name, case.tables[name]))
        tables = open_tables(data, scratch, ReadOptions(timezone=settings.timezone))
        return _measured(Engine(tables, scratch, settings, host, batch_rows=1), case, finest=finest)


def _measured(engine: Engine, case: Case, *, finest: bool) -> _Found:
    """Run the metrics of the plugin, with all columns that it adds: the text work of the others would take longer."""
    own = [plugin for plugin in engine.host.plugins if plugin.name == case.plugin]
    names = {metric.name for one in own for metric in one.metrics}
    metrics = [metric for metric in engine.metrics if metric.name in {*names, EVERY_GROUP}]
    plan, by = Plan.of_metrics(metrics), case.by
    adds = {name for one in own for added in one.additions for name in names_of(added)}
    first, last = _days(case)
    # who keeps rows is given all of their columns, those of the finest groups too
    keep = _keep_nothing if finest else None
    collector = engine.collector(plan, Request(by, first, last, finest=finest), keep)
    for _, facts in engine.facts(plan, only=plan.every_root | adds):
        collector.add(facts)
    collector.finish()
    whole = engine.evaluator(plan, collector, ()).groups(metrics, ())[0].values
    groups = engine.evaluator(plan, collector, by).groups(metrics, by) if by else []
    metrics = [metric for metric in metrics if metric.name in names]
    return _Found(metrics, whole, {"/".join(group.key): group.values for group in groups}, engine.failures())


def _keep_nothing(*_: object) -> None:
    pass


def _days(case: Case) -> tuple[int, int] | tuple[None, None]:
    if case.period is None:
        return None, None
    first, last = (day.toordinal() - date(1970, 1, 1).toordinal() for day in case.period)
    return first, last


def _header(table: str, rows: Rows) -> Sequence[str]:
    return [*dict.fromkeys(name for row in rows for name in row)] or TABLES[table].names


def _write(path: Path, rows: Rows, columns: Sequence[str]) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def _compare(where: str, case: Case, found: _Found) -> None:
    failed = [f"{failure.plugin}: {failure.error}" for failure in found.failures]
    assert not failed, f"{where}: {failed[0]}"
    assert found.metrics, f"{where}: no plugin {case.plugin!r} offers a metric"
    problems = [*_problems(found, found.whole, case.want), *_beside(found, case)]
    assert not problems, f"{where}: {'; '.join(problems)}"
    for key, want in case.want_groups.items():
        assert key in found.groups, f"{where}: there is no group {key!r}, only {', '.join(found.groups)}"
        problems = [*_problems(found, found.groups[key], want)]
        assert not problems, f"{where}, group {key}: {'; '.join(problems)}"


def _problems(found: _Found, values: Mapping[str, Value], want: Mapping[str, float]) -> Iterator[str]:
    got: dict[str, float | None] = {}
    for metric in found.metrics:
        value = values[metric.name]
        of_coverage = {name for name in value.measures if name in want}
        got |= {name: value.measures[name] for name in (*metric.value.names, *of_coverage)} | {metric.name: value.value}
    read_off = {metric.name for metric in found.metrics if isinstance(metric.value, Quantile)}
    for name in sorted(want.keys() - got.keys()):
        yield f"{name} is neither a measure nor a metric of the plugin"
    for name, number in got.items():
        if not _same(number, want.get(name), 0.01 if name in read_off else 1e-12):
            yield f"{name} is {number}, not {want.get(name)}"


def _beside(found: _Found, case: Case) -> Iterator[str]:
    """Compare intervals, and coverages where the case wants any."""
    told = (*(case.want_coverage or ()), *case.want_interval)
    for name in sorted({*told} - {metric.name for metric in found.metrics}):
        yield f"{name} is no metric of the plugin"
    for name, value in ((metric.name, found.whole[metric.name]) for metric in found.metrics):
        if case.want_coverage is not None and not _same(value.coverage, case.want_coverage.get(name), 1e-12):
            yield f"the coverage of {name} is {value.coverage}, not {case.want_coverage.get(name)}"
        got, want = value.interval or (None, None), case.want_interval.get(name, (None, None))
        if not all(_same(end, wanted, 1e-12) for end, wanted in zip(got, want, strict=True)):
            yield f"the interval of {name} is {got}, not {want}"


def _same(value: float | None, wanted: float | None, within: float) -> bool:
    return value is wanted if value is None or wanted is None else isclose(value, wanted, rel_tol=within)
