"""Charts for sections, made with Altair: readable on a phone, on paper, in the dark, and without colour.

Each function returns a Vega-Lite specification. Nothing in it depends on the fonts of a machine: the room for labels is
reckoned here, so the same numbers give the same bytes. Colours are names that the page gives a value.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Any
from unicodedata import east_asian_width

from kefu.metric import Unit

if TYPE_CHECKING:
    import altair as alt

INK, QUIET, EDGE = "var(--ink)", "var(--quiet)", "var(--edge)"
ACCENT, SOFT, PAPER, TARGET = "var(--accent)", "var(--bar)", "var(--card)", "var(--warn)"
"""Colours of the page, for light and dark."""
WIDTH = 360
"""Of every chart, with its labels: a phone shows it as it is."""
SIZE = 11
LABEL_MOST = 9.5
"""So many times its size a label can be long; what is longer is cut."""
LINE_HEIGHT, COLUMN_HEIGHT, BAR = 120, 150, 22
LEFT, RIGHT, TOP, BOTTOM = 46, 14, 8, 22
WIDE = "mwMW@%"
"""Letters that are nearly as wide as high."""
LEAST_WITH_MIDDLE = 5
MOST_POINTS = 40
"""Of more points only the line is drawn."""
TIMES = (
    "datum.value < 60 ? format(datum.value, '.3~') + 's' : datum.value < 3600 ? format(datum.value / 60, '.3~') + 'm'"
    " : format(datum.value / 3600, '.3~') + 'h'"
)
Points = Sequence[tuple[str, float | None]]


def line_chart(points: Points, unit: Unit, *, since: str = "", target: float | None = None) -> dict[str, Any]:
    """Return a line over dates (as ISO text); a date without a value is a gap.

    :param since: points before this date are hollow: they belong to the time before.
    :param target: drawn as a dashed line.
    """
    import altair as alt

    rows = [{"x": x, "y": y, "in": x >= since} for x, y in points]
    known = [y for _, y in points if y is not None] + ([] if target is None else [target])
    x = alt.X("x:O", sort=None, axis=_dates([x for x, _ in points]))
    y = alt.Y("y:Q", axis=_values(unit), scale=alt.Scale(domain=_domain(known, unit), nice=3, zero=False))
    base = alt.Chart(_data(rows)).encode(x=x, y=y)
    layers: list[Any] = [base.mark_line(color=ACCENT, strokeWidth=2)]
    if len(points) <= MOST_POINTS:
        inside, hollow = base.transform_filter("datum.in"), base.transform_filter("!datum.in")
        layers.append(inside.mark_point(shape="circle", size=26, filled=True, color=ACCENT, opacity=1))
        layers.append(hollow.mark_point(shape="circle", size=26, fill=PAPER, stroke=ACCENT, strokeWidth=1.5, opacity=1))
    if target is not None:
        line = alt.Chart(_data([{"y": target}])).encode(y="y:Q")
        layers.append(line.mark_rule(color=TARGET, strokeDash=[6, 4], strokeWidth=1.5))
    return _framed(alt.layer(*layers), LINE_HEIGHT)


def bar_chart(bars: Sequence[tuple[str, float, str]]) -> dict[str, Any]:
    """Return bars side by side: of each its label, its length, and the text at its end."""
    import altair as alt

    rows = [{"n": n, "label": cut(label), "size": size, "text": text} for n, (label, size, text) in enumerate(bars)]
    left = 8 + SIZE * max((width_of(cut(label)) for label, _, _ in bars), default=0)
    right = 8 + SIZE * max((width_of(text) for _, _, text in bars), default=0)
    most = max((size for _, size, _ in bars), default=0) or 1
    y = alt.Y("n:O", axis=None, scale=alt.Scale(paddingInner=0.3, paddingOuter=0.15))
    base = alt.Chart(_data(rows)).encode(y=y)
    x = alt.X("size:Q", axis=None, scale=alt.Scale(domain=[0, most]))
    layers = (
        base.mark_bar(color=ACCENT).encode(x=x),
        base.mark_text(align="right", baseline="middle", dx=-6, color=INK, fontSize=SIZE).encode(
            x=alt.value(0), text="label:N"
        ),
        base.mark_text(align="left", baseline="middle", dx=6, color=INK, fontSize=SIZE).encode(x=x, text="text:N"),
    )
    return _framed(alt.layer(*layers), BAR * len(bars), left, right, top=2, bottom=2)


def column_chart(columns: Points, unit: Unit, *, peaks: Sequence[float | None] = (), every: int = 1) -> dict[str, Any]:
    """Return columns in their order.

    :param peaks: of each column a second number, drawn as a diamond.
    :param every: only every so many columns have their label below.
    """
    import altair as alt

    tops = [*peaks] or [None] * len(columns)
    rows = [{"x": x, "y": y, "top": top} for (x, y), top in zip(columns, tops, strict=True)]
    most = max((n for row in rows for n in (row["y"], row["top"]) if isinstance(n, int | float)), default=0) or 1
    shown = [x for x, _ in columns][::every]
    axis = alt.Axis(values=shown, labelAngle=0, labelOverlap=False, title=None, grid=False, ticks=False)
    scale = alt.Scale(domain=[0, most], nice=3)
    base = alt.Chart(_data(rows)).encode(
        x=alt.X(
            "x:O",
            sort=None,
            axis=axis,
            scale=alt.Scale(domain=[x for x, _ in columns], paddingInner=0.25, paddingOuter=0.1),
        )
    )
    y = alt.Y("y:Q", axis=_values(unit), scale=scale)
    layers = [base.mark_bar(color=ACCENT).encode(y=y)]
    if peaks:
        mark = base.mark_point(shape="diamond", size=34, fill=PAPER, stroke=INK, strokeWidth=1.5, opacity=1)
        layers.append(mark.encode(y=alt.Y("top:Q", axis=_values(unit), scale=scale)))
    return _framed(alt.layer(*layers), COLUMN_HEIGHT)


def width_of(text: str) -> float:
    """Return how wide a text is, about, in times its size: a Chinese character is as wide as it is high."""
    return sum(
        1.0 if east_asian_width(one) in "WFA" or one in WIDE else 0.75 if one.isupper() else 0.62 for one in text
    )


def cut(text: str, most: float = LABEL_MOST) -> str:
    """Return a text that is no wider than so many times its size.

    >>> cut("售后服务一部二组三班", 6)
    '售后服务一…'
    """
    if width_of(text) <= most:
        return text
    kept, room = "", most - 1
    for one in text:
        room -= width_of(one)
        if room < 0:
            break
        kept += one
    return kept + "…"


def _framed(
    chart: Any,  # noqa: ANN401 - a layered chart, which Altair's types cannot tell
    height: float,
    left: float = LEFT,
    right: float = RIGHT,
    *,
    top: int = TOP,
    bottom: int = BOTTOM,
) -> dict[str, Any]:
    """Return a chart of the usual width with room for its labels."""
    made = chart.properties(
        width=round(WIDTH - left - right),
        height=height,
        padding={"left": round(left), "right": round(right), "top": top, "bottom": bottom},
        autosize={"type": "none"},
    )
    spec: dict[str, Any] = made.to_dict(validate=False)
    return spec


def _data(rows: list[dict[str, Any]]) -> Any:  # noqa: ANN401 - what Altair takes as data
    return {"values": rows}


def _dates(dates: Sequence[str]) -> alt.Axis:
    """Name the first date, the last, and one in the middle where there is room."""
    import altair as alt

    last = len(dates) - 1
    shown = [dates[place] for place in sorted({0, last // 2 if last > LEAST_WITH_MIDDLE else 0, last})] if dates else []
    return alt.Axis(
        values=shown,
        labelExpr="slice(datum.value, 5)",
        labelAngle=0,
        labelOverlap=False,
        title=None,
        grid=False,
        ticks=False,
    )


def _values(unit: Unit) -> alt.Axis:
    import altair as alt

    how: dict[str, Any] = {"ratio": {"format": ".3~%"}, "seconds": {"labelExpr": TIMES}}.get(unit, {"format": ".3~s"})
    return alt.Axis(tickCount=3, title=None, labelOverlap=False, domain=False, ticks=False, **how)


def _domain(known: Sequence[float], unit: Unit) -> list[float]:
    """Return from where to where the values go, with some room; none below 0, or above 100 %, without need."""
    low, high = min(known, default=0.0), max(known, default=1.0)
    room = (high - low) / 20 or abs(low) / 10 or 1.0
    bottom = max(low - room, 0.0) if low >= 0 else low - room
    return [bottom, min(high + room, 1.0) if unit == "ratio" and high <= 1 else high + room]
