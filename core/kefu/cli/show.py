"""``kefu show``: values of any period from the store."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from kefu.cli.options import by_option, common_options, store_option
from kefu.cli.spans import check_span, span, span_options


@click.command("show", short_help="Show values from the store. 查看历史指标")
@click.argument("metrics", nargs=-1)
@by_option
@span_options
@store_option
@common_options
def command(
    metrics: tuple[str, ...],
    by: tuple[str, ...],
    day: dt.datetime | None,
    week: str | None,
    month: str | None,
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Show METRICS (all without any) of a period from the store, without reading transcripts. 查看历史指标

    The period before stands beside each value, with the trend by day. Without a period: the last date that the store
    has.
    """
    from kefu.config import load_settings
    from kefu.host import Host
    from kefu.night.shown import show
    from kefu.night.view import StoreView
    from kefu.show.stored import write_shown
    from kefu.store import open_store

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    check_span(day, week, month, from_date, to_date)
    with TemporaryDirectory(prefix="kefu-") as scratch, open_store(settings.store, create=False) as kept:
        view = StoreView(kept, settings, Host(settings.plugins_dir), Path(scratch))
        dates = span(view, day, week, month, from_date, to_date)
        shown = show(view, dates, tuple(dict.fromkeys(by)), settings.lookback, metrics)
    write_shown(shown, tuple(dict.fromkeys(by)), form, settings)
    sys.exit(1 if shown.outcome.failed else 0)
