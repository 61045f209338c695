"""The period that an address asks for: a day, a week or a month."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Literal, cast, get_args

from kefu.night.periods import ONE, Dates, month

Kind = Literal["day", "week", "month"]
YEARS = (1970, 2200)


@dataclass(frozen=True, slots=True)
class Chosen:
    """A period of a kind."""

    kind: Kind
    dates: Dates

    @property
    def told(self) -> dict[str, str]:
        """How an address asks for it."""
        return {"period": self.kind, "at": self.dates.first.isoformat()}

    @property
    def text(self) -> str:
        """Its dates."""
        first, last = self.dates.first, self.dates.last
        return f"{first}" if first == last else f"{first} – {last}"

    def moved(self, by: Literal[-1, 1]) -> Chosen:
        """Return the period of this kind before or after."""
        return of_date(self.kind, self.dates.first - ONE if by < 0 else self.dates.last + ONE)

    def as_kind(self, kind: Kind) -> Chosen:
        """Return the period of another kind that holds the last day of this one."""
        return of_date(kind, self.dates.last)


def of_date(kind: Kind, date: dt.date) -> Chosen:
    """Return the period of a kind that holds a date."""
    if kind == "day":
        return Chosen(kind, Dates(date, date))
    if kind == "week":
        first = date - ONE * date.weekday()
        return Chosen(kind, Dates(first, first + 6 * ONE))
    return Chosen(kind, month(f"{date:%Y-%m}"))


def chosen_by(told: Mapping[str, str], last: dt.date) -> Chosen:
    """Return the period that an address asks for; what it does not say is the day, and the last date."""
    kind = told.get("period", "day")
    try:
        date = dt.date.fromisoformat(told.get("at", ""))
    except ValueError:
        date = last
    date = date if YEARS[0] < date.year < YEARS[1] else last
    return of_date(cast("Kind", kind) if kind in get_args(Kind) else "day", date)
