"""一览 · At a glance: the ten metrics with their change, their target, what drove them, and their trend."""

from __future__ import annotations

from kefu.plugin import (
    Block,
    Chart,
    Column,
    Figures,
    Metric,
    Reading,
    Section,
    Table,
    Title,
    hookimpl,
    line_chart,
)
from kefu_plugins._figures import figure_of
from kefu_plugins._titles import GROUPS, ten_metrics

MOST_DRIVERS = 2
"""So many groups are named as those that drove a change."""
LEAST_EFFECT = 0.1
"""A group that has a smaller part in the change than this did not drive it."""


@hookimpl
def kefu_sections() -> list[Section]:
    """Offer the section that the report begins with."""
    return [
        Section(
            name="glance",
            title=Title(zh="一览", en="At a glance"),
            reads=Title(
                zh="十大指标：本期数值、与上期相比的变化、变化来自哪里、以及趋势。空心点属于本期之前。",
                en="The ten metrics: the value, its change since the period before, what drove it, and the trend. "
                "Hollow points are from before the period.",
            ),
            build=at_a_glance,
            order=10,
        )
    ]


def at_a_glance(reading: Reading) -> list[Block]:
    """Return a figure for each of the ten metrics."""
    figures = tuple(
        figure_of(metric, reading, _drivers(metric, reading), _trend(metric, reading))
        for metric in ten_metrics(reading)
    )
    return [Figures(figures)] if figures else []


def _drivers(metric: Metric, reading: Reading) -> tuple[Title, ...]:
    """Say which groups drove a change."""
    found = reading.drivers(metric.name)
    least = LEAST_EFFECT * sum(abs(driver.effect) for driver in found)
    told = [driver for driver in found[:MOST_DRIVERS] if abs(driver.effect) > least and driver.effect]
    return tuple(
        Title(
            zh=f"来自{GROUPS[driver.by].zh} {driver.key}：{_effect(driver.effect, metric)}",
            en=f"from {GROUPS[driver.by].en.lower()} {driver.key}: {_effect(driver.effect, metric)}",
        )
        for driver in told
    )


def _effect(effect: float, metric: Metric) -> str:
    """Return how much of the change a group made."""
    sign = "+" if effect > 0 else "−"
    size = abs(effect)
    return (
        f"{sign}{size * 100:.1f} pp"
        if metric.unit == "ratio"
        else f"{sign}{size:.1f}{'s' * (metric.unit == 'seconds')}"
    )


def _trend(metric: Metric, reading: Reading) -> Chart | None:
    points = reading.trend(metric.name)
    known = [(date, value) for date, value in points if value is not None]
    if len(known) < 2:  # noqa: PLR2004 - one value is no trend
        return None
    by_week = reading.trend_by == "week"
    told = [(date.isoformat(), value) for date, value in points]
    since = "" if by_week else reading.period.first.isoformat()
    low, high = (extreme(known, key=lambda one: one[1])[0] for extreme in (min, max))
    return Chart(
        title=Title(zh=f"{metric.title.zh}：趋势", en=f"{metric.title.en}: trend"),
        says=Title(
            zh=f"{metric.title.zh}，{known[0][0]} 至 {known[-1][0]}{'，按周' * by_week}，最低在 {low}，最高在 {high}",
            en=f"{metric.title.en} from {known[0][0]} to {known[-1][0]}{' by week' * by_week}, lowest on {low}, "
            f"highest on {high}",
        ),
        spec=line_chart(told, metric.unit, since=since, target=reading.target(metric.name)),
        table=Table(
            title=Title(
                zh=f"{metric.title.zh}：每{'周' if by_week else '日'}", en=f"{metric.title.en} by {reading.trend_by}"
            ),
            columns=(
                Column(Title(zh="周一", en="Monday") if by_week else Title(zh="日期", en="Date"), "date"),
                Column(metric.title, metric.unit),
            ),
            rows=tuple(points),
        ),
    )
