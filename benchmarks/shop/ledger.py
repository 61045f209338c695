"""What the office writes down of a day: reviews, costs and forecasts; and the posts asked for and filled."""

from __future__ import annotations

from datetime import date, timedelta

import numpy as np
import polars as pl

from shop.common import Bools, Floats, Settings, pick
from shop.day import Day
from shop.ids import Namer
from shop.phrases import PhraseBook
from shop.services import AGENTS, Services
from shop.staff import Staff
from shop.wording import GROUPS

REVIEWED = 0.06  # of ordinary services; of angry and rude ones, more
FATAL_LIMIT = 70


def reviews(settings: Settings, staff: Staff, names: Namer, day: Day, served: Services) -> pl.DataFrame:
    """Return the reviews of a day's sessions: slow, new and above all rude agents get fewer points."""
    rng = settings.random(day.number, 10)
    rude, angry = _rude(day, served), day.plan.angry[served.session]
    chosen = np.flatnonzero(served.last & (rng.random(len(served.last)) < REVIEWED + 0.3 * rude + 0.08 * angry))
    session, agent, rude, angry = served.session[chosen], served.agent[chosen], rude[chosen], angry[chosen]
    count = len(chosen)
    weak = np.clip((staff.pace[agent] - 0.8) * 18, 0, 12) + 4 * ~staff.senior[agent]
    score = 97 - weak - 6 * angry - 16 * rude - np.abs(rng.normal(0, 5, count))
    fatal = (rng.random(count) < np.where(rude, 0.6, 0.03)).astype(np.int64)
    score = np.where(fatal, np.minimum(score, rng.uniform(55, FATAL_LIMIT, count)), score)
    return pl.DataFrame(
        {
            "session_id": names.sessions(day).gather(pl.Series(session)),
            "agent_id": pick(staff.ids, agent),
            "score": np.clip(np.rint(score), 55, 100).astype(np.int64),
            "fatal_errors": fatal,
            "nonfatal_errors": rng.poisson(0.15 + weak * 0.05 + 0.4 * angry + 0.6 * rude),
        }
    )


def _rude(day: Day, served: Services) -> Bools:
    """Return for each service whether the agent was rude in it."""
    row = np.flatnonzero((GROUPS[day.rows.step] == "rude") & (day.agent >= 0))
    pairs = day.rows.session[row] * AGENTS + day.agent[row]
    return np.isin(served.session * AGENTS + served.agent, pairs)


def costs(settings: Settings, book: PhraseBook, day: Day, told: pl.DataFrame) -> pl.DataFrame:
    """Return what each queue cost on a day: a fixed share, a little for the bot, the most for people."""
    rng = settings.random(day.number, 11)
    queues, every, human = _counts(book, told)
    amount = (45 + 0.35 * (every - human) + 8.6 * human) * rng.lognormal(0, 0.04, len(queues))
    return pl.DataFrame({"date": [day.date] * len(queues), "amount": amount.round(2), "queue": queues})


def forecasts(settings: Settings, book: PhraseBook, day: Day, told: pl.DataFrame) -> pl.DataFrame:
    """Return what had been expected of each queue, some 5 to 20 % off."""
    rng = settings.random(day.number, 12)
    queues, every, _ = _counts(book, told)
    off = rng.uniform(0.05, 0.2, len(queues)) * rng.choice((-1, 1), len(queues))
    expected = np.maximum(np.rint(every * (1 + off)), 1).astype(np.int64)
    return pl.DataFrame({"date": [day.date] * len(queues), "sessions": expected, "queue": queues})


def staffing(settings: Settings, staff: Staff) -> pl.DataFrame:
    """Return the posts asked for and filled: of three teams in every week, on days of that week."""
    rng = settings.random(10_006)
    teams = staff.table["team"].drop_nulls().unique().sort().to_list()
    rows: list[tuple[date, int, int, str]] = []
    for week in range(0, settings.days, 7):
        days = np.sort(rng.integers(week, min(week + 7, settings.days), 3)).tolist()
        chosen = rng.permutation(len(teams))[:3].tolist()
        for number, place in zip(days, chosen, strict=False):
            requested = int(rng.integers(1, 5))
            hired = int(rng.binomial(requested, 0.7))
            rows.append((settings.first_day + timedelta(days=number), requested, hired, teams[place]))
    return pl.DataFrame(rows, schema=["date", "requested", "hired", "team"], orient="row")


def _counts(book: PhraseBook, told: pl.DataFrame) -> tuple[list[str], Floats, Floats]:
    """Return the queues, and of each the sessions that opened and those that a person served."""
    queues = sorted({topic.queue for topic in book.topics})
    human = told.filter(pl.col("wrap_up_seconds").is_not_null())
    every = np.array([float((told["queue"] == queue).sum()) for queue in queues])
    return queues, every, np.array([float((human["queue"] == queue).sum()) for queue in queues])
