"""``kefu report``: a period of the store as one HTML file."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Unpack

import rich_click as click

from kefu.cli.options import config_option, language_option, plugins_option, store_option
from kefu.cli.spans import Asked, check_span, span_options, span_or_last
from kefu.cli.views import opened_view


@click.command("report", short_help="Write a report as one HTML file. 生成报告")
@click.option("--out", type=click.Path(path_type=Path), help="The file to write.  [default: stdout]")
@span_options
@store_option
@plugins_option
@config_option
@language_option
def command(
    out: Path | None,
    store: str | None,
    plugins_dir: Path | None,
    config: Path | None,
    lang: str | None,
    **asked: Unpack[Asked],
) -> None:
    """Write the report of a period of the store: one HTML file that needs no network and no script. 生成报告

    Without a period: the last date that the store has.
    """
    from kefu.config import load_settings
    from kefu.report.page import report
    from kefu.report.write import write_report
    from kefu.show.safe import safe

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    check_span(asked)
    with opened_view(settings) as view:
        dates = span_or_last(view, asked)
        made = report(view, dates, settings.language)
    write_report(made.html, out)
    for failure in made.failures:
        print(f"kefu: {safe(failure)}", file=sys.stderr)  # noqa: T201
    sys.exit(1 if made.failures else 0)
