"""Agents whose values follow a process that is known: each strays around a level of their own, and is seen in noise."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import polars as pl

from kefu.steering.nature import Kind, Nature

KINDS: tuple[Kind, ...] = ("share", "times", "rate")
SHARE, TIMES, RATE, FREE = (Nature(kind, "lower") for kind in ("share", "times", "rate", "free"))
BASES = {"share": -0.8, "times": 4.0, "rate": -1.2}


@dataclass(frozen=True)
class Process:
    """Values drift around levels and come back to them: ``back`` 1 never, 0 at once."""

    agents: int = 60
    periods: int = 20
    back: float = 0.6
    drift: float = 0.15
    least: int = 8
    most: int = 80

    def run(self, kind: Kind, seed: int) -> pl.DataFrame:
        """Return what is seen: binomial shares, log-normal times, Poisson counts."""
        chance = np.random.default_rng(seed)
        level = BASES[kind] + chance.normal(0, 0.5, self.agents)
        off = chance.normal(0, self.drift / np.sqrt(1 - self.back**2), self.agents)
        usual = chance.integers(self.least, self.most, self.agents)
        rows = []
        for period in range(self.periods):
            sizes = np.maximum(chance.poisson(usual), 1)
            rows += [
                (f"a{agent:03}", period, seen(kind, level[agent] + off[agent], int(size), chance), int(size))
                for agent, size in enumerate(sizes)
            ]
            off = self.back * off + chance.normal(0, self.drift, self.agents)
        return frame(rows)


def seen(kind: Kind, level: float, size: int, chance: np.random.Generator) -> float:
    """Return the mean of so many sessions at a level."""
    if kind == "share":
        return float(chance.binomial(size, 1 / (1 + np.exp(-level))) / size)
    if kind == "rate":
        return float(chance.poisson(size * np.exp(level)) / size)
    return float(np.exp(level + chance.normal(-0.5, 1, size)).mean())


def frame(rows: list[Any]) -> pl.DataFrame:
    """Return rows of agent, period, value and weight as a frame."""
    kinds = {"agent_id": pl.String(), "period": pl.Int64(), "value": pl.Float64(), "weight": pl.Int64()}
    return pl.DataFrame(rows, schema=kinds, orient="row")


def white_noise(seed: int, agents: int = 40, periods: int = 20) -> tuple[pl.DataFrame, np.ndarray[Any, Any]]:
    """Return values that differ from the levels of agents by nothing but chance, and these levels."""
    chance = np.random.default_rng(seed)
    levels = chance.normal(10, 1, agents)
    values = levels[:, None] + chance.normal(0, 1, (agents, periods))
    return table(values), levels


def wandering(seed: int, agents: int = 40, periods: int = 20) -> pl.DataFrame:
    """Return values each of which is the one before and a step of chance: nothing can be known but the last one."""
    steps = np.random.default_rng(seed).normal(0, 1, (agents, periods))
    return table(10 + steps.cumsum(axis=1))


def table(values: np.ndarray[Any, Any]) -> pl.DataFrame:
    """Return a row an agent, a column a period as a frame; all weigh the same."""
    return frame([(f"a{a:03}", p, float(value), 50) for a, row in enumerate(values) for p, value in enumerate(row)])
