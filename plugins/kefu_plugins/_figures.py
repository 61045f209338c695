"""A metric's value as a figure of a section."""

from __future__ import annotations

from kefu.plugin import Chart, Figure, Metric, Reading, Title


def figure_of(metric: Metric, reading: Reading, about: tuple[Title, ...] = (), chart: Chart | None = None) -> Figure:
    """Return a metric's value in the period, with the one before and its target."""
    told, before = reading.value(metric.name), reading.before(metric.name)
    return Figure(
        title=metric.title,
        value=None if told is None else told.value,
        unit=metric.unit,
        before=None if before is None else before.value,
        better=metric.better,
        target=reading.target(metric.name),
        about=about,
        chart=chart,
    )
