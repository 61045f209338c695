"""回复时间分布 · Reply times: how many customers waited how long for an answer, not just how long on average."""

from __future__ import annotations

import polars as pl

from kefu.plugin import (
    Block,
    Chart,
    Column,
    Figures,
    Reading,
    Section,
    Table,
    Title,
    bar_chart,
    col,
    hookimpl,
)
from kefu_plugins._figures import figure_of

STEPS = (5, 10, 20, 30, 60, 120, 300, 600, 1800)
"""The ends of the classes, in seconds."""
SPREAD = ("reply_interval_p50", "answered_turns")
"""The metric, and the measure of it, that says how often each reply time occurs."""
FIGURES = ("reply_interval", "reply_interval_p50", "reply_interval_p90", "first_response", "first_response_p90")
MINUTE = 60


@hookimpl
def kefu_sections() -> list[Section]:
    """Offer the distribution of reply times."""
    return [
        Section(
            name="reply_times",
            title=Title(zh="回复时间分布", en="Reply times"),
            reads=Title(
                zh="每个已获回复的轮次，客户等了多久。少数很长的等待会拉高平均值，所以也看中位数与 P90。",
                en="How long customers waited, over all answered turns. A few long waits raise the mean, so see the "
                "median and the 90th percentile too.",
            ),
            build=reply_times,
            order=30,
        )
    ]


def reply_times(reading: Reading) -> list[Block]:
    """Return the figures of reply times, and how many turns fall into each class."""
    known = {metric.name: metric for metric in reading.metrics}
    if SPREAD[0] not in known:
        return []
    classes = _classes(reading.spread(*SPREAD))
    total = sum(classes["n"])
    if not total:
        return []
    figures = Figures(tuple(figure_of(known[name], reading) for name in FIGURES if name in known))
    rows = tuple(
        (_label(low, high), n, n / total, upto / total)
        for low, high, n, upto in classes.with_columns(upto=col("n").cum_sum()).iter_rows()
    )
    table = Table(
        title=Title(zh="回复时间", en="Reply times"),
        columns=(
            Column(Title(zh="等待", en="Wait")),
            Column(Title(zh="轮次", en="Turns"), "whole"),
            Column(Title(zh="占比", en="Share"), "ratio"),
            Column(Title(zh="累计", en="Up to here"), "ratio"),
        ),
        rows=rows,
        note=Title(zh="各档的边界误差小于 1%。", en="The edges of the classes are exact to less than 1 %."),
    )
    most = max(rows, key=lambda row: row[1])
    chart = Chart(
        title=Title(zh="客户等了多久", en="How long customers waited"),
        says=Title(
            zh=f"各档等待时间的轮次占比，最多的一档是 {most[0]}，占 {most[2]:.1%}",
            en=f"Share of turns in each class of waiting time; most are in {most[0]}, {most[2]:.1%}",
        ),
        spec=bar_chart([(label, n, f"{share:.1%}") for label, n, share, _ in rows]),
        table=table,
    )
    return [figures, chart]


def _classes(sizes: pl.DataFrame) -> pl.DataFrame:
    """Return ``low``, ``high`` (seconds; the last has none) and ``n`` of each class; none that is empty ends them."""
    edges = pl.DataFrame({"low": [0, *STEPS], "high": [*STEPS, None]}, schema=dict.fromkeys(("low", "high"), pl.Int64))
    # times are often whole seconds: one that is at an edge lies in the bucket that reaches over it
    told = sizes.with_columns(second=col("high") // 1000).sort("second")
    placed = told.join_asof(edges.rename({"low": "from"}), left_on="second", right_on="from")
    counts = placed.group_by(low="from").agg(col("n").sum())
    every = edges.join(counts, on="low", how="left").with_columns(col("n").fill_null(0)).sort("low")
    return every.filter(col("n").reverse().cum_sum().reverse() > 0)


def _label(low: int, high: int | None) -> str:
    if high is None:
        return f"≥ {_time(low)}"
    return f"< {_time(high)}" if not low else f"{_time(low)} – {_time(high)}"


def _time(seconds: int) -> str:
    return f"{seconds}s" if seconds < MINUTE else f"{seconds // MINUTE}m"
