"""``kefu scorecard``: agents, teams and the whole by their points."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Unpack

import rich_click as click

from kefu.cli.options import common_options, store_option
from kefu.cli.spans import Asked, check_span, span, span_options
from kefu.cli.views import opened_view


@click.command("scorecard", short_help="Rank agents and teams by their points. 综合评分")
@click.argument("names", nargs=-1)
@span_options
@store_option
@common_options
def command(
    names: tuple[str, ...],
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
    **asked: Unpack[Asked],
) -> None:
    """Show the scorecards NAMES (all without any) of a period from the store. 综合评分

    Each line has its points, what every metric gave to them, and the change since the period before. Without a
    period: the last seven days that the store has.
    """
    from kefu.config import load_settings
    from kefu.show.scorecards import write_cards
    from kefu.steering.readings import last_week
    from kefu.steering.scorecards import cards

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    check_span(asked)
    with opened_view(settings) as view:
        dates = span(view, asked) if any(asked.values()) else last_week(view)
        found = [] if dates is None else cards(view, dates, settings, names)
        failures = view.engine.failures()
    write_cards(found, dates, failures, form, settings)
    sys.exit(1 if failures else 0)
