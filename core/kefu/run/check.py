"""Try every metric on empty facts first: one that reads what is not there takes down its plugin, not the run."""

from __future__ import annotations

from collections.abc import Mapping

import polars as pl

from kefu.host import Plugin
from kefu.metric import Count, Metric, Spread
from kefu.run.guard import PluginError
from kefu.run.plan import Item, taken
from kefu.run.spread import bucket


def check_metrics(plugin: Plugin, empty: Mapping[str, pl.DataFrame], periodic: frozenset[str]) -> None:
    """Mark a plugin as failed if a measure of its metrics cannot be taken.

    :param empty: the fact tables without rows.
    :param periodic: tables that are only known once they are built.
    """
    for metric in plugin.metrics:
        try:
            _try(metric, empty, periodic)
        except KeyboardInterrupt:
            raise
        except Exception as error:  # noqa: BLE001 - polars has many kinds
            plugin.fail(error)
            return


def _try(metric: Metric, empty: Mapping[str, pl.DataFrame], periodic: frozenset[str]) -> None:
    for name, measure in metric.measures.items():
        table = metric.table_of(measure)
        if table in periodic:
            continue
        if table not in empty:
            raise PluginError(f"metric {metric.name!r}: there is no fact table {table!r}, only {', '.join(empty)}")
        try:
            _take(Item(name, table, measure), empty[table])
        except pl.exceptions.PolarsError as error:
            raise PluginError(f"metric {metric.name!r}, measure {name!r} on {table}: {error}") from error


def _take(item: Item, rows: pl.DataFrame) -> None:
    measure = item.measure
    if isinstance(measure, Spread):
        rows.filter(True if measure.where is None else measure.where).select(bucket(measure.of).alias(item.id))
        return
    if not isinstance(measure, Count) and not rows.select(x=measure.of).dtypes[0].is_numeric():
        kind = rows.select(x=measure.of).dtypes[0]
        if kind != pl.Boolean:
            raise PluginError(f"measure {item.id!r} is of {kind}: measures are integers")
    if measure.where is not None and rows.select(x=measure.where).dtypes[0] != pl.Boolean:
        raise PluginError(f"measure {item.id!r}: its condition is not true or false")
    rows.select(taken(item))
