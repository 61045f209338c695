"""``kefu outlook``: what is to be expected of each agent, and whom to coach in what."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path

import rich_click as click

from kefu.cli.options import common_options, store_option
from kefu.cli.views import opened_view


@click.command("outlook", short_help="Forecast each agent's metrics; whom to coach. 展望与辅导")
@click.argument("metrics", nargs=-1)
@click.option("--period", type=click.Choice(["day", "week", "month"]), help="What is forecast.  [default: week]")
@click.option("--until", type=click.DateTime(["%Y-%m-%d"]), help="The last date that counts, such as 2025-06-01.")
@store_option
@common_options
def command(
    metrics: tuple[str, ...],
    period: str | None,
    until: dt.datetime | None,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Forecast METRICS (the usual ones without any) of each agent for the next period, from the store. 展望与辅导

    It says of each metric whether a model is better than "same as last period"; where none is, that stands. The
    coaching list names the metrics that hold each agent back most.
    """
    from kefu.config import load_settings
    from kefu.show.outlook import write_outlook
    from kefu.steering.coaching import coaching
    from kefu.steering.outlook import outlook

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    told = {"metrics": metrics or settings.outlook.metrics, "period": period or settings.outlook.period}
    chosen = settings.outlook.model_copy(update=told)
    with opened_view(settings) as view:
        found = outlook(view, chosen, None if until is None else until.date())
        advice = coaching(view, chosen, found)
        failures = view.engine.failures()
    write_outlook(found, advice, failures, form, settings)
    sys.exit(1 if failures else 0)
