"""The period that a command asks the store about: a day, a week, a month, or two ends."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import TYPE_CHECKING, Any, TypedDict, TypeVar

import rich_click as click

from kefu.cli.options import days, period_options

if TYPE_CHECKING:
    from kefu.night.periods import Dates
    from kefu.night.view import StoreView

Command = TypeVar("Command", bound=Callable[..., Any])


class Asked(TypedDict):
    """What the options of a period said."""

    day: dt.datetime | None
    week: str | None
    month: str | None
    from_date: dt.datetime | None
    to_date: dt.datetime | None


def span_options(command: Command) -> Command:
    """Add ``--day``, ``--week``, ``--month``, ``--from`` and ``--to``."""
    command = period_options(command)
    for option in (
        click.option("--month", metavar="YEAR-MM", help="A month, such as 2025-06."),
        click.option("--week", metavar="YEAR-Wnn", help="An ISO week, such as 2025-W23."),
        click.option("--day", type=click.DateTime(["%Y-%m-%d"]), help="One date, such as 2025-06-01."),
    ):
        command = option(command)
    return command


def check_span(asked: Asked) -> None:
    """Look whether one period was asked for, or none.

    :raises click.UsageError: there are two, or it ends before it begins.
    """
    first, last = asked["from_date"], asked["to_date"]
    days(first, last)
    if sum(map(bool, (asked["day"], asked["week"], asked["month"], first or last))) > 1:
        raise click.UsageError("give one period: --day, --week, --month, or --from and --to")


def span(view: StoreView, asked: Asked) -> Dates | None:
    """Return the period that was asked for; an open end is that of the store."""
    from kefu.night import periods

    if asked["day"] is not None:
        return periods.Dates(asked["day"].date(), asked["day"].date())
    if asked["week"] is not None:
        return periods.week(asked["week"])
    if asked["month"] is not None:
        return periods.month(asked["month"])
    first, last = asked["from_date"], asked["to_date"]
    if first is None and last is None:
        return None
    stored = [row.date for row in view.days(None, None)]
    ends = [end.date() if end else None for end in (first, last)]
    low, high = ends[0] or min(stored, default=ends[1]), ends[1] or max(stored, default=ends[0])
    return None if low is None or high is None or high < low else periods.Dates(low, high)


def span_or_last(view: StoreView, asked: Asked) -> Dates:
    """Return the period that was asked for, else the last date that the store has.

    :raises ConfigError: the store has no dates.
    """
    from kefu.errors import ConfigError
    from kefu.night.periods import Dates

    stored = view.days(None, None)
    if not stored:
        raise ConfigError(f"the store {view.store.name} has no dates yet: kefu run fills it")
    return span(view, asked) or Dates(stored[-1].date, stored[-1].date)


def named_span(text: str) -> Dates:
    """Read a period that is one text: 2025-06-01, 2025-W23, 2025-06, or 2025-06-01..2025-06-07.

    :raises ConfigError: it is none.
    """
    from kefu.errors import ConfigError
    from kefu.night import periods

    first, dots, last = text.partition("..")
    if not dots and "-W" in text:
        return periods.week(text)
    try:
        ends = [dt.date.fromisoformat(end) for end in (first, last if dots else first)]
    except ValueError:
        if dots:
            raise ConfigError(f"{text!r} is no period: write 2025-06-01..2025-06-07") from None
        return periods.month(text)
    if ends[1] < ends[0]:
        raise ConfigError(f"{text!r} ends before it begins")
    return periods.Dates(*ends)
