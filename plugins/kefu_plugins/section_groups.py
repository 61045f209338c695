"""分组 · By group: the ten metrics by queue, channel, scene, team and agent."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

from kefu.plugin import Block, Column, Reading, Section, Table, Title, hookimpl
from kefu_plugins._titles import GROUPS, ten_metrics

EACH_END = 10
"""Of many agents so many are shown whose customers wait longest, and as many whose customers wait least."""
MOST_GROUPS = 30
COUNTED = "agent_closed_rate"
"""A metric that counts human sessions in every grouping."""
SIZE = "human_sessions"
WAIT = "reply_interval"

Group = tuple[str, Mapping[str, Any]]


@hookimpl
def kefu_sections() -> list[Section]:
    """Offer the tables by queue, channel, scene and team, and that of agents."""
    return [
        Section(
            name="by_group",
            title=Title(zh="队列、渠道与团队", en="Queues, channels and teams"),
            reads=Title(
                zh="同样的指标，按组比较。“–”表示没有数据，或该指标不按此分组。",
                en="The same metrics, group by group. “–” is no data, or a metric that has no such groups.",
            ),
            build=by_group,
            order=20,
        ),
        Section(
            name="by_agent",
            title=Title(zh="客服", en="Agents"),
            reads=Title(
                zh="两位客服先后服务的会话，在两人名下各计一次，所以各行之和会大于合计。",
                en="A session that two agents served counts for each of them, so rows add up to more than the total.",
            ),
            build=by_agent,
            order=25,
        ),
    ]


def by_group(reading: Reading) -> list[Block]:
    """Return a table for each grouping that has more than one group."""
    return [
        _table(by, groups[:MOST_GROUPS], reading, len(groups))
        for by in ("queue", "channel", "scene", "team")
        if len(groups := _groups(by, reading)) > 1
    ]


def by_agent(reading: Reading) -> list[Block]:
    """Return the agents, those with the longest waits first; of many both ends."""
    groups = [group for group in _groups("agent_id", reading) if group[0] != "unknown"]
    if not groups:
        return []
    groups.sort(key=partial(_longest_first))
    shown = groups
    if len(groups) > 2 * EACH_END:
        least = sum(_size(group) for group in groups) / len(groups) / 4
        busy = [group for group in groups if _size(group) >= least and _wait(group) is not None]
        shown = [*busy[:EACH_END], *busy[-EACH_END:]] if len(busy) > 2 * EACH_END else groups[: 2 * EACH_END]
    return [_table("agent_id", shown, reading, len(groups))]


def _groups(by: str, reading: Reading) -> list[Group]:
    """Return the groups, the largest first."""
    names = [metric.name for metric in ten_metrics(reading)]
    return sorted(reading.groups(by, names), key=lambda group: (-_size(group), group[0]))


def _size(group: Group) -> int:
    told = group[1].get(COUNTED)
    return 0 if told is None else told.measures.get(SIZE) or 0


def _wait(group: Group) -> float | None:
    told = group[1].get(WAIT)
    return None if told is None else told.value


def _longest_first(group: Group) -> tuple[bool, float, str]:
    wait = _wait(group)
    return wait is None, -(wait or 0.0), group[0]


def _table(by: str, groups: Sequence[Group], reading: Reading, total: int) -> Table:
    metrics = [m for m in ten_metrics(reading) if any(group[1][m.name].value is not None for group in groups)]
    names = _names(reading) if by == "agent_id" else {}
    rows = tuple(
        (
            f"{key} {names[key]}" if names.get(key) else key,
            _size((key, values)),
            *(values[metric.name].value for metric in metrics),
        )
        for key, values in groups
    )
    columns = (
        Column(GROUPS[by]),
        Column(Title(zh="人工会话", en="Human sessions"), "whole"),
        *(Column(metric.title, metric.unit) for metric in metrics),
    )
    what = GROUPS[by]
    title = Title(zh=f"按{what.zh}", en=f"By {what.en.lower()}")
    return Table(title, columns, rows, _left_out(by, len(groups), total))


def _left_out(by: str, shown: int, total: int) -> Title | None:
    """Say how many groups the table leaves out, and how to see them."""
    if shown == total:
        return None
    if by != "agent_id":
        return Title(
            zh=f"另有 {total - shown} 组：kefu show --by {by}", en=f"… and {total - shown} more: kefu show --by {by}"
        )
    return Title(
        zh=f"按平均回复间隔从长到短：最长与最短的各 {shown // 2} 位（会话不少于人均四分之一）；"
        f"另有 {total - shown} 位：kefu show --by agent_id",
        en=f"From the longest reply interval to the shortest: {shown // 2} of each end, with at least a quarter of the "
        f"usual sessions; … and {total - shown} more: kefu show --by agent_id",
    )


def _names(reading: Reading) -> dict[str, str | None]:
    agents = reading.table("agents")
    if agents is None or "name" not in agents.columns:
        return {}
    return dict(agents.select("agent_id", "name").iter_rows())
