"""``kefu goals``: which goals are met, on track, at risk or missed."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import rich_click as click

from kefu.cli.options import common_options, store_option
from kefu.cli.views import opened_view


@click.command("goals", short_help="Say which goals are met, on track, at risk or missed. 目标")
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="Judge as of this date.  [default: the last one]")
@store_option
@common_options
def command(
    day: dt.datetime | None,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Say how every goal of the settings stands, and why. 目标

    A goal is held against its line from baseline to target, and against the trend of the days so far.
    """
    from kefu.config import load_settings
    from kefu.show.goals import write_goals
    from kefu.steering.goals import goals

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    with opened_view(settings) as view:
        found = goals(view, settings, day.date() if day else None)
        failures = view.engine.failures()
    write_goals(found, failures, form, settings)
    sys.exit(1 if failures else 0)
