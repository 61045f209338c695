"""The metrics: values with their trend, their groups, why they changed, and two groups side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Any, get_args

from starlette.exceptions import HTTPException
from starlette.responses import Response

from kefu.metric import Group, Metric
from kefu.night.changes import split
from kefu.night.notes import dates_text
from kefu.night.periods import Dates
from kefu.night.shown import Shown, show
from kefu.night.view import StoreView
from kefu.run.collect import Request
from kefu.run.plan import Plan
from kefu.run.values import Value
from kefu.show.change import change_of
from kefu.show.format import value_text
from kefu.show.terminal import formula_text, in_families
from kefu.web import charts, compared
from kefu.web.period import Chosen, Kind, chosen_by, span_of
from kefu.web.visit import Visit

GROUPS = ("agent_id", "team", "queue", "channel", "scene", "date", "week", "month", "half_hour")
SMALL, LARGE = (240, 40), (720, 180)


@dataclass(frozen=True, slots=True)
class Card:
    """A metric as it is shown.

    :param change: how it changed since the period before, in words; empty where there is nothing before.
    :param way: whether that is better, worse, other or none.
    :param unsettled: dates whose values later sessions may change, in words.
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
    unsettled: str

    @property
    def is_outside(self) -> bool:
        """Whether the value is outside of what is usual."""
        band, value = self.metric.band, self.value.value
        return band is not None and value is not None and not band[0] <= value <= band[1]


def metrics_page(visit: Visit) -> Response:
    """Show the metrics of a period."""
    with visit.site.view() as view:
        chosen = chosen_of(view, visit)
        shown = None if chosen is None else show(view, chosen.dates, (), visit.site.settings.lookback)
    if chosen is None or shown is None:
        return visit.render("empty.html", title=visit.say("metrics"))
    heads = [metric for metric in shown.outcome.metrics if metric.companion_of is None]
    cards = {group: [_card(m, shown, visit, SMALL) for m in heads if m.group == group] for group in get_args(Group)}
    return visit.render("metrics.html", title=visit.say("metrics"), cards=cards, **_about(chosen, shown))


def metric_page(visit: Visit) -> Response:
    """Show one metric of a period, those beside it, its groups, and why it changed."""
    with visit.site.view() as view:
        metric, chosen = metric_of(view, visit), chosen_of(view, visit)
        if chosen is None:
            return visit.render("empty.html", title=title_of(metric, visit))
        groupings = groupings_of(view, metric)
        by = _by(visit, groupings)
        family = [one for one in in_families(view.engine.metrics) if metric.name in {one.name, one.companion_of}]
        against = span_of(visit.query, "against_from", "against_to")
        shown = _shown(view, visit, chosen, by, family, against)
        previous = shown.previous or chosen.dates.before()
        change = split(view, metric, previous, chosen.dates, by) if by in compared.SPLIT else None
        names = [one.name for one in family]
        groups = [(group.key[0], [group.values[name] for name in names]) for group in shown.outcome.groups]
        rows = [row for row in groups if any(value.value is not None for value in row[1])]
        values = {key: told[names.index(metric.name)] for key, told in rows}
        pair = compared.pair_of(visit.query, values)
        sides = compared.sides(view, metric, chosen.dates, by, [(key, values[key]) for key in pair])
    cards = [_card(one, shown, visit, LARGE if one is metric else SMALL) for one in family]
    told = {} if against is None else {"against_from": f"{against.first}", "against_to": f"{against.last}"}
    return visit.render(
        "metric.html",
        title=title_of(metric, visit),
        card=next(card for card in cards if card.metric is metric),
        beside=[card for card in cards if card.metric is not metric],
        family=cards,
        reads=metric.reads.zh if visit.language == "zh" else metric.reads.en,
        formula=formula_text(metric.value, shown.outcome.whole.values[metric.name].measures),
        rows=rows,
        by=by,
        groupings=groupings,
        against=told,
        why=None if change is None else compared.why_of(change, visit.language),
        pair=pair,
        lost=not pair and bool({"groups", "one", "two"} & visit.query.keys()),
        sides=sides,
        apart=compared.apart(sides, metric),
        **_about(chosen, shown),
    )


def groupings_of(view: StoreView, metric: Metric) -> list[str]:
    """Return what the values of a metric can be grouped by."""
    plan = Plan.of_metrics([metric])
    found = []
    for by in GROUPS:
        collector = view.engine.collector(plan, Request((by,)))
        if view.engine.evaluator(plan, collector, (by,)).measurable(metric, (by,)):
            found.append(by)
    return found


def metric_of(view: StoreView, visit: Visit) -> Metric:
    """Return the metric of the address."""
    name = visit.request.path_params["metric"]
    try:
        return next(metric for metric in view.engine.metrics if metric.name == name)
    except StopIteration:
        raise HTTPException(404) from None


def chosen_of(view: StoreView, visit: Visit) -> Chosen | None:
    """Return the period that is asked for, ``None`` where the store has no dates at all."""
    days = view.days(None, None)
    return chosen_by(visit.query, days[-1].date) if days else None


def title_of(metric: Metric, visit: Visit) -> str:
    """Return what a metric is called."""
    return metric.title.zh if visit.language == "zh" else metric.title.en


def _by(visit: Visit, groupings: Sequence[str]) -> str:
    """Return the grouping that is asked for, else the first that the metric has."""
    asked = visit.query.get("by", "")
    return asked if asked in GROUPS else next(iter(groupings), "date")


def _shown(
    view: StoreView, visit: Visit, chosen: Chosen, by: str, family: Sequence[Metric], against: Dates | None
) -> Shown:
    """Return a period as the store knows it, beside another period where one is asked for."""
    shown = show(view, chosen.dates, (by,), visit.site.settings.lookback, [metric.name for metric in family])
    if against is None:
        return shown
    days = view.days(against.first, against.last)
    before = view.groups(days, against.last, (), family)[0] if days else None
    return replace(shown, previous=against, before=before)


def _about(chosen: Chosen, shown: Shown) -> dict[str, Any]:
    return {
        "chosen": chosen,
        "kinds": get_args(Kind),
        "previous": shown.previous,
        "provisional": dates_text(shown.provisional),
        "missing": dates_text(shown.missing),
        "unmeasured": {name: dates_text(dates) for name, dates in shown.unmeasured.items() if dates},
    }


def _card(metric: Metric, shown: Shown, visit: Visit, size: tuple[int, int]) -> Card:
    value = shown.outcome.whole.values[metric.name]
    before = None if shown.before is None else shown.before.values[metric.name].value
    trend: list[tuple[dt.date, float | None]] = [
        (date, group.values[metric.name].value) for date, group in sorted(shown.trend.items())
    ]
    return Card(
        metric,
        title_of(metric, visit),
        value,
        value_text(value.value, metric.unit),
        before,
        *change_of(value.value, before, metric.unit, metric.better),
        charts.line(trend, *size),
        trend,
        dates_text(shown.unsettled.get(metric.name, ())),
    )
