"""``kefu why``: what changed, and which groups made the change."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from kefu.cli.options import common_options, store_option
from kefu.cli.spans import check_span, named_span, span, span_options

BY = ("channel", "queue", "scene", "agent_id", "team")


@click.command("why", short_help="Say what changed, and which groups made it. 变化归因")
@click.argument("metric")
@click.option("--by", type=click.Choice(BY), multiple=True, help="Split by this; again for another split.")
@span_options
@click.option(
    "--against",
    metavar="PERIOD",
    help="Compare with this: a date, a week, a month or FROM..TO.  [default: the one before]",
)
@store_option
@common_options
def command(
    metric: str,
    by: tuple[str, ...],
    day: dt.datetime | None,
    week: str | None,
    month: str | None,
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    against: str | None,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Split the change of METRIC from one period to another: which groups grew, and what happened inside. 变化归因

    Without a period: the last date that the store has, against the date before. Without --by: by channel, queue, scene
    and team, as far as the metric has such groups.
    """
    from kefu.config import load_settings
    from kefu.errors import ConfigError
    from kefu.host import Host
    from kefu.night.changes import lacking, why
    from kefu.night.periods import Dates
    from kefu.night.view import StoreView
    from kefu.show.why import Compared, write_why
    from kefu.store import open_store

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    check_span(day, week, month, from_date, to_date)
    with TemporaryDirectory(prefix="kefu-") as scratch, open_store(settings.store, create=False) as kept:
        view = StoreView(kept, settings, Host(settings.plugins_dir), Path(scratch))
        stored = view.days(None, None)
        if not stored:
            raise ConfigError(f"the store {kept.name} has no dates yet: kefu run fills it")
        after = span(view, day, week, month, from_date, to_date) or Dates(stored[-1].date, stored[-1].date)
        before = named_span(against) if against else after.before()
        changes = why(view, metric, before, after, tuple(dict.fromkeys(by)))
        missing = [*lacking(view, before), *lacking(view, after)]
    write_why(Compared(before, after, changes, missing), form, settings)
