"""``kefu explain``: the sessions behind a number."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from kefu.cli.options import (
    GROUPS,
    config_option,
    days,
    format_option,
    language_option,
    period_options,
    plugins_option,
)


@click.command("explain", short_help="List the sessions behind a number. 追溯指标背后的会话")
@click.argument("metric")
@click.argument("data", type=click.Path(path_type=Path))
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Look at one group only, such as queue=售后.")
@click.option("--limit", type=click.IntRange(min=1), help="Show so many sessions; a table shows 20, JSON and CSV all.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip so many sessions.")
@period_options
@format_option
@language_option
@config_option
@plugins_option
def command(
    metric: str,
    data: Path,
    where: tuple[str, ...],
    limit: int | None,
    offset: int,
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """List the sessions that made METRIC what it is in DATA: those that counted, and those left out. 追溯指标

    The counts of all sessions add up to the measures of the metric. Beside each stand the messages that made the
    difference.
    """
    from kefu.cli.failures import say_failures
    from kefu.config import load_settings
    from kefu.host import Host
    from kefu.run.collect import Request
    from kefu.run.engine import open_engine
    from kefu.run.explain import Explainer
    from kefu.show.explanation import write_explanation

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir)
    groups, request = _groups(where), Request((), *days(from_date, to_date))
    if limit is None and form == "table":
        limit = 20
    with TemporaryDirectory(prefix="kefu-") as scratch:
        engine = open_engine(data, Path(scratch), settings, Host(settings.plugins_dir))
        explanation = Explainer(engine, engine.metric(metric), groups, request).explain(limit, offset)
    write_explanation(explanation, groups, form, settings, offset)
    sys.exit(1 if say_failures(engine.failures(), engine.tables) else 0)


def _groups(where: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for condition in where:
        name, equals, value = condition.partition("=")
        if not equals or name not in GROUPS:
            raise click.BadParameter(f"{condition!r}: write COLUMN=VALUE, with one of {', '.join(GROUPS)}")
        found[name] = value
    return found
