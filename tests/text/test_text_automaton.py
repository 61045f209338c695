"""All occurrences of all patterns, in many texts at once and in endless ones."""

from __future__ import annotations

from itertools import pairwise

import numpy as np
import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from kefu.text.automaton import Automaton, Found
from kefu.text.beside import Beside
from kefu.text.holding import sizes_of

SIGNS = "ab滚蛋😀你"
PATTERNS = st.lists(st.text(SIGNS, min_size=1, max_size=4), min_size=1, max_size=6, unique=True)


def automaton(patterns: list[str]) -> Automaton:
    return Automaton(patterns, np.arange(len(patterns)) + 10, max(map(len, patterns)), len(patterns))


def places(text: str, patterns: list[str]) -> list[tuple[int, int, int]]:
    """Find the occurrences one by one: pattern, start and end."""
    starts = ((number, start) for number in range(len(patterns)) for start in range(len(text)))
    found = [(n + 10, s, s + len(patterns[n])) for n, s in starts if text.startswith(patterns[n], s)]
    return sorted(found, key=lambda row: (row[1], -row[2]))


def rows(found: Found) -> list[tuple[int, ...]]:
    return [*zip(*(column.tolist() for column in (found.text, found.pattern, found.start, found.end)), strict=True)]


@settings(deadline=None)
@given(PATTERNS, st.lists(st.text(SIGNS + "\n", max_size=12), min_size=1, max_size=8))
def test_a_run_of_texts_gives_what_each_gives(patterns: list[str], texts: list[str]) -> None:
    found = automaton(patterns).found(texts, sizes_of(pl.Series(texts)))
    assert sorted(rows(found)) == sorted((n, *p) for n, text in enumerate(texts) for p in places(text, patterns))
    assert found.text.tolist() == sorted(found.text.tolist())
    for text, at, start, end in zip(found.text, found.at, found.start, found.end, strict=True):
        written = "".join(map(chr, found.signs[at : at + end - start]))
        assert written == texts[text][start:end]
    assert [automaton(patterns).in_one(text) for text in texts] == [places(text, patterns) for text in texts]


@settings(deadline=None)
@given(PATTERNS, st.lists(st.tuples(st.sampled_from(SIGNS), st.integers(1, 40)), min_size=1, max_size=5), st.data())
def test_windows_count_every_occurrence_once(
    patterns: list[str], drawn: list[tuple[str, int]], data: st.DataObject
) -> None:
    text = "".join(sign * times for sign, times in drawn)
    seams = sorted({0, len(text), *data.draw(st.lists(st.integers(0, len(text)), max_size=6))})
    assert all(low < high for low, high in pairwise(seams))
    counts = dict.fromkeys(range(10, 10 + len(patterns)), 0)
    for pattern, times in automaton(patterns).windows(text, seams):
        for number in pattern.tolist():
            counts[number] += times
    expected = [number for number, _, _ in places(text, patterns)]
    assert counts == {number: expected.count(number) for number in counts}


@given(st.lists(st.integers(0, 3_000_000), min_size=1, max_size=40))
def test_runs_are_of_limited_size_and_leave_nothing_out(sizes: list[int]) -> None:
    runs = [*automaton(["a", "b", "ab"]).runs(np.array(sizes))]
    assert [number for run in runs for number in range(run.start, run.stop)] == [*range(len(sizes))]
    assert all(run.stop - run.start == 1 or sum(sizes[run]) <= 350_000 for run in runs)


@given(st.lists(st.tuples(st.integers(0, 200_000), st.integers(0, 1), st.text(SIGNS, min_size=1, max_size=2))))
def test_what_may_stand_beside_a_pattern_is_never_denied(neighbours: list[tuple[int, int, str]]) -> None:
    beside = Beside.of(neighbours)
    for pattern, side, near in neighbours:
        first, second = np.array([ord(near[0])], dtype=np.uint32), np.array([ord(near[-1])], dtype=np.uint32)
        assert beside.may(np.array([pattern]), side, first, second if near[1:] else None).all()


def test_few_others_are_let_through() -> None:
    known = [(number, number % 2, chr(0x4E00 + number) + chr(0x5E00 + number)) for number in range(2_000)]
    beside, signs = Beside.of(known), np.arange(0x6E00, 0x6E00 + 2_000, dtype=np.uint32)
    for side in (0, 1):
        assert beside.may(np.arange(2_000), side, signs, signs).mean() < 0.02
