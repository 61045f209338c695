"""What there is: metrics, listings and plugins."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from functools import partial
from typing import Any

from rich.text import Text

from kefu.config import Settings
from kefu.context import Context
from kefu.host import Host
from kefu.run.words import tokenizer, word_lists
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.terminal import console, grid, in_families
from kefu.show.words import Language, say


def offered(settings: Settings) -> Host:
    """Load all plugins and ask them for what they offer without data: metrics, listings, reasons."""
    host = Host(settings.plugins_dir)
    words = word_lists(settings)

    def context(name: str) -> Context:
        options = settings.plugin.get(name, {})
        return Context(settings.thresholds, words, options=options, tokens=partial(tokenizer, settings.dictionaries))

    host.offer_metrics(context)
    host.offer_listings(context)
    host.offer_reasons(context)
    return host


def write_metrics(host: Host, form: str, language: Language) -> None:
    """Write every metric."""
    rows: list[dict[str, Any]] = [
        {
            "name": metric.name,
            "zh": metric.title.zh,
            "en": metric.title.en,
            "reads": {"zh": metric.reads.zh, "en": metric.reads.en},
            "unit": metric.unit,
            "better": metric.better,
            "group": metric.group,
            "companion_of": metric.companion_of,
            "source": metric.source,
            "plugin": host.owner(metric.name).name,
        }
        for metric in in_families(host.metrics)
    ]
    if form != "table":
        _write(rows, form, "kefu.metrics/1", "metrics")
        return
    table = grid(language, ("metric", "name", "formula", "unit", "better", "source", "plugin"))
    for row in rows:
        title = Text("" if row["companion_of"] is None else "  ").append(f"{row['zh']} {row['en']}")
        told = (row["name"], row["reads"][language], say(row["unit"], language), say(row["better"], language))
        table.add_row(title, *(Text(safe(str(text))) for text in (*told, row["source"], row["plugin"])))
    console().print(table)


def write_listings(host: Host, form: str, language: Language) -> None:
    """Write every listing."""
    rows: list[dict[str, Any]] = [
        {
            "name": listing.name,
            "zh": listing.title.zh,
            "en": listing.title.en,
            "reads": {"zh": listing.reads.zh, "en": listing.reads.en},
            "plugin": plugin.name,
        }
        for plugin in host.plugins
        for listing in plugin.listings
    ]
    if form != "table":
        _write(rows, form, "kefu.listings/1", "listings")
        return
    table = grid(language, ("listing", "name", "formula", "plugin"))
    for row in rows:
        told = (f"{row['zh']} {row['en']}", row["name"], row["reads"][language], row["plugin"])
        table.add_row(*(Text(safe(str(text))) for text in told))
    console().print(table)


def write_plugins(host: Host, form: str, language: Language) -> None:
    """Write every plugin with its status."""
    rows: list[dict[str, Any]] = [
        {
            "name": plugin.name,
            "version": plugin.version,
            "origin": plugin.origin,
            "metrics": [metric.name for metric in plugin.metrics],
            "error": plugin.error,
        }
        for plugin in host.plugins
    ]
    if form != "table":
        _write(rows, form, "kefu.plugins/1", "plugins")
        return
    table = grid(language, ("plugin", "version", "origin", "status", "metric"))
    for row in rows:
        works = row["error"] is None
        status = Text(f"✓ {say('works', language)}" if works else f"✗ {safe(str(row['error']))}")
        status.stylize("green" if works else "bold red")
        names = Text(safe(", ".join(row["metrics"])))
        table.add_row(Text(safe(str(row["name"]))), row["version"], say(row["origin"], language), status, names)
    console().print(table)


def _write(rows: Sequence[dict[str, Any]], form: str, schema: str, name: str) -> None:
    if form == "json":
        write_json({"schema": schema, name: rows})
    else:
        flat = [dict(_flat(row)) for row in rows]
        write_csv([*flat[0]] if flat else [], ([*row.values()] for row in flat))


def _flat(row: Mapping[str, Any]) -> Iterator[tuple[str, object]]:
    """Return the columns of a row: a list is one text, both languages of a text are a column each."""
    for name, value in row.items():
        if isinstance(value, dict):
            yield from ((f"{name}_{language}", text) for language, text in value.items())
        else:
            yield name, " ".join(map(str, value)) if isinstance(value, list) else value
