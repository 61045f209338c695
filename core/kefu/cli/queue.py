"""``kefu queue``: what needs repair, who repairs it, and whether it helped."""

from __future__ import annotations

import datetime as dt
import sys
from collections.abc import Callable, Mapping
from functools import partial
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import TYPE_CHECKING, Any

import rich_click as click

from kefu.cli.exits import FAILED, USAGE
from kefu.cli.options import format_option
from kefu.cli.queue_options import (
    LONGEST_TEXT,
    Words,
    changing_options,
    filter_of,
    filter_options,
    reading_options,
    user,
)

if TYPE_CHECKING:
    from kefu.config import Settings
    from kefu.metric import Title
    from kefu.queue.items import Item
    from kefu.queue.record import Queue

REST_DAYS = 30
NO_STORE = "none"


@click.group("queue", short_help="Work on the repair queue. 修复队列")
def command() -> None:
    """Work on the repair queue: what is broken, who repairs it, did it help? 修复队列

    A step is refused with exit code 1 where somebody else was first, with 2 where it does not fit the item or there is
    no such item. Of several items the others are done.
    """


@command.command("list", short_help="List what needs repair. 列出队列")
@filter_options
@click.option("--page", type=click.IntRange(min=1), default=1, show_default=True)
@click.option("--limit", type=click.IntRange(1, 1_000), default=50, show_default=True, help="Items on a page.")
@format_option
@reading_options
def list_command(
    page: int,
    limit: int,
    form: str,
    store: str | None,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
    **chosen: Any,  # noqa: ANN401 - the filters
) -> None:
    """List what needs repair, what saves the most sessions first. 列出队列"""
    from kefu.queue.record import Queue
    from kefu.show.queue import write_items
    from kefu.store import open_store

    settings = _settings(store, lang, config, plugins_dir)
    asked = filter_of(page, limit, **chosen)
    titles = _titles(settings)
    with open_store(settings.store, create=False) as opened:
        queue, today = Queue(opened), _today(settings)
        write_items(queue.find(asked, today), queue.counts(today), asked, titles, form, settings.language, today)


@command.command("show", short_help="Show an item with its evidence and history. 查看一项")
@click.argument("item_id", metavar="ID", type=click.IntRange(min=1))
@format_option
@reading_options
def show_command(
    item_id: int, form: str, store: str | None, lang: str | None, config: Path | None, plugins_dir: Path | None
) -> None:
    """Show why an item is in the queue, what stands behind it, who did what, and whether it helped. 查看一项"""
    from kefu.host import Host
    from kefu.night.view import StoreView
    from kefu.queue.evidence import evidence_of
    from kefu.queue.items import NoSuchItem
    from kefu.queue.record import Queue
    from kefu.show.queue import Shown, reason_titles, refusal_text, write_item
    from kefu.store import open_store

    settings = _settings(store, lang, config, plugins_dir)
    with TemporaryDirectory(prefix="kefu-") as scratch, open_store(settings.store, create=False) as opened:
        try:
            item, steps = Queue(opened).item(item_id), Queue(opened).steps(item_id)
        except NoSuchItem as error:
            _refuse(refusal_text(item_id, error, settings))
            sys.exit(USAGE)
        view = StoreView(opened, settings, Host(settings.plugins_dir), Path(scratch))
        days = view.days(None, None)
        evidence = evidence_of(view, item, days[-1].date) if days else None
        view.engine.offer_reasons()
        shown = Shown(item, steps, evidence, reason_titles(view.engine.host))
    write_item(shown, form, settings, _today(settings))


@command.command("claim", short_help="Take items into repair. 认领")
@changing_options
def claim_command(ids: tuple[int, ...], **told: Any) -> None:  # noqa: ANN401 - the shared options
    """Take the items IDS into repair. 认领"""
    _change(ids, lambda queue: queue.claim, **told)


@command.command("release", short_help="Give items back. 放回")
@click.option("--note", type=Words(LONGEST_TEXT), help="Why.")
@changing_options
def release_command(ids: tuple[int, ...], note: str | None, **told: Any) -> None:  # noqa: ANN401
    """Give the items IDS back that are in repair. 放回"""
    _change(ids, lambda queue: partial(queue.release, note=note), **told)


@command.command("repaired", short_help="Say that items were repaired. 标记为已修复")
@click.option("--change", type=Words(LONGEST_TEXT), required=True, help="What was changed.")
@changing_options
def repaired_command(ids: tuple[int, ...], change: str, **told: Any) -> None:  # noqa: ANN401
    """Say that the items IDS were repaired; traffic from now on says whether it helped. 标记为已修复"""
    _change(ids, lambda queue: partial(queue.repaired, change=change), **told)


@command.command("dismiss", short_help="Say that items need no repair. 搁置")
@click.option("--reason", type=Words(LONGEST_TEXT), required=True, help="Why not.")
@click.option(
    "--until", type=click.DateTime(["%Y-%m-%d"]), help=f"The last date it holds for.  [default: in {REST_DAYS} days]"
)
@changing_options
def dismiss_command(
    ids: tuple[int, ...],
    reason: str,
    until: dt.datetime | None,
    **told: Any,  # noqa: ANN401
) -> None:
    """Say that the items IDS need no repair until a date; from then on their reasons count anew. 搁置"""
    today = _today(_settings(told["store"], told["lang"], told["config"]))
    last = today + dt.timedelta(days=REST_DAYS) if until is None else until.date()
    if last < today:
        raise click.BadParameter(f"{last} is past", param_hint="--until")
    _change(ids, lambda queue: partial(queue.dismiss, reason=reason, until=last), **told)


@command.command("reopen", short_help="Open items again. 重新打开")
@click.option("--note", type=Words(LONGEST_TEXT), help="Why.")
@changing_options
def reopen_command(ids: tuple[int, ...], note: str | None, **told: Any) -> None:  # noqa: ANN401
    """Open the items IDS again that were repaired, verified or dismissed. 重新打开"""
    _change(ids, lambda queue: partial(queue.reopen, note=note), **told)


@command.command("note", short_help="Write something down. 备注")
@click.option("--text", type=Words(LONGEST_TEXT), required=True, help="What to write down.")
@changing_options
def note_command(ids: tuple[int, ...], text: str, **told: Any) -> None:  # noqa: ANN401
    """Write something down in the record of the items IDS. 备注"""
    _change(ids, lambda queue: partial(queue.note, text=text), **told)


@command.command("export", short_help="Write items to a file. 导出")
@click.argument("target", metavar="FILE", type=click.Path(path_type=Path, dir_okay=False))
@filter_options
@click.option("--format", "form", type=click.Choice(["csv", "xlsx"]), help="[default: what the name of FILE ends with]")
@reading_options
def export_command(
    target: Path,
    form: str | None,
    store: str | None,
    lang: str | None,
    config: Path | None,
    plugins_dir: Path | None,
    **chosen: Any,  # noqa: ANN401 - the filters
) -> None:
    """Write all items that the filters let through to FILE, for a spreadsheet; --state all for all there are. 导出"""
    from kefu.queue.record import Queue
    from kefu.show.queue import write_exported
    from kefu.show.sheets import write_sheet
    from kefu.store import open_store

    kind = form or target.suffix.lower().removeprefix(".")
    if kind not in {"csv", "xlsx"}:
        raise click.UsageError("say --format csv or xlsx, or let the name of the file end with it")
    settings = _settings(store, lang, config, plugins_dir)
    titles = _titles(settings)
    with open_store(settings.store, create=False) as opened:
        found = Queue(opened).all(filter_of(1, 1, **chosen), _today(settings))
    write_sheet(target, kind, found, titles, settings, _today(settings))
    write_exported(target, len(found), settings.language)


def _change(
    ids: tuple[int, ...],
    step: Callable[[Queue], Callable[..., Item]],
    *,
    who: str | None,
    version: int | None,
    store: str | None,
    form: str,
    lang: str | None,
    config: Path | None,
) -> None:
    """Take a step with each item, by itself; say which were refused, and exit with the code that stands for it."""
    from kefu.queue.items import Conflict, NoName, NoSuchItem, NotAllowed
    from kefu.queue.record import Queue
    from kefu.show.queue import refusal_text, write_changed
    from kefu.store import open_store

    if version is not None and len(ids) > 1:
        raise click.UsageError("--version is that of one item: name one")
    settings, name = _settings(store, lang, config), who or user()
    done: list[Item] = []
    refused: dict[int, Conflict | NoSuchItem | NotAllowed] = {}
    with open_store(settings.store, create=False) as opened:
        queue = Queue(opened)
        for item_id in dict.fromkeys(ids):
            try:
                seen = queue.item(item_id).version if version is None else version
                done.append(step(queue)(item_id, seen, name))
            except NoName as error:
                raise click.BadParameter(str(error), param_hint="--as") from None
            except (Conflict, NoSuchItem, NotAllowed) as error:
                refused[item_id] = error
    write_changed(done, refused, form, settings, _today(settings))
    for item_id, why in refused.items():
        _refuse(refusal_text(item_id, why, settings))
    if refused:
        sys.exit(FAILED if any(isinstance(why, Conflict) for why in refused.values()) else USAGE)


def _refuse(text: str) -> None:
    click.echo(f"kefu: {text}", err=True)


def _titles(settings: Settings) -> Mapping[str, Title]:
    from kefu.show.catalogue import offered
    from kefu.show.queue import reason_titles

    return reason_titles(offered(settings))


def _settings(store: str | None, lang: str | None, config: Path | None, plugins_dir: Path | None = None) -> Settings:
    from kefu.config import load_settings

    settings = load_settings(config, language=lang, store=store, plugins_dir=plugins_dir)
    if settings.store == NO_STORE:
        raise click.UsageError("there is no store here: name one with --store")
    return settings


def _today(settings: Settings) -> dt.date:
    from zoneinfo import ZoneInfo

    return dt.datetime.now(ZoneInfo(settings.timezone)).date()
