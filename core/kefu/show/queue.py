"""The repair queue as a table, JSON (``kefu.queue/1``) or CSV."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from zoneinfo import ZoneInfo

from rich import box
from rich.table import Table
from rich.text import Text

from kefu.config import Settings
from kefu.host import Host
from kefu.metric import Title
from kefu.queue.evidence import Evidence
from kefu.queue.items import Conflict, Item, NoSuchItem, NotAllowed, ReasonFound, Step
from kefu.queue.record import Filter, Page
from kefu.show.format import MISSING
from kefu.show.output import write_csv, write_json
from kefu.show.queue_rows import (
    COLUMNS,
    Refused,
    Titles,
    evidence_json,
    item_json,
    item_row,
    reasons_text,
    refused_json,
    step_json,
    title_of,
)
from kefu.show.queue_words import evidence_text, listed, say, verification_text
from kefu.show.safe import safe
from kefu.show.terminal import console
from kefu.show.words import Language

SCHEMA = "kefu.queue/1"


@dataclass(frozen=True, slots=True)
class Shown:
    """An item with all that is known of it.

    :param titles: what reasons are called, by name.
    """

    item: Item
    steps: Sequence[Step]
    evidence: Evidence | None
    titles: Titles


def reason_titles(host: Host) -> dict[str, Title]:
    """Return what the reasons are called that plugins offered."""
    return {reason.name: reason.title for plugin in host.plugins for reason in plugin.reasons}


def write_items(
    page: Page,
    counts: Mapping[str, int],
    asked: Filter,
    titles: Titles,
    form: str,
    language: Language,
    today: dt.date,
) -> None:
    """Write one page of items."""
    if form == "json":
        about = {"today": today.isoformat(), "total": page.total, "page": asked.page, "limit": asked.size}
        rows = [item_json(item, titles, today) for item in page.items]
        write_json({"schema": SCHEMA, **about, "counts": dict(counts), "items": rows})
    elif form == "csv":
        write_csv(COLUMNS, (item_row(item, titles, language, today) for item in page.items))
    else:
        _print_items(page, counts, asked, titles, language, today)


def write_item(shown: Shown, form: str, settings: Settings, today: dt.date) -> None:
    """Write an item with what stands behind it."""
    if form == "json":
        row = item_json(shown.item, shown.titles, today)
        steps = [step_json(step) for step in shown.steps]
        write_json({"schema": SCHEMA, "item": row, "steps": steps, "evidence": evidence_json(shown.evidence)})
    elif form == "csv":
        write_csv(COLUMNS, [item_row(shown.item, shown.titles, settings.language, today)])
    else:
        out = console()
        for line in _about(shown, settings, today):
            out.print(line)


def write_changed(
    done: Sequence[Item], refused: Mapping[int, Refused], form: str, settings: Settings, today: dt.date
) -> None:
    """Write what became of items; why others were refused stands in JSON only."""
    language = settings.language
    if form == "json":
        rows = [item_json(item, {}, today) for item in done]
        write_json({"schema": SCHEMA, "items": rows, "refused": [refused_json(*one) for one in refused.items()]})
        return
    for item in done:
        who = f" · {item.assignee}" if item.assignee else ""
        console().print(Text(safe(f"✓ #{item.id} {item.title}：{say(item.state, language)}{who}")))


def write_exported(target: Path, count: int, language: Language) -> None:
    """Write how much was exported, and where to."""
    console().print(Text(safe(say("exported", language, n=count, target=target))))


def refusal_text(item_id: int, error: Refused, settings: Settings) -> str:
    """Say why a step was refused."""
    language = settings.language
    if isinstance(error, NoSuchItem):
        text = say("no_such_item", language, id=item_id)
    elif isinstance(error, Conflict):
        step, at = say(f"step_{error.latest.step}", language), _local(error.latest.at, settings)
        text = say(
            "conflict", language, id=item_id, who=error.latest.who, step=step, at=at, state=_state(error, language)
        )
    else:
        text = say(
            "not_allowed", language, id=item_id, step=say(f"step_{error.step}", language), state=_state(error, language)
        )
        if error.other is not None:
            text = say("other_item", language, id=item_id, other=error.other)
    return safe(text)


def _state(error: Conflict | NotAllowed, language: Language) -> str:
    return say(error.item.state, language)


def _print_items(
    page: Page, counts: Mapping[str, int], asked: Filter, titles: Titles, language: Language, today: dt.date
) -> None:
    out = console()
    table = Table(box=box.SIMPLE_HEAD, header_style="bold", pad_edge=False)
    for name in ("id", "title", "reasons", "saves", "due", "state", "who"):
        right = "right" if name in {"id", "saves"} else "left"
        table.add_column(Text(say(name, language)), justify=right, overflow="fold")  # type: ignore[arg-type]
    for item in page.items:
        title = Text(safe(item.title))
        if item.subject == "topic":
            title.append(f"  {say('topic', language)}", style="dim")
        cells = (safe(reasons_text(item, titles, language)), f"{item.priority:,}", _due(item, language, today))
        who = safe(item.assignee or MISSING)
        table.add_row(str(item.id), title, *cells, Text(say(item.state, language)), Text(who))
    out.print(table)
    if not page.items:
        out.print(Text(say("nothing", language), style="dim"))
    states = " · ".join(f"{say(name, language)} {count:,}" for name, count in counts.items() if count)
    out.print(Text(f"{say('found', language, n=page.total)}　{states}", style="dim"))
    last = max(-(-page.total // asked.size), 1)
    if asked.page < last:
        out.print(Text(say("more_pages", language, page=asked.page, last=last, next=asked.page + 1), style="dim"))


def _due(item: Item, language: Language, today: dt.date) -> Text:
    if item.due_on is None or not item.live or item.state == "repaired":
        return Text(MISSING)
    text = item.due_on.isoformat()
    if not item.overdue(today):
        return Text(text)
    return Text(f"{text} {say('overdue_by', language, n=(today - item.due_on).days)}", style="bold red")


def _about(shown: Shown, settings: Settings, today: dt.date) -> Iterator[Text]:
    """Give the lines that tell all of an item."""
    item, language = shown.item, settings.language
    subject = f"{say(item.subject, language)} {item.subject_id}"
    yield Text(safe(f"#{item.id} {item.title}"), style="bold").append(f"  {safe(subject)}", style="dim")
    saves = say("saves_n", language, n=item.priority)
    parts = [say(item.state, language), *([item.assignee] if item.assignee else []), saves]
    yield Text(safe(" · ".join(parts)) + f" · {say('due', language)} ").append_text(_due(item, language, today))
    if item.dismissed_reason and item.state == "dismissed":
        until = "" if item.dismissed_until is None else f" ({say('until', language, date=item.dismissed_until)})"
        yield Text(safe(f"{say('dismissed', language)}: {item.dismissed_reason}{until}"))
    yield _head("reasons", language)
    zone = ZoneInfo(settings.timezone)
    for reason in item.reasons:
        yield from _reason_lines(reason, shown.titles, language, zone)
    if shown.evidence is not None:
        yield from _evidence_lines(shown.evidence, language)
    if item.change:
        yield _head("change", language)
        yield Text(f"  {safe(item.change)}")
    if item.verification:
        yield _head("verification", language)
        yield Text(f"  {safe(verification_text(item.verification, language))}")
    yield _head("steps", language)
    for step in shown.steps:
        told = f"{_local(step.at, settings)}  {step.who}  {say(f'step_{step.step}', language)}"
        yield Text(f"  {safe(told)}{safe(_step_note(step, shown.titles, language))}")


def _head(name: str, language: Language) -> Text:
    return Text(say(name, language), style="bold")


def _local(moment: dt.datetime, settings: Settings) -> str:
    return f"{moment.astimezone(ZoneInfo(settings.timezone)):%Y-%m-%d %H:%M}"


def _reason_lines(reason: ReasonFound, titles: Titles, language: Language, zone: ZoneInfo) -> Iterator[Text]:
    style = "" if reason.active else "dim"
    holds = "" if reason.active else f" · {say('no_longer', language)}"
    since = say("from", language, date=reason.since)
    yield Text(safe(f"  {title_of(reason.name, titles, language)} · {since}{holds}"), style=style)
    told = say("calculation", language, sessions=reason.sessions, gap=f"{reason.gap:.3g}", saves=reason.saves)
    yield Text(f"    {told}", style=style)
    if reason.evidence:
        yield Text(f"    {safe(evidence_text(reason.evidence, language, zone))}", style="dim")


def _evidence_lines(evidence: Evidence, language: Language) -> Iterator[Text]:
    if evidence.questions:
        yield _head("questions", language)
        for one in evidence.questions:
            times = f" ×{one.count}" if one.count else ""
            session = f"  {one.session_id}" if one.session_id else ""
            yield Text(safe(f"  {one.text}{times}")).append(safe(session), style="dim")
    following = [(name, count) for name, count in evidence.next_steps.items() if count]
    if following:
        yield _head("next", language)
        yield Text("  " + " · ".join(f"{say(f'next_{name}', language)} {count:,}" for name, count in following))


def _step_note(step: Step, titles: Titles, language: Language) -> str:
    data = step.data or {}
    parts = [
        listed((title_of(name, titles, language) for name in data.get("reasons", [])), language),
        say("until", language, date=data["until"]) if "until" in data else "",
        verification_text(data, language) if "measure" in data else "",
        step.note or "",
    ]
    told = " · ".join(part for part in parts if part)
    return f": {told}" if told else ""
