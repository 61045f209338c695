"""One day of the shop: from the number of sessions to what everybody said when.

The order of work: when sessions open and what they are about (``visits``), how each goes (``flow``), how long
everything takes and who serves it (``timing``, ``staff``), the words (``wording``). Tables are made from the result.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta

import numpy as np

from shop import flow, timing, visits, wording
from shop.common import Floats, Ints, Settings
from shop.phrases import PhraseBook
from shop.staff import Floor
from shop.visits import Past, Visits

GRAVE = ("售后", "物流", "投诉")
WITH_AGENT = np.array([step.role == "agent" or step.event in {"agent_joined", "agent_left"} for step in flow.STEPS])


@dataclass(frozen=True)
class Day:
    """Everything that the tables of a day are made from.

    :param at: the time of each row.
    :param agent: the agent of each row, -1 where it has none.
    """

    number: int
    date: date
    visits: Visits
    plan: flow.Plan
    rows: flow.Rows
    at: Floats
    agent: Ints
    words: wording.Words


def make(settings: Settings, book: PhraseBook, floor: Floor, past: Past, number: int) -> Day:
    """Play one day; ``floor`` and ``past`` are carried on to the next."""
    came = visits.draw(settings, book, past, number, visits.shares(settings)[number])
    about_order = np.array([topic.order for topic in book.topics])[came.topic]
    grave = np.array([topic.queue in GRAVE for topic in book.topics])[came.topic]
    drawn = flow.Drawn(about_order, grave, came.returned, settings.trouble)
    plan = flow.plan(settings.random(number, 3), drawn)
    rows = flow.unfold(plan)
    course = timing.Course(number, came, plan, rows)
    at, agents = timing.run(settings, book, floor, course)
    agent = np.where(WITH_AGENT[rows.step], agents[rows.session, rows.phase], -1)
    today = settings.first_day + timedelta(days=number)
    words = wording.say(settings, book, floor.staff, course, agent, today)
    visits.remember(past, came, plan.kind == flow.KINDS.index("bot"))
    return Day(number, today, came, plan, rows, at, agent, words)
