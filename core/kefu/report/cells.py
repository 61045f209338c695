"""What stands in a cell, in words and signs."""

from __future__ import annotations

from typing import Any, get_args
from zoneinfo import ZoneInfo

from markupsafe import Markup, escape

from kefu.blocks import Changed, Column, Kind, Marked, Quantity, Table
from kefu.drawing import width_of
from kefu.metric import Title, Unit
from kefu.report.words import pick, say
from kefu.show.change import change_of
from kefu.show.format import MISSING, coverage_text, value_text
from kefu.show.safe import safe
from kefu.show.words import Language

NUMBERS: frozenset[str] = frozenset([*get_args(Unit), "whole", "share", "mixed"])
"""Kinds that stand at the right of their column."""
SHORT = 7.0
"""So many times its size a text can be wide, and still stay on one line."""


def look(text: str, column: Column) -> Markup:
    """Return the class of a cell: numbers stand at the right, and what is short stays on one line."""
    names = [*(["number"] if column.kind in NUMBERS else []), *(["short"] if width_of(text) <= SHORT else [])]
    return Markup(' class="{}"').format(" ".join(names)) if names else Markup()


def stacked(table: Table) -> bool:
    """Return whether a phone shows the cells of a row below each other: where there is more than a name to read."""
    return any(column.kind == "text" for column in table.columns[1:])


def cell(value: Any, kind: Kind, zone: ZoneInfo, language: Language) -> Markup | str:  # noqa: ANN401 - as it comes
    """Return a value as people read it."""
    match value:
        case None:
            return MISSING
        case Marked():
            return marked(value)
        case Title():
            return safe(pick(value, language))
        case Quantity(number, unit):
            return value_text(number, unit)
        case Changed():
            return changed(value, language)
        case _:
            return plain(value, kind, zone)


def plain(value: Any, kind: Kind, zone: ZoneInfo) -> str:  # noqa: ANN401 - as it comes
    """Return a number, a time or a text as its column has it."""
    match kind:
        case "text" | "mixed":
            return safe(str(value))
        case "whole":
            return f"{int(value):,}"
        case "date":
            return f"{value:%Y-%m-%d}"
        case "moment":
            return f"{value.astimezone(zone):%Y-%m-%d %H:%M}"
        case "share":
            return coverage_text(float(value))
        case _:
            return value_text(float(value), kind)


def changed(told: Changed, language: Language) -> Markup | str:
    """Return how a value changed, with an arrow, and in words whether that is for the better."""
    text, way = change_of(told.value, told.before, told.unit, told.better)
    if way in ("better", "worse"):
        return Markup('<span class="way-{}">{} {}</span>').format(way, text, say(way, language))
    return text or MISSING


def marked(told: Marked) -> Markup:
    """Return a text with its marks; those that overlap are one."""
    made, at = Markup(), 0
    for start, end in sorted(told.marks):
        start, end = max(start, at), min(end, len(told.text))  # noqa: PLW2901
        if start < end:
            made += escape(safe(told.text[at:start])) + Markup("<mark>") + escape(safe(told.text[start:end]))
            made += Markup("</mark>")
            at = end
    return made + escape(safe(told.text[at:]))
