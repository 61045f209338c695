"""Listings: counted batch by batch, merged, built once; a bad one costs its plugin only."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import polars as pl
import pytest

from few_sessions import write_few_sessions
from kefu.config import load_settings
from kefu.errors import ConfigError, KefuError
from kefu.host import Host
from kefu.plugin import Listed, Listing, Title, col, hookimpl
from kefu.run.collect import Request
from kefu.run.engine import Engine, open_engine
from kefu.run.listing import Lister, check_listings, find_listing

NAME = Title(zh="发言", en="Words")


def counted(messages: pl.DataFrame) -> pl.DataFrame:
    return messages.group_by("text", "queue").agg(times=pl.len(), session_id=pl.col("session_id").min())


def built(rows: pl.DataFrame, tables: Mapping[str, pl.DataFrame | None], memory: pl.DataFrame | None) -> Listed:
    assert set(tables) == {"agents"}
    seen = 0 if memory is None else len(memory)
    return Listed(rows.with_columns(seen=seen), rows.select("text"))


SAID = Listing(
    name="said",
    title=NAME,
    reads=NAME,
    where=col("role") == "customer",
    needs=("text", "session_id", "queue"),
    gather=counted,
    keys={"text": pl.String(), "queue": pl.String()},
    sums=("times",),
    least={"session_id": pl.String()},
    build=built,
    columns=dict.fromkeys(("text", "queue", "times", "session_id", "seen"), NAME),
    tables=("agents",),
)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("shop")
    write_few_sessions(folder)
    return folder


@pytest.fixture
def opened(shop: Path, tmp_path: Path) -> Callable[..., Engine]:
    def opened(listing: object, batch_rows: int = 1_000) -> Engine:
        plugin = SimpleNamespace(kefu_listings=hookimpl(lambda: [listing]))
        engine = open_engine(shop, tmp_path, load_settings(), Host(outsiders=False, modules={"said": plugin}))
        engine = Engine(engine.tables, tmp_path, engine.settings, engine.host, batch_rows)
        engine.offer_listings()
        check_listings(engine)
        return engine

    return opened


def listed(engine: Engine, request: Request = Request(), memory: pl.DataFrame | None = None) -> Listed:  # noqa: B008
    return Lister(engine, *find_listing(engine, "said")).listed(request, memory)


def by_hand(shop: Path) -> dict[tuple[str, str], int]:
    """Count in plain Python what customers said in each queue."""
    queues = {row["session_id"]: row["queue"] for row in pl.read_csv(shop / "sessions.csv").iter_rows(named=True)}
    found: dict[tuple[str, str], int] = {}
    for row in pl.read_csv(shop / "messages.csv", infer_schema=False).iter_rows(named=True):
        if row["role"] == "customer" and row["text"] is not None:
            key = (row["text"], queues.get(row["session_id"]) or "unknown")
            found[key] = found.get(key, 0) + 1
    return found


def test_a_listing_counts_what_is_there(opened: Callable[..., Engine], shop: Path) -> None:
    rows = listed(opened(SAID)).rows
    assert {(text, queue): times for text, queue, times, _, _ in rows.iter_rows()} == by_hand(shop)


def test_batches_do_not_matter(opened: Callable[..., Engine]) -> None:
    assert listed(opened(SAID, 1)).rows.equals(listed(opened(SAID)).rows)


def test_a_period_narrows_it(opened: Callable[..., Engine]) -> None:
    day = 20_242  # 2025-06-03
    parts = [listed(opened(SAID), Request((), *ends)).rows["times"].sum() for ends in ((None, day), (day + 1, None))]
    assert min(parts) > 0
    assert sum(parts) == listed(opened(SAID)).rows["times"].sum()


def test_what_it_remembers_comes_back(opened: Callable[..., Engine]) -> None:
    first = listed(opened(SAID))
    assert set(first.rows["seen"]) == {0}
    assert set(listed(opened(SAID), memory=first.memory).rows["seen"]) == {len(first.rows)}


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"where": col("no_such")}, "no_such"),
        ({"needs": ("mood",)}, "it needs 'mood'"),
        ({"gather": lambda _: 1 / 0}, "ZeroDivisionError"),
        ({"gather": lambda _: None}, "gathered a NoneType"),
        ({"gather": lambda rows: counted(rows).drop("times")}, "lacks 'times'"),
        ({"gather": lambda rows: counted(rows) if rows.is_empty() else 1 / 0}, "ZeroDivisionError"),
        ({"build": lambda *_: 1 / 0}, "ZeroDivisionError"),
        ({"build": lambda rows, *_: rows}, "was built as a DataFrame"),
        ({"build": lambda rows, *_: Listed(rows)}, "lacks its column 'seen'"),
        ({"name": "Said it"}, "use lower case letters"),
        ({"title": "发言"}, "title is '发言'"),
        ({"keys": {}}, "no keys or no columns"),
    ],
)
def test_a_bad_listing_fails_its_plugin_and_says_why(
    opened: Callable[..., Engine], changes: dict[str, object], why: str
) -> None:
    engine = opened(replace(SAID, **changes))  # type: ignore[arg-type]
    with pytest.raises(KefuError):
        listed(engine)
    assert [why in str(plugin.error) for plugin in engine.host.plugins if plugin.error] == [True]
    assert len(engine.run(Request()).whole.values) > 30


def test_a_listing_that_there_is_not(opened: Callable[..., Engine]) -> None:
    with pytest.raises(ConfigError, match="no listing 'sad': did you mean said"):
        find_listing(opened(SAID), "sad")
