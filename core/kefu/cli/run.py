"""``kefu run``: tables in, values out and into the store."""

from __future__ import annotations

import datetime as dt
import sys
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import rich_click as click

from kefu.cli.options import (
    by_option,
    config_option,
    data_argument,
    days,
    format_option,
    language_option,
    period_options,
    plugins_option,
    store_option,
)

if TYPE_CHECKING:
    from kefu.config import Settings
    from kefu.host import Host
    from kefu.night.nightly import Span
    from kefu.run.engine import Progress
    from kefu.run.outcome import Outcome


@click.command("run", short_help="Compute the metrics of transcripts. 计算指标")
@data_argument
@by_option
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="The night's date: it, and --lookback days before it.")
@period_options
@click.option("--lookback", type=click.IntRange(min=0), help="Days that late data may still change.  [default: 3]")
@click.option("--replace", is_flag=True, help="Write dates also where files are gone that they were made from.")
@click.option("--wait", type=click.FloatRange(min=0), default=0, help="Seconds to wait for another run.")
@click.option("--dry-run", is_flag=True, help="Compute and print, write nothing.")
@store_option
@format_option
@language_option
@config_option
@plugins_option
def command(
    data: Path,
    by: tuple[str, ...],
    date: dt.datetime | None,
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    lookback: int | None,
    replace: bool,  # noqa: FBT001
    wait: float,
    dry_run: bool,  # noqa: FBT001
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Compute every metric over the transcripts in DATA, store and print them. 计算指标

    DATA is a folder with messages.parquet, messages.csv or messages.ndjson (or a folder messages/ of them), and, if
    there are any, sessions, agents, scripts, hotspots, recommendations and alerts.
    """
    from kefu.cli.progress import progress_on_stderr
    from kefu.cli.signals import signals_as_exits
    from kefu.config import load_settings
    from kefu.host import Host

    if date is not None and (from_date or to_date):
        raise click.UsageError("--date says which night it is; --from and --to are for any period: give one of them")
    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store, lookback=lookback)
    asked = _Asked(data, tuple(dict.fromkeys(by)), date, from_date, to_date, replace, wait)
    host = Host(settings.plugins_dir)
    with (
        TemporaryDirectory(prefix="kefu-") as scratch,
        progress_on_stderr(settings.language) as progress,
        signals_as_exits(),
    ):
        unstored = dry_run or settings.store == NO_STORE
        night = _alone if unstored else _stored
        outcome, notes = night(asked, settings, host, Path(scratch), progress)
    _print(outcome, asked.by, form, settings, notes)
    sys.exit(1 if outcome.failed else 0)


NO_STORE = "none"


@dataclass(frozen=True)
class _Asked:
    """What was asked on the command line."""

    data: Path
    by: tuple[str, ...]
    date: dt.datetime | None
    first: dt.datetime | None
    last: dt.datetime | None
    replace: bool
    wait: float

    def span(self, lookback: int) -> Span:
        """Return the dates that the run is about."""
        from kefu.night.nightly import Span

        if self.date is not None:
            return Span.of_night(self.date.date(), lookback)
        days(self.first, self.last)
        return Span(*(None if end is None else end.date() for end in (self.first, self.last)))


def _alone(
    asked: _Asked, settings: Settings, host: Host, scratch: Path, progress: Progress | None
) -> tuple[Outcome, list[str]]:
    """Compute without a store."""
    from dataclasses import replace

    from kefu.run.engine import open_engine

    engine = open_engine(asked.data, scratch, settings, host)
    return engine.run(replace(asked.span(settings.lookback).request(asked.by), finest=False), progress), []


def _stored(
    asked: _Asked, settings: Settings, host: Host, scratch: Path, progress: Progress | None
) -> tuple[Outcome, list[str]]:
    """Compute, write what changed, and say what became of the dates."""
    from kefu.host import Host as Plugins
    from kefu.night.nightly import Nightly
    from kefu.night.notes import notes_of, nothing_new
    from kefu.night.view import StoreView
    from kefu.store import open_store

    span = asked.span(settings.lookback)
    with open_store(settings.store) as store, store.lock(asked.wait):
        night = Nightly(store, settings, host, scratch).run(
            asked.data, span, asked.by, replace=asked.replace, progress=progress
        )
        if night.outcome is not None:
            return night.outcome, notes_of(night, settings.language)
        view = StoreView(store, settings, Plugins(settings.plugins_dir), scratch)
        return view.outcome(span.first, span.last, asked.by), [nothing_new(settings.language)]


def _print(outcome: Outcome, by: tuple[str, ...], form: str, settings: Settings, notes: list[str]) -> None:
    from kefu.cli.failures import say_failures
    from kefu.show.output import write_outcome
    from kefu.show.safe import safe

    write_outcome(outcome, by, form, settings)
    if form == "csv":
        say_failures(outcome.failures, outcome.tables)
    for note in notes:
        print(safe(note), file=sys.stderr)  # noqa: T201
