"""``kefu list``: tables for people, such as topics and uses of scripts."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from kefu.cli.options import common_options, days, period_options


@click.command("list", short_help="List scripts, topics, words and more. 列出清单")
@click.argument("name", required=False)
@click.argument("data", type=click.Path(path_type=Path), required=False)
@click.option("--limit", type=click.IntRange(min=1), help="Show so many rows; a table shows 30, JSON and CSV all.")
@click.option("--memory", type=click.Path(path_type=Path), help="File that a listing remembers its last time in.")
@period_options
@common_options
def command(
    name: str | None,
    data: Path | None,
    limit: int | None,
    memory: Path | None,
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Work the listing NAME out over the transcripts in DATA; without either, say which listings there are. 列出清单

    Topics keep their ids from night to night with --memory, a file that is read if it is there, and written.
    """
    from kefu.cli.failures import say_failures
    from kefu.cli.progress import progress_on_stderr
    from kefu.config import load_settings
    from kefu.host import Host
    from kefu.run.collect import Request
    from kefu.run.engine import open_engine
    from kefu.run.listing import Lister, check_listings, find_listing
    from kefu.run.memory import read_memory, write_memory
    from kefu.show.catalogue import offered, write_listings
    from kefu.show.listing import write_listing

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir)
    if name is None:
        host = offered(settings)
        write_listings(host, form, settings.language)
        sys.exit(1 if any(plugin.error for plugin in host.plugins) else 0)
    if data is None:
        raise click.UsageError("say which folder to read: kefu list NAME DATA")
    request = Request((), *days(from_date, to_date))
    with TemporaryDirectory(prefix="kefu-") as scratch, progress_on_stderr(settings.language) as progress:
        engine = open_engine(data, Path(scratch), settings, Host(settings.plugins_dir))
        engine.offer_listings()
        check_listings(engine)
        plugin, listing = find_listing(engine, name)
        before = None if memory is None else read_memory(memory)
        listed = Lister(engine, plugin, listing).listed(request, before, progress)
    if memory is not None:
        write_memory(memory, listed.memory)
    write_listing(listing, listed.rows, form, settings.language, limit or (30 if form == "table" else None))
    sys.exit(1 if say_failures(engine.failures(), engine.tables) else 0)
