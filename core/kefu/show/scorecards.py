"""Scorecards as tables, JSON (``kefu.scorecards/1``) or CSV."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from typing import Any

from rich.table import Table
from rich.text import Text

from kefu.aims.scale import FULL
from kefu.config import Settings
from kefu.night.periods import Dates
from kefu.run.outcome import Failure
from kefu.show.format import MISSING, value_text
from kefu.show.listing import BARS
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.steering_words import (
    both,
    change_text,
    failed,
    heading,
    metric_title,
    number,
    pick,
    points,
    word,
)
from kefu.show.tenths import points_text, tenths
from kefu.show.terminal import console
from kefu.show.words import Language, say
from kefu.steering.points import Part
from kefu.steering.scorecards import Card, Line

COLUMNS = (
    *("card", "key", "rank", "sessions", "points", "before", "metric", "value"),
    *("metric_points", "weight", "given", "missing"),
)


def write_cards(
    cards: Sequence[Card], dates: Dates | None, failures: Sequence[Failure], form: str, settings: Settings
) -> None:
    """Write scorecards of a period."""
    if form == "json":
        write_json(cards_document(cards, dates, failures, settings.timezone))
    elif form == "csv":
        write_csv(COLUMNS, _rows(cards))
    else:
        _print(cards, dates, settings.language)


def cards_document(
    cards: Sequence[Card], dates: Dates | None, failures: Sequence[Failure], timezone: str
) -> dict[str, Any]:
    """Return what ``kefu scorecard --format json`` prints."""
    return {
        "schema": "kefu.scorecards/1",
        "period": period(dates, timezone),
        "previous_period": period(None if dates is None else dates.before(), timezone),
        "cards": [_card(card) for card in cards],
        "failures": failed(failures),
    }


def period(dates: Dates | None, timezone: str) -> dict[str, str | None]:
    """Return a period as JSON has it."""
    ends = (None, None) if dates is None else (str(dates.first), str(dates.last))
    return {"from": ends[0], "to": ends[1], "timezone": timezone}


def part_document(part: Part) -> dict[str, Any]:
    """Return what one metric gives, as JSON has it."""
    return {
        "metric": part.metric,
        "value": part.value,
        "points": number(part.points),
        "weight": float(part.weight),
        "given": None if part.points is None else float(part.given),
        "missing": both(part.missing),
        "wider": part.wider,
    }


def _card(card: Card) -> dict[str, Any]:
    return {
        "name": card.name,
        "title": both(card.title),
        "by": card.settings.by,
        "where": {**card.settings.where},
        "least_sessions": card.settings.least_sessions,
        "metrics": [_metric(card, name) for name in card.settings.weighed],
        "lines": [_line(line) for line in card.lines],
        "trend": [{"date": str(date), "points": number(value)} for date, value in card.trend.items()],
    }


def _metric(card: Card, name: str) -> dict[str, Any]:
    scale = card.settings.metrics[name]
    metric = card.metrics.get(name)
    missing, _ = card.gone.get(name, (None, None))
    return {
        "name": name,
        "title": None if metric is None else both(metric.title),
        "unit": None if metric is None else metric.unit,
        "scale": scale.model_dump(mode="json", exclude_none=True),
        "missing": both(missing),
        "wider": name in card.wider,
        "unsettled": name in card.unsettled,
    }


def _line(line: Line) -> dict[str, Any]:
    return {
        "key": line.key,
        "rank": line.rank,
        "unranked": both(line.unranked),
        "sessions": line.sessions,
        "points": number(line.points),
        "before": number(line.before),
        "parts": [part_document(part) for part in line.parts],
    }


def _rows(cards: Iterable[Card]) -> Iterator[Sequence[object]]:
    for card in cards:
        for line in card.lines:
            for part in line.parts:
                told = part_document(part)
                about = (card.name, line.key, line.rank, line.sessions, number(line.points), number(line.before))
                missing = None if part.missing is None else part.missing.en
                yield (*about, part.metric, part.value, told["points"], told["weight"], told["given"], missing)


def _print(cards: Sequence[Card], dates: Dates | None, language: Language) -> None:
    out = console()
    if dates is None:
        out.print(Text(word("nothing", language)))
        return
    out.print(Text(f"{say('period', language)} {dates.first} – {dates.last}", style="bold"))
    for card in cards:
        where = " · ".join(card.settings.where.values())
        out.print(Text())
        out.print(
            Text(safe(" · ".join(part for part in (pick(card.title, language), where) if part)), style="bold cyan")
        )
        if not card.lines:
            out.print(Text(word("nothing", language), style="dim"))
            continue
        out.print(_table(card, language))
        for note in _notes(card, language):
            out.print(Text(note, style="yellow"))


def _table(card: Card, language: Language) -> Table:
    """Return a line for each who is on the card; that of the whole has its trend instead of a rank."""
    whole = card.settings.by == "whole"
    columns = (
        ("sessions", "points", "change", "trend")
        if whole
        else ("rank", card.settings.by, "sessions", "points", "change")
    )
    table = heading(columns, ("rank", "sessions", "points"), language)
    for part in card.lines[0].parts:
        title = metric_title(part.metric, card.metrics, language)
        table.add_column(Text(f"{title} {float(part.asked):.0%}"), justify="right", overflow="fold")
    if not whole:
        table.add_column(Text(word("note", language)))
    for line in card.lines:
        given = tenths([part.given for part in line.parts])
        cells = [_cell(card, part, share) for part, share in zip(line.parts, given, strict=True)]
        if whole:
            table.add_row(*_numbers(card, line), Text(_bars(card)), *cells)
        else:
            rank = Text(MISSING if line.rank is None else str(line.rank))
            note = Text("" if line.unranked is None else pick(line.unranked, language), style="dim")
            table.add_row(rank, Text(safe(line.key), style="bold"), *_numbers(card, line), *cells, note)
    return table


def _numbers(card: Card, line: Line) -> list[Text]:
    """Return the human sessions of a line, its points, and their change."""
    lacking = any(part.points is None and part.metric not in card.gone for part in line.parts)
    ranked = line.rank is not None or card.settings.by == "whole"
    return [
        Text(MISSING if line.sessions is None else f"{line.sessions:,}"),
        Text(points(line.points) + ("*" if lacking else ""), style="bold green" if ranked else "dim"),
        change_text(None if line.points is None or line.before is None else line.points - line.before),
    ]


def _bars(card: Card) -> str:
    """Draw the points of each date, or week, between 0 and 100."""
    return "".join(" " if some is None else BARS[round(some / FULL * (len(BARS) - 1))] for some in card.trend.values())


def _cell(card: Card, part: Part, given: int) -> Text:
    """Return what a metric gives, with its value."""
    if part.value is None or part.metric not in card.metrics:
        return Text(MISSING, style="dim")
    value = value_text(part.value, card.metrics[part.metric].unit)
    return Text(f"{points_text(given)} ", style="green").append(f"({value})", style="dim")


def _notes(card: Card, language: Language) -> Iterator[str]:
    for name, (why, share) in card.gone.items():
        reason = "" if why is None else safe(pick(why, language))
        title = metric_title(name, card.metrics, language)
        yield word("gone", language, metric=title, why=reason, share=f"{float(share):.0%}")
    if any(part.points is None and part.metric not in card.gone for line in card.lines for part in line.parts):
        yield word("lacking", language)
    for note, names in (("wider", card.wider), ("unsettled", card.unsettled)):
        for name in names:
            yield word(note, language, metric=metric_title(name, card.metrics, language))
