"""Stands between the host and what plugins hand in: a failure is the plugin's, and the run goes on without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from math import isfinite
from typing import Any

import polars as pl

from kefu.columns import (
    Addition,
    DatedTable,
    DayCounts,
    Earliest,
    Period,
    PluginTable,
    SessionColumns,
    Tally,
    TextColumn,
    Window,
)
from kefu.host import FACT_TABLES, Plugin
from kefu.metric import Computed, Estimate, Metric
from kefu.offers import PluginError, names_of

Tables = Mapping[str, pl.DataFrame | None]
Counts = Mapping[str, pl.DataFrame]
_PLACE = "_place"
"""The column that tells the host which row is which; a window has to leave it alone."""


def guarded_metric(plugin: Plugin, metric: Metric) -> Metric:
    """Return a metric whose own formula, where it has one, is guarded: one that fails gives the plugin up."""
    if not isinstance(metric.value, Computed):
        return metric
    of = metric.value.of

    def value(rows: Sequence[Mapping[str, Any]]) -> float | Estimate | None:
        return plugin.call(lambda: _number(metric.name, of(rows)), None)

    return replace(metric, value=replace(metric.value, of=value))


def _number(name: str, value: float | Estimate | None) -> float | Estimate | None:
    """Return what a formula gave back.

    :raises PluginError: it is no number.
    """
    parts = (value.value, value.low, value.high) if isinstance(value, Estimate) else (value,)
    for part in parts:
        if part is not None and not (isinstance(part, int | float) and isfinite(part)):
            raise PluginError(f"metric {name!r}: its formula gave back {part!r}, which is no number")
    return value


def guarded(plugin: Plugin) -> list[Addition]:
    """Return a plugin's additions with their functions guarded: one that fails gives the plugin up, not the run."""
    return [_guard(plugin, added) for added in plugin.additions]


def _guard(plugin: Plugin, added: Addition) -> Addition:
    match added:
        case TextColumn():
            return replace(added, compute=_text(plugin, added))
        case SessionColumns():
            return replace(added, build=_session_columns(plugin, added))
        case Window():
            return replace(added, build=_window(plugin, added))
        case PluginTable():
            return replace(added, build=_period(plugin, added))
        case _:
            return added


def _text(plugin: Plugin, added: TextColumn) -> Callable[[pl.Series], pl.Series]:
    def compute(texts: pl.Series) -> pl.Series:
        nothing = pl.Series([added.default], dtype=added.dtype).new_from_index(0, len(texts))
        return plugin.call(lambda: _values(added, texts), nothing) if len(texts) else nothing

    return compute


def _values(added: TextColumn, texts: pl.Series) -> pl.Series:
    """Ask for the values of some texts.

    :raises PluginError: what came back is no value for each.
    """
    values = added.compute(texts.clone())
    if not isinstance(values, pl.Series):
        raise PluginError(f"column {added.name!r}: a {type(values).__name__} came back instead of a series")
    if len(values) != len(texts):
        raise PluginError(f"column {added.name!r}: {len(values)} values came back for {len(texts)} texts")
    alike = values.dtype.is_integer() and added.dtype.is_integer()
    if not alike and values.dtype not in (added.dtype, pl.Null):
        raise PluginError(f"column {added.name!r}: values of {values.dtype} came back instead of {added.dtype}")
    return values.cast(added.dtype)


def _session_columns(plugin: Plugin, added: SessionColumns) -> Callable[[pl.DataFrame], pl.DataFrame]:
    nothing = pl.DataFrame(schema={"session": pl.UInt32(), **added.adds})
    return lambda messages: plugin.call(lambda: _course(added, messages), nothing)


def _course(added: SessionColumns, messages: pl.DataFrame) -> pl.DataFrame:
    """Ask for the columns of some sessions.

    :raises PluginError: what came back is not at most one row a session, with columns of their types.
    """
    who = f"what adds {', '.join(added.adds)}"
    rows = added.build(messages.clone())
    if not isinstance(rows, pl.DataFrame):
        raise PluginError(f"{who} gave back a {type(rows).__name__} instead of a table")
    missing = [name for name in ("session", *added.adds) if name not in rows.columns]
    if missing:
        raise PluginError(f"{who} gave back a table that lacks {missing[0]!r}")
    if rows["session"].is_duplicated().any() or not rows["session"].is_in(messages["session"].implode()).all():
        raise PluginError(f"{who} gave back other sessions than it was given, or one of them twice")
    return rows.select(
        pl.col("session").cast(pl.UInt32), *(pl.col(name).cast(kind) for name, kind in added.adds.items())
    )


def _window(plugin: Plugin, added: Window) -> Callable[[pl.DataFrame], pl.DataFrame]:
    known: dict[str, pl.DataType] = dict.fromkeys(added.adds, pl.Null())

    def build(sessions: pl.DataFrame) -> pl.DataFrame:
        nothing = sessions.select(pl.repeat(None, pl.len(), dtype=kind).alias(name) for name, kind in known.items())
        found = plugin.call(lambda: _looked_at(added, sessions), nothing)
        known.update(found.schema)
        return sessions.with_columns(found.get_columns())

    return build


def _looked_at(added: Window, sessions: pl.DataFrame) -> pl.DataFrame:
    """Ask a window for its columns and nothing else, in the order of the sessions.

    :raises PluginError: the rows that came back are not those that it was given.
    """
    who = f"the window that adds {', '.join(added.adds)}"
    given = [*dict.fromkeys(("customer", "opened_at", *added.needs))]
    lacking = [name for name in given if name not in sessions.columns]
    if lacking:
        raise PluginError(f"{who} needs {lacking[0]!r}, which sessions do not have")
    whole = added.build(sessions.select(given).with_row_index(_PLACE))
    if not isinstance(whole, pl.DataFrame):
        raise PluginError(f"{who} gave back a {type(whole).__name__} instead of a table")
    missing = [name for name in (_PLACE, *given, *added.adds) if name not in whole.columns]
    if missing:
        raise PluginError(f"{who} gave back a table that lacks {missing[0]!r}")
    if len(whole) != len(sessions):
        raise PluginError(f"{who} gave back a table that has {len(whole)} rows instead of {len(sessions)}")
    if not whole[_PLACE].is_sorted():
        whole = whole.sort(_PLACE)
    if not (whole[_PLACE] == pl.int_range(len(whole), dtype=pl.UInt32, eager=True)).all():
        raise PluginError(f"{who} gave back other rows than it was given")
    return whole.select(added.adds)


def _period(plugin: Plugin, added: PluginTable) -> Callable[[Tables, Counts, Period], pl.DataFrame]:
    known: dict[str, pl.DataType] = {}

    def build(tables: Tables, counts: Counts, period: Period) -> pl.DataFrame:
        nothing = pl.DataFrame(schema=known)
        rows = plugin.call(lambda: _rows(added, tables, counts, period, known), nothing)
        known.update(rows.schema)
        return rows

    return build


def _rows(
    added: PluginTable,
    tables: Tables,
    counts: Counts,
    period: Period,
    known: Mapping[str, pl.DataType],
) -> pl.DataFrame:
    """Ask for the rows of a period.

    :param known: the columns that the table has had before.
    :raises PluginError: what came back is no such table.
    """
    own = {name: None if rows is None else rows.clone() for name, rows in tables.items()}
    rows = added.build(own, {name: days.clone() for name, days in counts.items()}, period)
    if not isinstance(rows, pl.DataFrame):
        raise PluginError(f"the table {added.name!r} is a {type(rows).__name__} instead of a table")
    dated = isinstance(added, DatedTable)
    needed = (added.key, *added.groups, *(("date",) if dated else ()), *known)
    missing = [name for name in needed if name not in rows.columns]
    if missing:
        raise PluginError(f"the table {added.name!r} lacks {missing[0]!r}")
    if dated and rows["date"].dtype != pl.Date:
        raise PluginError(f"the table {added.name!r} has a date of {rows['date'].dtype} instead of Date")
    return rows


def columns_of_failed(plugins: Sequence[Plugin]) -> dict[str, Plugin]:
    """Return the columns and tables that failed plugins owe, and those made of them, each with the failed plugin."""
    lost = {
        name: plugin for plugin in plugins if plugin.error for added in plugin.additions for name in names_of(added)
    }
    rest = [added for plugin in plugins if not plugin.error for added in plugin.additions] if lost else []
    more = True
    while more:
        found = {
            name: lost[read] for added in rest for read in reads_of(added) & lost.keys() for name in names_of(added)
        }
        more = bool(found.keys() - lost.keys())
        lost = found | lost
    return lost


def reads_of(added: Addition | PluginTable) -> frozenset[str]:
    """Return every column that an addition reads, and the table if it is not messages."""
    match added:
        case TextColumn(where=where):
            return frozenset(where.meta.root_names())
        case Tally(of=of):
            return frozenset(of.meta.root_names())
        case Earliest(of=of, where=where, on=on):
            return frozenset({of, on} | ({*where.meta.root_names()} if where is not None else set()))
        case SessionColumns(where=where, needs=needs):
            return frozenset({*where.meta.root_names(), *needs})
        case Window(needs=needs):
            return frozenset(needs)
        case _:
            return frozenset(name for asked in added.counts.values() for name in counted_by(asked))


def counted_by(asked: DayCounts) -> set[str]:
    """Return every column that day counts read, besides their dates."""
    return {*asked.by}.union(*(_roots(measure) for measure in asked.measures.values()))


def roots_of(metric: Metric) -> frozenset[str]:
    """Return every table that a metric's measures read, and every column but those of tables that plugins add.

    Such a table has columns of its own, which may be called like those that another plugin adds to the facts.
    """
    tables = {metric.table_of(measure) for measure in metric.measures.values()}
    shared = [measure for measure in metric.measures.values() if metric.table_of(measure) in FACT_TABLES]
    return frozenset(tables | {root for measure in shared for root in _roots(measure)})


def _roots(measure: object) -> set[str]:
    expressions = (getattr(measure, "of", None), getattr(measure, "where", None))
    return {root for expression in expressions if expression is not None for root in expression.meta.root_names()}
