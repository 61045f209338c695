"""How long everything takes, and who serves: every row gets its time, every service its agent."""

from __future__ import annotations

import heapq
from dataclasses import dataclass

import numpy as np

from shop import flow
from shop.common import DAY, Bools, Floats, Ints, Settings
from shop.phrases import PhraseBook
from shop.staff import Floor, pools
from shop.visits import Visits

PHASES = 4
DELAY = np.array([flow.DELAY_NAMES.index(step.delay) for step in flow.STEPS])
SPREAD = np.array([flow.DELAYS[name] for name in flow.DELAY_NAMES])
WAIT = np.array([step.delay == "wait" for step in flow.STEPS])
BY_AGENT = np.array([step.role == "agent" and not step.automatic for step in flow.STEPS]) & ~WAIT


@dataclass(frozen=True)
class Course:
    """A day's sessions and their rows, before anybody has a time or an agent."""

    number: int
    visits: Visits
    plan: flow.Plan
    rows: flow.Rows


@dataclass(frozen=True)
class Spans:
    """Seconds by session and phase: of agents' delays, of all others, and of those the waits."""

    mine: Floats
    other: Floats
    waits: Floats


def run(settings: Settings, book: PhraseBook, floor: Floor, course: Course) -> tuple[Floats, Ints]:
    """Return the time of each row, and the agent by session and phase (-1 where there is none)."""
    rng = settings.random(course.number, 1)
    visits, rows = course.visits, course.rows
    delay = _delays(rng, rows)
    spans = _spans(rows, delay, len(visits))
    phases = np.zeros(len(visits), dtype=np.int64)
    np.maximum.at(phases, rows.session, rows.phase)
    pool = pools([topic.queue for topic in book.topics], settings.pools)[visits.topic]
    asks = visits.opened + spans.mine[:, 0] + spans.other[:, 0] + spans.waits[:, 1]
    human = phases > 0
    length = (spans.mine + spans.other)[:, 1:].sum(axis=1)
    floor.roster(rng, course.number, _demand(asks[human] % DAY, length[human], pool[human]))
    luck = rng.random((len(visits) * PHASES, 3)).tolist()
    agents, factor, extra = _serve(floor, asks, phases, pool, spans, luck)
    delay = np.where(BY_AGENT[rows.step], delay * factor[rows.session, rows.phase], delay)
    delay += np.where(WAIT[rows.step], extra[rows.session, rows.phase], 0.0)
    running = np.cumsum(delay)
    before = np.concatenate([[0.0], running])[rows.first]
    return np.asarray(visits.opened[rows.session] + running - before[rows.session]), agents


def _delays(rng: np.random.Generator, rows: flow.Rows) -> Floats:
    median, sigma, low, high = SPREAD[DELAY[rows.step]].T
    delay = np.clip(median * np.exp(sigma * rng.standard_normal(len(rows.step))), low, high)
    delay[rows.first[rows.count > 0]] = 0.0
    return np.asarray(delay)


def _spans(rows: flow.Rows, delay: Floats, n: int) -> Spans:
    cell = rows.session * PHASES + rows.phase

    def total(where: Bools) -> Floats:
        return np.bincount(cell[where], delay[where], n * PHASES).reshape(n, PHASES).astype(np.float64)

    by_agent = BY_AGENT[rows.step]
    return Spans(mine=total(by_agent), other=total(~by_agent), waits=total(WAIT[rows.step]))


def _demand(asks: Floats, length: Floats, pool: Ints) -> Floats:
    """Return the expected open services by pool and half hour."""
    slot = (asks // 1800).astype(np.int64)
    return np.asarray(np.bincount(pool * 48 + slot, length * 1.05, 96).reshape(2, 48) / 1800.0)


def _serve(
    floor: Floor, asks: Floats, phases: Ints, pool: Ints, spans: Spans, luck: list[list[float]]
) -> tuple[Ints, Floats, Floats]:
    """Return agent, factor of slowness and extra wait by session and phase.

    One event a service, in order of time: who asks, is served; a transfer asks again when its time has come.
    """
    agents = np.full(spans.mine.shape, -1, dtype=np.int64)
    factor, extra = np.ones(spans.mine.shape), np.zeros(spans.mine.shape)
    events = [(float(asks[s]), s, 1) for s in np.flatnonzero(phases).tolist()]
    heapq.heapify(events)
    while events:
        at, s, phase = heapq.heappop(events)
        cell = s, phase
        agent, joined, load = floor.assign(int(pool[s]), at, luck[s * PHASES + phase], int(agents[s, phase - 1]))
        agents[cell], extra[cell] = agent, joined - at
        factor[cell] = floor.staff.pace[agent] * (0.8 + 0.12 * load)
        end = float(joined + spans.other[cell] - spans.waits[cell] + spans.mine[cell] * factor[cell])
        floor.open(agent, end)
        if phase < phases[s]:
            heapq.heappush(events, (end + float(spans.waits[s, phase + 1]), s, phase + 1))
    return agents, factor, extra
