"""``kefu store``: what a store needs over the years."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

import rich_click as click

from kefu.cli.options import config_option, language_option, store_option, table_or_json_option

if TYPE_CHECKING:
    from kefu.config import Settings

NO_STORE = "none"
Command = TypeVar("Command", bound=Callable[..., Any])
yes_option = click.option("--yes", is_flag=True, help="Do it without asking.")
wait_option = click.option("--wait", type=click.FloatRange(min=0), default=0, help="Seconds to wait for a run.")


def common_options(command: Command) -> Command:
    """Add the options that every command of a store has."""
    for option in (config_option, language_option, table_or_json_option, store_option):
        command = option(command)
    return command


class Before(click.ParamType[int | dt.date]):
    """Days ago, or a date."""

    name = "DAYS|DATE"

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> int | dt.date:  # noqa: ANN401
        """Return a number of days or a date that is past."""
        if isinstance(value, int | dt.date):
            return value
        if value.isascii() and value.isdigit() and int(value) <= dt.date.today().toordinal() - 1:  # noqa: DTZ011 - a bound
            return int(value)
        try:
            return dt.date.fromisoformat(value)
        except ValueError:
            self.fail(f"{value!r} is neither a number of days nor a date such as 2025-06-01", param, ctx)


@click.group("store", short_help="Upgrade, back up, clear out the store. 维护存储")
def command() -> None:
    """Upgrade, back up and clear out the store. 维护存储

    Every command has --store, --lang, --config and --format table|json.
    """


@command.command("upgrade", short_help="Bring a store to the revision of this kefu. 升级存储")
@common_options
def upgrade_command(store: str | None, form: str, lang: str | None, config: Path | None) -> None:
    """Bring a store that an older kefu wrote to the revision of this one; a copy is made first. 升级存储"""
    from kefu.show.store import write_upgrade
    from kefu.store.housekeeping import upgrade

    settings = _settings(store, lang, config)
    write_upgrade(upgrade(settings.store), form, settings.language)


@command.command("backup", short_help="Copy a store to a new file. 备份存储")
@click.argument("target", type=click.Path(path_type=Path))
@common_options
def backup_command(target: Path, store: str | None, form: str, lang: str | None, config: Path | None) -> None:
    """Copy a store to the new file TARGET, also during a run. 备份存储"""
    from kefu.show.store import write_backup
    from kefu.store import open_store
    from kefu.store.housekeeping import backup

    settings = _settings(store, lang, config)
    with open_store(settings.store, create=False) as opened:
        made = backup(opened, target)
    write_backup(made, form, settings.language)


@command.command("purge", short_help="Drop what is older than a date. 清除旧数据")
@click.option(
    "--older-than", "before", type=Before(), required=True, help="So many days, or the first date that stays."
)
@yes_option
@wait_option
@common_options
def purge_command(
    before: int | dt.date,
    yes: bool,  # noqa: FBT001
    wait: float,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
) -> None:
    """Drop earlier dates, values that were superseded earlier, and what earlier runs left. 清除旧数据

    What is dropped can only be had back from a backup, or by a run over the transcripts.
    """
    from kefu.show.store import purge_question, write_removed
    from kefu.store import open_store
    from kefu.store.erase import purge

    settings = _settings(store, lang, config)
    date = _date(before, settings.timezone)
    with open_store(settings.store, create=False) as opened, opened.lock(wait):
        if not yes:
            click.confirm(purge_question(opened.name, date, settings.language), abort=True, err=True)
        removed = purge(opened, date)
    write_removed("purged", removed, form, settings.language, before=date.isoformat())


@command.command("forget", short_help="Take customers or sessions out of the store. 删除客户或会话")
@click.option("--customer", "customers", multiple=True, metavar="ID", help="A customer, with all sessions; repeatable.")
@click.option("--session", "sessions", multiple=True, metavar="ID", help="A session; repeatable.")
@yes_option
@wait_option
@common_options
def forget_command(
    customers: tuple[str, ...],
    sessions: tuple[str, ...],
    yes: bool,  # noqa: FBT001
    wait: float,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
) -> None:
    """Take all rows of customers or sessions out of the store, in every revision. 删除客户或会话

    The counts that metrics are made of stay. Take them out of the transcripts and the backups as well.
    """
    from kefu.show.store import forget_question, write_removed
    from kefu.store import open_store
    from kefu.store.erase import forget

    if not customers and not sessions:
        raise click.UsageError("say whom to forget: --customer ID or --session ID")
    settings = _settings(store, lang, config)
    with open_store(settings.store, create=False) as opened, opened.lock(wait):
        if not yes:
            question = forget_question(opened.name, len(customers), len(sessions), settings.language)
            click.confirm(question, abort=True, err=True)
        removed = forget(opened, customer_ids=customers, session_ids=sessions)
    write_removed("forgotten", removed, form, settings.language)


def _settings(store: str | None, lang: str | None, config: Path | None) -> Settings:
    from kefu.config import load_settings

    settings = load_settings(config, language=lang, store=store)
    if settings.store == NO_STORE:
        raise click.UsageError("there is no store here: name one with --store")
    return settings


def _date(before: int | dt.date, timezone: str) -> dt.date:
    """Return the first date that stays; a day of the future would take everything with it."""
    from zoneinfo import ZoneInfo

    today = dt.datetime.now(ZoneInfo(timezone)).date()
    date = today - dt.timedelta(days=before) if isinstance(before, int) else before
    if date > today:
        raise click.BadParameter(f"{date} is still to come", param_hint="--older-than")
    return date
