"""The tokens of one text, found where they are asked for, and the pieces of an endless one."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections.abc import Callable, Iterator

from kefu.text.phrases import CLAUSE_SIGNS
from kefu.text.tokenizer import LONGEST_PIECE, seams


class Tokens:
    """The tokens of a text, found piece by piece."""

    def __init__(self, text: str, edges: Callable[[str], list[int]]) -> None:
        """Divide the text into pieces that can be cut by themselves."""
        self.text = text
        self._seams = seams(text)
        self._edges = edges
        self._known: dict[tuple[int, int], list[int]] = {}

    def are_crossed_by(self, start: int, end: int) -> bool:
        """Say whether a stretch runs over the edge of a token: it is neither whole tokens nor inside one."""
        low, high, count = self._around(start, end)
        return (low, high) != (start, end) and count > 1

    def are_whole(self, start: int, end: int) -> bool:
        """Say whether a stretch is whole tokens."""
        return self._around(start, end)[:2] == (start, end)

    def _around(self, start: int, end: int) -> tuple[int, int, int]:
        """Give where the tokens that a stretch touches begin and end, and how many they are."""
        low = self._seams[bisect_right(self._seams, start) - 1]
        high = self._seams[bisect_left(self._seams, end)]
        if (low, high) == (start, end):
            return start, end, 1
        if (low, high) not in self._known:
            self._known[low, high] = self._edges(self.text[low:high])
        edges = self._known[low, high]
        first, last = bisect_right(edges, start - low) - 1, bisect_left(edges, end - low)
        return edges[first] + low, edges[last] + low, last - first


def pieces(text: str) -> Iterator[tuple[int, str]]:
    """Cut an endless text, where a clause ends if it can be, and give the pieces with their places."""
    low = 0
    while low < len(text):
        high = low + LONGEST_PIECE
        if high < len(text):
            signs = (place for place in range(high, low + LONGEST_PIECE // 2, -1) if text[place - 1] in CLAUSE_SIGNS)
            high = next(signs, high)
        yield low, text[low:high]
        low = high
