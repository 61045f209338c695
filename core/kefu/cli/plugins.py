"""``kefu plugins``: every plugin and whether it works."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from kefu.cli.options import common_options


@click.command("plugins", short_help="Show every plugin and whether it works. 列出插件")
@common_options
def command(form: str, lang: str | None, config: Path | None, plugins_dir: Path | None) -> None:
    """Show every plugin: where it comes from, its version, its metrics, and why it failed if it did. 列出插件"""
    from kefu.config import load_settings
    from kefu.show.catalogue import offered, write_plugins

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir)
    host = offered(settings)
    write_plugins(host, form, settings.language)
    sys.exit(1 if any(plugin.error for plugin in host.plugins) else 0)
