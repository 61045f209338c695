"""热点使用 · Use of hotspots: what customers asked before a prepared answer, and what they did after it.

Of several answers of one hotspot in a session the last one counts, with the question that it was given to.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import Listed, Listing, OutcomeReader, Tables, Title, col, hookimpl, lit, when

NEXT = ("thanks", "left", "went_on", "again", "person")
"""What a customer did next: thanked, said nothing more, went on, asked again, asked for a person or got one."""
THANKED = OutcomeReader.codes("thanks", "praise", "works", "no_more")
AGAIN = OutcomeReader.codes("no_use", "still", "asked_again", "complaint")
PERSON = OutcomeReader.codes("asked_person")


@hookimpl
def kefu_listings() -> list[Listing]:
    """List the hotspots that the bot answered with."""
    return [
        Listing(
            name="hotspots",
            title=Title(zh="热点使用情况", en="Use of hotspots"),
            reads=Title(
                zh="机器人用过的预存答案：客户先问了什么，听完之后做了什么",
                en="prepared answers that the bot gave: what customers asked, and what they did next",
            ),
            where=col("role").is_in(["customer", "bot", "agent"]),
            needs=("role", "text", "hotspot_id", "outcome_remark", "session_id", "date"),
            gather=uses,
            keys={"hotspot_id": pl.String(), "date": pl.Date(), "next": pl.String(), "text": pl.String()},
            sums=("uses",),
            least={"session_id": pl.String()},
            tables=("hotspots",),
            build=by_hotspot,
            kept=30,
            columns={
                "hotspot_id": Title(zh="热点", en="Hotspot"),
                "title": Title(zh="标题", en="Title"),
                "uses": Title(zh="会话", en="Sessions"),
                "thanks": Title(zh="道谢", en="Thanked"),
                "left": Title(zh="没再说话", en="Said no more"),
                "went_on": Title(zh="继续问别的", en="Went on"),
                "again": Title(zh="又问一遍", en="Asked again"),
                "person": Title(zh="转人工", en="Went to a person"),
                "text": Title(zh="典型问题", en="Typical question"),
                "session_id": Title(zh="它的会话", en="Its session"),
            },
        )
    ]


def uses(messages: pl.DataFrame) -> pl.DataFrame:
    """Count the sessions in which a hotspot was the answer, by question and by what came next."""
    customer, session = col("role") == "customer", "session"
    spoken = messages.with_columns(
        asked=when(customer).then("text").forward_fill().over(session),
        later=when(col("role") == "agent")
        .then(lit("agent"))
        .when(customer)
        .then(col("outcome_remark").cast(pl.String))
        .shift(-1)
        .backward_fill()
        .over(session),
    )
    answers = spoken.filter((col("role") == "bot") & col("hotspot_id").is_not_null())
    remark = col("later").cast(pl.UInt8, strict=False)
    following = (
        when(col("later").is_null())
        .then(lit("left"))
        .when((col("later") == "agent") | remark.is_in(PERSON))
        .then(lit("person"))
        .when(remark.is_in(AGAIN))
        .then(lit("again"))
        .when(remark.is_in(THANKED))
        .then(lit("thanks"))
        .otherwise(lit("went_on"))
    )
    last = answers.with_columns(next=following, text="asked").unique(
        [session, "hotspot_id"], keep="last", maintain_order=True
    )
    return last.group_by("hotspot_id", "date", "next", "text").agg(col("session_id").min(), uses=pl.len())


def by_hotspot(rows: pl.DataFrame, tables: Tables, _: object) -> Listed:
    """Put the questions of each hotspot together, the most used hotspot first."""
    known = tables["hotspots"]
    titles = pl.DataFrame(schema={"hotspot_id": pl.String, "title": pl.String}) if known is None else known
    counts = [col("uses").filter(col("next") == name).sum().alias(name) for name in NEXT]
    asked = rows.group_by("hotspot_id", "text").agg(col("uses").sum(), col("session_id").min())
    typical = asked.sort("uses", "text", descending=[True, False], nulls_last=True).unique(
        "hotspot_id", keep="first", maintain_order=True
    )
    whole = rows.group_by("hotspot_id").agg(col("uses").sum(), *counts)
    told = whole.join(typical.drop("uses"), on="hotspot_id").join(
        titles.select("hotspot_id", "title"), on="hotspot_id", how="left"
    )
    return Listed(told.sort("uses", "hotspot_id", descending=[True, False]))
