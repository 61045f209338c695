"""What a section is made of, as data: sentences, numbers, tables, charts.

This module imports no other module of kefu but ``metric``.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal

from kefu.metric import Better, Title, Unit

Kind = Unit | Literal["text", "whole", "date", "moment", "share", "mixed"]
"""How the cells of a column are written: ``whole`` numbers, a ``moment`` in local time, a ``share`` in whole per cent,
a value with its unit, or ``mixed``: each cell is a :class:`Quantity` or :class:`Changed` of its own."""


@dataclass(frozen=True, slots=True)
class Marked:
    """A text with words marked in it.

    :param marks: from which character to before which.
    """

    text: str
    marks: tuple[tuple[int, int], ...] = ()


@dataclass(frozen=True, slots=True)
class Quantity:
    """A value with its own unit, for a column of mixed ones."""

    value: float | None
    unit: Unit


@dataclass(frozen=True, slots=True)
class Changed:
    """How a value changed since the period before.

    :param better: which way to wish for; ``None`` where a change is neither good nor bad.
    """

    value: float | None
    before: float | None
    unit: Unit
    better: Better | None = None


@dataclass(frozen=True, slots=True)
class Column:
    """A column of a table: its heading, and how its cells are written."""

    title: Title
    kind: Kind = "text"


@dataclass(frozen=True, slots=True)
class Table:
    """Rows under headings; the first column says what a row is.

    :param rows: a value for each column: a text, a ``Title``, a number, a date, one of the records above, or ``None``.
    :param note: what to say below, such as how many rows are left out.
    """

    title: Title
    columns: tuple[Column, ...]
    rows: tuple[tuple[object, ...], ...]
    note: Title | None = None


@dataclass(frozen=True, slots=True)
class Chart:
    """A drawing with the table that says the same.

    :param spec: Vega-Lite, as Altair's ``to_dict`` gives it; colours are best taken from :mod:`kefu.drawing`.
    :param says: what one sees in it, for those who do not.
    """

    title: Title
    says: Title
    spec: Mapping[str, object]
    table: Table


@dataclass(frozen=True, slots=True)
class Note:
    """A sentence."""

    text: Title
    level: Literal["plain", "warn", "error"] = "plain"


@dataclass(frozen=True, slots=True)
class Figure:
    """A number that a reader takes in at a glance.

    :param before: that of the period before.
    :param better: which way to wish for; ``None`` where a change is neither good nor bad.
    :param about: what the number is made of, what drove it, and so on: a line each.
    """

    title: Title
    value: float | None
    unit: Unit
    before: float | None = None
    better: Better | None = None
    target: float | None = None
    about: tuple[Title, ...] = ()
    chart: Chart | None = None


@dataclass(frozen=True, slots=True)
class Figures:
    """Numbers side by side."""

    items: tuple[Figure, ...]


Block = Note | Figures | Table | Chart
BLOCKS = (Note, Figures, Table, Chart)
