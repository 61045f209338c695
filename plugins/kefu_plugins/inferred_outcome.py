"""推断解决率 · Inferred solved rate: how the sessions ended that nobody rated, from what the customer said.

Thanks, "it works" and "nothing else" against "no use", the question put again, and a call for a person after the
bot's answer. Silence is never taken for solved: what is not said lowers the coverage. Ratings are not touched: the
companion compares the two where a session has both. ``docs/outcome.md`` tells how well it does.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import (
    Addition,
    Count,
    Earliest,
    Evidence,
    Metric,
    OutcomeReader,
    Ratio,
    SessionColumns,
    TextColumn,
    Title,
    Total,
    col,
    hookimpl,
)

REPLIES = ["bot", "agent"]
CONTACT = col("customer_messages") > 0
RESOLVED, INFERRED = col("resolved").is_not_null(), col("inferred_outcome").is_not_null()
SOLVED, UNSOLVED = col("inferred_outcome") == "solved", col("inferred_outcome") == "unsolved"
UNRATED = CONTACT & ~RESOLVED & col("csat").is_null() & col("outcome_rated_at").is_null()
DECIDED = (col("role") == "customer") & (col("nth_of_role") == col("inferred_nth"))

WHYS = {
    "thanks": Title(zh="推断已解决：道谢", en="inferred solved: thanks"),
    "praise": Title(zh="推断已解决：称赞", en="inferred solved: praise"),
    "works": Title(zh="推断已解决：说好了", en="inferred solved: it works"),
    "no_more": Title(zh="推断已解决：没有别的问题", en="inferred solved: nothing else is wanted"),
    "no_use": Title(zh="推断未解决：说没用", en="inferred unsolved: no use"),
    "still": Title(zh="推断未解决：问题还在", en="inferred unsolved: the trouble is still there"),
    "asked_again": Title(zh="推断未解决：答后又问", en="inferred unsolved: asked again after the answer"),
    "asked_person": Title(zh="推断未解决：答后要人工", en="inferred unsolved: asked for a person after the answer"),
    "complaint": Title(zh="推断未解决：不满", en="inferred unsolved: the customer complains"),
}


@hookimpl
def kefu_columns() -> list[Addition]:
    """Read each text once, then the course of each session; note when a recommendation was rated."""
    return [
        TextColumn("outcome_remark", col("role") == "customer", OutcomeReader.remarks, pl.UInt8(), default=0),
        TextColumn("outcome_reply", col("role").is_in(REPLIES), OutcomeReader.replies, pl.UInt8(), default=0),
        SessionColumns(
            OutcomeReader.COLUMNS,
            where=col("role").is_in(["customer", *REPLIES]),
            needs=("role", "text", "outcome_remark", "outcome_reply"),
            build=OutcomeReader.infer,
        ),
        Earliest("outcome_rated_at", of="shown_at", where=col("outcome").is_not_null(), on="recommendations"),
    ]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``inferred_solved_rate`` and ``inferred_outcome_agreement``."""
    inferred = Total("inferred_solved", "inferred_unsolved")
    rate = Metric(
        name="inferred_solved_rate",
        title=Title(zh="推断解决率", en="Inferred solved rate"),
        on="sessions",
        measures={
            "inferred_solved": Count(UNRATED & SOLVED),
            "inferred_unsolved": Count(UNRATED & UNSOLVED),
            "unrated_contacts": Count(UNRATED),
        },
        value=Ratio("inferred_solved", inferred),
        coverage=Ratio(inferred, "unrated_contacts"),
        unit="ratio",
        better="higher",
        source="kefu, docs/outcome.md",
        reads=Title(
            zh="无人评价的会话中，从客户的话推断已解决 ÷（推断已解决 + 推断未解决）；沉默不算解决",
            en="of sessions that nobody rated, from what the customer said: "
            "inferred solved ÷ (inferred solved + inferred unsolved); silence is neither",
        ),
        left_out={Title(zh="没有决定性的话", en="no decisive word"): UNRATED & ~INFERRED},
        evidence=tuple(Evidence(DECIDED & (col("inferred_why") == why), title) for why, title in WHYS.items()),
    )
    return [
        rate,
        rate.companion(
            "inferred_outcome_agreement",
            Title(zh="推断与评价一致率", en="Inferred outcome, agreement with ratings"),
            measures={
                "inferred_as_rated": Count((SOLVED & col("resolved")) | (UNSOLVED & ~col("resolved"))),
                "inferred_and_rated": Count(RESOLVED & INFERRED),
                "rated_contacts": Count(RESOLVED & CONTACT),
            },
            value=Ratio("inferred_as_rated", "inferred_and_rated"),
            coverage=Ratio("inferred_and_rated", "rated_contacts"),
            reads=Title(
                zh="客户已评价是否解决、又能从其话推断的会话中，两者一致 ÷ 全部",
                en="of sessions that were rated resolved or not and whose outcome can be inferred from what the "
                "customer said, those where both agree",
            ),
            left_out={Title(zh="没有决定性的话", en="no decisive word"): RESOLVED & CONTACT & ~INFERRED},
        ),
    ]
