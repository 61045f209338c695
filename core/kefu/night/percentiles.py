"""What a percentile would be, had only the weights of groups changed, or only what is inside them: exactly."""

from __future__ import annotations

from bisect import bisect_right
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from fractions import Fraction
from itertools import accumulate

import polars as pl

from kefu.run.spread import middle

HALF = Fraction(1, 2)
NOTHING = Fraction()


@dataclass(frozen=True, slots=True)
class Sizes:
    """How many values there are up to each bucket, the buckets in order."""

    buckets: Sequence[int]
    upto: Sequence[int]

    @classmethod
    def of(cls, rows: pl.DataFrame) -> Sizes:
        """Take rows of ``bucket`` and ``n``."""
        rows = rows.sort("bucket")
        return cls(rows["bucket"].to_list(), [*accumulate(rows["n"].to_list())])

    @property
    def total(self) -> int:
        """How many values there are."""
        return self.upto[-1]

    def within(self, bucket: int) -> int:
        """Return how many values are in a bucket or below it."""
        place = bisect_right(self.buckets, bucket)
        return self.upto[place - 1] if place else 0


@dataclass(frozen=True, slots=True)
class Moved:
    """What one group moves, all else as it was."""

    weights: tuple[Fraction, Fraction]
    mix: Fraction
    rate: Fraction


@dataclass(frozen=True, slots=True)
class AllMoved:
    """What all groups move together, and each of them alone."""

    mix: Fraction
    rate: Fraction
    groups: Mapping[str, Moved]


def middle_of(sizes: Sizes, percent: int) -> Fraction:
    """Return the percentile by nearest rank, as the middle of its bucket."""
    return _percentile(sizes.buckets, percent, lambda bucket: Fraction(sizes.within(bucket), sizes.total))


def moved(before: Mapping[str, Sizes], after: Mapping[str, Sizes], percent: int) -> AllMoved:
    """Return what weights and sizes move between two states, halfway between either order of the two moves.

    A group that is absent from a state has there the sizes that it has in the other.
    """
    if not before or not after:
        return AllMoved(NOTHING, NOTHING, {})
    names = sorted({*before, *after})
    scene = _Scene(names, [before, after], percent)
    corners = {(w, d): scene.value(w, d) for w in (0, 1) for d in (0, 1)}
    mix = HALF * (corners[1, 0] - corners[0, 0] + corners[1, 1] - corners[0, 1])
    groups = {name: scene.moved(name, corners[0, 0], corners[1, 1]) for name in names}
    return AllMoved(mix, corners[1, 1] - corners[0, 0] - mix, groups)


class _Scene:
    """Two states of some groups, and everything between them."""

    def __init__(self, names: Sequence[str], states: Sequence[Mapping[str, Sizes]], percent: int) -> None:
        self._percent = percent
        self._names = names
        totals = [sum(sizes.total for sizes in state.values()) for state in states]
        self.weights = [
            {name: Fraction(state[name].total if name in state else 0, total) for name in names}
            for state, total in zip(states, totals, strict=True)
        ]
        self._sizes = [{name: states[s].get(name) or states[1 - s][name] for name in names} for s in (0, 1)]
        self._buckets = sorted(
            {bucket for state in self._sizes for sizes in state.values() for bucket in sizes.buckets}
        )
        self._own = [_pooled([*state.values()]) for state in states]

    def value(self, weights: int, sizes: int) -> Fraction:
        """Return the percentile of the weights of one state with the sizes of another."""
        if weights == sizes:
            return middle_of(self._own[weights], self._percent)
        told = [(self.weights[weights][name], self._sizes[sizes][name]) for name in self._names]
        return self._at(lambda bucket: sum((w * s.within(bucket) / s.total for w, s in told if w), NOTHING))

    def moved(self, name: str, before: Fraction, after: Fraction) -> Moved:
        """Return what one group moves: from the state before, and back from the state after, halfway between both."""
        mix = HALF * (self._weighed(name, 0) - before + after - self._weighed(name, 1))
        rate = HALF * (self._filled(name, 0) - before + after - self._filled(name, 1))
        return Moved((self.weights[0][name], self.weights[1][name]), mix, rate)

    def _weighed(self, name: str, state: int) -> Fraction:
        """Return the percentile of a state in which one group has its other weight, the rest in proportion."""
        own, sizes = self._own[state], self._sizes[state][name]
        weight, other = self.weights[state][name], self.weights[1 - state][name]
        if weight in {1, other}:
            return self.value(state, state)
        rest = (1 - other) / (1 - weight)

        def share(bucket: int) -> Fraction:
            inside = Fraction(sizes.within(bucket), sizes.total)
            return other * inside + rest * (Fraction(own.within(bucket), own.total) - weight * inside)

        return self._at(share)

    def _filled(self, name: str, state: int) -> Fraction:
        """Return the percentile of a state in which one group has its other sizes."""
        own, weight = self._own[state], self.weights[state][name]
        sizes, other = self._sizes[state][name], self._sizes[1 - state][name]
        if not weight:
            return self.value(state, state)

        def share(bucket: int) -> Fraction:
            change = Fraction(other.within(bucket), other.total) - Fraction(sizes.within(bucket), sizes.total)
            return Fraction(own.within(bucket), own.total) + weight * change

        return self._at(share)

    def _at(self, share: Callable[[int], Fraction]) -> Fraction:
        return _percentile(self._buckets, self._percent, share)


def _pooled(states: Sequence[Sizes]) -> Sizes:
    counts: dict[int, int] = {}
    for sizes in states:
        below = 0
        for bucket, upto in zip(sizes.buckets, sizes.upto, strict=True):
            counts[bucket] = counts.get(bucket, 0) + upto - below
            below = upto
    buckets = sorted(counts)
    return Sizes(buckets, [*accumulate(counts[bucket] for bucket in buckets)])


def _percentile(buckets: Sequence[int], percent: int, share: Callable[[int], Fraction]) -> Fraction:
    """Return the middle of the first bucket up to which the wanted share of the values lies."""
    low, high = 0, len(buckets) - 1
    while low < high:
        place = (low + high) // 2
        if 100 * share(buckets[place]) >= percent:
            high = place
        else:
            low = place + 1
    return Fraction(middle(buckets[low]))
