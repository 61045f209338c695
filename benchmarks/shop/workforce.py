"""The tables about the people who serve: shifts, states, reviews, costs and forecasts of one day after another."""

from __future__ import annotations

from dataclasses import dataclass, field

import polars as pl

from shop import ledger, roster, states
from shop.busy import Busy
from shop.common import DAY, Settings
from shop.day import Day
from shop.ids import Namer
from shop.phrases import PhraseBook
from shop.services import services
from shop.staff import Floor
from shop.states import LAYER, Stretches

TABLES = ("agent_states", "shifts", "reviews", "costs", "forecasts")


@dataclass
class Office:
    """Keeps the books of a shop; what goes on after midnight is carried on to the next day."""

    settings: Settings
    book: PhraseBook
    names: Namer
    floor: Floor
    calendar: roster.Calendar = field(init=False)
    open: list[Stretches] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Open a new calendar."""
        self.calendar = roster.Calendar(self.floor.staff)

    def day(self, day: Day, told: pl.DataFrame) -> dict[str, pl.DataFrame]:
        """Return the tables of a day; states after midnight belong to the next.

        :param told: the day's table of sessions.
        """
        settings, staff, number = self.settings, self.floor.staff, day.number
        served = services(settings, self.names, day, told)
        known = states.joined([*self.open, states.of_services(served)])
        chat = known.only(known.layer == LAYER["handling"])
        busy = Busy(chat.agent, chat.begin, chat.end)
        shifts = roster.plan(settings, self.calendar, busy, number, self.floor.called)
        known = states.joined([known, states.of_shifts(settings, staff, busy, number, shifts)])
        midnight = int((number + 1) * DAY)
        self.open = [known.only(known.end > midnight)]
        return {
            "agent_states": states.table(settings, staff, known, int(number * DAY), midnight),
            "shifts": roster.table(settings, staff, shifts),
            "reviews": ledger.reviews(settings, staff, self.names, day, served),
            "costs": ledger.costs(settings, self.book, day, told),
            "forecasts": ledger.forecasts(settings, self.book, day, told),
        }

    def rest(self) -> dict[str, pl.DataFrame]:
        """Return what was still going on when the last day ended."""
        settings = self.settings
        low = int(settings.days * DAY)
        return {"agent_states": states.table(settings, self.floor.staff, self.open[0], low, low + int(DAY))}
