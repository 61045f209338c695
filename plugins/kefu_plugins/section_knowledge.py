"""话术与话题 · Knowledge: which scripts are used and which never, what customers ask, what needs repair."""

from __future__ import annotations

import polars as pl

from kefu.plugin import (
    Block,
    Chart,
    Column,
    Note,
    Reading,
    Section,
    Table,
    Title,
    bar_chart,
    col,
    hookimpl,
)

MOST = 10
"""So many scripts, topics or items a table shows."""
STATES = {
    "open": Title(zh="待修复", en="Open"),
    "in_repair": Title(zh="修复中", en="In repair"),
    "repaired": Title(zh="已修复", en="Repaired"),
    "verified": Title(zh="已验证", en="Verified"),
    "dismissed": Title(zh="已搁置", en="Dismissed"),
}
OVERDUE = Title(zh="逾期", en="Overdue")
SUBJECTS = {"hotspot": Title(zh="热点", en="Hotspot"), "topic": Title(zh="话题", en="Topic")}
USES = Column(Title(zh="使用", en="Uses"), "whole")
TEXT = Column(Title(zh="内容", en="Text"))


@hookimpl
def kefu_sections() -> list[Section]:
    """Offer the sections about scripts, topics and the repair queue."""
    return [
        Section(
            name="scripts_used",
            title=Title(zh="话术", en="Scripts"),
            reads=Title(
                zh="用得最多的话术，以及整个期间从未用过的。",
                en="The scripts that are used most, and those that nobody used in the period.",
            ),
            build=scripts_used,
            order=60,
        ),
        Section(
            name="topics_asked",
            title=Title(zh="热点话题", en="Hot topics"),
            reads=Title(
                zh="机器人没听懂或没解决的问题，按话题归并；取自存储最后一夜及之前六天。",
                en="Questions that the bot did not understand or nobody solved, brought together by topic; of the last "
                "night of the store and the six days before it.",
            ),
            build=topics_asked,
            order=62,
        ),
        Section(
            name="repair_queue",
            title=Title(zh="修复队列", en="Repair queue"),
            reads=Title(
                zh="需要修复的热点与话题，按可挽回的会话数排列；状态为报告生成时的状态。",
                en="Hotspots and topics that need repair, by the sessions that a repair would save, as they are now.",
            ),
            build=repair_queue,
            order=64,
        ),
    ]


def scripts_used(reading: Reading) -> list[Block]:
    """Return the scripts that are used most, and those that never are."""
    listed = reading.listed("scripts")
    if listed is None:
        return []
    used, never = listed.filter(col("uses") > 0), listed.filter(col("uses") == 0)
    top = used.head(MOST)
    changed = (col("affix") + col("edited")) / col("uses")
    rows = tuple(top.select("script_id", "text", "uses", changed=changed).iter_rows())
    table = Table(
        title=Title(zh="用得最多", en="Used most"),
        columns=(Column(Title(zh="话术", en="Script")), TEXT, USES, Column(Title(zh="改过", en="Changed"), "ratio")),
        rows=rows,
        note=_more(len(used) - len(top), "kefu list scripts"),
    )
    chart = Chart(
        title=Title(zh="使用次数", en="Uses"),
        says=Title(
            zh=f"用得最多的 {len(rows)} 条话术的使用次数，最多的是 {rows[0][0]}，{rows[0][2]} 次",
            en=f"Uses of the {len(rows)} scripts that are used most; {rows[0][0]} leads with {rows[0][2]}",
        )
        if rows
        else Title(zh="没有使用", en="No uses"),
        spec=bar_chart([(str(script), uses, f"{uses:,}") for script, _, uses, _ in rows]),
        table=table,
    )
    unused = Table(
        title=Title(zh=f"从未使用（{len(never)} 条）", en=f"Never used ({len(never)})"),
        columns=(Column(Title(zh="话术", en="Script")), TEXT),
        rows=tuple(never.head(MOST).select("script_id", "text").iter_rows()),
        note=_more(len(never) - MOST, "kefu list scripts"),
    )
    return [*([chart] if rows else []), *([unused] if len(never) else [])]


def topics_asked(reading: Reading) -> list[Block]:
    """Return the topics that were asked about most."""
    topics = reading.topics()
    if topics.is_empty():
        return []
    named = topics.filter(col("topic") != "other")
    top = named.head(MOST)
    rows = tuple(top.select("label", "asked", "unrecognised", "unsolved", "with_person").iter_rows())
    if not rows:
        return []
    numbers = (
        Title(zh="提问", en="Asked"),
        Title(zh="没听懂", en="Not understood"),
        Title(zh="没解决", en="Unsolved"),
        Title(zh="转人工", en="With a person"),
    )
    table = Table(
        title=Title(zh="问得最多的话题", en="Asked most"),
        columns=(
            Column(Title(zh="典型问法（已脱敏）", en="Typical question (masked)")),
            *(Column(title, "whole") for title in numbers),
        ),
        rows=rows,
        note=_more(len(named) - len(top), "kefu list topics"),
    )
    chart = Chart(
        title=Title(zh="提问次数", en="How often"),
        says=Title(
            zh=f"问得最多的 {len(rows)} 个话题，最多的是“{rows[0][0]}”，{rows[0][1]} 次",
            en=f"The {len(rows)} topics that are asked about most; “{rows[0][0]}” leads with {rows[0][1]}",
        ),
        spec=bar_chart([(str(row[0]), row[1], f"{row[1]:,}") for row in rows]),
        table=table,
    )
    return [chart]


def repair_queue(reading: Reading) -> list[Block]:
    """Return how many items are in each state, and those that wait."""
    items = reading.repairs()
    if items.is_empty():
        return []
    counts = dict(items.group_by("state").agg(pl.len()).iter_rows())
    told = [*((title, counts.get(state, 0)) for state, title in STATES.items()), (OVERDUE, int(items["overdue"].sum()))]
    figures = Table(
        title=Title(zh="状态", en="State"),
        columns=(Column(Title(zh="状态", en="State")), *(Column(title, "whole") for title, _ in told)),
        rows=((Title(zh="项", en="Items"), *(count for _, count in told)),),
    )
    waiting = items.filter(col("state").is_in(["open", "in_repair"]))
    waiting = waiting.sort("saves", "id", descending=[True, False])
    known = reading.reason_titles()
    rows = tuple(
        (
            title,
            SUBJECTS[subject],
            _together([known.get(one, Title(zh=one, en=one)) for one in why]),
            saves,
            due,
            _together([STATES[state], *([OVERDUE] if late else [])]),
        )
        for title, subject, why, saves, due, state, late in waiting.head(MOST)
        .select("title", "subject", "reasons", "saves", "due_on", "state", "overdue")
        .iter_rows()
    )
    columns = (
        Column(Title(zh="问题", en="Item")),
        Column(Title(zh="类型", en="Kind")),
        Column(Title(zh="原因", en="Why")),
        Column(Title(zh="可挽回会话", en="Sessions saved"), "whole"),
        Column(Title(zh="截止", en="Due"), "date"),
        Column(Title(zh="状态", en="State")),
    )
    first = Table(
        Title(zh="最值得先修的", en="What to repair first"),
        columns,
        rows,
        _more(len(waiting) - len(rows), "kefu queue list"),
    )
    return [figures, *([first] if rows else [Note(Title(zh="没有待办的项目。", en="Nothing waits."))])]


def _together(titles: list[Title]) -> Title:
    return Title(zh="、".join(one.zh for one in titles), en=", ".join(one.en for one in titles))


def _more(left: int, command: str) -> Title | None:
    """Say how many rows a table leaves out, and how to see them."""
    return Title(zh=f"另有 {left} 条：{command}", en=f"… and {left} more: {command}") if left > 0 else None
