"""``kefu show``: values of any period from the store."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Unpack

import rich_click as click

from kefu.cli.options import by_option, common_options, store_option
from kefu.cli.spans import Asked, check_span, span, span_options
from kefu.cli.views import opened_view


@click.command("show", short_help="Show values from the store. 查看历史指标")
@click.argument("metrics", nargs=-1)
@by_option
@span_options
@store_option
@common_options
def command(
    metrics: tuple[str, ...],
    by: tuple[str, ...],
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
    **asked: Unpack[Asked],
) -> None:
    """Show METRICS (all without any) of a period from the store, without reading transcripts. 查看历史指标

    The period before stands beside each value, with the trend by day. Without a period: the last date that the store
    has.
    """
    from kefu.config import load_settings
    from kefu.night.shown import show
    from kefu.show.stored import write_shown

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    check_span(asked)
    with opened_view(settings) as view:
        dates = span(view, asked)
        shown = show(view, dates, tuple(dict.fromkeys(by)), settings.lookback, metrics)
    write_shown(shown, tuple(dict.fromkeys(by)), form, settings)
    sys.exit(1 if shown.outcome.failed else 0)
