"""The overview: every section of the report for the period of the address, each number a way to what is behind it."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import get_args

from starlette.responses import Response

from kefu.metric import Title
from kefu.night.view import StoreView
from kefu.report.compose import Made, compose
from kefu.report.reading import StoreReading
from kefu.show.words import Language
from kefu.web.links import Links, report_templates
from kefu.web.period import Chosen, Kind, chosen_by, text_of
from kefu.web.visit import Visit


@dataclass(frozen=True, slots=True)
class Overview:
    """The sections of a period.

    :param compared: the period before, and whether the store has anything of it.
    """

    sections: list[Made]
    compared: str
    has_before: bool


def overview_page(visit: Visit) -> Response:
    """Show all sections of a period."""
    title = visit.say("overview")
    with visit.site.view() as view:
        days = view.days(None, None)
    if not days:
        return visit.render("empty.html", title=title)
    chosen = chosen_by(visit.query, days[-1].date, "week")
    make = partial(_overview, chosen=chosen, language=visit.language, visit=visit)
    found = visit.site.kept((chosen, visit.language), make, Overview)
    return visit.render(
        "overview.html",
        title=title,
        overview=found,
        pick=partial(_pick, visit.language),
        chosen=chosen,
        kinds=get_args(Kind),
    )


def _overview(view: StoreView, chosen: Chosen, language: Language, visit: Visit) -> Overview:
    reading = StoreReading(view, chosen.dates, language)
    templates = report_templates(language, visit.site.zone, Links(view.engine.metrics, chosen.told))
    return Overview(compose(view, reading, templates), text_of(chosen.dates.before()), reading.has_before)


def _pick(language: Language, title: Title) -> str:
    return title.zh if language == "zh" else title.en
