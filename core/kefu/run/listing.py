"""Work a listing out: gather batch by batch, merge, build once."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from difflib import get_close_matches
from functools import partial
from typing import TypeVar

import polars as pl

from kefu.errors import ConfigError, KefuError
from kefu.facts.order import Laid
from kefu.host import Plugin
from kefu.listings import Listed, Listing
from kefu.offers import PluginError
from kefu.run.check import message_rows
from kefu.run.collect import Request
from kefu.run.engine import Engine, Progress
from kefu.run.plan import Plan

T = TypeVar("T")
MOST_LOOSE_ROWS = 400_000
"""So many gathered rows wait before equal ones are put together."""


def find_listing(engine: Engine, name: str) -> tuple[Plugin, Listing]:
    """Return the listing of that name, and whose it is.

    :raises ConfigError: there is none.
    :raises KefuError: its plugin failed.
    """
    known = {listing.name: (plugin, listing) for plugin in engine.host.plugins for listing in plugin.listings}
    if name not in known:
        near = get_close_matches(name, known, n=1)
        failed = [f"{plugin.name}: {plugin.error}" for plugin in engine.host.plugins if plugin.error]
        hint = f": did you mean {near[0]}?" if near else ": kefu list names them all"
        hint += f" (failed: {'; '.join(failed)})" if failed else ""
        raise ConfigError(f"there is no listing {name!r}{hint}")
    plugin, listing = known[name]
    if plugin.error is not None:
        raise KefuError(f"listing {name!r} is missing, because of plugin {plugin.name!r}: {plugin.error}")
    return plugin, listing


class Lister:
    """Works one listing out over the tables of an engine."""

    def __init__(self, engine: Engine, plugin: Plugin, listing: Listing) -> None:
        """Take a listing and the plugin that fails if it cannot be worked out."""
        self._engine, self._plugin, self._listing = engine, plugin, listing

    def listed(self, request: Request, memory: pl.DataFrame | None = None, progress: Progress | None = None) -> Listed:
        """Read the messages and build the listing.

        :raises KefuError: the plugin failed over it.
        """
        loose: list[pl.DataFrame] = []
        asked = {*self._listing.needs, *self._listing.where.meta.root_names()}
        for laid, facts in self._engine.facts(Plan(), also=asked, only=asked, progress=progress):
            loose.append(self._answer(partial(self.gathered, laid, facts["sessions"], request)))
            if sum(map(len, loose)) > MOST_LOOSE_ROWS:
                loose = [self.merged(loose)]
            del laid, facts
        self._engine.require_messages()
        return self.built(self.merged([pl.DataFrame(schema=self._listing.schema), *loose]), memory)

    def built(self, rows: pl.DataFrame, memory: pl.DataFrame | None = None) -> Listed:
        """Build the listing from merged rows.

        :raises KefuError: the plugin failed over it.
        """
        tables = {name: self._engine.small(name) for name in self._listing.tables}
        return self._answer(partial(built, self._listing, rows.sort(*self._listing.keys), tables, memory))

    def _answer(self, ask: Callable[[], T]) -> T:
        answer = self._plugin.call(ask, None)
        if answer is None:
            raise KefuError(f"listing {self._listing.name!r} failed: {self._plugin.error}")
        return answer

    def gathered(self, laid: Laid, sessions: pl.DataFrame, request: Request) -> pl.DataFrame:
        """Return the counted rows of some whole sessions.

        :raises PluginError: what came back is no such table.
        """
        rows = laid.where(self._listing.where)
        session = pl.Series("session", laid.session[rows], dtype=pl.UInt32)
        found = [sessions["date"].gather(session).alias("_day"), session]
        for name in self._listing.needs:
            is_own = name in laid.messages.columns
            found.append(laid.pick(name, rows) if is_own else sessions[name].gather(session))
        day = pl.DataFrame({"date": found[0]})
        kept = request.within(day.with_row_index("place"))["place"]
        return gathered(self._listing, pl.DataFrame(found[1:])[kept])

    def merged(self, parts: list[pl.DataFrame]) -> pl.DataFrame:
        """Put equal rows together."""
        asked = self._listing
        least = [pl.col(*asked.least).sort_by(*asked.least).first()] if asked.least else []
        return pl.concat(parts).group_by([*asked.keys]).agg(pl.col(*asked.sums).sum(), *least)


def gathered(listing: Listing, messages: pl.DataFrame) -> pl.DataFrame:
    """Ask a listing for its counted rows.

    :raises PluginError: what came back is no table of its columns.
    """
    rows = listing.gather(messages)
    if not isinstance(rows, pl.DataFrame):
        raise PluginError(f"listing {listing.name!r} gathered a {type(rows).__name__} instead of a table")
    missing = [name for name in listing.schema if name not in rows.columns]
    if missing:
        raise PluginError(f"listing {listing.name!r} gathered a table that lacks {missing[0]!r}")
    return rows.select(pl.col(name).cast(kind) for name, kind in listing.schema.items())


def built(
    listing: Listing, rows: pl.DataFrame, tables: Mapping[str, pl.DataFrame | None], memory: pl.DataFrame | None
) -> Listed:
    """Ask a listing for what people read.

    :raises PluginError: what came back is not that.
    """
    own = {name: None if table is None else table.clone() for name, table in tables.items()}
    listed = listing.build(rows, own, memory)
    if not isinstance(listed, Listed):
        raise PluginError(f"listing {listing.name!r} was built as a {type(listed).__name__}, not as Listed")
    missing = [name for name in listing.columns if name not in listed.rows.columns]
    if missing:
        raise PluginError(f"listing {listing.name!r} lacks its column {missing[0]!r}")
    return Listed(listed.rows.select(*listing.columns), listed.memory)


def check_listings(engine: Engine) -> None:
    """Mark plugins as failed whose listings cannot be worked out on next to nothing."""
    messages = message_rows(engine.text_columns)
    session = engine.nothing["sessions"]
    for plugin in engine.host.working():
        for listing in plugin.listings:
            plugin.call(partial(_try, listing, messages, session), None)


def _try(listing: Listing, messages: pl.DataFrame, sessions: pl.DataFrame) -> None:
    what = f"listing {listing.name!r}"
    if not listing.keys or not listing.columns:
        raise PluginError(f"{what}: it has no keys or no columns")
    try:
        messages.filter(listing.where)
    except (pl.exceptions.PolarsError, pl.exceptions.PanicException) as error:
        raise PluginError(f"{what}: its condition: {type(error).__name__}: {error}") from error
    if listing.kept and listing.keys.get("date") != pl.Date():
        raise PluginError(f"{what}: what is kept needs a key 'date' of dates")
    for name in listing.needs:
        if name not in messages.columns and name not in sessions.columns:
            raise PluginError(f"{what}: it needs {name!r}, which neither messages nor sessions have")
    columns = {n: messages.schema[n] if n in messages.columns else sessions.schema[n] for n in listing.needs}
    rows = gathered(listing, pl.DataFrame(schema={"session": pl.UInt32(), **columns}))
    built(listing, rows, dict.fromkeys(listing.tables), None)
