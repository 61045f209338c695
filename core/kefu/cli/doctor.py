"""``kefu doctor``: is anything wrong with the installation or the store?"""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from kefu.cli.options import common_options, store_option


@click.command("doctor", short_help="Look for what is wrong with the installation and the store. 体检")
@store_option
@common_options
def command(store: str | None, form: str, lang: str | None, config: Path | None, plugins_dir: Path | None) -> None:
    """Look at the store, the versions of the parts, the cache, the plugins and the time zone. 体检

    Exit code 1: something is wrong (✗). What could be better (!) is none of it.
    """
    from kefu.config import load_settings
    from kefu.show.health import examine_all
    from kefu.show.store import write_health

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store)
    parts = examine_all(settings)
    write_health(parts, form, settings.language)
    sys.exit(1 if any(part.level == "error" for part in parts) else 0)
