"""``kefu explain``: the sessions behind a number."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import rich_click as click

from kefu.cli.options import GROUPS, common_options, days, period_options, store_option
from kefu.cli.views import opened_view

if TYPE_CHECKING:
    from kefu.config import Settings
    from kefu.run.collect import Request


@click.command("explain", short_help="List the sessions behind a number. 追溯指标背后的会话")
@click.argument("metric")
@click.argument("data", type=click.Path(path_type=Path), required=False)
@click.option("--where", multiple=True, metavar="COLUMN=VALUE", help="Look at one group only, such as queue=售后.")
@click.option("--limit", type=click.IntRange(min=1), help="Show so many sessions; a table shows 20, JSON and CSV all.")
@click.option("--offset", type=click.IntRange(min=0), default=0, help="Skip so many sessions.")
@period_options
@store_option
@common_options
def command(
    metric: str,
    data: Path | None,
    where: tuple[str, ...],
    limit: int | None,
    offset: int,
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """List the sessions that made METRIC what it is in DATA: those that counted, and those left out. 追溯指标

    The counts of all sessions add up to the measures of the metric. Beside each stand the messages that made the
    difference. Without DATA they come from the store, with the definition, the runs and the input files behind the
    number; the store keeps the messages of the gravest cases only.
    """
    from kefu.cli.failures import say_failures
    from kefu.config import load_settings
    from kefu.host import Host
    from kefu.run.collect import Request
    from kefu.run.engine import open_engine
    from kefu.run.explain import Explainer
    from kefu.show.explanation import write_explanation

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    groups, request = _groups(where), Request((), *days(from_date, to_date))
    if limit is None and form == "table":
        limit = 20
    if data is None:
        _from_store(metric, groups, request, settings, form, limit, offset)
        return
    with TemporaryDirectory(prefix="kefu-") as scratch:
        engine = open_engine(data, Path(scratch), settings, Host(settings.plugins_dir))
        explanation = Explainer(engine, engine.metric(metric), groups, request).explain(limit, offset)
    write_explanation(explanation, groups, form, settings, offset)
    sys.exit(1 if say_failures(engine.failures(), engine.tables) else 0)


def _from_store(
    metric: str,
    groups: dict[str, str],
    request: Request,
    settings: Settings,
    form: str,
    limit: int | None,
    offset: int,
) -> None:
    """Explain from the store."""
    from kefu.cli.failures import say_failures
    from kefu.night.provenance import provenance
    from kefu.night.stored_explain import StoredExplainer
    from kefu.show.explanation import write_explanation

    with opened_view(settings) as view:
        explainer = StoredExplainer(view, view.engine.metric(metric), groups, request)
        explanation = explainer.explain(limit, offset)
        origin = provenance(view, explainer.days, view.engine.metric(metric))
    write_explanation(explanation, groups, form, settings, offset, origin)
    sys.exit(1 if say_failures(view.engine.failures(), {}) else 0)


def _groups(where: tuple[str, ...]) -> dict[str, str]:
    found = {}
    for condition in where:
        name, equals, value = condition.partition("=")
        if not equals or name not in GROUPS:
            raise click.BadParameter(f"{condition!r}: write COLUMN=VALUE, with one of {', '.join(GROUPS)}")
        found[name] = value
    return found
