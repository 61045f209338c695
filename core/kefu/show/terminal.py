"""Tables for a terminal: metrics in the three groups of their source, with what they are made of."""

from __future__ import annotations

import os
import shutil
import sys
from collections.abc import Iterable, Sequence
from typing import get_args

from rich import box
from rich.console import Console
from rich.table import Table
from rich.text import Text

from kefu.clock import date_of
from kefu.metric import Formula, Group, Metric, Ratio, Total
from kefu.run.outcome import Outcome
from kefu.run.values import Measured, Value
from kefu.show.document import failures, input_counts
from kefu.show.format import coverage_text, interval_text, value_text
from kefu.show.safe import safe
from kefu.show.words import Language, say

PLAIN_WIDTH = 200
"""Columns where the output is not a terminal: wide enough that nothing is cut."""
WIDE = 150
"""From this width on, both languages have room."""


def console() -> Console:
    """Return a console on stdout; plain where that is no terminal."""
    known = sys.stdout.isatty() or "COLUMNS" in os.environ
    width = shutil.get_terminal_size().columns if known else PLAIN_WIDTH
    return Console(highlight=False, markup=False, emoji=False, width=width, soft_wrap=False)


def print_outcome(outcome: Outcome, by: Sequence[str], language: Language) -> None:
    """Print the values of a run."""
    out = console()
    out.print(_period(outcome, language), style="bold")
    out.print(_input(outcome, language), style="dim")
    out.print(_metrics(outcome, language, wide=out.width >= WIDE))
    if by:
        print_groups(out, outcome, by, language)
    for failure in failures(outcome):
        who = " ".join(failure[name] for name in ("plugin", "version", "file") if name in failure)
        out.print(Text(f"✗ {say('failed', language)}: {safe(who)}: {safe(failure['error'])}", style="bold red"))


def _period(outcome: Outcome, language: Language) -> Text:
    if outcome.first is None or outcome.last is None:
        return Text(f"{say('period', language)} {say('nothing', language)}")
    return Text(f"{say('period', language)} {date_of(outcome.first)} – {date_of(outcome.last)}")


def _input(outcome: Outcome, language: Language) -> Text:
    found = []
    for name, count in input_counts(outcome).items():
        text = f"{name} {say('rows', language, rows=format(count['rows'], ','))}"
        notes = [say(what, language, n=count[what]) for what in ("rejected", "duplicates") if count[what]]
        found.append(f"{text} ({', '.join(notes)})" if notes else text)
    if any(count["rejected"] for count in input_counts(outcome).values()):
        found.append(say("check_hint", language))
    return Text(f"{say('input', language)} {' · '.join(found)}")


def _metrics(outcome: Outcome, language: Language, *, wide: bool) -> Table:
    table = grid(language, ("metric", "value", "better", "measures", "coverage"), right=("value", "coverage"))
    for group in get_args(Group):
        chosen = [metric for metric in outcome.metrics if metric.group == group]
        if not chosen:
            continue
        table.add_section()
        table.add_row(Text(say(group, language), style="bold cyan"))
        for metric in in_families(chosen):
            table.add_row(*_row(metric, outcome.whole.values[metric.name], language, wide=wide))
    return table


def _row(metric: Metric, value: Value, language: Language, *, wide: bool) -> list[Text]:
    main = metric.companion_of is None
    first, second = (metric.title.zh, metric.title.en) if language == "zh" else (metric.title.en, metric.title.zh)
    title = Text("" if main else "  ").append(safe(first), style="bold" if main else "")
    if wide:
        title.append(f"  {safe(second)}", style="dim")
    measures = formula_text(metric.value, value.measures) + interval_text(value.interval, metric.unit)
    better = say(metric.better, language)
    return [
        title,
        value_cell(metric, value),
        Text(better if wide else better[0], style="dim"),
        Text(measures, style="dim"),
        Text(coverage_text(value.coverage)),
    ]


def value_cell(metric: Metric, value: Value) -> Text:
    """Return a value as a cell; one outside its band with a sign that says on which side."""
    style = "bold green" if metric.companion_of is None else "green"
    text = Text(value_text(value.value, metric.unit), style=style)
    if metric.band is None or value.value is None or metric.band[0] <= value.value <= metric.band[1]:
        return text
    return Text(f"{'▼' if value.value < metric.band[0] else '▲'} {text.plain}", style="bold yellow")


def formula_text(formula: Formula, measures: Measured) -> str:
    """Return a formula with the measures filled in: adopted 39 ÷ human_sessions 89."""
    if isinstance(formula, Ratio):
        return f"{_side(formula.top, measures)} ÷ {_side(formula.bottom, measures)}"
    return " · ".join(_measure(name, measures) for name in formula.names)


def _side(side: str | Total, measures: Measured) -> str:
    if isinstance(side, str):
        return _measure(side, measures)
    plus = " + ".join(_measure(name, measures) for name in side.plus)
    return "(" + " − ".join([plus, *(_measure(name, measures) for name in side.minus)]) + ")"


def _measure(name: str, measures: Measured) -> str:
    return f"{name} {_number(measures[name])}"


def _number(value: int | None) -> str:
    return "–" if value is None else f"{value:,}"


def print_groups(out: Console, outcome: Outcome, by: Sequence[str], language: Language) -> None:
    """Print a table for each group of metrics, with those that have a value in any row; companions are in JSON."""
    for group in get_args(Group):
        chosen = [
            metric
            for metric in in_families(outcome.metrics)
            if metric.group == group
            and metric.companion_of is None
            and any(row.values[metric.name].value is not None for row in outcome.groups)
        ]
        if chosen:
            out.print(Text(say(group, language), style="bold cyan"))
            out.print(_groups_table(outcome, by, chosen, language))


def _groups_table(outcome: Outcome, by: Sequence[str], chosen: Sequence[Metric], language: Language) -> Table:
    """Return a line a group."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in by:
        table.add_column(Text(name), style="bold", no_wrap=True)
    for metric in chosen:
        table.add_column(
            Text(safe(metric.title.zh if language == "zh" else metric.title.en)),
            justify="right",
            overflow="fold",
            min_width=6,
        )
    for group in outcome.groups:
        values = [value_cell(metric, group.values[metric.name]) for metric in chosen]
        table.add_row(*(Text(safe(key)) for key in group.key), *values)
    return table


def in_families(metrics: Iterable[Metric]) -> list[Metric]:
    """Return metrics with each companion right after the one it stands beside."""
    known = list(metrics)
    heads = [metric for metric in known if metric.companion_of is None]
    beside = {head.name: [m for m in known if m.companion_of == head.name] for head in heads}
    family = [member for head in heads for member in (head, *beside[head.name])]
    return family + [metric for metric in known if metric not in family]


def grid(language: Language, columns: Sequence[str], right: Sequence[str] = ()) -> Table:
    """Return an empty table with headings."""
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in columns:
        table.add_column(Text(say(name, language)), justify="right" if name in right else "left", overflow="fold")
    return table
