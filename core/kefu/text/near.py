"""Which scripts a text is close to, and how close: bigrams that both have, weighed by how rare they are.

All sums are of integers, so that a text's score is the same whatever stands beside it in a batch.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import polars as pl

from kefu.text.grams import grams

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray

    Ints = NDArray[np.int64]
    Bools = NDArray[np.bool_]

BEST = 3
"""So many scripts are looked at for each text."""
LEAST_SHARE = 0.3
"""A script is looked at if so much of its weight can be in the text."""
AROUND, INSTEAD = 0.125, 2
"""What stands around the part that is like the script counts that little, and more if much of the script is missing."""

_BATCH = 2_000
_LONGEST_BATCH = 200_000
"""So many texts, or characters, are compared at once: it bounds the memory."""
_COMMON, _FEW = 0.005, 10
_RAREST = 3
"""Bigrams that more scripts have, a share or a number, find no candidates, but for the rarest of each script; they
count once a candidate is found."""
_STRANGE = 4
"""A bigram that no script has counts one part in so many of an average one: it may be a name or a slip."""
_ROOM = 8
"""So many places for each bigram of the scripts tell most others from them at a look."""
_SCALE = 1_024
_UNIT = 64


@dataclass(frozen=True)
class Near:
    """Pairs of a text and a script: their numbers, how close they are, in thousandths, and whether all is there."""

    text: Ints
    script: Ints
    score: Ints
    whole: Bools


@dataclass(frozen=True)
class _Said:
    """The bigrams of texts: their text, their number, whether a script has them, and which are no repetition."""

    row: Ints
    gram: Ints
    known: Bools
    new: Bools


class NearIndex:
    """Scripts, ready to be compared with many texts."""

    def __init__(self, parts: Sequence[Sequence[str]]) -> None:
        """Read the literal pieces of each script, in normal form; no bigram reaches across a slot."""
        import numpy as np
        from scipy.sparse import csr_array

        found = grams(pl.Series([piece for pieces in parts for piece in pieces], dtype=pl.String))
        owner = np.repeat(np.arange(len(parts)), [len(pieces) for pieces in parts])
        self._vocabulary, gram = np.unique(found.code, return_inverse=True)
        size = max(1, len(self._vocabulary))
        self._size = size
        self._listed = np.zeros(1 << (_ROOM * size).bit_length(), dtype=bool)
        self._listed[_short(self._vocabulary, len(self._listed))] = True
        self._keys = np.unique(owner[found.row] * size + gram)
        script, gram = self._keys // size, self._keys % size
        frequency = np.bincount(gram, minlength=size)
        rarity = np.log((1 + len(parts)) / (1 + frequency))
        self._weight = np.rint(_UNIT * (1 + rarity)).astype(np.int64)
        self._squared = self._weight**2
        self._norm = _sums(self._squared[gram], script, len(parts))
        self._usual = self._norm // np.maximum(np.bincount(script, minlength=len(parts)), 1)
        self._slots = np.array([len(pieces) > 1 for pieces in parts], dtype=bool)
        keep = (frequency <= max(_FEW, _COMMON * len(parts)))[gram] | _rarest(script, frequency[gram])
        self._hidden = self._norm - _sums(self._squared[gram] * keep, script, len(parts))
        length = np.sqrt(np.maximum(self._norm, 1))
        unit = np.rint(_SCALE * self._weight[gram] / length[script]).astype(np.int64)
        self._search: Any = csr_array((unit[keep], (gram[keep], script[keep])), shape=(size, len(parts)))

    def near(self, texts: pl.Series) -> Iterator[Near]:
        """Give the closest scripts of each text, batch by batch; most texts have none."""
        if len(self._keys):
            for start, batch in _batches(texts):
                yield self._near(batch, start)

    def _near(self, texts: pl.Series, start: int) -> Near:
        said = self._read(texts)
        text, script, share = self._candidates(said, len(texts))
        worth = share + self._hidden[script] >= LEAST_SHARE * self._norm[script]
        text, script = text[worth], script[worth]
        score, whole = self._scores(said, text, script) if len(text) else (text, text.astype(bool))
        return Near(text + start, script, score, whole)

    def _read(self, texts: pl.Series) -> _Said:
        """Number the bigrams of texts by the vocabulary of the scripts."""
        import numpy as np

        found = grams(texts)
        place = np.flatnonzero(self._listed[_short(found.code, len(self._listed))])
        number = np.minimum(np.searchsorted(self._vocabulary, found.code[place]), self._size - 1)
        right = self._vocabulary[number] == found.code[place]
        place, number = place[right], number[right]
        gram = np.zeros(len(found.code), dtype=np.int64)
        gram[place] = number
        known, new = np.zeros(len(gram), dtype=bool), np.zeros(len(gram), dtype=bool)
        known[place] = True
        new[place[np.unique(found.row[place] * self._size + number, return_index=True)[1]]] = True
        return _Said(found.row, gram, known, new)

    def _candidates(self, said: _Said, count: int) -> tuple[Ints, Ints, NDArray[np.float64]]:
        """Return the best pairs of text and script, with the weight that the rarer bigrams of both have."""
        import numpy as np
        from scipy.sparse import csr_array

        row, gram = said.row[said.new], said.gram[said.new]
        shape = (count, self._size)
        begin = np.concatenate(([0], np.cumsum(np.bincount(row, minlength=count))))
        product: Any = csr_array((self._weight[gram], gram, begin), shape=shape) @ self._search
        filled = np.flatnonzero(np.diff(product.indptr))
        if not len(filled):
            return filled, filled, filled.astype(np.float64)
        bits = int(self._search.shape[1]).bit_length()
        mask = (1 << bits) - 1
        keys = product.data.astype(np.int64) << bits | (mask - product.indices)
        starts, sizes = product.indptr[filled], np.diff(product.indptr)[filled]
        texts, scripts, shares = [], [], []
        for _ in range(BEST):
            best = np.maximum.reduceat(keys, starts)
            some = best > 0
            script = mask - (best[some] & mask)
            texts.append(filled[some])
            scripts.append(script)
            shares.append((best[some] >> bits) * np.sqrt(self._norm[script]) / _SCALE)
            keys[keys == np.repeat(best, sizes)] = 0
        return np.concatenate(texts), np.concatenate(scripts), np.concatenate(shares)

    def _scores(self, said: _Said, text: Ints, script: Ints) -> tuple[Ints, Bools]:
        """Score pairs: how much of the script is in a part of the text, and how little else; and tell if all is."""
        import numpy as np

        begin = np.searchsorted(said.row, text)
        size = np.searchsorted(said.row, text, side="right") - begin
        pair = np.repeat(np.arange(len(text)), size)
        place = np.arange(len(pair)) + np.repeat(begin - np.cumsum(size) + size, size)
        gram, strange = said.gram[place], self._usual[script] // _STRANGE
        key = script[pair] * self._size + gram
        at = np.minimum(np.searchsorted(self._keys, key), len(self._keys) - 1)
        hit = said.known[place] & (self._keys[at] == key)
        weight = np.where(said.new[place], self._squared[gram], 0)
        inside = _best_stretch(np.where(hit, weight, -weight), pair)
        weight = np.where(said.known[place], weight, np.where(inside & self._slots[script][pair], 0, strange[pair]))
        shared = _sums(weight * (hit & inside), pair, len(text))
        other = _sums(weight * (~hit & inside), pair, len(text))
        around = _sums(weight * ~inside, pair, len(text))
        found = shared / self._norm[script]
        # Words around a script are harmless; words around a part of a script may stand instead of the rest.
        alien = other + np.minimum(1, AROUND + INSTEAD * (1 - found)) * around
        pure = shared / np.maximum(shared + alien, 1)
        score = np.sqrt(np.sqrt(found * pure) * pure)
        whole = _sums(weight * hit, pair, len(text)) == self._norm[script]
        return np.where(found < LEAST_SHARE, 0, np.floor(1000 * score)).astype(np.int64), whole


def _short(codes: Ints, size: int) -> NDArray[np.uint64]:
    """Give each bigram a number below a power of two, some the same one."""
    import numpy as np

    spread = codes.astype(np.uint64) * np.uint64(0x9E3779B97F4A7C15)
    return spread >> np.uint64(64 - (size - 1).bit_length())


def _rarest(script: Ints, frequency: Ints) -> Bools:
    """Mark the rarest bigrams of each script, so that it can be found even if many others have them."""
    import numpy as np

    order = np.lexsort((frequency, script))
    place = np.arange(len(order)) - np.searchsorted(script[order], script[order])
    found = np.zeros(len(order), dtype=bool)
    found[order[place < _RAREST]] = True
    return found


def _best_stretch(value: Ints, pair: Ints) -> Bools:
    """Mark, in each pair, the run of neighbours with the largest sum."""
    import numpy as np

    total = np.cumsum(value)
    before = total - value
    step = int(np.abs(value).sum()) + 1
    # Each pair lies a step below the one before it, so that the running minimum starts anew with each.
    low = np.minimum.accumulate(before - pair * step) + pair * step
    gain = total - low
    begins = np.flatnonzero(np.diff(pair, prepend=-1))
    best = np.maximum.reduceat(gain, begins)
    place = np.arange(len(value))
    end = np.minimum.reduceat(np.where(gain == best[pair], place, len(value)), begins)
    lowest = low[end]
    start = np.maximum.reduceat(np.where((before == lowest[pair]) & (place <= end[pair]), place, -1), begins)
    return (place >= start[pair]) & (place <= end[pair])


def _sums(value: Ints, group: Ints, count: int) -> Ints:
    """Add up integers by group; they are far below 2⁵³, so the sums are exact."""
    import numpy as np

    return np.bincount(group, weights=value, minlength=count).astype(np.int64)


def _batches(texts: pl.Series) -> Iterator[tuple[int, pl.Series]]:
    """Cut texts into runs of limited number and length."""
    size = texts.str.len_chars().cast(pl.Int64)
    number = pl.select(size=size).select(pl.col("size").cum_sum() // _LONGEST_BATCH).to_series()
    edges = number.rle_id() if len(texts) else number
    start = 0
    for length in edges.value_counts(sort=False).sort(edges.name or "size")["count"].to_list():
        for begin in range(start, start + length, _BATCH):
            yield begin, texts.slice(begin, min(_BATCH, start + length - begin))
        start += length
