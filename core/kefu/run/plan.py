"""Which measures to take on which fact table, each once, however many metrics name it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType

import polars as pl

from kefu.metric import Count, Measure, Metric, Peak

DATES = ("date", "week", "month")
AGENTS = ("agent_id", "team")
SESSION_GROUPS = ("channel", "queue", "scene")
Groups = Mapping[str, frozenset[str]]
"""The columns that tables of plugins can be grouped by, besides the dates, by the name of the table."""
AT_AGENT = {name: name for name in ("services", "turns", "agent_days", "reviews")} | {"sessions": "services"}
"""The table that stands in for another where values are grouped by agent or team."""
UNDIVIDED = ("agent_days",)
"""Tables that channel, queue and scene do not divide."""


@dataclass(frozen=True, slots=True)
class Item:
    """One measure on one fact table.

    :param id: a short name for its column, the same on every table that stands in for ``table``.
    """

    id: str
    table: str
    measure: Measure

    @property
    def expressions(self) -> tuple[pl.Expr, ...]:
        """The expressions that it reads."""
        of = () if isinstance(self.measure, Count) else (self.measure.of,)
        return of if self.measure.where is None else (*of, self.measure.where)

    @property
    def roots(self) -> frozenset[str]:
        """The columns that it reads."""
        return frozenset(name for expression in self.expressions for name in expression.meta.root_names())


@dataclass(slots=True)
class Plan:
    """The measures of some metrics."""

    items: dict[str, list[Item]] = field(default_factory=dict)
    of: dict[tuple[str, str], Item] = field(default_factory=dict)
    each: dict[str, set[str]] = field(default_factory=dict)

    @classmethod
    def of_metrics(cls, metrics: Iterable[Metric]) -> Plan:
        """Name every measure, and give equal ones the same name."""
        plan, known = cls(), dict[str, Item]()
        for metric in metrics:
            for name, measure in metric.measures.items():
                key = _fingerprint(metric.table_of(measure), measure)
                if key not in known:
                    item = Item(f"m{len(known)}", metric.table_of(measure), measure)
                    known[key] = item
                    plan.items.setdefault(item.table, []).append(item)
                plan.of[metric.name, name] = known[key]
            plan.each.setdefault(metric.on, set()).update(metric.each)
        return plan

    @property
    def every_root(self) -> set[str]:
        """Every column that any measure reads."""
        return {root for table in self.items for root in self.roots(table)}

    def roots(self, table: str) -> set[str]:
        """Return every column that measures of a table read."""
        return {root for item in self.items.get(table, ()) for root in item.roots}


def _fingerprint(table: str, measure: Measure) -> str:
    of = "" if isinstance(measure, Count) else _text(measure.of)
    where = "" if measure.where is None else _text(measure.where)
    return f"{table}\n{type(measure).__name__}\n{of}\n{where}"


def _text(expression: pl.Expr) -> str:
    """Return an expression as text; one with Python code in it equals only itself."""
    try:
        return expression.meta.serialize(format="json")
    except pl.exceptions.ComputeError:
        return str(id(expression))


def stand_in(table: str, by: Sequence[str], own: Groups = MappingProxyType({})) -> str | None:
    """Return the table whose rows give a table's measures in these groups, ``None`` where none can.

    :param own: what tables of plugins can be grouped by.
    """
    if table in own:
        return table if set(by) <= {*DATES, *own[table]} else None
    if not set(by) <= {*DATES, *AGENTS, *(() if table in UNDIVIDED else SESSION_GROUPS)}:
        return None
    return AT_AGENT.get(table) if set(by) & set(AGENTS) else table


def merged(item: Item) -> pl.Expr:
    """Return how parts of a measure become the whole."""
    column = pl.col(item.id)
    return column.max() if isinstance(item.measure, Peak) else column.sum()


def taken(item: Item) -> pl.Expr:
    """Return the expression that takes a measure from the rows of its table."""
    measure = item.measure
    where = measure.where
    if isinstance(measure, Count):
        value = pl.len() if where is None else where.sum()
        return value.cast(pl.Int64).alias(item.id)
    of = measure.of.cast(pl.Int64)
    of = of if where is None else pl.when(where).then(of)
    return (of.max() if isinstance(measure, Peak) else of.sum()).alias(item.id)
