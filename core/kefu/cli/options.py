"""Options that several commands share."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import Any, TypeVar

import rich_click as click

GROUPS = ("date", "week", "month", "channel", "queue", "scene", "agent_id", "team", "half_hour")
Command = TypeVar("Command", bound=Callable[..., Any])

data_argument = click.argument("data", type=click.Path(path_type=Path))
config_option = click.option("--config", type=click.Path(path_type=Path), help="TOML file with settings.")
plugins_option = click.option("--plugins-dir", type=click.Path(path_type=Path), help="Folder of single-file plugins.")
language_option = click.option("--lang", type=click.Choice(["zh", "en"]), help="Language of what people read.")
format_option = click.option(
    "--format", "form", type=click.Choice(["table", "json", "csv"]), default="table", show_default=True
)
table_or_json_option = click.option(
    "--format", "form", type=click.Choice(["table", "json"]), default="table", show_default=True
)


def common_options(command: Command) -> Command:
    """Add what every command has that reads settings and plugins and prints something."""
    for option in (plugins_option, config_option, language_option, format_option):
        command = option(command)
    return command


store_option = click.option("--store", help="File or URL of the store; none for no store.  [default: kefu.db]")
by_option = click.option(
    "--by", type=click.Choice(GROUPS), multiple=True, help="Group by this too; again for a cross table."
)


def period_options(command: Command) -> Command:
    """Add ``--from`` and ``--to``: local dates, both included."""
    for name, which in (("to", "last"), ("from", "first")):
        command = click.option(
            f"--{name}",
            f"{name}_date",
            type=click.DateTime(["%Y-%m-%d"]),
            help=f"The {which} local date that counts, such as 2025-06-01.",
        )(command)
    return command


def days(first: dt.datetime | None, last: dt.datetime | None) -> tuple[int | None, int | None]:
    """Return both ends of a period as days since 1970.

    :raises click.BadParameter: it ends before it begins.
    """
    if first is not None and last is not None and last < first:
        raise click.BadParameter(f"--to {last:%Y-%m-%d} is before --from {first:%Y-%m-%d}")
    return _day(first), _day(last)


def _day(moment: dt.datetime | None) -> int | None:
    return None if moment is None else (moment.date() - dt.date(1970, 1, 1)).days
