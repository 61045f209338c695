"""What changed from one period to another, and why: which groups grew, and what happened inside them.

The value of the whole is the mean of its groups, weighted by what each counts. So a change is *mix* where weights
moved, and *rate* where the groups' own values moved; both add up to the change, exactly. What the groups do not have in
common with the whole, such as sessions that two agents share, stands by itself.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from fractions import Fraction

from kefu.metric import Metric, Quantile, Ratio, Title
from kefu.night.percentiles import Sizes, middle_of, moved
from kefu.night.periods import ONE, Dates
from kefu.night.view import StoreView
from kefu.run.values import GroupValues, Measured, Value, total_of
from kefu.store.days import DayRow

GROUPINGS = ("channel", "queue", "scene", "team")
"""What a change is split by, if nobody says by what."""
NOTHING = Fraction()
WHOLE = Fraction(1)
HALF = Fraction(1, 2)


@dataclass(frozen=True, slots=True)
class Side:
    """A group, or the whole, in one period.

    :param weight: its share of what the metric counts; 0 where it is not there.
    """

    value: float | None
    weight: Fraction
    measures: Measured


@dataclass(frozen=True, slots=True)
class Part:
    """What a group adds to a change: by its weight (``mix``) and by its own value (``rate``)."""

    group: str
    before: Side
    after: Side
    mix: Fraction
    rate: Fraction

    @property
    def change(self) -> Fraction:
        """Both together."""
        return self.mix + self.rate


@dataclass(frozen=True, slots=True)
class Change:
    """A change, split by one grouping: ``mix + rate + shared == change``, exactly.

    :param mix: what the weights of all groups add, ``rate`` what their own values add.
    :param shared: what the groups do not have in common with the whole: rows that several of them count, or none.
    :param joint: the part of ``mix + rate`` that no group adds alone; 0 but for percentiles.
    :param parts: the groups, those that matter first.
    :param why_not: why the change cannot be split; then there are no parts.
    """

    metric: Metric
    by: str
    before: Side
    after: Side
    change: Fraction | None = None
    mix: Fraction = NOTHING
    rate: Fraction = NOTHING
    shared: Fraction = NOTHING
    joint: Fraction = NOTHING
    parts: Sequence[Part] = field(default=())
    why_not: Title | None = None


@dataclass(frozen=True, slots=True)
class State:
    """A metric in one period: the whole, its groups, and of a percentile how often each size occurs in each."""

    whole: Value
    groups: Mapping[str, Value]
    whole_sizes: Sizes | None
    sizes: Mapping[str, Sizes]


def why(view: StoreView, name: str, before: Dates, after: Dates, by: Sequence[str] = ()) -> list[Change]:
    """Return the change of a metric, split by each of some groupings; by those that are at hand, if none are named.

    :raises ConfigError: there is no such metric.
    """
    metric = view.engine.metric(name)
    found = [split(view, metric, before, after, one) for one in by or GROUPINGS]
    told = [change for change in found if len(change.parts) > 1]
    return found if by else told or found[:1]


def lacking(view: StoreView, dates: Dates) -> list[dt.date]:
    """Return the dates of a period that the store does not have."""
    stored = {day.date for day in view.days(dates.first, dates.last)}
    inside = (dates.first + ONE * number for number in range((dates.last - dates.first).days + 1))
    return [date for date in inside if date not in stored]


def split(view: StoreView, metric: Metric, before: Dates, after: Dates, by: str) -> Change:
    """Split the change of a metric between two periods by a grouping."""
    return split_states(metric, by, _state(view, metric, before, by), _state(view, metric, after, by))


def split_states(metric: Metric, by: str, old: State, new: State) -> Change:
    """Split the change between two states of a metric."""
    change = Change(metric, by, _side(old.whole), _side(new.whole))
    cannot = _why_not(metric, by, old, new)
    if cannot is not None:
        return Change(metric, by, change.before, change.after, _difference(metric, old, new), why_not=cannot)
    return _of_percentile(change, old, new) if isinstance(metric.value, Quantile) else _of_ratio(change, old, new)


def _state(view: StoreView, metric: Metric, dates: Dates, by: str) -> State:
    days = view.days(dates.first, dates.last)
    whole = view.groups(days, dates.last, (), [metric])[0].values[metric.name]
    groups = {_key(group): group.values[metric.name] for group in view.groups(days, dates.last, (by,), [metric])}
    if not isinstance(metric.value, Quantile):
        return State(whole, groups, None, {})
    spread = metric.value.spread
    return State(
        whole,
        groups,
        _sizes(view, metric, spread, days, ()).get(()),
        {str(key[0]): sizes for key, sizes in _sizes(view, metric, spread, days, (by,)).items()},
    )


def _sizes(
    view: StoreView, metric: Metric, spread: str, days: Sequence[DayRow], by: tuple[str, ...]
) -> dict[tuple[object, ...], Sizes]:
    rows = view.evaluator(days, None, by, [metric]).sizes(metric, spread, by)
    if not by:
        return {(): Sizes.of(rows)} if len(rows) else {}
    return {key: Sizes.of(some) for key, some in rows.partition_by(*by, as_dict=True).items()}


def _key(group: GroupValues) -> str:
    return group.key[0]


def _side(value: Value, weight: Fraction = WHOLE) -> Side:
    return Side(value.value, weight, value.measures)


def _why_not(metric: Metric, by: str, old: State, new: State) -> Title | None:
    """Return why a change cannot be split, or ``None``."""
    if old.whole.value is None or new.whole.value is None:
        return Title(zh="其中一个期间没有数值", en="one of the periods has no value")
    if not isinstance(metric.value, Ratio | Quantile):
        return Title(
            zh="这个指标不由各组的数值合成，无法按组拆分",
            en="this metric is not made up of the values of groups, so that it cannot be split by them",
        )
    if all(value.value is None for state in (old, new) for value in state.groups.values()):
        return Title(zh=f"这个指标不按 {by} 分组", en=f"this metric has no values by {by}")
    return None


def _difference(metric: Metric, old: State, new: State) -> Fraction | None:
    """Return the change of the whole; of what no integers tell, the change of the values as they are."""
    if isinstance(metric.value, Ratio):
        before, after = (_rate(metric.value, state.whole.measures) for state in (old, new))
    else:
        before, after = (None if s.whole.value is None else Fraction(s.whole.value) for s in (old, new))
    return None if before is None or after is None else after - before


def _of_ratio(change: Change, old: State, new: State) -> Change:
    """Split a quotient of sums: each group weighs what it adds to the bottom."""
    formula = change.metric.value
    assert isinstance(formula, Ratio)  # noqa: S101 - the caller looked
    difference = _difference(change.metric, old, new)
    weights, rates = [], []
    for state in (old, new):
        bottoms = {name: total_of(formula.bottom, value.measures) or 0 for name, value in state.groups.items()}
        whole = sum(bottoms.values())
        weights.append({name: Fraction(size, whole) for name, size in bottoms.items() if size and whole})
        rates.append({name: _rate(formula, state.groups[name].measures) or NOTHING for name in weights[-1]})
    pooled = [_mean(*both) for both in zip(weights, rates, strict=True)]
    if difference is None or None in pooled:
        return Change(change.metric, change.by, change.before, change.after, difference, shared=difference or NOTHING)
    middle = HALF * sum(value for value in pooled if value is not None)
    parts = []
    for name in sorted({*weights[0], *weights[1]}):
        w0, w1 = (some.get(name, NOTHING) for some in weights)
        r0, r1 = (some.get(name) for some in rates)
        r0, r1 = (r1 if r0 is None else r0), (r0 if r1 is None else r1)
        assert r0 is not None and r1 is not None  # noqa: S101, PT018 - it is in one of both
        mix, rate = (w1 - w0) * (HALF * (r0 + r1) - middle), (r1 - r0) * HALF * (w0 + w1)
        parts.append(_part(name, old, new, (w0, w1), (mix, rate)))
    return _put_together(change, difference, parts)


def _of_percentile(change: Change, old: State, new: State) -> Change:
    """Split a percentile: what it would be with the later weights, or the later sizes, alone."""
    formula = change.metric.value
    assert isinstance(formula, Quantile)  # noqa: S101
    assert old.whole_sizes is not None and new.whole_sizes is not None  # noqa: S101, PT018 - both have a value
    percent, per = formula.percent, formula.per
    before, after = (middle_of(state.whole_sizes, percent) for state in (old, new) if state.whole_sizes is not None)
    found = moved(old.sizes, new.sizes, percent)
    parts = [
        _part(name, old, new, group.weights, (group.mix / per, group.rate / per))
        for name, group in sorted(found.groups.items())
    ]
    return _put_together(change, (after - before) / per, parts, (found.mix / per, found.rate / per))


def _part(
    name: str, old: State, new: State, weights: tuple[Fraction, Fraction], moves: tuple[Fraction, Fraction]
) -> Part:
    before, after = (state.groups.get(name, Value(None, {}, None)) for state in (old, new))
    return Part(name, _side(before, weights[0]), _side(after, weights[1]), *moves)


def _put_together(
    change: Change, difference: Fraction, parts: Sequence[Part], whole: tuple[Fraction, Fraction] | None = None
) -> Change:
    """Return the change with its parts in order, and what they leave.

    :param whole: mix and rate of all groups together, where that is not the sum of the parts.
    """
    alone = (sum((part.mix for part in parts), NOTHING), sum((part.rate for part in parts), NOTHING))
    mix, rate = alone if whole is None else whole
    return Change(
        change.metric,
        change.by,
        change.before,
        change.after,
        difference,
        mix,
        rate,
        shared=difference - mix - rate,
        joint=mix + rate - sum(alone, NOTHING),
        parts=sorted(parts, key=lambda part: (-abs(part.change), part.group)),
    )


def _mean(weights: Mapping[str, Fraction], rates: Mapping[str, Fraction]) -> Fraction | None:
    return sum((weights[name] * rates[name] for name in weights), NOTHING) if weights else None


def _rate(formula: Ratio, measures: Measured) -> Fraction | None:
    top, bottom = total_of(formula.top, measures), total_of(formula.bottom, measures)
    return None if top is None or not bottom else Fraction(top * formula.times, bottom * formula.per)
