"""Try what plugins offer on two made-up rows first: what does not work costs its plugin, not the run."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from string import Formatter

import polars as pl

from kefu.columns import DayCounts, Earliest, PluginTable, SessionColumns, Tally, TextColumn
from kefu.facts.order import SPEAKERS
from kefu.host import Plugin
from kefu.metric import Count, Evidence, Measure, Metric, Pairs, Rows, Spread
from kefu.offers import PluginError
from kefu.run.derive import SESSION_GROUPS, TIME_OF
from kefu.run.guard import columns_of_failed, reads_of, roots_of
from kefu.run.plan import Item, taken
from kefu.run.spread import bucket
from kefu.run.whole import KEYED, nothing_of
from kefu.tables import MESSAGES, TABLES

TOLD = pl.Schema(
    {
        "session": pl.UInt32(),
        "row": pl.UInt32(),
        "reply_ms": pl.Int64(),
        "asked": pl.Boolean(),
        "first": pl.Boolean(),
        "last_spoken": pl.Boolean(),
        "nth_of_role": pl.Int64(),
        "service_edge": pl.Boolean(),
    }
)
"""What evidence can read of a message, besides its own columns and those of its session."""


def check_messages(plugins: Sequence[Plugin]) -> None:
    """Mark plugins as failed whose columns cannot be worked out from messages, recommendations or alerts."""
    rows = message_rows(())
    for plugin in (one for one in plugins if one.error is None):
        for added in plugin.additions:
            if isinstance(added, TextColumn):
                rows = plugin.call(partial(_with_text, rows, added), rows)
    lost = columns_of_failed(plugins)
    for plugin in (one for one in plugins if one.error is None):
        for added in plugin.additions:
            for name in sorted(reads_of(added) & lost.keys()):
                plugin.fail(PluginError(f"it reads {name!r} of plugin {lost[name].name!r}, which failed"))
            if isinstance(added, Tally):
                plugin.call(partial(_try_tally, rows, added), None)
            elif isinstance(added, Earliest):
                plugin.call(partial(_try_earliest, rows, added), None)
            elif isinstance(added, SessionColumns):
                plugin.call(partial(_try_course, rows, added), None)


def message_rows(added: Sequence[TextColumn]) -> pl.DataFrame:
    """Return two messages as plugins' expressions meet them: one with every column filled, one with none."""
    schema = nothing_of(MESSAGES, MESSAGES.names).schema
    texts = {name: kind for column in added for name, kind in column.columns.items()}
    return _two_rows(pl.Schema({**schema, "role": SPEAKERS, **texts}))


def check_tables(
    plugins: Sequence[Plugin],
    facts: Mapping[str, pl.DataFrame],
    tables: Mapping[str, pl.DataFrame],
    messages: pl.DataFrame,
) -> None:
    """Mark plugins as failed whose day counts or metrics cannot be worked out.

    A metric that reads a column of a failed plugin is missing, and its plugin works.

    :param facts: the fact tables of a batch, for their columns.
    :param tables: those that metrics read, with what they have by their session or agent.
    :param messages: as ``message_rows`` gives them.
    """
    rows = {name: _two_rows(table.schema) for name, table in tables.items()}
    shown = {"messages": messages.with_columns(_two_rows(TOLD)), **{name: rows[name] for name in TIME_OF}}
    shown = {name: _with_session(table, rows["sessions"]) for name, table in shown.items()}
    lost = columns_of_failed(plugins)
    for plugin in (one for one in plugins if one.error is None):
        for added in plugin.additions:
            for asked in added.counts.values() if isinstance(added, PluginTable) else ():
                plugin.call(partial(_try_counts, asked, {name: rows[name] for name in facts}), None)
        for metric in plugin.metrics:
            if not roots_of(metric) & lost.keys():
                plugin.call(partial(_try_metric, metric, rows, shown), None)


def _with_session(rows: pl.DataFrame, sessions: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(sessions[name] for name in sessions.columns if name not in rows.columns)


def _two_rows(schema: pl.Schema) -> pl.DataFrame:
    """Return a row of something and a row of nothing: a text is no number, and a null is neither true nor false."""
    return pl.DataFrame([_something(kind).alias(name) for name, kind in schema.items()])


def _something(kind: pl.DataType) -> pl.Series:
    if kind == pl.String:
        return pl.Series(["text", None])
    if isinstance(kind, pl.Enum):
        return pl.Series([kind.categories[0], None], dtype=kind)
    if kind.is_numeric() or kind.is_temporal() or kind == pl.Boolean:
        return pl.Series([1, None]).cast(kind)
    return pl.Series([None, None], dtype=kind)


def _evaluated(rows: pl.DataFrame, expression: pl.Expr, what: str) -> pl.DataType:
    """Work an expression out and return the type of its values.

    :raises PluginError: it cannot be worked out; it says where and why.
    """
    try:
        return rows.select(x=expression).dtypes[0]
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise PluginError(f"{what}: {type(error).__name__}: {error}") from error


def _condition(rows: pl.DataFrame, condition: pl.Expr | None, what: str) -> None:
    if condition is not None and _evaluated(rows, condition, what) not in (pl.Boolean, pl.Null):
        raise PluginError(f"{what}: its condition is neither true nor false")


def _with_text(rows: pl.DataFrame, added: TextColumn) -> pl.DataFrame:
    what = f"column {added.name!r}"
    _condition(rows, added.where, what)
    if isinstance(added.dtype, pl.Struct):
        if added.default is not None:
            raise PluginError(f"{what}: a column of several fields has no default but None")
        return rows.with_columns(_two_rows(pl.Schema(added.columns)))
    try:
        column = pl.Series(added.name, [added.default, None], dtype=added.dtype)
    except (TypeError, pl.exceptions.PolarsError) as error:
        raise PluginError(f"{what}: its default {added.default!r} is no {added.dtype}") from error
    return rows.with_columns(column)


def _try_tally(rows: pl.DataFrame, added: Tally) -> None:
    _integer(rows, added.of, f"tally {added.name!r}")


def _try_course(rows: pl.DataFrame, added: SessionColumns) -> None:
    what = f"columns {', '.join(added.adds)}"
    _condition(rows, added.where, what)
    for name in added.needs:
        _evaluated(rows, pl.col(name), what)
    added.build(rows.head(0).with_columns(pl.lit(None, pl.UInt32).alias("session")))


def _try_earliest(messages: pl.DataFrame, added: Earliest) -> None:
    what = f"time {added.name!r}"
    timed = [name for name, time in TIME_OF.items() if time]
    if added.on != "messages" and added.on not in timed:
        raise PluginError(f"{what}: it is of messages, {' or '.join(timed)}, not of {added.on!r}")
    rows = messages if added.on == "messages" else _keyed_rows(added.on)
    if not isinstance(_evaluated(rows, pl.col(added.of), what), pl.Datetime):
        raise PluginError(f"{what}: {added.of!r} is no time")
    _condition(rows, added.where, what)


def _keyed_rows(table: str) -> pl.DataFrame:
    groups = {"session": pl.UInt32(), **dict.fromkeys(SESSION_GROUPS, pl.String()), "date": pl.Date()}
    schema = nothing_of(TABLES[table], TABLES[table].names).schema
    return _two_rows(pl.Schema({**schema, **groups, "own_date": pl.Date()}))


def _try_counts(asked: DayCounts, facts: Mapping[str, pl.DataFrame]) -> None:
    what = f"day counts on {asked.on}"
    rows = _table(facts, asked.on, what)
    if _evaluated(rows, pl.col(asked.day), what) != pl.Date:
        raise PluginError(f"{what}: {asked.day!r} is no date")
    for name in asked.by:
        if _evaluated(rows, pl.col(name), what) != pl.String:
            raise PluginError(f"{what}: {name!r} is no text to count by")
    for name, measure in asked.measures.items():
        _try_measure(rows, measure, f"{what}, measure {name!r}")


def _table(tables: Mapping[str, pl.DataFrame], name: str, what: str) -> pl.DataFrame:
    if name not in tables:
        raise PluginError(f"{what}: there is no fact table {name!r}, only {', '.join(tables)}")
    return tables[name]


def _try_metric(metric: Metric, tables: Mapping[str, pl.DataFrame], shown: Mapping[str, pl.DataFrame]) -> None:
    what = f"metric {metric.name!r}"
    own = _table(tables, metric.on, what)
    for name, measure in metric.measures.items():
        table = metric.table_of(measure)
        _try_measure(_table(tables, table, what), measure, f"{what}, measure {name!r} on {table}")
    if metric.each:
        _try_over(metric, own, what)
    for need in metric.needs:
        for one in (need,) if isinstance(need, str) else need:
            _try_need(one, what)
    for reason, condition in metric.left_out.items():
        _condition(own, condition, f"{what}, left out for {reason.en!r}")
    for evidence in metric.evidence:
        _try_evidence(evidence, shown, tables["sessions"], f"{what}, evidence")


def _try_measure(rows: pl.DataFrame, measure: Measure, what: str) -> None:
    _condition(rows, measure.where, what)
    if isinstance(measure, Count):
        return
    _integer(rows, measure.of, what)
    _evaluated(rows, bucket(measure.of) if isinstance(measure, Spread) else taken(Item("x", "", measure)), what)


def _integer(rows: pl.DataFrame, of: pl.Expr, what: str) -> None:
    kind = _evaluated(rows, of, what)
    if not kind.is_integer() and kind not in (pl.Boolean, pl.Null):
        raise PluginError(f"{what}: it is of {kind}, and measures are integers: round it and cast it to pl.Int64")


_NOT_FOR_EACH = ("sessions", "services", "turns", *TIME_OF)


def _try_over(metric: Metric, own: pl.DataFrame, what: str) -> None:
    """Try the second step of a metric that is merged for each agent, or agent and day, first."""
    if metric.on in _NOT_FOR_EACH or any(metric.table_of(one) != metric.on for one in metric.measures.values()):
        raise PluginError(f"{what}: each and over work on agent_days or on a table of the plugin's own, one for all")
    if any(isinstance(measure, Spread) for measure in metric.measures.values()):
        raise PluginError(f"{what}: a Spread cannot be merged for each of {', '.join(metric.each)}")
    for name in metric.each:
        _evaluated(own, pl.col(name), what)
    first = pl.Schema(
        {**{name: own.schema[name] for name in metric.each}, **dict.fromkeys(metric.measures, pl.Int64())}
    )
    rows = _two_rows(first)
    for name, measure in metric.over.items():
        if isinstance(measure, Pairs):
            for column in (measure.x, measure.y_sum, measure.y_count):
                _evaluated(rows, pl.col(column), f"{what}, measure {name!r}")
        elif isinstance(measure, Rows):
            for column in measure.columns:
                _evaluated(rows, pl.col(column), f"{what}, measure {name!r}")
        else:
            _try_measure(rows, measure, f"{what}, measure {name!r}")


def _try_need(need: str, what: str) -> None:
    table, dot, column = need.partition(".")
    if table not in TABLES or (dot and (table not in ("messages", *KEYED) or column not in TABLES[table].names)):
        raise PluginError(f"{what}: it needs {need!r}, which is neither a table nor a column of rows of sessions")


def _try_evidence(evidence: Evidence, shown: Mapping[str, pl.DataFrame], sessions: pl.DataFrame, what: str) -> None:
    if evidence.on not in shown:
        raise PluginError(f"{what}: it is of {', '.join(shown)}, not of {evidence.on!r}")
    rows = shown[evidence.on]
    _condition(rows, evidence.where, what)
    _condition(sessions, evidence.keep, f"{what}, what is kept of it")
    if evidence.marks is not None and evidence.on != "messages":
        raise PluginError(f"{what}: words are marked in messages, not in {evidence.on!r}")
    for text in (evidence.why.zh, evidence.why.en):
        for _, name, layout, conversion in Formatter().parse(text):
            if name is not None and (name not in rows.columns or layout or conversion):
                raise PluginError(f"{what}: {{{name}}} is no column that could stand in {text!r}")
