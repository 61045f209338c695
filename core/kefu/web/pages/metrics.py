"""The metrics: values with their trend, their groups, and the sessions behind them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, get_args

from starlette.exceptions import HTTPException
from starlette.responses import Response

from kefu.clock import EPOCH
from kefu.errors import ConfigError
from kefu.metric import Group, Metric
from kefu.night.shown import Shown, show
from kefu.night.stored_explain import StoredExplainer
from kefu.night.view import StoreView
from kefu.run.collect import Request
from kefu.run.evidence import Found
from kefu.run.explain import Explanation
from kefu.run.values import Value
from kefu.show.format import value_text
from kefu.show.stored import LITTLE
from kefu.show.terminal import formula_text, in_families
from kefu.web import charts
from kefu.web.period import Chosen, Kind, chosen_by
from kefu.web.visit import Visit

GROUPS = ("agent_id", "team", "queue", "channel", "scene", "date", "week", "month")
SMALL, LARGE = (240, 40), (720, 180)
SIZE = 20


@dataclass(frozen=True, slots=True)
class Card:
    """A metric as it is shown.

    :param change: how it changed since the period before, in words; empty where there is nothing before.
    :param way: whether that is better, worse, other or none.
    """

    metric: Metric
    title: str
    value: Value
    text: str
    before: float | None
    change: str
    way: str
    chart: charts.Line
    trend: Sequence[charts.Point]


def metrics_page(visit: Visit) -> Response:
    """Show the metrics of a period."""
    with visit.site.view() as view:
        chosen = _chosen(view, visit)
        shown = None if chosen is None else show(view, chosen.dates, (), visit.site.settings.lookback)
    if chosen is None or shown is None:
        return visit.render("empty.html", title=visit.say("metrics"))
    heads = [metric for metric in shown.outcome.metrics if metric.companion_of is None]
    cards = {group: [_card(m, shown, visit, SMALL) for m in heads if m.group == group] for group in get_args(Group)}
    return visit.render("metrics.html", title=visit.say("metrics"), cards=cards, **_about(chosen, shown))


def metric_page(visit: Visit) -> Response:
    """Show one metric of a period, those beside it, and its groups."""
    by = visit.query.get("by", "agent_id")
    by = by if by in GROUPS else "agent_id"
    with visit.site.view() as view:
        metric, chosen = _metric(view, visit), _chosen(view, visit)
        family = [one for one in in_families(view.engine.metrics) if metric.name in {one.name, one.companion_of}]
        names = [one.name for one in family]
        shown = None if chosen is None else show(view, chosen.dates, (by,), visit.site.settings.lookback, names)
    if chosen is None or shown is None:
        return visit.render("empty.html", title=_title(metric, visit))
    cards = [_card(one, shown, visit, LARGE if one is metric else SMALL) for one in family]
    groups = [(group.key[0], [group.values[name] for name in names]) for group in shown.outcome.groups]
    measured = [row for row in groups if any(value.value is not None for value in row[1])]
    return visit.render(
        "metric.html",
        title=_title(metric, visit),
        card=next(card for card in cards if card.metric is metric),
        beside=[card for card in cards if card.metric is not metric],
        family=cards,
        reads=metric.reads.zh if visit.language == "zh" else metric.reads.en,
        formula=formula_text(metric.value, shown.outcome.whole.values[metric.name].measures),
        rows=measured,
        by=by,
        groupings=GROUPS,
        **_about(chosen, shown),
    )


def sessions_page(visit: Visit) -> Response:
    """Show the sessions behind a number, with the messages that made the difference."""
    page = visit.page_number()
    where = {name: visit.query[name] for name in GROUPS if name in visit.query}
    with visit.site.view() as view:
        metric, chosen = _metric(view, visit), _chosen(view, visit)
        if chosen is None:
            return visit.render("empty.html", title=_title(metric, visit))
        found = _explained(view, metric, where, chosen, page)
    return visit.render(
        "sessions.html",
        title=visit.say("sessions_of", title=_title(metric, visit)),
        metric=metric,
        metric_title=_title(metric, visit),
        found=found,
        formula=formula_text(metric.value, found.value.measures),
        marked=marked,
        where=where,
        chosen=chosen,
        page=page,
        last=max(-(-found.total // SIZE), 1),
    )


def _explained(view: StoreView, metric: Metric, where: dict[str, str], chosen: Chosen, page: int) -> Explanation:
    first, last = ((date - EPOCH).days for date in (chosen.dates.first, chosen.dates.last))
    try:
        return StoredExplainer(view, metric, where, Request((), first, last)).explain(SIZE, (page - 1) * SIZE)
    except ConfigError:
        raise HTTPException(404) from None


def marked(found: Found) -> list[tuple[str, bool]]:
    """Return the text of a message in pieces, each with whether it is a listed word."""
    text, pieces, at = found.text or "", [], 0
    for hit in found.hits or ():
        pieces += [(text[at : hit.start], False), (text[hit.start : hit.end], True)]
        at = hit.end
    return [piece for piece in [*pieces, (text[at:], False)] if piece[0]]


def _metric(view: StoreView, visit: Visit) -> Metric:
    name = visit.request.path_params["metric"]
    try:
        return next(metric for metric in view.engine.metrics if metric.name == name)
    except StopIteration:
        raise HTTPException(404) from None


def _chosen(view: StoreView, visit: Visit) -> Chosen | None:
    """Return the period that is asked for, ``None`` where the store has no dates at all."""
    days = view.days(None, None)
    return chosen_by(visit.query, days[-1].date) if days else None


def _about(chosen: Chosen, shown: Shown) -> dict[str, Any]:
    return {
        "chosen": chosen,
        "kinds": get_args(Kind),
        "previous": shown.previous,
        "provisional": shown.provisional,
        "missing": shown.missing,
    }


def _title(metric: Metric, visit: Visit) -> str:
    return metric.title.zh if visit.language == "zh" else metric.title.en


def _card(metric: Metric, shown: Shown, visit: Visit, size: tuple[int, int]) -> Card:
    value = shown.outcome.whole.values[metric.name]
    before = None if shown.before is None else shown.before.values[metric.name].value
    trend: list[tuple[dt.date, float | None]] = [
        (date, group.values[metric.name].value) for date, group in sorted(shown.trend.items())
    ]
    change, way = _change(metric, value.value, before)
    text = value_text(value.value, metric.unit)
    return Card(metric, _title(metric, visit), value, text, before, change, way, charts.line(trend, *size), trend)


def _change(metric: Metric, value: float | None, before: float | None) -> tuple[str, str]:
    """Return by how much a value changed, with an arrow, and whether that is for the better."""
    if value is None or before is None:
        return "", "none"
    change = value - before
    if abs(change) < LITTLE * max(abs(before), LITTLE):
        return "→", "same"
    size = f"{abs(change) * 100:.1f} pp" if metric.unit == "ratio" else value_text(abs(change), metric.unit)
    text = f"{'↑' if change > 0 else '↓'} {size}"
    if metric.better == "middle":
        return text, "other"
    return text, "better" if (change > 0) == (metric.better == "higher") else "worse"
