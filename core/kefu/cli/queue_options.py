"""Options that the commands of the repair queue share."""

from __future__ import annotations

import getpass
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypeVar, cast

import rich_click as click

from kefu.cli.options import config_option, language_option, plugins_option, store_option, table_or_json_option

if TYPE_CHECKING:
    from kefu.queue.record import Filter

Command = TypeVar("Command", bound=Callable[..., Any])
STATES = ("open", "in_repair", "repaired", "verified", "dismissed")
ORDERS = ("priority", "due", "opened", "title")
LONGEST_NAME, LONGEST_TEXT = 40, 2_000


class Words(click.ParamType[str]):
    """A text that is not empty, and not longer than the record holds."""

    name = "TEXT"

    def __init__(self, most: int) -> None:
        """Take so many characters at most."""
        self._most = most

    def convert(self, value: Any, param: click.Parameter | None, ctx: click.Context | None) -> str:  # noqa: ANN401
        """Return it without blanks around it."""
        text = str(value).strip()
        if not text or len(text) > self._most:
            self.fail(f"write 1 to {self._most:,} characters", param, ctx)
        return text


who_option = click.option("--as", "who", type=Words(LONGEST_NAME), help="Who you are.  [default: the user logged in]")
version_option = click.option(
    "--version", type=click.IntRange(min=1), help="Refuse where the item is not at this version any more."
)
ids_argument = click.argument("ids", type=click.IntRange(min=1), nargs=-1, required=True)


def reading_options(command: Command) -> Command:
    """Add what commands have that show something."""
    for option in (plugins_option, config_option, language_option, store_option):
        command = option(command)
    return command


def changing_options(command: Command) -> Command:
    """Add what commands have that take a step with items."""
    for option in (config_option, language_option, table_or_json_option, store_option, version_option, who_option):
        command = option(command)
    return ids_argument(command)


def filter_options(command: Command) -> Command:
    """Add what chooses items."""
    state = click.Choice([*STATES, "all"])
    options = (
        click.option("--order", type=click.Choice(ORDERS), default="priority", show_default=True),
        click.option("--search", metavar="TEXT", default="", help="With this in the title or the id."),
        click.option("--assignee", metavar="NAME", help="Taken into repair by this person."),
        click.option("--mine", is_flag=True, help="Taken into repair by you."),
        click.option("--overdue", is_flag=True, help="Should have been repaired before today."),
        click.option("--reason", metavar="NAME", help="For this reason, such as stale."),
        click.option("--state", "states", type=state, multiple=True, help="Repeatable.  [default: open, in_repair]"),
        who_option,
    )
    for option in options:
        command = option(command)
    return command


def filter_of(page: int, size: int, **chosen: Any) -> Filter:  # noqa: ANN401
    """Return the filter that the options of a command make."""
    from kefu.queue.items import State
    from kefu.queue.record import WAITING, Filter

    if chosen["mine"] and chosen["assignee"]:
        raise click.UsageError("--mine and --assignee both say whose: give one of them")
    states: tuple[str, ...] = chosen["states"]
    return Filter(
        states=() if "all" in states else tuple(map(State, dict.fromkeys(states))) or WAITING,
        reason=chosen["reason"],
        assignee=(chosen["who"] or user()) if chosen["mine"] else chosen["assignee"],
        text=chosen["search"],
        overdue=chosen["overdue"],
        order=cast("Any", chosen["order"]),
        page=page,
        size=size,
    )


def user() -> str:
    """Return who is logged in.

    :raises click.UsageError: nobody knows.
    """
    try:
        return getpass.getuser()
    except (OSError, KeyError):
        raise click.UsageError("nobody knows who you are: say so with --as NAME") from None
