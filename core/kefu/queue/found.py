"""What the reasons find at the end of a night: each plugin is asked, and one that fails costs its own reasons only."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from functools import partial
from typing import Any

import polars as pl

from kefu.night.view import StoreView
from kefu.offers import PluginError
from kefu.queue.items import ReasonFound
from kefu.reasons import FOUND, Reason, Seen
from kefu.store.mask import masked

Key = tuple[str, str]
"""What an item is about: ``hotspot`` or ``topic``, and its id."""


@dataclass(slots=True)
class Found:
    """A subject that needs repair, and why."""

    title: str
    reasons: list[ReasonFound] = field(default_factory=list)


@dataclass(slots=True)
class Answers:
    """What needs repair.

    :param asked: the reasons that answered; of others nobody knows whether they still hold.
    """

    found: dict[Key, Found] = field(default_factory=dict)
    asked: set[str] = field(default_factory=set)


def answers(view: StoreView, seen: Seen, last: dt.date) -> Answers:
    """Ask every reason."""
    told = Answers()
    view.engine.offer_reasons()
    for plugin in view.engine.host.working():
        for reason in plugin.reasons:
            rows = plugin.call(partial(_rows, reason, seen), None)
            if rows is None:
                break
            told.asked.add(reason.name)
            for row in rows.to_dicts():
                key = (row["subject"], row["subject_id"])
                one = told.found.setdefault(key, Found(masked(row["title"] or row["subject_id"])))
                one.reasons.append(_reason(reason.name, last, row))
    return told


def _rows(reason: Reason, seen: Seen) -> pl.DataFrame:
    """Ask a reason.

    :raises PluginError: what came back is not what it should be.
    """
    rows = reason.find(seen)
    if not isinstance(rows, pl.DataFrame) or not set(FOUND) <= set(rows.columns):
        raise PluginError(f"reason {reason.name!r} gave back no table with {', '.join(FOUND)}")
    typed = rows.with_columns(pl.col(name).cast(kind) for name, kind in FOUND.items())
    known = pl.col("subject").is_in(["hotspot", "topic"]) & pl.col("subject_id").is_not_null()
    if not typed.select(known.fill_null(value=False).all()).item() or typed.select(*SUBJECT).is_duplicated().any():
        raise PluginError(f"reason {reason.name!r} gave back a subject that is neither hotspot nor topic, or one twice")
    return typed.with_columns(pl.col("sessions").fill_null(0), pl.col("gap").fill_nan(0).fill_null(0).clip(0, 1))


SUBJECT = ("subject", "subject_id")


def _reason(name: str, last: dt.date, row: dict[str, Any]) -> ReasonFound:
    evidence = {key: _plain(value) for key, value in row.items() if key not in FOUND}
    return ReasonFound(name, last, row["sessions"], round(row["gap"], 6), evidence)


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever a row holds
    """Return a value as JSON can hold it; texts masked."""
    if isinstance(value, list):
        return [_plain(one) for one in value]
    if isinstance(value, str):
        return masked(value)
    return value.isoformat() if isinstance(value, dt.date) else value
