"""``kefu report``: a period of the store as one HTML file."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from kefu.cli.options import config_option, language_option, plugins_option, store_option
from kefu.cli.spans import check_span, span, span_options


@click.command("report", short_help="Write a report as one HTML file. 生成报告")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write.  [default: stdout]")
@span_options
@store_option
@plugins_option
@config_option
@language_option
def command(
    out: Path | None,
    day: dt.datetime | None,
    week: str | None,
    month: str | None,
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    store: str | None,
    plugins_dir: Path | None,
    config: Path | None,
    lang: str | None,
) -> None:
    """Write the report of a period of the store: one HTML file that needs no network and no script. 生成报告

    Without a period: the last date that the store has.
    """
    from kefu.config import load_settings
    from kefu.errors import ConfigError
    from kefu.host import Host
    from kefu.night.periods import Dates
    from kefu.night.view import StoreView
    from kefu.report.page import report
    from kefu.report.write import write_report
    from kefu.show.safe import safe
    from kefu.store import open_store

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    check_span(day, week, month, from_date, to_date)
    with TemporaryDirectory(prefix="kefu-") as scratch, open_store(settings.store, create=False) as kept:
        view = StoreView(kept, settings, Host(settings.plugins_dir), Path(scratch))
        stored = view.days(None, None)
        if not stored:
            raise ConfigError(f"the store {kept.name} has no dates yet: kefu run fills it")
        dates = span(view, day, week, month, from_date, to_date) or Dates(stored[-1].date, stored[-1].date)
        made = report(view, dates, settings.language)
    write_report(made.html, out)
    for failure in made.failures:
        print(f"kefu: {safe(failure)}", file=sys.stderr)  # noqa: T201
    sys.exit(1 if made.failures else 0)
