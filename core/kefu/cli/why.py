"""``kefu why``: what changed, and which groups made the change."""

from __future__ import annotations

from pathlib import Path
from typing import Unpack

import rich_click as click

from kefu.cli.options import common_options, store_option
from kefu.cli.spans import Asked, check_span, named_span, span_options, span_or_last
from kefu.cli.views import opened_view

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
    against: str | None,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
    **asked: Unpack[Asked],
) -> None:
    """Split the change of METRIC from one period to another: which groups grew, and what happened inside. 变化归因

    Without a period: the last date that the store has, against the date before. Without --by: by channel, queue, scene
    and team, as far as the metric has such groups.
    """
    from kefu.config import load_settings
    from kefu.night.changes import lacking, why
    from kefu.show.why import Compared, write_why

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    check_span(asked)
    with opened_view(settings) as view:
        after = span_or_last(view, asked)
        before = named_span(against) if against else after.before()
        changes = why(view, metric, before, after, tuple(dict.fromkeys(by)))
        missing = [*lacking(view, before), *lacking(view, after)]
    write_why(Compared(before, after, changes, missing), form, settings)
