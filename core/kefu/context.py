"""What the host hands to a plugin's hooks: thresholds, word lists, small tables, its own options, the end of a run."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal, Protocol

import polars as pl

from kefu.metric import Title

Level = Literal["ok", "warn", "error"]


@dataclass(frozen=True, slots=True)
class Thresholds:
    """Every number that a definition depends on, with the defaults of the contract."""

    opinion_alert_minutes: int = 30
    script_confidence: int = 720
    return_hours: int = 24
    band_new_most: int = 3
    band_senior_least: int = 6
    band_senior_most: int = 8
    hotspot_window_days: int = 30
    hotspot_low_clicks: int = 10
    hotspot_rated_least: int = 20
    hotspot_adoption_floor: float = 0.5
    satisfied_share: float = 0.8
    repeat_days: int = 7
    resolved_hours: int = 24
    service_level_seconds: int = 20
    occupancy_low: float = 0.75
    occupancy_high: float = 0.9


class Words(Protocol):
    """Finds the words of a lexicon in texts."""

    def counts(self, texts: pl.Series) -> pl.Series:
        """Return how many words each distinct text holds (u32)."""
        ...

    def find(self, texts: pl.Series) -> pl.DataFrame:
        """Return a row for each hit: ``text`` (its index), ``word``, ``category``, ``severity``, ``start``, ``end``."""
        ...


class Tokens(Protocol):
    """Cuts texts into words."""

    def cut(self, text: str) -> list[str]:
        """Return the tokens of a text, in order; joined, they are the text again."""
        ...


def _no_table(_: str) -> pl.DataFrame | None:
    return None


def _no_words(name: str, *_: str) -> Words:
    raise LookupError(f"word lists are not loaded here: {name!r} was asked for")


def _no_tokens() -> Tokens:
    raise LookupError("there is no tokenizer here")


@dataclass(frozen=True, slots=True)
class Context:
    """What a plugin may know of this run.

    :param words: the word finder over a lexicon (``"sensitive"``, ``"opinion"``), or over some of its categories.
    :param table: a small input table, checked, whole; ``None`` where it is not there.
    :param options: the plugin's own section of the configuration.
    :param tokens: the tokenizer of the run, made when it is asked for.
    :param timezone: the business time zone, whose local days are the dates.
    """

    thresholds: Thresholds = field(default_factory=Thresholds)
    words: Callable[..., Words] = _no_words
    table: Callable[[str], pl.DataFrame | None] = _no_table
    options: Mapping[str, Any] = field(default_factory=lambda: MappingProxyType({}))
    tokens: Callable[[], Tokens] = _no_tokens
    timezone: str = "Asia/Shanghai"


@dataclass(frozen=True, slots=True)
class Checked:
    """What a check said of a run.

    :param name: the section of the settings, and after a point the table or the metric, such as ``metrics.csat``.
    """

    name: str
    level: Level
    message: Title


@dataclass(frozen=True, slots=True)
class Report:
    """How a run into a store ended.

    :param outcome: ``unchanged`` where there was nothing new, ``failed`` where it did not come to its end.
    :param run_id: its number in the store; ``None`` for a run that wrote nothing.
    :param night: the last date that was asked for, if one was.
    :param written: the dates that say something new now; ``restated`` are those of them that said something else.
    :param kept: the dates that were left as they were, because files are gone that they were made from.
    :param failures: what is missing from the values and why, or why the run failed.
    """

    outcome: Literal["done", "unchanged", "failed"]
    run_id: int | None = None
    night: dt.date | None = None
    written: tuple[dt.date, ...] = ()
    restated: tuple[dt.date, ...] = ()
    kept: tuple[dt.date, ...] = ()
    checks: tuple[Checked, ...] = ()
    failures: tuple[str, ...] = ()

    @property
    def level(self) -> Level:
        """The worst of it: failures are errors, dates that were left as they were a warning."""
        levels = {check.level for check in self.checks}
        if self.failures or "error" in levels:
            return "error"
        return "warn" if self.kept or "warn" in levels else "ok"
