"""What changed and why, as a table, JSON (``kefu.why/1``) or CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from typing import Any

from rich import box
from rich.table import Table
from rich.text import Text

from kefu.config import Settings
from kefu.metric import Title, Unit
from kefu.night.changes import Change, Part, Side
from kefu.night.notes import dates_text
from kefu.night.periods import Dates
from kefu.show.format import MISSING, value_text
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.terminal import console
from kefu.show.words import Language, say

MOST_GROUPS = 12
"""So many groups a table shows; JSON and CSV have all."""
COLUMNS = (
    *("by", "group", "value_before", "value_after", "weight_before", "weight_after"),
    *("mix", "rate", "change"),
)
HEADS = (
    Title(zh="上期", en="before"),
    Title(zh="本期", en="after"),
    Title(zh="占比", en="weight"),
    Title(zh="结构影响", en="mix"),
    Title(zh="组内影响", en="rate"),
    Title(zh="合计", en="both"),
)
SHARED = Title(zh="组间共有或不属任何一组", en="shared between groups, or in none")
JOINT = Title(zh="多组共同作用", en="several groups together")


@dataclass(frozen=True, slots=True)
class Compared:
    """The changes of a metric between two periods.

    :param missing: dates of either period that the store does not have.
    """

    before: Dates
    after: Dates
    changes: Sequence[Change]
    missing: Sequence[dt.date]


def write_why(compared: Compared, form: str, settings: Settings) -> None:
    """Write what changed and why."""
    if form == "json":
        write_json(why_document(compared, settings.timezone))
    elif form == "csv":
        write_csv(COLUMNS, _lines(compared))
    else:
        _print(compared, settings.language)


def why_document(compared: Compared, timezone: str) -> dict[str, Any]:
    """Return what ``kefu why --format json`` prints."""
    first = compared.changes[0]
    metric = first.metric
    return {
        "schema": "kefu.why/1",
        "metric": metric.name,
        "title": {"zh": metric.title.zh, "en": metric.title.en},
        "unit": metric.unit,
        "better": metric.better,
        "timezone": timezone,
        "before": {"from": str(compared.before.first), "to": str(compared.before.last), **_whole(first.before)},
        "after": {"from": str(compared.after.first), "to": str(compared.after.last), **_whole(first.after)},
        "change": _number(first.change),
        "splits": [_split(change) for change in compared.changes],
        "missing": [*map(str, compared.missing)],
    }


def _split(change: Change) -> dict[str, Any]:
    told = change.why_not
    found: dict[str, Any] = {"by": change.by, "why_not": None if told is None else {"zh": told.zh, "en": told.en}}
    if told is None:
        found |= {name: float(getattr(change, name)) for name in ("mix", "rate", "shared", "joint")}
    return {**found, "groups": [_group(part) for part in change.parts]}


def _group(part: Part) -> dict[str, Any]:
    return {
        "group": part.group,
        "before": {**_whole(part.before), "weight": float(part.before.weight)},
        "after": {**_whole(part.after), "weight": float(part.after.weight)},
        **{name: float(getattr(part, name)) for name in ("mix", "rate", "change")},
    }


def _whole(side: Side) -> dict[str, Any]:
    return {"value": side.value, "measures": dict(side.measures)}


def _number(value: Fraction | None) -> float | None:
    return None if value is None else float(value)


def _lines(compared: Compared) -> Iterator[Sequence[object]]:
    """Return a line a group, after the line of the whole; what no group adds has an empty group."""
    for change in compared.changes:
        sides = (change.before.value, change.after.value)
        moves = (None, None) if change.why_not else (float(change.mix), float(change.rate))
        yield [change.by, "*", *sides, 1.0, 1.0, *moves, _number(change.change)]
        for part in change.parts:
            weights = (float(part.before.weight), float(part.after.weight))
            moves = (float(part.mix), float(part.rate))
            yield [change.by, part.group, part.before.value, part.after.value, *weights, *moves, float(part.change)]
        for rest in (change.shared, change.joint):
            if rest:
                yield [change.by, "", None, None, None, None, None, None, float(rest)]


def _print(compared: Compared, language: Language) -> None:
    out = console()
    first = compared.changes[0]
    metric = first.metric
    out.print(Text(safe(metric.title.zh if language == "zh" else metric.title.en), style="bold"))
    for name, dates, side in (("previous", compared.before, first.before), ("period", compared.after, first.after)):
        value = value_text(side.value, metric.unit)
        out.print(Text(f"{say(name, language)} {dates.first} – {dates.last}  {value}"))
    out.print(Text(f"{say('change', language)} {signed(first.change, metric.unit)}", style="bold"))
    for change in compared.changes:
        if change.why_not is not None:
            told = change.why_not
            out.print(Text(safe(f"{change.by}: {told.zh if language == 'zh' else told.en}"), style="yellow"))
        else:
            out.print(_table(change, language))
    if compared.missing:
        out.print(Text(say("missing_dates", language, dates=dates_text(compared.missing)), style="yellow"))


def _table(change: Change, language: Language) -> Table:
    zh = language == "zh"
    unit = change.metric.unit
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    table.add_column(Text(change.by), overflow="fold")
    for head in HEADS:
        table.add_column(Text(head.zh if zh else head.en), justify="right", overflow="fold")
    for part in change.parts[:MOST_GROUPS]:
        weights = f"{float(part.before.weight):.1%} → {float(part.after.weight):.1%}"
        values = (value_text(side.value, unit) for side in (part.before, part.after))
        moves = (signed(move, unit) for move in (part.mix, part.rate, part.change))
        table.add_row(*(Text(safe(cell)) for cell in (part.group, *values, weights, *moves)))
    for cells in _rest(change, unit, zh=zh):
        table.add_row(*(Text(cell, style="dim") for cell in cells))
    both = (signed(move, unit) for move in (change.mix, change.rate, change.change))
    table.add_section()
    values = (value_text(side.value, unit) for side in (change.before, change.after))
    table.add_row(*(Text(cell, style="bold") for cell in ("全部" if zh else "whole", *values, "", *both)))
    return table


def _rest(change: Change, unit: Unit, *, zh: bool) -> Iterable[Sequence[str]]:
    """Return the lines after those of the groups that matter."""
    more = change.parts[MOST_GROUPS:]
    if more:
        moves = (sum((getattr(part, name) for part in more), Fraction()) for name in ("mix", "rate", "change"))
        yield (f"另 {len(more)} 组" if zh else f"{len(more)} more", "", "", "", *(signed(move, unit) for move in moves))
    for title, rest in ((SHARED, change.shared), (JOINT, change.joint)):
        if rest:
            yield (title.zh if zh else title.en, "", "", "", "", "", signed(rest, unit))


def signed(change: Fraction | None, unit: Unit) -> str:
    """Return a change with its sign: +1.2 pp, −3.4s."""
    if change is None:
        return MISSING
    size = abs(float(change))
    text = f"{size * 100:.2f} pp" if unit == "ratio" else value_text(size, unit)
    return f"{'−' if change < 0 else '+' if change else '±'}{text}"
