"""Settings: a TOML file, overridden by the environment (``KEFU_TIMEZONE``, ``KEFU_THRESHOLDS__RETURN_HOURS`` …)."""

from __future__ import annotations

import re
import tomllib
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal, Self
from urllib.parse import urlsplit
from zoneinfo import ZoneInfo

from pydantic import BaseModel, ConfigDict, Field, SecretStr, ValidationError, field_validator, model_validator
from pydantic_settings import (
    BaseSettings,
    PydanticBaseSettingsSource,
    SettingsConfigDict,
    SettingsError,
    TomlConfigSettingsSource,
)

from kefu.aims.balance import BalanceSettings
from kefu.aims.cards import CardSettings, house_cards, with_house_cards
from kefu.aims.goals import GoalSettings
from kefu.context import Thresholds
from kefu.errors import ConfigError

STARS = "***"
SECRET_SETTINGS = ("notify", "store", "plugin")
"""Settings that may hold a secret: what was found there is not repeated when it does not fit."""
_SECRET = re.compile("secret|token|password|passwd|webhook|credential|api_?key", re.IGNORECASE)
_URL_PASSWORD = re.compile(r"(://[^:/@\s]*):.*@")
_URL_OPTION = re.compile(r"([?&]\w*(?:password|passwd|passfile|token)=)[^&\s]*", re.IGNORECASE)


class WordLists(BaseModel):
    """Where the words of one subject come from.

    ``extra`` adds files or folders to the product's lists; ``replace`` puts files in the place of those of the same
    name; ``only`` puts files or folders in the place of all of them.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    extra: tuple[Path, ...] = ()
    replace: tuple[Path, ...] = ()
    only: tuple[Path, ...] = ()


class Limits(BaseModel):
    """Where a number begins to be worth a warning or an error; ``None`` sets no limit."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)
    warn_below: float | None = None
    error_below: float | None = None
    warn_above: float | None = None
    error_above: float | None = None

    @model_validator(mode="after")
    def _errors_beyond_warnings(self) -> Self:
        if self.warn_below is not None and self.error_below is not None and self.error_below > self.warn_below:
            raise ValueError("error_below must not be above warn_below")
        if self.warn_above is not None and self.error_above is not None and self.error_above < self.warn_above:
            raise ValueError("error_above must not be below warn_above")
        return self


class FreshnessLimits(Limits):
    """How many days the newest session may be before the night that was asked for."""

    warn_above: float | None = 0
    error_above: float | None = 2


class VolumeLimits(Limits):
    """How many times the sessions of its weekday a night may have."""

    warn_below: float | None = 0.5
    error_below: float | None = 0.2
    error_above: float | None = 3


class RejectedLimits(Limits):
    """Which share of the rows of a table may be rejected; of fewer rows than ``least_rows`` nothing is said."""

    warn_above: float | None = 0.01
    error_above: float | None = 0.1
    least_rows: int = Field(default=100, ge=1)


class MetricLimits(Limits):
    """Between which values a metric should be, and which coverage it should have, if not that of all metrics."""

    coverage_warn_below: float | None = None
    coverage_error_below: float | None = None


class Checks(BaseModel):
    """What is checked after a run into a store."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    off: tuple[Literal["freshness", "volume", "rejected", "coverage", "metrics"], ...] = ()
    freshness: FreshnessLimits = FreshnessLimits()
    volume: VolumeLimits = VolumeLimits()
    rejected: RejectedLimits = RejectedLimits()
    coverage: Limits = Limits()
    metrics: dict[str, MetricLimits] = {}


class QueueSettings(BaseModel):
    """By when items of the repair queue are due.

    ``due`` holds pairs: an item that would save at least so many sessions is due within so many days.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    due: tuple[tuple[int, int], ...] = ((100, 2), (20, 5), (0, 10))

    @field_validator("due")
    @classmethod
    def _from_most_to_least(cls, due: tuple[tuple[int, int], ...]) -> tuple[tuple[int, int], ...]:
        if not due or due[-1][0] != 0 or any(days < 0 for _, days in due):
            raise ValueError("write pairs of sessions and days, from many sessions to few, the last one of 0 sessions")
        if [*due] != sorted(due, reverse=True):
            raise ValueError("the first pair is that of the most sessions, and no pair comes twice")
        return due

    def days_for(self, saves: int) -> int:
        """Return within how many days an item is due."""
        return next(days for least, days in self.due if saves >= least)


class OutlookSettings(BaseModel):
    """What the outlook forecasts, and what that takes; see docs/outlook.md.

    ``metrics`` are the usual ones without any names. ``history`` is how many periods it looks back.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)
    metrics: tuple[str, ...] | None = None
    period: Literal["day", "week", "month"] = "week"
    history: int = Field(default=52, ge=1)
    least_periods: int = Field(default=6, ge=5)
    least_agents: int = Field(default=4, ge=2)
    least_weight: int = Field(default=5, ge=1)


class Notify(BaseModel):
    """Whom to tell of a run, and how long that may take; the URL is a secret, for who has it can write there."""

    model_config = ConfigDict(extra="forbid", frozen=True)
    webhook: SecretStr | None = None
    on: Literal["error", "warn", "always"] = "error"
    seconds: float = Field(default=10, gt=0, le=3600, allow_inf_nan=False)

    @field_validator("webhook")
    @classmethod
    def _url(cls, url: SecretStr | None) -> SecretStr | None:
        if url is not None:
            parts = urlsplit(url.get_secret_value())
            if parts.scheme not in {"http", "https"} or not parts.hostname:
                raise ValueError("write a URL that begins with https:// or http://")
        return url


class Settings(BaseSettings):
    """Everything that can be set; the defaults are the contract's."""

    model_config = SettingsConfigDict(
        env_prefix="KEFU_", env_nested_delimiter="__", env_ignore_empty=True, extra="forbid"
    )

    timezone: str = Field(default="Asia/Shanghai", description="business time zone: naive times and local dates")
    language: Literal["zh", "en"] = Field(default="zh", description="of what people read")
    encoding: str | None = Field(default=None, description="of text files; detected where it is not told")
    plugins_dir: Path | None = Field(default=None, description="folder of single-file plugins")
    paths: dict[str, str] = Field(default={}, description="file, folder or glob of a table, by its name")
    lexicons: dict[str, WordLists] = Field(default={}, description="word lists, by subject")
    dictionaries: tuple[Path, ...] = Field(default=(), description="files with further words for the tokenizer")
    store: str = Field(default="kefu.db", description="file or URL of the store; none for no store")
    lookback: int = Field(default=7, ge=0, description="days before a night's date that late data may still change")
    thresholds: Thresholds = Field(default=Thresholds(), description="numbers that definitions depend on")
    checks: Checks = Field(default=Checks(), description="what is checked after a run into a store")
    notify: Notify = Field(default=Notify(), description="whom to tell of a run")
    queue: QueueSettings = Field(default=QueueSettings(), description="by when repairs are due")
    outlook: OutlookSettings = Field(default=OutlookSettings(), description="what is forecast of each agent")
    scorecards: dict[str, CardSettings] = Field(default=house_cards(), description="cards that rank agents and teams")
    goals: dict[str, GoalSettings] = Field(default={}, description="what to reach, by when")
    balance: BalanceSettings = Field(default=BalanceSettings(), description="efficiency beside perception")
    plugin: dict[str, dict[str, Any]] = Field(default={}, description="each plugin's own options, by its name")

    @field_validator("timezone")
    @classmethod
    def _known_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"{name!r} is no time zone of the tz database, such as Asia/Shanghai") from error
        return name

    @field_validator("scorecards", mode="before")
    @classmethod
    def _over_ours(cls, told: object) -> object:
        return with_house_cards(told)

    @field_validator("thresholds")
    @classmethod
    def _not_negative(cls, limits: Thresholds) -> Thresholds:
        for name, value in asdict(limits).items():
            if not value >= 0:  # which is true of no number at all, too
                raise ValueError(f"{name} must not be negative")
        return limits


def load_settings(path: Path | None = None, **told: object) -> Settings:
    """Read settings: what is told here wins over the environment, that over the file, that over the defaults.

    :raises ConfigError: the file is not there or not TOML, a name is unknown or a value does not fit.
    """

    class Loaded(Settings):
        @classmethod
        def settings_customise_sources(
            cls,
            settings_cls: type[BaseSettings],
            init_settings: PydanticBaseSettingsSource,
            env_settings: PydanticBaseSettingsSource,
            dotenv_settings: PydanticBaseSettingsSource,  # noqa: ARG003
            file_secret_settings: PydanticBaseSettingsSource,  # noqa: ARG003
        ) -> tuple[PydanticBaseSettingsSource, ...]:
            file = () if path is None else (TomlConfigSettingsSource(settings_cls, toml_file=path),)
            return (init_settings, env_settings, *file)

    if path is not None and not path.is_file():
        raise ConfigError(f"{path} is no file: give the path of a TOML file to --config")
    try:
        return Loaded(**{name: value for name, value in told.items() if value is not None})  # type: ignore[arg-type]
    except (tomllib.TOMLDecodeError, UnicodeDecodeError) as error:
        raise ConfigError(f"{path} is not TOML: {error}") from error
    except SettingsError as error:
        raise ConfigError(f"a variable KEFU_… of the environment is no JSON: {error}") from error
    except ValidationError as error:
        first = error.errors()[0]
        place = ".".join(str(part) for part in first["loc"])
        if first["loc"][0] in SECRET_SETTINGS:  # and the error itself holds what was found
            raise ConfigError(f"setting {place!r}: {first['msg']}") from None
        raise ConfigError(f"setting {place!r}: {first['msg']} (found {first['input']!r})") from error


def without_secrets(settings: Settings) -> dict[str, Any]:
    """Return settings as JSON that may be kept and shown: what is secret, and what a name says is, is starred."""
    kept: dict[str, Any] = _starred(settings.model_dump(mode="json"))
    return kept


def _starred(value: Any) -> Any:  # noqa: ANN401 - whatever JSON holds
    if isinstance(value, dict):
        return {name: STARS if one and _SECRET.search(name) else _starred(one) for name, one in value.items()}
    if isinstance(value, list):
        return [_starred(one) for one in value]
    if not isinstance(value, str):
        return value
    return _URL_OPTION.sub(rf"\1{STARS}", _URL_PASSWORD.sub(rf"\1:{STARS}@", value))
