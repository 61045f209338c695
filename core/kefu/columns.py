"""What a plugin can add to the facts, as data: columns on messages, roll-ups, windows, and tables of a period.

The host calls the functions in here, in bulk, once; a plugin never loops over rows. This module imports no
other module of kefu but ``metric``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from kefu.metric import Count, Sum


@dataclass(frozen=True, slots=True)
class TextColumn:
    """A column of ``messages`` that is worked out from the text.

    :param name: the column; with a ``dtype`` of ``pl.Struct``, each of its fields is a column instead.
    :param where: which messages have it; the others get ``default``.
    :param compute: texts in, as many values out, in the same order; the value of a text depends on it alone.
    :param default: the value of every message that is not asked about, and of most that are.
    :param distinct: ask about each text once in a run, unless there are millions of them. What is quicker than a few
        nanoseconds a character says ``False``.
    """

    name: str
    where: pl.Expr
    compute: Callable[[pl.Series], pl.Series]
    dtype: pl.DataType
    default: bool | int | str | None = None
    distinct: bool = True

    @property
    def columns(self) -> Mapping[str, pl.DataType]:
        """The columns that it adds."""
        return pl.Schema(self.dtype.to_schema()) if isinstance(self.dtype, pl.Struct) else {self.name: self.dtype}


@dataclass(frozen=True, slots=True)
class Tally:
    """A sum over the messages of each session, and of each service over its agent's: a column of both.

    :param of: an integer or boolean expression over the columns of ``messages``.
    """

    name: str
    of: pl.Expr


@dataclass(frozen=True, slots=True)
class Earliest:
    """The earliest time of the rows of a session that fulfil ``where``: a column of ``sessions``.

    :param on: ``messages``, or an input table with a ``session_id``.
    :param of: its time column.
    """

    name: str
    of: str
    where: pl.Expr | None = None
    on: str = "messages"


@dataclass(frozen=True, slots=True)
class SessionColumns:
    """Columns of ``sessions`` that need a look at the course of the session: what was said before what.

    :param adds: the columns that ``build`` adds, with their types; null where it gives a session no row.
    :param where: which messages it looks at.
    :param needs: the columns of those messages that it reads, besides ``session``.
    :param build: messages of whole sessions in, in order; at most one row a ``session`` out, with the columns.
    """

    adds: Mapping[str, pl.DataType]
    where: pl.Expr
    needs: tuple[str, ...]
    build: Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class Window:
    """Columns of ``sessions`` that need a look at the customer's other sessions.

    :param adds: the columns that ``build`` adds.
    :param needs: the columns that it reads, besides ``customer`` (u64, null for none) and ``opened_at``.
    :param build: sessions in, the same rows with the columns out, any order. All sessions of a customer are
        in one call; not all customers are.
    """

    adds: tuple[str, ...]
    needs: tuple[str, ...]
    build: Callable[[pl.DataFrame], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class DayCounts:
    """Measures of a fact table, kept for each day and ``by``: what a ``PeriodTable`` is built from.

    :param day: the date column that a row belongs to.
    """

    on: str
    day: str
    by: tuple[str, ...]
    measures: Mapping[str, Count | Sum]


@dataclass(frozen=True, slots=True)
class Period:
    """A stretch of local days, both ends included, and its bounds as UTC microseconds ``[start, end)``."""

    first: int
    last: int
    start: int
    end: int


Build = Callable[[Mapping[str, pl.DataFrame | None], Mapping[str, pl.DataFrame], Period], pl.DataFrame]


@dataclass(frozen=True, slots=True)
class PluginTable:
    """A fact table that a plugin builds: see its two kinds.

    :param tables: input tables that ``build`` reads whole; they are small.
    :param counts: day counts that it reads, by name.
    :param build: ``(tables, counts, period)`` in, the rows out. A table that is not there is ``None``.
    :param groups: the text columns of its rows that values can be grouped by, besides the dates. The host adds the team
        of an ``agent_id``.
    """

    name: str
    key: str
    tables: tuple[str, ...]
    build: Build
    counts: Mapping[str, DayCounts] = field(default_factory=lambda: MappingProxyType({}))
    groups: tuple[str, ...] = ()

    @property
    def divided_by(self) -> frozenset[str]:
        """What its values can be grouped by, besides the dates."""
        return frozenset({*self.groups, *(["team"] if "agent_id" in self.groups else [])})


@dataclass(frozen=True, slots=True)
class PeriodTable(PluginTable):
    """A fact table whose rows depend on the period that is asked about, such as what needed repair in it."""


@dataclass(frozen=True, slots=True)
class DatedTable(PluginTable):
    """A fact table of dated rows that are no sessions: agents' time, costs, what was forecast.

    Its rows have a ``date`` (those outside the period are left out), so they are built once, for all dates of a run,
    and their measures merge over days like those of sessions.
    """


Addition = TextColumn | Tally | Earliest | SessionColumns | Window | PeriodTable | DatedTable
