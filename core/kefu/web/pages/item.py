"""One item: why it is in the queue, what stands behind it, what was done, and the next step."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from typing import Any

from starlette.exceptions import HTTPException
from starlette.responses import Response

from kefu.queue.evidence import Evidence, evidence_of
from kefu.queue.items import FITS, Item, NoSuchItem, ReasonFound, Step
from kefu.queue.record import LONGEST_NOTE
from kefu.show.queue_words import EVIDENCE
from kefu.web import charts
from kefu.web.pages.queue import reason_texts, reason_titles, until_limits
from kefu.web.render import moment
from kefu.web.visit import Visit

SHOWN_ELSEWHERE = ("questions",)
"""Evidence that has a place of its own on the page."""
BEFORE_REPAIR = dt.timedelta(days=30)
LARGEST_ID = 2**63 - 1
CHART = (640, 120)


def item_page(visit: Visit) -> Response:
    """Show an item."""
    item = item_of(visit)
    done = visit.query.get("done", "")
    return show_item(visit, item, done=visit.say(f"done_{done}") if done in DONE else "")


DONE = ("claim", "release", "repaired", "dismiss", "reopen", "note")


def item_of(visit: Visit) -> Item:
    """Return the item that the address names."""
    told = visit.request.path_params["item"]
    if not (told.isascii() and told.isdecimal() and len(told) < 20 and int(told) <= LARGEST_ID):  # noqa: PLR2004
        raise HTTPException(404)
    try:
        return visit.site.queue.item(int(told))
    except NoSuchItem:
        raise HTTPException(404) from None


def show_item(
    visit: Visit,
    item: Item,
    status: int = 200,
    *,
    done: str = "",
    problem: str = "",
    typed: Mapping[str, str] | None = None,
) -> Response:
    """Return the page of an item.

    :param typed: what was typed into its forms.
    """
    today = visit.site.today()
    evidence = _evidence(item, visit)
    return visit.render(
        "item.html",
        status,
        title=item.title,
        item=item,
        reasons=[(reason, [*facts(reason, visit)]) for reason in item.reasons],
        titles=reason_titles(visit),
        texts=reason_texts(visit),
        evidence=evidence,
        chart=_chart(evidence, item, visit),
        steps=told_steps(visit.site.queue.steps(item.id), visit),
        fits={step.value for step, states in FITS.items() if item.state in states},
        today=today,
        done=done,
        problem=problem,
        typed=dict(typed or {}),
        longest=LONGEST_NOTE,
        **until_limits(today),
    )


def facts(reason: ReasonFound, visit: Visit) -> Iterator[tuple[str, str]]:
    """Give the evidence of a reason: what it is called, and what it says."""
    for name, value in reason.evidence.items():
        called = EVIDENCE[name][visit.language == "en"] if name in EVIDENCE else name
        if name not in SHOWN_ELSEWHERE and value is not None and value != []:
            yield called, _moment(value, visit) if name.endswith("_at") else _fact(value)


def _moment(value: Any, visit: Visit) -> str:  # noqa: ANN401 - whatever JSON holds
    try:
        return moment(visit.site.zone, dt.datetime.fromisoformat(value))
    except (TypeError, ValueError):
        return _fact(value)


def _fact(value: Any) -> str:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, list):
        return " · ".join(map(_fact, value))
    if isinstance(value, float):
        return f"{value:,.3g}" if abs(value) < 1000 else f"{value:,.0f}"  # noqa: PLR2004 - large enough to be whole
    if isinstance(value, int) and not isinstance(value, bool):
        return f"{value:,}"
    return str(value)


def told_steps(steps: list[Step], visit: Visit) -> list[tuple[Step, str, str]]:
    """Return the steps, the last one first, each with what was done and what goes with it."""
    return [(step, visit.say(f"step_{step.step}"), _about(step, visit)) for step in reversed(steps)]


def _about(step: Step, visit: Visit) -> str:
    data = step.data or {}
    if isinstance(until := data.get("until"), str):
        return visit.say("until_day", date=until)
    if isinstance(names := data.get("reasons"), list):
        titles = reason_titles(visit)
        return " · ".join(titles.get(name, str(name)) for name in names)
    state = data.get("state")
    return visit.say(state) if state in {"worked", "no_effect"} else ""


def _evidence(item: Item, visit: Visit) -> Evidence:
    """Return what stands behind an item on the last date of the store, from before its repair on."""
    repaired = _repaired_on(item, visit)
    with visit.site.view() as view:
        last = max((day.date for day in view.days(None, None)), default=item.seen_on)
        return evidence_of(view, item, last, None if repaired is None else repaired - BEFORE_REPAIR)


def _chart(evidence: Evidence, item: Item, visit: Visit) -> charts.Bars:
    return charts.bars(evidence.trend, _repaired_on(item, visit), *CHART)


def _repaired_on(item: Item, visit: Visit) -> dt.date | None:
    return None if item.repaired_at is None else item.repaired_at.astimezone(visit.site.zone).date()
