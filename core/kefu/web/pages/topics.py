"""The topics: what customers ask, and where an answer is lacking."""

from __future__ import annotations

from typing import Any

from starlette.responses import Response

from kefu.queue.topics import topics_of
from kefu.web import charts
from kefu.web.visit import Visit

SIZE = 50
CHART = (96, 28)


def topics_page(visit: Visit) -> Response:
    """Show the topics, those that are asked most first."""
    text, page = visit.query.get("q", "").strip(), visit.page_number()
    with visit.site.view() as view:
        topics, table = topics_of(view), view.engine.small("hotspots")
    hotspots = {} if table is None else dict(table.select("hotspot_id", "title").iter_rows())
    found = [topic for topic in topics if _holds(topic, text)]
    shown = found[(page - 1) * SIZE : page * SIZE]
    return visit.render(
        "topics.html",
        title=visit.say("topics"),
        topics=[(topic, charts.counts(topic["trend"], *CHART)) for topic in shown],
        hotspots=hotspots,
        total=len(found),
        told={"q": text},
        page=page,
        last=max(-(-len(found) // SIZE), 1),
    )


def _holds(topic: dict[str, Any], text: str) -> bool:
    told = " ".join([str(topic["label"]), str(topic["topic"]), *map(str, topic["typical"] or ())])
    return text.lower() in told.lower()
