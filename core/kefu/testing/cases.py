"""Cases as data: a transcript, and every measure and value that is wanted of it.

A case is run as given, reversed, sorted by time, with every message twice, a session at a time, and a message at a
time. All must agree: parts merged equal the whole, whatever the order.
"""

from __future__ import annotations

import csv
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from math import isclose
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from kefu.config import Settings
from kefu.host import Host
from kefu.metric import Quantile
from kefu.read import ReadOptions, open_tables
from kefu.run.collect import Request
from kefu.run.engine import Engine
from kefu.run.outcome import Outcome
from kefu.testing.transcript import transcript

Rows = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Case:
    """One case.

    :param plugin: the plugin whose metrics are looked at: the name of the case file.
    :param want: every measure that a value names, and every value; one that is left out is null.
    :param want_groups: the same for each group of ``by``, its keys joined by ``/``.
    """

    plugin: str
    name: str
    tables: Mapping[str, Rows]
    want: Mapping[str, float]
    by: tuple[str, ...] = ()
    want_groups: Mapping[str, Mapping[str, float]] = field(default_factory=dict)
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
    known = {"name", "transcript", "want", "sessions", "tables", "by", "want_groups", "settings"}
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
        tuple(told.get("by", ())),
        told.get("want_groups", {}),
        told.get("settings", {}),
    )


def check(case: Case, plugin: object | None = None) -> None:
    """Run a case in every arrangement and compare every measure and value.

    :param plugin: the module of a vendor's plugin; ours are always there, other vendors' never.
    :raises AssertionError: something differs; it says what, and in which arrangement.
    """
    for name, arrange in ARRANGEMENTS.items():
        outcome = _run(case, arrange, plugin)
        failed = [f"{failure.plugin}: {failure.error}" for failure in outcome.failures]
        assert not failed, f"{case}, {name}: {failed[0]}"
        _compare(f"{case}, {name}", case, outcome)


def _as_given(messages: Rows) -> list[Rows]:
    return [messages]


def _reversed(messages: Rows) -> list[Rows]:
    return [messages[::-1]]


def _by_time(messages: Rows) -> list[Rows]:
    return [sorted(messages, key=lambda row: (row["sent_at"], row["seq"]))]


def _twice(messages: Rows) -> list[Rows]:
    return [[*messages, *messages]]


def _by_session(messages: Rows) -> list[Rows]:
    return [[row for row in messages if row["session_id"] == name] for name in _names(messages)]


def _one_by_one(messages: Rows) -> list[Rows]:
    return [[row] for row in messages]


def _names(messages: Rows) -> list[str]:
    return [*dict.fromkeys(row["session_id"] for row in messages)]


ARRANGEMENTS: Mapping[str, Callable[[Rows], list[Rows]]] = {
    "as given": _as_given,
    "reversed": _reversed,
    "sorted by time": _by_time,
    "every message twice": _twice,
    "a session at a time": _by_session,
    "a message at a time": _one_by_one,
}
"""How a case is laid out in files; each file is a batch of its own."""


def _run(case: Case, arrange: Callable[[Rows], list[Rows]], plugin: object | None) -> Outcome:
    settings = Settings(**case.settings)
    host = Host(outsiders=False, modules=None if plugin is None else {case.plugin: plugin})
    with TemporaryDirectory(prefix="kefu-case-") as folder:
        data, scratch = Path(folder, "data"), Path(folder, "scratch")
        scratch.mkdir()
        for name, rows in case.tables.items():
            parts = arrange(rows) if name == "messages" else [rows]
            for number, part in enumerate(parts):
                _write(data / name / f"{number:04}.csv", part, rows)
        tables = open_tables(data, scratch, ReadOptions(timezone=settings.timezone))
        return Engine(tables, scratch, settings, host, batch_rows=1).run(Request(case.by))


def _write(path: Path, rows: Rows, like: Rows) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    columns = [*dict.fromkeys(name for row in like for name in row)]
    with path.open("w", encoding="utf-8", newline="") as file:
        writer = csv.DictWriter(file, columns)
        writer.writeheader()
        writer.writerows(rows)


def _compare(where: str, case: Case, outcome: Outcome) -> None:
    metrics = [metric for metric in outcome.metrics if outcome.owners[metric.name] == case.plugin]
    assert metrics, f"{where}: no plugin {case.plugin!r} offers a metric"
    groups = {"/".join(group.key): group.values for group in outcome.groups}
    for key, values, want in [("", outcome.whole.values, case.want), *_wanted(groups, case)]:
        got: dict[str, float | None] = {}
        for metric in metrics:
            value = values[metric.name]
            got |= {name: value.measures[name] for name in metric.value.names} | {metric.name: value.value}
        read_off = {metric.name for metric in metrics if isinstance(metric.value, Quantile)}
        problems = [*_problems(got, want, read_off)]
        assert not problems, f"{where}{f', group {key}' if key else ''}: {'; '.join(problems)}"


def _wanted(groups: Mapping[str, Any], case: Case) -> Iterator[tuple[str, Any, Mapping[str, float]]]:
    for key, want in case.want_groups.items():
        assert key in groups, f"{case}: there is no group {key!r}, only {', '.join(groups)}"
        yield key, groups[key], want


def _problems(got: Mapping[str, float | None], want: Mapping[str, float], read_off: set[str]) -> Iterator[str]:
    unknown: Sequence[str] = sorted(want.keys() - got.keys())
    for name in unknown:
        yield f"{name} is neither a measure nor a metric of the plugin"
    for name, value in got.items():
        wanted = want.get(name)
        within = 0.01 if name in read_off else 1e-12
        same = value is wanted if value is None or wanted is None else isclose(value, wanted, rel_tol=within)
        if not same:
            yield f"{name} is {value}, not {wanted}"
