"""The table ``agent_states`` of a day: what agents really did, hour by hour.

Every activity is a stretch of time with a layer, and what lies on top is the state: a service hides a break, a break
hides a call. Between services agents take calls and work orders, which the transcripts do not have, until they are
as busy as they usually are.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import polars as pl

from shop.busy import Busy
from shop.common import DAY, Floats, Ints, Settings, pick
from shop.ids import moments
from shop.roster import ACTIVITIES, KINDS, Shifts
from shop.services import Services
from shop.staff import Staff

STATES = ("available", "handling", "wrap_up", "break", "training", "meeting", "sick", "late", "offline")
# From the bottom to the top. "call" is work that the transcripts do not have.
LAYERS = (
    *("available", "call_wrap_up", "call", "offline", "break", "training", "meeting", "late", "sick"),
    *("wrap_up", "handling"),
)
LAYER = {name: number for number, name in enumerate(LAYERS)}
STATE_OF_LAYER = np.array([STATES.index({"call": "handling", "call_wrap_up": "wrap_up"}.get(n, n)) for n in LAYERS])
HANDLING = STATES.index("handling")
PITCH = 1500  # seconds from one call or work order to the next
SHORTEST = 20  # seconds; what is shorter belongs to what came before
QUIET = 0.3  # how much of the chat is left after midnight
PATIENCE = 2400  # seconds that a break waits for a customer


@dataclass(frozen=True)
class Stretches:
    """Who did what from when until when, each with its layer."""

    agent: Ints
    begin: Ints
    end: Ints
    layer: Ints

    def only(self, where: np.ndarray) -> Stretches:
        """Return some of them."""
        return Stretches(self.agent[where], self.begin[where], self.end[where], self.layer[where])


def joined(parts: list[Stretches]) -> Stretches:
    """Return all of them as one."""
    return Stretches(
        *(np.concatenate([getattr(part, name) for part in parts]) for name in ("agent", "begin", "end", "layer"))
    )


def of_services(served: Services) -> Stretches:
    """Return the services and the work after them."""
    wrap = served.wrap_up > 0
    return joined(
        [
            _stretches("handling", served.agent, served.begin, served.end),
            _stretches("wrap_up", served.agent[wrap], served.end[wrap], (served.end + served.wrap_up)[wrap]),
        ]
    )


def of_shifts(settings: Settings, staff: Staff, busy: Busy, number: int, shifts: Shifts) -> Stretches:
    """Return all that the agents of these shifts did beside their services."""
    rng = settings.random(number, 9)
    at_work = np.isin(shifts.kind, (KINDS.index("work"), KINDS.index("late")))
    sick = shifts.kind == KINDS.index("sick")
    late = shifts.kind == KINDS.index("late")
    come = shifts.start + rng.integers(-120, 200, len(at_work))
    go = shifts.end + rng.integers(-150, 300, len(at_work))
    first = np.minimum(busy.next(shifts.agent, shifts.start) - 120, shifts.end)
    late_until = np.minimum(shifts.start + rng.integers(1200, 2700, len(at_work)), first)
    come = np.where(late, late_until, come)
    there = shifts.agent[at_work], come[at_work], go[at_work]
    restless = settings.random(10_007).uniform(1.5, 6.5, len(staff.ids))
    return joined(
        [
            _stretches("available", *there),
            _stretches("sick", shifts.agent[sick], shifts.start[sick], shifts.end[sick]),
            _stretches("late", shifts.agent[late], shifts.start[late], late_until[late]),
            *_pieces(rng, busy, shifts),
            *_calls(settings, rng, staff, busy, number, there),
            _now_and_then(rng, there, "break", restless[there[0]], (180, 600)),
            _now_and_then(rng, there, "offline", restless[there[0]] * 0.05, (240, 900)),
        ]
    )


def table(settings: Settings, staff: Staff, stretches: Stretches, low: int, high: int) -> pl.DataFrame:
    """Return the states between two moments: one row after another, without gaps shorter than an agent would notice."""
    agent, begin, end, state = _without_short(*_swept(stretches, low, high))
    return pl.DataFrame(
        {
            "agent_id": pick(staff.ids, agent),
            "started_at": moments(settings, begin.astype(np.float64)),
            "ended_at": moments(settings, end.astype(np.float64)),
            "state": pick(STATES, state),
        }
    )


def _stretches(layer: str, agent: Ints, begin: Ints, end: Ints) -> Stretches:
    some = end > begin
    return Stretches(agent[some], begin[some], end[some], np.full(int(some.sum()), LAYER[layer]))


def _pieces(rng: np.random.Generator, busy: Busy, shifts: Shifts) -> list[Stretches]:
    """Return breaks, trainings and meetings as they were taken: after the customer at hand, and a little long."""
    pieces = shifts.pieces
    agent, count = shifts.agent[pieces.shift], len(pieces.shift)
    due = pieces.start + rng.exponential(70, count).astype(np.int64)
    free = busy.until(agent, due)
    start = np.where(free - due > PATIENCE, due, free)
    end = start + pieces.end - pieces.start + rng.normal(70, 110, count).astype(np.int64)
    found = []
    for name in ("break", "training", "meeting"):
        mine = pieces.activity == ACTIVITIES.index(name)
        found.append(_stretches(name, agent[mine], start[mine], end[mine]))
    return found


def _calls(
    settings: Settings, rng: np.random.Generator, staff: Staff, busy: Busy, number: int, there: tuple[Ints, Ints, Ints]
) -> list[Stretches]:
    """Return calls and work orders, so many that the agent is as busy as usual where services leave time."""
    agent, come, go = there
    midnight = int((number + 1) * DAY)
    chat = busy.between(agent, come, np.minimum(go, midnight)) / np.maximum(np.minimum(go, midnight) - come, 1)
    usual = settings.random(10_005).normal(0.79, 0.05, len(staff.ids))[agent] + rng.normal(0, 0.03, len(agent))
    count = np.maximum((go - come) // PITCH, 1)
    shift = np.repeat(np.arange(len(agent)), count)
    turn = np.arange(len(shift)) - np.repeat(np.cumsum(count) - count, count)
    pitch = ((go - come) / count)[shift]
    begin = come[shift] + ((turn + rng.uniform(0, 0.3, len(shift))) * pitch).astype(np.int64)
    chat = chat[shift] * np.where(begin < midnight, 1.0, QUIET)
    share = 1 - (1 - np.clip(usual, 0.6, 0.92))[shift] / np.maximum(1 - chat, 0.01)
    length = np.where(share > 0, np.clip(rng.normal(share, 0.12), 0.0, 0.97) * pitch, 0.0)
    end = np.minimum(begin + length.astype(np.int64), go[shift])
    after = end + np.where(rng.random(len(shift)) < 0.4, rng.integers(25, 90, len(shift)), 0)
    return [_stretches("call", agent[shift], begin, end), _stretches("call_wrap_up", agent[shift], end, after)]


def _now_and_then(
    rng: np.random.Generator, there: tuple[Ints, Ints, Ints], layer: str, often: Floats, lengths: tuple[int, int]
) -> Stretches:
    """Return what nobody planned: a few minutes away from the desk, a machine that had to be started again."""
    agent, come, go = there
    shift = np.repeat(np.arange(len(agent)), rng.poisson(often))
    span: Floats = (go - come)[shift] * rng.uniform(0.05, 0.95, len(shift))
    begin = come[shift] + span.astype(np.int64)
    return _stretches(layer, agent[shift], begin, begin + rng.integers(*lengths, len(shift)))


def _swept(stretches: Stretches, low: int, high: int) -> tuple[Ints, Ints, Ints, Ints]:
    """Return agent, begin, end and state of every piece between two edges: the state of the topmost layer."""
    count = len(stretches.agent)
    agent, layer = np.tile(stretches.agent, 2), np.tile(stretches.layer, 2)
    at = np.concatenate([stretches.begin, stretches.end])
    sign = np.repeat(np.array([1, -1]), count)
    order = np.lexsort((at, agent))
    agent, layer, at, sign = agent[order], layer[order], at[order], sign[order]
    top = np.full(2 * count, -1)
    for number in range(len(LAYERS)):
        top[np.cumsum(np.where(layer == number, sign, 0)) > 0] = number
    begin, end = np.maximum(at[:-1], low), np.minimum(at[1:], high)
    kept = (top[:-1] >= 0) & (end > begin)
    return agent[:-1][kept], begin[kept], end[kept], STATE_OF_LAYER[top[:-1][kept]]


def _without_short(agent: Ints, begin: Ints, end: Ints, state: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    """Join equal neighbours; a short piece, unless somebody was served, becomes part of what came before."""
    agent, begin, end, state = _runs(agent, begin, end, state)
    short = (end - begin < SHORTEST) & (state != HANDLING)
    chain = np.cumsum(_breaks(agent, begin, end))
    before = np.maximum.accumulate(np.where(short, -1, np.arange(len(agent))))
    known = (before >= 0) & (chain[before] == chain)
    return _runs(agent[known], begin[known], end[known], state[before][known])


def _breaks(agent: Ints, begin: Ints, end: Ints) -> np.ndarray:
    """Tell which pieces do not go on where the one before ended."""
    return np.append(True, (agent[1:] != agent[:-1]) | (begin[1:] != end[:-1]))[: len(agent)]


def _runs(agent: Ints, begin: Ints, end: Ints, state: Ints) -> tuple[Ints, Ints, Ints, Ints]:
    fresh = _breaks(agent, begin, end)
    fresh[1:] |= state[1:] != state[:-1]
    last = np.append(fresh[1:], True)[: len(fresh)]
    return agent[fresh], begin[fresh], end[last], state[fresh]
