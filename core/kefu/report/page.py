"""The report as one HTML file: no network, no script, the same bytes for the same store."""

from __future__ import annotations

import hashlib
from base64 import b64encode
from dataclasses import dataclass
from functools import partial
from importlib.resources import files
from typing import Any
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup

from kefu.blocks import Figure
from kefu.night.periods import Dates
from kefu.night.view import StoreView
from kefu.report.cells import cell, look, stacked
from kefu.report.charts import drawn
from kefu.report.compose import compose
from kefu.report.reading import StoreReading
from kefu.report.words import other, pick, say
from kefu.show.change import change_of
from kefu.show.format import MISSING, value_text
from kefu.show.safe import safe
from kefu.show.words import Language

WEEK, MONTH_LEAST = 7, 28


@dataclass(frozen=True, slots=True)
class Report:
    """A report, and what is missing from it and why."""

    html: str
    failures: tuple[str, ...]


def report(view: StoreView, dates: Dates, language: Language) -> Report:
    """Return the report of a period."""
    reading = StoreReading(view, dates, language)
    templates = environment(language, ZoneInfo(reading.timezone))
    made = compose(view, reading, templates)
    style = files("kefu.report").joinpath("static", "report.css").read_text(encoding="utf-8")
    html = templates.get_template("page.html").render(
        style=Markup(style),  # noqa: S704 - our own
        policy=_policy(style),
        sections=made,
        reading=reading,
        kind=_kind(dates),
        compared=_compared(reading),
        html_lang="zh-CN" if language == "zh" else "en",
    )
    lost = [f"{one.section.name} ({one.plugin}): {one.error}" for one in made if one.error]
    return Report(html, (*(f"{plugin}: {error}" for plugin, error in reading.failures), *lost))


def environment(language: Language, zone: ZoneInfo) -> jinja2.Environment:
    """Return the templates: everything is escaped, and nothing that a text holds can act or hide."""
    made = jinja2.Environment(
        loader=jinja2.PackageLoader("kefu.report"),
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=_visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "cell": partial(cell, zone=zone, language=language),
        "look": look,
        "stacked": stacked,
        "value": value_text,
        "pick": partial(pick, language=language),
        "other": partial(other, language=language),
    }
    made.globals |= {"t": partial(say, language=language), "drawn": drawn, "change": _change, "met": _met}
    made.globals["other_lang"] = "en" if language == "zh" else "zh-CN"
    return made


def _compared(reading: StoreReading) -> str:
    first, last = reading.previous
    dates = f"{first}" if first == last else f"{first} – {last}"
    return say("compared" if reading.has_before else "no_before", reading.language, dates=dates)


def _visible(value: Any) -> Any:  # noqa: ANN401 - whatever a template shows
    if value is None:
        return MISSING
    return safe(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def _change(figure: Figure) -> tuple[str, str]:
    return change_of(figure.value, figure.before, figure.unit, figure.better)


def _met(figure: Figure) -> bool | None:
    """Return whether a figure reached its target; ``None`` where that cannot be said."""
    if figure.value is None or figure.target is None or figure.better in (None, "middle"):
        return None
    return figure.value >= figure.target if figure.better == "higher" else figure.value <= figure.target


def _policy(style: str) -> str:
    """Return a policy under which a browser loads nothing, runs nothing and obeys no style but ours."""
    digest = b64encode(hashlib.sha256(style.encode()).digest()).decode()
    return f"default-src 'none'; style-src 'sha256-{digest}'; base-uri 'none'; form-action 'none'"


def _kind(dates: Dates) -> str:
    days = (dates.last - dates.first).days + 1
    if days == 1:
        return "day"
    if days == WEEK and dates.first.weekday() == 0:
        return "week"
    is_month = (
        dates.first.day == 1
        and days >= MONTH_LEAST
        and (dates.last.month, dates.last.year) == (dates.first.month, dates.first.year)
    )
    return "month" if is_month and dates.before().last < dates.first and dates.before().first.day == 1 else "other"
