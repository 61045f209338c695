"""Questions as vectors: near vectors, like questions."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from functools import lru_cache
from typing import Any

import numpy as np
from numpy.typing import NDArray

from kefu.context import Tokens
from kefu.text.tokenizer import Tokenizer

UNIT = 4_000
"""The length of a row. Coordinates are whole numbers, so the product of two rows is a whole number below 2 to the 24
that 32-bit floats hold exactly: however a machine adds it up, it is the same."""

GRAM = 3
"""Words in letters are also taken apart into pieces of so many letters: card, cards and carded share some."""

FEWEST_DIMENSIONS = 100
"""Few questions differ in few directions: a hundred, and one more for every hundred questions."""

MOST_LEARNT = 30_000
"""The directions are learnt from so many questions, the first ones."""

_ROUNDS = 4
_SEED = 20_260_701
_FAINTEST = 0.5
"""A row that is shorter than this before it is made longer stays short: the directions hold little of the question."""
_BLOCK = 16_384
_REMEMBERED = 200_000

Rows = NDArray[np.float32]


class Cutter:
    """Takes questions apart into the words that say what they are about.

    :param stop_words: words that are left out.
    :param tokens: the tokenizer; without one, jieba's dictionary alone.
    """

    def __init__(self, stop_words: Iterable[str] = (), tokens: Tokens | None = None) -> None:
        """Remember the words; the dictionary is loaded at the first cut."""
        self._left_out = frozenset(stop_words) | {"0", " "}
        self._tokenizer = tokens or Tokenizer()

    def words(self, texts: Iterable[str]) -> list[list[str]]:
        """Return the words of each text that are not left out."""
        return [[word for word in self._tokenizer.cut(text) if word not in self._left_out] for text in texts]


class Space:
    """The features of a set of questions, and the directions in which the questions differ most.

    Features are words, and within words the Chinese characters and pairs of them, or three letters in a row; they
    are weighted by tf·idf. The directions come from a singular value decomposition with a fixed seed, in 64 bits:
    what two machines make of its last digits is gone once coordinates are rounded.
    """

    rows: Rows
    """A row of length ``UNIT`` per question; shorter where little of it is known."""

    def __init__(self, questions: Sequence[Sequence[str]], dimensions: int) -> None:
        """Learn from the words of questions, in a fixed order; there has to be a word at all."""
        from sklearn.feature_extraction.text import TfidfVectorizer

        options: dict[str, Any] = {"analyzer": features, "dtype": np.float64, "sublinear_tf": True}
        self._tfidf = TfidfVectorizer(**options)
        matrix = self._tfidf.fit_transform(questions)
        most = min(dimensions, FEWEST_DIMENSIONS + len(questions) // 100)
        self._directions = _directions(matrix[:MOST_LEARNT], most)
        self.rows = self._placed(matrix)

    def place(self, questions: Sequence[Sequence[str]]) -> Rows:
        """Return rows for further questions; the more of one is new here, the shorter its row."""
        if not questions:
            return self.rows[:0]
        shares = np.array([self._known(words) for words in questions], dtype=np.float64)
        return whole(self._placed(self._tfidf.transform(questions)) * _column(shares))

    def _known(self, words: Iterable[str]) -> float:
        """Return the part of a question's length that lies in features known here."""
        places = [self._tfidf.vocabulary_.get(part) for part in set(features(words))]
        weights = self._tfidf.idf_[[place for place in places if place is not None]]
        known = float(weights @ weights)
        new = places.count(None) * float(self._tfidf.idf_.max()) ** 2
        return (known / (known + new)) ** 0.5 if known else 0.0

    def _placed(self, matrix: Any) -> Rows:  # noqa: ANN401 - scipy has no types
        """Turn rows of features into rows of whole numbers of equal length."""
        placed = np.empty((matrix.shape[0], self._directions.shape[1]), dtype=np.float32)
        for start in range(0, len(placed), _BLOCK):
            rows = matrix[start : start + _BLOCK] @ self._directions
            length = np.maximum(np.linalg.norm(rows, axis=1), _FAINTEST)
            placed[start : start + _BLOCK] = whole(rows * _column(UNIT / length))
        return placed


@lru_cache(_REMEMBERED)
def _parts(word: str) -> tuple[str, ...]:
    """Return the features of a word; a sign in front tells them from words."""
    if word.isascii():
        edged = f"<{word}>"
        return (word, *(f"~{edged[at : at + GRAM]}" for at in range(len(edged) - GRAM + 1)))
    pairs = (f"~{word[at : at + 2]}" for at in range(len(word) - 1))
    return (word, *(f"~{sign}" for sign in word), *pairs)


def features(words: Iterable[str]) -> list[str]:
    """Return the features of a question."""
    return [part for word in words for part in _parts(word)]


def _directions(matrix: Any, dimensions: int) -> NDArray[np.float64]:  # noqa: ANN401 - scipy has no types
    """Find the directions that hold most of the matrix, as columns."""
    from sklearn.utils.extmath import randomized_svd

    options: dict[str, Any] = {"n_iter": _ROUNDS, "random_state": _SEED}
    found = randomized_svd(matrix, min(dimensions, *matrix.shape), **options)[2]
    return np.ascontiguousarray(found.T)


def whole(rows: NDArray[np.floating]) -> Rows:
    """Round coordinates to whole numbers."""
    return np.asarray(np.rint(rows), dtype=np.float32)


def _column(values: NDArray[np.float64]) -> NDArray[np.float64]:
    """Lay values out to multiply rows by them."""
    return values.reshape(-1, 1)
