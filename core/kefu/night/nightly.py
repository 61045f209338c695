"""One night: compute the dates that are due, and write them whole, with the run, in one transaction."""

from __future__ import annotations

import datetime as dt
import time
from collections.abc import Mapping, Sequence
from contextlib import suppress
from dataclasses import asdict, dataclass, field
from dataclasses import replace as replaced
from hashlib import sha256
from importlib.metadata import version
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kefu.clock import EPOCH
from kefu.config import Settings, WordLists, without_secrets
from kefu.context import Checked
from kefu.host import Host
from kefu.night.checks import Seen, as_stored, check, check_names, needs_values, newest_date, sessions_by_date
from kefu.night.compute import Computed, compute
from kefu.night.files import Ends, ends_of, files_of, missing, with_reports
from kefu.night.reasons import Reasons
from kefu.night.unchanged import unchanged
from kefu.run.collect import Request
from kefu.run.engine import Engine, Progress, open_engine
from kefu.run.outcome import Outcome
from kefu.run.words import digest_of
from kefu.store.days import Day, DayRow, Written, current_days, write_days
from kefu.store.opening import Store
from kefu.store.runs import (
    InputFile,
    Run,
    is_done,
    known_files,
    record_failure,
    write_checks,
    write_files,
    write_quarantine,
    write_run,
)
from kefu.store.runs import Outcome as Ending

if TYPE_CHECKING:
    import sqlalchemy as sa


@dataclass(frozen=True, slots=True)
class Span:
    """The dates that a run is about; ``None`` leaves an end open."""

    first: dt.date | None = None
    last: dt.date | None = None

    @classmethod
    def of_night(cls, date: dt.date, lookback: int) -> Span:
        """Return a date and the days before it that late data may still change."""
        return cls(date - dt.timedelta(days=lookback), date)

    def request(self, by: tuple[str, ...]) -> Request:
        """Return what an engine is asked for."""
        first, last = (None if end is None else (end - EPOCH).days for end in (self.first, self.last))
        return Request(by, first, last, finest=True)

    def holds(self, date: dt.date) -> bool:
        """Say whether a date is one of them."""
        return (self.first is None or date >= self.first) and (self.last is None or date <= self.last)

    def closed(self, ends: Ends) -> Span:
        """Return it with the ends of what there is in the place of open ones."""
        return Span(self.first or ends[0], self.last or ends[1])

    def within(self, ends: Ends) -> Span:
        """Return the part of it that lies between the ends of what there is, which may be nothing."""
        first, last = ends
        if first is None or last is None:
            return Span(dt.date.max, dt.date.min)
        return Span(max(self.first or first, first), min(self.last or last, last))

    def is_part_of(self, other: Span) -> bool:
        """Say whether another one, whose ends are known, holds all of its dates."""
        if self.first is None or self.last is None:
            return False
        return self.first > self.last or (other.holds(self.first) and other.holds(self.last))


@dataclass(slots=True)
class Night:
    """What became of a run.

    :param outcome: the values of its dates; ``None`` where there was nothing new.
    :param written: what became of each date; a date of which files are missing is in ``kept``, with these.
    :param outside: how many sessions there were of dates that the run is not about.
    :param broken: where there was nothing new, the files that still cannot be used.
    """

    outcome: Outcome | None = None
    run_id: int | None = None
    written: list[Written] = field(default_factory=list)
    kept: dict[dt.date, list[str]] = field(default_factory=dict)
    outside: dict[dt.date, int] = field(default_factory=dict)
    checks: list[Checked] = field(default_factory=list)
    broken: list[InputFile] = field(default_factory=list)


class Nightly:
    """Runs nights over a store; the caller holds its lock."""

    def __init__(self, store: Store, settings: Settings, host: Host, scratch: Path) -> None:
        """Take what a run needs."""
        self._store, self._settings, self._host, self._scratch = store, settings, host, scratch
        self._started = dt.datetime.now(dt.UTC)

    def run(
        self,
        data: Path,
        span: Span,
        by: tuple[str, ...] = (),
        *,
        replace: bool = False,
        progress: Progress | None = None,
    ) -> Night:
        """Compute the dates of a span that the input has, and write what changed.

        :param replace: write dates also where files are gone that gave rows to them before.
        :raises BaseException: whatever stopped the run; the store is as it was, but for a note of the failure.
        """
        files = files_of(data, self._settings)
        layout = self._layout()
        if not replace:
            with self._store.reading() as connection:
                same = unchanged(connection, files, layout, span)
            if same is not None:
                return Night(kept=same.kept, broken=same.broken)
        try:
            return self._night(data, files, layout, span, by, replace=replace, progress=progress)
        except BaseException as error:
            stopped = isinstance(error, KeyboardInterrupt | SystemExit)
            self._note_failure("interrupted" if stopped else "failed", error)
            raise

    def _night(
        self,
        data: Path,
        files: Sequence[InputFile],
        layout: Mapping[str, Any],
        span: Span,
        by: tuple[str, ...],
        *,
        replace: bool,
        progress: Progress | None,
    ) -> Night:
        began = time.monotonic()
        engine = open_engine(data, self._scratch, self._settings, self._host)
        check_names(self._settings.checks, self._host)
        opened = time.monotonic()
        for name in self.small_names(engine):
            engine.small(name)
        valued = needs_values(self._settings.checks)
        computed = compute(engine, span.request(by), layout, self._scratch, progress, valued=valued)
        ended = time.monotonic()
        timings = {"open": round(opened - began, 3), "compute": round(ended - opened, 3)}
        return self._write(data, engine, computed, files, span, timings, replace=replace)

    @staticmethod
    def small_names(engine: Engine) -> list[str]:
        """Return the small tables that are there."""
        return [name for name in engine.tables if name in ("agents", "hotspots", "scripts")]

    def _write(
        self,
        data: Path,
        engine: Engine,
        computed: Computed,
        files: Sequence[InputFile],
        span: Span,
        timings: Mapping[str, float],
        *,
        replace: bool,
    ) -> Night:
        told = with_reports(files, data, engine.tables, computed.spans)

        def write(connection: sa.Connection) -> Night:
            return self._written(connection, engine, computed, told, span, timings, replace=replace)

        return self._store.persistently(write, lambda connection: is_done(connection, self._started))

    def _written(
        self,
        connection: sa.Connection,
        engine: Engine,
        computed: Computed,
        told: Sequence[InputFile],
        span: Span,
        timings: Mapping[str, float],
        *,
        replace: bool,
    ) -> Night:
        known, current = known_files(connection), {row.date: row for row in current_days(connection)}
        due, kept = _due(computed, span, known, told, current, replace=replace)
        run = self._run("done", engine, span.closed(ends_of(told, current)), timings)
        run_id = write_run(connection, run)
        reasons = Reasons(known, told)
        given = [replaced(day, reasons=reasons.of(day, current.get(day.date))) for day in due]
        written = write_days(connection, run_id, given, at=self._started)
        write_files(connection, run_id, told)
        for name, table in engine.tables.items():
            if table.quarantine.height:
                write_quarantine(connection, run_id, name, table.quarantine)
        newest, sessions = newest_date(told), sessions_by_date(connection, span.last)
        seen = Seen(span.last, newest, sessions, run.input, computed.outcome.metrics, computed.values)
        checks = check(seen, self._settings.checks)
        write_checks(connection, run_id, as_stored(checks, self._settings.language))
        return Night(computed.outcome, run_id, written, kept, computed.outside, checks)

    def _run(
        self,
        outcome: Ending,
        engine: Engine,
        asked: Span,
        timings: Mapping[str, float],
    ) -> Run:
        return Run(
            started_at=self._started,
            outcome=outcome,
            host_version=version("kefu"),
            ended_at=dt.datetime.now(dt.UTC),
            first_date=asked.first,
            last_date=asked.last,
            config=without_secrets(self._settings),
            plugins=[{"name": p.name, "version": p.version, "error": p.error} for p in engine.host.plugins],
            input={name: table.counts for name, table in engine.tables.items()},
            timings=timings,
            failures=[asdict(failure) for failure in engine.failures()],
            small_tables={n: t for n in self.small_names(engine) if (t := engine.small(n)) is not None},
        )

    def _note_failure(self, outcome: Ending, error: BaseException) -> None:
        run = Run(
            started_at=self._started,
            outcome=outcome,
            host_version=version("kefu"),
            ended_at=dt.datetime.now(dt.UTC),
            failures=[f"{type(error).__name__}: {error}"[:500]],
        )
        with suppress(Exception):  # the first error is the one that counts
            record_failure(self._store, run)

    def _layout(self) -> dict[str, Any]:
        """Return what definitions depend on: the versions of plugins, and a digest of the settings that matter."""
        settings = self._settings
        lists = {name: digest_of(name, settings.lexicons.get(name, WordLists())) for name in self._subjects()}
        words = [path.read_bytes().hex() for path in settings.dictionaries]
        told = [asdict(settings.thresholds), settings.plugin, settings.timezone, lists, words]
        return {
            "plugins": {plugin.name: plugin.version for plugin in self._host.plugins},
            "definitions": sha256(repr(told).encode()).hexdigest(),
        }

    def _subjects(self) -> list[str]:
        return sorted({"sensitive", "opinion", *self._settings.lexicons})


def _due(
    computed: Computed,
    span: Span,
    known: Sequence[InputFile],
    told: Sequence[InputFile],
    current: Mapping[dt.date, DayRow],
    *,
    replace: bool,
) -> tuple[list[Day], dict[dt.date, list[str]]]:
    """Return the days to write, those that lost all their sessions included, and those that files are missing for."""
    found = {day.date: day for day in computed.days}
    layout = computed.days[0].layout if computed.days else {}
    for date, row in current.items():
        if span.holds(date) and date not in found:
            found[date] = Day(date, layout=layout or row.layout, present=row.present)
    due, kept = [], {}
    for date in sorted(found):
        gone = [] if replace or date not in current else missing(known, told, current[date])
        if gone:
            kept[date] = gone
        else:
            due.append(found[date])
    return due, kept
