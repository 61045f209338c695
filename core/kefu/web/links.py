"""The report's blocks for the pages: as they are, but each number leads to its metric."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from typing import Any
from urllib.parse import quote
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup, escape

from kefu.blocks import Block, Chart, Column, Figure, Figures, Kind, Quantity, Table
from kefu.metric import Metric, Title, Unit
from kefu.report import cells
from kefu.report.page import environment
from kefu.show.format import value_text
from kefu.show.words import Language
from kefu.web.render import query
from kefu.web.words import TEXTS

BY = {TEXTS[f"by_{name}"]: name for name in ("channel", "queue", "scene", "team", "agent_id")}
"""What the groups of a table are, by the heading of its first column."""
COMPANION = "· "
"""What stands before the title of a metric that stands beside another."""


class Leading(float):
    """A number that leads somewhere."""

    address: str

    @classmethod
    def to(cls, address: str, value: float) -> Leading:
        """Return a number with the address that it leads to."""
        made = cls(value)
        made.address = address
        return made


class Links:
    """Finds the metrics that blocks are about, by their titles, and makes their numbers lead there."""

    def __init__(self, metrics: Sequence[Metric], told: Mapping[str, str]) -> None:
        """Take the metrics, and how an address asks for the period."""
        titles = Counter(metric.title for metric in metrics)
        self._names = {metric.title: metric.name for metric in metrics if titles[metric.title] == 1}
        self._told = told

    def address(self, title: object, by: str | None = None) -> str | None:
        """Return the address of the metric of a title, ``None`` where there is none."""
        if not isinstance(title, Title):
            return None
        plain = Title(title.zh.removeprefix(COMPANION), title.en.removeprefix(COMPANION))
        name = self._names.get(plain)
        return None if name is None else f"/metrics/{quote(name)}{query(self._told, by=by)}"

    def in_block(self, block: Block) -> Block:
        """Return a block whose numbers lead to their metrics."""
        match block:
            case Figures(items):
                return Figures(tuple(map(self._figure, items)))
            case Table():
                return self._table(block)
            case Chart():
                return replace(block, table=self._table(block.table))
            case _:
                return block

    def _figure(self, figure: Figure) -> Figure:
        address = self.address(figure.title)
        if address is None or figure.value is None:
            return figure
        return replace(figure, value=Leading.to(address, figure.value))

    def _table(self, table: Table) -> Table:
        heads = [column.title for column in table.columns]
        by = BY.get((heads[0].zh, heads[0].en)) if heads else None
        columns = [self.address(title, by) for title in heads]
        return replace(table, rows=tuple(self._row(row, table.columns, columns) for row in table.rows))

    def _row(
        self, row: Sequence[object], columns: Sequence[Column], addresses: Sequence[str | None]
    ) -> tuple[object, ...]:
        whole = self.address(row[0]) if row else None
        return tuple(
            _leading(cell, column, address or whole)
            for cell, column, address in zip(row, columns, addresses, strict=True)
        )


def _leading(cell: object, column: Column, address: str | None) -> object:
    """Return a cell that leads to an address, where it is the value of a metric."""
    if address is None:
        return cell
    if isinstance(cell, Quantity) and cell.value is not None:
        return replace(cell, value=Leading.to(address, cell.value))
    is_value = isinstance(cell, int | float) and not isinstance(cell, bool) and column.kind in UNITS
    return Leading.to(address, cell) if is_value else cell  # type: ignore[arg-type]


UNITS = cells.NUMBERS - {"share", "whole", "mixed"}


def report_templates(language: Language, zone: ZoneInfo, links: Links) -> jinja2.Environment:
    """Return the report's templates, for blocks whose numbers lead to their metrics."""
    made = environment(language, zone)
    report = jinja2.PackageLoader("kefu.report")
    own = {name: f"{{% set block = leading(block) %}}{{% include 'report/{name}' %}}" for name in BLOCKS}
    made.loader = jinja2.ChoiceLoader([jinja2.DictLoader(own), jinja2.PrefixLoader({"report": report}), report])
    made.globals["leading"] = links.in_block
    made.filters |= {"cell": partial(_cell, zone=zone, language=language), "look": _look, "value": _value}
    return made


BLOCKS = ("figures.html", "table.html", "chart.html")


def _value(value: float | None, unit: Unit) -> Markup | str:
    """Return a value, with a link where it leads somewhere."""
    return _link(value, value_text(value, unit))


def _cell(value: Any, kind: Kind, zone: ZoneInfo, language: Language) -> Markup | str:  # noqa: ANN401 - as it comes
    inner = value.value if isinstance(value, Quantity) else value
    return _link(inner, cells.cell(value, kind, zone, language))


def _link(value: object, text: str) -> Markup | str:
    if not isinstance(value, Leading):
        return text
    return Markup('<a href="{}">{}</a>').format(value.address, escape(text))


def _look(text: str, column: Column) -> Markup:
    return cells.look(text.striptags() if isinstance(text, Markup) else text, column)
