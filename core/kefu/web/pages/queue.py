"""The queue: what needs repair, what matters most first."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import get_args

from starlette.responses import Response

from kefu.metric import Title
from kefu.queue.items import State
from kefu.queue.record import WAITING, Filter, Order, read_items
from kefu.store.schema import queue_items
from kefu.web.render import query
from kefu.web.visit import Visit

SIZE = 50
STATES: Mapping[str, tuple[State, ...]] = {"waiting": WAITING, **{one.value: (one,) for one in State}, "all": ()}
"""The filters by state, with the states that each lets through."""
FILTERS = ("state", "reason", "overdue", "mine", "q", "order")


@dataclass(frozen=True, slots=True)
class Asked:
    """What a list is asked to show: the filters of its address."""

    filter: Filter
    told: Mapping[str, str]


def asked_by(visit: Visit, told: Mapping[str, str], page: int = 1) -> Asked:
    """Return the filters that an address holds; one that does not exist is none."""
    kept = {name: told[name] for name in FILTERS if told.get(name)}
    state = kept.get("state", "waiting")
    order = kept.get("order", "priority")
    chosen = Filter(
        states=STATES.get(state, WAITING),
        reason=kept.get("reason"),
        assignee=visit.person.name if visit.person and "mine" in kept else None,
        text=kept.get("q", ""),
        overdue="overdue" in kept,
        order=next((one for one in get_args(Order) if one == order), "priority"),
        page=page,
        size=SIZE,
    )
    return Asked(chosen, kept)


def queue_page(visit: Visit) -> Response:
    """Show the items that the filters let through."""
    return show_queue(visit, visit.query)


def show_queue(visit: Visit, told: Mapping[str, str], status: int = 200, problem: str = "") -> Response:
    """Return the list, with what went wrong before, if anything did."""
    today, page = visit.site.today(), visit.page_number()
    asked = asked_by(visit, told, page)
    found = visit.site.queue.find(asked.filter, today)
    done = told.get("done", "")
    return visit.render(
        "queue.html",
        status,
        title=visit.say("queue"),
        items=found.items,
        total=found.total,
        counts=visit.site.queue.counts(today),
        told=asked.told,
        back=query(asked.told, page=page if page > 1 else None).removeprefix("?"),
        states=STATES,
        orders=get_args(Order),
        reasons=reason_titles(visit),
        page=page,
        last=max(-(-found.total // SIZE), 1),
        today=today,
        problem=problem,
        **until_limits(today),
        done=visit.say("done_many", n=int(done)) if done.isascii() and done.isdecimal() and len(done) < 5 else "",  # noqa: PLR2004
    )


def until_limits(today: dt.date) -> dict[str, dt.date]:
    """Return between which dates a dismissal may end, and the usual one."""
    day = dt.timedelta(days=1)
    return {"soonest": today + day, "latest": today + 366 * day, "usual": today + 30 * day}


def reason_titles(visit: Visit) -> dict[str, str]:
    """Return what each reason that plugins offer is called."""
    return {reason.name: _in(reason.title, visit) for reason in visit.site.reasons}


def reason_texts(visit: Visit) -> dict[str, str]:
    """Return what each reason says in words."""
    return {reason.name: _in(reason.reads, visit) for reason in visit.site.reasons}


def _in(title: Title, visit: Visit) -> str:
    return title.zh if visit.language == "zh" else title.en


def verified_page(visit: Visit) -> Response:
    """Show what became of repairs: whether they worked, or why that is not known yet."""
    page = visit.page_number()
    with visit.site.store.reading() as connection:
        repaired = read_items(connection, queue_items.c.repaired_at.is_not(None))
    newest = sorted(repaired, key=lambda item: (item.repaired_at, item.id), reverse=True)
    return visit.render(
        "verified.html",
        title=visit.say("verified_page"),
        items=newest[(page - 1) * SIZE : page * SIZE],
        total=len(newest),
        page=page,
        last=max(-(-len(newest) // SIZE), 1),
    )
