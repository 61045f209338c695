"""What is behind a number: its sessions with their evidence, and what the store keeps of one of them."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Any, get_args

from starlette.exceptions import HTTPException
from starlette.responses import Response

from kefu.clock import EPOCH
from kefu.errors import ConfigError
from kefu.metric import Metric
from kefu.night.stored_explain import StoredExplainer
from kefu.night.view import StoreView
from kefu.run.collect import Request
from kefu.run.evidence import Found
from kefu.run.explain import Explanation, Line
from kefu.show.format import interval_text
from kefu.show.terminal import formula_text
from kefu.web import one_session
from kefu.web.one_session import Kept
from kefu.web.pages.metrics import GROUPS, chosen_of, groupings_of, metric_of, title_of
from kefu.web.period import Chosen, Kind, of_date
from kefu.web.render import query
from kefu.web.visit import Visit

SIZE = 20
IN_THE_COMMAND = ("channel", "queue", "agent_id")
"""By what ``kefu explain`` finds a session again."""


def sessions_page(visit: Visit) -> Response:
    """Show the sessions behind a number, with the messages that made the difference."""
    page = visit.page_number()
    where = {name: visit.query[name] for name in GROUPS if name in visit.query}
    with visit.site.view() as view:
        metric, chosen = metric_of(view, visit), chosen_of(view, visit)
        if chosen is None:
            return visit.render("empty.html", title=title_of(metric, visit))
        found = _explained(view, metric, where, chosen, page)
        addresses = [_address(view, found, line, where, chosen) for line in found.lines]
    return visit.render(
        "sessions.html",
        title=visit.say("sessions_of", title=title_of(metric, visit)),
        metric=metric,
        metric_title=title_of(metric, visit),
        found=found,
        addresses=addresses,
        formula=formula_text(metric.value, found.value.measures) + interval_text(found.value.interval, metric.unit),
        marked=marked,
        where=where,
        chosen=chosen,
        kinds=get_args(Kind),
        page=page,
        last=max(-(-found.total // SIZE), 1),
    )


def session_page(visit: Visit) -> Response:
    """Show what the store keeps of a session."""
    name = visit.request.path_params.get("session") or visit.query.get("id", "")
    with visit.site.view() as view:
        chosen = chosen_of(view, visit)
        kept = None if chosen is None else one_session.find(view, name, chosen.dates)
        if kept is None or chosen is None:
            raise HTTPException(404)
        titles = {metric.name: title_of(metric, visit) for metric in view.engine.metrics}
        asked = next((m for m in view.engine.metrics if m.name == visit.query.get("metric")), None)
        line = None if asked is None else _line_of(view, asked, kept)
        told = asked or next((m for m in view.engine.metrics if m.name in kept.evidence), view.engine.metrics[0])
        command = _command(told, kept, groupings_of(view, told))
    evidence = sorted(kept.evidence.items(), key=lambda one: (asked is None or one[0] != asked.name, one[0]))
    return visit.render(
        "session.html",
        title=visit.say("session_of", id=name),
        kept=kept,
        metric=asked,
        line=line,
        titles=titles,
        evidence=evidence,
        command=command,
        marked=marked,
        named=visit.named,
        day=of_date("day", kept.date),
        chosen=chosen,
    )


def marked(found: Found) -> list[tuple[str, bool]]:
    """Return the text of a message in pieces, each with whether it is a listed word."""
    text, pieces, at = found.text or "", [], 0
    for hit in found.hits or ():
        pieces += [(text[at : hit.start], False), (text[hit.start : hit.end], True)]
        at = hit.end
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def _explained(view: StoreView, metric: Metric, where: dict[str, str], chosen: Chosen, page: int) -> Explanation:
    first, last = ((date - EPOCH).days for date in (chosen.dates.first, chosen.dates.last))
    at = (page - 1) * SIZE
    try:
        found = StoredExplainer(view, metric, where, Request((), first, last)).explain(SIZE, at)
    except ConfigError:
        raise HTTPException(404) from None
    if found.key != "day":
        return found
    lines = _by_date(view, metric, where, chosen)
    return replace(found, lines=lines[at : at + SIZE], total=len(lines))


def _by_date(view: StoreView, metric: Metric, where: Mapping[str, str], chosen: Chosen) -> list[Line]:
    """Return a line a date, of a metric that is counted by dates."""
    days = view.days(chosen.dates.first, chosen.dates.last)
    names = (*dict.fromkeys(("date", *where)),)
    groups = view.groups(days, chosen.dates.last, names, [metric])
    lines = []
    for group in groups:
        key = dict(zip(names, group.key, strict=True))
        measures = group.values[metric.name].measures
        counts = {name: size for name in metric.value.names if (size := measures.get(name))}
        if counts and all(key[name] == value for name, value in where.items()):
            lines.append(Line(key["date"], counts, None))
    return lines


def _address(view: StoreView, found: Explanation, line: Line, where: Mapping[str, str], chosen: Chosen) -> str | None:
    """Return where a line leads: to its session, or to what else it is; ``None`` where it leads nowhere."""
    path = f"/metrics/{found.metric.name}"
    match found.key:
        case "session_id":
            dated = any(line.id.startswith(f"{name} ") for name in view.engine.own_groups)
            told = {"metric": found.metric.name, **chosen.told}
            return None if dated else one_session.address(line.id, told)
        case "agent_id" | "queue" | "team" | "channel" as name:
            return None if name in where else f"{path}/sessions{query({**chosen.told, **where, name: line.id})}"
        case "day":
            return f"{path}{query({'period': 'day', 'at': line.id})}"
        case "hotspot_id":
            return f"/queue{query({'state': 'all', 'q': line.id})}"
        case _:
            return None


def _line_of(view: StoreView, metric: Metric, kept: Kept) -> Line | None:
    """Return what a session adds to a metric, and why it was left out."""
    day = (kept.date - EPOCH).days
    try:
        found = StoredExplainer(view, metric, {}, Request((), day, day)).explain()
    except ConfigError:
        return None
    return next((line for line in found.lines if line.id == kept.id), None) if found.key == "session_id" else None


def _command(metric: Metric, kept: Kept, groupings: Sequence[str]) -> str:
    """Return the command that shows the messages, as it can be typed."""
    told: list[Any] = ["kefu", "explain", metric.name, "DATA", "--from", f"{kept.date}", "--to", f"{kept.date}"]
    for name in IN_THE_COMMAND:
        value = kept.groups.get(name)
        if value and name in groupings and value.isprintable():
            told += ["--where", f"{name}={value}"]
    return shlex.join(told)
