"""``kefu export``: what the store knows, for other programs."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar, Unpack

import rich_click as click

from kefu.cli.options import by_option, config_option, language_option, plugins_option, store_option
from kefu.cli.spans import Asked, check_span, span, span_options
from kefu.cli.views import opened_view

if TYPE_CHECKING:
    from kefu.config import Settings
    from kefu.export.facts import Table
    from kefu.export.write import Form
    from kefu.night.periods import Dates
    from kefu.night.view import StoreView

VALUES = ("csv", "parquet", "xlsx", "json", "ndjson", "prometheus")
FACTS = ("csv", "parquet", "xlsx", "ndjson")
PUBLISHED = ("channel", "queue", "scene", "team", "agent_id")
Command = TypeVar("Command", bound=Callable[..., Any])

out_option = click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; it is replaced.  [default: stdout]"
)


def common_options(command: Command) -> Command:
    """Add what every export has that reads the store."""
    for option in (plugins_option, config_option, language_option, store_option):
        command = option(command)
    return command


@click.group("export", short_help="Export values and facts for other programs. 导出")
def command() -> None:
    """Export what the store knows: values, a row a session, tables for BI tools, JSON schemas. 导出

    Without --format the end of the file's name says which one; CSV without a file.
    """


@command.command("values", short_help="A row a metric and group. 导出指标")
@click.argument("metrics", nargs=-1)
@by_option
@span_options
@click.option("--format", "form", type=click.Choice(VALUES), help="Format of the file.")
@out_option
@common_options
def values_command(
    metrics: tuple[str, ...],
    by: tuple[str, ...],
    form: Form | None,
    out: Path | None,
    store: str | None,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
    **asked: Unpack[Asked],
) -> None:
    """Export METRICS (all without any) of a period: value, unit, coverage and what each is made of. 导出指标

    Without a period: the last date that the store has.
    """
    from kefu.export.prometheus import write_exposition
    from kefu.export.rows import value_rows
    from kefu.export.write import with_text, write_rows

    form = _form(form, out, VALUES)
    by = tuple(dict.fromkeys(by))
    with _view(store, lang, config, plugins_dir) as view:
        dates = _dates(view, asked)
        chosen = [view.engine.metric(name) for name in metrics] or None
        first, last = (dates.first, dates.last) if dates else (None, None)
        outcome = view.outcome(first, last, by, chosen)
        if form == "prometheus":
            known = next((day.date for day in view.days(None, None)[-1:]), None)
            timezone = view.settings.timezone
            count = with_text(out, lambda emit: write_exposition(outcome, by, known, timezone, emit))
        else:
            count = write_rows(value_rows(outcome, by), form, out)
        _say(count, out, view.settings)
    sys.exit(1 if outcome.failed else 0)


def _fact_command(table: Table, zh: str, grain: str) -> click.Command:
    """Return the command that exports the rows of a fact table."""

    @click.command(table, short_help=f"A row {grain}, with all its facts. {zh}")
    @span_options
    @click.option("--format", "form", type=click.Choice(FACTS), help="Format of the file.")
    @out_option
    @common_options
    def run(
        form: Form | None,
        out: Path | None,
        store: str | None,
        lang: str | None,
        config: Path | None,
        plugins_dir: Path | None,
        **asked: Unpack[Asked],
    ) -> None:
        from kefu.export.facts import fact_rows
        from kefu.export.write import write_rows

        form = _form(form, out, FACTS)
        with _view(store, lang, config, plugins_dir) as view:
            dates = _dates(view, asked)
            days = view.days(dates.first, dates.last) if dates else []
            count = write_rows(fact_rows(view.store, table, days), form, out)
            _say(count, out, view.settings)

    run.help = (
        f"Export a row {grain} of a period, with all the facts that the store keeps: ids, no texts. {zh}\n\n"
        "Without a period: the last date that the store has. Memory follows one date."
    )
    return run


command.add_command(_fact_command("sessions", "导出会话明细", "a session"))
command.add_command(_fact_command("services", "导出服务明细", "a session and agent"))
command.add_command(_fact_command("turns", "导出回复明细", "an answered turn"))


@command.command("sql", short_help="Write values as rows that BI tools read by SQL. 发布到 SQL 视图")
@click.option(
    "--by",
    type=click.Choice(PUBLISHED),
    multiple=True,
    default=PUBLISHED,
    help="Beside the whole, these groups.  [default: all of them]",
)
@common_options
def sql_command(
    by: tuple[str, ...], store: str | None, lang: str | None, config: Path | None, plugins_dir: Path | None
) -> None:
    """Write the values of all dates that say something new as rows of the store's database. 发布到 SQL 视图

    The views kefu_daily, kefu_daily_by_queue and others show them.
    """
    from kefu.export.sql import publish

    with _view(store, lang, config, plugins_dir) as view:
        done = publish(view, tuple(dict.fromkeys(by)))
        if view.settings.language == "zh":
            text = f"已发布 {done.dates} 个日期，撤下 {done.gone} 个，写入 {done.rows:,} 行"
        else:
            text = f"published {done.dates} dates, took out {done.gone}, wrote {done.rows:,} rows"
        click.echo(text, err=True)


@command.command("schema", short_help="Print the JSON Schema of a document. 输出 JSON Schema")
@click.argument("name", required=False)
def schema_command(name: str | None) -> None:
    """Print the JSON Schema of documents whose "schema" is NAME, such as kefu/1; without it, say which there are."""
    from kefu.export.schemas import names, schema
    from kefu.show.output import write_json

    if name is None:
        click.echo("\n".join(names()))
    else:
        write_json(schema(name))


@contextmanager
def _view(store: str | None, lang: str | None, config: Path | None, plugins_dir: Path | None) -> Iterator[StoreView]:
    from kefu.config import load_settings

    with opened_view(load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)) as view:
        yield view


def _dates(view: StoreView, asked: Asked) -> Dates | None:
    """Return the period that was asked for, else the last date that the store has."""
    from kefu.night.periods import Dates

    check_span(asked)
    dates = span(view, asked)
    stored = view.days(None, None)[-1:]
    open_ended = asked["from_date"] or asked["to_date"]
    return Dates(stored[0].date, stored[0].date) if dates is None and stored and not open_ended else dates


def _form(form: Form | None, out: Path | None, known: tuple[str, ...]) -> Form:
    """Return the format that was named, else the one that the file's name ends with, else CSV."""
    from kefu.export.write import SUFFIXES, TO_FILES

    if form is None and out is not None:
        form = SUFFIXES.get(out.suffix.lower())
        if form not in known:
            raise click.UsageError(f"{out} does not end as a format does: name one with --format")
    form = form or "csv"
    if out is None and form in TO_FILES:
        raise click.UsageError(f"{form} is no text: name a file with --out")
    return form


def _say(count: int, out: Path | None, settings: Settings) -> None:
    """Say on stderr how much a file holds."""
    from kefu.show.safe import safe

    if out is not None:
        text = f"{out}：{count:,} 行" if settings.language == "zh" else f"{out}: {count:,} rows"
        click.echo(safe(text), err=True)
