"""``kefu metrics``: every metric and what it means."""

from __future__ import annotations

import sys
from pathlib import Path

import rich_click as click

from kefu.cli.options import common_options


@click.command("metrics", short_help="Show every metric and what it means. 列出指标")
@common_options
def command(form: str, lang: str | None, config: Path | None, plugins_dir: Path | None) -> None:
    """Show every metric: 指标, name, formula in words, unit, direction, source and plugin. 列出指标"""
    from kefu.config import load_settings
    from kefu.show.catalogue import offered, write_metrics

    settings = load_settings(config, language=lang, plugins_dir=plugins_dir)
    host = offered(settings)
    write_metrics(host, form, settings.language)
    sys.exit(1 if any(plugin.error for plugin in host.plugins) else 0)
