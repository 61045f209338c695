"""``kefu balance``: efficiency beside perception."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Unpack

import rich_click as click

from kefu.cli.options import common_options, store_option
from kefu.cli.spans import Asked, check_span, span, span_options
from kefu.cli.views import opened_view

if TYPE_CHECKING:
    from kefu.steering.balance import By


@click.command("balance", short_help="Set efficiency beside what customers perceive. 效率与感知")
@click.option(
    "--by",
    type=click.Choice(["agent_id", "team", "queue", "channel", "scene"]),
    default="agent_id",
    show_default=True,
    help="Whom to look at.",
)
@span_options
@store_option
@common_options
def command(
    by: By,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
    **asked: Unpack[Asked],
) -> None:
    """Show where agents or queues stand on efficiency and perception, with warnings. 效率与感知

    The points are compared with the period before. Without a period: the last seven days that the store has.
    """
    from kefu.config import load_settings
    from kefu.show.balance import write_balance
    from kefu.steering.balance import balance
    from kefu.steering.readings import last_week

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    check_span(asked)
    with opened_view(settings) as view:
        dates = span(view, asked) if any(asked.values()) else last_week(view)
        found = [] if dates is None else balance(view, dates, by, settings)
        failures = view.engine.failures()
    write_balance(found, dates, by, failures, form, settings)
    sys.exit(1 if failures else 0)
