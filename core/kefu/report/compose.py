"""Sections into HTML, one by one: what fails takes down itself only, and is said in its place."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from jinja2 import Environment
from markupsafe import Markup

from kefu.blocks import Block, Chart, Figures, Note, Table
from kefu.host import apart, describe
from kefu.night.view import StoreView
from kefu.offers import check_blocks
from kefu.sections import Reading, Section

TEMPLATES = {Note: "note.html", Figures: "figures.html", Table: "table.html", Chart: "chart.html"}


@dataclass(frozen=True, slots=True)
class Made:
    """A section as it stands in the page.

    :param error: why there is no content; ``None`` where there is.
    """

    section: Section
    plugin: str
    content: Markup
    error: str | None = None


def compose(view: StoreView, reading: Reading, templates: Environment) -> list[Made]:
    """Return the sections of all plugins that have something to say, in order."""
    view.engine.offer_sections()
    offered = [(plugin.name, section) for plugin in view.engine.host.working() for section in plugin.sections]
    ordered = sorted(offered, key=lambda one: (one[1].order, one[1].name))
    made = [_made(section, plugin, reading, templates) for plugin, section in ordered]
    return [one for one in made if one.content or one.error]


def _made(section: Section, plugin: str, reading: Reading, templates: Environment) -> Made:
    try:
        with apart():
            blocks = check_blocks(section, section.build(reading))
            return Made(section, plugin, rendered(blocks, section.name, templates))
    except KeyboardInterrupt:
        raise
    except BaseException as error:  # noqa: BLE001 - a plugin may even try to exit, and polars can panic
        return Made(section, plugin, Markup(), describe(error))


def rendered(blocks: Iterable[Block], name: str, templates: Environment) -> Markup:
    """Return blocks as HTML.

    :param name: what the ids in them begin with.
    """
    parts = [
        templates.get_template(TEMPLATES[type(block)]).render(block=block, name=f"{name}-{place}")
        for place, block in enumerate(blocks)
    ]
    return Markup("\n").join(map(Markup, parts))
