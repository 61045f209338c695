"""Every hook that a plugin can implement, and nothing else."""

from __future__ import annotations

from collections.abc import Iterable

import pluggy

from kefu.columns import Addition
from kefu.context import Context, Report
from kefu.listings import Listing
from kefu.metric import Metric
from kefu.reasons import Reason
from kefu.sections import Section

PROJECT = "kefu"
hookspec = pluggy.HookspecMarker(PROJECT)
hookimpl = pluggy.HookimplMarker(PROJECT)


@hookspec
def kefu_metrics(context: Context) -> Iterable[Metric]:  # type: ignore[empty-body]
    """Offer metrics to the host.

    Called once per run, before any transcript is read. Build expressions only: no collect, no file access
    except through ``context``, whose tables are not there yet.

    :param context: thresholds and options of this run.
    :return: metrics whose names no other plugin uses.
    """


@hookspec
def kefu_columns(context: Context) -> Iterable[Addition]:  # type: ignore[empty-body]
    """Offer columns and tables to the facts, for metrics to read.

    Called once per run, after the small tables have been read and before the messages are. What it returns is
    called by the host in bulk: text columns with distinct texts, windows with whole customers.

    :param context: thresholds, word lists, small tables and options of this run.
    :return: columns whose names no other plugin uses.
    """


@hookspec
def kefu_listings(context: Context) -> Iterable[Listing]:  # type: ignore[empty-body]
    """Offer listings: tables for people, such as which scripts are used.

    Called once, when a listing is asked for, after the columns were offered. A run that computes metrics calls it not.

    :param context: thresholds, word lists, small tables and options of this run.
    :return: listings whose names no other plugin uses.
    """


@hookspec
def kefu_reasons(context: Context) -> Iterable[Reason]:  # type: ignore[empty-body]
    """Offer reasons why a hotspot or a topic needs repair.

    Called at the end of a run into a store, when the repair queue is brought up to date.

    :param context: thresholds and options of this run.
    :return: reasons whose names no other plugin uses.
    """


@hookspec
def kefu_sections(context: Context) -> Iterable[Section]:  # type: ignore[empty-body]
    """Offer sections of the report and the dashboard.

    Called when one of these is made, without any transcript. What a section builds is asked for once a report; what it
    raises then is said in its place and takes down nothing else.

    :param context: thresholds, small tables and options.
    :return: sections whose names no other plugin uses.
    """


@hookspec
def kefu_notify(context: Context, report: Report) -> None:
    """Tell somebody how a run into a store ended.

    Called once after such a run, also after one that found nothing new or failed; not after one that was interrupted,
    with ``--dry-run`` or without a store. Whatever it raises is said and changes nothing. Each plugin has
    some seconds (``notify.seconds``); what takes longer has failed, and ends with the process.

    :param context: thresholds and options of this run; there are no tables any more.
    :param report: the outcome, the dates, the checks and what failed.
    """
