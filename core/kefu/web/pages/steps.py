"""Steps in the life of items: claimed, repaired, dismissed …, one or many at once; nobody overwrites anybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from urllib.parse import parse_qsl

from starlette.exceptions import HTTPException
from starlette.responses import Response

from kefu.queue.items import FITS, Conflict, Item, NoSuchItem, NotAllowed, State, Step, StepName
from kefu.queue.record import LONGEST_NOTE, Queue
from kefu.web.pages.item import item_of, show_item
from kefu.web.pages.queue import asked_by, show_queue, until_limits
from kefu.web.visit import Page, Visit

Deed = Callable[[int, int, str], Item]
LONGEST_NUMBER = 19


@dataclass(frozen=True, slots=True)
class Form:
    """A step that people take.

    :param step: what the record calls it.
    :param label: what the button says.
    :param text: the field with its text, ``None`` where it has none.
    :param required: whether the text has to be filled in.
    :param until: whether it has a last day.
    """

    step: StepName
    label: str
    text: str | None = None
    required: bool = False
    until: bool = False


FORMS = {
    "claim": Form(StepName.CLAIMED, "claim"),
    "release": Form(StepName.RELEASED, "release", "note_optional"),
    "repaired": Form(StepName.REPAIRED, "repair", "what_changed", required=True),
    "dismiss": Form(StepName.DISMISSED, "dismiss", "dismiss_why", required=True, until=True),
    "reopen": Form(StepName.REOPENED, "reopen", "note_optional"),
    "note": Form(StepName.NOTED, "add_note", "note", required=True),
}
"""By the last part of the address that each is sent to."""
IN_BULK = ("claim", "dismiss")


class NotFilledIn(Exception):  # noqa: N818 - it says what is wrong
    """A form that lacks something; the message is for people."""


def step_page(name: str) -> Page:
    """Return what takes a step."""
    return partial(take_step, name=name)


def take_step(visit: Visit, name: str) -> Response:
    """Take a step with an item, unless somebody else was first."""
    item = item_of(visit)
    try:
        deed = _deed(visit, name)
    except NotFilledIn as problem:
        return show_item(visit, item, 400, problem=str(problem), typed=dict(visit.fields))
    try:
        deed(item.id, _number(visit.field("version")), _name(visit))
    except NotAllowed as refused:
        return _first(visit, name, refused.item, visit.site.queue.steps(item.id)[-1], refused.other)
    except Conflict as conflict:
        return _first(visit, name, conflict.item, conflict.latest)
    return visit.go(f"/queue/{item.id}", done=name)


def _deed(visit: Visit, name: str) -> Deed:
    """Return the step with what was filled in.

    :raises NotFilledIn: something is lacking.
    """
    queue, form = visit.site.queue, FORMS[name]
    text = _text(visit, form)
    deeds: Mapping[str, Callable[[], Deed]] = {
        "claim": lambda: queue.claim,
        "release": lambda: partial(_with_note, queue.release, text),
        "repaired": lambda: partial(_with_note, queue.repaired, text),
        "dismiss": lambda: partial(_dismissed, queue, text, _until(visit)),
        "reopen": lambda: partial(_with_note, queue.reopen, text),
        "note": lambda: partial(_with_note, queue.note, text),
    }
    return deeds[name]()


def _with_note(step: Callable[[int, int, str, str], Item], text: str, item: int, version: int, who: str) -> Item:
    return step(item, version, who, text)


def _dismissed(queue: Queue, reason: str, until: dt.date, item: int, version: int, who: str) -> Item:
    return queue.dismiss(item, version, who, reason, until)


def _text(visit: Visit, form: Form) -> str:
    text = visit.field("text").replace("\r\n", "\n").strip()
    if form.text is None:
        return ""
    if form.required and not text:
        raise NotFilledIn(visit.say("missing_text", field=visit.say(form.text)))
    if len(text) > LONGEST_NOTE:
        raise NotFilledIn(visit.say("too_long", field=visit.say(form.text), n=LONGEST_NOTE))
    return text


def _until(visit: Visit) -> dt.date:
    limits = until_limits(visit.site.today())
    try:
        until = dt.date.fromisoformat(visit.field("until"))
    except ValueError:
        until = None
    if until is None or not limits["soonest"] <= until <= limits["latest"]:
        raise NotFilledIn(visit.say("wrong_until"))
    return until


def _first(visit: Visit, name: str, item: Item, latest: Step, other: int | None = None) -> Response:
    """Say that somebody was first: what they did, what was written here, and how to go on."""
    return visit.render(
        "conflict.html",
        409,
        title=visit.say("conflict"),
        item=item,
        latest=latest,
        done=visit.say(f"step_{latest.step}"),
        name=name,
        form=FORMS[name],
        fits=other is None and item.state in FITS[FORMS[name].step],
        other=other,
        text=visit.field("text")[:LONGEST_NOTE],
        until=visit.field("until")[:10],
    )


@dataclass(frozen=True, slots=True)
class Left:
    """An item that a bulk step did not reach, and why."""

    item: Item
    why: str


def bulk(visit: Visit) -> Response:
    """Take one step with many items; those that somebody else was first with are left and named."""
    name = visit.field("step")
    back = dict(parse_qsl(visit.field("back")))
    if name not in IN_BULK:
        raise HTTPException(400)
    chosen = [_chosen(value) for field, value in visit.fields if field == "item"]
    try:
        deed = _deed(visit, name)
    except NotFilledIn as problem:
        return show_queue(visit, back, 400, str(problem))
    if not chosen:
        return show_queue(visit, back, 400, visit.say("none_chosen"))
    left = [one for one in (_attempt(visit, deed, *pair) for pair in chosen) if one is not None]
    kept = asked_by(visit, back).told
    if not left:
        return visit.go("/queue", **kept, done=len(chosen))
    return visit.render(
        "bulk.html", 409, title=visit.say("conflict"), left=left, done=len(chosen) - len(left), back=kept
    )


def _attempt(visit: Visit, deed: Deed, item: int, version: int) -> Left | None:
    try:
        deed(item, version, _name(visit))
    except NoSuchItem:
        raise HTTPException(404) from None
    except NotAllowed as refused:
        return Left(refused.item, visit.say("not_fit", state=visit.say(State(refused.item.state))))
    except Conflict as conflict:
        at = visit.site.templates.filters["moment"](conflict.latest.at)
        step = visit.say(f"step_{conflict.latest.step}")
        return Left(conflict.item, visit.say("conflict_who", at=at, who=conflict.latest.who, step=step))
    return None


def _chosen(text: str) -> tuple[int, int]:
    """Return the number and the version that a checkbox stands for."""
    item, _, version = text.partition(":")
    return _number(item), _number(version)


def _number(text: str) -> int:
    if not (text.isascii() and text.isdecimal() and len(text) < LONGEST_NUMBER):
        raise HTTPException(400)
    return int(text)


def _name(visit: Visit) -> str:
    if visit.person is None:
        raise HTTPException(403)
    return visit.person.name
