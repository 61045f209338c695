"""The period that an address asks for: a day, a week, a month or any span; and the one to compare it with."""

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
    """A period: of a kind, or any span."""

    kind: Kind | Literal["span"]
    dates: Dates

    @property
    def told(self) -> dict[str, str]:
        """How an address asks for it."""
        if self.kind == "span":
            return {"from": self.dates.first.isoformat(), "to": self.dates.last.isoformat()}
        return {"period": self.kind, "at": self.dates.first.isoformat()}

    @property
    def text(self) -> str:
        """Its dates."""
        return text_of(self.dates)

    def moved(self, by: Literal[-1, 1]) -> Chosen:
        """Return the period of this kind before or after; of a span, as many days."""
        first, last = self.dates.first, self.dates.last
        if self.kind != "span":
            return of_date(self.kind, first - ONE if by < 0 else last + ONE)
        step = by * (last - first + ONE)
        return Chosen("span", Dates(first + step, last + step))

    def as_kind(self, kind: Kind) -> Chosen:
        """Return the period of another kind that holds the last day of this one."""
        return of_date(kind, self.dates.last)


def text_of(dates: Dates) -> str:
    """Return the dates of a period as people read them."""
    return f"{dates.first}" if dates.first == dates.last else f"{dates.first} – {dates.last}"


def of_date(kind: Kind, date: dt.date) -> Chosen:
    """Return the period of a kind that holds a date."""
    if kind == "day":
        return Chosen(kind, Dates(date, date))
    if kind == "week":
        first = date - ONE * date.weekday()
        return Chosen(kind, Dates(first, first + 6 * ONE))
    return Chosen(kind, month(f"{date:%Y-%m}"))


def chosen_by(told: Mapping[str, str], last: dt.date, otherwise: Kind = "day") -> Chosen:
    """Return the period that an address asks for; what it does not say is the usual kind, and the last date."""
    span = span_of(told, "from", "to")
    if span is not None:
        return Chosen("span", span)
    kind = told.get("period", otherwise)
    date = _date(told.get("at", "")) or last
    return of_date(cast("Kind", kind) if kind in get_args(Kind) else otherwise, date)


def span_of(told: Mapping[str, str], first: str, last: str) -> Dates | None:
    """Return the span between two dates of an address, whichever stands first; ``None`` without both."""
    ends = [_date(told.get(name, "")) for name in (first, last)]
    known = sorted(date for date in ends if date is not None)
    return Dates(known[0], known[1]) if len(known) > 1 else None


def _date(text: str) -> dt.date | None:
    try:
        date = dt.date.fromisoformat(text)
    except ValueError:
        return None
    return date if YEARS[0] < date.year < YEARS[1] else None
