"""客户辱骂会话占比 · Customer abuse: how often agents have to read it.

Sessions in which the customer abuses, discriminates or is obscene, by the same lists that agents are judged by. It says
nothing about agents' own words and is in none of their metrics; promises and refusals are no faults of a customer.
"""

from __future__ import annotations

import polars as pl

from kefu.plugin import Addition, Context, Count, Evidence, Metric, Ratio, Tally, TextColumn, Title, col, hookimpl

BY_CUSTOMER = col("role") == "customer"


@hookimpl
def kefu_columns(context: Context) -> list[Addition]:
    """Count the abusive words of each customer message."""
    finder = context.words("sensitive", "abuse", "discrimination", "obscenity")
    return [
        TextColumn("customer_sensitive_words", BY_CUSTOMER, finder.counts, pl.UInt32(), default=0),
        Tally("customer_sensitive_hits", of=col("customer_sensitive_words")),
    ]


@hookimpl
def kefu_metrics() -> list[Metric]:
    """Offer ``customer_abuse_rate``."""
    return [
        Metric(
            name="customer_abuse_rate",
            title=Title(zh="客户辱骂会话占比", en="Customer-abuse rate"),
            on="sessions",
            measures={
                "abusive_contacts": Count(col("customer_sensitive_hits") > 0),
                "contacts": Count(col("customer_messages") > 0),
            },
            value=Ratio("abusive_contacts", "contacts"),
            unit="ratio",
            better="lower",
            source="kefu, docs/lexicons.md",
            reads=Title(
                zh="客户消息中有辱骂、歧视或污言秽语的会话 ÷ 有客户消息的会话",
                en="sessions with abuse, discrimination or obscenity by the customer ÷ contacts",
            ),
            evidence=(
                Evidence(
                    BY_CUSTOMER & (col("customer_sensitive_words") > 0),
                    Title(zh="客户辱骂", en="abuse by the customer"),
                    marks="sensitive",
                    keep=col("customer_sensitive_hits") > 0,
                ),
            ),
        ),
    ]
