"""What all pages share: the store and what is known of it, the templates, who is logged in."""

from __future__ import annotations

import datetime as dt
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterator
from contextlib import contextmanager
from functools import cached_property
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import RLock
from typing import TypeVar
from zoneinfo import ZoneInfo

import sqlalchemy as sa

from kefu.config import Settings
from kefu.host import Host
from kefu.night.view import StoreView
from kefu.queue.record import Queue
from kefu.reasons import Reason
from kefu.store.opening import Store
from kefu.store.runs import latest_run
from kefu.store.schema import queue_steps
from kefu.web.people import Guesses, Logins, Tokens
from kefu.web.render import environment

Today = Callable[[], dt.date]
T = TypeVar("T")
MOST_KEPT = 24
"""So many overviews are kept until the store changes."""


class Site:
    """The pages over one store."""

    def __init__(
        self, store: Store, settings: Settings, tokens: Tokens | None, me: str, today: Today | None = None
    ) -> None:
        """Take a store that stays open.

        :param tokens: who may come; without any everybody is an editor.
        :param me: what somebody is called who did not say.
        :param today: gives the local date; that of the business time zone without it.
        """
        self.store, self.settings, self.tokens, self.me = store, settings, tokens, me
        self.zone = ZoneInfo(settings.timezone)
        self.today: Today = today or (lambda: dt.datetime.now(self.zone).date())
        self.queue = Queue(store)
        self.logins, self.guesses = Logins(), Guesses()
        self.templates = environment(self.zone)
        self._scratch = TemporaryDirectory(prefix="kefu-")
        self._lock = RLock()
        self._view: StoreView | None = None
        self._of: object = None
        self._kept: OrderedDict[Hashable, object] = OrderedDict()

    @contextmanager
    def view(self) -> Iterator[StoreView]:
        """Give the view of the store as of its last run, to one thread at a time."""
        with self._lock:
            with self.store.reading() as connection:
                state = _state(connection)
            if self._view is None or state != self._of:
                host = Host(self.settings.plugins_dir)
                self._view = StoreView(self.store, self.settings, host, Path(self._scratch.name))
                self._of = state
                self._kept.clear()
            yield self._view

    def kept(self, key: Hashable, make: Callable[[StoreView], T], kind: type[T]) -> T:
        """Return what is made of the store as of its last run; it is made once, and kept until the store changes."""
        with self.view() as view:
            found = self._kept.get(key)
            made = found if isinstance(found, kind) else make(view)
            self._kept[key] = made
            self._kept.move_to_end(key)
            if len(self._kept) > MOST_KEPT:
                self._kept.popitem(last=False)
            return made

    @cached_property
    def reasons(self) -> list[Reason]:
        """The reasons that plugins offer, by name; asked for once, so that the queue never waits for a metric."""
        with self.view() as view:
            view.engine.offer_reasons()
            offered = [reason for plugin in view.engine.host.plugins for reason in plugin.reasons]
        return sorted(offered, key=lambda reason: reason.name)

    def close(self) -> None:
        """Remove what was only for the time that it was open."""
        self._scratch.cleanup()


def _state(connection: sa.Connection) -> object:
    """Return what a view depends on: the last run, its small tables, and the last step in the queue.

    ``kefu store forget`` changes the small tables, and a step changes what the metrics of repairs read.
    """
    run = latest_run(connection)
    step = connection.scalar(sa.select(sa.func.max(queue_steps.c.id)))
    return None if run is None else (run.id, sorted(run.small_tables.items()), step)
