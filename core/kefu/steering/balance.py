"""Balance (效率与感知): each agent or queue on efficiency and perception, and where one rises at the other's cost."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from fractions import Fraction
from types import MappingProxyType
from typing import Literal

from kefu.aims.balance import BalanceSettings, SideScale
from kefu.aims.house import EFFICIENCY, PERCEPTION
from kefu.aims.scale import exact
from kefu.config import Settings
from kefu.night.periods import Dates
from kefu.night.view import StoreView
from kefu.steering.points import Part, Score, score
from kefu.steering.readings import Chosen, Group, Reading, choose, read_groups
from kefu.steering.scorecards import check_direction

By = Literal["agent_id", "queue", "team", "channel", "scene"]
Quadrant = Literal["both", "efficient", "perceived", "neither"]
Code = Literal["efficiency_over_perception", "occupancy_high", "occupancy_low", "quick_but_repeated"]
FURTHER = ("occupancy", "handle_time", "repeat_contact_rate")
"""Metrics that warnings look at, whatever the sides are made of."""


@dataclass(frozen=True, slots=True)
class Warned:
    """A warning, with the numbers behind it: what was, what is, by how much it changed."""

    code: Code
    numbers: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Side:
    """Efficiency or perception of somebody.

    :param points: the mean points of its metrics that have a value, ``None`` without any.
    :param change: by how much they changed since the period before, of the metrics that have a value in both.
    """

    points: Fraction | None
    change: Fraction | None
    parts: tuple[Part, ...]


@dataclass(frozen=True, slots=True)
class Standing:
    """Where an agent or a queue stands.

    :param sessions: its human sessions in the period; ``sessions_before``: in the one before.
    :param few: too few of them in one of both periods to compare these.
    """

    key: str
    sessions: int | None
    sessions_before: int | None
    efficiency: Side
    perception: Side
    quadrant: Quadrant | None
    few: bool
    warnings: tuple[Warned, ...]


def balance(view: StoreView, dates: Dates, by: By, settings: Settings) -> list[Standing]:
    """Return where every agent, or every queue …, stands, in order of their keys.

    :raises ConfigError: the settings name a metric that there is not, or reward its worse values.
    """
    told = settings.balance
    chosen = _choose(view, told)
    now = read_groups(view, dates, (by,), {}, chosen)
    before = read_groups(view, dates.before(), (by,), {}, chosen)
    return [standing(key, now[key,], before.get((key,)), told) for (key,) in sorted(now)]


def standing(key: str, now: Group, before: Group | None, settings: BalanceSettings) -> Standing:
    """Return where one stands, from the values of both periods; nothing else is looked at."""
    least = settings.least_sessions
    few = any(group is not None and group.sessions is not None and group.sessions < least for group in (now, before))
    then = {} if before is None else before.readings
    efficiency = _side(settings.efficiency, now.readings, then)
    perception = _side(settings.perception, now.readings, then)
    warnings = [*_occupancy(now.readings, settings)]
    if not few:
        warnings += [*_opposed(efficiency, perception, settings), *_repeated(now.readings, then, settings)]
    quadrant = _quadrant(efficiency.points, perception.points, settings.boundary)
    before_sessions = None if before is None else before.sessions
    return Standing(key, now.sessions, before_sessions, efficiency, perception, quadrant, few, tuple(warnings))


def _side(scales: Mapping[str, SideScale], now: Mapping[str, Reading], then: Mapping[str, Reading]) -> Side:
    told = _score(scales, now)
    both = [name for name in scales if _has(now, name) and _has(then, name)]
    after, earlier = (_score(scales, {name: side[name] for name in both}).points for side in (now, then))
    return Side(told.points, None if after is None or earlier is None else after - earlier, told.parts)


def _score(scales: Mapping[str, SideScale], readings: Mapping[str, Reading]) -> Score:
    """Weigh a side; what stands in for a metric counts only where that has no value."""
    used = {name: scale for name, scale in scales.items() if not _has(readings, scale.instead_of)}
    return score(used, readings)


def _has(readings: Mapping[str, Reading], name: str | None) -> bool:
    return name is not None and name in readings and readings[name].value is not None


def _quadrant(efficiency: Fraction | None, perception: Fraction | None, boundary: float) -> Quadrant | None:
    if efficiency is None or perception is None:
        return None
    if efficiency >= exact(boundary):
        return "both" if perception >= exact(boundary) else "efficient"
    return "perceived" if perception >= exact(boundary) else "neither"


def _opposed(efficiency: Side, perception: Side, settings: BalanceSettings) -> Iterator[Warned]:
    rise, fall = efficiency.change, perception.change
    if rise is not None and fall is not None and rise > exact(settings.threshold) and -fall > exact(settings.threshold):
        yield _warned("efficiency_over_perception", efficiency=float(rise), perception=float(fall))


def _occupancy(now: Mapping[str, Reading], settings: BalanceSettings) -> Iterator[Warned]:
    value = now["occupancy"].value if "occupancy" in now else None
    if value is not None and value > settings.occupancy_most:
        yield _warned("occupancy_high", value=value, limit=settings.occupancy_most)
    if value is not None and value < settings.occupancy_least:
        yield _warned("occupancy_low", value=value, limit=settings.occupancy_least)


def _repeated(now: Mapping[str, Reading], then: Mapping[str, Reading], settings: BalanceSettings) -> Iterator[Warned]:
    """Warn where handle time falls while customers come back: cases are closed, not solved."""
    told = [side[name].value if name in side else None for name in FURTHER[1:] for side in (then, now)]
    if None in told:
        return
    time, less, repeats, more = (exact(value) for value in told if value is not None)
    quicker = time > 0 and (time - less) / time >= exact(settings.handle_time_fall) and less < time
    if quicker and more > repeats and more - repeats >= exact(settings.repeat_rise):
        fall, rise = float((time - less) / time), float(more - repeats)
        yield _warned("quick_but_repeated", handle_time=float(less), fall=fall, repeated=float(more), rise=rise)


def _warned(code: Code, **numbers: float) -> Warned:
    return Warned(code, MappingProxyType(numbers))


def _choose(view: StoreView, settings: BalanceSettings) -> Chosen:
    """Find the metrics of both sides and those that warnings look at."""
    sides = (("efficiency", settings.efficiency, EFFICIENCY), ("perception", settings.perception, PERCEPTION))
    found = choose(view, FURTHER, "balance", FURTHER)
    for side, scales, ours in sides:
        weighed = {name: scale for name, scale in scales.items() if scale.weight > 0}
        chosen = choose(view, weighed, f"balance.{side}", ours)
        for metric in chosen.metrics.values():
            check_direction(metric.name, metric.better, weighed[metric.name], f"balance.{side}")
        found = Chosen({**found.metrics, **chosen.metrics}, {**found.missing, **chosen.missing})
    return found
