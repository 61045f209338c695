"""``kefu run``: tables in, values out and into the store."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Sequence
from contextlib import nullcontext
from dataclasses import dataclass
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any, Literal

import rich_click as click

from kefu.cli.exits import CHECK, FAILED
from kefu.cli.options import by_option, common_options, data_argument, days, period_options, store_option

if TYPE_CHECKING:
    from kefu.cli.logs import Log
    from kefu.config import Settings
    from kefu.context import Checked, Report
    from kefu.host import Host
    from kefu.night.nightly import Span
    from kefu.run.engine import Progress
    from kefu.run.outcome import Outcome


@click.command("run", short_help="Compute the metrics of transcripts. 计算指标")
@data_argument
@by_option
@click.option("--date", type=click.DateTime(["%Y-%m-%d"]), help="The night's date: it, and --lookback days before it.")
@period_options
@click.option("--lookback", type=click.IntRange(min=0), help="Days that late data may still change.  [default: 7]")
@click.option("--replace", is_flag=True, help="Write dates also where files are gone that they were made from.")
@click.option("--wait", type=click.FloatRange(min=0), default=0, help="Seconds to wait for another run.")
@click.option("--dry-run", is_flag=True, help="Compute and print, write nothing.")
@click.option(
    "--log-format", type=click.Choice(["text", "json"]), default="text", show_default=True, help="What stderr gets."
)
@store_option
@common_options
def command(
    data: Path,
    by: tuple[str, ...],
    date: dt.datetime | None,
    from_date: dt.datetime | None,
    to_date: dt.datetime | None,
    lookback: int | None,
    replace: bool,  # noqa: FBT001
    wait: float,
    dry_run: bool,  # noqa: FBT001
    log_format: Literal["text", "json"],
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
) -> None:
    """Compute every metric over the transcripts in DATA, store and print them. 计算指标

    DATA is a folder with messages.parquet, messages.csv or messages.ndjson (or a folder messages/ of them), and, if
    there are any, sessions, agents, scripts, hotspots, recommendations and alerts.
    """
    from kefu.cli.logs import Log
    from kefu.config import load_settings

    if date is not None and (from_date or to_date):
        raise click.UsageError("--date says which night it is; --from and --to are for any period: give one of them")
    log = Log(log_format)
    with log.faults():
        settings = load_settings(config, language=lang, plugins_dir=plugins_dir, store=store, lookback=lookback)
        unstored = dry_run or settings.store == NO_STORE
        asked = _Asked(data, tuple(dict.fromkeys(by)), date, from_date, to_date, replace, wait, unstored)
        code = _run(asked, settings, form, log)
    sys.exit(code)


NO_STORE = "none"


@dataclass(frozen=True)
class _Asked:
    """What was asked on the command line."""

    data: Path
    by: tuple[str, ...]
    date: dt.datetime | None
    first: dt.datetime | None
    last: dt.datetime | None
    replace: bool
    wait: float
    unstored: bool

    def span(self, lookback: int) -> Span:
        """Return the dates that the run is about."""
        from kefu.night.nightly import Span

        if self.date is not None:
            return Span.of_night(self.date.date(), lookback)
        days(self.first, self.last)
        return Span(*(None if end is None else end.date() for end in (self.first, self.last)))


@dataclass(frozen=True)
class _Ran:
    """What became of a run.

    :param report: what people are told of it; ``None`` without a store.
    """

    outcome: Outcome
    notes: Sequence[str] = ()
    report: Report | None = None

    @property
    def code(self) -> int:
        """The exit code: a check that says error is what somebody waits for, so it comes first."""
        if self.report is not None and any(check.level == "error" for check in self.report.checks):
            return CHECK
        return FAILED if self.outcome.failed else 0


def _run(asked: _Asked, settings: Settings, form: str, log: Log) -> int:
    """Run, print, tell; return the exit code."""
    from kefu.cli.progress import progress_on_stderr
    from kefu.cli.signals import signals_as_exits
    from kefu.config import without_secrets
    from kefu.host import Host

    host = Host(settings.plugins_dir)
    bars = progress_on_stderr(settings.language) if log.form == "text" else nullcontext(None)
    log.note("started", data=asked.data, store=None if asked.unstored else without_secrets(settings)["store"])
    with TemporaryDirectory(prefix="kefu-") as scratch, bars as progress, signals_as_exits():
        ran = (_alone if asked.unstored else _stored)(asked, settings, host, Path(scratch), progress, log)
    _print(ran, asked.by, form, settings, log)
    if ran.report is not None:
        with signals_as_exits():
            _notify(ran.report, settings, host, log)
    log.note("finished", **({} if ran.report is None else _brief(ran.report)), exit_code=ran.code)
    return ran.code


def _brief(report: Report) -> dict[str, Any]:
    dates = {name: getattr(report, name) for name in ("written", "restated", "kept")}
    return {"run": report.run_id, "outcome": report.outcome, "worst": report.level, **dates}


def _alone(asked: _Asked, settings: Settings, host: Host, scratch: Path, progress: Progress | None, _: Log) -> _Ran:
    """Compute without a store."""
    from dataclasses import replace

    from kefu.run.engine import open_engine

    engine = open_engine(asked.data, scratch, settings, host)
    return _Ran(engine.run(replace(asked.span(settings.lookback).request(asked.by), finest=False), progress))


def _stored(asked: _Asked, settings: Settings, host: Host, scratch: Path, progress: Progress | None, log: Log) -> _Ran:
    """Run into the store; a run that fails is told of too, but not one that never was."""
    from kefu.cli.logs import describe
    from kefu.context import Report
    from kefu.store import StoreBusy

    span = asked.span(settings.lookback)
    try:
        return _night(asked, span, settings, host, scratch, progress)
    except (KeyboardInterrupt, SystemExit, StoreBusy):
        raise
    except BaseException as error:
        _notify(Report("failed", night=span.last, failures=(describe(error),)), settings, host, log)
        raise


def _night(asked: _Asked, span: Span, settings: Settings, host: Host, scratch: Path, progress: Progress | None) -> _Ran:
    """Compute, write what changed, and say what became of the dates."""
    from dataclasses import replace

    from kefu.context import Report
    from kefu.night.checks import check_unchanged
    from kefu.night.files import broken_tables
    from kefu.night.nightly import Nightly
    from kefu.night.notes import notes_of, nothing_new
    from kefu.night.view import StoreView
    from kefu.queue.refresh import is_due, refresh, with_record
    from kefu.show.document import failures
    from kefu.store import open_store

    with open_store(settings.store) as store, store.lock(asked.wait):
        night = Nightly(store, settings, host, scratch).run(
            asked.data, span, asked.by, replace=asked.replace, progress=progress
        )
        if night.outcome is None:
            view = StoreView(store, settings, host, scratch)
            stored = view.outcome(span.first, span.last, asked.by)
            outcome = replace(stored, tables=broken_tables(night.broken, asked.data, settings, scratch))
            checks = check_unchanged(view, span.first, span.last, settings)
            notes = [nothing_new(settings.language), *notes_of(night, settings.language)]
        else:
            outcome, checks, notes = night.outcome, night.checks, notes_of(night, settings.language)
        queue = None
        if is_due(store):
            queue = refresh(StoreView(store, settings, host, scratch))
            outcome = with_record(StoreView(store, settings, host, scratch), outcome, asked.by)
        notes += [] if queue is None else queue.notes(settings.language)
    changed = [one for one in night.written if one.changed]
    report = Report(
        outcome="done" if night.run_id is not None else "unchanged",
        run_id=night.run_id,
        night=span.last,
        written=tuple(one.date for one in changed),
        restated=tuple(one.date for one in changed if one.revision > 1),
        kept=(*night.kept,),
        checks=(*checks,),
        failures=(*(" ".join(one.values()) for one in failures(outcome)), *([] if queue is None else queue.failures)),
    )
    return _Ran(outcome, notes, report)


def _print(ran: _Ran, by: tuple[str, ...], form: str, settings: Settings, log: Log) -> None:
    from kefu.cli.failures import say_failures
    from kefu.show.document import failures
    from kefu.show.output import write_outcome

    checks = None if ran.report is None else ran.report.checks
    write_outcome(ran.outcome, by, form, settings, checks)
    for failure in failures(ran.outcome):
        log.note("failure", level="error", **failure)
    if form == "csv" and log.form == "text":
        say_failures(ran.outcome.failures, ran.outcome.tables)
    for note in ran.notes:
        log.say("info", "note", note)
    for check in checks or ():
        _say_check(check, settings, log)


def _say_check(check: Checked, settings: Settings, log: Log) -> None:
    """Say what a check found; what is in order is for programs only."""
    zh = settings.language == "zh"
    message = check.message.zh if zh else check.message.en
    if check.level == "ok":
        log.note("check", name=check.name, message=message)
    elif log.form == "json":
        log.note("check", level=check.level, name=check.name, message=message)
    else:
        words = {"warn": ("检查提醒：", "check warns: "), "error": ("检查未通过：", "check failed: ")}
        log.say(
            check.level, "check", f"{words[check.level][0 if zh else 1]}{check.name}{'：' if zh else ': '}{message}"
        )


def _notify(report: Report, settings: Settings, host: Host, log: Log) -> None:
    from kefu.night.notify import notify

    for who, problem in notify(report, settings, host).items():
        log.say("warn", "notify", f"kefu: {who}: {problem}")
