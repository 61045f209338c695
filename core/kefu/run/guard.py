"""Stands between the host and what plugins hand in: a failure is the plugin's, and the run goes on without it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from typing import TypeVar

import polars as pl

from kefu.columns import Addition, Period, PeriodTable, TextColumn, Window
from kefu.host import Plugin, names_of
from kefu.metric import Metric


T = TypeVar("T")


class PluginError(Exception):
    """A plugin gave back something that does not fit."""


def guarded(plugin: Plugin) -> list[Addition]:
    """Return a plugin's additions with their functions guarded: one that fails gives the plugin up, not the run."""
    return [_guard(plugin, added) for added in plugin.additions]


def _guard(plugin: Plugin, added: Addition) -> Addition:
    match added:
        case TextColumn():
            return replace(added, compute=_text(plugin, added))
        case Window():
            return replace(added, build=_window(plugin, added))
        case PeriodTable():
            return replace(added, build=_period(plugin, added))
        case _:
            return added


def _text(plugin: Plugin, added: TextColumn) -> Callable[[pl.Series], pl.Series]:
    def compute(texts: pl.Series) -> pl.Series:
        def ask() -> pl.Series:
            values = added.compute(texts)
            if len(values) != len(texts):
                raise PluginError(f"column {added.name!r}: {len(values)} values came back for {len(texts)} texts")
            return values.cast(added.dtype)

        nothing = pl.select(pl.repeat(added.default, len(texts), dtype=added.dtype)).to_series()
        return attempt(plugin, ask, nothing)

    return compute


def _window(plugin: Plugin, added: Window) -> Callable[[pl.DataFrame], pl.DataFrame]:
    def build(sessions: pl.DataFrame) -> pl.DataFrame:
        def ask() -> pl.DataFrame:
            whole = added.build(sessions)
            missing = sorted({*sessions.columns, *added.adds} - set(whole.columns))
            if missing or len(whole) != len(sessions):
                what = f"lacks {missing[0]!r}" if missing else f"has {len(whole)} rows instead of {len(sessions)}"
                raise PluginError(f"the window that adds {', '.join(added.adds)} gave back a table that {what}")
            return whole

        return attempt(plugin, ask, sessions.with_columns(pl.lit(None).alias(name) for name in added.adds))

    return build


def _period(
    plugin: Plugin, added: PeriodTable
) -> Callable[[Mapping[str, pl.DataFrame | None], Mapping[str, pl.DataFrame], Period], pl.DataFrame]:
    def build(
        tables: Mapping[str, pl.DataFrame | None], counts: Mapping[str, pl.DataFrame], period: Period
    ) -> pl.DataFrame:
        return attempt(plugin, lambda: added.build(tables, counts, period), pl.DataFrame())

    return build


def attempt(plugin: Plugin, ask: Callable[[], T], otherwise: T) -> T:
    """Call a plugin; if it raises, it has failed, and the answer is ``otherwise``."""
    if plugin.error is not None:
        return otherwise
    try:
        return ask()
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - polars panics and plugins exit with other kinds than Exception
        plugin.fail(error)
        return otherwise


def columns_of_failed(plugins: list[Plugin]) -> dict[str, Plugin]:
    """Return the columns that failed plugins owe, each with its plugin."""
    return {name: plugin for plugin in plugins if plugin.error for added in plugin.additions for name in names_of(added)}


def roots_of(metric: Metric) -> frozenset[str]:
    """Return every column that a metric's measures read."""
    return frozenset(
        root
        for measure in metric.measures.values()
        for expression in (getattr(measure, "of", None), measure.where)
        if expression is not None
        for root in expression.meta.root_names()
    )
