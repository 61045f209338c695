"""From merged measures to values: any grouping, one formula each, division last."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from types import MappingProxyType
from typing import cast

import polars as pl

from kefu.metric import (
    Computed,
    Count,
    Estimate,
    Metric,
    Pairs,
    Peak,
    Quantile,
    RankCorrelation,
    Ratio,
    Rows,
    Second,
    Spread,
    Total,
)
from kefu.run.correlation import spearman
from kefu.run.plan import Groups, Item, Plan, merged, stand_in
from kefu.run.spread import middle
from kefu.run.tally import Tallies, grouped

Measured = Mapping[str, int | None]


@dataclass(frozen=True, slots=True)
class Value:
    """A metric's value in one group, with the measures behind it.

    :param value: ``None`` where the denominator is 0 or the data is not there.
    :param coverage: the share of the rows that it is about that had the data.
    :param interval: between which ends the true value lies, of metrics that say so.
    """

    value: float | None
    measures: Measured
    coverage: float | None
    interval: tuple[float, float] | None = None


@dataclass(frozen=True, slots=True)
class GroupValues:
    """The values of one group: its keys in the order of ``by``, then every metric by name."""

    key: tuple[str, ...]
    values: Mapping[str, Value]


class Evaluator:
    """Evaluates metrics over the tallies of a run.

    :param present: which of ``Metric.needs`` the input fulfils, by metric name.
    """

    def __init__(
        self,
        plan: Plan,
        tallies: Mapping[str, Tallies],
        present: Mapping[str, bool],
        own: Groups = MappingProxyType({}),
    ) -> None:
        """Take the tallies by table; the tables of agents stand beside those they stand in for."""
        self._plan = plan
        self._tallies = tallies
        self._present = present
        self._own = own

    def groups(self, metrics: Sequence[Metric], by: Sequence[str]) -> list[GroupValues]:
        """Return every group in order; without ``by``, the one group that is the whole."""
        wide = self._wide(metrics, by)
        quantiles = self._quantiles(metrics, by)
        found = []
        for row in wide.sort(*by, nulls_last=True).iter_rows(named=True) if by else wide.iter_rows(named=True):
            key = tuple(row[name] for name in by)
            values = {metric.name: self._value(metric, by, row, quantiles.get(key, {})) for metric in metrics}
            found.append(GroupValues(tuple(str(part) for part in key), values))
        return found

    def _wide(self, metrics: Sequence[Metric], by: Sequence[str]) -> pl.DataFrame:
        """Return a row a group with a column for each measure, and for each second-level measure."""
        frames = [*self._numbers(by), *(self._over(metric, by) for metric in metrics if metric.each)]
        frames = [frame for frame in frames if frame.width > len(by)]
        if not by:
            return pl.concat(frames, how="horizontal") if frames else pl.DataFrame({"_": [0]})
        frames += self._bucket_groups(by)
        if not frames:
            return pl.DataFrame(schema=dict.fromkeys(by, pl.String))
        whole = pl.concat([frame.select(*by) for frame in frames], how="vertical_relaxed").unique()
        for frame in frames:
            if frame.width > len(by):
                whole = whole.join(frame, on=[*by], how="left", nulls_equal=True)
        return whole

    def _numbers(self, by: Sequence[str]) -> Iterable[pl.DataFrame]:
        for table, items in self._plan.items.items():
            tallies = self._tallies_of(table, by)
            numbers = [item for item in items if not isinstance(item.measure, Spread) and self._is_taken(item, by)]
            if tallies is not None and numbers:
                yield grouped(with_dates(tallies.numbers(), by), by, [merged(item) for item in numbers])

    def _bucket_groups(self, by: Sequence[str]) -> list[pl.DataFrame]:
        """Return the groups that have a spread; they need not have any other measure."""
        found = [self._tallies_of(table, by) for table in self._plan.items]
        frames = [tallies.buckets() for tallies in found if tallies is not None]
        return [with_dates(frame, by).select(*by).unique() for frame in frames if len(frame)]

    def measurable(self, metric: Metric, by: Sequence[str]) -> bool:
        """Return whether a metric can have values in such groups."""
        return all(self._is_taken(self._plan.of[metric.name, name], by) for name in metric.measures)

    def sizes(self, metric: Metric, spread: str, by: Sequence[str]) -> pl.DataFrame:
        """Return how often each bucket of a spread occurs in each group: the columns of ``by``, ``bucket``, ``n``."""
        item = self._plan.of[metric.name, spread]
        tallies = self._tallies_of(item.table, by)
        found = pl.DataFrame() if tallies is None else tallies.buckets()
        if found.is_empty():
            return pl.DataFrame(schema={**dict.fromkeys(by, pl.String()), "bucket": pl.Int32(), "n": pl.Int64()})
        lines = with_dates(found.filter(pl.col("id") == item.id), by)
        return lines.group_by(*by, "bucket").agg(pl.col("n").sum()).sort(*by, "bucket")

    def _tallies_of(self, table: str, by: Sequence[str]) -> Tallies | None:
        name = stand_in(table, by, self._own)
        return None if name is None else self._tallies.get(name)

    def _is_taken(self, item: Item, by: Sequence[str]) -> bool:
        tallies = self._tallies_of(item.table, by)
        return tallies is not None and item.id in tallies.ids

    def _over(self, metric: Metric, by: Sequence[str]) -> pl.DataFrame:
        """Merge a metric's measures for each of ``each``, then take its second-level measures."""
        tallies = self._tallies_of(metric.on, by)
        if tallies is None:
            return pl.DataFrame()
        keys = [*dict.fromkeys([*by, *metric.each])]
        first = [merged(self._plan.of[metric.name, name]).alias(name) for name in metric.measures]
        rows = grouped(with_dates(tallies.numbers(), by), keys, first)
        second = [second_step(measure).alias(f"{metric.name}/{name}") for name, measure in metric.over.items()]
        return grouped(rows, by, second)

    def _quantiles(self, metrics: Sequence[Metric], by: Sequence[str]) -> dict[tuple[object, ...], dict[str, int]]:
        """Return for each group the bucket at each percentile (``id@percent``) and the number of values (``id``)."""
        asked: dict[str, set[int]] = {}
        tables: dict[str, None] = {}
        for metric in metrics:
            for name, measure in metric.measures.items():
                if isinstance(measure, Spread):
                    item = self._plan.of[metric.name, name]
                    tables[item.table] = None
                    percents = {metric.value.percent} if isinstance(metric.value, Quantile) else set()
                    asked.setdefault(item.id, set()).update(percents)
        found: dict[tuple[object, ...], dict[str, int]] = {}
        for table in tables:
            tallies = self._tallies_of(table, by)
            if tallies is not None:
                _read_buckets(tallies.buckets(), by, asked, found)
        return found

    def _value(
        self, metric: Metric, by: Sequence[str], row: Mapping[str, object], quantiles: Mapping[str, int]
    ) -> Value:
        there = self.measurable(metric, by)
        if not there or not self._present[metric.name]:
            return Value(None, dict.fromkeys(metric.over or metric.measures), None if not there else 0.0)
        if metric.over:
            found = {name: row.get(f"{metric.name}/{name}") for name in metric.over}
        else:
            found = {name: _number(self._plan.of[metric.name, name], row, quantiles) for name in metric.measures}
        measures = {name: _size(value) for name, value in found.items()}
        coverage = 1.0 if metric.coverage is None else ratio(metric.coverage, measures)
        if metric.only_covered and not coverage:
            return Value(None, measures, coverage)
        value = self._formula(metric, found, measures, quantiles)
        if not isinstance(value, Estimate):
            return Value(value, measures, coverage)
        known = value.value is not None and value.low is not None and value.high is not None
        return Value(value.value, measures, coverage, (value.low, value.high) if known else None)  # type: ignore[arg-type]

    def _formula(
        self, metric: Metric, found: Mapping[str, object], measures: Measured, quantiles: Mapping[str, int]
    ) -> float | Estimate | None:
        match metric.value:
            case Ratio() as formula:
                return ratio(formula, measures)
            case Quantile(spread, percent, per):
                place = quantiles.get(f"{self._plan.of[metric.name, spread].id}@{percent}")
                return None if place is None else middle(place) / per
            case RankCorrelation(pairs):
                return spearman(cast("list[Mapping[str, float]]", found[pairs] or []))
            case Computed(rows, of):
                return of(cast("list[Mapping[str, float]]", found[rows] or []))


def ratio(formula: Ratio, measures: Measured) -> float | None:
    """Divide, once; ``None`` where the bottom is 0 or a measure is not there."""
    top, bottom = total_of(formula.top, measures), total_of(formula.bottom, measures)
    return None if top is None or not bottom else top * formula.times / (bottom * formula.per)


def total_of(side: str | Total, measures: Measured) -> int | None:
    """Return one side of a quotient; ``None`` where a measure is not there."""
    if isinstance(side, str):
        return measures[side]
    values = [measures[name] for name in side.plus]
    less = [measures[name] for name in side.minus]
    if None in values or None in less:
        return None
    return sum(values) - sum(less)  # type: ignore[arg-type]


def _number(item: Item, row: Mapping[str, object], quantiles: Mapping[str, int]) -> object:
    """Return a measure in a group; a group without any rows of the table counts 0, but has no peak."""
    if isinstance(item.measure, Spread):
        return quantiles.get(item.id, 0)
    value = row.get(item.id)
    return 0 if value is None and not isinstance(item.measure, Peak) else value


def _size(value: object) -> int | None:
    return len(value) if isinstance(value, list) else value  # type: ignore[return-value]


def second_step(measure: Second) -> pl.Expr:
    """Return the expression of a second-level measure over the rows that ``each`` makes."""
    if isinstance(measure, Rows):
        return pl.struct(*measure.columns).sort_by(*measure.columns, nulls_last=True).implode()
    if isinstance(measure, Pairs):
        whole = pl.col(measure.x).is_not_null() & (pl.col(measure.y_count) > 0)
        pair = pl.struct(x=measure.x, y=pl.col(measure.y_sum) / pl.col(measure.y_count))
        return pair.filter(whole).implode()
    if isinstance(measure, Count):
        where = pl.lit(value=True) if measure.where is None else measure.where
        return where.sum().cast(pl.Int64) if measure.where is not None else pl.len().cast(pl.Int64)
    of = measure.of.cast(pl.Int64)
    return (of if measure.where is None else of.filter(measure.where)).sum()


def with_dates(rows: pl.DataFrame, by: Sequence[str]) -> pl.DataFrame:
    """Add ``week`` (ISO, 2025-W23) and ``month`` (2025-06) where they are grouped by."""
    formats = {"week": "%G-W%V", "month": "%Y-%m"}
    missing = [name for name in by if name in formats and name not in rows.columns]
    return rows.with_columns(pl.col("date").dt.strftime(formats[name]).alias(name) for name in missing)


def _read_buckets(
    buckets: pl.DataFrame,
    by: Sequence[str],
    asked: Mapping[str, set[int]],
    found: dict[tuple[object, ...], dict[str, int]],
) -> None:
    """Find the nearest-rank bucket of every percentile that is asked for, and how many values there are."""
    if buckets.is_empty():
        return
    keys = [*by, "id"]
    lines = with_dates(buckets, by).group_by(*keys, "bucket").agg(pl.col("n").sum()).sort(*keys, "bucket")
    for key, rows in lines.group_by(keys, maintain_order=True):
        group, item = key[:-1], str(key[-1])
        upto = rows["n"].cum_sum()
        total = int(upto[-1])
        into = found.setdefault(group, {})
        into[item] = total
        for percent in asked.get(item, ()):
            place = upto.search_sorted(-(-percent * total // 100))
            into[f"{item}@{percent}"] = int(rows["bucket"][int(place)])
