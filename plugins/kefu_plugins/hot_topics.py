"""热点话题 · Hot topics: what customers ask and the bot or the agents do not settle.

A question counts if the bot answered that it did not understand, or if it opened a session that ended unsolved: said
so by ``resolved``, or inferred from the customer's words. Questions are brought together by what they are about; what
belongs to no topic is in the last row, ``other``. Options, in ``[plugin.hot_topics]``, are those of ``TopicSettings``.
"""

from __future__ import annotations

from functools import partial

import polars as pl

from kefu.plugin import (
    Context,
    Listed,
    Listing,
    Reason,
    Seen,
    Tables,
    Title,
    TopicSettings,
    col,
    group_topics,
    hookimpl,
    when,
)

OTHER = "other"
KEPT = 7
"""Topics are made of the questions of so many days."""
ASKED = ("asked", "unrecognised", "unsolved", "with_person")


@hookimpl
def kefu_listings(context: Context) -> list[Listing]:
    """List the topics."""
    return [
        Listing(
            name="topics",
            title=Title(zh="热点话题", en="Hot topics"),
            reads=Title(
                zh="机器人没听懂或没解决的问题，按话题归并，问得多的在前；最后一行是归不进任何话题的问题",
                en="questions that were not understood or not solved, by topic, the commonest first; "
                "the last row is what belongs to none",
            ),
            where=col("role").is_in(["customer", "bot"]),
            needs=("text", "role", "recognised", "date", "resolved", "inferred_outcome", "handed_off"),
            gather=open_questions,
            keys={"text": pl.String(), "date": pl.Date()},
            sums=ASKED,
            tables=("hotspots",),
            kept=KEPT,
            build=partial(by_topic, settings=TopicSettings(**context.options), context=context),
            columns={
                "topic": Title(zh="话题", en="Topic"),
                "label": Title(zh="典型问题", en="Label"),
                "asked": Title(zh="次数", en="Asked"),
                "trend": Title(zh="每日", en="By day"),
                "questions": Title(zh="问法", en="Wordings"),
                "unrecognised": Title(zh="没听懂", en="Not understood"),
                "unsolved": Title(zh="没解决", en="Unsolved"),
                "with_person": Title(zh="转人工", en="With a person"),
                "person_share": Title(zh="转人工占比 %", en="With a person, %"),
                "hotspot_id": Title(zh="最近的热点", en="Nearest hotspot"),
                "tags": Title(zh="关键词", en="Tags"),
                "typical": Title(zh="例句", en="Typical questions"),
            },
        )
    ]


@hookimpl
def kefu_reasons() -> list[Reason]:
    """Put topics that the bot did not understand into the queue."""
    return [
        Reason(
            "unrecognised",
            Title(zh="没听懂", en="Not understood"),
            Title(
                zh="最近一周机器人没听懂的问题，归成了一个话题",
                en="questions of the last week that the bot did not understand, brought together as a topic",
            ),
            not_understood,
        )
    ]


def not_understood(seen: Seen) -> pl.DataFrame:
    """Return the topics with questions that were not understood; one near a hotspot is a matter of that hotspot."""
    topics = seen.listed.get("topics")
    if topics is None:
        topics = pl.DataFrame(
            schema={**dict.fromkeys(("topic", "label", "hotspot_id"), pl.String), "typical": pl.List(pl.String)}
        ).with_columns(pl.lit(None, pl.Int64).alias(name) for name in ASKED)
    known = (
        seen.tables["hotspots"]
        if seen.tables["hotspots"] is not None
        else pl.DataFrame(schema={"hotspot_id": pl.String, "title": pl.String})
    ).select("hotspot_id", "title")
    asked = topics.filter(col("topic") != OTHER, col("unrecognised") > 0).join(known, on="hotspot_id", how="left")
    near = col("title").is_not_null()
    told = asked.with_columns(
        subject=when(near).then(pl.lit("hotspot")).otherwise(pl.lit("topic")),
        subject_id=when(near).then("hotspot_id").otherwise("topic"),
        title=when(near).then("title").otherwise("label"),
    ).sort("unrecognised", "topic", descending=[True, False])
    return told.group_by("subject", "subject_id", maintain_order=True).agg(
        col("title").first(),
        sessions=col("unrecognised").sum(),
        gap=pl.lit(1.0),
        topics="topic",
        unrecognised=col("unrecognised").sum(),
        asked=col("asked").sum(),
        with_person=col("with_person").sum(),
        questions=col("typical").list.explode().head(5),
        window_days=pl.lit(KEPT),
    )


def open_questions(messages: pl.DataFrame) -> pl.DataFrame:
    """Count the questions of each session that were not understood or not solved; one asked twice counts once."""
    by_customer, session = col("role") == "customer", "session"
    told = messages.with_columns(
        answered_by=col("role").shift(-1).over(session),
        understood=col("recognised").shift(-1).over(session),
        nth=by_customer.cum_sum().over(session),
        open=(col("inferred_outcome") == "unsolved") | ~col("resolved"),
    ).filter(by_customer & col("text").is_not_null())
    told = told.with_columns(
        unrecognised=((col("answered_by") == "bot") & ~col("understood")).fill_null(value=False),
        unsolved=((col("nth") == 1) & col("open")).fill_null(value=False),
    ).filter(col("unrecognised") | col("unsolved"))
    once = told.group_by(session, "text").agg(col("date", "handed_off").first(), col("unrecognised", "unsolved").max())
    return once.group_by("text", "date").agg(
        col("unrecognised", "unsolved").sum(), asked=pl.len(), with_person=col("handed_off").sum()
    )


def by_topic(
    rows: pl.DataFrame, tables: Tables, memory: pl.DataFrame | None, *, settings: TopicSettings, context: Context
) -> Listed:
    """Bring the questions together and say of each topic what became of it."""
    questions = rows.group_by("text").agg(count=col("asked").sum())
    hotspots = tables["hotspots"]
    titles = None if hotspots is None else hotspots.select("hotspot_id", "title")
    found = group_topics(questions, known=memory, hotspots=titles, settings=settings, tokens=context.tokens())
    asked = rows.join(found.members, on="text").with_columns(col("topic").fill_null(OTHER))
    sums = asked.group_by("topic").agg(col(*ASKED).sum(), wordings=col("text").n_unique())
    told = sums.join(found.topics, on="topic", how="left").join(_by_day(asked), on="topic")
    known = col("topic") != OTHER
    told = told.with_columns(
        label=when(known).then("label").otherwise(pl.lit("其他 other")),
        questions=when(known).then("questions").otherwise(col("wordings").cast(pl.Int64)),
        hotspot_id=when(known).then(col("hotspot_id").fill_null("新 new")),
        person_share=(100 * col("with_person") + col("asked") // 2) // col("asked"),
    )
    return Listed(told.sort(known, "asked", "label", "topic", descending=[True, True, False, False]), found.known)


def _by_day(asked: pl.DataFrame) -> pl.DataFrame:
    """Return how often each topic was asked on each day of the period, in order."""
    days = (
        asked.select(date=pl.date_range(col("date").min(), col("date").max())) if len(asked) else asked.select("date")
    )
    every = asked.select("topic").unique().join(days, how="cross")
    counts = asked.group_by("topic", "date").agg(col("asked").sum())
    filled = every.join(counts, on=["topic", "date"], how="left").with_columns(col("asked").fill_null(0))
    return filled.sort("topic", "date").group_by("topic", maintain_order=True).agg(trend="asked")
