"""``kefu show``: values of any period from the store."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING

import rich_click as click

from kefu.cli.options import by_option, common_options, days, period_options, store_option

if TYPE_CHECKING:
    from kefu.night.periods import Dates
    from kefu.night.view import StoreView


@click.command("show", short_help="Show values from the store. 查看历史指标")
@click.argument("metrics", nargs=-1)
@by_option
@click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="One date, such as 2025-06-01.")
@click.option("--week", metavar="YEAR-Wnn", help="An ISO week, such as 2025-W23.")
@click.option("--month", metavar="YEAR-MM", help="A month, such as 2025-06.")
@period_options
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
    days(from_date, to_date)
    if sum(map(bool, (day, week, month, from_date or to_date))) > 1:
        raise click.UsageError("give one period: --day, --week, --month, or --from and --to")
    with TemporaryDirectory(prefix="kefu-") as scratch, open_store(settings.store, create=False) as kept:
        view = StoreView(kept, settings, Host(settings.plugins_dir), Path(scratch))
        dates = _period(view, day, week, month, from_date, to_date)
        shown = show(view, dates, tuple(dict.fromkeys(by)), settings.lookback, metrics)
    write_shown(shown, tuple(dict.fromkeys(by)), form, settings)
    sys.exit(1 if shown.outcome.failed else 0)


def _period(
    view: StoreView,
    day: dt.datetime | None,
    week: str | None,
    month: str | None,
    first: dt.datetime | None,
    last: dt.datetime | None,
) -> Dates | None:
    """Return the period that was asked for; an open end is that of the store."""
    from kefu.night import periods

    if day is not None:
        return periods.Dates(day.date(), day.date())
    if week is not None:
        return periods.week(week)
    if month is not None:
        return periods.month(month)
    if first is None and last is None:
        return None
    stored = [row.date for row in view.days(None, None)]
    ends = [end.date() if end else None for end in (first, last)]
    low, high = ends[0] or min(stored, default=ends[1]), ends[1] or max(stored, default=ends[0])
    return None if low is None or high is None or high < low else periods.Dates(low, high)
