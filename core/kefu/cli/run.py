"""``kefu run``: tables in, values out."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from kefu.cli.options import (
    by_option,
    config_option,
    data_argument,
    days,
    format_option,
    language_option,
    period_options,
    plugins_option,
)


@click.command("run", short_help="Compute the metrics of transcripts. 计算指标")
@data_argument
@by_option
@period_options
@format_option
@language_option
@config_option
@plugins_option
def command(
    data: Path,
    by: tuple[str, ...],
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Compute every metric over the transcripts in DATA. 计算指标

    DATA is a folder with messages.parquet, messages.csv or messages.ndjson (or a folder messages/ of them), and, if
    there are any, sessions, agents, scripts, hotspots, recommendations and alerts.
    """
    from kefu.cli.failures import say_failures
    from kefu.cli.progress import progress_on_stderr
    from kefu.config import load_settings
    from kefu.host import Host
    from kefu.run.collect import Request
    from kefu.run.engine import open_engine
    from kefu.show.output import write_outcome

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir)
    by = tuple(dict.fromkeys(by))
    request = Request(by, *days(from_date, to_date))
    with TemporaryDirectory(prefix="kefu-") as scratch, progress_on_stderr(settings.language) as progress:
        engine = open_engine(data, Path(scratch), settings, Host(settings.plugins_dir))
        outcome = engine.run(request, progress)
    write_outcome(outcome, by, form, settings)
    if form == "csv":
        say_failures(outcome.failures, outcome.tables)
    sys.exit(1 if outcome.failed else 0)
