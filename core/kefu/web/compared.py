"""What changed and why, and two groups side by side, as the page of a metric shows them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction

from kefu.metric import Metric, Title
from kefu.night.changes import Change, Part
from kefu.night.periods import Dates
from kefu.night.view import StoreView
from kefu.run.values import Value
from kefu.show.format import interval_text, value_text
from kefu.show.terminal import formula_text
from kefu.show.why import HEADS, JOINT, MOST_GROUPS, SHARED, signed
from kefu.show.words import Language
from kefu.web import charts

SPLIT = ("agent_id", "team", "queue", "channel", "scene", "half_hour")
"""Groupings by which a change can be split: both periods have the same groups."""
CHART = (360, 120)
WHOLE = Title(zh="全部", en="whole")


@dataclass(frozen=True, slots=True)
class Why:
    """A change, split by a grouping, as a table.

    :param lines: of each group its name, then its cells under ``heads``.
    :param rest: what no group adds alone.
    :param whole: the cells of the whole.
    :param not_split: why there is no table; ``None`` where there is.
    """

    change: str
    heads: Sequence[str]
    lines: Sequence[tuple[str, Sequence[str]]]
    rest: Sequence[tuple[str, Sequence[str]]]
    whole: tuple[str, Sequence[str]]
    not_split: str | None = None


@dataclass(frozen=True, slots=True)
class Side:
    """One of two groups."""

    key: str
    value: Value
    text: str
    formula: str
    chart: charts.Line
    trend: Sequence[charts.Point]


def why_of(change: Change, language: Language) -> Why:
    """Return a change as a table."""
    unit = change.metric.unit
    not_split = None if change.why_not is None else _pick(change.why_not, language)
    values = [value_text(side.value, unit) for side in (change.before, change.after)]
    both = [signed(move, unit) for move in (change.mix, change.rate, change.change)]
    return Why(
        signed(change.change, unit),
        [_pick(head, language) for head in HEADS],
        [(part.group, _cells(part, change)) for part in change.parts[:MOST_GROUPS]],
        [*_rest(change, language)],
        (_pick(WHOLE, language), [*values, "", *both]),
        not_split,
    )


def _cells(part: Part, change: Change) -> list[str]:
    unit = change.metric.unit
    values = [value_text(side.value, unit) for side in (part.before, part.after)]
    weights = f"{float(part.before.weight):.1%} → {float(part.after.weight):.1%}"
    return [*values, weights, *(signed(move, unit) for move in (part.mix, part.rate, part.change))]


def _rest(change: Change, language: Language) -> Iterator[tuple[str, Sequence[str]]]:
    unit, more = change.metric.unit, change.parts[MOST_GROUPS:]
    if more:
        moves = (sum((getattr(part, name) for part in more), Fraction()) for name in ("mix", "rate", "change"))
        told = f"另 {len(more)} 组" if language == "zh" else f"{len(more)} more"
        yield told, ["", "", "", *(signed(move, unit) for move in moves)]
    for title, rest in ((SHARED, change.shared), (JOINT, change.joint)):
        if rest:
            yield _pick(title, language), ["", "", "", "", "", signed(rest, unit)]


def pair_of(told: Mapping[str, str], keys: Mapping[str, object]) -> tuple[str, ...]:
    """Return the two groups that an address asks for, nothing where it does not or there are none such.

    ``groups`` holds both with a comma between; a comma may stand in their names, too.
    """
    asked = [(told.get("one", ""), told.get("two", ""))]
    both = told.get("groups", "")
    asked += [(both[:place], both[place + 1 :]) for place, sign in enumerate(both) if sign == ","]
    return next((pair for pair in asked if pair[0] != pair[1] and pair[0] in keys and pair[1] in keys), ())


def sides(view: StoreView, metric: Metric, dates: Dates, by: str, pair: Sequence[tuple[str, Value]]) -> list[Side]:
    """Return groups side by side, their trends to the same scale; where the groups are dates there are no trends."""
    if not pair:
        return []
    trends = _trends(view, metric, dates, by, [key for key, _ in pair])
    every = [point for trend in trends.values() for point in trend]
    return [
        Side(
            key,
            value,
            value_text(value.value, metric.unit),
            formula_text(metric.value, value.measures) + interval_text(value.interval, metric.unit),
            charts.line(trends[key], *CHART, among=every),
            trends[key],
        )
        for key, value in pair
    ]


def _trends(
    view: StoreView, metric: Metric, dates: Dates, by: str, keys: Sequence[str]
) -> dict[str, list[charts.Point]]:
    found: dict[str, list[charts.Point]] = {key: [] for key in keys}
    if by not in SPLIT:
        return found
    told, step = dates.trend(), dates.trend_by
    groups = view.groups(view.days(told.first, told.last), told.last, (step, by), [metric])
    values = {group.key: group.values[metric.name].value for group in groups}
    steps = sorted({key[0] for key in values})
    for key in keys:
        found[key] = [(dt.date.fromisoformat(one), values.get((one, key))) for one in steps]
    return found


def apart(both: Sequence[Side], metric: Metric) -> str | None:
    """Return how much higher the second of two groups is than the first."""
    known = [side.value.value for side in both if side.value.value is not None]
    return signed(Fraction(known[1]) - Fraction(known[0]), metric.unit) if len(known) > 1 else None


def _pick(title: Title, language: Language) -> str:
    return title.zh if language == "zh" else title.en
