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
from kefu.night.checks import check_names
from kefu.show.catalogue import offered
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
    message: str


def examine_all(settings: Settings) -> list[Part]:
    """Return everything that ``kefu doctor`` says, good and bad."""
    return [*_versions(), *_settings(settings), *_plugins(settings), *_store(settings)]


def _versions() -> Iterator[Part]:
    yield Part("version", "Python", "ok", platform.python_version())
    for name in PARTS:
        yield Part("version", name, "ok", version(name))
    yield Part("version", "SQLite", "ok", sqlite3.sqlite_version)
    yield Part("version", "rjieba", *_rjieba())
    psycopg = _version("psycopg")
    yield Part(
        "version", "psycopg", "ok", psycopg or "not installed; PostgreSQL needs it: pip install 'kefu[postgres]'"
    )


def _rjieba() -> tuple[Level, str]:
    found, jieba = _version("rjieba"), version("jieba")
    if found is None:
        return "ok", "not installed; it makes text work quicker: pip install 'kefu[fast]'"
    if (jieba, found) not in PROVEN:
        return "warn", f"{found}, not proven with jieba {jieba} and not used: pip install 'kefu[fast]'"
    if quick_cut() is None:
        return "warn", f"{found}, cannot be imported and is not used: install it anew"
    return "ok", f"{found}, proven with jieba {jieba}"


def _version(name: str) -> str | None:
    try:
        return version(name)
    except PackageNotFoundError:
        return None


def _settings(settings: Settings) -> Iterator[Part]:
    folder = private_folder()
    if folder is None:
        message = "none that is yours alone, so every start is slower: name a folder in KEFU_CACHE"
        yield Part("cache", "folder", "warn", message)
    else:
        yield Part("cache", "folder", "ok", str(folder))
    now = dt.datetime.now(ZoneInfo(settings.timezone))
    yield Part("time zone", settings.timezone, "ok", f"now {now:%Y-%m-%d %H:%M %z}")


def _plugins(settings: Settings) -> Iterator[Part]:
    host = offered(settings)
    for plugin in host.plugins:
        about = f"{plugin.version}, {plugin.origin}"
        if plugin.error is None:
            yield Part("plugin", plugin.name, "ok", about)
        else:
            yield Part("plugin", plugin.name, "error", f"{about}: {plugin.error}")
    try:
        check_names(settings.checks, host)
    except ConfigError as error:
        yield Part("settings", "checks", "error", str(error))


def _store(settings: Settings) -> Iterator[Part]:
    if settings.store == NO_STORE:
        yield Part("store", "place", "ok", "none")
        return
    try:
        with open_store(settings.store, create=False) as store:
            yield Part("store", "place", "ok", store.name)
            yield from (Part("store", one.name, one.level, one.message) for one in examine(store))
    except StoreError as error:
        # A default that nobody made yet is no fault.
        fresh = settings.store == type(settings).model_fields["store"].default and "there is no store" in str(error)
        yield Part("store", "place", "ok" if fresh else "error", str(error))
