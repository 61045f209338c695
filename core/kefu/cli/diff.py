"""``kefu diff``: which values changed, and by which sessions."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from kefu.cli.options import common_options, store_option


@click.command("diff", short_help="Say which values changed, and by which sessions. 对比")
@click.argument("first")
@click.argument("second", required=False)
@store_option
@common_options
def command(
    first: str,
    second: str | None,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Compare two states of the store: dates (2025-06-01), revisions (2025-06-01@1) or runs (run:7). 对比

    A date alone is compared with what it said before, a run alone with what its dates said before it.
    """
    from kefu.config import load_settings
    from kefu.host import Host
    from kefu.night.differences import differences, states
    from kefu.night.view import StoreView
    from kefu.show.stored import write_differences
    from kefu.store import open_store

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    with TemporaryDirectory(prefix="kefu-") as scratch, open_store(settings.store, create=False) as kept:
        with kept.reading() as connection:
            before, after = states(connection, first, second)
        view = StoreView(kept, settings, Host(settings.plugins_dir), Path(scratch))
        rows = differences(view, before, after)
    about = {
        "before": ", ".join(f"{day.date}@{day.revision}" for day in before) or "–",
        "after": ", ".join(f"{day.date}@{day.revision}" for day in after),
    }
    write_differences(rows, about, form, settings.language)
