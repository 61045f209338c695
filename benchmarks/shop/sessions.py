"""The table ``sessions`` of a day, with gaps where platforms have gaps."""

from __future__ import annotations

import numpy as np
import polars as pl

from shop import flow
from shop.common import Bools, Floats, Settings, known_where, pick
from shop.day import Day
from shop.ids import Namer, moments
from shop.messages import EVENT
from shop.phrases import PhraseBook

CHANNELS = ("app", "wechat", "miniapp", "web")
CHANNEL_SHARE = (0.44, 0.24, 0.2, 0.12)
CLOSERS = ("customer", "agent", "bot", "system")
CLOSER_SHARE = {
    "none": (0.35, 0.0, 0.0, 0.65),
    "bye": (0.45, 0.40, 0.0, 0.15),
    "idle": (0.0, 0.32, 0.0, 0.68),
    "abrupt": (0.0, 1.0, 0.0, 0.0),
    "pending": (0.55, 0.0, 0.0, 0.45),
    "bye_thanks": (0.30, 0.55, 0.0, 0.15),
    "bot_ok": (0.6, 0.0, 0.25, 0.15),
}


def sessions(settings: Settings, book: PhraseBook, names: Namer, day: Day) -> pl.DataFrame:
    """Return one row a session; very few are missing altogether."""
    rng = settings.random(day.number, 5)
    n, visits = len(day.visits), day.visits
    handed, explicit = _handed_off(rng, day)
    ended = _ended(rng, day)
    customer = names.customers(visits.customer)
    queue = pick([topic.queue for topic in book.topics], visits.topic)
    technical = (queue == "技术").to_numpy().astype(np.int64)

    def some(p: float) -> Bools:
        return np.asarray(rng.random(n) < p)

    frame = pl.DataFrame(
        {
            "session_id": names.sessions(day),
            "conversation_id": "T" + customer.str.slice(1),
            "customer_id": known_where(some(0.985), customer),
            "channel": known_where(some(0.97), pick(CHANNELS, rng.choice(4, size=n, p=CHANNEL_SHARE))),
            "queue": known_where(day.plan.human | some(0.7), queue),
            "scene": known_where(some(0.98), pick(["online", "technical"], technical)),
            "topic": pick([topic.title for topic in book.topics], visits.topic),
            "opened_at": moments(settings, visits.opened),
            "handed_off_at": moments(settings, handed, explicit),
            "closed_at": moments(settings, ended, ~np.isnan(ended)),
            "closed_by": _closed_by(rng, day.plan),
            **_outcome(rng, day.plan, (queue == "售前").to_numpy()),
        }
    )
    return frame.filter(pl.Series(~some(0.0015)))


def _outcome(rng: np.random.Generator, plan: flow.Plan, before_sale: Bools) -> dict[str, pl.Series]:
    """Return how it went: resolved, ratings, sale, and what it cost the agent."""
    n, human = len(plan.kind), plan.human
    pleased = rng.normal(4.35, 0.8, n) - 1.9 * plan.angry - 0.3 * (plan.ending == flow.E["pending"])
    stars = np.clip(np.rint(pleased), 1, 5).astype(np.int64)
    nps = np.clip(np.rint(pleased * 2 + rng.normal(0, 1, n)), 0, 10).astype(np.int64)
    hold = np.where(rng.random(n) < 0.1, rng.integers(10, 180, n), 0)
    solved = rng.random(n) < np.where(plan.angry, 0.35, 0.82)
    return {
        "resolved": known_where(rng.random(n) < 0.75, pl.Series(solved)),
        "csat": known_where((rng.random(n) < 0.3) & human, pl.Series(stars)),
        "csat_max": pl.Series(np.full(n, 5)),
        "nps": known_where(rng.random(n) < 0.09, pl.Series(nps)),
        "converted": known_where(before_sale & (rng.random(n) < 0.9), pl.Series(rng.random(n) < 0.24)),
        "ai_assisted": known_where(human, pl.Series(rng.random(n) < 0.35)),
        "hold_seconds": known_where(human, pl.Series(hold)),
        "wrap_up_seconds": known_where(human, pl.Series(rng.integers(3, 75, n))),
    }


def _handed_off(rng: np.random.Generator, day: Day) -> tuple[Floats, Bools]:
    """Return when each session entered a human queue, and whether the platform says so."""
    rows, plan = day.rows, day.plan
    event = EVENT[rows.step] == flow.EVENTS.index("handoff")
    at = day.visits.opened + 1.0
    at[rows.session[event]] = day.at[event]
    luck = rng.random(len(at))
    known = (plan.explicit & (luck < 0.94)) | (plan.kind == flow.KINDS.index("silent"))
    direct = (plan.kind == flow.KINDS.index("direct")) & ~plan.explicit & (luck < 0.4)
    return at, known | direct


def _ended(rng: np.random.Generator, day: Day) -> Floats:
    """Return closing times: of the closing event, else some time after the last message; nan where not known."""
    rows, n = day.rows, len(day.visits)
    last = day.visits.opened + rng.uniform(20, 400, n)
    talks = rows.count > 0
    last[talks] = day.at[(rows.first + rows.count - 1)[talks]]
    event = EVENT[rows.step] == flow.EVENTS.index("closed")
    closing = np.zeros(n, dtype=bool)
    closing[rows.session[event]] = True
    last[rows.session[event]] = day.at[event]
    luck = rng.random(n)
    last = np.where(closing | ~talks, last, last + rng.uniform(0, 300, n))
    return np.where(luck < np.where(closing, 0.05, 0.4), np.nan, last)


def _closed_by(rng: np.random.Generator, plan: flow.Plan) -> pl.Series:
    edges = np.cumsum([CLOSER_SHARE[name] for name in flow.ENDINGS], axis=1)
    luck = rng.random(len(plan.ending))[:, None]
    closer = np.minimum((edges[plan.ending] <= luck).sum(axis=1), len(CLOSERS) - 1)
    return known_where(rng.random(len(closer)) < 0.94, pick(CLOSERS, closer))
