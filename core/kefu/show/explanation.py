"""The sessions behind a number, as a table, JSON (``kefu.explain/1``) or CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping
from dataclasses import asdict
from typing import Any
from zoneinfo import ZoneInfo

from rich.text import Text

from kefu.config import Settings
from kefu.night.provenance import Provenance
from kefu.run.evidence import Found
from kefu.run.explain import Explanation, Line
from kefu.show.format import MISSING, interval_text, value_text
from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.stored import revision_lines
from kefu.show.terminal import console, formula_text, grid
from kefu.show.words import Language, say


def write_explanation(
    explanation: Explanation,
    groups: Mapping[str, str],
    form: str,
    settings: Settings,
    offset: int,
    origin: Provenance | None = None,
) -> None:
    """Write an explanation.

    :param origin: where the number comes from, if that is the store.
    """
    zone = ZoneInfo(settings.timezone)
    if form == "json":
        document = explanation_document(explanation, groups, zone)
        write_json(document if origin is None else {**document, "origin": origin_document(explanation, origin)})
    elif form == "csv":
        columns = (explanation.key, "measure", "count", "left_out", "sent_at", "role", "text", "why")
        write_csv(columns, _csv_lines(explanation, zone))
    else:
        _print(explanation, settings.language, zone, offset)
        if origin is not None:
            _print_origin(origin, settings.language)


def origin_document(explanation: Explanation, origin: Provenance) -> dict[str, Any]:
    """Return where a number of the store comes from."""
    metric = explanation.metric
    return {
        "definition": {"zh": metric.reads.zh, "en": metric.reads.en},
        "source": origin.source,
        "plugin": origin.plugin,
        "plugin_versions": [*origin.versions],
        "dates": [
            {"date": str(day.date), "revision": day.revision, "run": day.run_id, "reasons": day.reasons}
            for day in origin.days
        ],
        "runs": [
            {
                "id": run.id,
                "at": run.started_at.isoformat(),
                "kefu": run.host_version,
                "config_digest": run.config_digest,
            }
            for run in origin.runs
        ],
        "files": [{"path": file.path, "table": file.table_name, "digest": file.digest} for file in origin.files],
    }


def _print_origin(origin: Provenance, language: Language) -> None:
    out = console()
    versions = ", ".join(origin.versions)
    out.print(
        Text(safe(f"{say('source', language)} {origin.source} · {say('plugin', language)} {origin.plugin} {versions}"))
    )
    out.print(revision_lines(origin.days, language))
    for file in origin.files:
        out.print(Text(safe(f"{file.path}  {file.digest[:12]}"), style="dim"))


def explanation_document(explanation: Explanation, groups: Mapping[str, str], zone: ZoneInfo) -> dict[str, Any]:
    """Return what ``kefu explain --format json`` prints; its reasons are in English."""
    value = explanation.value
    return {
        "schema": "kefu.explain/1",
        "metric": explanation.metric.name,
        **({"where": dict(groups)} if groups else {}),
        "value": value.value,
        "coverage": value.coverage,
        "measures": {name: value.measures[name] for name in explanation.metric.value.names},
        "total": explanation.total,
        "rows": [_row(explanation.key, line, zone) for line in explanation.lines],
    }


def _row(key: str, line: Line, zone: ZoneInfo) -> dict[str, Any]:
    return {
        key: line.id,
        "counts": dict(line.counts),
        "left_out": line.left_out.en if line.left_out else None,
        "evidence": [
            {
                "message_id": found.message_id,
                "sent_at": _time(found.sent_at, zone).isoformat(),
                "role": found.role,
                "text": found.text,
                "why": found.why.en,
                **({} if found.hits is None else {"hits": [asdict(hit) for hit in found.hits]}),
            }
            for found in line.evidence
        ],
    }


def _csv_lines(explanation: Explanation, zone: ZoneInfo) -> Iterator[list[object]]:
    """Return a line a count, and one a piece of evidence."""
    for line in explanation.lines:
        left_out = line.left_out.en if line.left_out else None
        if left_out is not None:
            yield [line.id, None, None, left_out, None, None, None, None]
        for name, count in line.counts.items():
            yield [line.id, name, count, None, None, None, None, None]
        for found in line.evidence:
            at = _time(found.sent_at, zone).isoformat()
            yield [line.id, None, None, None, at, found.role, found.text, found.why.en]


def _print(explanation: Explanation, language: Language, zone: ZoneInfo, offset: int) -> None:
    out, metric, value = console(), explanation.metric, explanation.value
    title, reads = (metric.title.zh, metric.reads.zh) if language == "zh" else (metric.title.en, metric.reads.en)
    out.print(Text(f"{safe(title)}  {value_text(value.value, metric.unit)}", style="bold"))
    out.print(Text(safe(reads), style="dim"))
    formula = formula_text(metric.value, value.measures) + interval_text(value.interval, metric.unit)
    out.print(Text(formula, style="dim"))
    table = grid(language, (_LINES.get(explanation.key, "line"), "counts", "evidence"))
    for line in explanation.lines:
        table.add_row(Text(safe(line.id)), _counts(line, language), _evidence(line, language, zone))
    out.print(table)
    shown = offset + len(explanation.lines)
    if shown < explanation.total:
        out.print(Text(say("more", language, n=explanation.total - shown, at=shown), style="dim"))


_LINES = {"session_id": "session", "hotspot_id": "hotspot", "agent_id": "agent", "day": "date", "queue": "queue"}
"""What a line is called, by its key."""


def _counts(line: Line, language: Language) -> Text:
    if line.left_out is not None:
        reason = line.left_out.zh if language == "zh" else line.left_out.en
        return Text(f"{say('left_out', language)}: {safe(reason)}", style="yellow")
    return Text("\n".join(f"{name} {count:,}" for name, count in line.counts.items()))


def _evidence(line: Line, language: Language, zone: ZoneInfo) -> Text:
    return Text("\n").join(_found(found, language, zone) for found in line.evidence)


def _found(found: Found, language: Language, zone: ZoneInfo) -> Text:
    text = Text(f"{_time(found.sent_at, zone):%m-%d %H:%M:%S} ", style="dim")
    if found.role is not None:
        text.append(f"{found.role} ", style="cyan").append(_marked(found))
    return text.append(f"  ← {safe(found.why.zh if language == 'zh' else found.why.en)}", style="green")


def _marked(found: Found) -> Text:
    """Return the text of a message, with each listed word in brackets, so that it is seen without colours too."""
    text, marked, at = found.text or MISSING, Text(), 0
    for hit in found.hits or ():
        marked.append(safe(text[at : hit.start]), style="default")
        marked.append(f"【{safe(text[hit.start : hit.end])}】", style="bold red")
        at = hit.end
    return marked.append(safe(text[at:]), style="default")


def _time(moment: dt.datetime, zone: ZoneInfo) -> dt.datetime:
    return moment.astimezone(zone)
