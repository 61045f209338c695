"""The words of every row: a line for the occasion, a template of the line, slots filled, dressed up."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl

from shop import flow, manner, slots
from shop.common import DAY, Ints, Settings
from shop.phrases import PhraseBook
from shop.staff import Staff
from shop.timing import Course

GROUPS = np.array([step.group for step in flow.STEPS])
TOPICAL = np.isin(GROUPS, ("ask", "again", "find", "hot"))
PAIRED = np.char.startswith(GROUPS, "pair_")
HOT = GROUPS == "hot"


@dataclass(frozen=True)
class Words:
    """What each row says: its text, the script behind it and the prepared answer (both -1 where there is none)."""

    text: pl.Series
    script: Ints
    hotspot: Ints


def say(settings: Settings, book: PhraseBook, staff: Staff, course: Course, agent: Ints, day: date) -> Words:
    """Return the words of a day; ``agent`` is the agent of each row, -1 where it has none."""
    rng = settings.random(course.number, 2)
    visits, rows = course.visits, course.rows
    line = _lines(rng, book, staff, course, agent)
    template = np.array(book.line_template)[line]
    template += (rng.random(len(line)) * np.array(book.line_count)[line]).astype(np.int64)
    hour = ((visits.opened % DAY) // 3600).astype(np.int64)
    people = visits.customer.astype(np.uint64)
    filled = slots.fill(book, slots.Session(visits.key, people, visits.topic, hour, day), staff.nicks)
    plain = _fill(book, template, filled, rows.session, agent)
    script = np.array(book.line_script)[line]
    text = manner.dress(rng, book.manner, GROUPS[rows.step], plain, script >= 0, filled.of("称呼", rows.session))
    return Words(text, script, np.array(book.line_hotspot)[line])


def _lines(rng: np.random.Generator, book: PhraseBook, staff: Staff, course: Course, agent: Ints) -> Ints:
    """Return the line of each row: prepared answers in turn, pairs by their number, the rest by chance and habit."""
    rows = course.rows
    group = _groups(rng, book, course)
    start = rng.integers(0, 60, size=len(course.visits))[rows.session]
    scripts, plain = np.array(book.group_scripts)[group], np.array(book.group_plain)[group]
    habit = np.where(agent >= 0, staff.habit[agent], 0.5)
    prepared = (plain == 0) | ((scripts > 0) & (rng.random(len(group)) < habit))
    luck = rng.random(len(group))
    number = np.where(prepared, luck * scripts, scripts + luck * plain).astype(np.int64)
    number = np.where(HOT[rows.step], (start + rows.hot) % np.maximum(plain, 1), number)
    return np.asarray(np.array(book.group_line)[group] + number)


def _groups(rng: np.random.Generator, book: PhraseBook, course: Course) -> Ints:
    rows = course.rows
    topic = course.visits.topic[rows.session]
    pairs = np.array([t.pairs for t in book.topics])
    offset = np.cumsum(pairs) - pairs
    start = rng.integers(0, 60, size=len(course.visits))[rows.session]
    pair = offset[topic] + (start + rows.pair) % pairs[topic]
    base = np.array([book.groups[name] for name in GROUPS.tolist()])[rows.step]
    return np.asarray(base + np.where(TOPICAL[rows.step], topic, 0) + np.where(PAIRED[rows.step], pair, 0))


def _fill(book: PhraseBook, template: Ints, filled: slots.Filled, session: Ints, agent: Ints) -> pl.Series:
    """Return the templates with the slots of their session and agent filled."""
    parts, kinds = list(zip(*book.parts, strict=True)), np.array(book.kinds)
    chosen = pl.Series(template)
    pieces = [pl.Series(parts[0], dtype=pl.String).gather(chosen)]
    for place in range(kinds.shape[1]):
        kind = kinds[template, place]
        at = np.where(kind == 0, 0, np.where(kind == 1, np.maximum(agent, 0), session))
        pieces.append(filled.at(kind, at))
        pieces.append(pl.Series(parts[place + 1], dtype=pl.String).gather(chosen))
    return pl.select(pl.concat_str(pieces)).to_series()
