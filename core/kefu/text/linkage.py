"""Groups of rows that are alike: close groups first, and these by average linkage.

Rows are whole numbers of length ``UNIT`` as :mod:`kefu.text.vectors` makes them, so every comparison is exact.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from kefu.text.vectors import UNIT, Rows, whole

_CELLS = 16_000_000
"""So many products are held in memory at a time."""
_BLOCK = 1_024
_LOOKS_EACH = 12
_LOOKS = 200_000
"""So many times groups look for the nearest at most; questions take 2 to 4 looks each, a made chain could take more."""

Ints = NDArray[np.int64]


def alike(rows: Rows, close: float, enough: float, most: int) -> Ints:
    """Return the group of each row, by number; -1 for a row that found no place.

    A row joins the nearest leader whose cosine is at least ``close``, else it leads a group of its own, until there
    are ``most`` groups: so the order of the rows counts. Then the two groups with the highest mean cosine between
    their rows become one, again and again, while it is at least ``enough``.
    """
    followers = _led(rows, int(close * UNIT**2), most)
    placed = followers >= 0
    sizes = np.bincount(followers[placed])
    merged = _Linkage(sums_of(followers[placed], rows[placed]), sizes, int(enough * UNIT**2)).groups()
    return np.where(placed, merged[followers], -1)


def sums_of(places: Ints, rows: Rows, weights: Ints | None = None) -> NDArray[np.float64]:
    """Return the sum of the rows at each place, each row as often as its weight says."""
    sums = np.zeros((int(places.max(initial=-1)) + 1, rows.shape[1]))
    for start in range(0, len(rows), _BLOCK):
        some = slice(start, start + _BLOCK)
        np.add.at(sums, places[some], rows[some] if weights is None else rows[some] * weights[some, None].astype(float))
    return sums


def _led(rows: Rows, close: int, most: int) -> Ints:
    """Return the leader of each row, by number, or -1."""
    heads = np.empty((min(most, len(rows)), rows.shape[1]), dtype=np.float32)
    led = np.full(len(rows), -1, dtype=np.int64)
    count = 0
    for start in range(0, len(rows), _BLOCK):
        block = rows[start : start + _BLOCK]
        nearest = Nearest.of(block, heads[:count])
        count = _appoint(block, nearest, heads, count, close)
        led[start : start + len(block)] = np.where(nearest.product >= close, nearest.place, -1)
    return led


@dataclass(frozen=True)
class Nearest:
    """The nearest of some heads for each row: its number and the product with it."""

    place: Ints
    product: Rows

    @classmethod
    def of(cls, rows: Rows, heads: Rows) -> Nearest:
        """Find them; of equals the first, and without heads -1."""
        place = np.full(len(rows), -1, dtype=np.int64)
        product = np.full(len(rows), -np.inf, dtype=np.float32)
        step = max(1, _CELLS // max(len(heads), 1))
        for start in range(0, len(rows) if len(heads) else 0, step):
            some = slice(start, start + step)
            products = rows[some] @ heads.T
            place[some] = products.argmax(axis=1)
            product[some] = products.max(axis=1)
        return cls(place, product)


def _appoint(block: Rows, nearest: Nearest, heads: Rows, count: int, close: int) -> int:
    """Make leaders of the rows of a block that none is close to, one after the other; return how many there are."""
    among = block @ block.T
    for row in np.flatnonzero(nearest.product < close):
        if nearest.product[row] >= close or count == len(heads):
            continue
        heads[count] = block[row]
        nearer = row + 1 + np.flatnonzero(among[row, row + 1 :] > nearest.product[row + 1 :])
        nearest.place[nearer], nearest.product[nearer] = count, among[row, nearer]
        nearest.place[row], nearest.product[row] = count, np.inf
        count += 1
    return count


class _Linkage:
    """Average linkage without a matrix: the mean product of two groups is the product of their means.

    All pairs that are nearest to each other merge at once. Average linkage lets them: no merger brings a group nearer
    to a third than its nearer half was. So a round only looks again at groups whose nearest has merged, and a group
    with nothing near enough is done for good.
    """

    def __init__(self, sums: NDArray[np.float64], sizes: Ints, enough: int) -> None:
        self.sums, self.sizes, self.enough = sums, sizes.astype(np.float64), enough
        self.means = whole(sums / self.sizes[:, None])
        self.into = np.arange(len(sizes))
        self.moved = np.zeros(len(sizes), dtype=np.bool_)
        self.nearest = np.full(len(sizes), -1, dtype=np.int64)
        self.product = np.full(len(sizes), -np.inf, dtype=np.float32)

    def groups(self) -> Ints:
        """Merge while there is anything near enough, and return the group of each of the first groups."""
        open_ = np.arange(len(self.sizes))
        fresh, looks = open_, max(_LOOKS_EACH * len(open_), _LOOKS)
        while len(fresh) and looks > 0:
            self._look(fresh, open_)
            looks -= len(fresh)
            open_ = open_[self.product[open_] >= self.enough]
            self._merge(open_)
            open_ = open_[self.into[open_] == open_]
            fresh = open_[self._lost(open_) | self.moved[open_]]
        return _roots(self.into)

    def _lost(self, open_: Ints) -> NDArray[np.bool_]:
        """Say whose nearest has merged and is now less near; one that is as near as it was still is the nearest."""
        now = self.into[self.nearest[open_]]
        moved = self.moved[now]
        lost = np.zeros(len(open_), dtype=np.bool_)
        some = open_[moved]
        product = np.einsum("ij,ij->i", self.means[some], self.means[now[moved]], dtype=np.float64)
        lost[moved] = product < self.product[some]
        self.nearest[open_] = now
        return lost

    def _look(self, fresh: Ints, open_: Ints) -> None:
        """Find the nearest open group of the fresh ones, and tell the others where a fresh one is nearer."""
        self.product[fresh] = -np.inf
        means = self.means[open_]
        step = max(1, min(_BLOCK, _CELLS // len(open_)))
        for start in range(0, len(fresh), step):
            some = fresh[start : start + step]
            products = self.means[some] @ means.T
            products[np.arange(len(some)), np.searchsorted(open_, some)] = -np.inf
            place = products.argmax(axis=1)
            self._bring_nearer(some, open_[place], products[np.arange(len(some)), place])
            if len(fresh) < len(open_):
                changed = np.flatnonzero(products.max(axis=0) >= self.product[open_])
                place = products[:, changed].argmax(axis=0)
                self._bring_nearer(open_[changed], some[place], products[place, changed])

    def _bring_nearer(self, groups: Ints, others: Ints, products: Rows) -> None:
        """Note another group as the nearest where it is nearer, or as near and of a lower number."""
        known, before = self.product[groups], self.nearest[groups]
        nearer = (products > known) | ((products == known) & (others < before))
        self.nearest[groups[nearer]], self.product[groups[nearer]] = others[nearer], products[nearer]

    def _merge(self, open_: Ints) -> None:
        """Merge all pairs that are nearest to each other, into the lower number."""
        mutual = (self.nearest[self.nearest[open_]] == open_) & (open_ < self.nearest[open_])
        one = open_[mutual]
        two = self.nearest[one]
        self.sums[one] += self.sums[two]
        self.sizes[one] += self.sizes[two]
        self.means[one] = whole(self.sums[one] / self.sizes[one][:, None])
        self.into[two] = one
        self.moved[:] = False
        self.moved[one] = True


def _roots(into: Ints) -> Ints:
    """Follow each group to the one that it ended in."""
    while (into[into] != into).any():
        into = into[into]
    return into
