"""Values from the store: with the period before beside them, the trend, and what is provisional."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Sequence
from typing import Any, get_args

from rich.table import Table
from rich.text import Text

from kefu.config import Settings
from kefu.metric import Group, Metric
from kefu.night.notes import dates_text
from kefu.night.shown import Shown
from kefu.show.change import change_of
from kefu.show.document import run_document
from kefu.show.format import MISSING, coverage_text, value_text
from kefu.show.listing import BARS
from kefu.show.output import write_csv, write_json, write_outcome
from kefu.show.safe import safe
from kefu.show.terminal import console, formula_text, grid, in_families, print_groups, value_cell
from kefu.show.words import Language, say


def write_shown(shown: Shown, by: tuple[str, ...], form: str, settings: Settings) -> None:
    """Write what the store says of a period."""
    if form == "json":
        write_json(shown_document(shown, by, settings.timezone))
    elif form == "csv":
        if by:
            write_outcome(shown.outcome, by, form, settings)
        else:
            write_csv(("name", "value", "previous", "unit", "coverage", "measures"), _lines(shown))
    else:
        _print(shown, by, settings.language)


def shown_document(shown: Shown, by: tuple[str, ...], timezone: str) -> dict[str, Any]:
    """Return the JSON of a run, with ``previous`` and ``trend`` in each metric, and which dates to be careful with."""
    document = run_document(shown.outcome, by, timezone)
    for metric in document["metrics"]:
        name = metric["name"]
        metric["previous"] = None if shown.before is None else shown.before.values[name].value
        metric["trend"] = [{"date": str(date), "value": g.values[name].value} for date, g in shown.trend.items()]
    if shown.dates is not None:
        document["trend_by"] = shown.dates.trend_by
    if shown.previous is not None:
        document["previous_period"] = {"from": str(shown.previous.first), "to": str(shown.previous.last)}
    document["provisional"] = [*map(str, shown.provisional)]
    document["missing"] = [*map(str, shown.missing)]
    document["unsettled"] = {name: [*map(str, dates)] for name, dates in shown.unsettled.items()}
    document["unmeasured"] = {name: [*map(str, dates)] for name, dates in shown.unmeasured.items()}
    return document


def _lines(shown: Shown) -> Iterable[Sequence[object]]:
    for metric in shown.outcome.metrics:
        value = shown.outcome.whole.values[metric.name]
        before = None if shown.before is None else shown.before.values[metric.name].value
        measures = " ".join(f"{name}={value.measures[name]}" for name in metric.value.names)
        yield [metric.name, value.value, before, metric.unit, value.coverage, measures]


def _print(shown: Shown, by: tuple[str, ...], language: Language) -> None:
    out = console()
    if shown.dates is None:
        out.print(Text(f"{say('period', language)} {say('nothing', language)}"))
        return
    out.print(Text(f"{say('period', language)} {shown.dates.first} – {shown.dates.last}", style="bold"))
    if shown.previous is not None:
        out.print(Text(f"{say('previous', language)} {shown.previous.first} – {shown.previous.last}", style="dim"))
    out.print(_table(shown, language))
    if by:
        print_groups(out, shown.outcome, by, language)
    for name, dates in (("provisional", shown.provisional), ("missing_dates", shown.missing)):
        if dates:
            out.print(Text(say(name, language, dates=dates_text(dates)), style="yellow"))
    for key, told in (("unmeasured", shown.unmeasured), ("unsettled", shown.unsettled)):
        for metric, dates in told.items():
            if dates:
                out.print(Text(safe(say(key, language, metric=metric, dates=dates_text(dates))), style="yellow"))


def _table(shown: Shown, language: Language) -> Table:
    columns = ("metric", "value", "previous", "change", "trend", "measures", "coverage")
    table = grid(language, columns, right=("value", "previous", "change", "coverage"))
    for group in get_args(Group):
        chosen = [metric for metric in shown.outcome.metrics if metric.group == group]
        if chosen:
            table.add_section()
            table.add_row(Text(say(group, language), style="bold cyan"))
        for metric in in_families(chosen):
            table.add_row(*_row(metric, shown, language))
    return table


def _row(metric: Metric, shown: Shown, language: Language) -> list[Text]:
    main = metric.companion_of is None
    value = shown.outcome.whole.values[metric.name]
    before = None if shown.before is None else shown.before.values[metric.name].value
    title = Text("" if main else "  ").append(
        safe(metric.title.zh if language == "zh" else metric.title.en), style="bold" if main else ""
    )
    return [
        title,
        value_cell(metric, value),
        Text(value_text(before, metric.unit), style="dim"),
        _change(metric, value.value, before),
        Text(_trend(metric, shown)),
        Text(formula_text(metric.value, value.measures), style="dim"),
        Text(coverage_text(value.coverage)),
    ]


_STYLES = {"none": "dim", "same": "dim", "other": "", "better": "green", "worse": "red"}


def _change(metric: Metric, value: float | None, before: float | None) -> Text:
    """Say by how much a value changed, with an arrow, and whether that is for the better."""
    text, way = change_of(value, before, metric.unit, metric.better)
    return Text(text or MISSING, style=_STYLES[way])


def _trend(metric: Metric, shown: Shown) -> str:
    """Draw the values of the days, from the lowest to the highest; a day without a value is a gap."""
    values = [group.values[metric.name].value for group in shown.trend.values()]
    known = [value for value in values if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - one value is no trend
        return ""
    low, span = min(known), max(known) - min(known)
    return "".join(" " if value is None else BARS[_level(value - low, span)] for value in values)


def _level(height: float, span: float) -> int:
    return len(BARS) // 2 if span == 0 else round(height / span * (len(BARS) - 1))


def write_differences(rows: Sequence[dict[str, Any]], about: dict[str, Any], form: str, language: Language) -> None:
    """Write which values differ between two states, and the sessions that make the difference."""
    if form == "json":
        write_json({"schema": "kefu.diff/1", **about, "differences": rows})
        return
    columns = ("name", "before", "after", "sessions")
    if form == "csv":
        write_csv(columns, ([row[name] for name in columns[:3]] + [" ".join(row["sessions"])] for row in rows))
        return
    out = console()
    out.print(Text(safe(" → ".join(str(value) for value in about.values())), style="bold"))
    if not rows:
        out.print(Text(say("no_rows", language), style="dim"))
        return
    table = grid(language, ("metric", "previous", "value", "session"), right=("previous", "value"))
    for row in rows:
        told = row["sessions"][:5]
        more = f" … +{row['session_count'] - len(told)}" if row["session_count"] > len(told) else ""
        title = row["title"][language]
        cells = (title, value_text(row["before"], row["unit"]), value_text(row["after"], row["unit"]))
        table.add_row(*(Text(safe(cell)) for cell in (*cells, ", ".join(told) + more)))
    out.print(table)


def revision_lines(rows: Iterable[Any], language: Language) -> Table:
    """Return the revisions of dates, with when and why."""
    table = grid(language, ("date", "revision", "run", "why"))
    for row in rows:
        why = ", ".join(" ".join(map(str, reason.values())) for reason in row.reasons)
        at: dt.datetime = row.written_at
        table.add_row(str(row.date), str(row.revision), f"{row.run_id} ({at:%Y-%m-%d %H:%M}Z)", Text(safe(why)))
    return table
