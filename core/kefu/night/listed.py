"""What listings gather of each date, kept for the repair queue: counted rows, masked, the commonest of a date."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import polars as pl

from kefu.facts.order import Laid
from kefu.listings import Listing
from kefu.run.collect import Request
from kefu.run.engine import Engine
from kefu.run.listing import MOST_LOOSE_ROWS, Lister
from kefu.store.mask import masked_series

LISTING = "listing:"
"""What the names of such frames begin with."""
MOST_OF_A_DATE = 20_000
"""So many of the commonest rows of a date are kept."""


class ListingKeeper:
    """Gathers what listings that are kept count in each date."""

    def __init__(self, engine: Engine, request: Request) -> None:
        """Ask the plugins for their listings; one that fails later takes down its plugin only."""
        self._request = request
        engine.offer_listings()
        kept = [(plugin, one) for plugin in engine.host.working() for one in plugin.listings if one.kept]
        self._listers = [(plugin, listing, Lister(engine, plugin, listing)) for plugin, listing in kept]
        self._loose: dict[str, list[pl.DataFrame]] = {listing.name: [] for _, listing, _ in self._listers}

    @property
    def needs(self) -> set[str]:
        """The columns of messages that they read."""
        return {name for _, one, _ in self._listers for name in (*one.needs, *one.where.meta.root_names())}

    def take(self, laid: Laid, sessions: pl.DataFrame) -> None:
        """Gather from some whole sessions."""
        for plugin, listing, lister in self._listers:
            found = plugin.call(partial(lister.gathered, laid, sessions, self._request), None)
            if found is not None:
                loose = self._loose[listing.name]
                loose.append(_masked(found))
                if sum(map(len, loose)) > MOST_LOOSE_ROWS:
                    loose[:] = [lister.merged(loose)]

    def frames(self) -> Iterator[tuple[str, pl.DataFrame]]:
        """Give the rows of each listing, all dates together."""
        for plugin, listing, lister in self._listers:
            if plugin.error is None and self._loose[listing.name]:
                rows = lister.merged(self._loose[listing.name])
                yield f"{LISTING}{listing.name}", _commonest(listing, rows)


def _masked(rows: pl.DataFrame) -> pl.DataFrame:
    return rows.with_columns(masked_series(rows["text"])) if "text" in rows.columns else rows


def _commonest(listing: Listing, rows: pl.DataFrame) -> pl.DataFrame:
    size = pl.col(listing.sums[0])
    ordered = rows.sort(size, *listing.keys, descending=[True, *([False] * len(listing.keys))])
    return ordered.filter(pl.int_range(pl.len()).over("date") < MOST_OF_A_DATE)
