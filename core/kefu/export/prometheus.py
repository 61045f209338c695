"""Values as text for Prometheus: what the textfile collector of node_exporter reads, exposition format 0.0.4."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from zoneinfo import ZoneInfo

from kefu.export.write import Emit
from kefu.metric import Metric
from kefu.night.periods import ONE
from kefu.run.outcome import Outcome
from kefu.run.values import GroupValues
from kefu.show.safe import safe

COVERAGE = "kefu_coverage"
LAST_DATE = "kefu_last_date_timestamp_seconds"
Labels = Mapping[str, str]


def write_exposition(outcome: Outcome, by: Sequence[str], last: dt.date | None, timezone: str, emit: Emit) -> int:
    """Write values and coverage of the whole, or of each group, and return how many values there were.

    What is null has no line.

    :param last: the last date that the store has.
    """
    groups = _labelled(outcome, by)
    total = 0
    for metric in sorted(outcome.metrics, key=lambda one: one.name):
        lines = [(labels, group.values[metric.name].value) for labels, group in groups]
        told = [(labels, value) for labels, value in lines if value is not None]
        if told:
            emit(_head(f"kefu_{metric.name}", _help(metric)))
            emit("".join(_line(f"kefu_{metric.name}", *one) for one in told))
            total += len(told)
    emit(_head(COVERAGE, "Share of the rows that a metric is about that had the data it needs."))
    for metric in sorted(outcome.metrics, key=lambda one: one.name):
        for labels, group in groups:
            coverage = group.values[metric.name].coverage
            if coverage is not None:
                emit(_line(COVERAGE, {"metric": metric.name, **labels}, coverage))
    if last is not None:
        end = dt.datetime.combine(last + ONE, dt.time(), ZoneInfo(timezone))
        emit(_head(LAST_DATE, "When the last date that the store has came to its end."))
        emit(_line(LAST_DATE, {}, end.timestamp()))
    return total


def _labelled(outcome: Outcome, by: Sequence[str]) -> list[tuple[Labels, GroupValues]]:
    """Return the groups with their labels; texts that are the same once they are safe get a number."""
    if not by:
        return [({}, outcome.whole)]
    found: list[tuple[Labels, GroupValues]] = []
    seen: dict[tuple[str, ...], int] = {}
    for group in outcome.groups:
        key = tuple(safe(part) for part in group.key)
        while key in seen:
            seen[key] += 1
            key = (*key[:-1], f"{key[-1]} ({seen[key]})")
        seen[key] = 1
        found.append((dict(zip(by, key, strict=True)), group))
    return found


def _help(metric: Metric) -> str:
    return f"{metric.title.zh} {metric.title.en}: {metric.reads.en} ({metric.unit})"


def _head(name: str, about: str) -> str:
    return f"# HELP {name} {_escaped(safe(about))}\n# TYPE {name} gauge\n"


def _line(name: str, labels: Labels, value: float) -> str:
    told = ",".join(f'{label}="{_quoted(text)}"' for label, text in labels.items())
    return f"{name}{{{told}}} {value!r}\n" if told else f"{name} {value!r}\n"


def _escaped(text: str) -> str:
    return text.replace("\\", "\\\\").replace("\n", "\\n")


def _quoted(text: str) -> str:
    return _escaped(text).replace('"', '\\"')
