"""Is what a run found to be believed? Checks of its input and its values against limits."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from difflib import get_close_matches
from statistics import median
from typing import TYPE_CHECKING

from kefu.config import Checks, Limits, MetricLimits, Settings
from kefu.context import Checked, Level
from kefu.errors import ConfigError
from kefu.host import Host
from kefu.metric import Metric, Title, Unit
from kefu.run.values import Value
from kefu.store.days import current_days
from kefu.store.runs import Check, InputFile, known_files, latest_run

if TYPE_CHECKING:
    import sqlalchemy as sa

    from kefu.night.view import StoreView

WEEKS = 4
"""So many weeks back, the same weekday is looked at."""
LEAST_WEEKDAYS = 2
"""With fewer of these in the store, nothing is said of the volume."""


@dataclass(frozen=True, slots=True)
class Seen:
    """What a run saw, for checks to judge.

    :param night: the last date that was asked for; without one, freshness and volume are not checked.
    :param newest: the last date of a session in the input.
    :param sessions: how many there are of each date that the store has.
    :param input: of each table its rows, and how many of them were rejected.
    :param values: those of the night, if it has sessions, or of all dates of the run where no night was asked for.
    """

    night: dt.date | None
    newest: dt.date | None
    sessions: Mapping[dt.date, int] = field(default_factory=dict)
    input: Mapping[str, Mapping[str, int]] = field(default_factory=dict)
    metrics: Sequence[Metric] = ()
    values: Mapping[str, Value] = field(default_factory=dict)


def check(seen: Seen, settings: Checks) -> list[Checked]:
    """Return what every check says, in the order of the settings."""
    found: list[Checked] = []
    for name, checks in (
        ("freshness", _freshness),
        ("volume", _volume),
        ("rejected", _rejected),
        ("coverage", _coverage),
        ("metrics", _metrics),
    ):
        if name not in settings.off:
            found += checks(seen, settings)
    return found


def needs_values(settings: Checks) -> bool:
    """Say whether any check looks at the values of metrics."""
    limited = settings.coverage != Limits() or bool(settings.metrics)
    return limited and not {"coverage", "metrics"} <= {*settings.off}


def newest_date(files: Iterable[InputFile]) -> dt.date | None:
    """Return the last date of a session to which the messages of some files belong."""
    return max((f.last_date for f in files if f.table_name == "messages" and f.last_date), default=None)


def sessions_by_date(connection: sa.Connection, night: dt.date | None) -> dict[dt.date, int]:
    """Return how many sessions the store has of a night and of its weekday in the weeks before."""
    if night is None:
        return {}
    wanted = {night, *week_dates(night)}
    return {row.date: row.sessions for row in current_days(connection, min(wanted), night) if row.date in wanted}


def check_unchanged(view: StoreView, first: dt.date | None, night: dt.date | None, settings: Settings) -> list[Checked]:
    """Return what the checks say where a run found nothing new: that may be what is wrong."""
    check_names(settings.checks, view.engine.host)
    with view.store.reading() as connection:
        last = latest_run(connection)
        files = [file for file in known_files(connection) if last is not None and file.run_id == last.id]
        sessions = sessions_by_date(connection, night)
    values: Mapping[str, Value] = {}
    if needs_values(settings.checks) and (night is None or sessions.get(night)):
        values = view.outcome(night or first, night).whole.values
    counts = last.input if last is not None else {}
    seen = Seen(night, newest_date(files), sessions, counts, view.engine.metrics, values)
    return check(seen, settings.checks)


def as_json(checks: Iterable[Checked]) -> list[dict[str, object]]:
    """Return checks as JSON has them."""
    return [
        {"name": one.name, "level": one.level, "message": {"zh": one.message.zh, "en": one.message.en}}
        for one in checks
    ]


def as_stored(checks: Iterable[Checked], language: str) -> list[Check]:
    """Return checks as the store keeps them: in the language of the run."""
    return [Check(one.name, one.level, one.message.zh if language == "zh" else one.message.en) for one in checks]


def check_names(settings: Checks, host: Host) -> None:
    """Make sure that limits are set for metrics that there are.

    :raises ConfigError: one is not known, and no plugin failed that may offer it.
    """
    known = {metric.name for plugin in host.plugins for metric in plugin.metrics}
    unknown = sorted(settings.metrics.keys() - known)
    if unknown and all(plugin.error is None for plugin in host.plugins):
        near = get_close_matches(unknown[0], sorted(known), n=1)
        hint = f"did you mean {near[0]}?" if near else "kefu metrics lists them all"
        raise ConfigError(f"setting 'checks.metrics.{unknown[0]}': there is no such metric: {hint}")


def week_dates(night: dt.date) -> list[dt.date]:
    """Return the same weekday of the weeks before, which the volume of a night is held against."""
    return [night - dt.timedelta(weeks=week) for week in range(1, WEEKS + 1)]


def judge(value: float, limits: Limits) -> tuple[Level, str, float]:
    """Return how bad a value is, and beyond which limit: ``below``, ``above`` or nothing."""
    for level, below, above in (
        ("error", limits.error_below, limits.error_above),
        ("warn", limits.warn_below, limits.warn_above),
    ):
        if below is not None and value < below:
            return level, "below", below  # type: ignore[return-value]
        if above is not None and value > above:
            return level, "above", above  # type: ignore[return-value]
    return "ok", "", value


def _freshness(seen: Seen, settings: Checks) -> Iterator[Checked]:
    if seen.night is None:
        return
    if seen.newest is None:
        message = Title(zh="输入中没有任何会话", en="there is no session in the input")
        yield Checked("freshness", "error", message)
        return
    behind = max((seen.night - seen.newest).days, 0)
    level, _, limit = judge(behind, settings.freshness)
    zh = f"最新会话的日期是 {seen.newest}，比 {seen.night} 早 {behind} 天"
    en = f"the newest session is of {seen.newest}, {behind} days before {seen.night}"
    if level != "ok":
        zh, en = f"{zh}（限 {limit:g} 天）", f"{en} (limit {limit:g})"
    yield Checked("freshness", level, Title(zh=zh, en=en))


def _volume(seen: Seen, settings: Checks) -> Iterator[Checked]:
    if seen.night is None:
        return
    before = [seen.sessions[date] for date in week_dates(seen.night) if date in seen.sessions]
    usual = median(before) if len(before) >= LEAST_WEEKDAYS else 0
    if not usual:
        return
    count = seen.sessions.get(seen.night, 0)
    level, side, limit = judge(count / usual, settings.volume)
    zh = f"{seen.night} 有 {count} 个会话，前 {WEEKS} 周同一星期日数的中位数是 {usual:g}（{count / usual:.0%}）"
    en = f"{seen.night} has {count} sessions, its weekday in the {WEEKS} weeks before {usual:g} ({count / usual:.0%})"
    yield Checked("volume", level, _beyond(zh, en, side, f"{limit:.0%}"))


def _rejected(seen: Seen, settings: Checks) -> Iterator[Checked]:
    for table, counts in sorted(seen.input.items()):
        rows, rejected = counts["rows"], counts["rejected"]
        if rows < settings.rejected.least_rows:
            continue
        level, side, limit = judge(rejected / rows, settings.rejected)
        share = f"{rejected / rows:.2%}"
        zh = f"{table} 的 {rows} 行中有 {rejected} 行被拒收（{share}）"
        en = f"{rejected} of {rows} rows of {table} were rejected ({share})"
        yield Checked(f"rejected.{table}", level, _beyond(zh, en, side, f"{limit:.2%}"))


def _coverage(seen: Seen, settings: Checks) -> Iterator[Checked]:
    for metric in seen.metrics:
        limits = _coverage_limits(settings.coverage, settings.metrics.get(metric.name))
        value = seen.values.get(metric.name)
        if limits == Limits() or value is None or value.coverage is None:
            continue
        level, side, limit = judge(value.coverage, limits)
        zh = f"{metric.title.zh}的覆盖率是 {value.coverage:.2%}"
        en = f"coverage of {metric.name} is {value.coverage:.2%}"
        yield Checked(f"coverage.{metric.name}", level, _beyond(zh, en, side, f"{limit:.2%}"))


def _coverage_limits(shared: Limits, own: MetricLimits | None) -> Limits:
    """Return the limits of a metric's coverage: its own, and those of all metrics where it has none."""
    if own is None:
        return shared
    told = {"warn_below": own.coverage_warn_below, "error_below": own.coverage_error_below}
    return shared.model_copy(update={name: limit for name, limit in told.items() if limit is not None})


def _metrics(seen: Seen, settings: Checks) -> Iterator[Checked]:
    known = {metric.name: metric for metric in seen.metrics}
    for name, limits in sorted(settings.metrics.items()):
        value = seen.values.get(name)
        if name not in known:
            missing = Title(zh=f"缺少指标 {name}", en=f"the metric {name} is missing")
            yield Checked(f"metrics.{name}", "warn", missing)
        elif value is not None and value.value is not None:
            level, side, limit = judge(value.value, limits)
            unit = known[name].unit
            zh = f"{known[name].title.zh}是 {_shown(value.value, unit)}"
            en = f"{name} is {_shown(value.value, unit)}"
            yield Checked(f"metrics.{name}", level, _beyond(zh, en, side, _shown(limit, unit)))


def _beyond(zh: str, en: str, side: str, limit: str) -> Title:
    """Return a sentence with the limit that was passed, if one was."""
    if not side:
        return Title(zh=zh, en=en)
    return Title(zh=f"{zh}，{'低' if side == 'below' else '高'}于 {limit}", en=f"{en}, {side} {limit}")


def _shown(value: float, unit: Unit) -> str:
    if unit == "ratio":
        return f"{value:.2%}"
    return f"{round(value, 2):g} s" if unit == "seconds" else f"{round(value, 2):g}"


def worst(checks: Iterable[Checked]) -> Level:
    """Return the worst level that a check came to."""
    levels = {one.level for one in checks}
    return "error" if "error" in levels else "warn" if "warn" in levels else "ok"
