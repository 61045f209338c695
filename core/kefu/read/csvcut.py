"""Where CSV records begin and end, and whether their quotes are beyond doubt."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

QUOTE, FEED, RETURN = b'"\n\r'
Places = npt.NDArray[np.intp]


@dataclass(frozen=True, slots=True)
class Layout:
    """What a look at the bytes says of a block.

    :param end: where its last whole record ends.
    :param records: how many records there are up to there; ``None`` where the quotes do not follow the rules.
    :param longest: the size of the longest record that has quotes around a line feed; 0 for none.
    :param separators: how many separators stand outside quotes.
    """

    end: int
    records: int | None
    longest: int
    separators: int


def layout(block: bytes, separator: int) -> Layout:
    """Look at a block of whole lines.

    The rules: a quote opens a field right after a separator or a line feed, closes it right before one, and is
    doubled inside. Any two readers that keep them see the same records.
    """
    cells = np.frombuffer(block, dtype=np.uint8)
    if QUOTE not in block:
        return Layout(len(block), int(np.count_nonzero(cells == FEED)), 0, int(np.count_nonzero(cells == separator)))
    quotes = np.flatnonzero(cells == QUOTE)
    end = _last_end(block, quotes)
    quotes, cells = quotes[: np.searchsorted(quotes, end)], cells[:end]
    if not end or not _by_the_rules(cells, quotes, separator):
        return Layout(end, None, 0, 0)
    feeds = np.flatnonzero(cells == FEED)
    ends = feeds[np.searchsorted(quotes, feeds) % 2 == 0]
    longest = int(np.diff(ends, prepend=-1).max()) if len(ends) < len(feeds) else 0
    return Layout(end, len(ends), longest, _outside(cells == separator, quotes))


def _last_end(block: bytes, quotes: Places) -> int:
    """Return the end of the last line feed that no quotes stand around; 0 for none."""
    high = len(block) if len(quotes) % 2 == 0 else int(quotes[-1])
    place = len(quotes) - len(quotes) % 2
    while place >= 0:
        low = int(quotes[place - 1]) if place else 0
        found = block.rfind(b"\n", low, high)
        if found >= 0:
            return found + 1
        high = int(quotes[place - 2]) if place else 0
        place -= 2
    return 0


def _by_the_rules(cells: npt.NDArray[np.uint8], quotes: Places, separator: int) -> bool:
    """Return whether every quote stands where one may stand; there is an even number, and a feed after them."""
    opens, closes = quotes[0::2], quotes[1::2]
    if not len(opens):
        return True
    before = cells[np.maximum(opens - 1, 0)]
    after = cells[np.minimum(closes + 1, len(cells) - 1)]
    doubled = opens[1:] == closes[:-1] + 1
    fine = (before == separator) | (before == FEED) | (opens == 0)
    fine[1:] |= doubled
    if not fine.all():
        return False
    then = cells[np.minimum(closes + 2, len(cells) - 1)]
    fine = (after == separator) | (after == FEED) | ((after == RETURN) & (then == FEED))
    fine[:-1] |= doubled
    return bool(fine.all())


def _outside(marks: npt.NDArray[np.bool_], quotes: Places) -> int:
    """Count the marks that no quotes stand around."""
    if not len(quotes):
        return int(np.count_nonzero(marks))
    inside = np.add.reduceat(marks, quotes, dtype=np.int64)[0::2]
    return int(np.count_nonzero(marks)) - int(inside.sum())
