"""The health of an installation: versions, cache, plugins, time zone, store."""

from __future__ import annotations

import datetime as dt
import platform
import sqlite3
from collections.abc import Iterator
from dataclasses import dataclass
from importlib.metadata import PackageNotFoundError, version
from zoneinfo import ZoneInfo

from kefu.config import Settings
from kefu.context import Level
from kefu.errors import ConfigError
from kefu.metric import Title
from kefu.night.checks import check_names
from kefu.show.catalogue import offered
from kefu.show.words import say
from kefu.store import StoreError, open_store
from kefu.store.housekeeping import examine
from kefu.text.tokenizer import PROVEN, private_folder, quick_cut

PARTS = ("kefu", "polars", "SQLAlchemy", "alembic", "pluggy", "scikit-learn", "jieba")
NO_STORE = "none"


@dataclass(frozen=True, slots=True)
class Part:
    """What was looked at: a part of the whole, a name, and what is to be said of it."""

    part: str
    name: str
    level: Level
    message: Title


def examine_all(settings: Settings) -> list[Part]:
    """Return everything that ``kefu doctor`` says, good and bad."""
    return [*_versions(), *_settings(settings), *_plugins(settings), *_store(settings)]


def _versions() -> Iterator[Part]:
    yield Part("version", "Python", "ok", _same(platform.python_version()))
    for name in PARTS:
        yield Part("version", name, "ok", _same(version(name)))
    yield Part("version", "SQLite", "ok", _same(sqlite3.sqlite_version))
    yield Part("version", "rjieba", *_rjieba())
    psycopg, need = _version("psycopg"), "pip install 'kefu[postgres]'"
    lacking = Title(zh=f"未安装；使用 PostgreSQL 需要它：{need}", en=f"not installed; PostgreSQL needs it: {need}")
    yield Part("version", "psycopg", "ok", _same(psycopg) if psycopg else lacking)


def _rjieba() -> tuple[Level, Title]:
    found, jieba, get = _version("rjieba"), version("jieba"), "pip install 'kefu[fast]'"
    if found is None:
        return "ok", Title(
            zh=f"未安装；装上后文本处理更快：{get}", en=f"not installed; it makes text work quicker: {get}"
        )
    if (jieba, found) not in PROVEN:
        return "warn", Title(
            zh=f"{found}，未经与 jieba {jieba} 的一致性验证，不使用：{get}",
            en=f"{found}, not proven with jieba {jieba} and not used: {get}",
        )
    if quick_cut() is None:
        return "warn", Title(
            zh=f"{found}，无法导入，不使用：请重新安装",
            en=f"{found}, cannot be imported and is not used: install it anew",
        )
    return "ok", Title(zh=f"{found}，已验证与 jieba {jieba} 一致", en=f"{found}, proven with jieba {jieba}")


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _same(text: str) -> Title:
    """Return what is the same in both languages."""
    return Title(zh=text, en=text)


def _settings(settings: Settings) -> Iterator[Part]:
    folder = private_folder()
    if folder is None:
        message = Title(
            zh="没有仅属于您的文件夹，每次启动都会变慢：请用 KEFU_CACHE 指定一个",
            en="none that is yours alone, so every start is slower: name a folder in KEFU_CACHE",
        )
        yield Part("cache", "folder", "warn", message)
    else:
        yield Part("cache", "folder", "ok", _same(str(folder)))
    now = f"{dt.datetime.now(ZoneInfo(settings.timezone)):%Y-%m-%d %H:%M %z}"
    yield Part("time zone", settings.timezone, "ok", Title(zh=f"现在 {now}", en=f"now {now}"))


def _plugins(settings: Settings) -> Iterator[Part]:
    host = offered(settings)
    for plugin in host.plugins:
        about = Title(
            zh=f"{plugin.version}，{say(plugin.origin, 'zh')}", en=f"{plugin.version}, {say(plugin.origin, 'en')}"
        )
        if plugin.error is None:
            yield Part("plugin", plugin.name, "ok", about)
        else:
            wrong = Title(zh=f"{about.zh}：{plugin.error}", en=f"{about.en}: {plugin.error}")
            yield Part("plugin", plugin.name, "error", wrong)
    try:
        check_names(settings.checks, host)
    except ConfigError as error:
        yield Part("settings", "checks", "error", Title(zh=f"不能使用：{error}", en=str(error)))


def _store(settings: Settings) -> Iterator[Part]:
    if settings.store == NO_STORE:
        yield Part("store", "place", "ok", Title(zh="不用存储", en="none"))
        return
    try:
        with open_store(settings.store, create=False) as store:
            yield Part("store", "place", "ok", _same(store.name))
            yield from (Part("store", one.name, one.level, one.message) for one in examine(store))
    except StoreError as error:
        # A default that nobody made yet is no fault.
        fresh = settings.store == type(settings).model_fields["store"].default and "there is no store" in str(error)
        told = Title(zh="还没有，首次 kefu run 时建立" if fresh else f"不能使用：{error}", en=str(error))
        yield Part("store", "place", "ok" if fresh else "error", told)
