"""The agents: who they are, when they work, and who takes which session.

The floor is a small simulation, one step per service: a session goes to the least busy agent on duty, waits when
everybody is full, and an agent with many open sessions answers more slowly.
"""

from __future__ import annotations

import heapq
from dataclasses import dataclass, field

import numpy as np
import polars as pl

from shop.common import Bools, Floats, Ints
from shop.slots import names

# Start and end of the shifts in hours after midnight; the night shift runs into the next morning.
LOAD = 0.75  # how full an agent is expected to be at the busiest half hour
SHIFTS = ((8.0, 17.0), (13.0, 22.5), (15.5, 24.5), (22.0, 33.0))
QUEUES_OF_POOL = (("售前", "技术"), ("售后", "物流", "投诉"))
TEAMS = (("售前组", "技术组"), ("售后一组", "售后二组", "物流组"))


@dataclass(frozen=True)
class Staff:
    """All agents, by number."""

    ids: list[str]
    nicks: list[str]
    pool: Ints
    senior: Bools
    cap: Ints
    pace: Floats
    habit: Floats  # how often an agent takes a prepared script where there is one
    table: pl.DataFrame


def hire(rng: np.random.Generator, count: int, *, new_share: float = 0.34, one_pool: bool = False) -> Staff:
    """Make the agents and their table."""
    words = names()
    nick_pool = [a + b for a in words["nicks_a"] for b in words["nicks_b"]]
    order = rng.permutation(len(nick_pool))
    nicks = [nick_pool[order[i % len(nick_pool)]] for i in range(count)]
    width = max(2, len(str(count)))
    ids = [f"A{i + 1:0{width}d}" for i in range(count)]
    pool = (np.arange(count) % 5 >= 2).astype(np.int64)  # two in five before the sale, three after it
    senior = rng.random(count) >= new_share
    team = [TEAMS[p][int(t * len(TEAMS[p]))] for p, t in zip(pool, rng.random(count), strict=True)]
    tenure = np.where(senior, rng.integers(300, 2200, count), rng.integers(10, 170, count))
    hired = np.datetime64("2025-06-01") - tenure
    left = np.where(rng.random(count) < 0.02, np.datetime64("2025-07-10"), np.datetime64("NaT"))
    table = pl.DataFrame(
        {
            "agent_id": ids,
            "name": nicks,
            "team": [None if u < 0.02 else t for t, u in zip(team, rng.random(count), strict=True)],
            "level": np.where(senior, "senior", "new").tolist(),
            "hired_at": pl.Series(hired).cast(pl.Date),
            "left_at": pl.Series(left).cast(pl.Date),
        }
    )
    return Staff(
        ids=ids,
        nicks=nicks,
        pool=pool * 0 if one_pool else pool,
        senior=senior,
        cap=np.where(senior, rng.integers(6, 10, count), 3),
        pace=rng.lognormal(np.where(senior, -0.08, 0.12), 0.2),
        habit=np.clip(rng.normal(0.36, 0.15, count), 0.1, 0.95),
        table=table,
    )


@dataclass
class Floor:
    """The open services of every agent, carried from day to day. Times are seconds since the first midnight.

    :param called: the agents called in for the day, with the hours of their shift.
    """

    staff: Staff
    ends: list[list[float]] = field(default_factory=list)
    duty: dict[tuple[int, int], list[int]] = field(default_factory=dict)
    called: list[tuple[int, float, float]] = field(default_factory=list)

    def __post_init__(self) -> None:
        """Start with nobody busy."""
        self.ends = [[] for _ in self.staff.ids]

    def roster(self, rng: np.random.Generator, day: int, demand: Floats) -> None:
        """Call in as many agents as the day needs.

        :param demand: expected open services by pool and half hour of this day, shape (2, 48).
        """
        self.duty = {key: agents for key, agents in self.duty.items() if key[1] >= day * 48}
        self.called = []
        for pool in sorted(set(self.staff.pool.tolist())):
            people = rng.permutation(np.flatnonzero(self.staff.pool == pool)).tolist()
            need = demand[pool].copy()
            for start, end in SHIFTS:
                slots = [slot % 48 for slot in range(int(start * 2), int(end * 2))]
                called = 0
                while people and (called == 0 or need[slots].max() > 0):
                    agent = people.pop()
                    called += 1
                    self.called.append((agent, start, end))
                    need[slots] -= float(self.staff.cap[agent]) * LOAD
                    for slot in range(int(start * 2), int(end * 2)):
                        self.duty.setdefault((pool, day * 48 + slot), []).append(agent)

    def assign(self, pool: int, at: float, luck: list[float], avoid: int = -1) -> tuple[int, float, int]:
        """Return an agent for a session that asks at a time: (agent, time of joining, sessions open by then)."""
        agents = self.duty.get((pool, int(at // 1800))) or np.flatnonzero(self.staff.pool == pool).tolist()
        agents = [agent for agent in agents if agent != avoid] or self.duty.get((1 - pool, int(at // 1800)), agents)
        some = sorted({agents[int(u * len(agents))] for u in luck})
        best = min(some, key=lambda a: self._load(a, at))
        if self._load(best, at) >= 1.0:
            best = min(agents, key=lambda a: (self._load(a, at), a))
        if self._load(best, at) < 1.0 or (self.staff.senior[best] and self._load(best, at) < luck[0] * 1.4):
            return best, at, len(self.ends[best])  # now and then a senior takes one more than is good
        best = min(agents, key=lambda a: (self.ends[a][0], a))
        free = heapq.heappop(self.ends[best])  # the place is taken from now on: ``open`` follows
        return best, free, len(self.ends[best])

    def open(self, agent: int, end: float) -> None:
        """Book a service that lasts until ``end``."""
        heapq.heappush(self.ends[agent], end)

    def _load(self, agent: int, at: float) -> float:
        ends = self.ends[agent]
        while ends and ends[0] <= at:
            heapq.heappop(ends)
        return len(ends) / float(self.staff.cap[agent])


def pools(queues: list[str], count: int) -> Ints:
    """Return the pool of agents that serves each queue; in a small shop, everybody serves all."""
    return np.array([0 if queue in QUEUES_OF_POOL[0] or count == 1 else 1 for queue in queues], dtype=np.int64)
