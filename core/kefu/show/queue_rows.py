"""Items of the repair queue as rows: JSON, or lines of a spreadsheet."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

from kefu.metric import Title
from kefu.queue.evidence import Evidence
from kefu.queue.items import Conflict, Item, NoSuchItem, NotAllowed, ReasonFound, Step
from kefu.show.queue_words import listed, verification_text
from kefu.show.words import Language

COLUMNS = (
    *("id", "subject", "subject_id", "title", "reasons", "saves", "due_on", "overdue", "state", "who"),
    *("since", "opened_at", "seen_on", "change", "dismissed_reason", "dismissed_until", "verification"),
)
"""The columns of CSV and of spreadsheets."""
Refused = Conflict | NoSuchItem | NotAllowed
Titles = Mapping[str, Title]


def item_json(item: Item, titles: Titles, today: dt.date) -> dict[str, Any]:
    """Return an item as JSON."""
    told = {name: _plain(getattr(item, name)) for name in Item.__dataclass_fields__}
    reasons = [_reason_json(reason, titles) for reason in item.reasons]
    return {**told, "overdue": item.overdue(today), "reasons": reasons}


def item_row(item: Item, titles: Titles, language: Language, today: dt.date) -> list[object]:
    """Return an item as a line of a spreadsheet."""
    return [
        item.id,
        item.subject,
        item.subject_id,
        item.title,
        reasons_text(item, titles, language),
        item.priority,
        _plain(item.due_on),
        int(item.overdue(today)),
        item.state,
        item.assignee,
        _plain(item.since),
        _plain(item.opened_at),
        _plain(item.seen_on),
        item.change,
        item.dismissed_reason,
        _plain(item.dismissed_until),
        verification_text(item.verification, language) if item.verification else None,
    ]


def reasons_text(item: Item, titles: Titles, language: Language) -> str:
    """Return what the reasons are called that hold; of what needs no repair any more, those that held."""
    holding = [reason for reason in item.reasons if reason.active] or [*item.reasons]
    return listed((title_of(reason.name, titles, language) for reason in holding), language)


def title_of(name: str, titles: Titles, language: Language) -> str:
    """Return what a reason is called; its name, where its plugin is gone."""
    title = titles.get(name)
    return name if title is None else (title.zh if language == "zh" else title.en)


def _reason_json(reason: ReasonFound, titles: Titles) -> dict[str, Any]:
    title = titles.get(reason.name)
    named = {} if title is None else {"title": {"zh": title.zh, "en": title.en}}
    return {**reason.as_json(), **named, "saves": reason.saves}


def step_json(step: Step) -> dict[str, Any]:
    """Return a step as JSON."""
    names = ("version", "at", "who", "step", "note", "data")
    return {name: _plain(getattr(step, name)) for name in names}


def evidence_json(evidence: Evidence | None) -> dict[str, Any] | None:
    """Return what stands behind an item as JSON."""
    if evidence is None:
        return None
    return {
        "questions": [
            {"text": one.text, "count": one.count, "session_id": one.session_id} for one in evidence.questions
        ],
        "next": dict(evidence.next_steps),
        "trend": [{"date": date.isoformat(), "sessions": uses, "helped": good} for date, uses, good in evidence.trend],
    }


def refused_json(item_id: int, error: Refused) -> dict[str, Any]:
    """Return why a step was refused as JSON."""
    told: dict[str, Any] = {"id": item_id, "why": type(error).__name__}
    if isinstance(error, Conflict):
        told |= {"state": error.item.state, "version": error.item.version, "by": step_json(error.latest)}
    elif isinstance(error, NotAllowed):
        told |= {"state": error.item.state, "version": error.item.version, "step": error.step}
    return told


def _plain(value: Any) -> Any:  # noqa: ANN401 - whatever an item holds
    if isinstance(value, dt.datetime):
        return value.isoformat(timespec="seconds")
    return value.isoformat() if isinstance(value, dt.date) else value
