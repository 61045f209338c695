"""Scorecards (综合评分): who has how many points, from what, and where that puts them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from difflib import get_close_matches
from fractions import Fraction

from kefu.aims.cards import CardSettings
from kefu.aims.house import CARDS
from kefu.aims.scale import Scale
from kefu.config import Settings
from kefu.errors import ConfigError
from kefu.metric import Better, Metric, Title
from kefu.night.periods import Dates
from kefu.night.view import StoreView
from kefu.steering.points import Part, score
from kefu.steering.readings import Chosen, Group, choose, read_groups, unsettled

UNKNOWN = "unknown"
NOBODY = Title(zh="不知道是谁", en="nobody knows who this is")
NO_POINTS = Title(zh="没有任何指标有值", en="no metric has a value")


@dataclass(frozen=True, slots=True)
class Line:
    """One agent, team or queue on a card; the whole has the key ``""``, and no rank.

    :param before: the points of the period before.
    :param rank: 1 is the best; equal points share a rank, and as many ranks are left out after it.
    :param unranked: why it has no rank.
    """

    key: str
    sessions: int | None
    points: Fraction | None
    parts: tuple[Part, ...]
    before: Fraction | None = None
    rank: int | None = None
    unranked: Title | None = None


@dataclass(frozen=True, slots=True)
class Card:
    """A scorecard of a period.

    :param metrics: those of its metrics that there are.
    :param gone: of each metric that has no value in any line, why, and the share of the weight that it gave away.
    :param wider: metrics whose values are of everything that somebody did, not of the card's sessions alone.
    :param unsettled: metrics whose values later sessions may still change.
    :param trend: of a card for the whole, its points on each date or in each week, by its Monday.
    """

    name: str
    title: Title
    settings: CardSettings
    metrics: Mapping[str, Metric]
    lines: tuple[Line, ...]
    gone: Mapping[str, tuple[Title | None, Fraction]]
    wider: tuple[str, ...]
    unsettled: tuple[str, ...]
    trend: Mapping[dt.date, Fraction | None]


def cards(view: StoreView, dates: Dates, settings: Settings, names: Sequence[str] = ()) -> list[Card]:
    """Return scorecards of a period: those that are named, else all that are not off.

    :raises ConfigError: there is no such card, or a card names a metric that there is not.
    """
    known = settings.scorecards
    for name in names:
        if name not in known:
            near = get_close_matches(name, known, n=1)
            hint = f"did you mean {near[0]}?" if near else f"there are {', '.join(known)}"
            raise ConfigError(f"there is no scorecard {name!r}: {hint}")
    wanted = list(dict.fromkeys(names)) or [name for name, card in known.items() if not card.off]
    return [_card(view, dates, name, known[name]) for name in wanted]


def _card(view: StoreView, dates: Dates, name: str, settings: CardSettings) -> Card:
    ours = CARDS.get(name, {}).get("metrics", {})
    place = f"scorecards.{name}.metrics"
    chosen = choose(view, settings.weighed, place, ours)
    for metric in chosen.metrics.values():
        check_direction(metric.name, metric.better, settings.metrics[metric.name], place)
    by = () if settings.by == "whole" else (settings.by,)
    where: Mapping[str, str] = {str(name): value for name, value in settings.where.items()}
    now = read_groups(view, dates, by, where, chosen, widen=True)
    before = read_groups(view, dates.before(), by, where, chosen, widen=True)
    found = _lines(settings, now, before)
    lines = ranked(found, settings.least_sessions) if by else found
    title = Title(zh=name, en=name) if settings.title is None else Title(settings.title.zh, settings.title.en)
    trend = {} if by else _trend(view, dates, settings, where, chosen)
    late = tuple(metric.name for metric in chosen.metrics.values() if unsettled(view, metric, dates))
    return Card(name, title, settings, chosen.metrics, tuple(lines), gone(lines), _wider(lines), late, trend)


def _lines(
    settings: CardSettings, now: Mapping[tuple[str, ...], Group], before: Mapping[tuple[str, ...], Group]
) -> list[Line]:
    found = []
    for key, group in now.items():
        told = score(settings.weighed, group.readings)
        then = score(settings.weighed, before[key].readings).points if key in before else None
        found.append(Line(key[0] if key else "", group.sessions, told.points, told.parts, then))
    return found


def _trend(
    view: StoreView, dates: Dates, settings: CardSettings, where: Mapping[str, str], chosen: Chosen
) -> dict[dt.date, Fraction | None]:
    by = (dates.trend_by,)
    groups = read_groups(view, dates.trend(), by, where, chosen)
    return {dt.date.fromisoformat(key): score(settings.weighed, g.readings).points for (key,), g in groups.items()}


def ranked(lines: Iterable[Line], least_sessions: int) -> list[Line]:
    """Return lines from the best to the least, with their ranks; those without a rank come last.

    Equal points share a rank: 1, 2, 2, 4. Who is nobody, has no points or too few sessions has none.
    """
    told = [replace(line, rank=None, unranked=_unranked(line, least_sessions)) for line in lines]
    told.sort(key=lambda line: (line.unranked is not None, -(line.points or Fraction()), line.key))
    points = [line.points for line in told if line.unranked is None]
    first = {some: place for place, some in reversed([*enumerate(points, 1)])}
    return [line if line.unranked else replace(line, rank=first[line.points]) for line in told]


def _unranked(line: Line, least: int) -> Title | None:
    if line.points is None:
        return NO_POINTS
    if line.key == UNKNOWN:
        return NOBODY
    if line.sessions is not None and line.sessions < least:
        return Title(zh=f"人工会话少于 {least} 次", en=f"fewer than {least} human sessions")
    return None


def gone(lines: Sequence[Line]) -> dict[str, tuple[Title | None, Fraction]]:
    """Return the metrics that no line has a value of, each with the reason and the share of the weight it gave away."""
    found: dict[str, tuple[Title | None, Fraction]] = {}
    for parts in zip(*(line.parts for line in lines), strict=True):
        if all(part.points is None for part in parts):
            found[parts[0].metric] = (parts[0].missing, parts[0].asked)
    return found


def _wider(lines: Sequence[Line]) -> tuple[str, ...]:
    named = {part.metric: None for line in lines for part in line.parts if part.wider and part.points is not None}
    return tuple(named)


def check_direction(metric: str, better: Better, scale: Scale, setting: str) -> None:
    """Make sure that a scale rewards the values that are better.

    :raises ConfigError: it rewards the others.
    """
    if {better, scale.rewards} == {"higher", "lower"}:
        raise ConfigError(
            f"setting '{setting}.{metric}': it gives more points to {scale.rewards} values, but {better} is better: "
            f"exchange floor and target"
        )
