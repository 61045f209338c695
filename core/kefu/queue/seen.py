"""What the reasons of the repair queue look at: all that the store knows at the end of a night."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import polars as pl

from kefu.clock import EPOCH
from kefu.columns import Period
from kefu.errors import KefuError
from kefu.host import Plugin
from kefu.listings import Listing
from kefu.night.listed import LISTING
from kefu.night.view import StoreView
from kefu.queue.items import State
from kefu.queue.record import read_items
from kefu.reasons import Seen
from kefu.run.listing import Lister
from kefu.store.days import read_frames
from kefu.store.schema import queue_items as items


@dataclass(frozen=True, slots=True)
class Look:
    """What there is to see, and what the listings want to be told the next night.

    :param first_days: of each listing, the first date that it was built over.
    """

    seen: Seen
    memories: dict[str, pl.DataFrame] = field(default_factory=dict)
    first_days: dict[str, dt.date] = field(default_factory=dict)


def look(view: StoreView, last: dt.date, memories: dict[str, pl.DataFrame]) -> Look:
    """Look at a store as of a date.

    :param memories: what the listings wanted to be told.
    """
    engine = view.engine
    days = view.days(None, last)
    number = (last - EPOCH).days
    starts = engine.days.starts(number, number)
    gathered, listed, told, firsts = {}, {}, {}, {}
    tables = {name: engine.small(name) for name in ("hotspots", "agents", "scripts", "repair_record")}
    for plugin, listing in kept_listings(view):
        rows = gathered_rows(view, plugin, listing, last)
        gathered[listing.name] = rows
        if rows.height:
            firsts[listing.name] = rows["date"].sort()[0]
        try:
            built = Lister(engine, plugin, listing).built(rows, memories.get(listing.name))
        except KefuError:  # its plugin failed, and says why
            continue
        listed[listing.name] = built.rows
        if built.memory is not None:
            told[listing.name] = built.memory
    counts = view.counts(days, last).counts
    period = Period(number, number, int(starts[0]), int(starts[1]))
    return Look(Seen(period, tables, counts, gathered, listed), told, firsts)


def with_uses_since_repairs(view: StoreView, seen: Seen, last: dt.date) -> Seen:
    """Return what there is to see, with the uses of hotspots from before the oldest repair that is not verified.

    A listing forgets after its days, but the sample before a repair has to stay the same from night to night.
    """
    with view.store.reading() as connection:
        repaired = read_items(connection, items.c.state == State.REPAIRED)
    window = dt.timedelta(days=view.settings.thresholds.hotspot_window_days + 1)
    begins = [min(one.opened_at, one.repaired_at - window).date() for one in repaired if one.repaired_at is not None]
    found = {listing.name: (plugin, listing) for plugin, listing in kept_listings(view)}
    if not begins or "hotspots" not in found:
        return seen
    rows = gathered_rows(view, *found["hotspots"], last, min(begins))
    return replace(seen, gathered={**seen.gathered, "hotspots": rows})


def kept_listings(view: StoreView) -> list[tuple[Plugin, Listing]]:
    """Return the listings whose rows the store keeps, with their plugins."""
    view.engine.offer_listings()
    return [(plugin, one) for plugin in view.engine.host.working() for one in plugin.listings if one.kept]


def gathered_rows(
    view: StoreView, plugin: Plugin, listing: Listing, last: dt.date, first: dt.date | None = None
) -> pl.DataFrame:
    """Return what a listing gathered up to a date, from its window or from a date on."""
    name = f"{LISTING}{listing.name}"
    days = view.days(first or last - dt.timedelta(days=listing.kept - 1), last)
    with view.store.reading() as connection:
        found = read_frames(connection, [day.id for day in days], [name])[name]
    parts = [
        frame.select(listing.schema.names()) for frame in found.values() if set(listing.schema) <= set(frame.columns)
    ]
    lister = Lister(view.engine, plugin, listing)
    return lister.merged([pl.DataFrame(schema=listing.schema), *parts]).sort(*listing.keys)
