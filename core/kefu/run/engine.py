"""One run, start to finish: read → check → columns → facts → measures → values."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import replace
from difflib import get_close_matches
from functools import cache, partial
from pathlib import Path
from typing import TypeVar

import polars as pl

from kefu.clock import LocalDays
from kefu.columns import Addition, DatedTable, Earliest, PeriodTable, PluginTable, Tally, TextColumn, Window
from kefu.config import Settings
from kefu.context import Context
from kefu.errors import ConfigError, InputError, KefuError
from kefu.facts.order import Laid
from kefu.host import Host, Plugin, describe
from kefu.metric import Metric
from kefu.offers import PluginError, names_of
from kefu.read import ReadOptions, Table, open_tables
from kefu.run.check import check_messages, check_tables, message_rows
from kefu.run.collect import NO_PERIOD, Collector, Keep, Offered, Request, agents_of
from kefu.run.derive import FACT_COLUMNS, Deriver
from kefu.run.guard import columns_of_failed, guarded, guarded_metric, reads_of, roots_of
from kefu.run.outcome import Failure, Outcome
from kefu.run.period import Counted, period_tallies, periods
from kefu.run.plan import DATES, Groups, Plan
from kefu.run.reading import columns_to_read
from kefu.run.tally import Tallies
from kefu.run.values import Evaluator
from kefu.run.whole import KEYED, Batch, WholeSessions, nothing_of
from kefu.run.words import tokenizer, word_lists

BATCH_ROWS = 250_000
"""How many messages are worked on together, about."""
Kind = TypeVar("Kind", TextColumn, Tally, Earliest, Window, PluginTable, PeriodTable, DatedTable)
Progress = Callable[[str, int, int], None]
"""Called with a step, how much of it is done, and how much there is."""


def open_engine(data: Path, scratch: Path, settings: Settings, host: Host) -> Engine:
    """Open the tables of a folder and return an engine over them.

    :raises InputError: the folder cannot be used, or holds no messages.
    """
    options = ReadOptions(timezone=settings.timezone, encoding=settings.encoding, paths=settings.paths)
    tables = open_tables(data, scratch, options)
    if "messages" not in tables:
        names = "messages.parquet, messages.csv, messages.ndjson or a folder messages/"
        raise InputError(f"{data} holds no messages: give it {names}")
    return Engine(tables, scratch, settings, host)


class Engine:
    """Runs the metrics of a host over tables."""

    def __init__(
        self,
        tables: Mapping[str, Table],
        scratch: Path,
        settings: Settings,
        host: Host,
        batch_rows: int = BATCH_ROWS,
        known: Mapping[str, pl.DataFrame] | None = None,
        *,
        reads_texts: bool = True,
    ) -> None:
        """Ask the plugins what they offer, and try it on next to nothing.

        :param scratch: an empty folder for what does not fit in memory; the caller removes it.
        :param known: small tables that were read before, by name.
        :param reads_texts: work out what plugins say of texts; where no messages are read, nobody has to wait for it.
        """
        self._known = known or {}
        self.settings, self.host, self.tables, self._scratch = settings, host, tables, scratch
        self.days = LocalDays(settings.timezone)
        self.words = word_lists(settings)
        self._batch_rows = batch_rows
        self._offer_metrics()
        self.small = cache(self._small)
        self._filled: set[str] = set()
        self._offer_columns()
        if not reads_texts:
            self._leave_texts_alone()
        self.additions: list[Addition] = []
        self._owners: dict[str, Plugin] = {}
        self.deriver = Deriver(self.tables, (), self.days, self._owners)
        self.nothing: dict[str, pl.DataFrame] = {}
        self._try_plugins()

    @property
    def metrics(self) -> list[Metric]:
        """The metrics that can be trusted: their plugins work, and so do those whose columns they read."""
        lost = columns_of_failed(self.host.plugins)
        return [metric for metric in self.host.metrics if not roots_of(metric) & lost.keys()]

    def metric(self, name: str) -> Metric:
        """Return the metric of that name.

        :raises ConfigError: there is none.
        :raises KefuError: it is missing, because a plugin failed.
        """
        known = {metric.name: metric for metric in self.metrics}
        if name in known:
            return known[name]
        for plugin in self.host.plugins:
            if any(metric.name == name for metric in plugin.metrics):
                failed = [failure.error for failure in self.failures() if failure.plugin == plugin.name]
                raise KefuError(f"metric {name!r} is missing, because of plugin {plugin.name!r}: {'; '.join(failed)}")
        near = get_close_matches(name, known, n=1)
        hint = f": did you mean {near[0]}?" if near else ": kefu metrics lists them all"
        raise ConfigError(f"there is no metric {name!r}{hint}")

    def require_messages(self) -> None:
        """Make sure that there was something to work on, once all of it was read.

        :raises InputError: every row of messages was rejected.
        """
        messages = self.tables["messages"]
        if messages.rows and not any(file.loaded for file in messages.report):
            raise InputError(f"none of the {messages.rows:,} rows of messages can be used: kefu check says why")

    def read_all(self) -> None:
        """Read and check every row of every table, and compute nothing."""
        for _ in self.facts(Plan()):
            pass
        for name in self.tables.keys() - {"messages", *KEYED}:
            self.small(name)

    def run(self, request: Request, progress: Progress | None = None) -> Outcome:
        """Compute every metric over the whole, and in the groups of the request."""
        plan = Plan.of_metrics(self.metrics)
        collector = self.collector(plan, request)
        for _, facts in self.facts(plan, progress=progress):
            collector.add(facts)
            del _, facts  # or it would live on while the next batch is read
        self.require_messages()
        collector.finish()
        return self.outcome(plan, collector, request)

    def collector(self, plan: Plan, request: Request, keep: Keep | None = None) -> Collector:
        """Return a collector for the measures of a plan.

        :param keep: is given the rows of the fact tables.
        """
        return Collector(
            plan,
            request,
            agents_of(self.small("agents")),
            self.days,
            self._scratch,
            Offered(
                windows=self._of(Window),
                tallied=frozenset(added.name for added in self._of(Tally)),
                counts={
                    name: (self._owners[name], counts)
                    for table in self._of(PluginTable)
                    for name, counts in table.counts.items()
                },
                dated=self._of(DatedTable),
                small=self.small,
                own=self.own_groups,
            ),
            keep=keep,
        )

    def facts(
        self,
        plan: Plan,
        *,
        also: Collection[str] = (),
        everything: bool = False,
        only: Collection[str] | None = None,
        progress: Progress | None = None,
    ) -> Iterator[tuple[Laid, dict[str, pl.DataFrame]]]:
        """Derive the facts, some whole sessions at a time.

        :param also: columns to read besides those that the plan needs.
        :param everything: read every column, for people to look at.
        :param only: of the columns that plugins add, work out these and what they are made of; ``None`` for all.
        """
        deriver = self.deriver if only is None else self._narrow_deriver({*only, *self.window_needs, *self._counted})
        whole = WholeSessions(
            self.tables,
            columns_to_read(self.tables, plan, self.additions, {*also, *self._needed()}, everything=everything),
            self._batch_rows,
        )
        for batch in whole:
            if progress:
                progress("reading", batch.number, len(whole))
            laid, facts = deriver.derive(batch)
            self._note_filled({**facts, "messages": laid.messages})
            yield laid, facts
            del laid, facts, batch

    def _narrow_deriver(self, wanted: set[str]) -> Deriver:
        """Return a deriver that leaves out what nothing wanted is made of."""
        kept: list[Addition] = []
        for added in reversed(self.additions):
            if wanted & {*names_of(added)}:
                wanted |= reads_of(added)
                kept.append(added)
        return Deriver(self.tables, kept[::-1], self.days, self._owners)

    def evaluator(self, plan: Plan, collector: Collector, by: Sequence[str]) -> Evaluator:
        """Return what gives values from the measures collected, for the whole and for ``by``."""
        tallies = dict(collector.tallies)
        for table in self._of(PeriodTable):
            if table.name in plan.items:
                items, small = plan.items[table.name], self._small_tables(table)
                tallies[table.name] = period_tallies(table, items, by, collector, small, self.days, self.teams)
        self._give_up(plan, tallies.values())
        return Evaluator(plan, tallies, {m.name: self.is_present(m) for m in self.metrics}, self.own_groups)

    def _give_up(self, plan: Plan, tallies: Iterable[Tallies]) -> None:
        """Mark the plugins as failed whose measures could not be taken of the data."""
        broken = {name: error for one in tallies for name, error in one.broken.items()}
        for (metric, name), item in plan.of.items():
            if item.id in broken:
                error = PluginError(f"metric {metric!r}, measure {name!r}: {describe(broken[item.id])}")
                self.host.owner(metric).fail(error)

    def outcome(self, plan: Plan, collector: Collector, request: Request) -> Outcome:
        """Return the values of the whole and of each group of the request."""
        evaluators = {by: self.evaluator(plan, collector, by) for by in {(), request.by}}
        kept = self.metrics  # what works even now that all plugins have done what they do
        whole = evaluators[()].groups(kept, ())[0]
        groups = evaluators[request.by].groups(kept, request.by) if request.by else []
        if len(self.metrics) < len(kept):  # but for a formula of a plugin's own, which has just failed
            return self.outcome(plan, collector, request)
        return Outcome(
            first=collector.first_day if request.first is None else request.first,
            last=collector.last_day if request.last is None else request.last,
            metrics=kept,
            whole=whole,
            groups=groups,
            tables=self.tables,
            failures=self.failures(),
            owners={metric.name: self.host.owner(metric.name).name for metric in kept},
        )

    def failures(self) -> list[Failure]:
        """Return what failed, and the metrics of others that are missing for it."""
        found = [Failure(p.name, p.version, p.error) for p in self.host.plugins if p.error is not None]
        lost = columns_of_failed(self.host.plugins)
        for metric in self.host.metrics:
            for name in sorted(roots_of(metric) & lost.keys()):
                owner = self.host.owner(metric.name)
                text = f"metric {metric.name!r} reads {name!r} of plugin {lost[name].name!r}, which failed"
                found.append(Failure(owner.name, owner.version, text))
        return found

    def _offer_metrics(self) -> None:
        self.host.offer_metrics(lambda name: self._context(name, tables=False))
        for plugin in self.host.working():
            plugin.metrics = [guarded_metric(plugin, metric) for metric in plugin.metrics]

    def offer_listings(self) -> None:
        """Ask the plugins for their listings."""
        self.host.offer_listings(lambda name: self._context(name, tables=True))

    def offer_reasons(self) -> None:
        """Ask the plugins for their reasons to repair."""
        self.host.offer_reasons(lambda name: self._context(name, tables=False))

    def offer_sections(self) -> None:
        """Ask the plugins for their sections of the report."""
        self.host.offer_sections(lambda name: self._context(name, tables=True))

    @property
    def text_columns(self) -> list[TextColumn]:
        """The columns of messages that plugins add."""
        return self._of(TextColumn)

    def _offer_columns(self) -> None:
        self.host.offer_columns(lambda name: self._context(name, tables=True), FACT_COLUMNS)

    def _leave_texts_alone(self) -> None:
        for plugin in self.host.working():
            plugin.additions = [
                replace(added, compute=partial(_unread, added)) if isinstance(added, TextColumn) else added
                for added in plugin.additions
            ]

    def _context(self, plugin: str, *, tables: bool) -> Context:
        context = Context(
            thresholds=self.settings.thresholds,
            words=self.words,
            options=self.settings.plugin.get(plugin, {}),
            tokens=partial(tokenizer, self.settings.dictionaries),
            timezone=self.settings.timezone,
        )
        return replace(context, table=self.small) if tables else context

    def _small(self, name: str) -> pl.DataFrame | None:
        """Read a small table whole; of rows with the same key the last counts."""
        if name in self._known:
            return self._known[name]
        table = self.tables.get(name)
        if table is None:
            return None
        names = table.spec.names
        rows = pl.concat([nothing_of(table.spec, names).select(names), *(part.read(names) for part in table.parts)])
        return rows.unique([*table.spec.key], keep="last", maintain_order=True) if table.spec.key else rows

    def _try_plugins(self) -> None:
        """Try every plugin until none fails any more: one may have lived off another that failed."""
        before = -1
        while before != len(self.host.working()):
            before = len(self.host.working())
            check_messages(self.host.plugins)
            self.additions = [added for plugin in self.host.working() for added in guarded(plugin)]
            self._owners = {name: p for p in self.host.working() for a in p.additions for name in names_of(a)}
            self.deriver = Deriver(self.tables, self.additions, self.days, self._owners)
            self._check_tables()

    def _check_tables(self) -> None:
        """Derive the facts of nothing to see what columns there are, and try every plugin on them."""
        plan = Plan.of_metrics(self.host.metrics)
        columns = columns_to_read(self.tables, plan, self.additions)
        nothing = {name: nothing_of(self.tables[name].spec, names) for name, names in columns.items()}
        keyed = {name: rows for name, rows in nothing.items() if name != "messages"}
        _, facts = self.deriver.derive(Batch(0, nothing["messages"], None, keyed))
        collector = self.collector(Plan(), Request())
        around = (*facts["sessions"].columns, "team", "level")
        empty = {name: collector.attach(rows, around, facts["sessions"]) for name, rows in facts.items()}
        empty |= {"sessions": self.with_windows(facts["sessions"]), "agent_days": collector.empty_agent_days()}
        for table in self._of(PeriodTable):
            empty[table.name] = table.build(self._small_tables(table), collector.counts_of(table), NO_PERIOD)
        empty |= {table.name: collector.dated_rows(table) for table in self._of(DatedTable)}
        self.nothing = {**facts, **{table.name: empty[table.name] for table in self._of(DatedTable)}}
        check_tables(self.host.plugins, facts, empty, message_rows(self.text_columns))

    def _of(self, kind: type[Kind]) -> list[Kind]:
        return [added for added in self.additions if isinstance(added, kind)]

    @property
    def periodic(self) -> frozenset[str]:
        """The fact tables that depend on the period."""
        return frozenset(table.name for table in self._of(PeriodTable))

    @property
    def own_groups(self) -> Groups:
        """What the tables of plugins can be grouped by, besides the dates."""
        return {table.name: table.divided_by for table in self._of(PluginTable)}

    def dated_table(self, name: str) -> DatedTable | None:
        """Return the dated table of that name, if it is one."""
        return next((table for table in self._of(DatedTable) if table.name == name), None)

    def teams(self, rows: pl.DataFrame) -> pl.DataFrame:
        """Add the team of each agent of some rows."""
        if "agent_id" not in rows.columns or "team" in rows.columns:
            return rows
        agents = agents_of(self.small("agents")).select("agent_id", "team")
        return rows.join(agents, on="agent_id", how="left", maintain_order="left").with_columns(
            pl.col("team").fill_null("unknown")
        )

    @property
    def period_tables(self) -> list[PeriodTable]:
        """The fact tables that depend on the period, as their plugins offer them."""
        return self._of(PeriodTable)

    def period_table(self, name: str) -> PeriodTable | None:
        """Return the period table of that name, if it is one."""
        return next((table for table in self._of(PeriodTable) if table.name == name), None)

    def period_rows(self, table: PeriodTable, collector: Counted, labels: Mapping[str, str]) -> pl.DataFrame:
        """Return the rows of a period table for one period, the whole or the date, week or month of ``labels``.

        The other labels are groups of the table's own; a period without sessions has no rows.
        """
        small, counts = self._small_tables(table), collector.counts_of(table)
        dates = {name: label for name, label in labels.items() if name in DATES}
        for found, period in periods(collector.first_day, collector.last_day, tuple(dates), self.days):
            if {name: str(label) for name, label in found.items()} == dates:
                rows = self.teams(table.build(small, counts, period))
                for name in sorted(labels.keys() - dates):
                    rows = rows.filter(pl.col(name).fill_null("unknown") == labels[name])
                return rows
        return self.teams(table.build(small, counts, NO_PERIOD)).clear()

    @property
    def window_needs(self) -> set[str]:
        """The columns that windows read."""
        return {"customer", "opened_at"} | {need for window in self._of(Window) for need in window.needs}

    @property
    def _counted(self) -> set[str]:
        """The columns that day counts read."""
        return {name for table in self._of(PluginTable) for name in reads_of(table)}

    @property
    def window_adds(self) -> set[str]:
        """The columns that windows add."""
        return {name for window in self._of(Window) for name in window.adds}

    def with_windows(self, sessions: pl.DataFrame) -> pl.DataFrame:
        """Add the columns of all windows to all sessions."""
        for window in self._of(Window):
            sessions = window.build(sessions)
        return sessions

    def _small_tables(self, table: PeriodTable) -> dict[str, pl.DataFrame | None]:
        return {name: self.small(name) for name in table.tables}

    def _needed(self) -> set[str]:
        """Return the columns that metrics need a value in."""
        return {column for _, column in self._columns_needed()}

    def _columns_needed(self) -> set[tuple[str, str]]:
        needs = [need for metric in self.host.metrics for need in metric.needs]
        ones = {one for need in needs for one in ((need,) if isinstance(need, str) else need)}
        return {(table, column) for table, dot, column in (one.partition(".") for one in ones) if dot}

    def _note_filled(self, rows: Mapping[str, pl.DataFrame]) -> None:
        """Note which of the columns that metrics need have a value anywhere."""
        for table, column in self._columns_needed():
            if table in rows and rows[table][column].null_count() < len(rows[table]):
                self._filled.add(f"{table}.{column}")

    def is_present(self, metric: Metric) -> bool:
        """Return whether the input has what a metric needs at all."""
        return all(self._has(need) for need in metric.needs)

    def _has(self, need: str | tuple[str, ...]) -> bool:
        if isinstance(need, tuple):
            return any(self._has(one) for one in need)
        return need in self.tables or need in self._filled


def _unread(column: TextColumn, texts: pl.Series) -> pl.Series:
    return pl.Series([column.default], dtype=column.dtype).new_from_index(0, len(texts))
