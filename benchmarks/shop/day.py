"""One day of the shop: from the number of sessions to their messages, all at once.

The order of work: when sessions open and what they are about, how each goes (``flow``), how long everything takes
and who serves it (``staff``), the words (``phrases``, ``slots``), the tables (``tables``). Times are seconds since
the first day's local midnight until they become columns.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field
from datetime import date, timedelta

import numpy as np
import numpy.typing as npt
import polars as pl

from shop import flow, manner, slots
from shop.phrases import PhraseBook
from shop.staff import DAY, Floor, Staff, pools

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]

PHASES = 4
GRAVE = ("售后", "物流", "投诉")
# Sessions by hour of the day: quiet at night, two peaks, and an evening rush that the promotion brings.
HOURLY = np.array([3, 1.2, 0.6, 0.4, 0.4, 0.6, 1.4, 2.6, 4.6, 6.8, 8.4, 7.4, 5.6, 6, 6.6, 6.4, 6, 5, 4.6, 6, 8.6, 7.6, 7, 7.6])
WEEKDAY = (1.06, 1.0, 0.97, 0.98, 1.02, 1.0, 0.97)
RUSHES = ((10.0, 0.5, 0.07), (20.0, 0.45, 0.15))  # start, hours, share of the day's sessions
ROLE = np.array([flow.ROLES.index(step.role) for step in flow.STEPS])
DELAY = np.array([flow.DELAY_NAMES.index(step.delay) for step in flow.STEPS])
SPREAD = np.array([flow.DELAYS[name] for name in flow.DELAY_NAMES])
BY_AGENT = np.array([step.role == "agent" and not step.automatic and step.delay != "wait" for step in flow.STEPS])
AGENT_ROW = np.array([step.role == "agent" or step.event in ("agent_joined", "agent_left") for step in flow.STEPS])
WAIT = np.array([step.delay == "wait" for step in flow.STEPS])


@dataclass(frozen=True)
class Settings:
    """What makes the sample different from the big data."""

    seed: int
    first_day: date
    days: int
    sessions: int
    trouble: float = 1.0
    rush: float = 1.0  # how much sharper the rushes are
    pools: int = 2
    whole_seconds: bool = False
    short_ids: bool = False
    duplicates: float = 0.0002
    hot_per_topic: int = 99
    hot_variants: int = 5
    recommended: float = 1.1  # recommendations a bot session


@dataclass
class Past:
    """Sessions of yesterday, among which today's returning customers are found."""

    opened: Floats = field(default_factory=lambda: np.zeros(0))
    customer: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    topic: Ints = field(default_factory=lambda: np.zeros(0, dtype=np.int64))
    key: npt.NDArray[np.uint64] = field(default_factory=lambda: np.zeros(0, dtype=np.uint64))


@dataclass(frozen=True)
class Visits:
    """Who comes when, and why."""

    opened: Floats
    customer: Ints
    topic: Ints
    key: npt.NDArray[np.uint64]
    returned: Bools


@dataclass(frozen=True)
class Day:
    """Everything that the tables of a day are made from."""

    number: int
    date: date
    visits: Visits
    plan: flow.Plan
    rows: flow.Rows
    at: Floats  # time of each row
    agents: Ints  # agent by session and phase, -1 where there is none
    agent: Ints  # agent of each row, -1 where it has none
    text: pl.Series
    script: Ints  # script of each row, used as it stands or edited, -1 where there is none
    hotspot: Ints  # line of the prepared answer, -1 where there is none


def shares(settings: Settings) -> list[int]:
    """Sessions of each day, adding up to the whole."""
    weights = [WEEKDAY[(settings.first_day + timedelta(days=d)).weekday()] for d in range(settings.days)]
    edges = np.rint(np.cumsum(weights) / sum(weights) * settings.sessions).astype(int)
    return np.diff(np.concatenate([[0], edges])).tolist()


def make(settings: Settings, book: PhraseBook, floor: Floor, past: Past, number: int, n: int) -> Day:
    """Play one day; ``floor`` and ``past`` are carried on to the next."""
    rng = np.random.default_rng([settings.seed, number])
    visits = _visits(rng, settings, book, past, number, n)
    about_order = np.array([topic.order for topic in book.topics])[visits.topic]
    grave = np.array([topic.queue in GRAVE for topic in book.topics])[visits.topic]
    plan = flow.plan(rng, about_order, grave, visits.returned, settings.trouble)
    rows = flow.unfold(plan)
    delay = _delays(rng, rows)
    agents, delay = _serve(rng, settings, book, floor, number, visits, rows, delay)
    at = _times(visits, rows, delay)
    agent = np.where(AGENT_ROW[rows.step], agents[rows.session, rows.phase], -1)
    day = settings.first_day + timedelta(days=number)
    text, script, hotspot = _words(rng, book, floor.staff, day, visits, rows, agent)
    _remember(past, visits, plan)
    return Day(number, day, visits, plan, rows, at, agents, agent, text, script, hotspot)


def _visits(
    rng: np.random.Generator, settings: Settings, book: PhraseBook, past: Past, number: int, n: int
) -> Visits:
    opened = number * DAY + _arrivals(rng, n, settings.rush)
    weights = np.array([topic.weight for topic in book.topics])
    topic = rng.choice(len(weights), size=n, p=weights / weights.sum())
    people = max(300, int(settings.sessions * 0.6))
    customer = (people * rng.random(n) ** 1.5).astype(np.int64)
    key = rng.integers(0, 2**63, size=n, dtype=np.uint64)
    returned = rng.random(n) < 0.10
    where = rng.integers(0, 2**40, size=n)
    if len(past.opened):
        where = where % len(past.opened)
        gap = opened - past.opened[where]
        returned &= (gap > 900) & (gap < DAY)
        customer = np.where(returned, past.customer[where], customer)
        topic = np.where(returned, past.topic[where], topic)
        key = np.where(returned, past.key[where], key)
    else:
        returned &= False
    return Visits(opened, customer, topic, key, returned)


def _arrivals(rng: np.random.Generator, n: int, sharpness: float) -> Floats:
    hours = rng.choice(24, size=n, p=HOURLY / HOURLY.sum()) + rng.random(n)
    rush = rng.random(n)
    edge = 0.0
    for start, length, share in RUSHES:
        inside = (rush >= edge) & (rush < edge + share * sharpness)
        hours = np.where(inside, start + length / sharpness * rng.random(n) ** 1.4, hours)
        edge += share * sharpness
    return np.sort(hours * 3600.0)


def _remember(past: Past, visits: Visits, plan: flow.Plan) -> None:
    """Keep who may come back: mostly people whom only the bot answered."""
    keep = (plan.kind == 0) | (visits.key % np.uint64(4) == 0)
    past.opened, past.customer = visits.opened[keep], visits.customer[keep]
    past.topic, past.key = visits.topic[keep], visits.key[keep]


def _delays(rng: np.random.Generator, rows: flow.Rows) -> Floats:
    median, sigma, low, high = SPREAD[DELAY[rows.step]].T
    delay = np.clip(median * np.exp(sigma * rng.standard_normal(len(rows.step))), low, high)
    delay[rows.first[rows.count > 0]] = 0.0
    return delay


def _serve(
    rng: np.random.Generator,
    settings: Settings,
    book: PhraseBook,
    floor: Floor,
    number: int,
    visits: Visits,
    rows: flow.Rows,
    delay: Floats,
) -> tuple[Ints, Floats]:
    """Give every service an agent; add the waits and let busy agents be slower."""
    n = len(visits.opened)
    cell = rows.session * PHASES + rows.phase
    by_agent = BY_AGENT[rows.step]
    mine = np.bincount(cell[by_agent], delay[by_agent], n * PHASES).reshape(n, PHASES)
    other = np.bincount(cell[~by_agent], delay[~by_agent], n * PHASES).reshape(n, PHASES)
    waits = np.bincount(cell[WAIT[rows.step]], delay[WAIT[rows.step]], n * PHASES).reshape(n, PHASES)
    phases = np.zeros(n, dtype=np.int64)
    np.maximum.at(phases, rows.session, rows.phase)
    pool = pools([topic.queue for topic in book.topics], settings.pools)[visits.topic]
    asks = visits.opened + other[:, 0] + mine[:, 0] + waits[:, 1]
    floor.roster(rng, number, _demand(asks, mine, other, phases, pool, number))
    agents = np.full((n, PHASES), -1, dtype=np.int64)
    factor = np.ones((n, PHASES))
    extra = np.zeros((n, PHASES))
    luck = rng.random((n * PHASES, 3)).tolist()
    events = [(float(asks[s]), s, 1) for s in np.flatnonzero(phases).tolist()]
    heapq.heapify(events)
    staff = floor.staff
    while events:
        at, s, phase = heapq.heappop(events)
        agent, joined, load = floor.assign(int(pool[s]), at, luck[s * PHASES + phase], int(agents[s, phase - 1]))
        agents[s, phase] = agent
        extra[s, phase] = joined - at
        factor[s, phase] = staff.pace[agent] * (0.8 + 0.12 * load)
        end = joined + other[s, phase] - waits[s, phase] + mine[s, phase] * factor[s, phase]
        floor.open(agent, end)
        if phase < phases[s]:
            heapq.heappush(events, (end + waits[s, phase + 1], s, phase + 1))
    delay = np.where(by_agent, delay * factor[rows.session, rows.phase], delay)
    return agents, delay + np.where(WAIT[rows.step], extra[rows.session, rows.phase], 0.0)


def _demand(asks: Floats, mine: Floats, other: Floats, phases: Ints, pool: Ints, number: int) -> Floats:
    """Expected open services by pool and half hour."""
    human = phases > 0
    slot = ((asks - number * DAY) // 1800).astype(np.int64)[human] % 48
    length = (mine + other)[:, 1:].sum(axis=1)[human] * 1.05
    return np.bincount(pool[human] * 48 + slot, length, 96).reshape(2, 48) / 1800.0


def _times(visits: Visits, rows: flow.Rows, delay: Floats) -> Floats:
    running = np.cumsum(delay)
    before = np.concatenate([[0.0], running])[rows.first]
    return np.asarray(visits.opened[rows.session] + running - before[rows.session])


def _words(
    rng: np.random.Generator,
    book: PhraseBook,
    staff: Staff,
    day: date,
    visits: Visits,
    rows: flow.Rows,
    agent: Ints,
) -> tuple[pl.Series, Ints, Ints]:
    line = _lines(rng, book, staff, visits, rows, agent)
    count = np.array(book.line_count)[line]
    template = np.array(book.line_template)[line] + (rng.random(len(line)) * count).astype(np.int64)
    hour = ((visits.opened % DAY) // 3600).astype(np.int64)
    filled, starts = slots.values(book, slots.Session(visits.key, visits.customer.astype(np.uint64), visits.topic, hour, day), staff.nicks)
    script = np.array(book.line_script)[line]
    plain = pl.select(pl.concat_str(_pieces(book, template, rows.session, agent, filled, starts))).to_series()
    forms = filled.gather(pl.Series(starts["称呼"] + rows.session))
    text = manner.dress(rng, book, np.array([s.group for s in flow.STEPS])[rows.step], script >= 0, plain, forms)
    return text, script, np.array(book.line_hotspot)[line]


def _lines(
    rng: np.random.Generator, book: PhraseBook, staff: Staff, visits: Visits, rows: flow.Rows, agent: Ints
) -> Ints:
    """Which line each row says: prepared answers in turn, pairs by their number, the rest by chance and habit."""
    topic = visits.topic[rows.session]
    offset = np.concatenate([[0], np.cumsum([t.pairs for t in book.topics])[:-1]])
    start = rng.integers(0, 60, size=len(visits.opened))[rows.session]
    names = [step.group for step in flow.STEPS]
    base = np.array([book.groups[name] for name in names])[rows.step]
    topical = np.array([name in ("ask", "again", "find", "hot") for name in names])[rows.step]
    paired = np.array([name.startswith("pair_") for name in names])[rows.step]
    hot = np.array([name == "hot" for name in names])[rows.step]
    pairs = np.array([t.pairs for t in book.topics])[topic]
    group = base + np.where(topical, topic, 0) + np.where(paired, offset[topic] + (start + rows.pair) % pairs, 0)
    scripts, plain = np.array(book.group_scripts)[group], np.array(book.group_plain)[group]
    habit = np.where(agent >= 0, staff.habit[agent], 0.5)
    prepared = (plain == 0) | ((scripts > 0) & (rng.random(len(group)) < habit))
    pick = rng.random(len(group))
    number = np.where(prepared, pick * scripts, scripts + pick * plain).astype(np.int64)
    number = np.where(hot, (start + rows.hot) % np.maximum(plain, 1), number)
    return np.asarray(np.array(book.group_line)[group] + number)


def _pieces(
    book: PhraseBook, template: Ints, session: Ints, agent: Ints, filled: pl.Series, starts: dict[str, int]
) -> list[pl.Series]:
    parts, kinds = np.array(book.parts, dtype=object), np.array(book.kinds)
    begin = np.array(list(starts.values()))
    chosen = pl.Series(template)
    pieces = [pl.Series(parts[:, 0].tolist(), dtype=pl.String).gather(chosen)]
    for place in range(kinds.shape[1]):
        kind = kinds[template, place]
        at = begin[kind] + np.where(kind == 0, 0, np.where(kind == 1, np.maximum(agent, 0), session))
        pieces.append(filled.gather(pl.Series(at)))
        pieces.append(pl.Series(parts[:, place + 1].tolist(), dtype=pl.String).gather(chosen))
    return pieces
