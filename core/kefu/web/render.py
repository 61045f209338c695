"""The templates: everything is escaped, and nothing that a text holds can act or hide."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Mapping
from functools import cache, partial
from importlib.resources import files
from typing import Any
from urllib.parse import urlencode
from zoneinfo import ZoneInfo

import jinja2
from markupsafe import Markup, escape

from kefu.show.format import MISSING, coverage_text, value_text
from kefu.show.safe import safe

KINDS = {
    "style.css": "text/css; charset=utf-8",
    "report.css": "text/css; charset=utf-8",
    "icon.svg": "image/svg+xml",
}
"""The files beside the pages."""
EPOCH_MICROSECONDS = frozenset(["begin", "end"])
"""Columns that tell a moment as a number."""
OF_THE_REPORT = frozenset(["report.css"])
"""Those that the report looks like, too."""


def environment(zone: ZoneInfo) -> jinja2.Environment:
    """Return the templates of the pages, with times in a zone."""
    loader = jinja2.PackageLoader("kefu.web")
    made = jinja2.Environment(
        loader=loader,
        autoescape=True,
        undefined=jinja2.StrictUndefined,
        finalize=visible,
        trim_blocks=True,
        lstrip_blocks=True,
    )
    made.filters |= {
        "lines": lines,
        "typed": typed,
        "value": value_text,
        "coverage": coverage_text,
        "share": share,
        "moment": partial(moment, zone),
        "query": query,
        "fact": partial(fact, zone),
    }
    made.globals["static"] = address_of
    return made


def visible(value: Any) -> Any:  # noqa: ANN401 - whatever a template shows
    """Return what stands on a page for a value: control, direction and invisible characters become signs."""
    if value is None:
        return MISSING
    return safe(value) if isinstance(value, str) and not isinstance(value, Markup) else value


def lines(text: str) -> Markup:
    """Return a text whose line breaks stay: the only control that a page obeys."""
    return Markup("\n").join(escape(safe(one)) for one in text.replace("\r\n", "\n").split("\n"))


def typed(text: str) -> Markup:
    """Return a text as it was typed, for the field that it was typed into."""
    return Markup("\n") + escape(text)


def share(value: float | None) -> str:
    """Return a share in per cent."""
    return MISSING if value is None else f"{value:.1%}"


def moment(zone: ZoneInfo, at: dt.datetime) -> str:
    """Return a moment in local time."""
    return f"{at.astimezone(zone):%Y-%m-%d %H:%M}"


def fact(zone: ZoneInfo, value: object, name: str) -> str:
    """Return a fact as people read it: moments in local time, milliseconds as a duration, ✓ and ✗."""
    if isinstance(value, bool):
        return "✓" if value else "✗"
    if isinstance(value, int) and name in EPOCH_MICROSECONDS:
        return moment(zone, dt.datetime(1970, 1, 1, tzinfo=dt.UTC) + dt.timedelta(microseconds=value))
    if isinstance(value, int) and name.endswith("_ms"):
        return value_text(value / 1000, "seconds")
    if isinstance(value, dt.datetime):
        return moment(zone, value)
    return MISSING if value is None else f"{value:,}" if isinstance(value, int | float) else str(value)


def query(told: Mapping[str, object], **changes: object) -> str:
    """Return the query of an address; what is empty is left out."""
    kept = {name: value for name, value in {**told, **changes}.items() if value not in {None, "", False}}
    return f"?{urlencode(kept, errors='surrogatepass')}" if kept else "?"


@cache
def content_of(name: str) -> bytes:
    """Return a file beside the pages."""
    return files("kefu.report" if name in OF_THE_REPORT else "kefu.web").joinpath("static", name).read_bytes()


@cache
def address_of(name: str) -> str:
    """Return the address of a file beside the pages; another content has another address."""
    stem, _, ending = name.rpartition(".")
    return f"/static/{stem}-{hashlib.sha256(content_of(name)).hexdigest()[:12]}.{ending}"
