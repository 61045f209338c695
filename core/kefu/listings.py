"""What a plugin can list besides numbers: which scripts are used, which topics there are, as data.

A listing counts messages under keys, batch by batch; counts merge as measures do. Only the merged rows are made into
what people read. This module imports no other module of kefu but ``metric``.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from kefu.metric import Title


@dataclass(frozen=True, slots=True)
class Listed:
    """What a listing came to.

    :param rows: the rows for people, in their order.
    :param memory: what the listing wants to be told the next time; ``None`` for nothing.
    """

    rows: pl.DataFrame
    memory: pl.DataFrame | None = None


Tables = Mapping[str, pl.DataFrame | None]


@dataclass(frozen=True, slots=True)
class Listing:
    """A table for people that is worked out from messages.

    :param name: its id, in lower case with underscores; no other plugin may use it.
    :param title: its name in both languages.
    :param reads: what a row is, in words.
    :param where: which messages it looks at.
    :param needs: the columns of these messages, or else of their sessions, that ``gather`` reads, besides ``session``.
    :param gather: messages of whole sessions in, in order; counted rows out.
    :param keys: the columns of these rows that say what is counted.
    :param sums: their whole numbers, which are added up where the keys are equal.
    :param least: further columns, an example: of rows with equal keys, the values of the one that is first in their
        order are kept.
    :param build: ``(rows, tables, memory)`` in, :class:`Listed` out. The rows are in order of their keys; ``memory``
        is that of the last time, ``None`` at first.
    :param columns: the columns of the listing, in order, with their headings.
    :param tables: small input tables that ``build`` reads.
    :param kept: the store keeps what is gathered of each date (``date`` is one of the keys), and the repair queue
        reads the listing over so many days; 0 for a listing that is only made when somebody asks.
    """

    name: str
    title: Title
    reads: Title
    where: pl.Expr
    needs: tuple[str, ...]
    gather: Callable[[pl.DataFrame], pl.DataFrame]
    keys: Mapping[str, pl.DataType]
    sums: tuple[str, ...]
    build: Callable[[pl.DataFrame, Tables, pl.DataFrame | None], Listed]
    columns: Mapping[str, Title]
    least: Mapping[str, pl.DataType] = field(default_factory=lambda: MappingProxyType({}))
    tables: tuple[str, ...] = ()
    kept: int = 0

    @property
    def schema(self) -> pl.Schema:
        """The columns of the rows that ``gather`` gives back."""
        return pl.Schema({**self.keys, **dict.fromkeys(self.sums, pl.Int64()), **self.least})
