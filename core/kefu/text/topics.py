"""热点话题 · Hot topics: questions that were asked in other words, brought together."""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import polars as pl

from kefu.context import Tokens
from kefu.text.following import KNOWN, following, kept
from kefu.text.lexicon import Lexicon
from kefu.text.linkage import Nearest, alike
from kefu.text.naming import middles, named
from kefu.text.questions import distinct_questions, spaced, topic_lists
from kefu.text.vectors import UNIT, Cutter, Space

Schema = dict[str, pl.DataType | type[pl.DataType]]

TOPICS: Schema = {
    "topic": pl.String,
    "label": pl.String,
    "tags": pl.List(pl.String),
    "questions": pl.Int64,
    "count": pl.Int64,
    "typical": pl.List(pl.String),
    "hotspot_id": pl.String,
    "hotspot_similarity": pl.Int64,
}
MEMBERS: Schema = {"text": pl.String, "topic": pl.String}
WORDS = pl.List(pl.String)
NO_TEXT = pl.lit(None, pl.String)
HOTSPOTS: Schema = {"hotspot_id": pl.String, "title": pl.String}


@dataclass(frozen=True, slots=True)
class TopicSettings:
    """What decides which questions are one topic.

    :param least_count: a topic was asked at least so often.
    :param least_questions: and in so many different wordings.
    :param enough: two groups of questions become one while their mean cosine is at least this.
    :param close: a question joins the nearest leader from this cosine on, before groups are compared.
    :param same: a topic is last night's if they share this much (weighted Jaccard index).
    :param near_hotspot: permille; a topic that is less like every hotspot is new.
    :param stop_words: leave out words that every question may hold.
    :param tags: so many words describe a topic at most.
    :param typical: so many questions show it at most.
    :param dimensions: so many directions of difference are looked at, at most.
    :param most_groups: so many close groups are compared at most; it bounds time and memory.
    """

    least_count: int = 5
    least_questions: int = 1
    enough: float = 0.4
    close: float = 0.8
    same: float = 0.3
    near_hotspot: int = 500
    stop_words: bool = True
    tags: int = 3
    typical: int = 5
    dimensions: int = 150
    most_groups: int = 15_000


@dataclass(frozen=True)
class Topics:
    """Topics, and where each text went.

    :param topics: a row per topic, the most asked first: ``topic`` (its id), ``label``, ``tags``, ``questions`` (how
        many different ones), ``count`` (how often they were asked), ``typical`` (some of them), ``hotspot_id`` (the
        nearest hotspot; null: there is none, the topic is new), ``hotspot_similarity`` (permille, of the nearest
        hotspot even if it is not near enough).
    :param members: ``text``, each once and sorted, and its ``topic``; null: other, it belongs to no topic.
    :param known: what :func:`group_topics` has to be given the next night for topics to keep their ids. It holds
        hashes of questions and no text.
    """

    topics: pl.DataFrame
    members: pl.DataFrame
    known: pl.DataFrame = field(repr=False)


def group_topics(
    questions: pl.DataFrame,
    *,
    known: pl.DataFrame | None = None,
    hotspots: pl.DataFrame | None = None,
    settings: TopicSettings | None = None,
    tokens: Tokens | None = None,
) -> Topics:
    """Group questions into topics; the order of the rows makes no difference.

    :param questions: ``text`` and ``count``, how often it was asked; rows without text or with a count below 1 are
        left out, equal texts are added up, other columns are ignored.
    :param known: ``known`` of the night before.
    :param hotspots: ``hotspot_id`` and ``title`` of prepared answers.
    :param tokens: the tokenizer; without one, jieba's dictionary alone.
    """
    settings = settings or TopicSettings()
    known = (known if known is not None else pl.DataFrame(schema=KNOWN)).select(*KNOWN)
    cutter = Cutter(Lexicon.load(topic_lists() / "stop_words.txt").words if settings.stop_words else (), tokens)
    found = distinct_questions(questions.select("text", "count"))
    asked = found.asked.with_columns(words=pl.Series(cutter.words(found.asked["spaced"].to_list()), dtype=WORDS))
    asked = asked.filter(pl.col("words").list.len() > 0).sort(["count", "member"], descending=[True, False])
    if asked.is_empty():
        return _assembled(found.texts, asked.with_columns(topic=NO_TEXT), pl.DataFrame(schema=TOPICS), known)
    space = Space(asked["words"].to_list(), settings.dimensions)
    groups = alike(space.rows, settings.close, settings.enough, settings.most_groups)
    asked = _large_enough(asked.with_columns(group=pl.Series(groups)), settings)
    topics = named(asked, space.rows, settings.tags, settings.typical)
    members = asked.drop_nulls("group")
    ids = following(members, topics.select("group", "founder"), known, settings.same)
    near = _nearest(hotspots, cutter, space, asked["group"], settings.near_hotspot)
    topics = topics.join(ids, on="group").join(near, on="group")
    return _assembled(found.texts, asked.join(ids, on="group", how="left"), topics, known)


def _large_enough(asked: pl.DataFrame, settings: TopicSettings) -> pl.DataFrame:
    """Take the group from questions whose group is no topic."""
    questions, count = pl.len().over("group"), pl.col("count").sum().over("group")
    large = (questions >= settings.least_questions) & (count >= settings.least_count) & (pl.col("group") >= 0)
    return asked.with_columns(group=pl.when(large).then("group"))


def _nearest(
    hotspots: pl.DataFrame | None, cutter: Cutter, space: Space, group: pl.Series, enough: int
) -> pl.DataFrame:
    """Return ``group``, ``hotspot_id`` and ``hotspot_similarity`` of each topic."""
    groups = group.drop_nulls().unique().sort()
    listed = (hotspots if hotspots is not None else pl.DataFrame(schema=HOTSPOTS)).select(*HOTSPOTS).drop_nulls()
    listed = listed.sort("hotspot_id", "title")
    titles = space.place(cutter.words(spaced(listed["title"]).to_list()))
    placed = group.is_not_null().to_numpy()
    means = middles(group.drop_nulls().to_numpy(), space.rows[placed])
    found = Nearest.of(means[groups.to_numpy()], titles)
    similar = pl.Series(np.maximum(found.product, -1.0).astype(np.int64) * 1_000 // UNIT**2)
    place = pl.Series(found.place).cast(pl.Int64)
    frame = pl.DataFrame({"group": groups, "place": place, "hotspot_similarity": similar})
    names = listed.select("hotspot_id").with_row_index("place").with_columns(pl.col("place").cast(pl.Int64))
    known = pl.col("hotspot_id").is_not_null()
    frame = frame.join(names, on="place", how="left").with_columns(
        hotspot_id=pl.when(pl.col("hotspot_similarity") >= enough).then("hotspot_id"),
        hotspot_similarity=pl.when(known).then(pl.col("hotspot_similarity").clip(0)),
    )
    return frame.drop("place")


def _assembled(texts: pl.DataFrame, asked: pl.DataFrame, topics: pl.DataFrame, known: pl.DataFrame) -> Topics:
    """Put the result in its order."""
    ordered = topics.select(*TOPICS).sort(["count", "label", "topic"], descending=[True, False, False])
    members = texts.join(asked.select("key", "topic"), on="key", how="left").select(*MEMBERS).sort("text")
    return Topics(ordered, members, kept(asked.drop_nulls("topic"), known))
