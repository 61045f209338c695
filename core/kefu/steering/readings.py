"""The values that cards, goals and the balance are made of; where there is none, the reason."""

from __future__ import annotations

import math
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from difflib import get_close_matches

from kefu.errors import ConfigError
from kefu.host import Host
from kefu.metric import Metric, Title
from kefu.night.periods import ONE, Dates
from kefu.night.view import StoreView
from kefu.run.values import GroupValues, Value

SESSIONS = "human_sessions"
"""The measure that says how many human sessions a group has."""
WEEK = 7
NO_DATA = Title(zh="期间内没有数据", en="no data in the period")
NOT_DIVIDED = Title(zh="该指标不能这样分组", en="the metric has no value in such groups")
NO_METRIC = Title(zh="没有插件提供该指标", en="no plugin offers the metric")


@dataclass(frozen=True, slots=True)
class Reading:
    """A metric's value in a group.

    :param wider: it is of everything the group did, since the metric is not divided by what was asked for.
    :param missing: why there is no value.
    """

    value: float | None
    missing: Title | None = None
    wider: bool = False


@dataclass(frozen=True, slots=True)
class Group:
    """The values of one group.

    :param sessions: its human sessions; ``None`` where nothing tells.
    """

    sessions: int | None
    readings: Mapping[str, Reading]


@dataclass(frozen=True, slots=True)
class Chosen:
    """The metrics that were named: those that there are, and why others are missing."""

    metrics: Mapping[str, Metric]
    missing: Mapping[str, Title]


def choose(view: StoreView, names: Iterable[str], setting: str, optional: Collection[str] = ()) -> Chosen:
    """Find metrics by their names.

    :param setting: where they are named, for the message.
    :param optional: names that may be unknown, because we chose them.
    :raises ConfigError: one is not known, and no plugin failed that may offer it.
    """
    known = {metric.name: metric for metric in view.engine.metrics}
    found: dict[str, Metric] = {}
    missing: dict[str, Title] = {}
    for name in dict.fromkeys(names):
        if name in known:
            found[name] = known[name]
        else:
            missing[name] = _why_missing(view, name, f"{setting}.{name}", name in optional)
    return Chosen(found, missing)


def _why_missing(view: StoreView, name: str, setting: str, optional: bool) -> Title:  # noqa: FBT001
    host: Host = view.engine.host
    owners = [plugin.name for plugin in host.plugins if any(metric.name == name for metric in plugin.metrics)]
    failed = owners or [plugin.name for plugin in host.plugins if plugin.error is not None and not plugin.metrics]
    if failed and not (optional and not owners):
        who = ", ".join(failed)
        return Title(zh=f"插件 {who} 未成功", en=f"plugin {who} failed")
    if optional:
        return NO_METRIC
    known = sorted(metric.name for metric in view.engine.metrics)
    near = get_close_matches(name, known, n=1)
    hint = f"did you mean {near[0]}?" if near else "kefu metrics lists them all"
    raise ConfigError(f"setting {setting!r}: there is no such metric: {hint}")


def read_groups(
    view: StoreView,
    dates: Dates,
    by: Sequence[str],
    where: Mapping[str, str],
    chosen: Chosen,
    *,
    widen: bool = False,
) -> dict[tuple[str, ...], Group]:
    """Return the groups of a period, by their keys in the order of ``by``; without ``by`` the only one is ``()``.

    :param where: only sessions of these channels, queues, scenes … count.
    :param widen: a metric that is not divided so has the value of everything the group did, and says so.
    """
    counting = _counting(view)
    metrics = [*chosen.metrics.values(), *counting]
    narrow = (*by, *where)
    days = view.days(dates.first, dates.last)
    evaluator = view.evaluator(days, dates.last, narrow, metrics)
    divided = {m.name for m in chosen.metrics.values() if evaluator.measurable(m, narrow)}
    rest = [m for m in chosen.metrics.values() if m.name not in divided]
    wider = _wider(view, dates, by, rest) if where and widen and rest else {}
    found = {}
    for group in _inside(evaluator.groups(metrics, narrow), len(by), where):
        key = group.key[: len(by)]
        readings = {name: Reading(None, why) for name, why in chosen.missing.items()}
        readings |= {name: _reading(group.values[name]) for name in divided}
        readings |= {m.name: wider.get(key, {}).get(m.name, Reading(None, NOT_DIVIDED)) for m in rest}
        found[key] = Group(_sessions(group, counting), readings)
    return found


def last_week(view: StoreView) -> Dates | None:
    """Return the last seven days up to the last date that the store has; ``None`` of an empty store."""
    stored = view.days(None, None)
    return Dates(stored[-1].date - ONE * (WEEK - 1), stored[-1].date) if stored else None


def unsettled(view: StoreView, metric: Metric, dates: Dates) -> bool:
    """Return whether later sessions may still change the value of a period, as with contacts that come back."""
    stored = view.days(None, None)
    return bool(stored and metric.settles and dates.last > stored[-1].date - ONE * metric.settles)


def _inside(groups: Iterable[GroupValues], size: int, where: Mapping[str, str]) -> Iterator[GroupValues]:
    return (group for group in groups if group.key[size:] == tuple(where.values()))


def _wider(
    view: StoreView, dates: Dates, by: Sequence[str], metrics: Sequence[Metric]
) -> dict[tuple[str, ...], dict[str, Reading]]:
    evaluator = view.evaluator(view.days(dates.first, dates.last), dates.last, tuple(by), metrics)
    some = [metric for metric in metrics if evaluator.measurable(metric, by)]
    return {
        group.key: {metric.name: _reading(group.values[metric.name], wider=True) for metric in some}
        for group in evaluator.groups(some, by)
    }


def _reading(value: Value, *, wider: bool = False) -> Reading:
    if value.value is None or not math.isfinite(value.value):
        return Reading(None, NO_DATA, wider)
    return Reading(value.value, None, wider)


def _counting(view: StoreView) -> list[Metric]:
    """Return a metric that counts human sessions whatever data there is."""
    counting = (m for m in view.engine.metrics if m.on == "sessions" and not m.needs and SESSIONS in m.measures)
    return [*counting][:1]


def _sessions(group: GroupValues, counting: Iterable[Metric]) -> int | None:
    return next((group.values[metric.name].measures[SESSIONS] for metric in counting), None)
