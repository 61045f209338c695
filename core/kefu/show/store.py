"""What was done to a store, and what ``kefu doctor`` found."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Literal

from rich.text import Text

from kefu.show.output import write_csv, write_json
from kefu.show.safe import safe
from kefu.show.terminal import console, grid
from kefu.show.words import Language

if TYPE_CHECKING:
    from kefu.show.health import Part
    from kefu.store.housekeeping import Upgrade

SCHEMA = "kefu.store/1"
TABLES = {
    "days": ("日期修订", "revisions of dates"),
    "frames": ("数据行", "frames"),
    "evidence": ("依据", "messages shown as evidence"),
    "quarantine": ("被拒的行", "rejected rows"),
    "checks": ("检查结果", "results of checks"),
    "runs": ("运行记录", "runs"),
    "small_tables": ("小表", "small tables"),
}
ROWS = {"frames": ("数据行", "rows of frames"), "small_tables": ("小表的行", "rows of small tables")}
"""What is counted when something is forgotten, where that is something else than whole tables."""
SIGNS = {"ok": "✓", "warn": "!", "error": "✗"}
NAMES = {
    "version": "版本",
    "cache": "缓存",
    "time zone": "时区",
    "plugin": "插件",
    "settings": "设置",
    "store": "存储",
    "place": "位置",
    "folder": "文件夹",
    "frames": "数据",
    "revision": "修订版本",
    "integrity": "完整性",
    "space": "磁盘空间",
    "sqlite": "SQLite",
    "checks": "检查",
}
"""What the terminal calls in Chinese what ``kefu doctor`` looks at."""
STYLES = {"ok": "green", "warn": "yellow", "error": "bold red"}


def write_upgrade(done: Upgrade, form: str, language: Language) -> None:
    """Write what an upgrade did."""
    backup = None if done.backup is None else str(done.backup)
    if form == "json":
        write_json({"schema": SCHEMA, "before": done.before, "after": done.after, "backup": backup})
        return
    if done.before == done.after:
        text = f"存储已是版本 {done.after}" if language == "zh" else f"the store is at revision {done.after} already"
    else:
        zh, en = f"已从版本 {done.before} 升级到 {done.after}", f"upgraded from revision {done.before} to {done.after}"
        text = zh if language == "zh" else en
    if backup is not None:
        text += f"，原存储的副本：{backup}" if language == "zh" else f"; a copy of what was before: {backup}"
    _print(text)


def write_backup(made: Path, form: str, language: Language) -> None:
    """Write where a backup is."""
    if form == "json":
        write_json({"schema": SCHEMA, "backup": str(made), "bytes": made.stat().st_size})
    else:
        _print(f"已备份到 {made}" if language == "zh" else f"backed up to {made}")


def write_removed(
    deed: Literal["purged", "forgotten"], removed: Mapping[str, int], form: str, language: Language, **about: str
) -> None:
    """Write how much was removed."""
    if form == "json":
        write_json({"schema": SCHEMA, **about, deed: dict(removed)})
        return
    names = TABLES | (ROWS if deed == "forgotten" else {})
    zh = language == "zh"
    parts = [f"{names[name][0 if zh else 1]} {count:,}" for name, count in removed.items() if count]
    heads = {"purged": ("已清除", "dropped"), "forgotten": ("已删除", "removed")}
    nothing = "没有可删除的内容" if zh else "there was nothing to remove"
    _print(f"{heads[deed][0 if zh else 1]}{'：' if zh else ': '}{' · '.join(parts)}" if parts else nothing)


def purge_question(store: str, before: dt.date, language: Language) -> str:
    """Ask whether to purge."""
    if language == "zh":
        return safe(f"从 {store} 清除 {before} 之前的数据？")
    return safe(f"Drop what is older than {before} from {store}?")


def forget_question(store: str, customers: int, sessions: int, language: Language) -> str:
    """Ask whether to forget."""
    if language == "zh":
        return safe(f"从 {store} 删除 {customers} 个客户和 {sessions} 个会话的所有数据？")
    return safe(f"Remove all rows of {customers} customers and {sessions} sessions from {store}?")


def write_health(parts: Sequence[Part], form: str, language: Language) -> None:
    """Write what ``kefu doctor`` found; programs are told in both languages, people in theirs."""
    zh = language == "zh"
    if form == "json":
        rows = [{**_place(one), "message": {"zh": one.message.zh, "en": one.message.en}} for one in parts]
        write_json({"schema": "kefu.doctor/1", "findings": rows})
        return
    messages = [one.message.zh if zh else one.message.en for one in parts]
    if form == "csv":
        lines = [[*_place(one).values(), message] for one, message in zip(parts, messages, strict=True)]
        write_csv(("part", "name", "level", "message"), lines)
        return
    table = grid(language, ("status", "name", "finding"))
    for one, message in zip(parts, messages, strict=True):
        part, name = (NAMES.get(text, text) if zh else text for text in (one.part, one.name))
        told = (f"{SIGNS[one.level]} {part}", name, message)
        table.add_row(*(Text(safe(text), style=STYLES[one.level]) for text in told))
    console().print(table)


def _place(one: Part) -> dict[str, str]:
    return {"part": one.part, "name": one.name, "level": one.level}


def _print(text: str) -> None:
    console().print(Text(safe(text)))
