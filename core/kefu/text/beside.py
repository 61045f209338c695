"""What may stand beside a pattern: a Bloom filter, which is at times wrong where it says yes and never where no."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Signs = NDArray[np.uint32]
    Hashes = NDArray[np.uint64]

SIDES = 4
_ROOM = 32
"""So many bits for each neighbour."""
_LEAST = 10
_SPREAD = (np.uint64(0x9E3779B97F4A7C15), np.uint64(0xC2B2AE3D27D4EB4F), np.uint64(0x165667B19E3779F9))
_HALF, _BYTE, _PLACE = np.uint64(32), np.uint64(3), np.uint64(7)


@dataclass(frozen=True)
class Beside:
    """The pairs of characters that may stand after a pattern, or, read from right to left, before it."""

    bits: NDArray[np.uint8]

    @classmethod
    def of(cls, neighbours: Iterable[tuple[int, int, str]]) -> Beside:
        """Take up patterns, the side of each and what may stand there, one character or two."""
        rows = [(SIDES * pattern + side, ord(near[0]), ord(near[1:] or "\0")) for pattern, side, near in neighbours]
        where, first, second = np.array(rows, dtype=np.int64).reshape(-1, 3).T
        size = max(_LEAST, (_ROOM * len(rows)).bit_length())
        bits = np.zeros(1 << size, dtype=np.uint8)
        for places in _places(where, first, second, size):
            bits[places] = 1
        return cls(np.packbits(bits, bitorder="little"))

    def may(self, pattern: Ints, side: int, first: Signs, second: Signs | None = None) -> NDArray[np.bool_]:
        """Tell where two characters may stand beside a pattern, or one that is a part of a phrase by itself."""
        size = len(self.bits).bit_length() + 2
        second = np.zeros_like(first) if second is None else second
        one, other = _places(SIDES * pattern + side, first, second, size)
        return self._holds(one) & self._holds(other)

    def _holds(self, places: Hashes) -> NDArray[np.bool_]:
        held: NDArray[np.bool_] = (self.bits[places >> _BYTE] >> (places & _PLACE).astype(np.uint8) & 1).astype(bool)
        return held


def _places(where: Ints, first: Ints | Signs, second: Ints | Signs, size: int) -> tuple[Hashes, Hashes]:
    """Give each pair of characters at a place two numbers of so many bits."""
    key = (where.astype(np.uint64) << _HALF | first.astype(np.uint64)) * _SPREAD[0]
    key = (key >> _HALF ^ key) + second.astype(np.uint64) * _SPREAD[1]
    rest = np.uint64(64 - size)
    return key * _SPREAD[2] >> rest, (key >> _HALF ^ key) * _SPREAD[0] >> rest
