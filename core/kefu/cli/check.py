"""``kefu check``: read the input, compute nothing, list what was rejected."""

from __future__ import annotations

import sys
from pathlib import Path
from tempfile import TemporaryDirectory

import rich_click as click

from kefu.cli.options import config_option, data_argument, format_option, language_option


@click.command("check", short_help="Check the input and list every rejected row. 检查输入")
@data_argument
@format_option
@language_option
@config_option
def command(data: Path, form: str, lang: str | None, config: Path | None) -> None:
    """Read and check the tables in DATA, and list every rejected row with file, row, reason and what to do. 检查输入"""
    from kefu.config import load_settings
    from kefu.host import Host
    from kefu.run.engine import open_engine
    from kefu.show.quarantine import write_quarantine

    settings = load_settings(config, language=lang)
    with TemporaryDirectory(prefix="kefu-") as scratch:
        engine = open_engine(data, Path(scratch), settings, Host(builtins=False, outsiders=False))
        engine.read_all()
        write_quarantine(engine.tables, form, settings.language)
        failed = any(file.failed for table in engine.tables.values() for file in table.report)
    sys.exit(1 if failed else 0)
