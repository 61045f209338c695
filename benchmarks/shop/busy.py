"""When agents are busy: the union of their services, asked for many agents and moments at once."""

from __future__ import annotations

import numpy as np

from shop.common import Ints

SPAN = 10**9
"""More seconds than any data set has; agent · SPAN + second is one number line for all agents."""
FAR = 2**62


class Busy:
    """Runs in which an agent has a service open, without a gap."""

    def __init__(self, agent: Ints, begin: Ints, end: Ints) -> None:
        """Join the services of each agent that touch."""
        order = np.lexsort((begin, agent))
        begins = (agent * SPAN + begin)[order]
        reached = np.maximum.accumulate((agent * SPAN + end)[order])
        fresh = np.append(True, begins[1:] > reached[:-1])[: len(begins)]
        last = np.append(fresh[1:], True)[: len(begins)]
        self._begins = np.concatenate([[-1], begins[fresh], [FAR]])
        self._ends = np.concatenate([[-1], reached[last], [FAR]])
        self._total = np.append(0, np.cumsum(self._ends - self._begins))

    def between(self, agent: Ints, start: Ints, end: Ints) -> Ints:
        """Return the busy seconds between two moments."""
        return self._before(agent * SPAN + end) - self._before(agent * SPAN + start)

    def until(self, agent: Ints, at: Ints) -> Ints:
        """Return when the agent is free: the moment itself, or the end of what is going on."""
        key = agent * SPAN + at
        end = self._ends[np.searchsorted(self._begins, key, "right") - 1]
        return np.asarray(np.maximum(key, end) - agent * SPAN)

    def next(self, agent: Ints, at: Ints) -> Ints:
        """Return when the agent next becomes busy, at or after a moment; far away where never."""
        begin = self._begins[np.searchsorted(self._begins, agent * SPAN + at, "left")]
        return np.asarray(np.minimum(begin - agent * SPAN, SPAN))

    def _before(self, key: Ints) -> Ints:
        """Return the busy seconds of all agents before a place on the number line."""
        run = np.searchsorted(self._begins, key, "left")
        return np.asarray(self._total[run] - np.maximum(self._ends[run - 1] - key, 0))
